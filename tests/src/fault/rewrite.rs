//! Walks over the JSON form of policies.

use serde_json::Value;

/// Applies `f` to every expression of every policy, innermost first.
pub fn each_expression(policies: &mut Value, f: &dyn Fn(&mut Value)) {
    each_policy(policies, |policy| {
        let conditions = policy["conditions"].as_array_mut();
        for condition in conditions.into_iter().flatten() {
            each_node(&mut condition["body"], f);
        }
    });
}

/// Applies `f` to every policy and template.
pub fn each_policy(policies: &mut Value, mut f: impl FnMut(&mut Value)) {
    for group in ["templates", "staticPolicies"] {
        for (_, policy) in policies[group].as_object_mut().into_iter().flatten() {
            f(policy);
        }
    }
}

/// Leaves only the permits, and the links of those that are templates.
pub(super) fn remove_forbids(policies: &mut Value) {
    for group in ["templates", "staticPolicies"] {
        if let Some(policies) = policies[group].as_object_mut() {
            policies.retain(|_, policy| policy["effect"] == "permit");
        }
    }
    let templates = policies["templates"].clone();
    if let Some(links) = policies["templateLinks"].as_array_mut() {
        links.retain(|link| link["templateId"].as_str().is_some_and(|id| templates.get(id).is_some()));
    }
}

/// Applies `f` to every node of an expression, innermost first.
///
/// Expressions are objects with one key; `Value` holds data, not expressions.
pub fn each_node(node: &mut Value, f: &dyn Fn(&mut Value)) {
    let Some((operator, operands)) = node.as_object_mut().and_then(|node| node.iter_mut().next()) else { return };
    match (operator.as_str(), operands) {
        ("Value" | "Var" | "Slot", _) => {}
        ("Record", Value::Object(members)) => members.iter_mut().for_each(|(_, member)| each_node(member, f)),
        (_, Value::Array(operands)) => operands.iter_mut().for_each(|operand| each_node(operand, f)),
        (_, Value::Object(operands)) => {
            let operands =
                operands.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "attr" | "pattern" | "entity_type"));
            operands.for_each(|(_, operand)| each_node(operand, f));
        }
        _ => {}
    }
    f(node);
}
