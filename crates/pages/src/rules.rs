//! The rules that this module reports, shown on a document of a kind that has a page.
use kernel::{App, Rule};

macro_rules! career {
    ($more:literal) => {
        concat!("kind: career\nslug: nurse\ntitle: Nurse\nsummary: Cares for people.\n", $more)
    };
}

const RULES: [Rule; 2] = [
    Rule::warning(
        "missing-alt",
        "An image has a text that stands for it, so that those who do not see it miss nothing; it is empty if the image is only decoration.",
        career!("image: {url: 'https://images.example.org/nurse.jpg', alt: A nurse at a bedside}"),
        career!("image: {url: 'https://images.example.org/nurse.jpg'}"),
    ),
    Rule::error(
        "link-template",
        "The template of a link makes a web address: its variables are known ones, in braces, and stand behind the host.",
        career!("jobLinks:\n  - {label: Jobs, template: 'https://jobs.example.org/search?q={title}&where={place}'}"),
        career!("jobLinks:\n  - {label: Jobs, template: 'https://jobs.example.org/search?q={titel}'}"),
    ),
];

/// Registers the rules.
pub(crate) fn register(app: &mut App) {
    for rule in RULES {
        app.rule(rule);
    }
}
