//! Skills, software and tasks of occupations, as O*NET rates and lists them, in both layouts of its files.
use std::{
    fs,
    path::{Path, PathBuf},
};

use datasets::SyncOptions;
use serde_json::{Value, json};

use super::sample::{options, refused, synced};
use crate::harness::{Folder, TestServer};

const DEVELOPERS: &str = "15-1252.00";

/// The files of a layout, `text` or `csv`.
fn layout(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/samples/skills").join(name)
}

fn onet(path: PathBuf) -> SyncOptions {
    SyncOptions { dataset: "onet".to_owned(), ..options(path) }
}

/// A server with the files of a layout.
async fn server(name: &str) -> TestServer {
    let server = TestServer::empty().await;
    synced(&server, onet(layout(name))).await;
    server
}

/// Answers fields of the software developers.
async fn developers(server: &TestServer, fields: &str) -> Value {
    let data = server.query(&format!("{{ occupation(code: \"{DEVELOPERS}\") {{ {fields} }} }}")).await;
    data["occupation"].clone()
}

/// The files of a layout in a folder of their own, one of them changed.
fn changed(folder: &Folder, name: &str, file: &str, change: impl Fn(&str) -> String) -> PathBuf {
    for entry in fs::read_dir(layout(name)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let path = folder.path().join(file);
    fs::write(&path, change(&fs::read_to_string(&path).unwrap())).unwrap();
    folder.path().to_owned()
}

/// Change of the text of a file.
type Change<'a> = &'a dyn Fn(&str) -> String;

#[tokio::test]
async fn skills_come_by_importance_with_what_the_publisher_marks() {
    let server = server("text").await;

    let all = developers(
        &server,
        "skills { totalCount nodes { kind element { elementId name description } importance { value n standardError lowerBound \
         upperBound recommendSuppress notRelevant date source scale { code name minimum maximum } } level { value n notRelevant } \
         dataset { release } } }",
    )
    .await;

    assert_eq!(all["skills"]["totalCount"], 3);
    let nodes = all["skills"]["nodes"].as_array().unwrap();
    let names: Vec<_> = nodes.iter().map(|node| node["element"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Programming", "Reading", "Judging"]);
    assert_eq!(
        nodes[1],
        json!({
            "kind": "ESSENTIAL",
            "element": { "elementId": "2.A.1.a", "name": "Reading", "description": "Understanding what is written." },
            "importance": {
                "value": 3.5, "n": 8, "standardError": 0.25, "lowerBound": 3.01, "upperBound": 3.99, "recommendSuppress": false,
                "notRelevant": null, "date": "2023-08", "source": "Analyst",
                "scale": { "code": "IM", "name": "Importance", "minimum": 1, "maximum": 5 },
            },
            "level": { "value": 4, "n": 8, "notRelevant": false },
            "dataset": { "release": "30.1" },
        })
    );
    assert_eq!(nodes[2]["importance"]["recommendSuppress"], true);
    assert_eq!(nodes[2]["importance"]["lowerBound"], Value::Null);
    assert_eq!(nodes[2]["level"], json!({ "value": 0, "n": null, "notRelevant": true }));
    let page =
        developers(&server, "skills(kind: TRANSFERABLE, first: 1) { totalCount nodes { element { name } } }").await;
    assert_eq!(page["skills"], json!({ "totalCount": 2, "nodes": [{ "element": { "name": "Programming" } }] }));
}

#[tokio::test]
async fn both_layouts_tell_the_same() {
    let fields = "skills { nodes { kind element { elementId name } importance { value n recommendSuppress } level { value notRelevant } } } \
                  knowledge { nodes { element { name } importance { value source } level { value recommendSuppress } } } \
                  workStyles { nodes { element { name } impact { value date } distinctiveness { value } } } \
                  interests { element { name } rating { value scale { name } } highPoint } \
                  interestHighPoints { rank place { name } element { name } rating { value } } \
                  abilities { totalCount } workActivities { totalCount } workContext { totalCount } workValues { highPoint } \
                  software { nodes { name isHot isInDemand } } \
                  tasks { nodes { taskId statement type incumbentsResponding date source ratings { scale } \
                  activities { date source detailed { title } intermediate { title } generalized { activityId title } } } } \
                  emergingTasks { nodes { statement category originalTaskId originalStatement date source } }";
    let (text, csv) = (server("text").await, server("csv").await);

    let (before, after) = (developers(&text, fields).await, developers(&csv, fields).await);

    assert_eq!(before, after);
    assert_eq!(
        before["interests"],
        json!([
            { "element": { "name": "Investigative" }, "rating": { "value": 6.05, "scale": { "name": "Occupational Interests" } }, "highPoint": 1 },
            { "element": { "name": "Realistic" }, "rating": { "value": 3.61, "scale": { "name": "Occupational Interests" } }, "highPoint": null },
        ])
    );
    assert_eq!(
        before["interestHighPoints"],
        json!([
            { "rank": 1, "place": { "name": "First Interest High-Point" }, "element": { "name": "Investigative" }, "rating": { "value": 2 } },
            { "rank": 2, "place": { "name": "Second Interest High-Point" }, "element": null, "rating": { "value": 0 } },
        ])
    );
    let styles: Vec<_> =
        before["workStyles"]["nodes"].as_array().unwrap().iter().map(|style| &style["impact"]["value"]).collect();
    assert_eq!(styles, [&json!(2.67), &json!(2.51)]);
    assert_eq!(before["knowledge"]["nodes"][0]["level"], json!({ "value": 5.5, "recommendSuppress": null }));
    let activity = json!([{
        "date": "2014-03", "source": "Analyst", "detailed": { "title": "Read plans." }, "intermediate": { "title": "Read papers." },
        "generalized": { "activityId": "4.A.1.a.1", "title": "Getting Facts" },
    }]);
    assert_eq!(before["tasks"]["nodes"][0]["activities"], activity);
    let third = &before["tasks"]["nodes"][2];
    assert_eq!([&third["type"], &third["incumbentsResponding"]], [&Value::Null, &Value::Null]);
    assert_eq!(before["emergingTasks"]["nodes"][1]["originalTaskId"], 101);
}

#[tokio::test]
async fn three_languages_are_three() {
    let server = server("csv").await;

    let all = developers(
        &server,
        "software { nodes { name isInDemand category { name elementId commodityCode element { name } } } }",
    )
    .await;
    let names: Vec<_> =
        all["software"]["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["C#", "C", "C++"]);
    let category = json!({ "name": "Development software", "elementId": "2.E.9.d", "commodityCode": null, "element": { "name": "Development software" } });
    assert_eq!(all["software"]["nodes"][0]["category"], category);
    let quoted = server
        .query(r#"{ occupation(code: "29-2072.00") { software { nodes { name } } skills { totalCount } } }"#)
        .await;
    assert_eq!(
        quoted["occupation"],
        json!({ "software": { "nodes": [{ "name": "Ledger \"Plus\"" }] }, "skills": { "totalCount": 0 } })
    );

    for (name, more, expected) in
        [("C", "", 1), ("C", ", inDemand: true", 0), ("c#", ", inDemand: true, hot: true", 1), ("C%", "", 0)]
    {
        let query = format!(
            "{{ occupations(filter: {{ software: {{ name: {{ eq: \"{name}\" }}{more} }} }}) {{ totalCount }} }}"
        );
        assert_eq!(server.query(&query).await["occupations"]["totalCount"], expected, "{query}");
    }
}

#[tokio::test]
async fn tools_and_commodities_are_those_of_older_releases() {
    let tools = "{ occupation(code: \"29-2072.00\") { tools { nodes { name category { name commodityCode \
                 commodity { code title class { title } family { title } segment { code title } } } } } } }";

    let old = server("text").await.query(tools).await;
    let commodity = json!({
        "code": "43212110", "title": "Label printer", "class": { "title": "Printers" }, "family": { "title": "Computers" },
        "segment": { "code": "43000000", "title": "Information technology" },
    });
    let category = json!({ "name": "Label printer", "commodityCode": "43212110", "commodity": commodity });
    assert_eq!(old["occupation"]["tools"], json!({ "nodes": [{ "name": "Label printers", "category": category }] }));
    let new = server("csv").await.query(tools).await;
    assert_eq!(new["occupation"]["tools"], json!({ "nodes": [] }));
}

#[tokio::test]
async fn filters_leave_out_what_should_not_be_shown() {
    let server = server("csv").await;
    let cases = [
        (r#"skill: {elementId: {eq: "2.B.3.e"}, gte: 4.25}"#, 1),
        (r#"skill: {elementId: {eq: "2.B.3.e"}, gte: 4.26}"#, 0),
        (r#"skill: {name: {eq: "programming"}, scale: LEVEL, gte: 5, lte: 5.5}"#, 1),
        (r#"skill: {name: {eq: "judging"}}"#, 0),
        (r#"skill: {name: {eq: "judging"}, scale: LEVEL}"#, 0),
        (r#"knowledge: {name: {startsWith: "comp"}, gte: 4}"#, 1),
        (r#"knowledge: {elementId: {eq: "2.B.3.e"}}"#, 0),
        (r#"workStyle: {elementId: {eq: "1.D.1.a"}, scale: DISTINCTIVENESS, gte: 1, lte: 3}"#, 1),
        (r#"workStyle: {elementId: {eq: "1.D.2.a"}, gte: 2.7}"#, 0),
        (r#"interest: {name: {eq: "investigative"}, gte: 6}"#, 1),
        ("ability: {gte: 0}", 0),
        ("workActivity: {gte: 0}", 0),
        ("workValue: {gte: 0}", 0),
    ];
    for (filter, expected) in cases {
        let found = server.query(&format!("{{ occupations(filter: {{ {filter} }}) {{ totalCount }} }}")).await;
        assert_eq!(found["occupations"]["totalCount"], expected, "{filter}");
    }
    let order = r#"{ occupations(orderBy: [{skill: {elementId: "2.A.1.a", direction: ASC}}]) { nodes { code } } }"#;
    let ordered = server.query(order).await;
    assert_eq!(ordered["occupations"]["nodes"], json!([{ "code": DEVELOPERS }, { "code": "29-2072.00" }]));
}

#[tokio::test]
async fn what_an_occupation_asks_for_takes_two_statements() {
    let server = server("csv").await;
    let query = format!(
        "{{ occupation(code: \"{DEVELOPERS}\") {{ title skills {{ nodes {{ element {{ name }} importance {{ value scale {{ name }} }} }} }} \
         knowledge {{ nodes {{ element {{ name }} }} }} workStyles {{ nodes {{ element {{ name }} }} }} interests {{ highPoint }} \
         software {{ nodes {{ name }} }} tasks {{ nodes {{ statement activities {{ detailed {{ title }} }} }} }} }} }}"
    );
    assert_eq!(server.ask(&query, json!({})).await.statements, 2);
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let cut = |text: &str| text[..text.len() - 20].to_owned();
    let cases: [(&str, &str, Change<'_>, &str); 8] = [
        (
            "text",
            "Skills.txt",
            &cut,
            "Skills.txt:7:1: error[malformed-row] the line has 10 fields, and the first line names 13",
        ),
        (
            "text",
            "Skills.txt",
            &|text| text.replacen("2.A.1.a", "2.A.1.z", 1),
            "Skills.txt:2:2: error[unknown-element] column `Element ID`: `2.A.1.z` is not among the elements",
        ),
        (
            "csv",
            "transferable_skills.csv",
            &|text| text.replacen("2.B.3.e", "2.C.3.a", 1),
            "transferable_skills.csv:2:3: error[unknown-element] column `Element ID`: `2.C.3.a` is not below 2.A or 2.B",
        ),
        (
            "csv",
            "knowledge.csv",
            &|text| text.replacen("15-1252.00", "15-1299.99", 1),
            "knowledge.csv:2:1: error[unknown-code] `15-1299.99` is not among the occupations",
        ),
        (
            "csv",
            "work_styles.csv",
            &|text| text.replacen(",DR,", ",XX,", 1),
            "work_styles.csv:2:5: error[unknown-scale] column `Scale ID`: `XX` is not among the scales",
        ),
        ("text", "Knowledge.txt", &|text| text.replacen("4.60", "NaN", 1), "Knowledge.txt:2:5: error[malformed-value]"),
        (
            "csv",
            "task_statements.csv",
            &|text| text.replacen("Core", "Main", 1),
            "task_statements.csv:2:5: error[malformed-value] column `Task Type`: `Main` is neither",
        ),
        (
            "text",
            "Tasks to DWAs.txt",
            &|text| text.replacen("I02.D02", "I02.D09", 1),
            "Tasks to DWAs.txt:2:3: error[unknown-element] column `DWA ID`: `4.A.1.a.1.I02.D09` is not among",
        ),
    ];
    for (name, file, change, expected) in cases {
        let (server, folder) = (TestServer::empty().await, Folder::new());
        let faults = refused(&server, onet(changed(&folder, name, file, change))).await;
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:#?}");
    }
}

#[tokio::test]
async fn files_that_a_release_does_not_have_are_tables_without_rows() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let path = changed(&folder, "csv", "Read Me.txt", str::to_owned);
    for file in [
        "essential_skills.csv",
        "transferable_skills.csv",
        "knowledge.csv",
        "software_skills.csv",
        "emerging_tasks.csv",
    ] {
        fs::remove_file(path.join(file)).unwrap();
    }
    synced(&server, onet(path)).await;

    let left = developers(
        &server,
        "skills { totalCount } knowledge { totalCount } software { totalCount } workStyles { totalCount } \
         tasks { totalCount } emergingTasks { totalCount }",
    )
    .await;
    let count = |number: u32| json!({ "totalCount": number });
    assert_eq!(
        left,
        json!({ "skills": count(0), "knowledge": count(0), "software": count(0), "workStyles": count(2), "tasks": count(3), "emergingTasks": count(0) })
    );
}

#[tokio::test]
async fn elements_tell_what_small_files_say_of_them() {
    let element = |id: &str, fields: &str| format!("contentElement(elementId: \"{id}\") {{ {fields} }}");
    let query = format!(
        "{{ reading: {} realistic: {} talking: {} none: {} }}",
        element(
            "2.A.1.a",
            "name parent { name } anchors { scale value description } surveyItems { number scale } related { elementId name }"
        ),
        element(
            "1.B.1.a",
            "keywords { keyword type } illustrativeActivities { type activity } illustrativeOccupations { type occupation { code } }"
        ),
        element("4.C.1.a", "categories { scale number description } anchors { value }"),
        element("9.Z", "name"),
    );
    for name in ["text", "csv"] {
        let told = server(name).await.query(&query).await;

        let reading = json!({
            "name": "Reading", "parent": null, "anchors": [{ "scale": "LV", "value": 2, "description": "Read a shopping list" }],
            "surveyItems": [{ "number": "SK01", "scale": "IM" }], "related": [{ "elementId": "4.A.1.a.1", "name": "Getting Facts" }],
        });
        assert_eq!(told["reading"], reading, "{name}");
        let realistic = json!({
            "keywords": [{ "keyword": "Mend", "type": "Action" }],
            "illustrativeActivities": [{ "type": "General", "activity": "Mend a bicycle." }],
            "illustrativeOccupations": [{ "type": "General", "occupation": { "code": DEVELOPERS } }],
        });
        assert_eq!(told["realistic"], realistic, "{name}");
        let talking =
            json!({ "categories": [{ "scale": "CXP", "number": 1, "description": "Not at all" }], "anchors": [] });
        assert_eq!(told["talking"], talking, "{name}");
        assert_eq!(told["none"], Value::Null);
    }
}

#[tokio::test]
async fn a_newer_layout_follows_an_older_one() {
    let server = server("text").await;

    let plan = synced(&server, onet(layout("csv"))).await;

    let changes = |name: &str| {
        let table = plan.tables.iter().find(|table| table.name == name).unwrap();
        [table.added, table.removed, table.changed]
    };
    for same in
        ["skills", "knowledge", "work-styles", "interests", "tasks", "emerging-tasks", "scales", "element-facts"]
    {
        assert_eq!(changes(same), [0, 0, 0], "{same}");
    }
    assert_eq!(changes("elements"), [4, 0, 0]);
    assert_eq!(changes("software"), [4, 4, 0]);
    assert_eq!([changes("tools"), changes("commodities")], [[0, 1, 0]; 2]);
    assert_eq!([changes("activities"), changes("task-activities")], [[2, 2, 0], [1, 1, 0]]);
}
