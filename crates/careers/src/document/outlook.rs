//! The section `outlook`: how many will be needed.
use kernel::{RichText, Text, enumeration, object, section};
use sources::{Count, Percent};

/// Future development of demand and pay, as a section.
#[section(key = "outlook")]
pub struct OutlookSection {
    /// Future need for people in the career.
    pub outlook: Option<Outlook>,
}

/// Future need for people in a career.
#[object]
pub struct Outlook {
    /// The outlook in a few sentences.
    pub summary: Option<RichText>,
    /// By how much employment changes over the whole projection.
    pub growth: Percent,
    /// The year the projection starts from, if known.
    pub from_year: Option<i32>,
    /// The year the projection ends with.
    pub through_year: i32,
    /// The change compared with all occupations; null if the guide does not say.
    pub pace: Option<GrowthPace>,
    /// Number of jobs that come open, from growth and from people who leave.
    pub openings: Option<Count>,
    /// Drivers of the change.
    pub drivers: Vec<OutlookDriver>,
}

/// A change of employment compared with the average of all occupations, in the words of the U.S. Bureau of Labor Statistics.
#[enumeration]
pub enum GrowthPace {
    /// Much faster than the average.
    MuchFasterThanAverage,
    /// Faster than the average.
    FasterThanAverage,
    /// About as fast as the average.
    AsFastAsAverage,
    /// Slower than the average.
    SlowerThanAverage,
    /// Little or no change.
    LittleOrNoChange,
    /// A decline.
    Decline,
}

/// Something that drives the need for people.
#[object]
pub struct OutlookDriver {
    /// Its name.
    pub title: Text,
    /// Explanation of how it works.
    pub description: Option<RichText>,
}
