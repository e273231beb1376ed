//! The section `skills` of a career's document.
use std::sync::Arc;

use careers::Career;
use kernel::{Slug, Text, enumeration, part, section};

/// Skills that a career asks for, as a section.
#[section(key = "skills")]
pub struct SkillsSection {
    /// Skills that this career asks for, in the order of the guide.
    pub skills: Vec<Arc<Skill>>,
}

/// A skill that a career asks for.
#[part(
    of = Career,
    section = SkillsSection,
    list = "skills",
    about = "The skills of all careers, by name unless `orderBy` is given.",
    sort_by = name,
    owner_filter = "Conditions on the skills that the career asks for.",
)]
pub struct Skill {
    /// The key, unique among the skills of the career.
    pub key: Slug,
    /// The name of the skill.
    #[column(filter, order)]
    pub name: Text,
    /// The level at which it must be mastered.
    #[column(filter, order)]
    pub level: SkillLevel,
}

/// Level at which a skill must be mastered, from the least to the most.
#[enumeration(filter = "Conditions on the level of a skill.")]
pub enum SkillLevel {
    /// Known, with help at hand.
    Basic,
    /// Used without help.
    Proficient,
    /// Taught to others.
    Expert,
}
