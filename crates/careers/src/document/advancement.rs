//! The section `advancement`: the moves from one role to another, within the career and out of it.
use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, OutputType};
use kernel::{Entry, Error, Link, Result, RichText, Sections as _, Slug, Text, global_id, part, section};

use crate::{Career, Role, document::RolesSection};

/// The moves that people make next, as a section.
#[section(key = "advancement")]
pub struct AdvancementSection {
    /// The moves that people make next, from each role. `Role.advancesTo` and `Role.advancesFrom` walk them as a graph.
    pub advancement: Vec<Arc<Advancement>>,
    /// Summary of what carries people along these moves.
    pub advancement_summary: Option<RichText>,
}

/// A move from a role to another: within the career, or into another career.
#[part(
    of = Career,
    section = AdvancementSection,
    list = "advancements",
    about = "The moves of all careers from one role to another, by the name of the goal unless `orderBy` is given.",
    sort_by = title,
    own_fields,
)]
#[column(from_role: String = Advancement::start)]
#[column(to_role: Option<String> = Advancement::target)]
pub struct Advancement {
    /// The key, unique among the moves of the career.
    pub key: Slug,
    /// The key of the role that the move starts from.
    #[graphql(skip_output)]
    pub from: Slug,
    /// The name of the role that the move leads to.
    #[column(filter = "Conditions on the name of the goal.", order = "By the name of the goal.")]
    pub title: Text,
    /// The key of the role that the move leads to, in this career or, with `toCareer`, in that one.
    #[graphql(skip_output)]
    pub to: Option<Slug>,
    /// The other career that the move leads into; null for a move within this career, and while that career is not loaded.
    #[column(
        filter = "Conditions on the slug of the career that the move leads into; null for a move within a career."
    )]
    pub to_career: Option<Link<Career>>,
    /// Requirements and results of the move.
    pub description: RichText,
    /// The title of a guide that says more about the goal.
    pub guide: Option<Text>,
}

#[ComplexObject]
impl Advancement {
    /// The global id: opaque, the same in every database and after every import.
    async fn id(&self) -> ID {
        global_id(<Self as OutputType>::type_name(), &self.owner.entry().part_key(&self.key))
    }

    /// The role that the move starts from.
    async fn from(&self, ctx: &Context<'_>) -> Result<Arc<Role>> {
        let lost = || Error::internal(format!("the move `{}` starts from an unknown role", &*self.key));
        role(ctx, self.owner.entry(), &self.from).await?.ok_or_else(lost)
    }

    /// The role that the move leads to; null if it is not described in a guide that is loaded.
    async fn to(&self, ctx: &Context<'_>) -> Result<Option<Arc<Role>>> {
        let Some(key) = &self.to else { return Ok(None) };
        match &self.to_career {
            None => role(ctx, self.owner.entry(), key).await,
            Some(link) => match link.resolve(ctx).await? {
                Some(career) => role(ctx, kernel::Kind::entry(&career), key).await,
                None => Ok(None),
            },
        }
    }

    /// The slug of the other career, whether it is loaded or not; null for a move within this career.
    async fn to_career_slug(&self) -> Option<&str> {
        self.to_career.as_ref().map(Link::slug)
    }

    /// True if the move leads out of this career.
    async fn leaves_career(&self) -> bool {
        self.to_career.is_some()
    }
}

async fn role(ctx: &Context<'_>, entry: &Entry, key: &str) -> Result<Option<Arc<Role>>> {
    Ok(entry.section::<RolesSection>(ctx).await?.role(key).cloned())
}

impl Advancement {
    /// The natural key of the role that the move starts from.
    fn start(&self, entry: &Entry) -> String {
        entry.part_key(&self.from)
    }

    /// The natural key of the role that the move leads to, whether it is loaded or not.
    fn target(&self, entry: &Entry) -> Option<String> {
        let career = self.to_career.as_ref().map_or(entry.slug(), Link::slug);
        self.to.as_ref().map(|role| format!("{career}/{}", &**role))
    }
}
