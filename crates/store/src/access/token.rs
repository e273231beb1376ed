//! Tokens: made here, shown once, kept as hashes.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use document::characters::Layout;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    entity::prelude::*,
};
use sha2::{Digest, Sha256};

use super::{
    AccessToken, Scope,
    audit::{self, Action, AuditEntry},
    signing_key::random,
};
use crate::{ChangeInfo, Database, Error, Result, database::transaction, require_text};

/// Prefix of a secret, so that scanners for leaked secrets know it.
const PREFIX: &str = "careerql_";

/// One token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Name that people call it by.
    pub name: String,
    /// SHA-256 of the secret, which is random enough to need no salt.
    pub hash: String,
    /// Its scopes, separated by spaces.
    pub scopes: String,
    /// Time of its creation.
    pub created_at: DateTimeUtc,
    /// From when on it is of no use.
    pub expires_at: Option<DateTimeUtc>,
    /// Time of its revocation.
    pub revoked_at: Option<DateTimeUtc>,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Its scopes.
    pub fn scopes(&self) -> Vec<Scope> {
        self.scopes.split(' ').filter_map(|scope| scope.parse().ok()).collect()
    }

    pub(crate) fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Makes a token: its row, and its secret, which nobody can look up afterwards.
pub async fn create_token(
    db: &Database,
    name: &str,
    scopes: &[Scope],
    expires_at: Option<DateTime<Utc>>,
    change: &ChangeInfo,
) -> Result<(Model, String)> {
    let name = name.trim();
    if name.is_empty() || scopes.is_empty() {
        return Err(Error::caller("BAD_TOKEN", "A token needs a name and at least one scope."));
    }
    require_text("name", name, Layout::Line)?;
    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<32>()?));
    let mut sorted = scopes.to_vec();
    sorted.sort();
    sorted.dedup();
    let scopes = sorted.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let txn = transaction::begin(db).await?;
    let change = change.begun(&txn).await?;
    let token = ActiveModel {
        name: Set(name.to_owned()),
        hash: Set(hash(&secret)),
        scopes: Set(scopes.clone()),
        created_at: Set(change.at),
        expires_at: Set(expires_at),
        ..Default::default()
    };
    let token = token.insert(&*txn).await?;
    let deed = AuditEntry { details: format!("{name}: {scopes}"), ..AuditEntry::of(Action::CreatedToken) };
    audit::record(&txn, &change, [deed]).await?;
    txn.commit().await?;
    Ok((token, secret))
}

/// All tokens, the newest first, including revoked and expired ones.
pub async fn tokens(db: &Database) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_desc(Column::Id).all(&**db).await?)
}

/// The token in this row.
pub async fn token(db: &Database, id: i64) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(&**db).await?)
}

/// Revokes the token of this row; none where there is no such token. One that was revoked before stays as it is.
pub async fn revoke_token(db: &Database, id: i64, change: &ChangeInfo) -> Result<Option<Model>> {
    let txn = transaction::begin(db).await?;
    let Some(token) = Entity::find_by_id(id).one(&*txn).await? else { return Ok(None) };
    if token.revoked_at.is_some() {
        return Ok(Some(token));
    }
    let change = change.begun(&txn).await?;
    let deed = AuditEntry { details: token.name.clone(), ..AuditEntry::of(Action::RevokedToken) };
    let mut token = token.into_active_model();
    token.revoked_at = Set(Some(change.at));
    let token = token.update(&*txn).await?;
    audit::record(&txn, &change, [deed]).await?;
    txn.commit().await?;
    Ok(Some(token))
}

/// The token with this secret, where it is still of use.
pub async fn bearer(db: &Database, secret: &str) -> Result<Option<AccessToken>> {
    if !secret.starts_with(PREFIX) {
        return Ok(None);
    }
    let token = Entity::find().filter(Column::Hash.eq(hash(secret))).one(&**db).await?;
    let valid = token.filter(|token| token.is_valid(db.clock().now()));
    Ok(valid.map(|token| AccessToken { id: token.id, scopes: token.scopes(), name: token.name }))
}

fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
}
