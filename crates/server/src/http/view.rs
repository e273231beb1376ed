//! Callers, and the revisions they see: from the headers of a request, and from its `extensions` for clients that cannot set
//! headers.
use std::sync::Arc;

use kernel::{AccessContext, Error, PerspectiveName, Principal, Scope, store};
use poem::http::{HeaderMap, HeaderName, StatusCode, Uri, header::AUTHORIZATION};
use serde_json::{Map, Value};

use super::{edge::Edge, refusal::Refusal};

/// The header that names a perspective.
const PERSPECTIVE: HeaderName = HeaderName::from_static("careerql-perspective");
/// The parameter of an address that carries the token of a preview link.
const PREVIEW: &str = "preview";

/// Caller, and what their headers say about the perspective.
#[derive(Clone, Debug, Default)]
pub(super) struct Asker {
    caller: Principal,
    perspective: Option<PerspectiveName>,
    /// Credential that names the caller, so that it can be looked up again.
    authorization: Option<Arc<str>>,
}

impl Asker {
    /// Refuses where whoever asks may not do what needs this scope.
    pub(super) fn require(&self, scope: &Scope) -> Result<(), Refusal> {
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

impl Edge {
    /// Caller, by the headers and the address of a request.
    pub(super) async fn asker(&self, headers: &HeaderMap, uri: &Uri) -> Result<Asker, Refusal> {
        if is_public(headers, uri) {
            return Ok(Asker::default());
        }
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let perspective = match preview(uri) {
            Some(token) => Some(PerspectiveName::Preview(token)),
            None => text(PERSPECTIVE).map(perspective).transpose()?,
        };
        let asker = Asker { perspective, ..Asker::default() };
        match text(AUTHORIZATION) {
            Some(authorization) => Box::pin(self.named(asker, authorization.into())).await,
            None => Ok(asker),
        }
    }

    /// Caller, by what a WebSocket said when it was opened: `{"authorization": "AccessToken TOKEN"}`. Takes the place of what its
    /// headers said.
    pub(super) async fn asker_of(&self, asker: Asker, payload: &Map<String, Value>) -> Result<Asker, Refusal> {
        let Some(authorization) = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case(AUTHORIZATION.as_str()))
        else {
            return Ok(asker);
        };
        self.named(asker, authorization.1.as_str().unwrap_or_default().into()).await
    }

    /// The same asker once more: his token may have been revoked since, or have expired.
    pub(super) async fn renewed(&self, asker: &Asker) -> Result<Asker, Refusal> {
        match asker.authorization.clone() {
            Some(authorization) => self.named(asker.clone(), authorization).await,
            None => Ok(asker.clone()),
        }
    }

    async fn named(&self, asker: Asker, authorization: Arc<str>) -> Result<Asker, Refusal> {
        let caller = self.caller(&authorization).await?;
        Ok(Asker { caller, authorization: Some(authorization), ..asker })
    }

    async fn caller(&self, authorization: &str) -> Result<Principal, Refusal> {
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
    pub(super) async fn view(&self, asker: &Asker, named: Option<PerspectiveName>) -> Result<AccessContext, Refusal> {
        let caller = asker.caller.clone();
        let Some(name) = named.or_else(|| asker.perspective.clone()) else {
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
pub(super) fn named(extensions: &Map<String, Value>) -> Result<Option<PerspectiveName>, Refusal> {
    match extensions.get("perspective") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) => perspective(name).map(Some),
        Some(_) => Err(Refusal::malformed("`extensions.perspective` must be text, such as `draft`.")),
    }
}

fn perspective(name: &str) -> Result<PerspectiveName, Refusal> {
    name.parse().map_err(|why: String| Refusal::new(StatusCode::BAD_REQUEST, "BAD_PERSPECTIVE", why))
}

fn unauthenticated(message: &str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
}

fn refused(error: &Error) -> Refusal {
    let status = match error.code() {
        "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
        "FORBIDDEN" | "BAD_PREVIEW" => StatusCode::FORBIDDEN,
        "INTERNAL" => {
            tracing::error!(?error, "a request could not be told who asks");
            StatusCode::INTERNAL_SERVER_ERROR
        }
        code if code.starts_with("DATABASE_") => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    Refusal::new(status, error.code(), error.to_string())
}
