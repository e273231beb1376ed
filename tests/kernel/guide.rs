//! Every fact of the reference guide, asked for as a reader of that guide would ask.
mod figures;

use serde_json::{Value, json};

use crate::harness::TestServer;

/// Answer of the guide's career on a server.
async fn career(server: &TestServer, fields: &str) -> Value {
    let query = format!(r#"{{ career(slug: "health-information-technology") {{ {fields} }} }}"#);
    server.query(&query).await["career"].take()
}

/// Answer of the guide's career.
async fn guide(fields: &str) -> Value {
    career(&TestServer::seeded().await, fields).await
}

fn items(list: &Value) -> &[Value] {
    list.as_array().expect("a list")
}

fn titles(list: &Value) -> Vec<&str> {
    items(list).iter().map(|item| item["title"].as_str().expect("a title")).collect()
}

/// The text, whatever the case of its letters, has all the terms.
#[track_caller]
fn mentions(text: &Value, terms: &[&str]) {
    let text = text["plain"].as_str().or(text.as_str()).expect("a text").to_lowercase();
    for term in terms {
        assert!(text.contains(&term.to_lowercase()), "no {term:?} in {text:?}");
    }
}

/// The list has these titles in this order, and each description has its terms.
#[track_caller]
fn describes(list: &Value, expected: &[(&str, &[&str])]) {
    assert_eq!(titles(list), expected.iter().map(|(title, _)| *title).collect::<Vec<_>>());
    for (item, (_, terms)) in items(list).iter().zip(expected) {
        mentions(&item["description"], terms);
    }
}

#[tokio::test]
async fn the_article_says_what_it_is_and_who_wrote_it_when() {
    let found =
        guide("article { headline description { plain } publishedOn category { slug title } author { name kind } }")
            .await;

    let article = &found["article"];
    assert_eq!(article["headline"], "Health Information Technology Career Guide: Training, Salary, and Pathways");
    assert_eq!(article["publishedOn"], "2026-05-10");
    assert_eq!(article["category"]["title"], "Career Guide");
    assert_eq!(article["author"], json!({ "name": "Qualora Career Advisors", "kind": "ORGANIZATION" }));
    mentions(&article["description"], &["technician", "management", "HIM"]);
}

#[tokio::test]
async fn five_takeaways_carry_their_figures() {
    let found = guide("article { keyTakeaways { plain } }").await;

    let takeaways = items(&found["article"]["keyTakeaways"]);
    assert_eq!(takeaways.len(), 5);
    mentions(&takeaways[0], &["(HIT)", "electronic health records", "data systems", "compliant"]);
    mentions(&takeaways[1], &["1–2 years", "certificate", "associate", "bachelor", "4 years"]);
    mentions(&takeaways[2], &["technicians", "$48,000", "$58,000", "managers and analysts", "$75,000", "$95,000"]);
    mentions(&takeaways[3], &["8%", "2033", "EHR", "exchange data", "safe"]);
    mentions(&takeaways[4], &["augmented", "not replaced", "routine data entry", "people", "accuracy", "compliance"]);
}

#[tokio::test]
async fn the_career_is_explained_with_its_domains_and_its_milestone() {
    let found = guide(
        "title alternateTitles summary { plain } article { explanation { plain } domains { title description { plain } }
         milestones { year title description { plain } marketSize { amount currency } } }",
    )
    .await;

    assert_eq!(found["title"], "Health Information Technology");
    assert!(items(&found["alternateTitles"]).contains(&json!("HIT")));
    mentions(&found["summary"], &["size of the employer", "specialty", "seniority"]);
    let article = &found["article"];
    mentions(&article["explanation"], &["infrastructure", "diagnosis", "medications", "claim", "stored", "secure"]);
    mentions(&article["explanation"], &["three domains", "insurers", "departments", "trends", "population"]);
    mentions(&article["explanation"], &["Best Careers for People Who Want to Switch Into Healthcare Quickly"]);
    mentions(&article["explanation"], &["How to Become a Data Analyst Without a Degree"]);
    describes(
        &article["domains"],
        &[
            ("Healthcare operations", &["clinical", "patient care", "quality"]),
            ("Information technology", &["software", "databases", "networks", "cybersecurity"]),
            ("Regulatory compliance", &["HIPAA", "privacy", "FDA", "devices", "CMS"]),
        ],
    );
    let act = &article["milestones"][0];
    assert_eq!(act["title"], "HITECH Act");
    assert_eq!(act["year"], 2009);
    mentions(&act["description"], &["incentives", "EHR", "$35 billion", "back office", "strategic"]);
    assert_eq!(act["marketSize"], json!({ "amount": 35_000_000_000_u64, "currency": "USD" }));
}

#[tokio::test]
async fn three_levels_have_six_and_five_and_five_duties() {
    let found = guide(
        "roles(levels: [ENTRY, SENIOR]) { summary { plain } } duties { title description { plain } }
         entry: duties(levels: [ENTRY]) { title } mid: duties(levels: [MID]) { title }
         senior: duties(levels: [SENIOR]) { title }",
    )
    .await;

    mentions(&found["roles"][0]["summary"], &["technicians", "routine data management"]);
    mentions(&found["roles"][1]["summary"], &["managers", "systems", "compliance"]);
    describes(
        &found["duties"],
        &[
            ("EHR data entry and maintenance", &["demographic", "insurance", "mistakes"]),
            ("Medical records processing", &["scan", "paper", "electronic chart", "missing"]),
            ("Release of information (ROI)", &["patients", "attorneys", "providers", "authorized"]),
            ("Coding support", &["medical coders", "complete", "charts", "review"]),
            ("Quality assurance", &["reports", "gaps", "twice", "contradicts"]),
            ("Help desk support", &["clinical staff", "passwords", "logins", "workflows"]),
            ("EHR optimization", &["templates", "clinical decision support", "workflows", "department"]),
            ("Data analytics", &["healthcare data", "quality", "research", "operations"]),
            ("Interoperability management", &["providers", "registries", "health information exchanges", "HIE"]),
            ("Compliance auditing", &["HIPAA", "risks", "security controls"]),
            ("Training and support", &["clinical staff", "features", "updates", "modules"]),
            ("Strategic planning", &["technology", "goals", "budget", "deadlines"]),
            ("Cybersecurity leadership", &["breaches", "incident", "aware"]),
            ("Vendor management", &["contracts", "Epic", "Cerner", "MEDITECH", "implementations"]),
            ("Regulatory navigation", &["CMS", "MIPS", "MACRA", "state"]),
            ("Team leadership", &["hire", "technicians", "analysts", "specialists"]),
        ],
    );
    let duties = titles(&found["duties"]);
    assert_eq!(titles(&found["entry"]), duties[..6]);
    assert_eq!(titles(&found["mid"]), duties[6..11]);
    assert_eq!(titles(&found["senior"]), duties[11..]);
}

#[tokio::test]
async fn seven_kinds_of_employers_are_told_apart() {
    let found = guide("workSettings { title description { plain } examples }").await;

    let settings = &found["workSettings"];
    describes(
        settings,
        &[
            ("Hospitals and health systems", &["no one employs more", "complex", "24/7", "specialized"]),
            ("Outpatient clinics and physician practices", &["smaller scale", "role", "clinicians", "directly"]),
            ("Long-term care and rehabilitation", &["EHRs", "fast", "quality", "coordinating care"]),
            ("Health insurance companies", &["claims", "data analysis", "fraud", "network management"]),
            ("Government and public health", &["populations", "policy"]),
            ("Healthcare IT vendors", &["introduce", "teach", "technical support"]),
            ("Consulting firms", &["hospitals", "EHR", "merger", "compliance"]),
        ],
    );
    assert_eq!(settings[4]["examples"], json!(["CDC", "CMS", "State health departments"]));
    assert_eq!(settings[5]["examples"], json!(["Epic", "Cerner", "MEDITECH", "Allscripts"]));
}

#[tokio::test]
async fn three_programs_state_their_time_and_cost_and_subjects() {
    let found = guide(
        "training { summary { plain } pathways { title degree credential duration { low high }
         cost { low high currency } costBasis formats buildsOn covers suits { plain } } }",
    )
    .await;

    mentions(&found["training"]["summary"], &["education", "time", "money"]);
    let pathways = &found["training"]["pathways"];
    assert_eq!(titles(pathways), ["Certificate program", "Associate degree", "Bachelor's degree"]);
    for (pathway, credential, duration, cost) in [
        (&pathways[0], "CERTIFICATE", ["P9M", "P12M"], [3_000, 8_000]),
        (&pathways[1], "ASSOCIATE", ["P2Y", "P2Y"], [6_000, 15_000]),
        (&pathways[2], "BACHELOR", ["P4Y", "P4Y"], [20_000, 60_000]),
    ] {
        assert_eq!(pathway["credential"], credential);
        assert_eq!(pathway["duration"], json!({ "low": duration[0], "high": duration[1] }));
        assert_eq!(pathway["cost"], json!({ "low": cost[0], "high": cost[1], "currency": "USD" }));
        assert_eq!(items(&pathway["covers"]).len(), 5);
    }
    let covers = |pathway: usize, terms: [&str; 5]| {
        for (subject, term) in items(&pathways[pathway]["covers"]).iter().zip(terms) {
            mentions(subject, &[term]);
        }
    };
    covers(0, ["terminology", "health data", "EHR", "HIPAA", "coding"]);
    covers(1, ["statistics", "database", "legal", "quality improvement", "practicum"]);
    covers(2, ["analytics", "systems", "leadership", "research", "policy"]);
    assert_eq!(pathways[0]["formats"], json!(["ONLINE", "HYBRID", "IN_PERSON"]));
    assert_eq!(pathways[1]["buildsOn"], "certificate");
    assert_eq!(pathways[1]["costBasis"], "Community college");
    mentions(&pathways[1]["degree"], &["AAS in", "Health Information Technology"]);
    mentions(&pathways[2]["degree"], &["BS in", "Health Information Management", "Healthcare Informatics"]);
    mentions(&pathways[0]["suits"], &["fastest", "changing careers", "soon"]);
    mentions(&pathways[1]["suits"], &["job market", "higher salary", "management", "later"]);
    mentions(&pathways[2]["suits"], &["management", "vendor", "consulting", "graduate school"]);
}

#[tokio::test]
async fn five_steps_lead_career_changers_to_a_job_in_under_two_years() {
    let found = guide(
        "training { recommendedPath { audience steps { title description { plain } duration { low high } within { low high } }
         leadsTo { plain } timeToEmployment { low high } } }",
    )
    .await;

    let path = &found["training"]["recommendedPath"];
    assert_eq!(path["audience"], "Career changers");
    let steps = items(&path["steps"]);
    assert_eq!(steps.len(), 5);
    mentions(&steps[0]["description"], &["certificate", "1 year", "associate degree", "which takes 2"]);
    assert_eq!(steps[0]["duration"], json!({ "low": "P1Y", "high": "P2Y" }));
    mentions(&steps[1]["title"], &["RHIT"]);
    mentions(&steps[1]["description"], &["graduated", "right away"]);
    mentions(&steps[2]["description"], &["technicians", "EHR specialists"]);
    mentions(&steps[3]["description"], &["employer", "Epic", "Cerner", "training"]);
    mentions(&steps[4]["title"], &["analyst", "manager"]);
    mentions(&steps[4]["description"], &["3–5 years"]);
    assert_eq!(steps[4]["within"], json!({ "low": "P3Y", "high": "P5Y" }));
    mentions(&path["leadsTo"], &["2 years", "owe little", "credentials", "paycheck"]);
    assert_eq!(path["timeToEmployment"], json!({ "low": null, "high": "P2Y" }));
}

#[tokio::test]
async fn six_certifications_say_who_awards_them_to_whom_and_for_what() {
    let found = guide("certifications { certification { abbreviation issuer { name } level requirements } }").await;

    let entry = |abbreviation: Option<&str>, issuer: &str, level: &str, requirements: &[&str]| {
        let issuer = json!({ "name": issuer });
        json!({ "certification": {
            "abbreviation": abbreviation, "issuer": issuer, "level": level, "requirements": requirements } })
    };
    let expected = [
        entry(Some("RHIT"), "AHIMA", "TECHNICIAN", &["An associate degree", "A passed exam"]),
        entry(Some("RHIA"), "AHIMA", "MANAGER", &["A bachelor's degree", "A passed exam"]),
        entry(Some("CAHIMS"), "HIMSS", "ENTRY", &[]),
        entry(Some("CPHIMS"), "HIMSS", "ADVANCED", &[]),
        entry(None, "Epic", "VENDOR", &[]),
        entry(None, "Cerner", "VENDOR", &[]),
    ];
    assert_eq!(found["certifications"], json!(expected));
}

#[tokio::test]
async fn each_certification_says_why_and_when_to_take_it() {
    let found =
        guide("certifications { why { plain } when { plain } certification { title summary { plain } } }").await;

    let expected: [[&[&str]; 3]; 6] = [
        [&["Registered Health Information Technician"], &["technicians", "gold standard"], &["graduate", "eligible"]],
        [&["Registered Health Information Administrator"], &["manage"], &["second", "management"]],
        [&["Certified Associate in Healthcare", "Management Systems"], &["entry-level"], &["early", "employed"]],
        [&["Certified Professional in Healthcare", "Management Systems"], &["advanced"], &["experience"]],
        [&["Epic"], &["worth", "employer", "most openings"], &["hired", "employer", "pay"]],
        [&["Cerner"], &["worth", "employer", "second"], &["hired", "employer", "pay"]],
    ];
    for (entry, [title, why, when]) in items(&found["certifications"]).iter().zip(expected) {
        mentions(&entry["certification"]["title"], title);
        mentions(&entry["why"], why);
        mentions(&entry["when"], when);
    }
    mentions(&found["certifications"][4]["certification"]["summary"], &["specific", "vendor", "EHR"]);
}

#[tokio::test]
async fn certifications_lead_back_to_the_career() {
    let server = TestServer::seeded().await;

    let found = server
        .query(
            r#"{ certification(code: "RHIT") { careers { nodes { title } } }
                 certifications(filter: {issuer: {in: ["AHIMA", "HIMSS"]}}, orderBy: {abbreviation: ASC}) {
                     nodes { abbreviation careers { nodes { title } } } } }"#,
        )
        .await;

    let careers = json!({ "nodes": [{ "title": "Health Information Technology" }] });
    assert_eq!(found["certification"]["careers"], careers);
    let expected =
        ["CAHIMS", "CPHIMS", "RHIA", "RHIT"].map(|letters| json!({ "abbreviation": letters, "careers": careers }));
    assert_eq!(found["certifications"]["nodes"], json!(expected));
}
