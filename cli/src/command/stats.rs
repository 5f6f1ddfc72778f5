//! `stats`: what policies, a schema and entities consist of, how policies are found, and what entities take.

use deodar_compiler::Schema;
use deodar_runtime::{Bundle, Engine, Entities, Shapes, statistics::Statistics};
use serde_json::{Value, json};

use crate::{
    args::{Format, SettingArgs, StatsArgs},
    input::{LinksFile, read_bundle, read_entities, read_policies, read_schema},
    session::{Exit, Outcome, Session, Stop},
};

pub(super) fn run(args: &StatsArgs, session: &mut Session<'_>) -> Outcome {
    let SettingArgs { policies, bundle, schema, entities: given } = &args.setting;
    let policies = match &bundle.bundle {
        Some(path) => read_bundle(session, path)?,
        None => read_policies(session, policies, LinksFile::Required),
    };
    let schema = read_schema(session, schema);
    session.stop_on_errors()?;
    let shapes = policies.compiled.as_deref().and_then(Bundle::shapes).or(schema.as_ref().map(Schema::shapes));
    let entities = match given {
        Some(path) => read_entities(session, path, shapes).ok_or(Stop::Problems)?,
        None => Entities::new(),
    };
    let program = policies.compile(session).ok_or(Stop::Problems)?;
    // Before the program's names are among them.
    let bytes = entities.bytes();
    let statistics = Statistics { bytes, ..Engine::new(program, entities).statistics() };
    let given = given.is_some();
    match session.format {
        Format::Text => session.io.stdout(&to_text(&statistics, shapes, given))?,
        Format::Json => session.print_json(&to_json(&statistics, shapes, given))?,
    }
    Ok(Exit::Success)
}

/// The bytes of one entity, if there are any.
fn bytes_each(statistics: &Statistics) -> Option<usize> {
    statistics.bytes.checked_div(statistics.entities)
}

fn to_text(statistics: &Statistics, shapes: Option<&Shapes>, given: bool) -> String {
    let mut lines = vec![
        ("policies", statistics.policies),
        ("templates", statistics.templates),
        ("links", statistics.links),
        ("instructions", statistics.instructions),
        ("constants", statistics.constants),
        ("steps at most, data aside", statistics.steps),
        ("found by principal", statistics.index.principal),
        ("found by resource", statistics.index.resource),
        ("found by a constant", statistics.index.constant),
        ("found by action", statistics.index.action),
        ("found in every request", statistics.index.unscoped),
    ];
    if let Some(shapes) = shapes {
        lines.push(("entity types", shapes.entity_types.len()));
        lines.push(("actions", shapes.actions.len()));
    }
    if given {
        lines.push(("entities", statistics.entities));
        lines.push(("bytes of entities", statistics.bytes));
        lines.extend(bytes_each(statistics).map(|bytes| ("bytes of an entity", bytes)));
    }
    let lines: Vec<_> = lines.iter().map(|(what, count)| format!("{what:<26} {count:>12}\n")).collect();
    lines.concat()
}

fn to_json(statistics: &Statistics, shapes: Option<&Shapes>, given: bool) -> Value {
    json!({
        "policies": statistics.policies,
        "templates": statistics.templates,
        "links": statistics.links,
        "instructions": statistics.instructions,
        "constants": statistics.constants,
        "steps": statistics.steps,
        "index": {
            "principal": statistics.index.principal,
            "resource": statistics.index.resource,
            "constant": statistics.index.constant,
            "action": statistics.index.action,
            "unscoped": statistics.index.unscoped,
        },
        "schema": shapes.map(|shapes| json!({
            "entity_types": shapes.entity_types.len(), "actions": shapes.actions.len(),
        })),
        "entities": given.then(|| json!({
            "count": statistics.entities, "bytes": statistics.bytes, "bytes_each": bytes_each(statistics),
        })),
    })
}
