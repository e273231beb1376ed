//! Preview links: made, listed and revoked by those who may see drafts.
use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::TimeDelta;
use document::path;
use store::{self, ChangeInfo, LinkedPreview};

use super::{
    MutationRoot,
    payload::{UserError, kind_of},
};
use crate::{
    Error, Principal, Result, Scope, Slug, moment::Moment, open::EntryKind, request::request, root::QueryRoot,
};

/// A link with which somebody without a token sees the draft of one entry; its secret is not shown.
#[derive(SimpleObject)]
#[graphql(name = "PreviewLink")]
pub(crate) struct PreviewLinkObject {
    /// The number of the link, which `revokePreviewLink` takes.
    number: ID,
    /// The kind of the entry.
    kind: EntryKind,
    /// The slug of the entry.
    slug: String,
    /// Author of the link.
    author: String,
    /// The id of the token it was created with; null for a command on the database itself. The link ends with the token.
    token_id: Option<String>,
    /// Time of creation of the link.
    created_at: Moment,
    /// Time at which it expires.
    expires_at: Moment,
    /// Time at which the link was revoked; null if it was not.
    revoked_at: Option<Moment>,
}

impl From<LinkedPreview> for PreviewLinkObject {
    fn from(LinkedPreview { link, kind, slug }: LinkedPreview) -> Self {
        Self {
            number: ID(link.id.to_string()),
            kind: EntryKind::of(&kind),
            slug,
            author: link.author,
            token_id: link.token_id.map(|id| id.to_string()),
            created_at: Moment(link.created_at),
            expires_at: Moment(link.expires_at),
            revoked_at: link.revoked_at.map(Moment),
        }
    }
}

/// Result of creating a preview link.
#[derive(SimpleObject)]
pub(crate) struct CreatePreviewLinkPayload {
    /// The link; null if none was created.
    preview_link: Option<PreviewLinkObject>,
    /// The signed token: what the parameter `preview` of the endpoint takes, and the header `careerql-perspective: preview:TOKEN`. It
    /// is shown only here, and only once.
    token: Option<String>,
    /// Errors that prevented the creation of the link; empty on success.
    errors: Vec<UserError>,
}

/// Result of revoking a preview link.
#[derive(SimpleObject)]
pub(crate) struct RevokePreviewLinkPayload {
    /// The link; null if there is none with this id that the caller may revoke.
    preview_link: Option<PreviewLinkObject>,
    /// Errors that prevented the revocation of the link; empty on success.
    errors: Vec<UserError>,
}

/// Result of revoking all preview links.
#[derive(SimpleObject)]
pub(crate) struct RevokeAllPreviewLinksPayload {
    /// Number of links that were in use.
    count: i32,
}

/// The token whose links a caller may see and revoke; none where it is all of them.
fn own(caller: &Principal) -> Result<Option<i64>> {
    if caller.require(&Scope::Administer).is_ok() {
        return Ok(None);
    }
    caller.require(&Scope::ReadDrafts)?;
    Ok(caller.token())
}

/// Queries about preview links.
#[derive(Default)]
pub(crate) struct PreviewQueries;

impl From<&QueryRoot> for PreviewQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl PreviewQueries {
    /// The preview links that are still valid, the newest first: those created with the token of the request, or all of them with
    /// the scope `administer`. Needs the scope `read-drafts` or `administer`.
    async fn preview_links(&self, ctx: &Context<'_>) -> Result<Option<Vec<PreviewLinkObject>>> {
        let loaders = request(ctx);
        let links = store::preview_links(loaders.database(), own(loaders.caller())?).await?;
        Ok(Some(links.into_iter().map(PreviewLinkObject::from).collect()))
    }
}

/// Mutations of preview links.
#[derive(Default)]
pub(crate) struct PreviewMutations;

impl From<&MutationRoot> for PreviewMutations {
    fn from(_: &MutationRoot) -> Self {
        Self
    }
}

#[Object]
impl PreviewMutations {
    /// Creates a link with which somebody without a token sees the draft of one entry and nothing else. It ends when it expires or
    /// is revoked, with the token it was created with, and when the entry is archived. Needs the scope `read-drafts`.
    async fn create_preview_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The kind of the entry.")] kind: EntryKind,
        #[graphql(desc = "The slug of the entry.")] slug: Slug,
        #[graphql(desc = "Number of hours until the link expires: 1 to 720.", default = 24)] hours: i32,
    ) -> Result<Option<CreatePreviewLinkPayload>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::ReadDrafts)?;
        let kind =
            kind_of(loaders.content(), &kind).ok_or_else(|| Error::internal("an unknown kind was let through"))?;
        let refused = |error| CreatePreviewLinkPayload { preview_link: None, token: None, errors: vec![error] };
        if !(1..=720).contains(&hours) {
            let message = format!("`hours` is {hours}; it must be between 1 and 720");
            return Ok(Some(refused(UserError::new(&path!["hours"], "BAD_USER_INPUT", message))));
        }
        let expires_at = loaders.database().clock().now() + TimeDelta::hours(hours.into());
        let change = ChangeInfo::by(loaders.caller(), None, None);
        let made = store::create_preview_link(loaders.database(), kind, &slug, expires_at, &change).await?;
        let Some((link, token)) = made else {
            let message = format!("there is no {kind} `{}` to preview", &*slug);
            return Ok(Some(refused(UserError::new(&path!["slug"], "NOT_FOUND", message))));
        };
        Ok(Some(CreatePreviewLinkPayload { preview_link: Some(link.into()), token: Some(token), errors: Vec::new() }))
    }

    /// Revokes a preview link: from now on it shows nothing. Needs the scope `read-drafts` for a link created with the same token,
    /// and `administer` for any other.
    async fn revoke_preview_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the link.")] id: ID,
    ) -> Result<Option<RevokePreviewLinkPayload>> {
        let loaders = request(ctx);
        let own = own(loaders.caller())?;
        let change = ChangeInfo::by(loaders.caller(), None, None);
        let link = match id.parse() {
            Ok(id) => store::revoke_preview_link(loaders.database(), id, own, &change).await?,
            Err(_) => None,
        };
        let unknown = || {
            let message = format!("there is no preview link `{}` that you may revoke", id.as_str());
            UserError::new(&path!["id"], "NOT_FOUND", message)
        };
        let errors = if link.is_some() { Vec::new() } else { vec![unknown()] };
        Ok(Some(RevokePreviewLinkPayload { preview_link: link.map(PreviewLinkObject::from), errors }))
    }

    /// Revokes all preview links and creates a new signing key, so that no earlier link is valid: useful after a backup of the
    /// database was restored, too. Needs the scope `administer`.
    async fn revoke_all_preview_links(&self, ctx: &Context<'_>) -> Result<Option<RevokeAllPreviewLinksPayload>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        let change = ChangeInfo::by(loaders.caller(), None, None);
        let count = store::revoke_all_preview_links(loaders.database(), &change).await?;
        Ok(Some(RevokeAllPreviewLinksPayload { count: i32::try_from(count).unwrap_or(i32::MAX) }))
    }
}
