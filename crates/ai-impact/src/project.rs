//! The rows by which careers and tasks are found.
use kernel::{
    Entry,
    document::Guide,
    list::{enum_name, fold},
    store::Rows,
};
use sea_orm::ActiveValue::Set;

use crate::{
    AiImpactSection,
    entity::{ai_impact, ai_task},
};

pub(crate) fn project(guide: &Guide, entry: &Entry, rows: &mut Rows) {
    let impact = guide.section::<AiImpactSection>().and_then(|section| section.ai_impact.as_ref());
    let Some(impact) = impact else { return };
    rows.insert(ai_impact::ActiveModel { revision_id: Set(entry.revision()), verdict: Set(enum_name(impact.verdict)) });
    for task in &impact.tasks {
        let change = task.effect.as_ref().map(|effect| &effect.change);
        rows.insert(ai_task::ActiveModel {
            revision_id: Set(entry.revision()),
            entry_id: Set(entry.id()),
            node_key: Set(entry.part_key(&task.key)),
            title: Set(fold(&task.title)),
            handled_by: Set(enum_name(task.handled_by)),
            min_effect: Set(change.and_then(|change| change.low).map(|low| low.0)),
            max_effect: Set(change.and_then(|change| change.high).map(|high| high.0)),
        });
    }
}
