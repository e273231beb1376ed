//! Typed operators of filters: what can be asked of a text, a key, a number, a day or an enum.
//!
//! Every condition is true or false, never unknown: a missing value equals nothing, is neither less nor greater than
//! anything, and differs from everything. So `not` always selects exactly the others.
use async_graphql::InputObject;
use document::scalar::{Date, Number};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr, Value};
use unicase::UniCase;
use unicode_normalization::UnicodeNormalization as _;

/// Form in which text is stored where it is searched and sorted, the same on every database: by Unicode's canonical caseless matching,
/// full case folding without the rules of one language, in composed form (NFC). `STRASSE` equals `Straße`, `ΣΊΣ` equals `σίς`, and one
/// `é` equals the other. What people read stays as it was written.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    UniCase::unicode(text.nfd().collect::<String>()).to_folded_case().nfc().collect()
}

/// All of the conditions hold; true where there is none.
pub(super) fn all(conditions: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    conditions.into_iter().reduce(ExprTrait::and).unwrap_or_else(|| Expr::cust("TRUE"))
}

/// One of the conditions holds; false where there is none.
pub(super) fn any(conditions: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    conditions.into_iter().reduce(ExprTrait::or).unwrap_or_else(|| Expr::cust("FALSE"))
}

/// A column that operators compare.
#[derive(Clone, Debug)]
pub struct FilterColumn {
    column: SimpleExpr,
    nullable: bool,
}

impl FilterColumn {
    /// A column that always has a value.
    pub(super) fn required(column: SimpleExpr) -> Self {
        Self { column, nullable: false }
    }

    /// A column that may be null.
    pub(super) fn nullable(column: SimpleExpr) -> Self {
        Self { column, nullable: true }
    }

    /// Equal to the value.
    pub fn eq(&self, value: impl Into<Value>) -> SimpleExpr {
        self.known(self.column.clone().eq(value.into()))
    }

    /// Not equal to the value, or without one.
    pub fn ne(&self, value: impl Into<Value>) -> SimpleExpr {
        self.or_null(self.column.clone().ne(value.into()))
    }

    /// Equal to one of the values.
    pub fn is_in<V: Into<Value>>(&self, values: impl IntoIterator<Item = V>) -> SimpleExpr {
        self.known(self.column.clone().is_in(values.into_iter().map(Into::into)))
    }

    /// Equal to none of the values, or without one.
    pub fn not_in<V: Into<Value>>(&self, values: impl IntoIterator<Item = V>) -> SimpleExpr {
        self.or_null(self.column.clone().is_not_in(values.into_iter().map(Into::into)))
    }

    /// Greater than the value.
    pub(super) fn gt(&self, value: impl Into<Value>) -> SimpleExpr {
        self.known(self.column.clone().gt(value.into()))
    }

    /// Greater than the value, or equal to it.
    pub(super) fn gte(&self, value: impl Into<Value>) -> SimpleExpr {
        self.known(self.column.clone().gte(value.into()))
    }

    /// Less than the value.
    pub(super) fn lt(&self, value: impl Into<Value>) -> SimpleExpr {
        self.known(self.column.clone().lt(value.into()))
    }

    /// Less than the value, or equal to it.
    pub(super) fn lte(&self, value: impl Into<Value>) -> SimpleExpr {
        self.known(self.column.clone().lte(value.into()))
    }

    /// Greater than the one value, or equal to it, and less than the other.
    pub fn from_to(&self, from: impl Into<Value>, to: impl Into<Value>) -> SimpleExpr {
        self.known(self.column.clone().gte(from.into()).and(self.column.clone().lt(to.into())))
    }

    /// Without a value, or with one.
    pub fn is_null(&self, yes: bool) -> SimpleExpr {
        if yes { self.column.clone().is_null() } else { self.column.clone().is_not_null() }
    }

    fn known(&self, condition: SimpleExpr) -> SimpleExpr {
        if self.nullable { condition.and(self.column.clone().is_not_null()) } else { condition }
    }

    fn or_null(&self, condition: SimpleExpr) -> SimpleExpr {
        if self.nullable { condition.or(self.column.clone().is_null()) } else { condition }
    }

    fn like(&self, before: &str, text: &str, after: &str) -> SimpleExpr {
        let literal = fold(text).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = LikeExpr::new(format!("{before}{literal}{after}")).escape('\\');
        self.known(self.column.clone().like(pattern))
    }
}

/// Conditions on a text. Upper and lower case count as the same, and so do variants of one letter: `STRASSE` equals `Straße`. All given operators must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct TextFilter {
    /// The whole text is this.
    pub eq: Option<String>,
    /// The whole text is not this.
    pub ne: Option<String>,
    /// The whole text is one of these; an empty list matches nothing.
    pub r#in: Option<Vec<String>>,
    /// The whole text is none of these.
    pub not_in: Option<Vec<String>>,
    /// The text contains this. `%` and `_` have no special meaning.
    pub contains: Option<String>,
    /// The text starts with this.
    pub starts_with: Option<String>,
    /// The text ends with this.
    pub ends_with: Option<String>,
    /// True: there is no text. False: there is one.
    pub is_null: Option<bool>,
}

impl TextFilter {
    /// The condition on a column that holds [folded](fold) text.
    pub fn on(&self, column: &FilterColumn) -> SimpleExpr {
        let folded = |texts: &Vec<String>| texts.iter().map(|text| fold(text)).collect::<Vec<_>>();
        all([
            self.eq.as_ref().map(|text| column.eq(fold(text))),
            self.ne.as_ref().map(|text| column.ne(fold(text))),
            self.r#in.as_ref().map(|texts| column.is_in(folded(texts))),
            self.not_in.as_ref().map(|texts| column.not_in(folded(texts))),
            self.contains.as_ref().map(|text| column.like("%", text, "%")),
            self.starts_with.as_ref().map(|text| column.like("", text, "%")),
            self.ends_with.as_ref().map(|text| column.like("%", text, "")),
            self.is_null.map(|yes| column.is_null(yes)),
        ]
        .into_iter()
        .flatten())
    }
}

/// Conditions on a key, such as a slug or a code. Keys are compared exactly. All given operators must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct KeyFilter {
    /// Equal to this key.
    pub eq: Option<String>,
    /// Not equal to this key.
    pub ne: Option<String>,
    /// One of these keys; an empty list matches nothing.
    pub r#in: Option<Vec<String>>,
    /// None of these keys.
    pub not_in: Option<Vec<String>>,
    /// True: there is no key. False: there is one.
    pub is_null: Option<bool>,
}

impl KeyFilter {
    /// The condition on a column that holds keys.
    pub fn on(&self, column: &FilterColumn) -> SimpleExpr {
        all([
            self.eq.clone().map(|key| column.eq(key)),
            self.ne.clone().map(|key| column.ne(key)),
            self.r#in.clone().map(|keys| column.is_in(keys)),
            self.not_in.clone().map(|keys| column.not_in(keys)),
            self.is_null.map(|yes| column.is_null(yes)),
        ]
        .into_iter()
        .flatten())
    }
}

macro_rules! ordered_filter {
    ($(#[$doc:meta])* $name:ident, $value:ty, $to_column:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, InputObject)]
        pub struct $name {
            /// Equal to this value.
            pub eq: Option<$value>,
            /// Not equal to this value.
            pub ne: Option<$value>,
            /// Greater, or later, than this value.
            pub gt: Option<$value>,
            /// Equal to this value, or greater, or later.
            pub gte: Option<$value>,
            /// Less, or earlier, than this value.
            pub lt: Option<$value>,
            /// Equal to this value, or less, or earlier.
            pub lte: Option<$value>,
            /// True: there is no value. False: there is one.
            pub is_null: Option<bool>,
        }

        impl $name {
            /// The condition on a column of this type.
            pub fn on(&self, column: &FilterColumn) -> SimpleExpr {
                let to_column: fn($value) -> Value = $to_column;
                let compare = |value: Option<$value>, operator: fn(SimpleExpr, Value) -> SimpleExpr| {
                    value.map(|value| column.known(operator(column.column.clone(), to_column(value))))
                };
                all([
                    self.eq.map(|value| column.eq(to_column(value))),
                    self.ne.map(|value| column.ne(to_column(value))),
                    compare(self.gt, |column, value| column.gt(value)),
                    compare(self.gte, |column, value| column.gte(value)),
                    compare(self.lt, |column, value| column.lt(value)),
                    compare(self.lte, |column, value| column.lte(value)),
                    self.is_null.map(|yes| column.is_null(yes)),
                ]
                .into_iter()
                .flatten())
            }
        }
    };
}

ordered_filter!(
    /// Conditions on a number. All given operators must hold.
    NumberFilter,
    Number,
    |number| number.0.into()
);

ordered_filter!(
    /// Conditions on a calendar day. All given operators must hold.
    DateFilter,
    Date,
    |day| day.to_string().into()
);

/// Declares the filter of an enum whose values are stored by their GraphQL names.
#[macro_export]
macro_rules! enum_filter {
    ($(#[$doc:meta])* $name:ident, $value:ty) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, $crate::async_graphql::InputObject)]
        pub struct $name {
            /// Equal to this value.
            pub eq: Option<$value>,
            /// Not equal to this value.
            pub ne: Option<$value>,
            /// One of these values; an empty list matches nothing.
            pub r#in: Option<Vec<$value>>,
            /// None of these values.
            pub not_in: Option<Vec<$value>>,
            /// True: there is no value. False: there is one.
            pub is_null: Option<bool>,
        }

        impl $crate::list::ListValue for $value {
            type Stored = String;
            type Filter = $name;

            fn stored(&self) -> String {
                $crate::list::enum_name(*self)
            }

            fn condition(filter: &$name, column: &$crate::list::FilterColumn) -> $crate::sea_orm::sea_query::SimpleExpr {
                filter.by_name().on(column)
            }

            fn term(
                column: impl $crate::sea_orm::sea_query::IntoIden,
                direction: $crate::list::Direction,
            ) -> $crate::list::OrderTerm {
                static NAMES: std::sync::LazyLock<Vec<&'static str>> =
                    std::sync::LazyLock::new($crate::list::enum_names::<$value>);
                $crate::list::OrderTerm::ranked(column, &NAMES, direction)
            }
        }

        impl $name {
            /// The same conditions on the names of the values.
            pub fn by_name(&self) -> $crate::list::KeyFilter {
                use $crate::list::enum_name as name;
                $crate::list::KeyFilter {
                    eq: self.eq.map(name),
                    ne: self.ne.map(name),
                    r#in: self.r#in.as_ref().map(|values| values.iter().copied().map(name).collect()),
                    not_in: self.not_in.as_ref().map(|values| values.iter().copied().map(name).collect()),
                    is_null: self.is_null,
                }
            }
        }
    };
}

/// The GraphQL names of an enum's values, as it declares them.
pub fn enum_names<E: async_graphql::resolver_utils::EnumType>() -> Vec<&'static str> {
    E::items().iter().map(|item| item.name).collect()
}

/// The GraphQL name of an enum's value, as it is stored: `ENTRY`.
pub fn enum_name<E: async_graphql::resolver_utils::EnumType>(value: E) -> String {
    match async_graphql::resolver_utils::enum_value(value) {
        async_graphql::Value::Enum(name) => name.to_string(),
        other => other.to_string(),
    }
}
