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

/// States and territories: the two digits by which the Census Bureau and the Bureau of Labor Statistics number them, their letters, and their names.
pub const STATES: [(&str, &str, &str); 56] = [
    ("01", "AL", "Alabama"),
    ("02", "AK", "Alaska"),
    ("04", "AZ", "Arizona"),
    ("05", "AR", "Arkansas"),
    ("06", "CA", "California"),
    ("08", "CO", "Colorado"),
    ("09", "CT", "Connecticut"),
    ("10", "DE", "Delaware"),
    ("11", "DC", "District of Columbia"),
    ("12", "FL", "Florida"),
    ("13", "GA", "Georgia"),
    ("15", "HI", "Hawaii"),
    ("16", "ID", "Idaho"),
    ("17", "IL", "Illinois"),
    ("18", "IN", "Indiana"),
    ("19", "IA", "Iowa"),
    ("20", "KS", "Kansas"),
    ("21", "KY", "Kentucky"),
    ("22", "LA", "Louisiana"),
    ("23", "ME", "Maine"),
    ("24", "MD", "Maryland"),
    ("25", "MA", "Massachusetts"),
    ("26", "MI", "Michigan"),
    ("27", "MN", "Minnesota"),
    ("28", "MS", "Mississippi"),
    ("29", "MO", "Missouri"),
    ("30", "MT", "Montana"),
    ("31", "NE", "Nebraska"),
    ("32", "NV", "Nevada"),
    ("33", "NH", "New Hampshire"),
    ("34", "NJ", "New Jersey"),
    ("35", "NM", "New Mexico"),
    ("36", "NY", "New York"),
    ("37", "NC", "North Carolina"),
    ("38", "ND", "North Dakota"),
    ("39", "OH", "Ohio"),
    ("40", "OK", "Oklahoma"),
    ("41", "OR", "Oregon"),
    ("42", "PA", "Pennsylvania"),
    ("44", "RI", "Rhode Island"),
    ("45", "SC", "South Carolina"),
    ("46", "SD", "South Dakota"),
    ("47", "TN", "Tennessee"),
    ("48", "TX", "Texas"),
    ("49", "UT", "Utah"),
    ("50", "VT", "Vermont"),
    ("51", "VA", "Virginia"),
    ("53", "WA", "Washington"),
    ("54", "WV", "West Virginia"),
    ("55", "WI", "Wisconsin"),
    ("56", "WY", "Wyoming"),
    ("60", "AS", "American Samoa"),
    ("66", "GU", "Guam"),
    ("69", "MP", "Northern Mariana Islands"),
    ("72", "PR", "Puerto Rico"),
    ("78", "VI", "Virgin Islands"),
];

/// The letters of a state by its number.
pub fn letters_of(number: &str) -> Option<&'static str> {
    STATES.iter().find(|(known, ..)| *known == number).map(|(_, letters, _)| *letters)
}

/// Tells whether letters are those of a state or a territory.
pub fn is_state(letters: &str) -> bool {
    STATES.iter().any(|(_, known, _)| *known == letters)
}

fn is_place(text: &str) -> bool {
    let is_number = |length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    text == "US" || text.strip_prefix("US-").is_some_and(is_state) || is_number(5) || is_number(7)
}

/// The area code of the nation.
const NATION: &str = "0000000";

/// The code of a place by that of the Bureau of Labor Statistics, seven digits, and its type: `N`, `S` or `M`.
pub fn key_of(area: &str, area_type: &str) -> Option<String> {
    let is_whole = area.ends_with("00000");
    match (area_type, area.get(..2)) {
        ("N", _) if area == NATION => Some("US".to_owned()),
        ("S", Some(state)) if is_whole => letters_of(state).map(|letters| format!("US-{letters}")),
        ("M", Some("00")) if !is_whole => area.get(2..).map(str::to_owned),
        ("M", Some(_)) if !is_whole => Some(area.to_owned()),
        _ => None,
    }
    .filter(|_| area.len() == 7 && area.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The message of a code that is not that of an area of its type.
pub fn not_an_area(area: &str, area_type: &str) -> String {
    format!(
        "`{area}` is not the code of an area of type `{area_type}`: that of the nation (`N`) is 0000000, that of a state (`S`) ends with \
         00000, and that of another area (`M`) has seven digits and does not"
    )
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
