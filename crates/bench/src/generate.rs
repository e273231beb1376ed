//! Careers that nobody has: as many as are asked for, the same on every run, each as long as a real guide.
//!
//! They use every section of a document and link to certifications and sources, which come first. The texts are put together
//! from a few words of our own.
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use fastrand::Rng;
use serde_json::{Value, json};

/// Number of certifications.
pub(crate) const CERTIFICATIONS: usize = 120;
/// Number of sources.
pub(crate) const SOURCES: usize = 12;
/// Categories that careers share, so that filters find some of each.
/// The shape in which careers are generated.
const SHAPE: &str = "2026-12-01";
const CATEGORIES: [&str; 8] =
    ["health", "trades", "education", "technology", "transport", "public-service", "hospitality", "science"];
const FIELDS: [&str; 16] = [
    "Records", "Water", "Harbor", "Textile", "Forest", "Signal", "Museum", "Clinic", "Solar", "Grain", "Rail",
    "Archive", "Sound", "Survey", "Kitchen", "Network",
];
const JOBS: [&str; 12] = [
    "Technician",
    "Analyst",
    "Planner",
    "Inspector",
    "Operator",
    "Designer",
    "Coordinator",
    "Specialist",
    "Advisor",
    "Engineer",
    "Assistant",
    "Manager",
];
const SUBJECTS: [&str; 12] = [
    "The team",
    "A good day",
    "The daily work",
    "Every employer",
    "The equipment",
    "A newcomer",
    "The season",
    "An experienced hand",
    "The public",
    "The schedule",
    "The field",
    "Each project",
];
const VERBS: [&str; 10] = [
    "depends on",
    "starts with",
    "asks for",
    "rewards",
    "leaves room for",
    "is measured by",
    "grows with",
    "calls for",
    "is built on",
    "ends in",
];
const OBJECTS: [&str; 16] = [
    "careful notes",
    "steady hands",
    "clear agreements",
    "long routes",
    "quiet mornings",
    "exact figures",
    "patient explanations",
    "safe habits",
    "shared tools",
    "new software",
    "strict deadlines",
    "an eye for detail",
    "regular training",
    "honest reports",
    "sound judgment",
    "well-kept machines",
];
const STAGES: [&str; 3] = ["ENTRY", "MID_CAREER", "SENIOR"];
const STATES: [&str; 6] = ["US-CA", "US-TX", "US-NY", "US-OH", "US-WA", "US-FL"];

fn category(slug: &str) -> Value {
    json!({ "kind": "category", "slug": slug, "title": slug.replace('-', " ") })
}

/// The sources, the certifications, the categories, and this many careers.
pub(crate) fn generate(careers: usize) -> impl Iterator<Item = Value> {
    let sources = (0..SOURCES).map(source);
    let certifications = (0..CERTIFICATIONS).map(certification);
    let categories = CATEGORIES.into_iter().map(category);
    sources.chain(certifications).chain(categories).chain((0..careers).map(move |number| career(number, careers)))
}

/// Writes the documents as JSON Lines.
pub(crate) fn write(careers: usize, path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for document in generate(careers) {
        serde_json::to_writer(&mut file, &document)?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

/// The slug of a career.
pub(crate) fn slug(number: usize) -> String {
    let (field, job) = names(number);
    format!("{}-{}-{number}", field.to_lowercase(), job.to_lowercase())
}

/// The SOC code of the occupation of a career.
pub(crate) fn occupation(number: usize) -> String {
    format!("{}-{:04}", 11 + number % 40, number % 9_999)
}

/// The field and the job of a career. Neighbours have different names.
fn names(number: usize) -> (&'static str, &'static str) {
    (FIELDS[number % FIELDS.len()], JOBS[number / FIELDS.len() % JOBS.len()])
}

fn source(number: usize) -> Value {
    let mut text = Text::new(1, number);
    json!({
        "kind": "source", "slug": format!("survey-{number}"), "title": format!("Survey of Occupations, Part {number}"),
        "publisher": "Institute of Invented Figures", "url": format!("https://example.org/surveys/{number}"),
        "publishedOn": "2026-01-15", "licence": "CC0", "note": text.prose(2),
    })
}

fn certification(number: usize) -> Value {
    let mut text = Text::new(2, number);
    let levels = ["ENTRY", "TECHNICIAN", "MANAGER", "ADVANCED", "VENDOR"];
    json!({
        "kind": "certification", "slug": format!("certificate-{number}"),
        "title": format!("Certified {} {}", names(number).0, names(number * 7).1), "abbreviation": format!("C{number}"),
        "issuer": { "name": format!("Board {}", number % 9), "url": "https://example.org/board" },
        "level": levels[number % levels.len()], "summary": text.prose(1),
        "requirements": [text.line(), text.line()], "url": format!("https://example.org/certificates/{number}"),
    })
}

fn career(number: usize, careers: usize) -> Value {
    let mut text = Text::new(3, number);
    let mut career = json!({ "kind": "career", "slug": slug(number), "shape": SHAPE });
    let parts = [
        profile(number, careers, &mut text),
        pay(&mut text),
        prospects(number, careers, &mut text),
        training(&mut text),
    ];
    let all = career.as_object_mut().into_iter();
    for fields in all {
        for part in parts.iter().chain([&impact(&mut text)]) {
            fields.extend(part.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        }
    }
    career
}

/// Profile, article, roles and places of work.
fn profile(number: usize, careers: usize, text: &mut Text) -> Value {
    let (field, job) = names(number);
    let title = format!("{field} {job} {number}");
    let role = |key: &str, level: &str, text: &mut Text| {
        json!({
            "key": key, "title": format!("{field} {key}"), "level": level, "summary": text.prose(1),
            "duties": [text.part(), text.part(), text.part()],
        })
    };
    json!({
        "title": title, "alternateTitles": [format!("{job} ({field})"), text.line()], "summary": text.prose(2),
        "codes": [
            { "scheme": "SOC", "version": "2018", "code": occupation(number),
              "match": "CLOSE", "title": format!("{field} Workers") },
        ],
        "tags": [field.to_lowercase(), job.to_lowercase(), format!("group-{}", number % 50)],
        "relatedGuides": [
            { "title": text.line(), "career": slug((number + 1) % careers) },
            { "title": text.line(), "career": slug((number + careers / 2) % careers) },
        ],
        "article": {
            "headline": format!("{title}: Training, Salary, and Pathways"), "description": text.prose(1),
            "publishedOn": format!("20{:02}-{:02}-{:02}", 20 + number % 7, 1 + number % 12, 1 + number % 28),
            "category": CATEGORIES[number % CATEGORIES.len()],
            "author": { "name": "Editorial Team", "kind": "ORGANIZATION" },
            "keyTakeaways": [text.takeaway(), text.takeaway(), text.takeaway()], "explanation": text.prose(9),
            "domains": [text.part(), text.part()], "milestones": [
                { "year": 1990, "title": text.line(), "description": text.prose(1) },
                { "year": 2015, "title": text.line(), "description": text.prose(1) },
            ],
            "conclusion": text.prose(3),
        },
        "roles": [
            role("beginner", "ENTRY", text), role("professional", "MID", text), role("lead", "SENIOR", text),
        ],
        "workSettings": [text.part(), text.part()],
    })
}

fn pay(text: &mut Text) -> Value {
    let median = 30_000 + 500 * text.0.i64(0..180);
    let bands = ["beginner", "professional", "lead"].into_iter().zip(1..).flat_map(|(role, level)| {
        STAGES.into_iter().zip(0..).map(move |(stage, step)| (role, stage, median * (6 + 2 * level + step) / 10))
    });
    let bands: Vec<_> = bands
        .map(|(role, stage, low)| json!({ "role": role, "stage": stage, "range": text.range(low, low * 6 / 5) }))
        .collect();
    let place = STATES[text.0.usize(0..STATES.len())];
    let mut pay = json!({
        "summary": text.prose(2), "bands": bands,
        "percentiles": [{ "percentile": 90, "pay": text.cited(json!({
            "amount": median * 8 / 5, "currency": "USD", "period": "YEAR" })) }],
        "atAGlance": [{ "title": "All roles", "range": text.range(median * 4 / 5, median * 6 / 5) }],
        "adjustments": [{
            "title": "Coast", "places": [place], "change": text.cited(json!({ "low": 10, "high": 20 })),
            "reason": text.prose(1),
        }],
    });
    // Some medians are unknown.
    if text.0.u8(..) > 12 {
        pay["median"] = text.cited(json!({ "amount": median, "currency": "USD", "period": "YEAR" }));
    }
    json!({ "pay": pay })
}

/// Outlook and advancement.
fn prospects(number: usize, careers: usize, text: &mut Text) -> Value {
    let growth = text.0.i64(-10..30);
    let pace = if growth < 0 { "DECLINE" } else { "AS_FAST_AS_AVERAGE" };
    let step = |from: &str, to: &str, text: &mut Text| {
        json!({
            "key": format!("{from}-to-{to}"), "from": from, "to": to, "title": text.line(), "description": text.prose(1),
        })
    };
    let other = slug((number + 17) % careers);
    json!({
        "outlook": {
            "summary": text.prose(2), "growth": text.cited(json!({ "percent": growth })), "throughYear": 2034,
            "pace": pace, "openings": text.cited(json!({ "count": 100 + growth.abs() * 37, "period": "YEAR" })),
            "drivers": [text.part(), text.part()],
        },
        "advancement": [
            step("beginner", "professional", text), step("professional", "lead", text),
            { "key": "lead-to-elsewhere", "from": "lead", "toCareer": other, "title": text.line(),
              "description": text.prose(1) },
        ],
        "advancementSummary": text.prose(1),
    })
}

/// Training and certifications.
fn training(text: &mut Text) -> Value {
    let pathway = |key: &str, credential: &str, years: i64, text: &mut Text| {
        json!({
            "key": key, "title": text.line(), "credential": credential, "formats": ["ONLINE", "IN_PERSON"],
            "duration": text.cited(json!({ "low": format!("P{years}Y"), "high": format!("P{}Y", years + 1) })),
            "cost": text.range(years * 3_000, years * 9_000), "covers": [text.line(), text.line(), text.line()],
            "suits": text.prose(1),
        })
    };
    let first = text.0.usize(0..CERTIFICATIONS);
    let certifications = [0, 7, 31].map(|step| {
        json!({
            "certification": format!("certificate-{}", (first + step) % CERTIFICATIONS),
            "why": text.prose(1), "when": text.prose(1),
        })
    });
    json!({
        "training": {
            "summary": text.prose(1),
            "pathways": [
                pathway("certificate", "CERTIFICATE", 1, text), pathway("associate", "ASSOCIATE", 2, text),
                pathway("bachelor", "BACHELOR", 4, text),
            ],
            "recommendedPath": {
                "audience": "Career changers", "leadsTo": text.prose(1),
                "steps": [
                    { "title": text.line(), "description": text.prose(1),
                      "duration": text.cited(json!({ "low": "P1Y", "high": "P2Y" })) },
                    { "title": text.line(), "description": text.prose(1) },
                ],
            },
        },
        "certifications": certifications,
    })
}

/// Impact of AI, and questions.
fn impact(text: &mut Text) -> Value {
    let task = |key: &str, holder: &str, text: &mut Text| json!({ "key": key, "title": text.line(), "handledBy": holder, "description": text.prose(1) });
    let mut tasks = vec![task("sorting", "AI", text), task("judging", "HUMAN", text), task("teaching", "HUMAN", text)];
    tasks[0]["effect"] = json!({
        "measure": "time by hand", "change": text.cited(json!({ "low": -40, "high": -20 })),
    });
    let questions = ["start", "pay", "remote", "future"]
        .map(|key| json!({ "key": key, "question": format!("{}?", text.line()), "answer": text.prose(3) }));
    let verdicts = ["UNAFFECTED", "AUGMENTED", "REDUCED", "REPLACED"];
    json!({
        "aiImpact": {
            "verdict": verdicts[text.0.usize(0..verdicts.len())], "summary": text.prose(2), "tasks": tasks,
            "bottomLine": text.prose(1),
        },
        "faq": questions,
    })
}

/// Words, by numbers that are always the same.
struct Text(Rng);

impl Text {
    fn new(kind: u64, number: usize) -> Self {
        Self(Rng::with_seed((kind << 48) + number as u64))
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        of[self.0.usize(0..of.len())]
    }

    /// A few words.
    fn line(&mut self) -> String {
        format!("{} {}", self.one(&SUBJECTS), self.one(&VERBS)) + " " + self.one(&OBJECTS)
    }

    /// Sentences.
    fn prose(&mut self, sentences: usize) -> String {
        let sentence = |text: &mut Self| format!("{} and {}.", text.line(), text.one(&OBJECTS));
        (0..sentences).map(|_| sentence(self)).collect::<Vec<_>>().join(" ")
    }

    fn takeaway(&mut self) -> String {
        format!("**{}:** {}", self.line(), self.prose(1))
    }

    fn part(&mut self) -> Value {
        json!({ "title": self.line(), "description": self.prose(1) })
    }

    /// A figure with its source and day.
    fn cited(&mut self, mut figure: Value) -> Value {
        figure["source"] = format!("survey-{}", self.0.usize(0..SOURCES)).into();
        figure["asOf"] = "2026-01-15".into();
        figure
    }

    fn range(&mut self, low: i64, high: i64) -> Value {
        self.cited(json!({ "low": low, "high": high, "currency": "USD", "period": "YEAR" }))
    }
}
