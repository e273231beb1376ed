//! Codes of places.
use kernel::typed_scalar;

typed_scalar!(
    /// A place for which labour data is published.
    PlaceKey,
    "LabourPlaceCode",
    "A place for which labour data is published: `US` for the nation, `US-CA` for a state or a territory, the five digits of a \
     metropolitan area such as `17140`, or the seven digits of a nonmetropolitan area such as `0100001`, by the codes of the U.S. Bureau of \
     Labor Statistics.",
    "https://www.bls.gov/oes/current/msa_def.htm",
    is_place
);

/// States and territories: the two digits by which the Census Bureau and the Bureau of Labor Statistics number them, and their letters.
pub const STATES: [(&str, &str); 56] = [
    ("01", "AL"),
    ("02", "AK"),
    ("04", "AZ"),
    ("05", "AR"),
    ("06", "CA"),
    ("08", "CO"),
    ("09", "CT"),
    ("10", "DE"),
    ("11", "DC"),
    ("12", "FL"),
    ("13", "GA"),
    ("15", "HI"),
    ("16", "ID"),
    ("17", "IL"),
    ("18", "IN"),
    ("19", "IA"),
    ("20", "KS"),
    ("21", "KY"),
    ("22", "LA"),
    ("23", "ME"),
    ("24", "MD"),
    ("25", "MA"),
    ("26", "MI"),
    ("27", "MN"),
    ("28", "MS"),
    ("29", "MO"),
    ("30", "MT"),
    ("31", "NE"),
    ("32", "NV"),
    ("33", "NH"),
    ("34", "NJ"),
    ("35", "NM"),
    ("36", "NY"),
    ("37", "NC"),
    ("38", "ND"),
    ("39", "OH"),
    ("40", "OK"),
    ("41", "OR"),
    ("42", "PA"),
    ("44", "RI"),
    ("45", "SC"),
    ("46", "SD"),
    ("47", "TN"),
    ("48", "TX"),
    ("49", "UT"),
    ("50", "VT"),
    ("51", "VA"),
    ("53", "WA"),
    ("54", "WV"),
    ("55", "WI"),
    ("56", "WY"),
    ("60", "AS"),
    ("66", "GU"),
    ("69", "MP"),
    ("72", "PR"),
    ("78", "VI"),
];

/// The letters of a state by its number.
pub fn letters_of(number: &str) -> Option<&'static str> {
    STATES.iter().find(|(known, _)| *known == number).map(|(_, letters)| *letters)
}

/// Tells whether letters are those of a state or a territory.
pub fn is_state(letters: &str) -> bool {
    STATES.iter().any(|(_, known)| *known == letters)
}

fn is_place(text: &str) -> bool {
    let is_number = |length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    text == "US" || text.strip_prefix("US-").is_some_and(is_state) || is_number(5) || is_number(7)
}

/// The code of a place by that of the Bureau of Labor Statistics, seven digits, and its type: `N`, `S` or `M`.
pub fn key_of(area: &str, area_type: &str) -> Option<String> {
    match (area_type, area.get(..2)) {
        ("N", _) => Some("US".to_owned()),
        ("S", Some(state)) => letters_of(state).map(|letters| format!("US-{letters}")),
        ("M", Some("00")) => area.get(2..).map(str::to_owned),
        ("M", Some(_)) => Some(area.to_owned()),
        _ => None,
    }
    .filter(|_| area.len() == 7 && area.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The states in which an area lies, by its title: `Cincinnati, OH-KY-IN`. Where the title has none, the state of its number.
pub(crate) fn states_of(title: &str, number: &str) -> Vec<String> {
    let named = title.rsplit_once(", ").map(|(_, letters)| letters.split('-').collect::<Vec<_>>()).unwrap_or_default();
    let named: Vec<_> = named.into_iter().filter(|letters| is_state(letters)).collect();
    let states = if named.is_empty() { letters_of(number).into_iter().collect() } else { named };
    states.into_iter().map(|letters| format!("US-{letters}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_have_codes_and_states() {
        assert_eq!(key_of("0000000", "N").as_deref(), Some("US"));
        assert_eq!(key_of("0600000", "S").as_deref(), Some("US-CA"));
        assert_eq!(key_of("0017140", "M").as_deref(), Some("17140"));
        assert_eq!(key_of("0100001", "M").as_deref(), Some("0100001"));
        assert_eq!(key_of("06", "S"), None);
        assert_eq!(states_of("Cincinnati, OH-KY-IN", "39"), ["US-OH", "US-KY", "US-IN"]);
        assert_eq!(states_of("Northwest Alabama nonmetropolitan area", "01"), ["US-AL"]);
    }
}
