//! The second reading of the files: what is new goes to the database, with the manifest, in one transaction.
use std::{collections::HashSet, sync::Arc};

use kernel::{
    Error, Result,
    document::CheckedDocument,
    sea_orm::{
        ActiveValue::Set,
        sea_query::{Alias, DynIden, Expr, ExprTrait as _, IntoIden as _, Query, SelectStatement},
    },
    store::{ImportWithRows, Imported, Rows},
};
use tokio::{
    sync::mpsc::{self, Sender},
    task::spawn_blocking,
};

use super::{Run, manifest::KIND};
use crate::{
    Fault, Input,
    reader::{AnyTable, Survey},
    tables::{data_block, data_version, dataset_table},
};

/// Number of batches of rows that wait for the database while others are read.
const AHEAD: usize = 2;

/// Rows of a table on their way to the database, and the number that progress tells.
type Batch = (Rows, &'static str, usize);

/// Writes what is new, and the manifest. Number of versions that were dropped; none where another sync wrote the same meanwhile.
pub(super) async fn write(
    run: &Arc<Run>,
    surveys: Arc<Vec<(&'static str, Survey)>>,
    document: CheckedDocument,
) -> Result<Option<usize>> {
    let mut import = ImportWithRows::begin(&run.db, run.catalog.content(), run.mode(), &run.options.change).await?;
    let versions: Vec<_> = surveys.iter().map(|(_, survey)| survey.version).collect();
    let known = import.read(&stored(versions.clone()), |row| row.integer(0)).await?;
    for (name, survey) in surveys.iter().filter(|(_, survey)| !known.contains(&survey.version)) {
        import.insert(data_version::ActiveModel {
            version: Set(survey.version),
            dataset: Set(run.source.slug.to_owned()),
            name: Set((*name).to_owned()),
            row_count: Set(i64::try_from(survey.rows).unwrap_or(i64::MAX)),
        });
    }
    let has_rows = versions.iter().any(|version| !known.contains(version));
    let (sender, mut batches) = mpsc::channel(AHEAD);
    let reading = run.clone();
    let reader = spawn_blocking(move || read(&reading, &surveys, &known, &sender));
    while let Some((rows, table, number)) = batches.recv().await {
        import.append(rows);
        import.write_full().await?;
        (run.progress)(table, number);
    }
    reader.await.map_err(Error::internal)?.map_err(|fault| {
        let message = format!("The files changed while they were read: {fault}. Run the command again.");
        Error::caller("FILE_CHANGED", message)
    })?;
    let dropped = drop_old(&mut import, run, &versions).await?;
    let summary = import.commit(&run.db, vec![document]).await?;
    Ok((has_rows || summary.count(Imported::Unchanged) == 0).then_some(dropped))
}

/// Makes the rows of the tables whose versions are not known.
fn read(run: &Run, surveys: &[(&'static str, Survey)], known: &[i64], sender: &Sender<Batch>) -> Result<(), Fault> {
    for (table, (_, survey)) in run.registry().tables(run.source.slug).zip(surveys) {
        if known.contains(&survey.version) {
            continue;
        }
        let mut sink = |rows, number| sender.blocking_send((rows, table.name(), number)).is_ok();
        table.write(&Input { files: &run.files, release: &run.release }, survey, &mut sink)?;
    }
    // What was written is what was checked and counted.
    run.files.ensure_unchanged()
}

/// Those of these versions whose rows are stored.
pub(super) fn stored(versions: Vec<i64>) -> SelectStatement {
    use data_version::Column::Version;
    Query::select().column(Version).from(data_version::Entity).and_where(Expr::col(Version).is_in(versions)).take()
}

/// Deletes the rows of releases that are no longer kept. The manifests stay.
async fn drop_old(import: &mut ImportWithRows<'_>, run: &Run, new: &[i64]) -> Result<usize> {
    use data_version::Column::{Dataset, Name, Version};
    let dataset = run.source.slug;
    let live = import.live_revisions(KIND, dataset, run.options.keep.saturating_sub(1)).await?;
    let mut of_live = Query::select();
    of_live.column(dataset_table::Column::Version).from(dataset_table::Entity);
    of_live.and_where(Expr::col(dataset_table::Column::RevisionId).is_in(live));
    let mut kept: HashSet<i64> = import.read(&of_live, |row| row.integer(0)).await?.into_iter().collect();
    kept.extend(new);
    let mut all = Query::select();
    all.columns([Version, Name]).from(data_version::Entity).and_where(Expr::col(Dataset).eq(dataset));
    let all = import.read(&all, |row| Ok((row.integer(0)?, row.required_text(1)?.to_owned()))).await?;
    let mut dropped = 0;
    let lasts = |name: &str| run.registry().tables(dataset).any(|table| table.name() == name && table.lasts());
    for (version, name) in all.into_iter().filter(|(version, name)| !kept.contains(version) && !lasts(name)) {
        let own = run.registry().tables(dataset).filter(|table| table.name() == name).flat_map(AnyTable::tables);
        let [blocks, versions]: [DynIden; 2] = [data_block::Entity.into_iden(), data_version::Entity.into_iden()];
        for table in own.chain([blocks, versions]) {
            let mut delete = Query::delete();
            delete.from_table(table).and_where(Expr::col(Alias::new("version")).eq(version));
            import.delete(&delete).await?;
        }
        dropped += 1;
    }
    Ok(dropped)
}
