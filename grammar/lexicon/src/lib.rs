//! What policy text and the run time agree on, declared once.
//!
//! The front end (`deodar-grammar`) and the run time (`deodar-runtime`) do not know each other: a service that only
//! decides requests links no parser. A few facts belong to both, and live here so that neither repeats them:
//!
//! | module | fact |
//! |---|---|
//! | [`name`] | which words are identifiers, which are reserved, what a qualified name is |
//! | [`escape`] | the escapes of string literals and of `like` patterns |
//! | [`pattern`] | what a `like` pattern is |
//! | [`builtin`] | every extension function and method: name, call style, parameters, result |
//! | [`limits`] | every size and depth limit of Deodar |
//! | [`json`] | a JSON reader and writer with positions, without recursion |
//!
//! The crate performs no I/O and depends on nothing but `smol_str`.

pub mod builtin;
pub mod escape;
pub mod json;
pub mod limits;
pub mod name;
pub mod pattern;

pub use builtin::Builtin;
pub use pattern::{Pattern, PatternElement};
