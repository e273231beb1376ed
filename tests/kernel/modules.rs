//! Modules: one of each way to write it, lists that can be shorter, and mistakes that are reported at start.
use async_graphql::{InputObject, Object, SimpleObject};
use careers::Career;
use kernel::{
    App, Entry, Kind, QueryRoot, Section, Sections as _, Text,
    document::{CheckedDocument, Findings},
    list::{FilterFields, TableContext, TextFilter, all_given, fold},
    path,
    store::Rows,
};
use sea_orm::{ActiveValue::Set, sea_query::SimpleExpr};
use sea_orm_migration::{MigrationTrait, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::harness::{Folder, TestServer};

/// The section: what the module owns of a career.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "MottoSectionInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MottoSection {
    /// A saying of people in this career.
    motto: Option<Text>,
}

impl Section for MottoSection {
    const NAME: &'static str = "motto";
}

/// The table: by which careers are found.
mod motto {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "motto")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision_id: i64,
        pub motto: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

struct CreateMottos;

impl MigrationName for CreateMottos {
    fn name(&self) -> &'static str {
        "m20261122_000001_mottos"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for CreateMottos {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Alias::new("motto"))
            .col(ColumnDef::new(Alias::new("revision_id")).big_integer().not_null().primary_key())
            .col(ColumnDef::new(Alias::new("motto")).text().not_null())
            .take();
        manager.create_table(table).await
    }
}

/// A computed field on `Career`.
struct CareerShout(Entry);

impl From<&Career> for CareerShout {
    fn from(career: &Career) -> Self {
        Self(career.entry().clone())
    }
}

#[Object]
impl CareerShout {
    /// The motto in capitals.
    async fn shout(&self, ctx: &async_graphql::Context<'_>) -> kernel::Result<Option<String>> {
        Ok(self.0.section::<MottoSection>(ctx).await?.motto.as_ref().map(|motto| motto.to_uppercase()))
    }

    /// A field that always fails.
    async fn failing(&self) -> kernel::Result<Option<String>> {
        Err(kernel::Error::caller("NO_LUCK", "This never works."))
    }
}

/// A root field.
struct MottoQueries;

impl From<&QueryRoot> for MottoQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl MottoQueries {
    /// A greeting.
    async fn greeting(&self) -> &'static str {
        "Onward"
    }
}

/// A condition on careers.
#[derive(InputObject)]
struct MottoConditions {
    /// Conditions on the motto.
    motto: Option<TextFilter>,
}

impl FilterFields for MottoConditions {
    type Of = Career;

    fn condition(&self, rows: &TableContext<'_>) -> kernel::Result<SimpleExpr> {
        let motto = |filter: &TextFilter| rows.has(motto::Entity, motto::Column::Motto, |value| filter.on(value));
        Ok(all_given([self.motto.as_ref().map(motto)]))
    }
}

fn check(guide: &CheckedDocument, findings: &mut Findings) {
    let motto = guide.section::<MottoSection>().and_then(|section| section.motto.as_ref());
    if motto.is_some_and(|motto| motto.len() > 40) {
        findings.warning("long-motto", path!["motto"], "a motto is short");
    }
}

fn project(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows) {
    if let Some(motto) = guide.section::<MottoSection>().and_then(|section| section.motto.as_ref()) {
        rows.insert(motto::ActiveModel { revision_id: Set(entry.revision()), motto: Set(fold(motto)) });
    }
}

fn mottos(app: &mut App) {
    app.migrations(|| vec![Box::new(CreateMottos)]);
    app.section::<Career, MottoSection>();
    app.check::<Career>(check);
    app.project::<Career>(project);
    app.extend::<Career, CareerShout>();
    app.extend::<QueryRoot, MottoQueries>();
    app.filter::<MottoConditions>();
}

#[tokio::test]
async fn a_module_joins_without_touching_another_crate() {
    let server =
        TestServer::with(careerql_server::app().module("mottos", mottos), kernel::Perspective::Published).await;
    let folder = Folder::new();
    folder.career("nurse", "Nurse", "motto: We care\n");
    folder.career("clerk", "Clerk", "");
    server.publish(&[folder.path().to_owned()]).await;

    let answer = server
        .ask(r#"{ greeting careers(filter: {motto: {contains: "CARE"}}) { nodes { title motto shout } } }"#, json!({}))
        .await;

    assert_eq!(
        answer.data,
        json!({ "greeting": "Onward", "careers": { "nodes": [{ "title": "Nurse", "motto": "We care", "shout": "WE CARE" }] } })
    );
    assert_eq!(answer.statements, 2, "the new section is loaded with the others");
}

#[tokio::test]
async fn a_failing_nullable_field_leaves_its_siblings_alone() {
    let server =
        TestServer::with(careerql_server::app().module("mottos", mottos), kernel::Perspective::Published).await;
    let folder = Folder::new();
    folder.career("nurse", "Nurse", "");
    server.publish(&[folder.path().to_owned()]).await;

    let answer = server.ask(r#"{ career(slug: "nurse") { title failing motto } }"#, json!({})).await;

    assert_eq!(answer.data, json!({ "career": { "title": "Nurse", "failing": null, "motto": null } }));
    assert_eq!(answer.codes(), ["NO_LUCK"]);
    assert_eq!(answer.errors[0]["path"], json!(["career", "failing"]));
    assert_eq!(answer.errors[0]["message"], "This never works.");
}

#[test]
fn a_module_that_is_not_in_the_list_leaves_no_type_behind() {
    let (graph, _) = careerql_server::app().build().unwrap();
    let whole = graph.sdl();
    let (graph, _) = App::default()
        .module("sources", sources::module)
        .module("categories", categories::module)
        .module("careers", careers::module)
        .module("faq", faq::module)
        .build()
        .unwrap();
    let less = graph.sdl();

    for name in ["Certification", "certification(", "Training", "AiImpact", "aiVerdict", "IssuerInput"] {
        assert!(!less.contains(name), "{name}");
    }
    for name in ["type Certification ", "trainingPathways(", "aiImpact: AiImpact", "type FaqQuestion implements Node"] {
        assert!(whole.contains(name), "{name}");
    }
    assert!(less.contains("type FaqQuestion implements Node"));
}

#[test]
fn contradictions_are_reported_at_start_with_both_sides() {
    fn rival(app: &mut App) {
        app.section::<Career, MottoSection>();
        app.extend::<QueryRoot, MottoQueries>();
        app.filter::<MottoConditions>();
    }
    let contradictions = |app: App| match app.build() {
        Ok(_) => panic!("it builds"),
        Err(contradictions) => contradictions.0.join("\n"),
    };

    let twice = contradictions(careerql_server::app().module("mottos", mottos).module("rival", rival));
    for expected in [
        "the section `career.motto` belongs to `mottos` and to `rival`",
        "the field `Query.greeting` is added by `mottos` and by `rival`",
        "the field `CareerFilter.motto` is added by `mottos` and by `rival`",
        "the field `Career.motto` is added by `mottos` and by `rival`",
    ] {
        assert!(twice.contains(expected), "{twice}");
    }
    let again = contradictions(careerql_server::app().module("faq", faq::module));
    assert_eq!(again, "the module `faq` is in the list twice");
    let early = contradictions(App::default().module("sources", sources::module).module("faq", faq::module));
    assert!(
        early.contains("`faq` adds the section `faq` to the kind `career`, which no module before it in the list owns"),
        "{early}"
    );
}

/// Serves two careers with skills, by the module of the folder `tests`.
async fn skilled() -> TestServer {
    let app = App::default()
        .module("sources", sources::module)
        .module("categories", categories::module)
        .module("careers", careers::module);
    let server =
        TestServer::with(app.module("sample-skills", sample_skills::module), kernel::Perspective::Published).await;
    let folder = Folder::new();
    let skill = |key: &str, name: &str, level: &str| format!("  - {{key: {key}, name: {name}, level: {level}}}\n");
    let nurse = [skill("care", "Care", "EXPERT"), skill("records", "Records", "BASIC")].concat();
    folder.career("nurse", "Nurse", &format!("skills:\n{nurse}"));
    folder.career("clerk", "Clerk", &format!("skills:\n{}", skill("records", "Filing", "PROFICIENT")));
    server.publish(&[folder.path().to_owned()]).await;
    server
}

#[tokio::test]
async fn a_part_that_is_said_once_has_a_list_a_filter_an_order_and_ids() {
    let server = skilled().await;

    let all = server.ask("{ skills { totalCount nodes { key name level career { slug } } } }", json!({})).await;
    let skill = |key: &str, name: &str, level: &str, career: &str| json!({ "key": key, "name": name, "level": level, "career": { "slug": career } });
    assert_eq!(
        all.data["skills"],
        json!({ "totalCount": 3, "nodes": [
            skill("care", "Care", "EXPERT", "nurse"),
            skill("records", "Filing", "PROFICIENT", "clerk"),
            skill("records", "Records", "BASIC", "nurse"),
        ] })
    );
    assert_eq!(all.statements, 3, "page, total, sections");
    let chosen = r#"{ skills(filter: {name: {contains: "RE"}, level: {in: [BASIC, EXPERT]}, career: {slug: {eq: "nurse"}}}) { nodes { name } } }"#;
    assert_eq!(server.query(chosen).await["skills"]["nodes"], json!([{ "name": "Care" }, { "name": "Records" }]));
    let experts =
        r"{ careers(filter: {skills: {some: {level: {eq: EXPERT}}}}) { nodes { slug skills { id level } } } }";
    let experts = server.query(experts).await;
    assert_eq!(experts["careers"]["nodes"][0]["slug"], "nurse");
    let id = &experts["careers"]["nodes"][0]["skills"][0]["id"];
    let node = server.query(&format!("{{ node(id: {id}) {{ ... on Skill {{ name level }} }} }}")).await;
    assert_eq!(node["node"], json!({ "name": "Care", "level": "EXPERT" }));
}

#[tokio::test]
async fn enums_sort_as_they_are_declared_in_both_directions_and_page_by_page() {
    let server = skilled().await;

    for (direction, levels) in [("ASC", ["BASIC", "PROFICIENT", "EXPERT"]), ("DESC", ["EXPERT", "PROFICIENT", "BASIC"])]
    {
        let (mut after, mut seen) = (String::new(), Vec::new());
        for _ in 0..levels.len() {
            let query = format!(
                "{{ skills(orderBy: [{{level: {direction}}}], first: 1 {after}) {{ nodes {{ level }} pageInfo {{ endCursor hasNextPage }} }} }}"
            );
            let page = server.query(&query).await;
            seen.push(page["skills"]["nodes"][0]["level"].as_str().unwrap().to_owned());
            after = format!("after: {}", page["skills"]["pageInfo"]["endCursor"]);
        }
        assert_eq!(seen, levels, "{direction}");
    }
}

#[tokio::test]
async fn a_key_that_stands_twice_is_found_where_the_part_stands() {
    let server = skilled().await;
    let check = r#"{ checkCareer(document: {slug: "smith", title: "Smith", summary: "Forges.",
        skills: [{key: "a", name: "A", level: BASIC}, {key: "a", name: "B", level: BASIC}]}) { rule path } }"#;
    let answer = server.ask(check, json!({})).await;
    assert_eq!(answer.data["checkCareer"], json!([{ "rule": "duplicate-key", "path": "skills[1].key" }]), "{answer:?}");
}

/// The module of the folder `tests` is what ARCHITECTURE.md promises: few lines, few files, two entries elsewhere.
#[test]
fn a_module_with_a_list_takes_few_lines_in_few_files() {
    fn files(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut found = Vec::new();
    files(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/skills"), &mut found);
    let lines: usize = found.iter().map(|file| file.lines().count()).sum();
    assert!(found.len() <= 5 && lines <= 120, "{lines} lines in {} files", found.len());
}
