//! The rows by which careers, roles and moves are found.
use kernel::{
    Entry,
    document::Guide,
    list::{enum_name, fold},
    store::Rows,
};
use sea_orm::ActiveValue::Set;
use sources::Money;

use crate::{
    document::{AdvancementSection, ArticleSection, OutlookSection, PaySection, Profile, RolesSection},
    entity::{advancement, career, career_code, career_tag, role},
};

pub(crate) fn project(guide: &Guide, entry: &Entry, rows: &mut Rows) {
    if let Some(profile) = guide.section::<Profile>() {
        rows.insert(career_row(guide, entry, profile));
        classify(profile, entry, rows);
    }
    if let Some(section) = guide.section::<RolesSection>() {
        for role in &section.roles {
            rows.insert(role::ActiveModel {
                revision_id: Set(entry.revision()),
                entry_id: Set(entry.id()),
                node_key: Set(entry.part_key(&role.key)),
                title: Set(fold(&role.title)),
                level: Set(role.level.map(enum_name)),
            });
        }
    }
    if let Some(section) = guide.section::<AdvancementSection>() {
        for advancement in &section.advancement {
            rows.insert(advancement::ActiveModel {
                revision_id: Set(entry.revision()),
                entry_id: Set(entry.id()),
                node_key: Set(entry.part_key(&advancement.key)),
                title: Set(fold(&advancement.title)),
                from_role: Set(entry.part_key(&advancement.from)),
                to_role: Set(advancement.target(entry.slug())),
                to_career: Set(advancement.to_career.as_ref().map(|link| link.slug().to_owned())),
            });
        }
    }
}

fn career_row(guide: &Guide, entry: &Entry, profile: &Profile) -> career::ActiveModel {
    let pay = guide.section::<PaySection>().and_then(|section| section.pay.as_ref());
    let outlook = guide.section::<OutlookSection>().and_then(|section| section.outlook.as_ref());
    let article = guide.section::<ArticleSection>().and_then(|section| section.article.as_ref());
    career::ActiveModel {
        revision_id: Set(entry.revision()),
        entry_id: Set(entry.id()),
        node_key: Set(entry.slug().to_owned()),
        title: Set(fold(&profile.title)),
        category: Set(article.map(|article| fold(&article.category))),
        published_on: Set(article.map(|article| article.published_on.to_string())),
        yearly_pay: Set(pay.and_then(|pay| pay.median.as_ref()).and_then(Money::per_year)),
        growth: Set(outlook.map(|outlook| outlook.growth.percent.0)),
    }
}

fn classify(profile: &Profile, entry: &Entry, rows: &mut Rows) {
    for (position, code) in (0..).zip(&profile.codes) {
        rows.insert(career_code::ActiveModel {
            revision_id: Set(entry.revision()),
            position: Set(position),
            scheme: Set(enum_name(code.scheme)),
            code: Set(code.code.clone()),
        });
    }
    for (position, tag) in (0..).zip(&profile.tags) {
        rows.insert(career_tag::ActiveModel {
            revision_id: Set(entry.revision()),
            position: Set(position),
            tag: Set(tag.to_string()),
        });
    }
}
