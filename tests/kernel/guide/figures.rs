//! Pay, outlook, AI impact, moves, questions and related guides of the reference guide.
use serde_json::{Value, json};

use super::{career, describes, guide, items, mentions, titles};
use crate::harness::TestServer;

#[tokio::test]
async fn pay_has_its_median_and_top_tenth_and_ranges_at_a_glance() {
    let found = guide(
        "pay { summary { plain } median { amount currency period } atAGlance { title range { low high currency period } }
         percentiles { percentile pay { amount currency period } } }",
    )
    .await;

    let pay = &found["pay"];
    assert_eq!(pay["median"], json!({ "amount": 48_640, "currency": "USD", "period": "YEAR" }));
    let top = json!({ "amount": 78_000, "currency": "USD", "period": "YEAR" });
    assert_eq!(pay["percentiles"], json!([{ "percentile": 90, "pay": top }]));
    let technicians = json!({ "low": 48_000, "high": 58_000, "currency": "USD", "period": "YEAR" });
    let others = json!({ "low": 75_000, "high": 95_000, "currency": "USD", "period": "YEAR" });
    assert_eq!(pay["atAGlance"][0], json!({ "title": "Technicians", "range": technicians }));
    assert_eq!(pay["atAGlance"][1], json!({ "title": "Managers and analysts", "range": others }));
    mentions(&pay["summary"], &["Bureau of Labor Statistics", "$48,640", "top 10 percent", "$78,000", "place"]);
    mentions(&pay["summary"], &["How to Become a Cybersecurity Analyst Without a Computer Science Degree"]);
}

#[tokio::test]
async fn four_roles_have_twelve_salary_bands() {
    let found = guide("salaryBands { role { title } stage range { low high currency period } }").await;

    let mut expected = Vec::new();
    for (role, ranges) in [
        ("HIT Technician / Specialist", [(38_000, 45_000), (48_000, 58_000), (60_000, 70_000)]),
        ("HIT Analyst / EHR Specialist", [(45_000, 55_000), (58_000, 72_000), (75_000, 90_000)]),
        ("HIT Manager / Director", [(65_000, 80_000), (85_000, 105_000), (110_000, 140_000)]),
        ("Healthcare Data Analyst", [(50_000, 62_000), (65_000, 80_000), (85_000, 110_000)]),
    ] {
        for (stage, (low, high)) in ["ENTRY", "MID_CAREER", "SENIOR"].into_iter().zip(ranges) {
            let range = json!({ "low": low, "high": high, "currency": "USD", "period": "YEAR" });
            expected.push(json!({ "role": { "title": role }, "stage": stage, "range": range }));
        }
    }
    assert_eq!(found["salaryBands"], json!(expected));
}

#[tokio::test]
async fn places_pay_more_or_less_and_the_derivation_says_why() {
    let server = TestServer::seeded().await;
    let (more, less) = (Some((25, 35)), Some((-15, -10)));
    for (place, change, range, terms) in [
        ("US-CA", more, (47_500, 60_750), ["+25 %", "+35 %"]),
        ("US-WA", more, (47_500, 60_750), ["+25 %", "+35 %"]),
        ("US-MA", more, (47_500, 60_750), ["+25 %", "+35 %"]),
        ("US-x-rural", less, (32_300, 40_500), ["-15 %", "-10 %"]),
        ("US-GA", less, (32_300, 40_500), ["-15 %", "-10 %"]),
        ("US-TX", None, (38_000, 45_000), ["no adjustment", "US-TX"]),
    ] {
        let fields = format!(
            r#"salaryBands(place: "{place}", role: "technician", stage: ENTRY) {{ range {{ low high }}
               derivation {{ place national {{ low high }} adjustment {{ change {{ low high }} }} explanation }} }}"#
        );

        let found = career(&server, &fields).await;

        let span = |(low, high): (i32, i32)| json!({ "low": low, "high": high });
        let derivation = &found["salaryBands"][0]["derivation"];
        assert_eq!(found["salaryBands"][0]["range"], span(range), "{place}");
        assert_eq!(derivation["national"], span((38_000, 45_000)));
        assert_eq!(derivation["adjustment"]["change"], json!(change.map(span)), "{place}");
        assert_eq!(derivation["place"], place);
        mentions(&derivation["explanation"], &["38,000", "45,000"]);
        mentions(&derivation["explanation"], &terms);
    }
}

#[tokio::test]
async fn pay_is_adjusted_for_three_states_and_rural_markets_and_the_southeast() {
    let found = guide("pay { adjustments { title places change { low high } reason { plain } } }").await;

    let adjustments = items(&found["pay"]["adjustments"]);
    assert_eq!(adjustments.len(), 3);
    mentions(&adjustments[0]["title"], &["California", "Washington", "Massachusetts"]);
    mentions(&adjustments[0]["reason"], &["EHRs", "expensive", "national median"]);
    mentions(&adjustments[1]["title"], &["Rural"]);
    mentions(&adjustments[2]["title"], &["Southeast"]);
    assert_eq!(adjustments[0]["places"], json!(["US-CA", "US-WA", "US-MA"]));
    assert_eq!(adjustments[0]["change"], json!({ "low": 25, "high": 35 }));
    for below in &adjustments[1..] {
        assert_eq!(below["change"], json!({ "low": -15, "high": -10 }));
    }
}

#[tokio::test]
async fn the_outlook_is_eight_percent_and_sixteen_thousand_openings_a_year() {
    let found = guide(
        "outlook { growth { percent } throughYear pace openings { count period } summary { plain } drivers { title } }",
    )
    .await;

    let outlook = &found["outlook"];
    assert_eq!(outlook["growth"]["percent"], 8);
    assert_eq!(outlook["throughYear"], 2033);
    assert_eq!(outlook["pace"], "MUCH_FASTER_THAN_AVERAGE");
    assert_eq!(outlook["openings"], json!({ "count": 16_000, "period": "YEAR" }));
    mentions(&outlook["summary"], &["8 percent", "2033", "16,000", "each year", "grows", "people move on"]);
    assert_eq!(
        titles(&outlook["drivers"]),
        ["EHR adoption", "Interoperability mandates", "Data security requirements"]
    );
}

#[tokio::test]
async fn ai_takes_four_tasks_and_leaves_five() {
    let found = guide(
        "aiImpact { verdict summary { plain } bottomLine { plain }
         tasks { title description { plain } effect { measure change { low high } } }
         ai: tasks(handledBy: AI) { title } human: tasks(handledBy: HUMAN) { title } }",
    )
    .await;

    let impact = &found["aiImpact"];
    assert_eq!(impact["verdict"], "AUGMENTED");
    mentions(&impact["summary"], &["data", "governing", "systems", "human eye"]);
    mentions(&impact["bottomLine"], &["healthcare", "technology", "value goes up", "routine", "strategy", "oversight"]);
    describes(
        &impact["tasks"],
        &[
            ("Automated coding", &["ICD-10", "CPT", "clinical notes", "30 to 50 percent"]),
            ("Natural language processing", &["doctors", "free text", "structured data"]),
            ("Duplicate record detection", &["same patient", "systems", "merged"]),
            ("Predictive analytics", &["readmitted", "sepsis", "appointment"]),
            ("Data accuracy verification", &["AI gets things wrong", "clinical language", "people"]),
            ("HIPAA compliance judgment", &["authorization", "law", "ethics"]),
            ("System design and workflow integration", &["badly designed", "clinicians", "EHR workflows"]),
            ("Training and change management", &["update", "people", "teach", "speak up", "trouble"]),
            ("Cybersecurity response", &["breach", "incident", "contained", "people"]),
        ],
    );
    let tasks = titles(&impact["tasks"]);
    assert_eq!(titles(&impact["ai"]), tasks[..4]);
    assert_eq!(titles(&impact["human"]), tasks[4..]);
    let effects: Vec<&Value> = items(&impact["tasks"]).iter().map(|task| &task["effect"]).collect();
    assert_eq!(*effects[0], json!({ "measure": "manual coding time", "change": { "low": -50, "high": -30 } }));
    assert!(effects[1..].iter().all(|effect| effect.is_null()));
}

#[tokio::test]
async fn twelve_moves_start_from_three_roles() {
    let found = guide(
        "advancement { title description { plain } } advancementSummary { plain }
         roles { title advancesTo { title from { title } } }",
    )
    .await;

    describes(
        &found["advancement"],
        &[
            ("EHR specialist / super-user", &["Epic", "Cerner", "trains", "workflows"]),
            ("Medical coder", &["ICD-10-CM", "CPT"]),
            ("Compliance officer", &["HIPAA", "CMS", "audits"]),
            ("Data quality analyst", &["accurate", "complete", "consistent"]),
            ("Healthcare data analyst", &["SQL", "Python", "Tableau", "Power BI"]),
            ("Clinical informaticist", &["clinicians", "IT department", "EHR workflows", "patients"]),
            ("Interoperability specialist", &["health information exchanges", "API", "HL7", "FHIR"]),
            ("Project manager", &["EHR", "upgraded", "department"]),
            ("Chief Information Officer (CIO)", &["hospital", "executives", "technology strategy"]),
            ("Chief Medical Information Officer (CMIO)", &["physicians", "clinicians", "informatics", "clinical IT"]),
            ("Healthcare IT consultant", &["organizations", "EHR", "comply"]),
            ("Vendor leadership", &["Epic", "Cerner", "MEDITECH", "implementation", "training", "product management"]),
        ],
    );
    let (roles, moves) = (items(&found["roles"]), titles(&found["advancement"]));
    let starts = ["HIT Technician / Specialist", "HIT Analyst / EHR Specialist", "HIT Manager / Director"];
    for ((role, title), moves) in roles.iter().zip(starts).zip(moves.chunks(4)) {
        assert_eq!(role["title"], title);
        assert_eq!(titles(&role["advancesTo"]), moves);
    }
    assert!(roles[3..].iter().all(|role| items(&role["advancesTo"]).is_empty()));
    let summary = found["advancementSummary"]["plain"].as_str().expect("a text");
    let stack = ["RHIT", "RHIA", "vendors", "leadership training"].map(|credential| summary.find(credential));
    assert!(stack[0].is_some() && stack.is_sorted(), "{summary}");
}

#[tokio::test]
async fn moves_can_be_walked_both_ways() {
    let found =
        guide("advancement { title from { title } to { advancesFrom { nodes { title from { title } } } } }").await;

    let moves = items(&found["advancement"]).iter().filter(|step| !step["to"].is_null());
    assert_eq!(moves.clone().count(), 11);
    for step in moves {
        let back = json!([{ "title": step["title"], "from": step["from"] }]);
        assert_eq!(step["to"]["advancesFrom"]["nodes"], back);
    }
}

#[tokio::test]
async fn a_move_that_leaves_keeps_its_title_and_guide_where_the_goal_is_not_loaded() {
    let found = guide("advancement { title guide leavesCareer to { title } toCareer { title } }").await;

    let moves = items(&found["advancement"]);
    let leaving: Vec<&Value> = moves.iter().filter(|step| step["leavesCareer"] == true).collect();
    let guides: Vec<&Value> = moves.iter().filter(|step| !step["guide"].is_null()).collect();
    assert_eq!(leaving.len(), 1);
    assert_eq!(leaving[0]["title"], "Medical coder");
    assert!(leaving[0]["to"].is_null() && leaving[0]["toCareer"].is_null());
    assert_eq!(guides.len(), 2);
    assert_eq!(guides[0], leaving[0]);
    assert_eq!(guides[0]["guide"], "Medical Coder Career Path");
    assert_eq!(guides[1]["guide"], "How to Become a Data Analyst Without a Degree");
    assert_eq!(guides[1]["to"]["title"], "Healthcare Data Analyst");
}

#[tokio::test]
async fn seven_questions_are_answered_in_order() {
    let found = guide("faq { question answer { plain } }").await;

    let expected: [(&str, &[&str]); 7] = [
        ("introverts", &["yes.", "clinical staff", "on your own", "analyze data", "configure", "audit", "detail"]),
        ("computer science degree", &["no.", "programming", "not expected", "analyst", "SQL", "Python", "at work"]),
        ("from home", &["40%", "2020", "coding", "auditing", "analysis", "on site", "implementation", "manager"]),
        ("hard", &["regulation", "technology", "HIPAA", "EHR bugs", "clinicians", "federal reports", "same time"]),
        ("medical coding", &["ICD-10", "CPT", "interoperability", "security", "workflows", "generalists"]),
        ("first", &["Epic", "40%+", "Cerner comes second", "MEDITECH", "Allscripts", "smaller", "pay the most"]),
        ("stepping stone", &["20+ years", "director", "analytics", "cybersecurity", "nursing", "administration"]),
    ];
    let questions = items(&found["faq"]);
    assert_eq!(questions.len(), expected.len());
    for (item, (question, answer)) in questions.iter().zip(expected) {
        mentions(&item["question"], &[question]);
        mentions(&item["answer"], answer);
    }
}

#[tokio::test]
async fn the_conclusion_sums_up_and_invites() {
    let found = guide("article { conclusion { plain } callToAction { label text { plain } } }").await;

    let conclusion = &found["article"]["conclusion"];
    mentions(conclusion, &["diagnosis", "prescription", "insurance claim", "1-year certificate", "$40,000"]);
    mentions(conclusion, &["bachelor", "management", "analytics", "against AI", "compliance", "human expertise"]);
    mentions(conclusion, &["detail", "feel at home with technology", "without caring for patients directly"]);
    let invitation = &found["article"]["callToAction"];
    assert_eq!(invitation["label"], "Health Information Technology Career Path");
    mentions(&invitation["text"], &["training programs", "courses", "certifications"]);
}

#[tokio::test]
async fn seven_tags_and_four_related_guides_lead_on() {
    let found = guide("tags relatedGuides { title career { title } }").await;

    let tags =
        ["career-guide", "data-management", "ehr", "health-information-technology", "healthcare-it", "him", "hit"];
    let mut listed: Vec<&str> = items(&found["tags"]).iter().map(|tag| tag.as_str().expect("a tag")).collect();
    listed.sort_unstable();
    assert_eq!(listed, tags);
    let related = [
        "Best Careers for People Who Want to Switch Into Healthcare Quickly",
        "How to Become a Data Analyst Without a Degree",
        "How to Become a Cybersecurity Analyst Without a Computer Science Degree",
        "Medical Coder Career Path",
    ]
    .map(|title| json!({ "title": title, "career": null }));
    assert_eq!(found["relatedGuides"], json!(related));
}

/// All objects with a date, wherever they stand.
fn figures(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(figures).collect(),
        Value::Object(fields) if fields.contains_key("asOf") => vec![value],
        Value::Object(fields) => fields.values().flat_map(figures).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn every_figure_names_its_source_and_its_date() {
    let figure = "{ asOf source { slug publisher } }";

    let found = guide(&format!(
        r#"article {{ milestones {{ marketSize {figure} }} }}
        training {{ pathways {{ duration {figure} cost {figure} }}
            recommendedPath {{ timeToEmployment {figure} steps {{ duration {figure} within {figure} }} }} }}
        salaryBands(place: "US-CA") {{ range {figure}
            derivation {{ national {figure} adjustment {{ change {figure} }} }} }}
        aiImpact {{ tasks {{ effect {{ change {figure} }} }} }}
        pay {{ median {figure} percentiles {{ pay {figure} }} atAGlance {{ range {figure} }}
            adjustments {{ change {figure} }} }}
        outlook {{ growth {figure} openings {figure} }}"#
    ))
    .await;

    let guide = json!({ "slug": "qualora-hit-guide", "publisher": "Qualora Career Advisors" });
    let bureau = json!({ "slug": "bls-medical-records", "publisher": "U.S. Bureau of Labor Statistics" });
    let (of_bureau, others): (Vec<_>, Vec<_>) =
        figures(&found).into_iter().partition(|figure| figure["source"] == bureau);
    assert_eq!(of_bureau.len(), 4, "median, top tenth, growth and openings");
    assert_eq!(others.len(), 52, "1 market, 9 of training, 36 in bands, 1 effect of AI, 5 of pay");
    assert!(others.iter().all(|figure| figure["source"] == guide), "{others:#?}");
    assert!(figures(&found).iter().all(|figure| figure["asOf"] == "2026-05-10"));
}
