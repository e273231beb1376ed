//! First drafts of guides: what data sets know of an occupation, as a document that an editor goes on with.
use careers::Career;
use datasets::{Block, DatasetProfile, DocumentDraft, block};
use futures_util::future::try_join;
use kernel::{Error, Kind as _, Loaders, Result, list::fold, section_of};
use serde_json::{Map, Value, json};

use crate::{
    OccupationRow,
    code::{is_onet_soc, soc_of},
    crosswalks::hierarchy::Hierarchy,
    onet::{occupations::Occupations, titles::Titles},
};

/// Maximum length of a slug that is made of a title.
const MAX_SLUG: usize = 80;

/// Parts that are left to the editor.
const LEFT: [&str; 9] = [
    "Yours to write:",
    "  tags, relatedGuides  key words, and what readers turn to next",
    "  article              headline, explanation, author, category, publishedOn",
    "  roles, workingHours  the jobs in it, by level, and a usual week",
    "  entryRoutes, training, licences, certifications  the ways in",
    "  advancement, faq, stories  the ways on, and what readers ask",
    "  aiImpact             your verdict; published scores stand beside it",
    "  pay, outlook         only what you state from a source of your own: published figures are joined to the guide by its",
    "                       codes, and never copied into it",
];

/// Makes the first draft of a guide about an occupation, with a slug made of its title unless one is given.
///
/// # Errors
/// `OCCUPATION_NOT_FOUND` where the data set `onet` has no such code, `DATASET_NOT_SYNCED` where it is not there.
pub(crate) async fn draft_career(loaders: &Loaders, code: &str, slug: Option<&str>) -> Result<DocumentDraft> {
    if !is_onet_soc(code) {
        let message = format!("`{code}` is not an O*NET-SOC code like 29-2072.00.");
        return Err(Error::caller("OCCUPATION_NOT_FOUND", message));
    }
    let Some(Block { dataset, rows }) = block::<Occupations>(loaders, soc_of(code)).await? else {
        let message = "The data set `onet` is not in this database; bring it in with `careerql sync onet PATH`.";
        return Err(Error::caller("DATASET_NOT_SYNCED", message));
    };
    let release = section_of::<DatasetProfile>(dataset.entry(), loaders).await?;
    let Some(row) = rows.iter().find(|row| row.code == code) else {
        let near: Vec<_> = rows.iter().map(|row| format!("{} {}", row.code, row.title)).collect();
        let hint = if near.is_empty() { String::new() } else { format!(" Near it: {}.", near.join("; ")) };
        let message = format!("O*NET {} has no occupation `{code}`.{hint}", &*release.release);
        return Err(Error::caller("OCCUPATION_NOT_FOUND", message));
    };
    let (titles, groups) = try_join(block::<Titles>(loaders, code), block::<Hierarchy>(loaders, soc_of(code))).await?;
    let mut fields = Map::new();
    let slug = slug.map_or_else(|| slug_of(&row.title), str::to_owned);
    fields.insert("kind".to_owned(), json!(Career::NAME));
    fields.insert("slug".to_owned(), json!(slug));
    fields.insert("title".to_owned(), json!(row.title));
    let titles = titles.map(|found| found.rows).unwrap_or_default();
    let alternate = distinct(&row.title, titles.iter().filter_map(|row| row.shown()));
    if !alternate.is_empty() {
        fields.insert("alternateTitles".to_owned(), json!(alternate));
    }
    let summary = row.description.clone().unwrap_or_else(|| format!("{}: to be written.", row.title));
    fields.insert("summary".to_owned(), json!(summary));
    let soc_title = groups.and_then(|found| found.rows.first().map(|row| row.title().to_owned()));
    fields.insert("codes".to_owned(), codes(row, rows.len(), soc_title));
    let head = vec![
        format!("First draft of a guide about {code}, made of the data set `onet`, release {}.", &*release.release),
        release.attribution.to_string(),
    ];
    let remarks = vec![
        ("alternateTitles", "Titles that O*NET shows to job seekers; keep those that your readers look for."),
        ("summary", "The words of O*NET, if it has any: say it in your own."),
        ("codes", "By these, figures of data sets are joined to the guide."),
    ];
    Ok(DocumentDraft { fields, head, remarks, left: LEFT.to_vec() })
}

/// The codes of a guide about an occupation that shares its SOC code with this many.
fn codes(row: &OccupationRow, sharing: usize, soc_title: Option<String>) -> Value {
    let fit = if sharing > 1 { "BROAD" } else { "EXACT" };
    let mut soc = json!({"scheme": "SOC", "version": "2018", "code": soc_of(&row.code), "match": fit});
    if let Some(title) = soc_title {
        soc["title"] = json!(title);
    }
    json!([{"scheme": "ONET_SOC", "version": "2019", "code": row.code, "match": "EXACT", "title": row.title}, soc])
}

/// Other titles than this one, each once.
fn distinct<'a>(title: &str, others: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = vec![fold(title)];
    let mut distinct = Vec::new();
    for other in others {
        let folded = fold(other);
        if !seen.contains(&folded) {
            seen.push(folded);
            distinct.push(other);
        }
    }
    distinct
}

/// A slug made of a title: its words, joined by hyphens.
fn slug_of(title: &str) -> String {
    let mut slug = String::new();
    for word in title.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if slug.len() + word.len() >= MAX_SLUG {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_ascii_lowercase());
    }
    slug
}
