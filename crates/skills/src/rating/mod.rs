//! Ratings of occupations: a value for each element and scale.
pub(crate) mod answer;
pub(crate) mod high_points;
pub(crate) mod load;
pub(crate) mod tables;

use std::borrow::Cow;

use datasets::Row;
use serde::{Deserialize, Serialize, Serializer};

/// A rating as it is stored: an array, as there are hundreds of thousands. What only surveys tell comes last, and is left out where there is
/// nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct RatingRow {
    /// The O*NET-SOC code.
    pub(crate) code: String,
    /// The identifier of the element.
    pub(crate) element: String,
    /// The identifier of the scale.
    pub(crate) scale: String,
    pub(crate) value: f64,
    /// The month, as `2023-08`.
    pub(crate) date: Option<String>,
    /// Kind of the people, or the method, that gave the rating.
    pub(crate) source: Option<String>,
    /// Number of answers.
    #[serde(default)]
    pub(crate) n: Option<u32>,
    #[serde(default)]
    pub(crate) standard_error: Option<f64>,
    #[serde(default)]
    pub(crate) lower: Option<f64>,
    #[serde(default)]
    pub(crate) upper: Option<f64>,
    #[serde(default)]
    pub(crate) suppress: Option<bool>,
    #[serde(default)]
    pub(crate) not_relevant: Option<bool>,
    /// The answer whose share the value is, where the scale has categories.
    #[serde(default)]
    pub(crate) category: Option<u32>,
}

impl RatingRow {
    fn is_surveyed(&self) -> bool {
        let numbers = [self.standard_error, self.lower, self.upper];
        self.n.is_some()
            || numbers.iter().any(Option::is_some)
            || self.suppress.is_some()
            || self.not_relevant.is_some()
            || self.category.is_some()
    }

    /// True where the publisher says neither that it should not be shown nor that the element is not relevant.
    pub(crate) fn is_plain(&self) -> bool {
        self.suppress != Some(true) && self.not_relevant != Some(true)
    }
}

impl Serialize for RatingRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { code, element, scale, value, date, source, n, standard_error, lower, upper, .. } = self;
        if !self.is_surveyed() {
            return (code, element, scale, value, date, source).serialize(serializer);
        }
        let Self { suppress, not_relevant, category, .. } = self;
        let all = (code, element, scale, value, date, source, n, standard_error, lower, upper, suppress, not_relevant);
        match category {
            None => all.serialize(serializer),
            Some(category) => {
                let (
                    code,
                    element,
                    scale,
                    value,
                    date,
                    source,
                    n,
                    standard_error,
                    lower,
                    upper,
                    suppress,
                    not_relevant,
                ) = all;
                (
                    code,
                    element,
                    scale,
                    value,
                    date,
                    source,
                    n,
                    standard_error,
                    lower,
                    upper,
                    suppress,
                    not_relevant,
                    category,
                )
                    .serialize(serializer)
            }
        }
    }
}

impl Row for RatingRow {
    fn key(&self) -> Cow<'_, str> {
        let Self { code, element, scale, category, .. } = self;
        let key = [code, "/", element, "/", scale].concat();
        category.map_or_else(|| key.clone(), |category| format!("{key}/{category}")).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn figure(&self) -> Option<f64> {
        // High points of interests are numbers of interests.
        (self.scale != "IH").then_some(self.value)
    }

    /// The domain of the element: files that a layout divides have different ones.
    fn part(&self) -> Cow<'_, str> {
        self.element.get(..3).unwrap_or_default().into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

/// `occupation_rating`: rows by which occupations are found by what they are rated by, for each version of a table.
pub(crate) mod occupation_rating {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "occupation_rating")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) element: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) scale: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) code: String,
        pub(crate) value: f64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[cfg(test)]
mod tests {
    use super::RatingRow;

    fn rating() -> RatingRow {
        RatingRow {
            code: "29-2072.00".to_owned(),
            element: "1.D.1.a".to_owned(),
            scale: "WI".to_owned(),
            value: 2.5,
            date: Some("2025-12".to_owned()),
            ..RatingRow::default()
        }
    }

    #[test]
    fn a_rating_is_stored_in_short_and_read_back() {
        let short = r#"["29-2072.00","1.D.1.a","WI",2.5,"2025-12",null]"#;
        let surveyed = RatingRow { n: Some(8), suppress: Some(false), ..rating() };
        let long = r#"["29-2072.00","1.D.1.a","WI",2.5,"2025-12",null,8,null,null,null,false,null]"#;
        let share = RatingRow { category: Some(3), ..surveyed.clone() };
        let longest = r#"["29-2072.00","1.D.1.a","WI",2.5,"2025-12",null,8,null,null,null,false,null,3]"#;

        for (row, text) in [(rating(), short), (surveyed, long), (share, longest)] {
            assert_eq!(serde_json::to_string(&row).unwrap_or_default(), text);
            assert_eq!(serde_json::from_str::<RatingRow>(text).ok(), Some(row));
        }
    }
}
