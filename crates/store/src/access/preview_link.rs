//! Preview links: each has a row, by which it is listed and ended. A link ends when it expires, when it is revoked, with the token
//! it was made with, and when its entry is put away.
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    entity::prelude::*,
};

use super::{
    audit::{self, Action, AuditEntry},
    preview::{PURPOSE, signed},
    signing_key::{key_to_sign, replace_key},
    token,
};
use crate::{
    ChangeInfo, Database, Result,
    database::transaction::{self, Transaction},
    entries::state::row_of,
    tables::entry,
};

/// One link.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "preview_link")]
pub struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The entry whose draft it shows.
    pub entry_id: i64,
    /// The token it was made with; none for a command beside the database.
    pub token_id: Option<i64>,
    /// Author of the link.
    pub author: String,
    /// Time of its creation.
    pub created_at: DateTimeUtc,
    /// Time at which it expires.
    pub expires_at: DateTimeUtc,
    /// Time of its revocation.
    pub revoked_at: Option<DateTimeUtc>,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A link and the entry that it shows.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The link.
    pub link: Model,
    /// The kind of the entry.
    pub kind: String,
    /// The slug of the entry.
    pub slug: String,
}

/// Makes a link to the draft of an entry: its row, and the signed token, which is not kept. None where editors see no such entry.
pub async fn create_preview_link(
    db: &Database,
    kind: &str,
    slug: &str,
    expires_at: DateTime<Utc>,
    change: &ChangeInfo,
) -> Result<Option<(Linked, String)>> {
    let txn = transaction::begin(db).await?;
    let Some(entry) = row_of(&*txn, kind, slug).await? else { return Ok(None) };
    let change = change.begun(&txn).await?;
    let key = key_to_sign(&txn, PURPOSE).await?;
    let link = ActiveModel {
        entry_id: Set(entry),
        token_id: Set(change.token),
        author: Set(change.author.clone()),
        created_at: Set(change.at),
        expires_at: Set(expires_at),
        ..Default::default()
    };
    let link = link.insert(&*txn).await?;
    let details = format!("link {}", link.id);
    let deed = AuditEntry { details, ..AuditEntry::to(Action::CreatedPreviewLink, kind, slug, None) };
    audit::record(&txn, &change, [deed]).await?;
    let token = signed(&key, link.id, expires_at)?;
    txn.commit().await?;
    Ok(Some((Linked { link, kind: kind.to_owned(), slug: slug.to_owned() }, token)))
}

/// The links that show something still, the newest first: all of them, or those made with one token.
pub async fn preview_links(db: &Database, token: Option<i64>) -> Result<Vec<Linked>> {
    let now = db.clock().now();
    let kept = Entity::find()
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .filter(Condition::all().add_option(token.map(|token| Column::TokenId.eq(token))));
    let mut links = Vec::new();
    for link in kept.order_by_desc(Column::Id).all(&**db).await? {
        if let Some(entry) = shown(db, &link, now).await? {
            links.push(Linked { link, kind: entry.kind, slug: entry.slug });
        }
    }
    Ok(links)
}

/// Revokes the link of this row: one of a token's own, where that is asked. None where there is no such link; one that was revoked
/// before stays as it is.
pub async fn revoke_preview_link(
    db: &Database,
    id: i64,
    token: Option<i64>,
    change: &ChangeInfo,
) -> Result<Option<Linked>> {
    let txn = transaction::begin(db).await?;
    let own = Condition::all().add_option(token.map(|token| Column::TokenId.eq(token)));
    let Some(link) = Entity::find_by_id(id).filter(own).one(&*txn).await? else { return Ok(None) };
    let Some(entry) = entry::Entity::find_by_id(link.entry_id).one(&*txn).await? else { return Ok(None) };
    let (kind, slug) = (entry.kind, entry.slug);
    if link.revoked_at.is_some() {
        return Ok(Some(Linked { link, kind, slug }));
    }
    let change = change.begun(&txn).await?;
    let mut link = link.into_active_model();
    link.revoked_at = Set(Some(change.at));
    let link = link.update(&*txn).await?;
    let details = format!("link {id}");
    let deed = AuditEntry { details, ..AuditEntry::to(Action::RevokedPreviewLink, &kind, &slug, None) };
    audit::record(&txn, &change, [deed]).await?;
    txn.commit().await?;
    Ok(Some(Linked { link, kind, slug }))
}

/// Revokes all links and makes a new key, so that whatever the old one signed is refused, also what no row tells of. Returns how many
/// links were not revoked before.
pub async fn revoke_all_preview_links(db: &Database, change: &ChangeInfo) -> Result<u64> {
    let txn = transaction::begin(db).await?;
    let change = change.begun(&txn).await?;
    let revoked = revoke(&txn, Condition::all(), change.at).await?;
    replace_key(&txn, PURPOSE).await?;
    let details = format!("all, {revoked} of them in use; new key");
    audit::record(&txn, &change, [AuditEntry { details, ..AuditEntry::of(Action::RevokedPreviewLink) }]).await?;
    txn.commit().await?;
    Ok(revoked)
}

/// Revokes the links to entries that are put away: they must not show what is restored later.
pub(crate) async fn revoke_of(txn: &Transaction, entries: Vec<i64>, at: DateTime<Utc>) -> Result<()> {
    revoke(txn, Condition::all().add(Column::EntryId.is_in(entries)), at).await?;
    Ok(())
}

async fn revoke(txn: &Transaction, which: Condition, at: DateTime<Utc>) -> Result<u64> {
    let links = Entity::update_many()
        .col_expr(Column::RevokedAt, Some(at).into())
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(at))
        .filter(which);
    Ok(links.exec(txn).await?.rows_affected)
}

/// The entry that a link shows; none where it has ended.
pub(crate) async fn previewed(db: &Database, link: i64) -> Result<Option<i64>> {
    let Some(link) = Entity::find_by_id(link).one(&**db).await? else { return Ok(None) };
    Ok(shown(db, &link, db.clock().now()).await?.map(|entry| entry.id))
}

async fn shown(db: &Database, link: &Model, now: DateTime<Utc>) -> Result<Option<entry::Model>> {
    if link.revoked_at.is_some() || link.expires_at <= now {
        return Ok(None);
    }
    if let Some(id) = link.token_id {
        let token = token::Entity::find_by_id(id).one(&**db).await?;
        if token.is_none_or(|token| !token.is_valid(now)) {
            return Ok(None);
        }
    }
    let entry = entry::Entity::find_by_id(link.entry_id)
        .filter(entry::Column::RenamedTo.is_null())
        .filter(entry::Column::ArchivedAt.is_null());
    Ok(entry.one(&**db).await?)
}
