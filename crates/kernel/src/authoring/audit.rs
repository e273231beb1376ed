//! The audit log, for administrators.
use async_graphql::{Context, ID, Object};
use store::{self, Action, AuditRow};

use super::node::{TOKEN, id_of_row};
use crate::{
    Result, Scope,
    list::{Log, LogArguments},
    moment::Moment,
    open::EntryKind,
    request::request,
    root::QueryRoot,
};

/// One deed.
pub(crate) struct AuditEvent(AuditRow);

/// Record of an action. It is stored in the same transaction as the change that it describes, and never changes.
#[Object]
impl AuditEvent {
    /// Time of the action.
    async fn at(&self) -> Moment {
        Moment(self.0.at)
    }

    /// Action that was done; null if this version of the server no longer knows it.
    async fn action(&self) -> Option<Action> {
        Action::named(&self.0.action)
    }

    /// Author of the action, by the name that they gave.
    async fn author(&self) -> &str {
        &self.0.author
    }

    /// The id of the token that was used; null for a command on the database itself and for what the server does on its own.
    async fn token_id(&self) -> Option<ID> {
        self.0.token_id.map(|id| id_of_row(TOKEN, id))
    }

    /// The kind of the entry that it concerned; null if there was none.
    async fn kind(&self) -> Option<EntryKind> {
        self.0.kind.as_deref().map(EntryKind::of)
    }

    /// The slug that the entry had then; null if there was none.
    async fn slug(&self) -> Option<&str> {
        self.0.slug.as_deref()
    }

    /// The number of the revision; null if there was none.
    async fn revision(&self) -> Option<i32> {
        self.0.revision
    }

    /// Further details of the action; empty if there are none.
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
            desc = "The size of the page, taken from the start (or after `after`): 0 to 100 unless the server is set up otherwise; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only objects after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only objects before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Option<Log<AuditEvent>>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        let arguments = LogArguments::new((first, after), (last, before), loaders.max_page())?;
        let rows = store::audit(loaders.database(), arguments.span()).await?;
        Ok(Some(arguments.page(rows, |row| row.id, AuditEvent)))
    }
}
