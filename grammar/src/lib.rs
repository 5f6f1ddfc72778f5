//! The language of Deodar: policies and schemas, as text and as JSON, to one tree and back.

mod diagnostic;
mod json;
mod lexer;
mod policy;
mod report;
mod resolve;
mod schema;
mod source;
mod suggest;
mod token;

pub mod ast;

pub use diagnostic::{Code, Diagnostic, Label, Report, Severity};
pub use json::schema::{schema_from_json, schema_to_json};
pub use policy::{parse_expression, parse_policies};
pub use report::codes;
pub use schema::{parse_schema, print::print_schema};
pub use source::{LineColumn, Source, SourceId, Sources, Span};
