//! `visualize`: entities and their direct parents as a Graphviz graph, one cluster for each type.

use std::{collections::BTreeMap, fmt::Write};

use deodar_runtime::{Entities, EntityTypeName, EntityUid};
use serde_json::json;

use crate::{
    args::{Format, VisualizeArgs},
    input::given_entities,
    session::{Exit, Outcome, Session, Stop},
};

pub(super) fn run(args: &VisualizeArgs, session: &mut Session<'_>) -> Outcome {
    let entities = given_entities(session, args.entities.as_deref(), None).ok_or(Stop::Problems)?;
    let graph = graph(&entities);
    match session.format {
        Format::Text => session.io.stdout(&format!("{graph}\n"))?,
        Format::Json => session.print_json(&json!({ "dot": graph }))?,
    }
    Ok(Exit::Success)
}

fn graph(entities: &Entities) -> String {
    let mut types: BTreeMap<EntityTypeName, Vec<EntityUid>> = BTreeMap::new();
    let mut edges: Vec<(EntityUid, EntityUid)> = Vec::new();
    for entity in entities.iter() {
        let uid = entity.uid();
        edges.extend(entity.parents().map(|parent| (uid.clone(), parent)));
        types.entry(uid.entity_type().clone()).or_default().push(uid);
    }
    edges.sort_unstable();
    let mut dot = String::from("strict digraph {\n\tordering=\"out\"\n\tnode[shape=box]\n");
    for (ty, mut uids) in types {
        uids.sort_unstable();
        // Writing to a string cannot fail.
        let _ = writeln!(dot, "\tsubgraph \"cluster_{ty}\" {{\n\t\tlabel={}", quoted(ty.as_str()));
        for uid in uids {
            let label = quoted(&uid.id().escape_debug().to_string());
            let _ = writeln!(dot, "\t\t{} [label={label}]", quoted(&uid.to_string()));
        }
        dot.push_str("\t}\n");
    }
    for (child, parent) in edges {
        let _ = writeln!(dot, "\t{} -> {}", quoted(&child.to_string()), quoted(&parent.to_string()));
    }
    dot.push_str("}\n");
    dot
}

/// A name in the language of Graphviz.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}
