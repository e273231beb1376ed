//! The whole guide as one page asks for it: a change of any value is seen in review.
use crate::harness::TestServer;

#[tokio::test]
async fn the_whole_guide_in_one_request() {
    let server = TestServer::seeded().await;

    let page = server.query(include_str!("../page.graphql")).await;

    insta::assert_json_snapshot!(page);
}
