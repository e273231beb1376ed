//! Maps of the kernel.
use std::collections::HashMap;

/// A map whose hashes are quick to make, and differ from process to process.
pub(crate) type Map<K, V> = HashMap<K, V, foldhash::quality::RandomState>;
