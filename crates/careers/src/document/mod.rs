//! The sections of a career's document, a file each.
mod advancement;
mod article;
mod outlook;
mod page;
mod pay;
mod profile;
mod roles;
mod stories;
mod work;

pub(crate) use advancement::advancement_table;
pub use advancement::{Advancement, AdvancementSection};
pub use article::{Article, ArticleSection, Author, AuthorKind, CallToAction, Domain, Milestone};
pub use outlook::{GrowthPace, Outlook, OutlookDriver, OutlookSection};
pub use page::PageSection;
pub(crate) use page::is_listed;
pub use pay::{CareerStage, GlancePay, Pay, PayBand, PayPercentile, PaySection, PlaceAdjustment, PlaceCode};
pub(crate) use profile::career_table;
pub use profile::{Code, CodeMatch, CodeScheme, Profile, RelatedGuide};
pub use roles::{Duty, Role, RoleLevel, RolesSection, WorkSetting};
pub use stories::{StoriesSection, Story};
pub use work::{Restriction, RestrictionKind, WorkSection, WorkingHours, WorkingPattern};
