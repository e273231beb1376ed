//! The audit log, for administrators.
use async_graphql::{Context, ID, Object};
use store::{self, Action, AuditRow};

use super::node::{TOKEN, id_of_row};
use crate::{
    Result, Scope,
    change::Moment,
    list::{Log, LogArguments},
    open::EntryKind,
    request::request,
    root::QueryRoot,
};

/// One deed.
pub(crate) struct AuditEvent(AuditRow);

/// Record of what somebody did. It is recorded together with what it tells of, and never changes.
#[Object]
impl AuditEvent {
    /// Time of the action.
    async fn at(&self) -> Moment {
        Moment(self.0.at)
    }

    /// Action that was done; null where this version of the server does not know it any more.
    async fn action(&self) -> Option<Action> {
        Action::named(&self.0.action)
    }

    /// Author of the action, as they call themselves.
    async fn author(&self) -> &str {
        &self.0.author
    }

    /// The id of the token it was done with; null for a command beside the database and for what the server does by itself.
    async fn token_id(&self) -> Option<ID> {
        self.0.token_id.map(|id| id_of_row(TOKEN, id))
    }

    /// The kind of the entry it was done to; null where it was none.
    async fn kind(&self) -> Option<EntryKind> {
        self.0.kind.as_deref().map(EntryKind::of)
    }

    /// The slug that the entry had then; null where it was none.
    async fn slug(&self) -> Option<&str> {
        self.0.slug.as_deref()
    }

    /// The number of the revision; null where it was none.
    async fn revision(&self) -> Option<i32> {
        self.0.revision
    }

    /// Further details of the action; empty where there are none.
    async fn details(&self) -> &str {
        &self.0.details
    }
}

/// Queries about the past.
#[derive(Default)]
pub(crate) struct AuditQueries;

impl From<&QueryRoot> for AuditQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl AuditQueries {
    /// Audit events (who did what and when), the newest first. Needs the scope `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn audit(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The size of the page, taken from the start (or after `after`): 0 to 100 where the server is not set up otherwise; 20 where neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor, the `endCursor` of the page before.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 where the server is not set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor, the `startCursor` of the page after.")] before: Option<
            String,
        >,
    ) -> Result<Option<Log<AuditEvent>>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        let arguments = LogArguments::new((first, after), (last, before), loaders.max_page())?;
        let rows = store::audit(loaders.database(), arguments.span()).await?;
        Ok(Some(arguments.page(rows, |row| row.id, AuditEvent)))
    }
}
