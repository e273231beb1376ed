//! Withdrawal of one entry, for commands.
use super::publish::withdraw;
use crate::{ChangeInfo, ContentModel, Database, Result};

/// Withdraws what is published of the entry; false where nothing is. Its revision stays: it is the entry's draft from now on,
/// where there is no newer one.
pub async fn unpublish(
    db: &Database,
    content: &ContentModel,
    kind: &'static str,
    slug: &str,
    change: &ChangeInfo,
) -> Result<bool> {
    let done = withdraw(db, content, &[(kind, slug.to_owned())], change).await?;
    Ok(done.problems.is_empty())
}
