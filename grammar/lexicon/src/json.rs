//! A JSON reader and writer with positions, without recursion (RFC 8259).
//!
//! Policies nest as deep as their authors like, and every error must point into the input. General-purpose readers
//! recurse per level, drop positions, and round numbers; this one keeps byte offsets, the text of each number and the
//! order of members, and holds a document as one flat list of nodes, so that no input can overflow the stack.
//!
//! [`Document::parse`] reads a whole text; [`ArrayStream`] reads the elements of a top-level array one at a time into
//! the same memory. [`Writer`] writes what it is told, compact or indented.
//!
//! Repeated keys are kept: whether they are an error is the consumer's decision, with [`Object::repeated_key`].

mod read;
mod write;

pub use read::{Array, ArrayStream, Document, JsonError, JsonProblem, Kind, Object, Value};
pub use write::Writer;
