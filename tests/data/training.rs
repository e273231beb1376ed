//! Education, preparation and programs of study of occupations.
use serde_json::json;

use super::sample::{changes, of_sample, refused, synced};
use crate::harness::{Folder, TestServer};

/// Options of a sync of the sample in the layout of text, whose files do not name their release.
fn text() -> datasets::SyncOptions {
    datasets::SyncOptions { edition: Some("30.1".to_owned()), ..of_sample("onet", "onet-education/text") }
}

const EDUCATION: &str = "{ occupation(code: \"29-2072.00\") { education { elementId elementName scaleId scaleName \
    categories { category label value { value unit } sampleSize standardError lowerBound upperBound recommendSuppress date source } \
    rating { category label value { value unit } sampleSize standardError recommendSuppress date source } } } }";

#[tokio::test]
async fn education_has_the_words_of_its_categories_and_the_errors_of_its_shares() {
    let server = TestServer::empty().await;
    synced(&server, text()).await;

    let answer = server.query(EDUCATION).await;

    let percent = |value: f64| {
        let value: serde_json::Value = serde_json::from_str(&value.to_string()).unwrap();
        json!({ "value": value, "unit": "PERCENT" })
    };
    assert_eq!(
        answer["occupation"]["education"],
        json!([
            {
                "elementId": "2.D.1", "elementName": "Required Level of Education", "scaleId": "RL",
                "scaleName": "Required Level Of Education (Categories 1-12)",
                "categories": [
                    {
                        "category": 1, "label": "No diploma", "value": percent(37.5), "sampleSize": 24, "standardError": 0,
                        "lowerBound": null, "upperBound": null, "recommendSuppress": false, "date": "2023-08",
                        "source": "Incumbent",
                    },
                    {
                        "category": 2, "label": "A diploma (for example, of a school)", "value": percent(62.5), "sampleSize": 24,
                        "standardError": 4.5, "lowerBound": 53.1, "upperBound": 71.2, "recommendSuppress": true,
                        "date": "2023-08", "source": "Incumbent",
                    },
                ],
                "rating": null,
            },
            {
                "elementId": "2.D.4.a", "elementName": "Job-Related Professional Certification", "scaleId": "IM",
                "scaleName": "Importance", "categories": [],
                "rating": {
                    "category": null, "label": null, "value": { "value": 3.25, "unit": "SCORE" }, "sampleSize": 11,
                    "standardError": null, "recommendSuppress": null, "date": "2023-09", "source": "Occupational Expert",
                },
            },
            {
                "elementId": "3.A.1", "elementName": "Related Work Experience", "scaleId": "RW",
                "scaleName": "Related Work Experience (Categories 1-11)",
                "categories": [{
                    "category": 1, "label": "None at all", "value": percent(100.0), "sampleSize": 24, "standardError": 0,
                    "lowerBound": null, "upperBound": null, "recommendSuppress": false, "date": "2023-08",
                    "source": "Incumbent",
                }],
                "rating": null,
            },
        ])
    );
}

#[tokio::test]
async fn two_scales_of_a_question_stay_apart() {
    let server = TestServer::empty().await;
    synced(&server, of_sample("onet", "onet-education/csv")).await;

    let answer = server
        .query("{ occupation(code: \"29-2072.00\") { education { elementId scaleId scaleName categories { label value { value } } } } }")
        .await;

    let row = |element: &str, scale: &str, name: &str, label: &str, value: f64| json!({ "elementId": element, "scaleId": scale, "scaleName": name, "categories": [{ "label": label, "value": { "value": value } }] });
    let experience = json!({ "elementId": "3.A.1", "scaleId": "RW", "scaleName": "Related Work Experience (Categories 1-11)",
        "categories": [{ "label": "None at all", "value": { "value": 100 } }] });
    assert_eq!(
        answer["occupation"]["education"],
        json!([
            row("2.D.1", "RL", "Required Level Of Education (Categories 1-12)", "No diploma", 37.5),
            row("2.D.1", "RQ", "Required Education by Postings", "Nothing, by the posting", 12.25),
            experience,
        ])
    );
}

#[tokio::test]
async fn preparation_shows_the_job_zone_by_the_name_of_its_release() {
    let server = TestServer::empty().await;
    synced(&server, text()).await;
    let question = "{ occupation(code: \"29-2072.00\") { preparation { jobZone name experience education jobTraining examples svpRange date \
                    source dataset { release } } } none: occupation(code: \"29-9021.00\") { preparation { jobZone } } \
                    unnamed: occupation(code: \"15-1252.00\") { preparation { jobZone name } } }";

    let before = server.query(question).await;
    // The sample has a row less, which is much of so few.
    let shorter =
        datasets::SyncOptions { accept: vec!["lost-rows".to_owned()], ..of_sample("onet", "onet-education/csv") };
    let plan = synced(&server, shorter).await;
    let after = server.query(question).await;

    assert_eq!(
        before["occupation"]["preparation"],
        json!({
            "jobZone": 3, "name": "Zone Three", "experience": "Some years in the trade.", "education": "A course of two years.",
            "jobTraining": "A year beside somebody \"who knows\".", "examples": "Clerks and cooks.", "svpRange": "(6.0 to < 7.0)",
            "date": "2023-08", "source": "Analyst", "dataset": { "release": "30.1" },
        })
    );
    assert_eq!(before["none"]["preparation"], json!(null));
    assert_eq!(before["unnamed"]["preparation"], json!({ "jobZone": 4, "name": null }));
    assert!(changes(&plan).contains(&("preparation", [0, 0, 1])), "{plan}");
    assert_eq!(after["occupation"]["preparation"]["name"], "Zone One and Two");
    assert_eq!(after["occupation"]["preparation"]["dataset"]["release"], "31.0");
}

#[tokio::test]
async fn programs_lead_to_occupations_and_back() {
    let server = TestServer::empty().await;
    synced(&server, of_sample("onet", "onet-education/csv")).await;
    let plan = synced(&server, of_sample("cip-soc", "cip-soc")).await;

    let answer = server
        .query(
            "{ occupation(code: \"29-2072.00\") { programs { totalCount nodes { cipCode title } } } \
             none: occupation(code: \"15-1252.00\") { programs { totalCount } } \
             program: instructionalProgram(code: \"51.0707\") { cipCode title crosswalkTitle family definition action textChange \
             crossReferences examples occupations { nodes { socCode title occupations { code } } } dataset { slug release } } \
             group: instructionalProgram(code: \"51.07\") { title crosswalkTitle occupations { totalCount } } \
             unmatched: instructionalProgram(code: \"01.0508\") { title crosswalkTitle occupations { totalCount } } \
             missing: instructionalProgram(code: \"52.0101\") { title } wrong: instructionalProgram(code: \"fifty\") { title } }",
        )
        .await;

    let of = |code: &str, title: &str| json!({ "socCode": code, "title": title, "occupations": [{ "code": format!("{code}.00") }] });
    assert_eq!(
        answer,
        json!({
            "occupation": { "programs": { "totalCount": 2, "nodes": [
                { "cipCode": "51.0706", "title": "Keeping of Records" },
                { "cipCode": "51.0707", "title": "Records, Medical and Other" },
            ] } },
            "none": { "programs": { "totalCount": 0 } },
            "program": {
                "cipCode": "51.0707", "title": "Records, Medical and Other", "crosswalkTitle": "Records, Medical", "family": "51",
                "definition": "A program about records.  Includes letters, and lists.", "action": "Moved from", "textChange": true,
                "crossReferences": ["51.0706 - Keeping of Records", "01.0508 - Taxidermy, Applied"],
                "examples": ["Coding, Billing (CB)", "Filing"],
                "occupations": { "nodes": [
                    of("29-2072", "Medical Records Specialists"), of("29-9021", "Health Information Technologists"),
                ] },
                "dataset": { "slug": "cip-soc", "release": "2020" },
            },
            "group": { "title": "Records and their keeping", "crosswalkTitle": null, "occupations": { "totalCount": 0 } },
            "unmatched": { "title": "Taxidermy", "crosswalkTitle": "Taxidermy", "occupations": { "totalCount": 0 } },
            "missing": null,
            "wrong": null,
        })
    );
    let rows = [("programs", [5, 0, 0]), ("programs-by-occupation", [4, 0, 0]), ("occupations-by-program", [4, 0, 0])];
    assert_eq!(changes(&plan), rows);
    assert_eq!(plan.unjoined, Some(Vec::new()));
}

#[tokio::test]
async fn faults_of_education_and_of_programs_name_their_place() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let crosswalk = "CIP2020Code,CIP2020Title,SOC2018Code,SOC2018Title\n51-0707,Records.,29-2072,Clerks\n51.0707,Records.,2920,Clerks\n";
    let file = folder.file("cip/CIP2020_SOC2018_Crosswalk.csv", crosswalk);
    folder.file(
        "cip/CIPCode2020.csv",
        "\"CIPFamily\",\"CIPCode\",\"Action\",\"TextChange\",\"CIPTitle\",\"CIPDefinition\",\"CrossReferences\",\"Examples\"\n\
         =\"51\",=\"51.0707\",\"New\",maybe,\"Records.\",\"About.\",\"\",\"\"\n",
    );
    let mut options = of_sample("cip-soc", "");
    options.paths = vec![file.parent().unwrap().to_owned()];

    let faults = refused(&server, options).await;

    let places = ["CIPCode2020.csv:2:4:", "CIP2020_SOC2018_Crosswalk.csv:2:1:", "CIP2020_SOC2018_Crosswalk.csv:3:3:"];
    for place in places {
        assert!(faults.iter().any(|fault| fault.starts_with(place)), "{place}: {faults:#?}");
    }
}
