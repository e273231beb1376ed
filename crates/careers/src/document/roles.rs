//! The section `roles`: the roles of a career, their duties, and the places where people work.
use std::sync::Arc;

use async_graphql::ComplexObject;
use kernel::{RichText, Slug, Text, enumeration, object, part, section};

use crate::Career;

/// The roles of a career and where they are worked in, as a section.
#[section(key = "roles", complex)]
pub struct RolesSection {
    /// The roles that people have in this career.
    #[graphql(skip_output)]
    pub roles: Vec<Arc<Role>>,
    /// The kinds of employers, and what marks work there.
    pub work_settings: Vec<WorkSetting>,
}

#[ComplexObject]
impl RolesSection {
    /// The roles that people have in this career, in the order of the guide.
    async fn roles(
        &self,
        #[graphql(desc = "Only roles of these levels; all roles if omitted.")] levels: Option<Vec<RoleLevel>>,
    ) -> Vec<Arc<Role>> {
        self.of_levels(levels.as_deref()).cloned().collect()
    }

    /// The duties of all roles together; `Role.duties` has them by role.
    async fn duties(
        &self,
        #[graphql(desc = "Only duties of roles of these levels; of all roles if omitted.")] levels: Option<
            Vec<RoleLevel>,
        >,
    ) -> Vec<&Duty> {
        self.of_levels(levels.as_deref()).flat_map(|role| &role.duties).collect()
    }
}

impl RolesSection {
    /// The role with this key.
    pub fn role(&self, key: &str) -> Option<&Arc<Role>> {
        self.roles.iter().find(|role| *role.key == *key)
    }

    fn of_levels(&self, levels: Option<&[RoleLevel]>) -> impl Iterator<Item = &Arc<Role>> {
        let admitted = move |role: &&Arc<Role>| {
            levels.is_none_or(|levels| role.level.is_some_and(|level| levels.contains(&level)))
        };
        self.roles.iter().filter(admitted)
    }
}

/// A role that people have in a career.
#[part(
    of = Career,
    section = RolesSection,
    list = "roles",
    about = "The roles of all careers, by title unless `orderBy` is given.",
    sort_by = title,
    owner_filter = "Conditions on the roles.",
    open,
)]
pub struct Role {
    /// The key, unique among the roles of the career.
    pub key: Slug,
    /// The name of the role.
    #[column(filter = "Conditions on the title.", order = "By title.")]
    pub title: Text,
    /// Level of the role within the career; null if the guide does not say.
    #[column(filter = "Conditions on the level.")]
    pub level: Option<RoleLevel>,
    /// The role in a sentence or two.
    pub summary: Option<RichText>,
    /// Duties of people in the role.
    pub duties: Vec<Duty>,
}

/// Level of a role within a career.
#[enumeration(filter = "Conditions on the level of a role.")]
pub enum RoleLevel {
    /// Open to beginners.
    Entry,
    /// For people with experience or further training.
    Mid,
    /// Leading others or whole systems.
    Senior,
}

/// Something that people in a role do.
#[object]
pub struct Duty {
    /// Its name.
    pub title: Text,
    /// Content of the duty.
    pub description: RichText,
}

/// A kind of employer.
#[object]
pub struct WorkSetting {
    /// Its name.
    pub title: Text,
    /// Characteristics of work there.
    pub description: RichText,
    /// Employers of this kind, by name.
    pub examples: Vec<Text>,
}
