//! The section `work`: when people work, what stands in the way of it, and where jobs are offered.
use kernel::{RichText, Text, enumeration, object, section};
use pages::LinkTemplate;
use sources::HoursRange;

/// Conditions of the work, and links to jobs, as a section.
#[section(key = "work")]
pub struct WorkSection {
    /// Working hours of people in the career.
    pub working_hours: Option<WorkingHours>,
    /// Restrictions on who may do the work.
    pub restrictions: Vec<Restriction>,
    /// Templates of links to jobs that are offered now; `Career.jobLinks` answers the links.
    #[graphql(skip_output)]
    pub job_links: Vec<LinkTemplate>,
}

/// Working hours, and their pattern.
#[object]
pub struct WorkingHours {
    /// The hours of a usual week.
    pub per_week: Option<HoursRange>,
    /// Times and ways of work that people should expect; empty if the guide does not say.
    pub pattern: Vec<WorkingPattern>,
    /// The hours in a few words, such as who works at night.
    pub description: Option<RichText>,
}

/// A time or a way of work that people should expect.
#[enumeration]
pub enum WorkingPattern {
    /// By day, from Monday to Friday.
    Daytime,
    /// In the evening.
    Evenings,
    /// At night.
    Nights,
    /// On Saturdays or Sundays.
    Weekends,
    /// On public holidays, called bank holidays in the United Kingdom.
    PublicHolidays,
    /// In shifts or on a rota.
    Shifts,
    /// On call.
    OnCall,
    /// At hours that people choose themselves.
    Flexible,
    /// In a part of the year only.
    Seasonal,
    /// At home, or elsewhere without a place at the employer's.
    Remote,
    /// Away from home, for days at a time.
    AwayFromHome,
}

/// A restriction on who may do the work.
#[object]
pub struct Restriction {
    /// Kind of the restriction.
    pub kind: RestrictionKind,
    /// The restriction in a line, such as `Enhanced background check`.
    pub title: Text,
    /// The least age in years, if it is about age.
    pub minimum_age: Option<i32>,
    /// Reason for the restriction, and the way to meet it.
    pub description: Option<RichText>,
}

/// Kind of a restriction.
#[enumeration]
pub enum RestrictionKind {
    /// A least age.
    Age,
    /// A check of the person's past, such as of criminal records.
    BackgroundCheck,
    /// A citizenship, a residence or the right to work in a country.
    Citizenship,
    /// A licence to drive or to operate a vehicle.
    DrivingLicence,
    /// Health or fitness, such as eyesight.
    Health,
    /// A clearance for what is secret.
    SecurityClearance,
    /// Another one, which the title names.
    Other,
}
