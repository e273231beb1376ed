//! The pages of the benchmark as plain objects, filled from the answers of the server.
use async_graphql::{EmptyMutation, EmptySubscription, ID, Object, Schema, SimpleObject};
use serde::Deserialize;

use crate::Result;

/// Structs that are answers and objects at once.
macro_rules! objects {
    ($($name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            #[derive(Deserialize, SimpleObject)]
            #[serde(rename_all = "camelCase")]
            struct $name { $($(#[$attribute])* $field: $type,)* }
        )*
    };
}

objects! {
    RichText { markdown: String, }
    Part { title: String, description: RichText, }
    Source { title: String, publisher: String, }
    Key { key: String, }
    // The career page.
    Career {
        id: ID,
        slug: String,
        title: String,
        alternate_titles: Vec<String>,
        summary: RichText,
        codes: Vec<Code>,
        tags: Vec<String>,
        related_guides: Vec<RelatedGuide>,
        article: Article,
        roles: Vec<Role>,
        work_settings: Vec<Part>,
        pay: Pay,
        salary_bands: Vec<SalaryBand>,
        outlook: Outlook,
        advancement: Vec<Advancement>,
        advancement_summary: RichText,
        training: Training,
        certifications: Vec<Recommended>,
        ai_impact: AiImpact,
        faq: Vec<Question>,
    }
    Code {
        scheme: String,
        version: String,
        code: String,
        #[serde(rename = "match")]
        #[graphql(name = "match")]
        fit: String,
        title: String,
    }
    RelatedGuide { title: String, career_slug: String, }
    Article {
        headline: String,
        description: RichText,
        published_on: String,
        category_slug: String,
        author: Author,
        key_takeaways: Vec<RichText>,
        explanation: RichText,
        domains: Vec<Part>,
        milestones: Vec<Milestone>,
        conclusion: RichText,
    }
    Author { name: String, kind: String, }
    Milestone { year: i32, title: String, description: RichText, }
    Role { key: String, title: String, level: String, summary: RichText, duties: Vec<Part>, }
    Pay {
        summary: RichText,
        median: Option<CitedMoney>,
        percentiles: Vec<Percentile>,
        adjustments: Vec<Adjustment>,
    }
    CitedMoney { amount: i64, currency: String, period: String, as_of: String, source: Source, }
    Percentile { percentile: i32, pay: Money, }
    Money { amount: i64, currency: String, }
    Adjustment { title: String, places: Vec<String>, change: ChangeInfo, reason: RichText, }
    ChangeInfo { low: i64, high: i64, }
    SalaryBand { role: Key, stage: String, range: MoneyRange, }
    MoneyRange { low: i64, high: i64, currency: String, }
    Outlook {
        summary: RichText,
        growth: Percent,
        through_year: i32,
        pace: String,
        openings: Count,
        drivers: Vec<Part>,
    }
    Percent { percent: i64, as_of: String, source: Source, }
    Count { count: i64, period: String, }
    Advancement { title: String, from: Key, to: Option<Key>, to_career_slug: Option<String>, description: RichText, }
    Training { summary: RichText, pathways: Vec<Pathway>, recommended_path: Path, }
    Pathway {
        key: String,
        title: String,
        credential: String,
        duration: DurationRange,
        cost: MoneyRange,
        formats: Vec<String>,
        covers: Vec<String>,
        suits: RichText,
    }
    DurationRange { low: String, high: String, }
    Path { audience: String, steps: Vec<Part>, leads_to: RichText, }
    Recommended { why: RichText, when: RichText, certification: Certification, }
    Certification { slug: String, title: String, abbreviation: String, issuer: Issuer, level: String, }
    Issuer { name: String, }
    AiImpact { verdict: String, summary: RichText, bottom_line: RichText, tasks: Vec<Task>, }
    Task { key: String, title: String, handled_by: String, description: RichText, effect: Option<Effect>, }
    Effect { measure: String, change: ChangeInfo, }
    Question { key: String, question: String, answer: RichText, }
    // The list page.
    Connection { nodes: Vec<Card>, page_info: PageInfo, }
    PageInfo { has_next_page: bool, end_cursor: String, }
    Card {
        slug: String,
        title: String,
        summary: RichText,
        roles: Vec<RoleCard>,
        pay: PayCard,
        outlook: OutlookCard,
        training: TrainingCard,
        certifications: Vec<CertificationCard>,
    }
    RoleCard { key: String, title: String, level: String, duties: Vec<Duty>, }
    Duty { title: String, }
    PayCard { median: Option<MedianCard>, }
    MedianCard { amount: i64, currency: String, as_of: String, }
    OutlookCard { growth: Growth, pace: String, }
    Growth { percent: i64, }
    TrainingCard { pathways: Vec<PathwayCard>, }
    PathwayCard { title: String, credential: String, }
    CertificationCard { certification: CertificationName, }
    CertificationName { slug: String, title: String, abbreviation: String, issuer: Issuer, }
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Page {
    career: Career,
}

#[derive(Deserialize)]
struct List {
    careers: Connection,
}

/// The root of the queries.
pub(super) struct Query {
    page: Page,
    list: List,
}

#[Object]
impl Query {
    /// The career of the page, whatever its slug.
    async fn career(&self, _slug: String) -> Option<&Career> {
        Some(&self.page.career)
    }

    /// The careers of the list.
    async fn careers(&self, _first: i32, _after: Option<String>) -> &Connection {
        &self.list.careers
    }
}

/// The schema of the pages.
pub(super) type Pages = Schema<Query, EmptyMutation, EmptySubscription>;

/// The schema over the answers to the page's and the list's queries.
pub(super) fn schema(page: &[u8], list: &[u8]) -> Result<Pages> {
    let page: Answer<Page> = serde_json::from_slice(page)?;
    let list: Answer<List> = serde_json::from_slice(list)?;
    let query = Query { page: page.data, list: list.data };
    Ok(Schema::build(query, EmptyMutation, EmptySubscription).finish())
}
