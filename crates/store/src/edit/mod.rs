//! Actions of editors on entries: each change is one transaction with its row in the audit log.
pub(crate) mod follow;
pub(crate) mod held;
pub(crate) mod overtaken;
pub(crate) mod publish;
pub(crate) mod publish_error;
pub(crate) mod relink;
pub(crate) mod rename;
pub(crate) mod save;
pub(crate) mod target;
pub(crate) mod unpublish;
