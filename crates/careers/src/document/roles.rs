//! The section `roles`: the roles of a career, their duties, and the places where people work.
use std::sync::Arc;

use async_graphql::{ComplexObject, Enum, InputObject, SimpleObject};
use kernel::{Entry, Owner, RichText, Section, Slug, Text};
use serde::{Deserialize, Serialize};

/// The roles of a career and where they are worked in, as a section.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(complex, input_name = "RolesSectionInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RolesSection {
    /// The roles that people have in this career.
    #[graphql(default, skip_output)]
    #[serde(default)]
    pub roles: Vec<Arc<Role>>,
    /// The kinds of employers, and what marks work there.
    #[graphql(default)]
    #[serde(default)]
    pub work_settings: Vec<WorkSetting>,
}

impl Section for RolesSection {
    const NAME: &'static str = "roles";

    fn bind(&mut self, entry: &Entry) {
        for role in &mut self.roles {
            Arc::make_mut(role).owner = entry.into();
        }
    }
}

#[ComplexObject]
impl RolesSection {
    /// The roles that people have in this career, in the order of the guide.
    async fn roles(
        &self,
        #[graphql(desc = "Only roles of these levels; all roles where it is not given.")] levels: Option<
            Vec<RoleLevel>,
        >,
    ) -> Vec<Arc<Role>> {
        self.of_levels(levels.as_deref()).cloned().collect()
    }

    /// The duties of all roles together; `Role.duties` has them by role.
    async fn duties(
        &self,
        #[graphql(desc = "Only duties of roles of these levels; of all roles where it is not given.")] levels: Option<
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
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(complex, input_name = "RoleInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Role {
    /// The entry that it belongs to.
    #[graphql(skip)]
    #[serde(skip)]
    pub(crate) owner: Owner,
    /// The key, unique among the roles of the career.
    pub key: Slug,
    /// The name of the role.
    pub title: Text,
    /// Level of the role within the career; null where the guide does not say.
    pub level: Option<RoleLevel>,
    /// The role in a sentence or two.
    pub summary: Option<RichText>,
    /// Duties of people in the role.
    #[graphql(default)]
    #[serde(default)]
    pub duties: Vec<Duty>,
}

kernel::open!(Role);

/// Level of a role within a career.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RoleLevel {
    /// Open to beginners.
    Entry,
    /// For people with experience or further training.
    Mid,
    /// Leading others or whole systems.
    Senior,
}

kernel::enum_filter!(
    /// Conditions on the level of a role.
    RoleLevelFilter,
    RoleLevel
);

/// Something that people in a role do.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "DutyInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Duty {
    /// Its name.
    pub title: Text,
    /// Content of the duty.
    pub description: RichText,
}

/// A kind of employer.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "WorkSettingInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkSetting {
    /// Its name.
    pub title: Text,
    /// Characteristics of work there.
    pub description: RichText,
    /// Employers of this kind, by name.
    #[graphql(default)]
    #[serde(default)]
    pub examples: Vec<Text>,
}
