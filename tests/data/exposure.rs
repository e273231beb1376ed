//! Exposure to AI: measures side by side, labels of tasks, activities, and lists of occupations by a measure.
use datasets::Outcome;
use serde_json::{Value, json};

use super::sample::{changes, of_sample, refused, sync, synced};
use crate::harness::{Folder, TestServer};

/// A server with the occupations and both data sets of exposure.
async fn server() -> TestServer {
    let server = TestServer::empty().await;
    for (dataset, sample) in
        [("onet", "onet-education/csv"), ("ai-eloundou", "ai-eloundou"), ("ai-microsoft", "ai-microsoft")]
    {
        synced(&server, of_sample(dataset, sample)).await;
    }
    server
}

fn codes(list: &Value) -> Vec<&str> {
    list["nodes"].as_array().unwrap().iter().map(|node| node["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn measures_stand_side_by_side_with_their_percentiles() {
    let server = server().await;

    let answer = server
        .query(
            "{ occupation(code: \"29-2072.00\") { \
             some: exposure(measures: [GPT4_BETA, APPLICABILITY]) { \
             measure { id column scale { minimum maximum } } value { value unit missing } percentile \
             publishedFor { scheme code title isExact } dataset { slug release licence } } \
             all: exposure { measure { name description } } } }",
        )
        .await;

    let measure =
        |id: &str, column: &str| json!({ "id": id, "column": column, "scale": { "minimum": 0, "maximum": 1 } });
    let value = |value: f64| json!({ "value": value, "unit": "SCORE", "missing": null });
    let title = "Medical Records Specialists";
    assert_eq!(
        answer["occupation"]["some"],
        json!([
            {
                "measure": measure("GPT4_BETA", "dv_rating_beta"), "value": value(0.5),
                // Two of the four have 0.25, one has more.
                "percentile": 75,
                "publishedFor": { "scheme": "ONET_SOC", "code": "29-2072.00", "title": title, "isExact": true },
                "dataset": { "slug": "ai-eloundou", "release": "2023", "licence": "MIT" },
            },
            {
                "measure": measure("APPLICABILITY", "ai_applicability_score"), "value": value(0.2),
                "percentile": 66.67,
                "publishedFor": { "scheme": "SOC", "code": "29-2072", "title": title, "isExact": true },
                "dataset": { "slug": "ai-microsoft", "release": "2025", "licence": "CC-BY-4.0" },
            },
        ])
    );
    assert_eq!(answer["occupation"]["all"].as_array().unwrap().len(), 17);
}

#[tokio::test]
async fn scores_of_a_soc_code_are_those_of_all_its_occupations_and_others_have_none() {
    let server = server().await;

    let answer = server
        .query(
            "{ shared: occupation(code: \"15-1252.01\") { exposure { measure { id } publishedFor { code isExact } } } \
             none: occupation(code: \"29-9021.00\") { exposure(measures: [APPLICABILITY]) { value { value } } } }",
        )
        .await;

    let shared = answer["shared"]["exposure"].as_array().unwrap();
    assert_eq!(shared.len(), 11);
    assert!(shared.iter().all(|exposure| exposure["publishedFor"] == json!({ "code": "15-1252", "isExact": false })));
    assert_eq!(answer["none"]["exposure"], json!([]));
}

#[tokio::test]
async fn an_occupation_that_is_published_with_a_group_has_the_scores_of_the_group() {
    let server = server().await;
    synced(&server, of_sample("soc-crosswalks", "crosswalks-exposure")).await;

    let answer = server
        .query(
            "{ occupation(code: \"29-9021.00\") { exposure(measures: [APPLICABILITY]) { value { value } publishedFor { code title isExact } } } \
             least: occupations(first: 1, orderBy: {exposure: {measure: APPLICABILITY, direction: ASC}}) { nodes { code } } \
             below: occupations(filter: {exposure: {measure: APPLICABILITY, lt: 0.3}}) { nodes { code } } }",
        )
        .await;

    let of_group = json!({ "code": "29-2010", "title": "Clinical Technologists", "isExact": false });
    assert_eq!(answer["occupation"]["exposure"], json!([{ "value": { "value": 0.1 }, "publishedFor": of_group }]));
    assert_eq!(codes(&answer["least"]), ["29-9021.00"]);
    assert_eq!(codes(&answer["below"]), ["29-9021.00", "29-2072.00"]);
}

#[tokio::test]
async fn every_measure_reads_its_own_column() {
    let server = server().await;
    let answer =
        server.query("{ occupation(code: \"29-2072.00\") { exposure { measure { column } value { value } } } }").await;
    let read: Vec<_> = answer["occupation"]["exposure"]
        .as_array()
        .unwrap()
        .iter()
        .map(|exposure| (exposure["measure"]["column"].as_str().unwrap(), exposure["value"]["value"].as_f64().unwrap()))
        .collect();
    assert_eq!(
        read,
        [
            ("dv_rating_alpha", 0.1),
            ("dv_rating_beta", 0.5),
            ("dv_rating_gamma", 0.9),
            ("human_rating_alpha", 0.2),
            ("human_rating_beta", 0.4),
            ("human_rating_gamma", 0.6),
            ("ai_applicability_score", 0.2),
            ("coverage_user", 0.31),
            ("coverage_ai", 0.21),
            ("completion_user", 0.91),
            ("completion_ai", 0.81),
            ("feedback_positive_fraction_user", 0.71),
            ("feedback_positive_fraction_ai", 0.61),
            ("impact_scope_user", 0.51),
            ("impact_scope_ai", 0.41),
            ("ai_applicability_score_user", 0.25),
            ("ai_applicability_score_ai", 0.15),
        ]
    );
}

#[tokio::test]
async fn labels_of_tasks_are_told_by_who_gave_them() {
    let server = server().await;

    let answer = server
        .query(
            "{ occupation(code: \"29-2072.00\") { taskExposure(first: 5) { totalCount nodes { taskId statement taskKind human humanJoined \
             gpt4 gpt4Alternative gpt3Relevant automationLabel alpha beta gamma automation dataset { slug } } } \
             second: taskExposure(first: 1, after: \"1\") { nodes { taskId } } } }",
        )
        .await;

    assert_eq!(
        answer["occupation"],
        json!({
            "taskExposure": { "totalCount": 2, "nodes": [
                {
                    "taskId": 21, "statement": "Carry folders.", "taskKind": null, "human": "E0", "humanJoined": "E0", "gpt4": "E0",
                    "gpt4Alternative": "E0", "gpt3Relevant": true, "automationLabel": "T0", "alpha": 0, "beta": 0, "gamma": 0,
                    "automation": 0, "dataset": { "slug": "ai-eloundou" },
                },
                {
                    "taskId": 8902, "statement": "Keep a \"clean\" list, by name.", "taskKind": "CORE", "human": "E1",
                    "humanJoined": "E1", "gpt4": "E2", "gpt4Alternative": "E0", "gpt3Relevant": false, "automationLabel": "T2",
                    "alpha": 0, "beta": 0.5, "gamma": 1, "automation": 0.5, "dataset": { "slug": "ai-eloundou" },
                },
            ] },
            "second": { "nodes": [{ "taskId": 8902 }] },
        })
    );
}

#[tokio::test]
async fn activities_keep_their_ids_and_tell_why_a_metric_is_missing() {
    let server = server().await;

    let answer = server
        .query(
            "{ occupation(code: \"29-2072.00\") { activityExposure { totalCount nodes { activityId currentActivityId title \
             user { share { value } completion { value missing } impactScope { value } positiveFeedback { value } applicability { value } } \
             ai { share { value } completion { value } impactScope { value } positiveFeedback { value } applicability { value } } } } } }",
        )
        .await;

    let of = |value: f64| json!({ "value": value });
    assert_eq!(
        answer["occupation"]["activityExposure"]["nodes"],
        json!([
            {
                "activityId": "4.A.1.a.1.I02", "currentActivityId": "4.A.1.a.1.b", "title": "Read papers.",
                "user": {
                    "share": of(0.02), "completion": { "value": 0.9, "missing": null }, "impactScope": of(0.7),
                    "positiveFeedback": of(0.55), "applicability": of(0.5),
                },
                "ai": {
                    "share": of(0.01), "completion": of(0.8), "impactScope": of(0.6), "positiveFeedback": of(0.45),
                    "applicability": of(0.4),
                },
            },
            {
                "activityId": "4.A.3.b.6.I08", "currentActivityId": null, "title": "File papers.",
                "user": {
                    "share": { "value": 0 }, "completion": { "value": null, "missing": "NOT_APPLICABLE" },
                    "impactScope": { "value": null }, "positiveFeedback": { "value": null }, "applicability": { "value": 0 },
                },
                "ai": {
                    "share": of(0.003), "completion": of(0.75), "impactScope": of(0.25), "positiveFeedback": { "value": null },
                    "applicability": of(0.1),
                },
            },
        ])
    );
}

#[tokio::test]
async fn occupations_are_filtered_and_sorted_by_a_measure() {
    let server = server().await;
    let list = async |arguments: &str| {
        let answer = server.query(&format!("{{ occupations({arguments}) {{ nodes {{ code }} }} }}")).await;
        codes(&answer["occupations"]).join(" ")
    };

    assert_eq!(list("filter: {exposure: {measure: GPT4_BETA, gte: 0.5}}").await, "29-2072.00 15-1252.00");
    assert_eq!(list("filter: {exposure: {measure: GPT4_BETA, gt: 0.5, lte: 0.75}}").await, "15-1252.00");
    assert_eq!(list("filter: {exposure: {measure: HUMAN_ALPHA, lt: 0.2}}").await, "29-9021.00");
    assert_eq!(list("filter: {exposure: {measure: GPT4_BETA, percentileLte: 75}}").await, "29-9021.00 29-2072.00");
    // A SOC code stands for all of its occupations.
    assert_eq!(list("filter: {exposure: {measure: APPLICABILITY, percentileGte: 90}}").await, "15-1252.01 15-1252.00");
    assert_eq!(list("filter: {not: {exposure: {measure: APPLICABILITY, gte: 0}}}").await, "29-9021.00");

    // Those without a value come last, in both directions.
    let by = |direction: &str| format!("orderBy: {{exposure: {{measure: GPT4_BETA, direction: {direction}}}}}");
    assert_eq!(list(&by("DESC")).await, "15-1252.00 29-2072.00 29-9021.00 15-1252.01");
    assert_eq!(list(&by("ASC")).await, "29-9021.00 29-2072.00 15-1252.00 15-1252.01");
}

#[tokio::test]
async fn pages_of_a_list_that_is_sorted_by_a_measure_follow_each_other() {
    let server = server().await;
    let (mut seen, mut after) = (Vec::new(), "null".to_owned());
    for _ in 0..4 {
        let answer = server
            .query(&format!(
                "{{ occupations(first: 1, after: {after}, orderBy: {{exposure: {{measure: APPLICABILITY, direction: DESC}}}}) \
                 {{ nodes {{ code }} pageInfo {{ endCursor }} }} }}"
            ))
            .await;
        let page = &answer["occupations"];
        seen.push(codes(page).concat());
        after = page["pageInfo"]["endCursor"].to_string();
    }
    assert_eq!(seen, ["15-1252.01", "15-1252.00", "29-2072.00", "29-9021.00"]);
}

#[tokio::test]
async fn exposure_of_many_occupations_takes_one_statement_after_the_list() {
    let server = server().await;
    let before = server.statements();
    server
        .query_once("{ occupations { nodes { exposure { value { value } } taskExposure { nodes { taskId } } } } }")
        .await;
    let statements = server.statements() - before;
    assert!(statements <= 3, "{statements}");
}

#[tokio::test]
async fn codes_that_join_no_occupation_are_counted() {
    let server = TestServer::empty().await;
    synced(&server, of_sample("onet", "onet-education/csv")).await;

    let labels = synced(&server, of_sample("ai-eloundou", "ai-eloundou")).await;
    let usage = synced(&server, of_sample("ai-microsoft", "ai-microsoft")).await;
    let again = sync(&server, of_sample("ai-microsoft", "ai-microsoft")).await;

    assert_eq!(changes(&labels), [("scores", [4, 0, 0]), ("tasks", [2, 0, 0])]);
    assert_eq!(labels.unjoined, Some(vec!["11-1011.00".to_owned()]));
    assert_eq!(changes(&usage), [("scores", [3, 0, 0]), ("activities", [3, 0, 0]), ("activity-metrics", [2, 0, 0])]);
    assert!(matches!(again, Outcome::Unchanged { .. }));
}

#[tokio::test]
async fn faults_name_file_line_and_column() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let header = "O*NET-SOC Code,Title,dv_rating_alpha,dv_rating_beta,dv_rating_gamma,human_rating_alpha,human_rating_beta,human_rating_gamma";
    let labels = "\tO*NET-SOC Code\tTask ID\tTask\tTask Type\tTitle\thuman_exposure_agg\tgpt4_exposure\tgpt4_exposure_alt_rubric\t\
                  gpt_3_relevant\tgpt4_automation\talpha\tbeta\tgamma\tautomation\thuman_labels\n\
                  0\t29-2072.00\t8902.5\tKeep lists.\tCore\tClerks\tE1\tE9\tE0\tFalse\tT2\t0.0\t0.5\t1.0\t0.5\tE1\n";
    folder.file("full_labelset.tsv", labels);
    let file = folder
        .file("occ_level.csv", &format!("{header}\n29-2072,Clerks,0,0,0,0,0,0\n29-2072.00,Clerks,0,1.5,0,0,0,0\n"));
    let mut options = of_sample("ai-eloundou", "");
    options.paths = vec![file.parent().unwrap().to_owned()];

    let faults = refused(&server, options).await;

    assert_eq!(faults.len(), 3, "{faults:#?}");
    assert!(faults[0].starts_with("occ_level.csv:2:1: error[malformed-value]"), "{}", faults[0]);
    assert!(faults[1].starts_with("occ_level.csv:3:4: error[malformed-value]"), "{}", faults[1]);
    assert!(faults[2].starts_with("full_labelset.tsv:2:8: error[malformed-value]"), "{}", faults[2]);
}

#[tokio::test]
async fn a_guide_may_leave_its_verdict_and_its_pace_out() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    folder.source("a");
    folder.career(
        "x",
        "X",
        "outlook: {growth: {percent: 3, source: a, asOf: 2025-05-01}, throughYear: 2034}\n\
         training: {pathways: [{key: one, title: One, credential: MASTER}]}\n\
         aiImpact: {summary: It depends.}\n",
    );
    server.publish(&[folder.path().to_owned()]).await;

    let answer = server
        .query(
            "{ career(slug: \"x\") { outlook { pace } aiImpact { verdict bottomLine { plain } summary { plain } } \
             training { pathways { cost { low } duration { low } suits { plain } } } } \
             careers(filter: {aiVerdict: {ne: REDUCED}}) { totalCount } \
             trainingPathways(orderBy: {minMonths: ASC}) { nodes { key } } }",
        )
        .await;

    assert_eq!(
        answer,
        json!({
            "career": {
                "outlook": { "pace": null },
                "aiImpact": { "verdict": null, "bottomLine": null, "summary": { "plain": "It depends." } },
                "training": { "pathways": [{ "cost": null, "duration": null, "suits": null }] },
            },
            "careers": { "totalCount": 0 },
            "trainingPathways": { "nodes": [{ "key": "one" }] },
        })
    );
}
