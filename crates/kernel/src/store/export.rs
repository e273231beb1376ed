//! Export: the visible documents as YAML files, one per entry, the same bytes from every database.
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter,
    sea_query::{Alias, Expr, ExprTrait, IntoIden, Order, Query},
};

use super::{entry, section, state::documents};
use crate::{Content, Error, Perspective, Result, document};

/// How many documents are held in memory at once.
const BATCH: u64 = 500;

/// Gives every document that the perspective shows to `sink`, in the order of kinds and slugs, as a relative path and YAML.
pub async fn export(
    db: &DatabaseConnection,
    content: &Content,
    perspective: Perspective,
    mut sink: impl FnMut(PathBuf, String) -> Result<()> + Send,
) -> Result<()> {
    for kind in content.kinds() {
        let mut after = String::new();
        loop {
            let visible = visible(db, perspective, kind.name, &after).await?;
            let Some((last, _)) = visible.last() else { break };
            after.clone_from(last);
            let asked: Vec<_> = visible.iter().map(|(slug, revision)| (kind.name, slug.as_str(), *revision)).collect();
            let documents = documents(db, content, &asked).await?;
            for (slug, revision) in &visible {
                let Some(document) = documents.get(revision) else { continue };
                let path = Path::new(kind.folder).join(format!("{slug}.yaml"));
                sink(path, document::write(content, document)?)?;
            }
        }
    }
    Ok(())
}

/// Entries of a kind from a slug on, as many as are held at once: slug and visible revision.
pub(crate) async fn visible_entries(
    db: &DatabaseConnection,
    perspective: Perspective,
    kind: &str,
    from: &str,
) -> Result<Vec<(String, i64)>> {
    page_of(db, perspective, kind, Some(entry::Column::Slug.gte(from)), Order::Asc).await
}

/// Where a walk through entries against the order of their slugs stands.
pub(crate) enum Below {
    /// At the end of the list.
    End,
    /// At this slug, which is still to be looked at.
    Or(String),
    /// At this slug, which was looked at.
    Only(String),
}

/// Entries of a kind against the order of their slugs, as many as are held at once: slug and visible revision.
pub(crate) async fn visible_entries_back(
    db: &DatabaseConnection,
    perspective: Perspective,
    kind: &str,
    below: &Below,
) -> Result<Vec<(String, i64)>> {
    let place = match below {
        Below::End => None,
        Below::Or(slug) => Some(entry::Column::Slug.lte(slug)),
        Below::Only(slug) => Some(entry::Column::Slug.lt(slug)),
    };
    page_of(db, perspective, kind, place, Order::Desc).await
}

/// The next entries of a kind: slug and visible revision.
pub(super) async fn visible(
    db: &DatabaseConnection,
    perspective: Perspective,
    kind: &str,
    after: &str,
) -> Result<Vec<(String, i64)>> {
    page_of(db, perspective, kind, Some(entry::Column::Slug.gt(after)), Order::Asc).await
}

async fn page_of(
    db: &DatabaseConnection,
    perspective: Perspective,
    kind: &str,
    place: Option<Expr>,
    order: Order,
) -> Result<Vec<(String, i64)>> {
    let revision = perspective.of_lists().revision_of(&entry::Entity.into_iden());
    let select = Query::select()
        .column(entry::Column::Slug)
        .expr_as(revision.clone(), Alias::new("revision"))
        .from(entry::Entity)
        .and_where(entry::Column::Kind.eq(kind))
        .and_where_option(place)
        .and_where(Expr::expr(revision).is_not_null())
        .order_by(entry::Column::Slug, order)
        .limit(BATCH)
        .take();
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Ok((row.try_get("", "slug")?, row.try_get("", "revision")?))).collect()
}

pub(super) async fn sections(
    db: &impl ConnectionTrait,
    revisions: Vec<i64>,
) -> Result<HashMap<i64, HashMap<String, String>>> {
    let rows = section::Entity::find().filter(section::Column::RevisionId.is_in(revisions)).all(db).await?;
    let mut sections: HashMap<i64, HashMap<String, String>> = HashMap::new();
    for row in rows {
        sections.entry(row.revision_id).or_default().insert(row.name, row.body);
    }
    Ok(sections)
}

/// Writes an export below a folder. Each file appears whole or not at all; files of other entries are left alone.
pub fn write_files(folder: &Path) -> impl FnMut(PathBuf, String) -> Result<()> + Send + use<> {
    let folder = folder.to_owned();
    move |path, yaml| {
        let path = folder.join(path);
        write_file(&path, &yaml)
            .map_err(|cause| Error::caller("EXPORT_FAILED", format!("{} cannot be written: {cause}", path.display())))
    }
}

fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let partial = path.with_extension("yaml.partial");
    fs::write(&partial, text)?;
    fs::rename(partial, path)
}
