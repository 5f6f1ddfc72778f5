//! The language of Deodar: policies and schemas, as text and as JSON, to one tree and back.

mod diagnostic;
mod lexer;
mod policy;
mod source;
mod token;

pub mod ast;

pub use diagnostic::{Code, Diagnostic, Label, Report, Severity};
pub use source::{LineColumn, Source, SourceId, Sources, Span};
