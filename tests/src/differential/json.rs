//! One form for policies that the JSON syntax can write in two ways.
//!
//! `{"Value": …}` may hold a set, a record or an extension value; several characters of a pattern may stand in one
//! literal; a list of one action or attribute is the same as that one; an entity may stand inside `__entity`. The
//! reference repeats a form as it was read; our tree has one node, however it was written, and one way to print it.

use serde_json::{Map, Value, json};

use crate::fault::{each_expression, each_policy};

/// Replaces composite values by the expressions that they mean, and leaves out templates without slots: the reference
/// does not write them, we do (`tests/suite/differences.rs`).
pub(super) fn normalise(policies: &mut Value) {
    if let Some(templates) = policies["templates"].as_object_mut() {
        templates.retain(|_, template| ["principal", "resource"].iter().any(|part| has_slot(&template[*part])));
    }
    each_expression(policies, &|node| {
        if let Some(value) = node.get_mut("Value") {
            *node = literal(value.take());
        } else if let Some(like) = node.get_mut("like") {
            split_literals(&mut like["pattern"]);
        } else if let Some(has) = node.get_mut("has") {
            unwrap_single(&mut has["attr"]);
        }
    });
    each_policy(policies, |policy| {
        for variable in ["principal", "action", "resource"] {
            scope(&mut policy[variable]);
        }
    });
    for link in policies["templateLinks"].as_array_mut().into_iter().flatten() {
        for (_, entity) in link["values"].as_object_mut().into_iter().flatten() {
            unescape(entity);
        }
    }
}

/// Leaves out that an action applies to nothing or is in no group, which is also what is meant when nothing is said.
pub(super) fn normalise_schema(schema: &mut Value) {
    for (_, namespace) in schema.as_object_mut().into_iter().flatten() {
        for (_, action) in namespace["actions"].as_object_mut().into_iter().flatten() {
            let Some(action) = action.as_object_mut() else { continue };
            let nothing = json!({ "principalTypes": [], "resourceTypes": [] });
            action.retain(|key, value| match key.as_str() {
                "appliesTo" => *value != nothing,
                "memberOf" => *value != json!([]),
                _ => true,
            });
        }
    }
}

fn split_literals(pattern: &mut Value) {
    let Some(elements) = pattern.as_array_mut() else { return };
    *elements = elements
        .iter()
        .flat_map(|element| match element.get("Literal").and_then(Value::as_str) {
            Some(text) => text.chars().map(|c| json!({ "Literal": c.to_string() })).collect(),
            None => vec![element.clone()],
        })
        .collect();
}

fn unwrap_single(list: &mut Value) {
    if let Some([single]) = list.as_array().map(Vec::as_slice) {
        *list = single.clone();
    }
}

fn scope(constraint: &mut Value) {
    if let Some(entities) = constraint.get_mut("entities") {
        entities.as_array_mut().into_iter().flatten().for_each(unescape);
        if let Some([single]) = entities.as_array().map(Vec::as_slice) {
            *constraint = json!({ "op": "in", "entity": single });
        }
    }
    for key in ["entity", "in"] {
        match constraint.get_mut(key) {
            Some(inner) if key == "in" => scope(inner),
            Some(entity) => unescape(entity),
            None => {}
        }
    }
}

fn has_slot(constraint: &Value) -> bool {
    constraint.get("slot").is_some() || constraint.get("in").is_some_and(has_slot)
}

fn unescape(entity: &mut Value) {
    if let Some(inner) = entity.get_mut("__entity") {
        *entity = inner.take();
    }
    if let Some(members) = entity.as_object_mut() {
        members.retain(|key, _| key == "type" || key == "id");
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Case 409512 of seed 2026.
    #[test]
    fn templates_without_slots_are_left_out() {
        let with_slot = json!({ "principal": { "op": "is", "entity_type": "U", "in": { "slot": "?principal" } } });
        let without =
            json!({ "principal": { "op": "is", "entity_type": "U", "in": null }, "resource": { "op": "All" } });
        let mut policies = json!({ "templates": { "a": with_slot, "b": without } });
        normalise(&mut policies);
        assert_eq!(
            policies["templates"].as_object().map(|left| left.keys().map(String::as_str).collect::<Vec<_>>()),
            Some(vec!["a"])
        );
    }

    /// Case 12011 of seed 2026.
    #[test]
    fn an_empty_list_of_groups_says_nothing() {
        let mut schema =
            json!({ "": { "actions": { "a": { "memberOf": [] }, "b": { "memberOf": [{ "id": "a" }] } } } });
        normalise_schema(&mut schema);
        let expected = json!({ "": { "actions": { "a": {}, "b": { "memberOf": [{ "id": "a" }] } } } });
        assert_eq!(schema, expected);
    }
}
