//! `careerql health`: asks a running server whether it is ready.
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use kernel::{Error, Result};
use reqwest::{Client, StatusCode};

use crate::{cli::HealthOptions, output::print_line};

/// Maximum time for the answer; the server itself waits two seconds for its database.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn health(options: &HealthOptions) -> Result<()> {
    let address = asked(options.listen);
    // A proxy of the environment is for what lies outside.
    let client = Client::builder().no_proxy().timeout(PATIENCE).build().map_err(Error::internal)?;
    let answer =
        client.get(format!("http://{address}/readyz")).send().await.map_err(|cause| silent(address, &cause))?;
    let is_ready = answer.status() == StatusCode::OK;
    let answer = answer.json::<serde_json::Value>().await.unwrap_or_default();
    match answer["status"].as_str() {
        Some(_) if is_ready => print_line(format_args!("The server on {address} is ready.")),
        Some(status) => {
            Err(Error::caller("NOT_READY", format!("The server on {address} is not ready: {status}. See its log.")))
        }
        None => Err(Error::caller(
            "NOT_READY",
            format!(
                "What answers on {address} is no server of CareerQL. Give `careerql health` the --listen of the server."
            ),
        )),
    }
}

/// The address at which this machine reaches a server that listens on this one.
fn asked(listen: SocketAddr) -> SocketAddr {
    let loopback = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(loopback, listen.port())
}

fn silent(address: SocketAddr, cause: &reqwest::Error) -> Error {
    let message = if cause.is_timeout() {
        format!("The server on {address} does not answer within {} seconds. See its log.", PATIENCE.as_secs())
    } else {
        format!("No server answers on {address}. Start it, or give `careerql health` the --listen of the server.")
    };
    Error::caller("NOT_READY", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_asked_on_this_machine() {
        let cases = [("0.0.0.0:8000", "127.0.0.1:8000"), ("[::]:1", "[::1]:1"), ("10.0.0.5:80", "10.0.0.5:80")];
        for (listen, address) in cases {
            assert_eq!(listen.parse().map(asked), address.parse());
        }
    }
}
