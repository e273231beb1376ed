//! Numbers as publishers write them: plain decimal ones, whose value a file and a database hold alike.

/// Maximum number of digits before the point: every whole number of so many is exact as a float of 64 bits.
const MAX_DIGITS: usize = 15;

/// Reads a plain decimal number, such as `-12.50`: neither an exponent, nor `+`, nor separators of thousands, nor `nan`.
pub fn decimal(text: &str) -> Option<f64> {
    plain(text)?.parse().ok()
}

/// The same, whose thousands may be separated by commas, as in `1,579.8`.
pub fn grouped_decimal(text: &str) -> Option<f64> {
    let (whole, _) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.trim_start_matches('-').split(',');
    let first = groups.next().unwrap_or_default();
    let mut has_groups = false;
    for group in groups {
        has_groups = true;
        if group.len() != 3 {
            return None;
        }
    }
    if has_groups && !(1..=3).contains(&first.len()) || text[whole.len()..].contains(',') {
        return None;
    }
    decimal(&text.replace(',', ""))
}

/// Reads a number that may have an exponent, as in `1.21e-06`.
pub(super) fn scientific(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    (plain(mantissa).is_some() && is_digits(digits) && digits.len() <= 2).then_some(())?;
    // The sum is no negative zero.
    text.parse().ok().map(|number: f64| number + 0.0)
}

/// A plain decimal number as Rust reads it: that of zero without a sign.
pub(super) fn plain(text: &str) -> Option<&str> {
    let number = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_plain = is_digits(whole) && is_digits(fraction) && whole.trim_start_matches('0').len() <= MAX_DIGITS;
    let is_zero = number.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    is_plain.then_some(if is_zero { number } else { text })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_are_read() {
        for (text, number) in [("0", 0.0), ("-12.50", -12.5), ("007", 7.0), ("999999999999999", 999_999_999_999_999.0)]
        {
            assert_eq!(decimal(text), Some(number), "{text}");
            assert_eq!(grouped_decimal(text), Some(number), "{text}");
            assert_eq!(scientific(text), Some(number), "{text}");
        }
        assert!(decimal("-0.0").is_some_and(f64::is_sign_positive));
        assert!(scientific("-0e0").is_some_and(f64::is_sign_positive));
    }

    #[test]
    fn other_numbers_are_refused() {
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "+5",
            "1e5",
            "0x1",
            "inf",
            "nan",
            "NaN",
            "1_000",
            "1,000",
            "1.2.3",
            "--1",
            "1 0",
            "9007199254740993",
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn thousands_are_separated_in_threes() {
        assert_eq!(grouped_decimal("1,579.8"), Some(1_579.8));
        assert_eq!(grouped_decimal("-12,345,678"), Some(-12_345_678.0));
        for text in ["1,5", "1234,567", ",123", "1,234,", "1.5,000", "1,,000", "-,123"] {
            assert_eq!(grouped_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn exponents_are_read_where_a_file_has_them() {
        assert_eq!(scientific("1.21e-06"), Some(1.21e-6));
        for text in ["1e", "1e+", "e5", "1e400", "1e5e5", "infe1"] {
            assert_eq!(scientific(text), None, "{text}");
        }
    }
}
