//! What an occupation usually asks of those who begin in it, in the words of the Employment Projections.
use async_graphql::Enum;
use serde::{Deserialize, Serialize};

macro_rules! assignment {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $label:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$value_doc])* $value,)*
        }

        impl $name {
            /// The labels of the values in the files.
            pub(crate) const LABELS: &'static [&'static str] = &[$($label),*];

            /// The value with this label.
            pub(crate) fn labelled(label: &str) -> Option<Self> {
                match label {
                    $($label => Some(Self::$value),)*
                    _ => None,
                }
            }
        }
    };
}

assignment! {
    /// Education that people typically need to enter an occupation, from the least to the most.
    EntryEducation {
        /// No formal educational credential.
        NoFormalCredential = "No formal educational credential",
        /// A high school diploma or its equivalent.
        HighSchoolDiploma = "High school diploma or equivalent",
        /// Some college, without a degree.
        SomeCollege = "Some college, no degree",
        /// A postsecondary award that is not a degree.
        PostsecondaryNondegreeAward = "Postsecondary nondegree award",
        /// An associate's degree.
        AssociateDegree = "Associate's degree",
        /// A bachelor's degree.
        BachelorDegree = "Bachelor's degree",
        /// A master's degree.
        MasterDegree = "Master's degree",
        /// A doctoral or professional degree.
        DoctoralOrProfessionalDegree = "Doctoral or professional degree",
    }
}

assignment! {
    /// Work experience in a related occupation that employers commonly ask for.
    RelatedExperience {
        /// None.
        NoExperience = "None",
        /// Less than five years.
        LessThanFiveYears = "Less than 5 years",
        /// Five years or more.
        FiveYearsOrMore = "5 years or more",
    }
}

assignment! {
    /// Training on the job that people typically need, once employed, to become competent.
    OnTheJobTraining {
        /// None.
        NoTraining = "None",
        /// A month or less.
        ShortTerm = "Short-term on-the-job training",
        /// More than a month, up to a year.
        ModerateTerm = "Moderate-term on-the-job training",
        /// More than a year.
        LongTerm = "Long-term on-the-job training",
        /// An apprenticeship.
        Apprenticeship = "Apprenticeship",
        /// An internship or a residency.
        InternshipOrResidency = "Internship/residency",
    }
}

impl EntryEducation {
    /// Its place among all, from the least to the most.
    pub(crate) fn rank(self) -> f64 {
        f64::from(self as u8)
    }
}

kernel::enum_filter!(
    /// Conditions on the education that people typically need to enter an occupation. All given operators must hold.
    EntryEducationFilter,
    EntryEducation
);
