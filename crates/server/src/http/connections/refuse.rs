//! Connections for which there is no place: a short answer, and the end.
use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
    time::timeout,
};

use super::table::TableFull;

/// The code of the answer.
pub(super) const CODE: &str = "TOO_MANY_CONNECTIONS";
/// Maximum number of connections that are told at once why they are refused; others are closed without a word.
pub(super) const TOLD: usize = 16;
/// Maximum time that a client may take to hear it.
const HEARING: Duration = Duration::from_secs(1);

impl TableFull {
    /// Says what is full and what to do.
    fn message(self) -> String {
        match self {
            Self::Share(most) => format!(
                "Your address has {most} open connections, which is its share, and all of them are in use. Close some of them."
            ),
            Self::Server(most) => format!(
                "This server has {most} open connections, which is the limit, and all of them are in use. Try again later."
            ),
        }
    }
}

/// Tells the client why its connection is refused, where few others are being told.
pub(super) fn refuse(mut stream: TcpStream, full: TableFull, tellers: &Arc<Semaphore>) {
    let Ok(teller) = tellers.clone().try_acquire_owned() else { return };
    let error = json!({ "message": full.message(), "extensions": { "code": CODE } });
    let body = json!({ "errors": [error] }).to_string();
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/graphql-response+json; charset=utf-8\r\n\
         cache-control: no-store\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        let _teller = teller;
        let telling = async {
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await?;
            // Whoever closes a connection with bytes unread resets it, and the client may lose the answer.
            let mut bytes = [0; 4096];
            while stream.read(&mut bytes).await? > 0 {}
            std::io::Result::Ok(())
        };
        let _told = timeout(HEARING, telling).await;
    });
}
