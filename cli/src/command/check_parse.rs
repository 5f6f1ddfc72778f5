//! `check-parse`: can everything that is given be read?
//!
//! More than syntax is checked, as with `cedar`: ids are unique, links fit their templates, names in the schema are
//! declared, entities conform to the schema.

use serde_json::json;

use crate::{
    args::{CheckParseArgs, Format},
    input::{self, LinksFile, parse_expression, project_entities, read_entities, read_policies, read_schema},
    session::{Exit, Outcome, Session},
};

pub(super) fn run(args: &CheckParseArgs, session: &mut Session<'_>) -> Outcome {
    let nothing_given = args.policies.policies.is_empty()
        && !args.schema.is_given()
        && args.entities.is_none()
        && args.expression.is_none();
    let in_project = nothing_given && session.project.is_some();
    if !args.policies.policies.is_empty() || nothing_given {
        let policies = read_policies(session, &args.policies, LinksFile::Required);
        // Ids and links are checked where the texts are without errors.
        if !session.has_errors() {
            policies.compile(session);
        }
    }
    if let Some(text) = &args.expression {
        let source = session.add_source(input::EXPRESSION, text.as_str());
        parse_expression(session, source);
    }
    let schema = read_schema(session, &args.schema);
    let schema_failed = session.has_schema(&args.schema) && schema.is_none();
    // Without the schema that was meant, entities may be written in forms that only it explains.
    if let Some(path) = args.entities.as_deref().filter(|_| !schema_failed) {
        read_entities(session, path, schema.as_ref().map(deodar_compiler::Schema::shapes));
    } else if in_project && !schema_failed {
        project_entities(session, schema.as_ref().map(deodar_compiler::Schema::shapes));
    }
    let exit = if session.has_errors() { Exit::Failure } else { Exit::Success };
    if session.format == Format::Json {
        let problems = session.problems_to_json();
        session.print_json(&json!({ "ok": exit == Exit::Success, "problems": problems }))?;
    }
    Ok(exit)
}
