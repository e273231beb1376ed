//! Live links of a career: the variables of their templates, and `Career.jobLinks`.
use async_graphql::{Context, Object};
use kernel::{
    Entry, Kind as _, Result, Sections as _,
    document::{Findings, Path},
};
use pages::{LinkTemplate, LinkValues, LiveLink};

use crate::{
    Career,
    document::{CodeScheme, Profile, WorkSection},
};

/// Variables of the templates of a career's live links.
const VARIABLES: [&str; 8] = ["title", "slug", "place", "soc", "onetSoc", "cip", "isco", "esco"];

/// Checks templates of live links of a career, at this list. Rule `link-template`.
pub fn check_links(templates: &[LinkTemplate], list: &Path, findings: &mut Findings) {
    for (index, template) in templates.iter().enumerate() {
        template.check(&VARIABLES, &list.then(index), findings);
    }
}

/// Live links of a career, by their templates.
pub async fn live_links(ctx: &Context<'_>, entry: &Entry, templates: &[LinkTemplate]) -> Result<Vec<LiveLink>> {
    if templates.is_empty() {
        return Ok(Vec::new());
    }
    let profile = entry.section::<Profile>(ctx).await?;
    let own = [("title", profile.title.to_string()), ("slug", entry.slug().to_owned())];
    let mut values: LinkValues = own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for code in &profile.codes {
        values.entry(variable(code.scheme).to_owned()).or_insert_with(|| code.code.clone());
    }
    Ok(LiveLink::of(templates, values))
}

/// The variable that stands for a code in this classification.
fn variable(scheme: CodeScheme) -> &'static str {
    match scheme {
        CodeScheme::Soc => "soc",
        CodeScheme::OnetSoc => "onetSoc",
        CodeScheme::Cip => "cip",
        CodeScheme::Isco => "isco",
        CodeScheme::Esco => "esco",
    }
}

pub(crate) struct CareerJobs(Entry);

impl From<&Career> for CareerJobs {
    fn from(career: &Career) -> Self {
        Self(career.entry().clone())
    }
}

#[Object]
impl CareerJobs {
    /// Links to jobs that are offered now.
    async fn job_links(&self, ctx: &Context<'_>) -> Result<Vec<LiveLink>> {
        live_links(ctx, &self.0, &self.0.section::<WorkSection>(ctx).await?.job_links).await
    }
}
