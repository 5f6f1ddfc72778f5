//! Cedar's JSON form of policies and policy sets: a second reader and a second printer of the one tree.
//!
//! The reader accepts exactly the documents that the reference crate accepts, with what its deserialiser lets pass: a
//! policy, a condition, an entity, a link, a set and an `is` constraint may also be arrays of their members, and a name
//! without content an object with that key and `null`. It is stricter in three ways, each of which would hide a mistake:
//! a repeated key is always an error, a member of `templates` must have a slot (the reference drops it silently
//! otherwise), and an `__extn` escape must name a function that exists.
//!
//! Invariants:
//! - Reading and writing use no stack in proportion to the nesting of the document.
//! - What is read is what the policy's text would give: `{"Value": [1]}` is a set literal, chains are one node.

mod constraint;
mod expr;
mod fields;
mod reader;
mod set;
mod statement;
mod value;
mod write;

pub use self::{
    set::{policies_from_json, policy_from_json, policy_set_from_json, template_from_json},
    write::{policies_to_json, policy_to_json},
};
