//! The table `education-categories` of `onet`: names of the questions about education, and of the categories of their answers.
use std::{borrow::Cow, collections::HashSet};

use datasets::{DataTable, Fault, Input, Layout, Reading, Row};
use occupations::layout;
use serde::{Deserialize, Serialize};

use super::{DATASET, shares};

/// Files of the categories: all in one, or education apart from training and experience.
const LAYOUTS: &[Layout] = &[
    Layout::first(&[&[
        "Education, Training, and Experience Categories.txt",
        "education_training_and_experience_categories.csv",
    ]]),
    Layout::since(
        "30.3",
        &[
            &["Education Categories.txt", "education_categories.csv", "education_categories.txt"],
            &[
                "Training and Experience Categories.txt",
                "training_and_experience_categories.csv",
                "training_and_experience_categories.txt",
            ],
        ],
    ),
];

/// The table `education-categories`.
pub(crate) struct EducationCategories;

/// The block of all rows: some dozens, of which every answer needs some.
pub(super) const ALL: &str = "all";

/// A category of a question, or the question itself where there is no category, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CategoryRow {
    pub(super) element: String,
    pub(super) name: String,
    pub(super) scale: String,
    /// The name of the scale; none where no file names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scale_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) category: Option<i32>,
    /// Description of the category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<String>,
}

impl CategoryRow {
    /// Tells whether the row is about answers of a question by a scale.
    pub(super) fn is_of(&self, element: &str, scale: &str) -> bool {
        self.element == element && self.scale == scale
    }
}

impl Row for CategoryRow {
    fn key(&self) -> Cow<'_, str> {
        let category = self.category.map_or(String::new(), |category| category.to_string());
        format!("{}/{}/{category}", self.element, self.scale).into()
    }

    fn block(&self) -> Cow<'_, str> {
        ALL.into()
    }

    /// Categories have files of their own; questions stand in those of the answers as well.
    fn part(&self) -> Cow<'_, str> {
        let kind = if self.category.is_some() { "categories" } else { "questions" };
        format!("{kind} of {}", shares::part_of(&self.element)).into()
    }
}

impl DataTable for EducationCategories {
    type Row = CategoryRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "education-categories";
    const LAYOUTS: &'static [Layout] = LAYOUTS;

    fn read(input: &Input<'_>, rows: &mut Reading<'_, CategoryRow>) -> Result<(), Fault> {
        let mut questions = HashSet::new();
        let named = Layout::given(LAYOUTS, input.files).into_iter().map(|file| (file, true));
        for (file, has_labels) in named.chain(shares::files(input.files).into_iter().map(|file| (file, false))) {
            let records = file.records()?;
            let (element, name) = (records.column(layout::ELEMENT)?, records.column(layout::ELEMENT_NAME)?);
            let scale = records.column(layout::SCALE)?;
            let category = records.column(&["Category"])?;
            let label = if has_labels { Some(records.column(&["Category Description"])?) } else { None };
            records.each(|record| {
                let (of, by) = (record.text(element)?, record.text(scale)?);
                let question = CategoryRow {
                    element: of.to_owned(),
                    name: record.text(name)?.to_owned(),
                    scale: by.to_owned(),
                    scale_name: input
                        .release
                        .scales
                        .iter()
                        .find(|(code, ..)| code == by)
                        .map(|(_, name, ..)| name.clone()),
                    category: None,
                    label: None,
                };
                if let Some(label) = label {
                    let (category, label) = (record.number(category)?, record.optional(label).map(str::to_owned));
                    rows.row(CategoryRow { category, label, ..question.clone() }, record.place(element))?;
                }
                let is_new = !questions.contains(&(of.to_owned(), by.to_owned()));
                if is_new {
                    questions.insert((of.to_owned(), by.to_owned()));
                    rows.row(question, record.place(element))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}
