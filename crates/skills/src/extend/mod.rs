pub(crate) mod occupation;
pub(crate) mod occupation_tools;
