//! Keys that a database signs with, the same for all processes that share it: made by whoever first signs, replaced to end what was
//! signed before.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel, entity::prelude::*};

use crate::{Error, Result, database::transaction::Writer};

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// Purpose for which it signs.
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: String,
    /// The key, in base64.
    pub secret: String,
    /// The number of keys for this purpose, up to this one.
    pub number: i32,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The bytes of the key.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(&self.secret).map_err(Error::internal)
    }
}

/// The key for a purpose; `None` where nothing was ever signed.
pub async fn signing_key(db: &impl ConnectionTrait, purpose: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(purpose).one(db).await?)
}

/// The key for a purpose, made where there is none.
pub(crate) async fn key_to_sign(txn: &Writer, purpose: &str) -> Result<Model> {
    if let Some(key) = signing_key(&**txn, purpose).await? {
        return Ok(key);
    }
    let key = ActiveModel { purpose: Set(purpose.to_owned()), secret: Set(secret()?), number: Set(1) };
    Ok(key.insert(&**txn).await?)
}

/// Puts a new key in the place of the one for a purpose. What was signed before is no longer valid.
pub(crate) async fn replace_key(txn: &Writer, purpose: &str) -> Result<()> {
    if let Some(key) = signing_key(&**txn, purpose).await? {
        let number = key.number.saturating_add(1);
        let mut key = key.into_active_model();
        key.secret = Set(secret()?);
        key.number = Set(number);
        key.update(&**txn).await?;
    }
    Ok(())
}

fn secret() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|cause| Error::internal(cause.to_string()))?;
    Ok(bytes)
}
