//! One form for policies that the JSON syntax can write in two ways.
//!
//! `{"Value": …}` may hold a set, a record or an extension value. The reference repeats such a form as it was read; our
//! tree has one node for a set literal, however it was written, and prints that. The meaning is the same.

use serde_json::{Map, Value, json};

use crate::fault::each_expression;

/// Replaces composite values by the expressions that they mean.
pub(super) fn normalise(policies: &mut Value) {
    each_expression(policies, |node| {
        if let Some(value) = node.get_mut("Value") {
            *node = literal(value.take());
        }
    });
}

fn literal(value: Value) -> Value {
    match value {
        Value::Array(elements) => json!({ "Set": elements.into_iter().map(literal).collect::<Vec<_>>() }),
        Value::Object(members) => object(members),
        simple => json!({ "Value": simple }),
    }
}

/// An escape counts only if it is the one key and has the right members; else it is a record.
fn object(members: Map<String, Value>) -> Value {
    if members.len() == 1 {
        if let Some(entity) = members.get("__entity")
            && let (Some(Value::String(ty)), Some(Value::String(id))) = (entity.get("type"), entity.get("id"))
        {
            return json!({ "Value": { "__entity": { "type": ty, "id": id } } });
        }
        if let Some(call) = members.get("__extn")
            && let Some(Value::String(function)) = call.get("fn")
        {
            let single = call.get("arg").map(|argument| vec![argument.clone()]);
            if let Some(arguments) = single.or_else(|| call.get("args").and_then(Value::as_array).cloned()) {
                return json!({ function: arguments.into_iter().map(literal).collect::<Vec<_>>() });
            }
        }
    }
    let members: Map<_, _> = members.into_iter().map(|(key, value)| (key, literal(value))).collect();
    json!({ "Record": members })
}
