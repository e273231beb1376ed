//! Callers, and the revisions they see: from the headers of a request, and from its `extensions` for clients that cannot set
//! headers.
use std::sync::Arc;

use kernel::{
    AccessContext, Error, Perspective, PerspectiveName, Principal, Scope,
    store::{self, Database},
};
use poem::http::{HeaderMap, HeaderName, StatusCode, Uri, header::AUTHORIZATION};
use serde_json::{Map, Value};

use super::request_error::RequestError;

/// The header that names a perspective.
const PERSPECTIVE: HeaderName = HeaderName::from_static("careerql-perspective");
/// The parameter of an address that carries the token of a preview link.
const PREVIEW: &str = "preview";

/// Caller, and what their headers say about the perspective.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    caller: Principal,
    perspective: Option<PerspectiveName>,
    /// Credential that names the caller, so that it can be looked up again.
    authorization: Option<Arc<str>>,
}

impl Credentials {
    /// Refuses where the caller may not do what needs this scope.
    pub(super) fn require(&self, scope: &Scope) -> Result<(), RequestError> {
        self.caller.require(scope).map_err(|error| refused(&error))
    }
}

/// Tells whether the request is like those of everybody else: nothing but its bytes decides about its answer.
pub(super) fn is_public(headers: &HeaderMap, uri: &Uri) -> bool {
    !headers.contains_key(AUTHORIZATION) && !headers.contains_key(PERSPECTIVE) && preview(uri).is_none()
}

/// The token of a preview link.
fn preview(uri: &Uri) -> Option<String> {
    let query = uri.query().filter(|query| query.contains(PREVIEW))?;
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == PREVIEW).map(|(_, token)| token.into_owned())
}

/// Tells who asks, and what they see.
pub(super) struct Authenticator {
    db: Database,
    /// The perspective of requests that name none.
    perspective: Perspective,
}

impl Authenticator {
    pub(super) fn new(db: Database, perspective: Perspective) -> Self {
        Self { db, perspective }
    }

    /// Caller, by the headers and the address of a request.
    pub(super) async fn credentials(&self, headers: &HeaderMap, uri: &Uri) -> Result<Credentials, RequestError> {
        if is_public(headers, uri) {
            return Ok(Credentials::default());
        }
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let perspective = match preview(uri) {
            Some(token) => Some(PerspectiveName::Preview(token)),
            None => text(PERSPECTIVE).map(perspective).transpose()?,
        };
        let credentials = Credentials { perspective, ..Credentials::default() };
        match text(AUTHORIZATION) {
            Some(authorization) => Box::pin(self.named(credentials, authorization.into())).await,
            None => Ok(credentials),
        }
    }

    /// Caller, by what a WebSocket said when it was opened: `{"authorization": "Bearer TOKEN"}`. Takes the place of what its
    /// headers said.
    pub(super) async fn credentials_of(
        &self,
        credentials: Credentials,
        payload: &Map<String, Value>,
    ) -> Result<Credentials, RequestError> {
        let Some(authorization) = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case(AUTHORIZATION.as_str()))
        else {
            return Ok(credentials);
        };
        self.named(credentials, authorization.1.as_str().unwrap_or_default().into()).await
    }

    /// The same credentials checked again: the token may have been revoked since, or have expired.
    pub(super) async fn renewed(&self, credentials: &Credentials) -> Result<Credentials, RequestError> {
        match credentials.authorization.clone() {
            Some(authorization) => self.named(credentials.clone(), authorization).await,
            None => Ok(credentials.clone()),
        }
    }

    async fn named(&self, credentials: Credentials, authorization: Arc<str>) -> Result<Credentials, RequestError> {
        let caller = self.caller(&authorization).await?;
        Ok(Credentials { caller, authorization: Some(authorization), ..credentials })
    }

    async fn caller(&self, authorization: &str) -> Result<Principal, RequestError> {
        let (scheme, secret) = authorization.split_once(' ').unwrap_or((authorization, ""));
        // Other schemes are for others, such as a proxy that asks for a password.
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Ok(Principal::Public);
        }
        let bearer = store::bearer(&self.db, secret.trim()).await.map_err(|error| refused(&error))?;
        let bearer = bearer.ok_or_else(|| unauthenticated("This token is unknown, expired or revoked."))?;
        Ok(Principal::AccessToken(Arc::new(bearer)))
    }

    /// View of a request: the perspective that it names, else that of its headers, else that of the server.
    pub(super) async fn view(
        &self,
        credentials: &Credentials,
        named: Option<PerspectiveName>,
    ) -> Result<AccessContext, RequestError> {
        let caller = credentials.caller.clone();
        let Some(name) = named.or_else(|| credentials.perspective.clone()) else {
            return Ok(AccessContext { perspective: self.perspective, caller });
        };
        if !matches!(name, PerspectiveName::Published | PerspectiveName::Preview(_)) {
            caller.require(&Scope::ReadDrafts).map_err(|error| refused(&error))?;
        }
        let perspective = name.resolve(&self.db).await.map_err(|error| refused(&error))?;
        Ok(AccessContext { perspective, caller })
    }
}

/// The perspective that `extensions` name.
pub(super) fn named(extensions: &Map<String, Value>) -> Result<Option<PerspectiveName>, RequestError> {
    match extensions.get("perspective") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) => perspective(name).map(Some),
        Some(_) => Err(RequestError::malformed("`extensions.perspective` must be text, such as `draft`.")),
    }
}

fn perspective(name: &str) -> Result<PerspectiveName, RequestError> {
    name.parse().map_err(|why: String| RequestError::new(StatusCode::BAD_REQUEST, "BAD_PERSPECTIVE", why))
}

fn unauthenticated(message: &str) -> RequestError {
    RequestError::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
}

fn refused(error: &Error) -> RequestError {
    let status = match error.code() {
        "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
        "FORBIDDEN" | "BAD_PREVIEW" => StatusCode::FORBIDDEN,
        "INTERNAL" => {
            tracing::error!(?error, "the caller of a request could not be identified");
            StatusCode::INTERNAL_SERVER_ERROR
        }
        code if code.starts_with("DATABASE_") => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    RequestError::new(status, error.code(), error.to_string())
}
