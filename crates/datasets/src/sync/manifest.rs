//! Manifests: from what is stored of a data set to what a sync makes of it.
use std::collections::HashSet;

use kernel::{
    Date, Error, Number, Result, Slug, Text,
    document::{CheckedDocument, read, tree::Tree},
    store::{Mode, documents, state},
};
use serde_json::{Value, json};

use super::{Run, write::stored};
use crate::{
    DatasetFile, DatasetFootnote, DatasetProfile, DatasetRelease, DatasetScale, DatasetTable,
    files::InputFile,
    reader::Survey,
    version::{digest, number},
};

/// Number of releases that a manifest remembers.
const HISTORY: usize = 100;
/// The kind of manifests.
pub(super) const KIND: &str = "dataset";

/// The manifest that a sync begins with.
pub(super) struct Current {
    pub(super) profile: DatasetProfile,
    /// True where it has the status already that the sync gives its release.
    pub(super) is_there: bool,
}

/// The manifest that a sync begins with: the draft's for a draft, unless something else was published since, else what is published. Where
/// nothing is published, the draft's as well.
pub(super) async fn current(run: &Run) -> Result<Option<Current>> {
    let (db, content, slug) = (&run.db, run.catalog.content(), run.source.slug);
    let Some(state) = state(&**db, KIND, slug).await? else { return Ok(None) };
    let is_draft = run.mode() == Mode::Draft;
    let revision = if is_draft { state.head() } else { state.published.as_ref().or(state.head()) };
    // What was published since the draft was begun is what the next draft goes on from.
    let revision = revision.filter(|_| !state.is_overtaken()).or(state.published.as_ref());
    let Some(revision) = revision else { return Ok(None) };
    let mut found = documents(&**db, content, &[(KIND, slug, revision.id)]).await?;
    let Some(document) = found.remove(&revision.id) else { return Ok(None) };
    let fields = Value::Object(document.fields().map_err(Error::internal)?);
    let profile = serde_json::from_value(fields).map_err(Error::internal)?;
    Ok(Some(Current { profile, is_there: is_draft || state.published.is_some() }))
}

/// Tells whether a manifest was made of the same files in the same way, and its rows are stored.
pub(super) async fn is_current(run: &Run, manifest: &DatasetProfile) -> Result<bool> {
    let known: Vec<_> = manifest.files.iter().map(|file| (&*file.name, &*file.sha256)).collect();
    let given: Vec<_> = run.files.all().map(|file| (file.name.as_str(), file.sha256.as_str())).collect();
    let tables: Vec<_> = manifest.tables.iter().map(|table| (&*table.name, table.format)).collect();
    let read: Vec<_> = run.registry().tables(run.source.slug).map(|table| (table.name(), table.format())).collect();
    if *manifest.release != *run.name() || known != given || tables != read || differ(run, manifest) {
        return Ok(false);
    }
    let versions: HashSet<_> = manifest.tables.iter().filter_map(|table| number(&table.version)).collect();
    let stored = run.db.read(&stored(versions.iter().copied().collect()), |row| row.integer(0)).await?;
    Ok(stored.len() == versions.len())
}

/// Tells whether days are given that the manifest does not say.
pub(super) fn differ(run: &Run, manifest: &DatasetProfile) -> bool {
    let says = |given: Option<&String>, known: Option<Date>| given.is_none() || day(given) == known;
    !says(run.options.published_on.as_ref(), manifest.published_on)
        || !says(run.options.next_release_on.as_ref(), manifest.next_release_on)
}

fn day(day: Option<&String>) -> Option<Date> {
    day?.parse().ok().map(Date)
}

/// The document of the new manifest.
pub(super) fn made(
    run: &Run,
    surveys: &[(&'static str, Survey)],
    before: Option<DatasetProfile>,
) -> Result<CheckedDocument> {
    let Run { source, options, files, release, .. } = run;
    let content = run.catalog.content();
    let name = release.name.clone().unwrap_or_default();
    let today = Date(content.kinds.clock.now().date_naive());
    let mut history = before.as_ref().map(|before| before.history.clone()).unwrap_or_default();
    if history.last().is_none_or(|last| *last.release != *name) {
        history.push(DatasetRelease {
            release: text(&name),
            period: release.period.as_deref().map(text),
            synced_on: today,
        });
    }
    let too_many = history.len().saturating_sub(HISTORY);
    history.drain(..too_many);
    let is_same = before.as_ref().is_some_and(|before| *before.release == *name);
    let kept = |field: fn(&DatasetProfile) -> Option<Date>| before.as_ref().filter(|_| is_same).and_then(field);
    let profile = DatasetProfile {
        title: text(source.title),
        publisher: text(source.publisher),
        url: kernel::Url::parse(source.url),
        release: text(&name),
        period: release.period.as_deref().map(text),
        published_on: day(options.published_on.as_ref())
            .or_else(|| day(release.published_on.as_ref()))
            .or_else(|| kept(|before| before.published_on)),
        next_release_on: day(options.next_release_on.as_ref()).or_else(|| kept(|before| before.next_release_on)),
        licence: text(source.licence),
        attribution: text(&release.attribution.replace("{release}", &name)),
        // What an editor wrote beside the figures stays.
        note: before.and_then(|before| before.note),
        tables: surveys.iter().map(|(name, survey)| of_table(name, survey)).collect(),
        files: files.all().map(of_file).collect(),
        footnotes: release
            .footnotes
            .iter()
            .map(|(code, meaning)| DatasetFootnote { code: text(code), meaning: text(meaning) })
            .collect(),
        scales: release
            .scales
            .iter()
            .map(|(code, name, minimum, maximum)| DatasetScale {
                code: text(code),
                name: text(name),
                minimum: minimum.map(Number),
                maximum: maximum.map(Number),
            })
            .collect(),
        history,
    };
    let mut fields = serde_json::to_value(profile).map_err(Error::internal)?;
    fields["kind"] = json!(KIND);
    fields["slug"] = json!(source.slug);
    let (document, findings) = read(&content.kinds, &Tree::from(fields));
    if let Some(finding) = findings.iter().find(|finding| finding.is_error()) {
        let message = format!(
            "The release cannot be described: `{}` of the data set breaks the rule `{}`: {}. Correct the option or the file that says it.",
            finding.path, finding.rule, finding.message
        );
        return Err(Error::caller("BAD_RELEASE", message));
    }
    document.ok_or_else(|| Error::internal("a manifest is no document"))
}

fn of_table(name: &str, survey: &Survey) -> DatasetTable {
    DatasetTable {
        name: Slug::parse(name).unwrap_or_default(),
        version: Slug::parse(&digest(survey.version)).unwrap_or_default(),
        rows: i32::try_from(survey.rows).unwrap_or(i32::MAX),
        format: survey.format,
    }
}

fn of_file(file: &InputFile) -> DatasetFile {
    #[expect(clippy::cast_precision_loss, reason = "a file has less than 2^53 bytes")]
    let bytes = Number(file.bytes as f64);
    DatasetFile { name: text(&file.name), bytes, sha256: Slug::parse(&file.sha256).unwrap_or_default() }
}

/// A text on one line.
fn text(text: &str) -> Text {
    Text::parse(&text.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
}
