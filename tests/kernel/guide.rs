//! Every fact of the reference guide, asked for as a reader of that guide would ask.
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
