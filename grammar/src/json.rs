//! The JSON syntaxes of the language.

pub(crate) mod schema;
