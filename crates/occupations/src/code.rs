//! Codes of occupations.
use kernel::typed_scalar;

typed_scalar!(
    /// An occupation of O*NET.
    OccupationCode,
    "OnetSocCode",
    "An occupation by its O*NET-SOC 2019 code, such as `29-2072.00`. Its first seven characters are the SOC 2018 code.",
    "https://www.onetcenter.org/taxonomy.html",
    is_onet_soc
);

typed_scalar!(
    /// A code of the Standard Occupational Classification.
    SocCode,
    "SocCode",
    "An occupation or a group of occupations by its SOC 2018 code, such as `29-2072` or `29-0000`; or by a code of that form under which the U.S. Bureau \
     of Labor Statistics publishes several occupations together, such as `29-2010`.",
    "https://www.bls.gov/soc/2018/",
    is_soc
);

/// Tells whether a text has the form of a code of an O*NET occupation, such as `29-2072.00`.
pub fn is_onet_soc(text: &str) -> bool {
    has_form(text, "99-9999.99")
}

/// Tells whether a text has the form of a SOC code, such as `29-2072`.
pub fn is_soc(text: &str) -> bool {
    has_form(text, "99-9999")
}

/// Tells whether an O*NET-SOC code stands for a SOC occupation as a whole. O*NET divides some further: `13-1199.04` is a part of `13-1199`, so that
/// figures of the SOC code are those of a wider group.
pub fn is_whole(code: &str) -> bool {
    code.ends_with(".00")
}

fn has_form(text: &str, form: &str) -> bool {
    let fits = |(byte, as_in): (u8, u8)| if as_in == b'9' { byte.is_ascii_digit() } else { byte == as_in };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

/// The SOC code of an O*NET occupation, or of a SOC occupation.
pub fn soc_of(code: &str) -> &str {
    code.get(..7).unwrap_or(code)
}
