//! Open types: objects, inputs and the `Node` interface, owned by one module and extended by others.
//!
//! The only folder that touches `async_graphql::registry`, which is public but undocumented; the version is pinned for it.
mod entry;
mod input;
mod kind;
mod node;
mod object;

pub use entry::{entry_type, resolve_entry_field};
pub(crate) use input::{Extend, open_input};
pub(crate) use kind::{AddKind, EntryKind};
pub(crate) use node::{AnyNode, FindNode, ImplementsNode, NodeSpec, Nodes};
pub use object::resolve_part;
pub(crate) use object::{AddedFields, ExtendObject, Field, ListField, Resolve, ResolveFn, input_fields, object_fields};
