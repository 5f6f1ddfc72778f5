//! The language of Deodar: policies and schemas, as text and as JSON, to one tree and back.

mod diagnostic;
mod lexer;
mod policy;
mod report;
mod resolve;
mod source;
mod suggest;
mod token;

pub mod ast;

pub use diagnostic::{Code, Diagnostic, Label, Report, Severity};
pub use policy::{parse_expression, parse_policies};
pub use report::codes;
pub use source::{LineColumn, Source, SourceId, Sources, Span};
