//! A receiver of webhook messages, real HTTP.
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use poem::{Endpoint, IntoResponse, Request, Response, Server, http::StatusCode, listener::TcpAcceptor};
use serde_json::{Value, json};

use super::{TestServer, eventually};

/// A message that the receiver got.
pub struct Received {
    pub method: String,
    pub path: String,
    pub headers: poem::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }
}

/// Tells whether a receiver takes a request.
type Judge = fn(&Received) -> bool;

/// A receiver, and how it behaves.
#[derive(Clone, Default)]
pub struct Receiver {
    pub got: Arc<Mutex<Vec<Received>>>,
    /// Number of messages it refuses before it takes one.
    pub refuses: Arc<AtomicUsize>,
    /// True where it takes messages and answers that it did not.
    pub lies: Arc<AtomicBool>,
    /// Messages with this text are refused; none where there is none.
    pub refuses_those_with: Arc<Mutex<String>>,
    /// Number of messages that were refused because of their text.
    pub refused: Arc<AtomicUsize>,
    /// True where it takes messages and never answers.
    pub hangs: Arc<AtomicBool>,
    /// `Retry-After` of its answers, which are 429; none where it takes messages.
    pub too_many: Arc<Mutex<Option<String>>>,
    /// Number of requests that were too many.
    pub turned_away: Arc<AtomicUsize>,
    /// Tells whether it takes a request; it takes all where there is none.
    pub takes: Arc<Mutex<Option<Judge>>>,
    /// The address it redirects to.
    pub leads_to: Arc<Mutex<Option<String>>>,
}

impl Endpoint for Receiver {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let refuses = self.refuses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if refuses && !self.lies.load(Ordering::SeqCst) {
            return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
        }
        let body = request.take_body().into_vec().await.unwrap();
        if let Some(pause) = self.too_many.lock().unwrap().clone() {
            self.turned_away.fetch_add(1, Ordering::SeqCst);
            return Ok(StatusCode::TOO_MANY_REQUESTS.with_header("retry-after", pause).into_response());
        }
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if let Some(elsewhere) = self.leads_to.lock().unwrap().clone() {
            return Ok(Response::builder()
                .status(StatusCode::TEMPORARY_REDIRECT)
                .header("location", elsewhere)
                .finish());
        }
        let unwanted = self.refuses_those_with.lock().unwrap().clone();
        if !unwanted.is_empty() && String::from_utf8_lossy(&body).contains(&unwanted) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
        }
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let received = Received { method, path, headers: request.headers().clone(), body };
        if self.takes.lock().unwrap().is_some_and(|takes| !takes(&received)) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Ok(StatusCode::BAD_REQUEST.into_response());
        }
        self.got.lock().unwrap().push(received);
        let status = if refuses { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::NO_CONTENT };
        Ok(status.into_response())
    }
}

impl Receiver {
    /// Listens; returns its address.
    pub async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::new_with_acceptor(TcpAcceptor::from_tokio(listener).unwrap());
        tokio::spawn(server.run(self.clone()));
        format!("http://{address}/hook")
    }

    /// Waits until it has this many messages.
    pub async fn has(&self, count: usize) {
        let what = format!("{count} messages came");
        eventually(&what, async || self.got.lock().unwrap().len() >= count).await;
    }

    /// Waits until it has refused this many messages.
    pub async fn has_refused(&self, count: usize) {
        let what = format!("{count} messages were refused");
        eventually(&what, async || self.refused.load(Ordering::SeqCst) >= count).await;
    }

    pub fn messages(&self) -> Vec<Value> {
        self.got.lock().unwrap().iter().map(Received::json).collect()
    }
}

/// Makes a webhook; returns its secret.
pub async fn create_webhook(server: &TestServer, admin: &str, arguments: &str) -> String {
    let query = format!(
        "mutation {{ createWebhook({arguments}) {{ webhook {{ id }} secret errors {{ path code message }} }} }}"
    );
    let body = server.send(admin, &query, json!({})).await;
    assert_eq!(body["data"]["createWebhook"]["errors"], json!([]), "{body}");
    body["data"]["createWebhook"]["secret"].as_str().unwrap().to_owned()
}
