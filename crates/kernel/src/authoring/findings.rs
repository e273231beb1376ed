//! `findings`: what the check says of what is visible, for one entry and for all.
use std::sync::Arc;

use async_graphql::{
    ComplexObject, Context, Object, ServerResult, SimpleObject,
    connection::{Edge, EmptyFields, PageInfo},
    resolver_utils::ContainerType as _,
};
use document::{Document, Finding, LinkTo, Severity, read_stored, scalar::is_slug};
use futures_util::future::{BoxFuture, try_join_all};
use serde_json::Value;
use store::{Below, ContentModel, documents, visible_entries, visible_entries_back};

use super::{payload::kind_of, publish::EntryFinding};
use crate::{
    CacheLifetime, Entry, Error, Result, Scope, apart,
    input::{FindingObject, broken_links, hierarchy_loops},
    list::page_size,
    open::EntryKind,
    request::{BatchKey, BatchValues, Request, request},
    root::QueryRoot,
};

/// Weight of the check of a whole document in the cost of a query.
pub(crate) const EXAMINED: u64 = 100;

/// Maximum number of documents that one request examines for the list of findings.
const MAX_EXAMINED: usize = 1_000;
/// Number of findings of an entry that were told when all of them were.
const ALL: usize = usize::MAX;
/// Number of documents that are examined at once.
const BATCH: usize = 50;

/// Question for what the check finds in a revision by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Examined {
    kind: &'static str,
    slug: String,
    revision: i64,
}

/// Findings in a document, and what depends on others.
struct Examination {
    findings: Vec<Finding>,
    links: Vec<LinkTo>,
    fields: Value,
    /// The size of the document.
    bytes: usize,
}

impl BatchKey for Examined {
    type Answer = Arc<Examination>;

    fn lifetime(&self) -> CacheLifetime {
        CacheLifetime::Revision
    }

    fn weight(&self, found: Option<&Arc<Examination>>) -> usize {
        // A rough figure: a document as JSON values, and its links with their paths.
        found.map_or(0, |found| 200 * (found.findings.len() + found.links.len()) + 4 * found.bytes)
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let asked: Vec<_> = keys.iter().map(|key| (key.kind, key.slug.as_str(), key.revision)).collect();
            let mut documents = documents(request.db(), request.content(), &asked).await?;
            let mut answers = BatchValues::default();
            for key in keys {
                let Some(document) = documents.remove(&key.revision) else { continue };
                let content = request.content().clone();
                // Each by itself: whoever no longer waits has the next one left alone.
                answers.insert(key, Arc::new(apart(move || examination(&content, &document)).await?));
            }
            Ok(answers)
        })
    }
}

fn examination(content: &ContentModel, document: &Document) -> Result<Examination> {
    let (guide, findings) = read_stored(content, document)?;
    let links = guide.map(|guide| guide.links).unwrap_or_default();
    let bytes = document.sections.iter().map(|(_, body)| body.len()).sum();
    Ok(Examination { findings, links, fields: Value::Object(document.fields()?), bytes })
}

/// Which findings are asked for.
struct Wanted<'a> {
    severity: Option<Severity>,
    rule: Option<&'a str>,
}

impl Wanted<'_> {
    fn admits(&self, finding: &Finding) -> bool {
        self.severity.is_none_or(|severity| finding.severity == severity)
            && self.rule.is_none_or(|rule| finding.rule == rule)
    }
}

/// Reports what is wrong in a document on the day it is read, by the fields of the document: what depends on other entries, or on
/// the date.
pub type CheckWhenRead = for<'a> fn(&'a Context<'a>, &'a Value) -> BoxFuture<'a, Result<Vec<Finding>>>;

/// The rules that are looked at when a document is read.
#[derive(Default)]
pub(crate) struct ChecksWhenRead(pub(crate) Vec<CheckWhenRead>);

/// Findings of a revision today, in the perspective of the request.
async fn examine(ctx: &Context<'_>, asked: Examined, wanted: &Wanted<'_>) -> Result<Vec<Finding>> {
    let loaders = request(ctx);
    let (kind, slug) = (asked.kind, asked.slug.clone());
    let Some(found) = loaders.load(asked).await? else { return Ok(Vec::new()) };
    loaders.charge(found.bytes)?;
    // A document may have hundreds of links, and a request a hundred documents.
    loaders.give_way().await;
    let mut findings = found.findings.clone();
    findings.extend(broken_links(loaders, found.links.clone()).await?);
    findings.extend(hierarchy_loops(loaders, (kind, &slug), None).await?);
    for check in &loaders.catalog().of::<ChecksWhenRead>().0 {
        findings.extend(check(ctx, &found.fields).await?);
    }
    findings.retain(|finding| wanted.admits(finding));
    Ok(findings)
}

/// Findings of the check for an entry.
pub(crate) struct EntryFindings(Examined);

/// Resolves a field of [`EntryFindings`].
pub(crate) fn findings_of<'a>(
    entry: Entry,
    ctx: &'a Context<'a>,
) -> BoxFuture<'a, ServerResult<Option<async_graphql::Value>>> {
    let examined = Examined { kind: entry.kind(), slug: entry.slug().to_owned(), revision: entry.revision() };
    let findings = EntryFindings(examined);
    Box::pin(async move { findings.resolve_field(ctx).await })
}

/// Findings of the check for an entry.
#[Object]
impl EntryFindings {
    /// Findings of the check for what is shown here, by the current rules (`rules`): also for links that lead to nothing visible, and
    /// for figures whose source has a newer release by now.
    async fn findings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only findings of this severity.")] severity: Option<Severity>,
        #[graphql(desc = "Only findings of the rule with this id.")] rule: Option<String>,
    ) -> Result<Option<Vec<FindingObject>>> {
        let wanted = Wanted { severity, rule: rule.as_deref() };
        let findings = examine(ctx, self.0.clone(), &wanted).await?;
        Ok(Some(findings.into_iter().map(|finding| FindingObject::new(self.0.kind, finding)).collect()))
    }
}

/// Queries about the findings of all entries.
#[derive(Default)]
pub(crate) struct FindingQueries;

impl From<&QueryRoot> for FindingQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl FindingQueries {
    /// Findings of the check for all that is visible in the perspective of the request, in the order of kinds and slugs. One request
    /// examines at most 1,000 documents: a page may be short, even empty, without being the last; its `endCursor` says where the next
    /// one begins. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a field of the schema")]
    async fn findings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only findings of this severity.")] severity: Option<Severity>,
        #[graphql(desc = "Only findings of the rule with this id.")] rule: Option<String>,
        #[graphql(desc = "Only entries of these kinds.")] kinds: Option<Vec<EntryKind>>,
        #[graphql(
            desc = "The size of the page, taken from the start (or after `after`): 0 to 100 unless the server is set up otherwise; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only objects after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only objects before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Option<FindingsPage>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::ReadDrafts)?;
        let (size, is_backwards) = page_size(first, last, loaders.max_page())?;
        let all = || loaders.content().kinds().map(|kind| kind.name);
        let kinds: Vec<_> = match &kinds {
            Some(kinds) => kinds.iter().filter_map(|kind| kind_of(loaders.content(), kind)).collect(),
            None => all().collect(),
        };
        let (after, before) =
            (FindingPlace::parse("after", after.as_deref())?, FindingPlace::parse("before", before.as_deref())?);
        let (is_after, is_before) = (after.is_some(), before.is_some());
        let wanted = Wanted { severity, rule: rule.as_deref() };
        let kinds = all().filter(|kind| kinds.contains(kind)).collect();
        let (mut edges, rest) = if is_backwards {
            let until = after.unwrap_or_default();
            FindingsOf { wanted, size, until: Some(until), at: before.unwrap_or_else(FindingPlace::end) }
                .back(ctx, kinds)
                .await?
        } else {
            FindingsOf { wanted, size, until: before, at: after.unwrap_or_default() }.edges(ctx, kinds).await?
        };
        if is_backwards {
            edges.reverse();
        }
        let cursor = |edge: Option<&FindingEdge>| edge.map(|edge| edge.cursor.clone());
        let (start, end, goes_on) = (cursor(edges.first()), cursor(edges.last()), rest.is_some());
        let rest = rest.map(|place| place.cursor());
        let page_info = if is_backwards {
            let start_cursor = rest.or(start);
            PageInfo { has_previous_page: goes_on, has_next_page: is_before, start_cursor, end_cursor: end }
        } else {
            let end_cursor = rest.or(end);
            PageInfo { has_previous_page: is_after, has_next_page: goes_on, start_cursor: start, end_cursor }
        };
        Ok(Some(FindingsPage { edges, page_info }))
    }
}

type FindingEdge = Edge<String, EntryFinding, EmptyFields>;

/// A page of findings. It goes on where the walk stopped, also where that found nothing.
#[derive(SimpleObject)]
#[graphql(name = "EntryFindingConnection", complex)]
pub(crate) struct FindingsPage {
    edges: Vec<FindingEdge>,
    page_info: PageInfo,
}

#[ComplexObject]
impl FindingsPage {
    async fn nodes(&self) -> Vec<&EntryFinding> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
}

/// A place among the findings: a kind, a slug, and how many findings of that entry were told.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct FindingPlace {
    kind: String,
    slug: String,
    told: usize,
}

impl FindingPlace {
    fn cursor(&self) -> String {
        let Self { kind, slug, told } = self;
        if *told == ALL { format!("{kind}/{slug}/all") } else { format!("{kind}/{slug}/{told}") }
    }

    /// The place after the last finding.
    fn end() -> Self {
        Self { kind: char::MAX.to_string(), slug: char::MAX.to_string(), told: ALL }
    }

    fn parse(argument: &str, cursor: Option<&str>) -> Result<Option<Self>> {
        let Some(cursor) = cursor else { return Ok(None) };
        let mut parts = cursor.split('/');
        let told = |told: &str| if told == "all" { Ok(ALL) } else { told.parse() };
        let parsed = match (parts.next(), parts.next(), parts.next().map(told), parts.next()) {
            (Some(kind), Some(slug), Some(Ok(told)), None) if slug.is_empty() || is_slug(slug) => {
                Some(Self { kind: kind.to_owned(), slug: slug.to_owned(), told })
            }
            _ => None,
        };
        parsed.map(Some).ok_or_else(|| {
            let message = format!(
                "`{argument}` is not a cursor of this list: `{cursor}`. Use the `endCursor` or `startCursor` of a page."
            );
            Error::caller("BAD_CURSOR", message)
        })
    }
}

struct FindingsOf<'a> {
    wanted: Wanted<'a>,
    size: usize,
    at: FindingPlace,
    /// The place at which it ends, where that is not the end of the list.
    until: Option<FindingPlace>,
}

impl FindingsOf<'_> {
    /// The findings of the page, and where to go on, where there may be more.
    async fn edges(
        mut self,
        ctx: &Context<'_>,
        kinds: Vec<&'static str>,
    ) -> Result<(Vec<FindingEdge>, Option<FindingPlace>)> {
        let (mut edges, mut examined) = (Vec::new(), 0);
        let from = self.at.kind.clone();
        for kind in kinds.into_iter().filter(|kind| **kind >= *from) {
            if kind != self.at.kind {
                self.at = FindingPlace { kind: kind.to_owned(), ..FindingPlace::default() };
            }
            loop {
                let batch = self.batch(ctx, kind).await?;
                if batch.is_empty() {
                    break;
                }
                let asked = batch.iter().map(|entry| examine(ctx, entry.clone(), &self.wanted));
                let found = try_join_all(asked).await?;
                for (entry, findings) in batch.into_iter().zip(found) {
                    let told = if entry.slug == self.at.slug { self.at.told } else { 0 };
                    for (number, finding) in findings.into_iter().enumerate().skip(told) {
                        let mut place = FindingPlace { kind: kind.to_owned(), slug: entry.slug.clone(), told: number };
                        if edges.len() == self.size {
                            return Ok((edges, Some(place)));
                        }
                        place.told += 1;
                        if self.until.as_ref().is_some_and(|until| place >= *until) {
                            return Ok((edges, None));
                        }
                        let finding = EntryFinding::new(&(kind, entry.slug.clone()), finding);
                        edges.push(Edge::new(place.cursor(), finding));
                    }
                    self.at = FindingPlace { kind: kind.to_owned(), slug: entry.slug, told: ALL };
                    examined += 1;
                }
                if examined >= MAX_EXAMINED {
                    return Ok((edges, Some(self.at)));
                }
            }
        }
        Ok((edges, None))
    }

    /// The findings of the page from the last one on, and where to go on, where there may be more before.
    async fn back(
        mut self,
        ctx: &Context<'_>,
        kinds: Vec<&'static str>,
    ) -> Result<(Vec<FindingEdge>, Option<FindingPlace>)> {
        let (mut edges, mut examined) = (Vec::new(), 0);
        let (from, until) = (self.at.clone(), self.until.take().unwrap_or_default());
        for kind in kinds.into_iter().rev().filter(|kind| **kind <= *from.kind) {
            // The entry at the place has findings before it.
            let mut below = if kind == from.kind { Below::Or(from.slug.clone()) } else { Below::End };
            loop {
                let loaders = request(ctx);
                let entries = visible_entries_back(loaders.database(), loaders.perspective(), kind, &below).await?;
                if entries.is_empty() {
                    break;
                }
                let batch: Vec<_> =
                    entries.into_iter().take(BATCH).map(|(slug, revision)| Examined { kind, slug, revision }).collect();
                let asked = batch.iter().map(|entry| examine(ctx, entry.clone(), &self.wanted));
                let found = try_join_all(asked).await?;
                for (entry, findings) in batch.into_iter().zip(found) {
                    below = Below::Only(entry.slug.clone());
                    for (number, finding) in findings.into_iter().enumerate().rev() {
                        let place = FindingPlace { kind: kind.to_owned(), slug: entry.slug.clone(), told: number + 1 };
                        if place >= from {
                            continue;
                        }
                        if place <= until {
                            return Ok((edges, None));
                        }
                        if edges.len() == self.size {
                            return Ok((edges, Some(FindingPlace { told: number + 2, ..place })));
                        }
                        let finding = EntryFinding::new(&(kind, entry.slug.clone()), finding);
                        edges.push(Edge::new(place.cursor(), finding));
                    }
                    examined += 1;
                }
                if examined >= MAX_EXAMINED {
                    let Below::Only(slug) = below else { break };
                    return Ok((edges, Some(FindingPlace { kind: kind.to_owned(), slug, told: 0 })));
                }
            }
        }
        Ok((edges, None))
    }

    /// The next entries of the kind, the one at the place among them as long as it is not told to its end.
    async fn batch(&self, ctx: &Context<'_>, kind: &'static str) -> Result<Vec<Examined>> {
        let loaders = request(ctx);
        let entries = visible_entries(loaders.database(), loaders.perspective(), kind, &self.at.slug).await?;
        let here = self.at.told != ALL;
        let after = entries.into_iter().filter(|(slug, _)| here || *slug != self.at.slug);
        Ok(after.take(BATCH).map(|(slug, revision)| Examined { kind, slug, revision }).collect())
    }
}
