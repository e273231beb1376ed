//! The rows by which programs are found.
use kernel::{
    Entry,
    document::Guide,
    list::{enum_name, fold},
    store::Rows,
};
use sea_orm::ActiveValue::Set;

use crate::{TrainingSection, entity::training_pathway};

pub(crate) fn project(guide: &Guide, entry: &Entry, rows: &mut Rows) {
    let Some(section) = guide.section::<TrainingSection>() else { return };
    for pathway in section.training.iter().flat_map(|training| &training.pathways) {
        let (least_cost, most_cost) = pathway.cost.paid_once();
        rows.insert(training_pathway::ActiveModel {
            revision_id: Set(entry.revision()),
            entry_id: Set(entry.id()),
            node_key: Set(entry.part_key(&pathway.key)),
            title: Set(fold(&pathway.title)),
            credential: Set(enum_name(pathway.credential)),
            min_months: Set(pathway.duration.low.as_ref().map(kernel::Duration::months)),
            max_months: Set(pathway.duration.high.as_ref().map(kernel::Duration::months)),
            least_cost: Set(least_cost),
            most_cost: Set(most_cost),
        });
    }
}
