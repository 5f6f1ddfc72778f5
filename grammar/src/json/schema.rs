//! Schemas in the JSON syntax.
//!
//! What is accepted is what the reference implementation accepts, accidents of its reader included: objects with a
//! fixed set of fields may be written as arrays of the values in order, and some fields may be `null`. Every mistake is
//! reported where it stands, with its JSON path.

mod fields;
mod read;
mod types;
mod write;

pub use self::{read::schema_from_json, write::schema_to_json};
