//! The language of Deodar: policies and schemas, as text and as JSON, to one tree and back.

mod diagnostic;
mod format;
mod json;
mod lexer;
mod policy;
mod print;
mod report;
mod resolve;
mod schema;
mod source;
mod suggest;
mod token;

pub mod ast;

pub use diagnostic::{Code, Diagnostic, Label, Page, Report, Severity};
pub use format::{FormatOptions, format_policies};
pub use json::{
    policy::{
        policies_from_json, policies_to_json, policy_from_json, policy_set_from_json, policy_to_json,
        template_from_json,
    },
    schema::{schema_from_json, schema_to_json},
};
pub use policy::{parse_expression, parse_policies};
pub use print::{print_expression, print_policies, print_policy};
pub use report::{codes, pages};
pub use schema::{parse_schema, print::print_schema};
pub use source::{LineColumn, Source, SourceId, Sources, Span};
pub use suggest::closest;
