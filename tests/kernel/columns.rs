//! Columns of lists: each filter field and each order field of the schema reads its own column.
//!
//! A module that adds such a field adds its values to [`DOCUMENTS`] and a row to [`FILTERS`] or [`ORDERS`].
mod fixtures;

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use datasets::SyncOptions;

use self::fixtures::{CODES, DOCUMENTS, FILES};
use crate::{
    data::sample::{options, synced},
    harness::{Folder, TestServer},
};

/// Fields of every list of entries, which read no column of a module: `tests/store/dates.rs` is about them.
const DATES: [&str; 4] = ["firstPublishedAt", "publishedAt", "updatedAt", "version"];

/// Fields that read tables of data sets, and no column of a document: `tests/data` is about them.
const OF_DATA_SETS: [&str; 12] = [
    "CareerFilter.wage",
    "CareerOrder.wage",
    "OccupationFilter.entryEducation",
    "OccupationFilter.exposure",
    "OccupationFilter.projectedGrowth",
    "OccupationFilter.projectedOpenings",
    "OccupationFilter.wage",
    "OccupationOrder.entryEducation",
    "OccupationOrder.exposure",
    "OccupationOrder.projectedGrowth",
    "OccupationOrder.projectedOpenings",
    "OccupationOrder.wage",
];

/// The filter fields: a condition on each, and the keys of the fixtures that meet it.
const FILTERS: &[(&str, &str, &str)] = &[
    ("AdvancementFilter.career", r#"{slug: {eq: "b"}}"#, "b"),
    ("AdvancementFilter.title", r#"{endsWith: "er"}"#, "c"),
    ("AdvancementFilter.toCareer", r#"{in: ["a", "b"]}"#, "a c"),
    ("AiTaskFilter.career", "{growth: {gt: 0}}", "a b"),
    ("AiTaskFilter.handledBy", "{eq: AI}", "a c"),
    ("AiTaskFilter.maxEffect", "{gt: 0}", "a"),
    ("AiTaskFilter.minEffect", "{lt: -30}", "a b"),
    ("AiTaskFilter.title", r#"{startsWith: "q"}"#, "b"),
    ("CareerFilter.aiTasks", "{some: {handledBy: {eq: HUMAN}}}", "b"),
    ("CareerFilter.aiVerdict", "{in: [REDUCED, UNAFFECTED]}", "b c"),
    ("CareerFilter.category", r#"{eq: "b"}"#, "a"),
    ("CareerFilter.certifications", r#"{some: {slug: {in: ["a", "b"]}}}"#, "b c"),
    ("CareerFilter.code", r#"{in: ["47-2021", "51-4121"]}"#, "a c"),
    ("CareerFilter.entryRoutes", "{some: {route: {eq: APPRENTICESHIP}}}", "b"),
    ("CareerFilter.growth", "{lt: 5}", "b c"),
    ("CareerFilter.licences", r#"{some: {place: {eq: "US-CA"}, need: {eq: REQUIRED}}}"#, "a"),
    ("CareerFilter.maxWeeklyHours", "{lte: 48}", "a c"),
    ("CareerFilter.medianPay", "{gte: 55000}", "a c"),
    ("CareerFilter.minWeeklyHours", "{gt: 25}", "a b"),
    ("CareerFilter.publishedOn", r#"{lt: "2021-01-01"}"#, "c"),
    ("CareerFilter.roles", r#"{some: {title: {contains: "er"}, level: {ne: MID}}}"#, "a b"),
    ("CareerFilter.slug", r#"{eq: "b"}"#, "b"),
    ("CareerFilter.tag", r#"{eq: "noon"}"#, "a b"),
    ("CareerFilter.title", r#"{contains: "o"}"#, "a b"),
    ("CareerFilter.trainingPathways", "{some: {maxMonths: {lte: 24}}}", "b c"),
    ("CategoryFilter.careers", r#"{some: {slug: {eq: "a"}}}"#, "b"),
    ("CategoryFilter.children", r#"{some: {slug: {eq: "c"}}}"#, "b"),
    ("CategoryFilter.parents", r#"{some: {title: {eq: "yards"}}}"#, "b"),
    ("CategoryFilter.position", "{gte: 2}", "a b"),
    ("CategoryFilter.slug", r#"{in: ["a", "c"]}"#, "a c"),
    ("CategoryFilter.title", r#"{startsWith: "z"}"#, "c"),
    ("CertificationFilter.abbreviation", r#"{in: ["nx", "tx"]}"#, "a c"),
    ("CertificationFilter.careers", r#"{some: {slug: {eq: "a"}}}"#, "c"),
    ("CertificationFilter.issuer", r#"{endsWith: "cil"}"#, "a"),
    ("CertificationFilter.level", "{eq: MANAGER}", "b"),
    ("CertificationFilter.slug", r#"{in: ["a", "b"]}"#, "a b"),
    ("CertificationFilter.title", r#"{startsWith: "reg"}"#, "b"),
    ("DatasetFilter.publisher", r#"{startsWith: "b"}"#, "b"),
    ("DatasetFilter.slug", r#"{in: ["a", "c"]}"#, "a c"),
    ("DatasetFilter.title", r#"{endsWith: "counts"}"#, "a b"),
    ("EntryRouteFilter.career", r#"{slug: {eq: "a"}}"#, "a"),
    ("EntryRouteFilter.route", "{in: [STUDY, WORK]}", "a c"),
    ("EntryRouteFilter.title", r#"{startsWith: "col"}"#, "b"),
    ("FaqQuestionFilter.answer", r#"{contains: "start early"}"#, "c"),
    ("FaqQuestionFilter.career", r#"{title: {eq: "cook"}}"#, "b"),
    ("FaqQuestionFilter.question", r#"{contains: "start early"}"#, "a"),
    ("FaqQuestionFilter.text", r#"{contains: "start early"}"#, "a c"),
    ("LicenceFilter.career", r#"{slug: {in: ["a", "c"]}}"#, "a c"),
    ("LicenceFilter.need", "{ne: REQUIRED}", "b"),
    ("LicenceFilter.place", r#"{in: ["GB", "US-WA"]}"#, "b c"),
    ("LicenceFilter.title", r#"{startsWith: "perm"}"#, "c"),
    ("OccupationFilter.ability", "{gte: 3}", "c"),
    ("OccupationFilter.anyTitle", r#"{contains: "ma"}"#, "b c"),
    ("OccupationFilter.code", r#"{eq: "35-2014.00"}"#, "b"),
    ("OccupationFilter.group", r#"{in: ["47-0000", "47-2000", "51-4120"]}"#, "a c"),
    ("OccupationFilter.interest", "{gte: 5}", "a c"),
    ("OccupationFilter.jobZone", "{gte: 3}", "a b"),
    ("OccupationFilter.knowledge", r#"{name: {eq: "computers"}, gte: 3}"#, "b c"),
    ("OccupationFilter.skill", "{gte: 3}", "a c"),
    ("OccupationFilter.socCode", r#"{ne: "51-4121"}"#, "a b"),
    ("OccupationFilter.software", r#"{name: {startsWith: "c"}, hot: true}"#, "b"),
    ("OccupationFilter.title", r#"{contains: "ma"}"#, "b"),
    ("OccupationFilter.workActivity", "{gte: 3}", "b"),
    ("OccupationFilter.workStyle", "{gte: 1.7}", "a"),
    ("OccupationFilter.workValue", "{gte: 5}", "b"),
    ("PlaceFilter.code", r#"{in: ["US", "10420"]}"#, "b c"),
    ("PlaceFilter.kind", "{in: [NATION, STATE]}", "a c"),
    ("PlaceFilter.name", r#"{contains: "ron"}"#, "b"),
    ("PlaceFilter.state", r#"{eq: "US-OH"}"#, "b"),
    ("RoleFilter.career", r#"{tag: {eq: "dusk"}}"#, "c"),
    ("RoleFilter.level", "{in: [ENTRY, MID]}", "a c"),
    ("RoleFilter.title", r#"{startsWith: "h"}"#, "b"),
    ("SourceFilter.publisher", r#"{contains: "second"}"#, "c"),
    ("SourceFilter.slug", r#"{eq: "a"}"#, "a"),
    ("SourceFilter.title", r#"{startsWith: "z"}"#, "b"),
    ("TrainingPathwayFilter.career", "{medianPay: {lt: 60000}}", "b c"),
    ("TrainingPathwayFilter.credential", "{in: [CERTIFICATE, MASTER]}", "a b"),
    ("TrainingPathwayFilter.maxCost", "{gt: 1500}", "a b"),
    ("TrainingPathwayFilter.maxMonths", "{lte: 24}", "b c"),
    ("TrainingPathwayFilter.minCost", "{lt: 250}", "a c"),
    ("TrainingPathwayFilter.minMonths", "{gte: 9}", "c"),
    ("TrainingPathwayFilter.title", r#"{contains: "workshop"}"#, "b"),
];

/// The order fields, and the keys of the fixtures in ascending order.
const ORDERS: &[(&str, &str)] = &[
    ("AdvancementOrder.title", "b a c"),
    ("AiTaskOrder.maxEffect", "c b a"),
    ("AiTaskOrder.minEffect", "b a c"),
    ("AiTaskOrder.title", "c a b"),
    ("CareerOrder.growth", "c b a"),
    ("CareerOrder.medianPay", "b c a"),
    ("CareerOrder.publishedOn", "c a b"),
    ("CareerOrder.slug", "a b c"),
    ("CareerOrder.title", "b a c"),
    ("CategoryOrder.position", "c b a"),
    ("CategoryOrder.slug", "a b c"),
    ("CategoryOrder.title", "b a c"),
    ("CertificationOrder.abbreviation", "b a c"),
    ("CertificationOrder.issuer", "c b a"),
    ("CertificationOrder.slug", "a b c"),
    ("CertificationOrder.title", "c a b"),
    ("DatasetOrder.publisher", "c b a"),
    ("DatasetOrder.slug", "a b c"),
    ("DatasetOrder.title", "c a b"),
    ("EntryRouteOrder.title", "b c a"),
    ("FaqQuestionOrder.question", "c a b"),
    ("LicenceOrder.title", "c b a"),
    ("OccupationOrder.code", "b a c"),
    ("OccupationOrder.jobZone", "c a b"),
    ("OccupationOrder.skill", "b c a"),
    ("OccupationOrder.title", "c b a"),
    ("PlaceOrder.code", "b c a"),
    ("PlaceOrder.kind", "c a b"),
    ("PlaceOrder.name", "b a c"),
    ("RoleOrder.title", "c b a"),
    ("SourceOrder.publisher", "b c a"),
    ("SourceOrder.slug", "a b c"),
    ("SourceOrder.title", "c a b"),
    ("TrainingPathwayOrder.maxCost", "c b a"),
    ("TrainingPathwayOrder.maxMonths", "b c a"),
    ("TrainingPathwayOrder.minCost", "c a b"),
    ("TrainingPathwayOrder.minMonths", "b a c"),
    ("TrainingPathwayOrder.title", "a c b"),
];

/// Arguments of order fields beside the direction.
const ARGUMENTS: &[(&str, &str)] = &[("OccupationOrder.skill", r#"elementId: "2.A.1.a""#)];

/// Filters and orders of a schema.
#[derive(Default)]
struct Inputs {
    /// Types of the fields, by names such as `CareerFilter.growth`.
    fields: BTreeMap<String, String>,
    /// Root fields by the types of their arguments: `careers` by `CareerFilter` and by `CareerOrder`.
    lists: BTreeMap<String, String>,
}

impl Inputs {
    /// Reads the schema of the binary. A filter of nodes has the field `and`, which the filters of scalars and enums lack; an
    /// order takes one of its fields, of which some are directions.
    fn of_the_schema() -> Self {
        let (graph, _) = careerql_server::app().build().unwrap();
        let mut inputs = Self::default();
        for definition in parse_schema(graph.sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node;
            match definition.node.kind {
                TypeKind::InputObject(input) => {
                    let fields = input.fields.into_iter().map(|field| field.node);
                    let fields: Vec<_> =
                        fields.map(|field| (field.name.node.to_string(), field.ty.node.to_string())).collect();
                    let is_filter = fields.iter().any(|(field, ty)| field == "and" && *ty == format!("[{name}!]"));
                    let is_one_of =
                        definition.node.directives.iter().any(|directive| directive.node.name.node == "oneOf");
                    if is_filter || is_one_of && fields.iter().any(|(_, ty)| ty == "OrderDirection") {
                        let own = fields.into_iter().filter(|(field, _)| !["and", "or", "not"].contains(&&**field));
                        inputs.fields.extend(own.map(|(field, ty)| (format!("{name}.{field}"), ty)));
                    }
                }
                TypeKind::Object(object) if name == "Query" => {
                    for field in object.fields.into_iter().map(|field| field.node) {
                        let types = field.arguments.iter().map(|argument| argument.node.ty.node.to_string());
                        let types = types.map(|ty| ty.trim_matches(['[', ']', '!']).to_owned());
                        inputs.lists.extend(types.map(|ty| (ty, field.name.node.to_string())));
                    }
                }
                _ => {}
            }
        }
        inputs
    }

    /// Keys of the nodes that the root field with an argument of the type `input` answers, in its order.
    async fn keys(&self, server: &TestServer, input: &str, argument: &str) -> Vec<String> {
        let list = self.lists.get(input).unwrap_or_else(|| panic!("no root field has an argument of the type {input}"));
        let of = input.trim_end_matches("Filter").trim_end_matches("Order");
        let known = ["slug", "code"].into_iter().find(|key| self.fields.contains_key(&format!("{of}Filter.{key}")));
        let key = known.filter(|_| of != "Career").or(Some("slug").filter(|_| of == "Career")).unwrap_or("key");
        let data = server.query(&format!("{{ {list}({argument}) {{ nodes {{ key: {key} }} }} }}")).await;
        let nodes = data[list]["nodes"].as_array().unwrap();
        let fixture =
            |key: &str| CODES.iter().find(|(code, _)| *code == key).map_or(key, |(_, fixture)| fixture).to_owned();
        let keys = nodes.iter().map(|node| fixture(node["key"].as_str().unwrap()));
        // The data sets of the files are no fixtures.
        keys.filter(|key| key.len() == 1).collect()
    }

    /// Keys of the nodes that meet a condition on a field of this filter, by alphabet.
    async fn meeting(&self, server: &TestServer, filter: &str, field: &str, condition: &str) -> String {
        let mut keys = self.keys(server, filter, &format!("filter: {{{field}: {condition}}}")).await;
        keys.sort();
        keys.join(" ")
    }
}

/// Serves the fixtures.
async fn fixtures() -> TestServer {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    for index in 0..3 {
        for (number, document) in fixture(DOCUMENTS, index).split("---\n").enumerate() {
            folder.file(&format!("documents/{index}/{number}.yaml"), document);
        }
    }
    server.publish(&[folder.path().join("documents")]).await;
    for (dataset, name, header, row) in FILES {
        let rows: String = (0..3).map(|index| fixture(row, index)).collect();
        folder.file(&format!("{dataset}/{name}"), &format!("{header}{}", if row.is_empty() { "" } else { &rows }));
    }
    for dataset in FILES.iter().map(|(dataset, ..)| *dataset).collect::<BTreeSet<_>>() {
        // No file of the crosswalks that are here tells their release.
        let edition = Some("2025".to_owned()).filter(|_| dataset == "soc-crosswalks");
        let options = SyncOptions { dataset: dataset.to_owned(), edition, ..options(folder.path().join(dataset)) };
        synced(&server, options).await;
    }
    server
}

/// The values of a fixture in a text.
fn fixture(text: &str, index: usize) -> String {
    let mut parts = text.split('<');
    let mut filled = parts.next().unwrap().to_owned();
    for part in parts {
        let (values, rest) = part.split_once('>').unwrap();
        filled += values.split('|').nth(index).unwrap();
        filled += rest;
    }
    filled
}

#[test]
fn every_filter_field_and_every_order_field_has_a_row() {
    let inputs = Inputs::of_the_schema();
    let is_date = |field: &str| field.split_once('.').is_some_and(|(_, name)| DATES.contains(&name));
    let is_of_a_document = |field: &&str| !is_date(field) && !OF_DATA_SETS.contains(field);
    let fields: BTreeSet<_> = inputs.fields.keys().map(String::as_str).filter(is_of_a_document).collect();
    let filters = FILTERS.iter().map(|(field, ..)| *field);
    let rows: BTreeSet<_> = filters.chain(ORDERS.iter().map(|(field, _)| *field)).collect();

    let without_row: Vec<_> = fields.difference(&rows).collect();
    let without_field: Vec<_> = rows.difference(&fields).collect();

    assert!(without_row.is_empty(), "fields of the schema without a row in FILTERS or ORDERS: {without_row:?}");
    assert!(without_field.is_empty(), "rows of FILTERS and ORDERS without a field in the schema: {without_field:?}");
}

#[tokio::test]
async fn every_filter_field_reads_its_column() {
    let (server, inputs) = (fixtures().await, Inputs::of_the_schema());
    let mut wrong = Vec::new();
    for (name, condition, expected) in FILTERS {
        let (filter, field) = name.split_once('.').unwrap();
        assert!((1..3).contains(&expected.split(' ').count()), "{name}: {condition} tells no fixtures apart");

        let met = inputs.meeting(&server, filter, field, condition).await;
        if met != *expected {
            wrong.push(format!("{name}: {condition} is met by {met:?}, not by {expected:?}"));
        }

        // If another field of the type were met by the same fixtures, nothing would show that the two read each other's column.
        for (other, ty) in &inputs.fields {
            let Some(other) = other.strip_prefix(filter).and_then(|other| other.strip_prefix('.')) else { continue };
            if other != field && inputs.fields.get(*name) == Some(ty) {
                let met = inputs.meeting(&server, filter, other, condition).await;
                if met == *expected {
                    wrong.push(format!("{name}: {condition} is met by the same fixtures on `{other}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn every_order_field_reads_its_column() {
    let (server, inputs) = (fixtures().await, Inputs::of_the_schema());
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for (name, expected) in ORDERS {
        let (order, field) = name.split_once('.').unwrap();
        assert!(field == "slug" || *expected != "a b c", "{name} cannot be told from the order of the keys");
        assert!(seen.insert((order, expected)), "{name} cannot be told from another field of {order}");

        let more = ARGUMENTS.iter().find(|(known, _)| known == name).map(|(_, more)| more);
        let by = |direction| match more {
            None => format!("orderBy: {{{field}: {direction}}}"),
            Some(more) => format!("orderBy: {{{field}: {{{more}, direction: {direction}}}}}"),
        };
        let ascending = inputs.keys(&server, order, &by("ASC")).await;
        let mut descending = inputs.keys(&server, order, &by("DESC")).await;
        descending.reverse();

        for (direction, keys) in [("ascending", ascending), ("descending, read backwards", descending)] {
            let keys = keys.join(" ");
            if keys != *expected {
                wrong.push(format!("{name}, {direction}: {keys:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
