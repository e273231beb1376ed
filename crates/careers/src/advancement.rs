//! The lists of moves that lead to a role or into a career.
use kernel::{
    Kind as _,
    list::{BackLinks, Listed},
};

use crate::{Advancement, Career, Role, document::advancement_table};

/// `Role.advancesFrom`.
pub(crate) struct IntoRole;

impl BackLinks for IntoRole {
    type On = Role;
    type To = Advancement;
    type Table = <Advancement as Listed>::Table;

    const NAME: &'static str = "advancesFrom";
    const ABOUT: &'static str = "The moves that lead to this role, from this career and from others.";

    fn column() -> advancement_table::Column {
        advancement_table::Column::ToRole
    }

    fn key(role: &Role) -> String {
        role.owner.entry().part_key(&role.key)
    }
}

/// `Career.advancesFrom`.
pub(crate) struct IntoCareer;

impl BackLinks for IntoCareer {
    type On = Career;
    type To = Advancement;
    type Table = <Advancement as Listed>::Table;

    const NAME: &'static str = "advancesFrom";
    const ABOUT: &'static str = "The moves that lead into this career from others.";

    fn column() -> advancement_table::Column {
        advancement_table::Column::ToCareer
    }

    fn key(career: &Career) -> String {
        career.entry().slug().to_owned()
    }
}
