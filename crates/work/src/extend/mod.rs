pub(crate) mod occupation;
