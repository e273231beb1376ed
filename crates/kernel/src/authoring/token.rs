//! Tokens, for administrators.
use async_graphql::{Context, ID, Object, SimpleObject};
use document::path;
use store::{self, ChangeInfo, Token};

use super::{
    MutationRoot,
    node::{TOKEN, id_of_row, row_of_id},
    payload::UserError,
};
use crate::{Error, Result, Scope, moment::Moment, request::request, root::QueryRoot};

/// A token, without its secret.
#[derive(SimpleObject)]
#[graphql(name = "Token")]
pub(crate) struct TokenObject {
    /// The global id, as `revokeToken` takes it.
    id: ID,
    /// Name of the token.
    name: String,
    /// Scopes that the token grants.
    scopes: Vec<Scope>,
    /// Time of creation of the token.
    created_at: Moment,
    /// Time at which it expires; null if it does not.
    expires_at: Option<Moment>,
    /// Time at which the token was revoked; null if it was not.
    revoked_at: Option<Moment>,
}

impl From<Token> for TokenObject {
    fn from(token: Token) -> Self {
        Self {
            id: id_of_row(TOKEN, token.id),
            scopes: token.scopes(),
            name: token.name,
            created_at: Moment(token.created_at),
            expires_at: token.expires_at.map(Moment),
            revoked_at: token.revoked_at.map(Moment),
        }
    }
}

/// Result of creating a token.
#[derive(SimpleObject)]
pub(crate) struct CreateTokenPayload {
    /// The token; null if none was created.
    token: Option<TokenObject>,
    /// The secret, for `Authorization: Bearer`. It is shown only here, and only once: the server keeps only a hash of it.
    secret: Option<String>,
    /// Errors that prevented the creation of the token; empty on success.
    errors: Vec<UserError>,
}

/// Result of revoking a token.
#[derive(SimpleObject)]
pub(crate) struct RevokeTokenPayload {
    /// The token; null if there is none with this id.
    token: Option<TokenObject>,
    /// Errors that prevented the revocation of the token; empty on success.
    errors: Vec<UserError>,
}

/// The token that a request carries.
#[derive(SimpleObject)]
pub(crate) struct Viewer {
    /// The name of the token; null for a request without one.
    token: Option<String>,
    /// Scopes of the caller.
    scopes: Vec<Scope>,
}

/// Queries about tokens.
#[derive(Default)]
pub(crate) struct TokenQueries;

impl From<&QueryRoot> for TokenQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl TokenQueries {
    /// Caller, as the server sees it.
    async fn viewer(&self, ctx: &Context<'_>) -> Viewer {
        let caller = request(ctx).caller();
        Viewer { token: caller.bearer().map(|bearer| bearer.name.clone()), scopes: caller.scopes() }
    }

    /// All tokens, the newest first, including revoked and expired ones. Needs the scope `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn tokens(&self, ctx: &Context<'_>) -> Result<Option<Vec<TokenObject>>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        let tokens = store::tokens(loaders.database()).await?;
        Ok(Some(tokens.into_iter().map(TokenObject::from).collect()))
    }
}

/// Mutations of tokens.
#[derive(Default)]
pub(crate) struct TokenMutations;

impl From<&MutationRoot> for TokenMutations {
    fn from(_: &MutationRoot) -> Self {
        Self
    }
}

#[Object]
impl TokenMutations {
    /// Creates a token. Callers cannot grant more than they have: each scope must be one of their own. Needs the scope
    /// `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn create_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Name for people, such as the name of the program that will use it.")] name: String,
        #[graphql(desc = "The scopes that it grants.")] scopes: Vec<Scope>,
        #[graphql(desc = "Time at which it expires; never if omitted.")] expires_at: Option<Moment>,
    ) -> Result<Option<CreateTokenPayload>> {
        let loaders = request(ctx);
        let caller = loaders.caller();
        caller.require(&Scope::Administer)?;
        let refused = |error| CreateTokenPayload { token: None, secret: None, errors: vec![error] };
        for (index, scope) in scopes.iter().enumerate() {
            let known = scope.clone().known(loaders.content()).and_then(|scope| caller.require(&scope));
            if let Err(error) = known {
                return Ok(Some(refused(UserError::new(&path!["scopes", index], error.code(), error.to_string()))));
            }
        }
        let (change, expires_at) = (ChangeInfo::by(caller, None, None), expires_at.map(|moment| moment.0));
        match store::create_token(loaders.database(), &name, &scopes, expires_at, &change).await {
            Ok((token, secret)) => {
                Ok(Some(CreateTokenPayload { token: Some(token.into()), secret: Some(secret), errors: Vec::new() }))
            }
            Err(error @ Error::Caller { code, .. }) if !code.starts_with("DATABASE_") => {
                Ok(Some(refused(UserError::new(&path!["name"], error.code(), error.to_string()))))
            }
            Err(error) => Err(error),
        }
    }

    /// Revokes a token: from now on it is refused. Needs the scope `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn revoke_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the token.")] id: ID,
    ) -> Result<Option<RevokeTokenPayload>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        let change = ChangeInfo::by(loaders.caller(), None, None);
        let token = match row_of_id(TOKEN, &id) {
            Some(id) => store::revoke_token(loaders.database(), id, &change).await?,
            None => None,
        };
        let errors = match &token {
            Some(_) => Vec::new(),
            None => vec![UserError::new(&path!["id"], "NOT_FOUND", format!("there is no token `{}`", id.as_str()))],
        };
        Ok(Some(RevokeTokenPayload { token: token.map(TokenObject::from), errors }))
    }
}
