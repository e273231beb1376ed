//! Callers, and their permissions. Reading what is published needs no name; everything else needs a scope.
pub(crate) mod argument;
pub(crate) mod audit;
pub(crate) mod change;
pub mod preview;
pub(crate) mod preview_link;
pub(crate) mod resolve;
pub(crate) mod signing_key;
pub(crate) mod token;

use std::{fmt, str::FromStr, sync::Arc};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::{ContentModel, Error, Perspective, Result};

/// Permission that a token gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// See what is not published: drafts, releases, history, and what was published once.
    ReadDrafts,
    /// Save drafts: the sections of this module, or of all modules.
    Write(Option<String>),
    /// Publish, withdraw, archive, rename and release.
    Publish,
    /// Manage tokens and webhooks, and read the audit log.
    Administer,
    /// Read the metrics of the server.
    ReadMetrics,
}

impl Scope {
    /// Every scope there is, writing not split by module.
    pub const ALL: [Self; 5] =
        [Self::ReadDrafts, Self::Write(None), Self::Publish, Self::Administer, Self::ReadMetrics];

    /// Tells whether whoever has this scope may do what needs the other.
    fn grants(&self, needed: &Self) -> bool {
        self == needed || matches!((self, needed), (Self::Write(None), Self::Write(_)))
    }

    /// The scope, where its module is one of these.
    pub fn known(self, content: &ContentModel) -> Result<Self> {
        let Self::Write(Some(module)) = &self else { return Ok(self) };
        let modules = content.modules();
        if modules.contains(&module.as_str()) {
            return Ok(self);
        }
        let known: Vec<_> = modules.iter().map(|module| format!("`write:{module}`")).collect();
        let message = format!("There is no module `{module}`; scopes to write are `write` and {}.", known.join(", "));
        Err(Error::caller("BAD_SCOPE", message))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadDrafts => f.write_str("read-drafts"),
            Self::Write(None) => f.write_str("write"),
            Self::Write(Some(module)) => write!(f, "write:{module}"),
            Self::Publish => f.write_str("publish"),
            Self::Administer => f.write_str("administer"),
            Self::ReadMetrics => f.write_str("read-metrics"),
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "read-drafts" => Ok(Self::ReadDrafts),
            "write" => Ok(Self::Write(None)),
            "publish" => Ok(Self::Publish),
            "administer" => Ok(Self::Administer),
            "read-metrics" => Ok(Self::ReadMetrics),
            _ => match text.strip_prefix("write:") {
                Some(module) if !module.is_empty() => Ok(Self::Write(Some(module.to_owned()))),
                _ => Err(format!(
                    "`{text}` is not a scope; the scopes are `read-drafts`, `write`, `write:MODULE`, `publish`, \
                     `administer` and `read-metrics`"
                )),
            },
        }
    }
}

/// Permission that a token gives: `read-drafts`, `write` (all sections), `write:MODULE` (those of one module, such as
/// `write:faq`), `publish`, `administer` or `read-metrics`.
#[Scalar(name = "Scope", specified_by_url = "https://www.rfc-editor.org/rfc/rfc6749#section-3.3")]
impl ScalarType for Scope {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text.parse().map_err(InputValueError::custom),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// A token as a request carries it, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The row of the token.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its scopes.
    pub scopes: Vec<Scope>,
}

/// Caller of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Principal {
    /// Somebody without a token.
    #[default]
    Public,
    /// Whoever has this token.
    AccessToken(Arc<AccessToken>),
    /// Whoever runs a command beside the database, who may do everything.
    Operator,
}

impl Principal {
    /// Tells whether the caller may do what needs this scope.
    pub fn may(&self, needed: &Scope) -> bool {
        match self {
            Self::Public => false,
            Self::AccessToken(bearer) => bearer.scopes.iter().any(|scope| scope.grants(needed)),
            Self::Operator => true,
        }
    }

    /// Refuses (`UNAUTHENTICATED`, `FORBIDDEN`) where the caller may not do what needs this scope, and says which it is.
    pub fn require(&self, needed: &Scope) -> Result<()> {
        if self.may(needed) {
            return Ok(());
        }
        Err(match self {
            Self::AccessToken(bearer) => Error::caller(
                "FORBIDDEN",
                format!("This needs the scope `{needed}`, which the token `{}` lacks.", bearer.name),
            ),
            _ => Error::caller(
                "UNAUTHENTICATED",
                format!("This needs a token with the scope `{needed}`. Send it as `Authorization: Bearer TOKEN`."),
            ),
        })
    }

    /// Refuses where the caller may write nothing at all.
    pub fn may_write_something(&self) -> Result<()> {
        let writes = self.scopes().iter().any(|scope| matches!(scope, Scope::Write(_)));
        if writes { Ok(()) } else { self.require(&Scope::Write(None)) }
    }

    /// Scopes of the caller.
    pub fn scopes(&self) -> Vec<Scope> {
        match self {
            Self::Public => Vec::new(),
            Self::AccessToken(bearer) => bearer.scopes.clone(),
            Self::Operator => Scope::ALL.to_vec(),
        }
    }

    /// The token.
    pub fn bearer(&self) -> Option<&AccessToken> {
        match self {
            Self::AccessToken(bearer) => Some(bearer),
            _ => None,
        }
    }

    /// The name under which the caller's changes are recorded where they give none.
    pub fn name(&self) -> &str {
        match self {
            Self::Public => "public",
            Self::AccessToken(bearer) => &bearer.name,
            Self::Operator => "operator",
        }
    }

    /// The row of the token.
    pub fn token(&self) -> Option<i64> {
        match self {
            Self::AccessToken(bearer) => Some(bearer.id),
            _ => None,
        }
    }
}

/// Caller, and the revisions that they see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessContext {
    /// Which revisions are seen.
    pub perspective: Perspective,
    /// Caller of a request.
    pub caller: Principal,
}

impl From<Perspective> for AccessContext {
    fn from(perspective: Perspective) -> Self {
        Self { perspective, caller: Principal::Public }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        let scopes = Scope::ALL.into_iter().chain([Scope::Write(Some("faq".to_owned()))]);
        for scope in scopes {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        for text in ["", "Write", "write:", "drafts"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
    }

    #[test]
    fn writing_everything_includes_each_module_and_not_the_other_way_round() {
        let faq = Scope::Write(Some("faq".to_owned()));
        assert!(Scope::Write(None).grants(&faq));
        assert!(!faq.grants(&Scope::Write(None)));
        assert!(!faq.grants(&Scope::Write(Some("careers".to_owned()))));
        assert!(!Scope::Administer.grants(&Scope::ReadDrafts), "no scope includes another in silence");
    }
}
