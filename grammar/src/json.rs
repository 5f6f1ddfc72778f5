//! The JSON syntaxes of the language.

pub(crate) mod policy;
pub(crate) mod schema;
