//! Perspectives by their names.
use super::preview;
use crate::{Database, Error, Perspective, PerspectiveName, Result, tables::release};

impl PerspectiveName {
    /// The perspective of this name; an error (`BAD_PERSPECTIVE`) where there is no such release.
    pub async fn resolve(&self, db: &Database) -> Result<Perspective> {
        Ok(match self {
            Self::Published => Perspective::Published,
            Self::Draft => Perspective::Draft,
            Self::AsOf(time) => Perspective::AsOf(*time),
            Self::Release(name) => of_release(db, name).await?,
            Self::Preview(token) => preview::perspective_of(db, token).await?,
        })
    }
}

/// The release of this name, as a perspective: what it will show or, once it is published, what it showed then.
async fn of_release(db: &Database, name: &str) -> Result<Perspective> {
    let found = release::release(&**db, name).await?;
    let found = found.ok_or_else(|| Error::caller("BAD_PERSPECTIVE", format!("There is no release `{name}`.")))?;
    Ok(found.published_at.map_or(Perspective::Release(found.id), Perspective::AsOf))
}
