//! Places: which there are, and which of them a wage is taken from.
use serde_json::json;

use super::sample::{CINCINNATI, NATION, options, release, synced, wage};
use crate::harness::{Folder, TestServer};

#[tokio::test]
async fn an_area_in_several_states_has_the_wages_of_the_first_that_has_some() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    synced(&server, super::sample::of_sample("onet", "onet")).await;
    let suppressed = |area: &str| format!("{area},29-2072,Records,3,210,9.5{},0.1,0.1,", ",-".repeat(13));
    let rows = [
        wage(NATION, "29-2072", 50_000),
        wage("1800000,S,18,Indiana", "29-2072", 51_000),
        wage("2100000,S,21,Kentucky", "29-2072", 52_000),
        suppressed("3900000,S,39,Ohio"),
        suppressed(CINCINNATI),
    ];
    synced(&server, options(release(&folder, 2025, &rows))).await;

    let figures = "employment { value } annual { median { value missing } } publishedFor { isExact place { code } }";
    let answer = server
        .query(&format!(
            "{{ occupation(code: \"29-2072.00\") {{ wage(place: \"17140\") {{ {figures} }} \
             wages(places: [\"17140\"]) {{ nodes {{ {figures} }} }} }} }}"
        ))
        .await;

    assert_eq!(
        answer["occupation"],
        json!({
            "wage": {
                "employment": { "value": 5_200 }, "annual": { "median": { "value": 52_000, "missing": null } },
                "publishedFor": { "isExact": false, "place": { "code": "US-KY" } },
            },
            "wages": { "nodes": [{
                "employment": { "value": 210 }, "annual": { "median": { "value": null, "missing": "NOT_RELEASED" } },
                "publishedFor": { "isExact": true, "place": { "code": "17140" } },
            }] },
        })
    );
}

#[tokio::test]
async fn a_release_of_the_whole_nation_has_every_state_and_territory() {
    let states = "{ places(filter: {kind: {eq: STATE}}) { totalCount } \
                  lacked: places(filter: {code: {in: [\"US-DC\", \"US-AS\", \"US-VI\"]}}) { nodes { name areaCode } } }";
    let all = places::code::STATES.iter().filter(|(number, letters, _)| *number < "60" && *letters != "DC");
    let all: Vec<_> =
        all.map(|(number, _, name)| wage(&format!("{number}00000,S,{number},{name}"), "29-2072", 50_000)).collect();
    assert_eq!(all.len(), 50);
    for (rows, count, lacked) in [
        (
            &all[..],
            56,
            vec![("American Samoa", "6000000"), ("District of Columbia", "1100000"), ("Virgin Islands", "7800000")],
        ),
        (&all[1..], 49, vec![]),
    ] {
        let (server, folder) = (TestServer::empty().await, Folder::new());
        synced(&server, options(release(&folder, 2025, rows))).await;

        let answer = server.query(states).await;

        let lacked: Vec<_> = lacked.iter().map(|(name, area)| json!({ "name": name, "areaCode": area })).collect();
        assert_eq!(answer, json!({ "places": { "totalCount": count }, "lacked": { "nodes": lacked } }));
    }
}
