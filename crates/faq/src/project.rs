//! The rows by which questions are found.
use kernel::{Entry, document::Guide, list::fold, store::Rows};
use sea_orm::ActiveValue::Set;

use crate::{FaqSection, entity::question};

pub(crate) fn project(guide: &Guide, entry: &Entry, rows: &mut Rows) {
    let Some(section) = guide.section::<FaqSection>() else { return };
    for question in &section.faq {
        rows.insert(question::ActiveModel {
            revision_id: Set(entry.revision()),
            entry_id: Set(entry.id()),
            node_key: Set(entry.part_key(&question.key)),
            question: Set(fold(&question.question)),
            answer: Set(fold(question.answer.plain())),
        });
    }
}
