//! Keys that a database signs with: made when first needed, the same for all processes that share it.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, entity::prelude::*};

use super::{Database, transaction};
use crate::{Error, Result};

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub(crate) struct Model {
    /// What it signs.
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: String,
    /// The key, in base64.
    pub secret: String,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The key for a purpose.
pub(crate) async fn signing_key(db: &Database, purpose: &str) -> Result<Vec<u8>> {
    let known = Entity::find_by_id(purpose).one(&**db).await?;
    let secret = match known {
        Some(key) => key.secret,
        None => make(db, purpose).await?,
    };
    URL_SAFE_NO_PAD.decode(secret).map_err(Error::internal)
}

async fn make(db: &Database, purpose: &str) -> Result<String> {
    let txn = transaction::begin(db).await?;
    if let Some(key) = Entity::find_by_id(purpose).one(&*txn).await? {
        return Ok(key.secret);
    }
    let secret = URL_SAFE_NO_PAD.encode(random::<32>()?);
    let key = ActiveModel { purpose: Set(purpose.to_owned()), secret: Set(secret.clone()) };
    key.insert(&*txn).await?;
    txn.commit().await?;
    Ok(secret)
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|cause| Error::internal(cause.to_string()))?;
    Ok(bytes)
}
