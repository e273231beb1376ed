//! The rules of this module.
use kernel::{
    Rule,
    document::{CheckedDocument, Findings},
    path,
};
use pages::Seo;

use crate::CategoryProfile;

pub(crate) const DUPLICATE: Rule = Rule::error(
    "duplicate-parent",
    "A category names each wider category once.",
    "kind: category\nslug: health\ntitle: Health\n---\nkind: category\nslug: nursing\ntitle: Nursing\nparents: [health]",
    "kind: category\nslug: health\ntitle: Health\n---\nkind: category\nslug: nursing\ntitle: Nursing\nparents: [health, health]",
);

/// Maximum number of wider categories, so that a request for those of all of them stays small.
const MOST: usize = 10;

pub(crate) const MANY: Rule = Rule::error(
    "too-many-parents",
    "A category is part of at most 10 wider ones.",
    "kind: category\nslug: health\ntitle: Health\n---\nkind: category\nslug: nursing\ntitle: Nursing\nparents: [health]",
    "kind: category\nslug: nursing\ntitle: Nursing\nparents: [a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11]",
);

pub(crate) const LOOP: Rule = Rule::error(
    "hierarchy-loop",
    "The links of a category to wider ones do not lead back to it.",
    "kind: category\nslug: health\ntitle: Health\n---\nkind: category\nslug: nursing\ntitle: Nursing\nparents: [health]",
    "kind: category\nslug: health\ntitle: Health\nparents: [nursing]\n---\nkind: category\nslug: nursing\ntitle: Nursing\nparents: [health]",
);

/// Tells whether the page of a category stands in a sitemap.
pub(crate) fn is_listed(document: &CheckedDocument) -> bool {
    let profile = document.section::<CategoryProfile>();
    profile.and_then(|profile| profile.seo.as_ref()).is_none_or(Seo::is_listed)
}

pub(crate) fn check(guide: &CheckedDocument, findings: &mut Findings) {
    let Some(category) = guide.section::<CategoryProfile>() else { return };
    if let Some(image) = &category.image {
        image.check(&path!["image"], findings);
    }
    if category.parents.len() > MOST {
        let message = format!("it names {} wider categories, and may name {MOST}", category.parents.len());
        findings.error(MANY.id, path!["parents"], message);
    }
    for (index, parent) in category.parents.iter().enumerate() {
        let slug = parent.slug();
        if let Some(first) = category.parents[..index].iter().position(|other| other.slug() == slug) {
            let message = format!("parents[{first}] is already `{slug}`; keep one of them");
            findings.error(DUPLICATE.id, path!["parents", index], message);
        }
    }
}
