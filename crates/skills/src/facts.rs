//! The table `element-facts` of `onet`: what small files tell of elements, such as anchors of levels and keywords of interests.
use std::borrow::Cow;

use async_graphql::SimpleObject;
use datasets::{
    DataTable, Fault, FileNames, Input, Layout, Reading, Record, Row,
    files::{InputFile, Records},
};
use kernel::Number;
use occupations::layout;
use serde::{Deserialize, Serialize};

use crate::{
    known::KnownElements,
    onet::{DATASET, finite},
};

/// The table `element-facts`.
pub(crate) struct ElementFacts;

/// A fact of an element as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FactRow {
    #[serde(rename = "e")]
    element: String,
    #[serde(rename = "f")]
    pub(crate) fact: Fact,
}

/// A fact of an element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Fact {
    Anchor(LevelAnchor),
    Item(SurveyItem),
    Keyword(InterestKeyword),
    Activity(IllustrativeActivity),
    /// An occupation in which people follow an interest: the kind of the interest, and the code.
    Occupation(String, String),
    /// Another element, by its identifier.
    Related(String),
    Category(ContextCategory),
}

/// An example of what a level of an element means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SimpleObject)]
pub(crate) struct LevelAnchor {
    /// The identifier of the scale, such as `LV`.
    scale: String,
    /// The value on the scale.
    value: Number,
    /// The example.
    description: String,
}

/// A question of a questionnaire of O*NET.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SimpleObject)]
pub(crate) struct SurveyItem {
    /// The number of the question, such as `KN01`.
    number: String,
    /// The identifier of the scale of its answers.
    scale: String,
}

/// A word by which people tell of an interest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SimpleObject)]
pub(crate) struct InterestKeyword {
    /// The word.
    keyword: String,
    /// Kind of the word: `Action` or `Object`.
    #[graphql(name = "type")]
    kind: String,
}

/// An activity by which an interest shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SimpleObject)]
pub(crate) struct IllustrativeActivity {
    /// The activity.
    activity: String,
    /// Kind of the interest, in the publisher's words, such as `Career Type`.
    #[graphql(name = "type")]
    kind: String,
}

/// An answer to a question about the circumstances of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SimpleObject)]
pub(crate) struct ContextCategory {
    /// The identifier of the scale.
    scale: String,
    /// The number of the answer.
    number: i32,
    /// The answer, such as `Never`.
    description: String,
}

impl Row for FactRow {
    fn key(&self) -> Cow<'_, str> {
        let fact = match &self.fact {
            Fact::Anchor(LevelAnchor { scale, value, .. }) => format!("anchor {scale} {}", value.0),
            Fact::Item(SurveyItem { number, scale }) => format!("item {number} {scale}"),
            Fact::Keyword(InterestKeyword { keyword, .. }) => format!("keyword {keyword}"),
            Fact::Activity(IllustrativeActivity { activity, kind }) => format!("activity {kind} {activity}"),
            Fact::Occupation(kind, code) => format!("occupation {kind} {code}"),
            Fact::Related(to) => format!("related {to}"),
            Fact::Category(ContextCategory { scale, number, .. }) => format!("category {scale} {number}"),
        };
        format!("{}/{fact}", self.element).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.element.as_str().into()
    }

    /// The kind of the fact; of relations, the domains of both elements: each pair has a file of its own.
    fn part(&self) -> Cow<'_, str> {
        let domain = |id: &str| id.get(..3).unwrap_or_default().to_owned();
        match &self.fact {
            Fact::Anchor(_) => "anchors".into(),
            Fact::Item(_) => "survey items".into(),
            Fact::Keyword(_) => "keywords".into(),
            Fact::Activity(_) => "illustrative activities".into(),
            Fact::Occupation(..) => "illustrative occupations".into(),
            Fact::Related(to) => format!("{} to {}", domain(&self.element), domain(to)).into(),
            Fact::Category(_) => "categories".into(),
        }
    }
}

/// The elements that files tell relations of, on their left and on their right.
const RELATED: [&[&str]; 2] = [
    &[
        "Abilities Element ID",
        "Skills Element ID",
        "Essential Skills Element ID",
        "Transferable Skills Element ID",
        "Work Styles Element ID",
        "Basic Interests Element ID",
        "Specific Interest Areas Element ID",
    ],
    &["Work Activities Element ID", "Work Context Element ID", "RIASEC Element ID", "Career Interest Types Element ID"],
];

/// The names of a file, by its title.
macro_rules! file {
    ($title:literal, $stem:literal) => {
        &[concat!($title, ".txt"), concat!($stem, ".csv"), concat!($stem, ".txt")]
    };
}

const ANCHORS: FileNames = file!("Level Scale Anchors", "level_scale_anchors");
const ITEMS: FileNames = file!("Survey Booklet Locations", "survey_booklet_locations");
const ACTIVITIES: FileNames = file!("Interests Illustrative Activities", "interests_illustrative_activities");
const OCCUPATIONS: FileNames = file!("Interests Illustrative Occupations", "interests_illustrative_occupations");
const CATEGORIES: FileNames = file!("Work Context Categories", "work_context_categories");
const ABILITIES: [FileNames; 2] = [
    file!("Abilities to Work Activities", "abilities_to_work_activities"),
    file!("Abilities to Work Context", "abilities_to_work_context"),
];

/// The files of the first layout.
const FIRST: &[FileNames] = &[
    ANCHORS,
    ITEMS,
    ACTIVITIES,
    OCCUPATIONS,
    CATEGORIES,
    ABILITIES[0],
    ABILITIES[1],
    file!("RIASEC Keywords", "riasec_keywords"),
    file!("Skills to Work Activities", "skills_to_work_activities"),
    file!("Skills to Work Context", "skills_to_work_context"),
    file!("Basic Interests to RIASEC", "basic_interests_to_riasec"),
];

/// The files from release 30.3 on.
const RENAMED: &[FileNames] = &[
    ANCHORS,
    ITEMS,
    ACTIVITIES,
    OCCUPATIONS,
    CATEGORIES,
    ABILITIES[0],
    ABILITIES[1],
    file!("Career Interest Type Keywords", "career_interest_type_keywords"),
    file!("Essential Skills to Work Activities", "essential_skills_to_work_activities"),
    file!("Essential Skills to Work Context", "essential_skills_to_work_context"),
    file!("Transferable Skills to Work Activities", "transferable_skills_to_work_activities"),
    file!("Transferable Skills to Work Context", "transferable_skills_to_work_context"),
    file!("Work Styles to Work Activities", "work_styles_to_work_activities"),
    file!("Work Styles to Work Context", "work_styles_to_work_context"),
    file!("Specific Interest Areas to Career Interest Types", "specific_interest_areas_to_career_interest_types"),
];

/// Ends of the names of files of relations.
const RELATIONS: [&str; 4] = ["_to_work_activities", "_to_work_context", "_to_riasec", "_to_career_interest_types"];

/// The name of a file whatever its layout: `Level Scale Anchors.txt` is `level_scale_anchors`.
fn stem(name: &str) -> String {
    let stem = name.strip_suffix(".txt").or_else(|| name.strip_suffix(".csv")).unwrap_or_default();
    stem.to_lowercase().replace(' ', "_")
}

impl DataTable for ElementFacts {
    type Row = FactRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "element-facts";
    const LAYOUTS: &'static [Layout] = &[Layout::first(FIRST), Layout::since("30.3", RENAMED)];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, FactRow>) -> Result<(), Fault> {
        for file in input.files.all() {
            match stem(&file.name).as_str() {
                "level_scale_anchors" => facts(input, file, rows, anchor)?,
                "survey_booklet_locations" => facts(input, file, rows, item)?,
                "riasec_keywords" | "career_interest_type_keywords" => facts(input, file, rows, keyword)?,
                "interests_illustrative_activities" => facts(input, file, rows, activity)?,
                "interests_illustrative_occupations" => occupations(input, file, rows)?,
                "work_context_categories" => facts(input, file, rows, category)?,
                name if RELATIONS.iter().any(|end| name.ends_with(end)) => related(input, file, rows)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Reads the fact of a record.
type ReadFact = fn(&Record<'_>, &[datasets::Column]) -> Result<Fact, Fault>;

/// The columns of a kind of fact, and what reads it.
type FactLayout = (&'static [&'static [&'static str]], ReadFact);

fn facts(
    input: &Input<'_>,
    file: &InputFile,
    rows: &mut Reading<'_, FactRow>,
    layout: fn() -> FactLayout,
) -> Result<(), Fault> {
    let (names, read) = layout();
    let records = file.records()?;
    let columns = names.iter().map(|names| records.column(names)).collect::<Result<Vec<_>, _>>()?;
    each(input, records, layout::ELEMENT, rows, |record| read(record, &columns))
}

fn anchor() -> FactLayout {
    (&[layout::SCALE, &["Anchor Value"], &["Anchor Description"]], |record, columns| {
        Ok(Fact::Anchor(LevelAnchor {
            scale: record.text(columns[0])?.to_owned(),
            value: Number(finite(record, columns[1])?),
            description: record.text(columns[2])?.to_owned(),
        }))
    })
}

fn item() -> FactLayout {
    (&[&["Survey Item Number"], layout::SCALE], |record, columns| {
        let [number, scale] = [columns[0], columns[1]];
        Ok(Fact::Item(SurveyItem { number: record.text(number)?.to_owned(), scale: record.text(scale)?.to_owned() }))
    })
}

fn keyword() -> FactLayout {
    (&[&["Keyword"], &["Keyword Type"]], |record, columns| {
        let (keyword, kind) = (record.text(columns[0])?.to_owned(), record.text(columns[1])?.to_owned());
        Ok(Fact::Keyword(InterestKeyword { keyword, kind }))
    })
}

fn activity() -> FactLayout {
    (&[&["Activity"], &["Interest Type"]], |record, columns| {
        let (activity, kind) = (record.text(columns[0])?.to_owned(), record.text(columns[1])?.to_owned());
        Ok(Fact::Activity(IllustrativeActivity { activity, kind }))
    })
}

fn category() -> FactLayout {
    (&[layout::SCALE, &["Category"], &["Category Description"]], |record, columns| {
        Ok(Fact::Category(ContextCategory {
            scale: record.text(columns[0])?.to_owned(),
            number: record.required_number(columns[1])?,
            description: record.text(columns[2])?.to_owned(),
        }))
    })
}

fn occupations(input: &Input<'_>, file: &InputFile, rows: &mut Reading<'_, FactRow>) -> Result<(), Fault> {
    let records = file.records()?;
    let (kind, code) = (records.column(&["Interest Type"])?, records.column(layout::CODE)?);
    each(input, records, layout::ELEMENT, rows, |record| {
        if let Some(fault) = input.unknown_code(record.text(code)?, record.place(code)) {
            return Err(fault);
        }
        Ok(Fact::Occupation(record.text(kind)?.to_owned(), record.text(code)?.to_owned()))
    })
}

fn related(input: &Input<'_>, file: &InputFile, rows: &mut Reading<'_, FactRow>) -> Result<(), Fault> {
    let records = file.records()?;
    let to = records.column(RELATED[1])?;
    each(input, records, RELATED[0], rows, |record| Ok(Fact::Related(record.text(to)?.to_owned())))
}

/// Takes the facts of all records. What is wrong with one is noted.
fn each(
    input: &Input<'_>,
    records: Records<'_>,
    element: &[&str],
    rows: &mut Reading<'_, FactRow>,
    fact: impl Fn(&Record<'_>) -> Result<Fact, Fault>,
) -> Result<(), Fault> {
    let known = KnownElements::read(input)?;
    let element = records.column(element)?;
    records.each(|record| {
        if let Some(fault) = known.unknown(record, element) {
            return rows.fault(fault);
        }
        match fact(record) {
            Ok(fact) => rows.row(FactRow { element: record.text(element)?.to_owned(), fact }, record.place(element)),
            Err(fault) => rows.fault(fault),
        }
    })
}
