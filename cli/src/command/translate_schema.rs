//! `translate-schema`: a schema between the Cedar syntax and JSON.

use deodar_compiler::schema::resolve_schema_names;
use deodar_grammar::{ast::schema::Schema, print_schema, schema_to_json};
use serde_json::json;

use crate::{
    args::{Format, SchemaDirection, TextFormat, TranslateSchemaArgs},
    input::parse_schema,
    session::{Exit, Outcome, Session, Stop},
};

pub(super) fn run(args: &TranslateSchemaArgs, session: &mut Session<'_>) -> Outcome {
    let format = match args.direction {
        SchemaDirection::JsonToCedar => TextFormat::Json,
        SchemaDirection::CedarToJson | SchemaDirection::CedarToJsonWithResolvedTypes => TextFormat::Cedar,
    };
    let path = args.schema.as_deref();
    let source = session.read_source_or_stdin(path, "the schema").ok_or(Stop::Problems)?;
    let tree = parse_schema(session, source, format).ok_or(Stop::Problems)?;
    let text = match args.direction {
        SchemaDirection::JsonToCedar => print_schema(&tree).map_err(|diagnostics| {
            session.report_all(diagnostics);
            Stop::Problems
        })?,
        SchemaDirection::CedarToJson => schema_to_json(&tree),
        SchemaDirection::CedarToJsonWithResolvedTypes => schema_to_json(&resolved(session, &tree)?),
    };
    match (session.format, format) {
        (Format::Json, TextFormat::Json) => session.print_json(&json!({ "schema": text }))?,
        // The result is JSON already.
        (Format::Text | Format::Json, TextFormat::Cedar) | (Format::Text, TextFormat::Json) => {
            session.io.stdout(&format!("{text}\n"))?;
        }
    }
    Ok(Exit::Success)
}

/// The schema in which each name says what it is.
fn resolved(session: &mut Session<'_>, tree: &Schema) -> Result<Schema, Stop> {
    let (schema, diagnostics) = resolve_schema_names(tree);
    session.report_all(diagnostics);
    schema.ok_or(Stop::Problems)
}
