//! Changes of the shape of a career's document.
use kernel::{
    Reshaping,
    document::{Reshaped, Tree, TreeValue, at},
    path,
};
use unicode_normalization::UnicodeNormalization as _;

/// The slug of a category was its name.
pub(crate) const CATEGORY: Reshaping = Reshaping {
    day: "2026-12-01",
    about: "until then, `article.category` was the name of a category; it is its slug",
    apply: category_becomes_link,
};

/// Makes the name of the category its slug.
fn category_becomes_link(document: &mut Tree, reshaped: &mut Reshaped) {
    let Some(category) = at(document, &["article", "category"]) else { return };
    let TreeValue::Text(name) = &mut category.value else { return };
    // The check says that it is empty.
    if name.trim().is_empty() {
        return;
    }
    let slug = category_slug(name);
    if slug != *name {
        let message = format!("`{name}` is read as a link to the category `{slug}`");
        reshaped.push((path!["article", "category"], message));
        *name = slug;
    }
}

/// The slug of a category by its name: letters without their marks and digits, words joined by hyphens. A name without any of these
/// has one that is made of its characters.
pub(crate) fn category_slug(name: &str) -> String {
    /// Maximum number of bytes of a slug.
    const LONGEST: usize = 200;
    // What tells C, C++ and C# apart.
    let name = &name.replace('+', " plus ").replace('#', " sharp ");
    let plain: String = name.nfkd().filter(|character| !('\u{300}'..='\u{36f}').contains(character)).collect();
    let words = plain.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    // Whole words or, of a single long one, its beginning.
    while slug.len() > LONGEST {
        slug.truncate(slug.rfind('-').unwrap_or(LONGEST));
    }
    if slug.is_empty() {
        let code = name.chars().map(|character| format!("{:x}", u32::from(character))).collect::<Vec<_>>();
        slug = format!("category-{}", code.join("-"));
        slug.truncate(LONGEST);
        slug.truncate(slug.trim_end_matches('-').len());
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::category_slug;

    #[test]
    fn names_become_slugs() {
        assert_eq!(["C", "C++", "C#"].map(category_slug), ["c", "c-plus-plus", "c-sharp"]);
        let named = [
            "Career Guide",
            "Health & Care",
            "  Büro/IT ",
            "Soins infirmiers à domicile",
            "health-care",
            "Ⅳ",
            "健康",
            "…",
        ];
        let slugs = named.map(category_slug);

        assert_eq!(
            slugs,
            [
                "career-guide",
                "health-care",
                "buro-it",
                "soins-infirmiers-a-domicile",
                "health-care",
                "iv",
                "category-5065-5eb7",
                "category-2026"
            ]
        );
        for slug in
            [category_slug(&"word ".repeat(90)), category_slug(&"x".repeat(300)), category_slug(&"健".repeat(300))]
        {
            assert!(kernel::document::scalar::is_slug(&slug), "{slug}");
        }
    }
}
