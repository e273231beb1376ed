//! Two floors under the server: the same bytes without any work, and the same query with the data in memory.
mod schema;

use std::{fs, net::SocketAddr, path::Path};

use clap::ValueEnum;
use poem::{
    Endpoint, EndpointExt, Request, Response, Route, Server,
    endpoint::{make, make_sync},
    error::BadRequest,
    http::header::CONTENT_TYPE,
    listener::TcpListener,
};

use crate::Result;

/// Kind of floor.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// The bytes of an answer, whatever is asked.
    Static,
    /// async-graphql alone: the data of the answers is in memory; each request is parsed, validated and executed.
    Graphql,
}

/// Serves a floor until the process is stopped.
pub(crate) async fn serve(kind: Kind, listen: SocketAddr, page: &Path, list: &Path) -> Result<()> {
    let (page, list) = (fs::read(page)?, fs::read(list)?);
    let endpoint = match kind {
        Kind::Static => make_sync(move |_| json(page.clone())).boxed(),
        Kind::Graphql => graphql(&page, &list)?.boxed(),
    };
    Ok(Server::new(TcpListener::bind(listen)).run(Route::new().at("/graphql", endpoint)).await?)
}

fn graphql(page: &[u8], list: &[u8]) -> Result<impl Endpoint<Output = Response> + use<>> {
    let schema = schema::schema(page, list)?;
    Ok(make(move |request: Request| {
        let schema = schema.clone();
        async move {
            let body = request.into_body().into_vec().await?;
            let asked: async_graphql::Request = serde_json::from_slice(&body).map_err(BadRequest)?;
            let answer = schema.execute(asked).await;
            Ok::<_, poem::Error>(json(serde_json::to_vec(&answer).map_err(BadRequest)?))
        }
    }))
}

fn json(bytes: Vec<u8>) -> Response {
    Response::builder().header(CONTENT_TYPE, "application/json").body(bytes)
}
