//! `evaluate`: the value of an expression, with as much of a request as it needs.

use std::fmt::Write;

use deodar_compiler::{Schema, compile_expression};
use deodar_grammar::{
    Span,
    ast::{self, ExprKind, Variable},
};
use deodar_runtime::{Engine, EntityTypeName, EntityUid, EvaluateError, Program, Request, Value, ValueRef};
use serde_json::json;

use crate::{
    args::{EvaluateArgs, Format},
    input::{self, RequestParts, given_entities, given_request, parse_expression, read_schema},
    problem::Problem,
    report,
    session::{Exit, Outcome, Session, Stop},
};

pub(super) fn run(args: &EvaluateArgs, session: &mut Session<'_>) -> Outcome {
    if session.format == Format::Text {
        session.io.stdout("\n")?;
    }
    let schema = read_schema(session, &args.schema);
    let shapes = schema.as_ref().map(Schema::shapes);
    let request = given_request(session, &args.request, schema.as_ref());
    let expression = read_expression(session, &args.expression);
    let entities = given_entities(session, args.entities.as_deref(), shapes);
    session.stop_on_errors()?;
    let (Some(request), Some(expression), Some(entities)) = (request, expression, entities) else {
        return Err(Stop::Problems);
    };
    let schema = schema.as_ref().filter(|_| args.request.request_validation);
    let request = needed_request(session, request, &expression, schema)?;
    let compiled = match compile_expression(&expression, &session.sources) {
        Ok(compiled) => compiled,
        Err(diagnostics) => {
            session.report_all(diagnostics);
            return Err(Stop::Problems);
        }
    };
    let engine = Engine::new(Program::default(), entities);
    match engine.evaluate(&compiled, request.as_ref()) {
        Ok(value) => print(session, &value),
        Err(error) => {
            let problem = failure(&expression, &error);
            session.stop(problem)
        }
    }
}

/// The expression of the argument, or of standard input.
fn read_expression(session: &mut Session<'_>, text: &str) -> Option<ast::Expression> {
    let (name, text) = match text {
        "-" => ("<stdin>", session.read_stdin("the expression")?),
        text => (input::EXPRESSION, text.to_owned()),
    };
    let source = session.add_source(name, text);
    parse_expression(session, source)
}

/// The request as far as the expression needs one: what it mentions must be given; the rest does not matter.
pub(crate) fn needed_request(
    session: &mut Session<'_>,
    parts: RequestParts,
    expression: &ast::Expression,
    schema: Option<&Schema>,
) -> Result<Option<Request>, Stop> {
    if parts.is_complete() {
        return parts.into_request(session, schema).map(Some).ok_or(Stop::Problems);
    }
    if let Some((variable, span)) = missing(&parts, expression) {
        return session.stop(report::variable_not_given(variable, span));
    }
    // The expression reads none of the parts that stand in here.
    let Ok(ty) = EntityTypeName::new("Unspecified") else { return Ok(None) };
    let or_any = |entity: Option<EntityUid>| entity.unwrap_or_else(|| EntityUid::new(ty.clone(), ""));
    let (principal, action, resource) = (or_any(parts.principal), or_any(parts.action), or_any(parts.resource));
    Ok(Some(Request::new(principal, action, resource, parts.context)))
}

/// A part of the request that the expression mentions and nobody gave.
pub(crate) fn missing(parts: &RequestParts, expression: &ast::Expression) -> Option<(Variable, Span)> {
    let given = |variable| match variable {
        Variable::Principal => parts.principal.is_some(),
        Variable::Action => parts.action.is_some(),
        Variable::Resource => parts.resource.is_some(),
        Variable::Context => parts.has_context,
    };
    expression.exprs.iter().find_map(|(_, expr)| {
        let ExprKind::Variable(variable) = expr.kind else { return None };
        (!given(variable)).then_some((variable, expr.span))
    })
}

/// The error of an evaluation as a problem, at the place of the expression that failed.
pub(crate) fn failure(expression: &ast::Expression, error: &EvaluateError) -> Problem {
    match error {
        EvaluateError::Eval(error) => {
            let span = error.place.map_or_else(
                || expression.exprs.span(expression.root),
                |place| Span { source: expression.source, start: place.start, end: place.end },
            );
            report::evaluation_failed(&error.kind, span).into()
        }
        EvaluateError::Limit(limit) => report::evaluation_limit(*limit).into(),
        EvaluateError::Defect => report::evaluation_limit(deodar_lexicon::limits::STEPS).into(),
    }
}

fn print(session: &mut Session<'_>, value: &Value) -> Outcome {
    match session.format {
        Format::Text => session.io.stdout(&format!("{}\n", reference_text(value.as_ref())))?,
        Format::Json => print_json(session, value)?,
    }
    Ok(Exit::Success)
}

/// What is still to be written of a value.
enum Step<'v> {
    Value(ValueRef<'v>),
    Text(String),
}

/// The value as `cedar` prints it: keys always quoted, extension values behind everything else in a set.
fn reference_text(value: ValueRef<'_>) -> String {
    let mut text = String::new();
    let mut work = vec![Step::Value(value)];
    while let Some(step) = work.pop() {
        let value = match step {
            Step::Value(value) => value,
            Step::Text(piece) => {
                text.push_str(&piece);
                continue;
            }
        };
        let start = work.len();
        if let Some(elements) = value.elements() {
            let (last, first): (Vec<_>, Vec<_>) = elements.partition(|element| element.extension_type().is_some());
            work.push(Step::Text("[".to_owned()));
            for (index, element) in first.into_iter().chain(last).enumerate() {
                work.extend([Step::Text(separator(index)), Step::Value(element)]);
            }
            work.push(Step::Text("]".to_owned()));
        } else if let Some(members) = value.members() {
            work.push(Step::Text("{".to_owned()));
            for (index, (name, member)) in members.enumerate() {
                let key = format!("{}\"{}\": ", separator(index), name.escape_debug());
                work.extend([Step::Text(key), Step::Value(member)]);
            }
            work.push(Step::Text("}".to_owned()));
        } else if let Some(string) = value.as_str() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\"{}\"", string.escape_debug());
        } else {
            text.push_str(&value.to_string());
        }
        // The stack gives back the last step first.
        work.get_mut(start..).unwrap_or_default().reverse();
    }
    text
}

fn separator(index: usize) -> String {
    if index == 0 { String::new() } else { ", ".to_owned() }
}

/// The value in the JSON of entity files, which may nest deep; as text if that JSON cannot express it.
fn print_json(session: &mut Session<'_>, value: &Value) -> std::io::Result<()> {
    match value.to_json() {
        Ok(json) => session.io.stdout(&format!("{{\"value\": {json}, \"text\": {}}}\n", json!(value.to_string()))),
        Err(_) => session.print_json(&json!({ "text": value.to_string() })),
    }
}
