//! Modules: a sixth one from inside this crate, and a list that can be shorter.
use async_graphql::{InputObject, Object, SimpleObject};
use careers::Career;
use kernel::{
    App, Entry, Kind, QueryRoot, Section, Sections as _, Text,
    document::{Findings, Guide},
    list::{FilterFields, RowsOf, TextFilter, all_given, fold},
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
    /// What people in this career like to say.
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

    fn condition(&self, rows: &RowsOf<'_>) -> kernel::Result<SimpleExpr> {
        let motto = |filter: &TextFilter| rows.has(motto::Entity, motto::Column::Motto, |value| filter.on(value));
        Ok(all_given([self.motto.as_ref().map(motto)]))
    }
}

fn check(guide: &Guide, findings: &mut Findings) {
    let motto = guide.section::<MottoSection>().and_then(|section| section.motto.as_ref());
    if motto.is_some_and(|motto| motto.len() > 40) {
        findings.warning("long-motto", path!["motto"], "a motto is short");
    }
}

fn project(guide: &Guide, entry: &Entry, rows: &mut Rows) {
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
async fn a_sixth_module_joins_without_touching_another_crate() {
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
