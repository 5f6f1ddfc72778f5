//! The planted faults.

use serde_json::{Map, Value, json};

use super::{Decided, Fault, FaultKind, rewrite};
use crate::question::{Decision, Request, Response};

macro_rules! faults {
    ($($name:literal $kind:ident($function:expr) $what:literal;)+) => {
        /// All planted faults. Those of the type checker join them with the type checker.
        pub const FAULTS: &[Fault] = &[$(Fault { name: $name, what: $what, kind: FaultKind::$kind($function) }),+];
    };
}

faults! {
    "erring-forbid-denies" Response(erring_forbid_denies) "a forbid whose evaluation fails denies the request";
    "forbid-ends-evaluation" Response(forbid_ends_evaluation) "errors are not reported once a forbid is satisfied";
    "deny-lists-permits" Response(deny_lists_permits) "satisfied permits are among the reasons of a deny";
    "left-checked-before-right" Expression(left_checked_before_right) "the type of the left operand of arithmetic is checked before the right operand is evaluated";
    "in-stops-at-match" Expression(in_stops_at_match) "`in` stops at the first element that matches";
    "in-is-irreflexive" Expression(in_is_irreflexive) "an entity is not in itself";
    "has-fails-on-nothing" Expression(has_fails_on_nothing) "`has` fails where there is nothing";
    "equality-needs-one-type" Expression(equality_needs_one_type) "`==` with an integer fails for other types";
    "is-in-evaluates-both" Expression(is_in_evaluates_both) "`is … in` evaluates `in` before `is`";
    "and-right-unchecked" Expression(and_right_unchecked) "the right operand of `&&` need not be a boolean";
    "subtraction-by-negation" Expression(subtraction_by_negation) "`a - b` is `a + -b`, which overflows too early";
    "escaped-star-is-wildcard" Expression(escaped_star_is_wildcard) "`\\*` in a pattern matches anything";
    "address-equality-is-masked" Expression(address_equality_is_masked) "address ranges are equal if their networks are";
    "decimal-equality-by-text" Expression(decimal_equality_by_text) "decimal literals are equal if their texts are";
    "variables-are-reserved" RefusePolicies(variables_are_reserved) "`principal` and its like cannot be attribute names";
    "templates-take-no-number" Response(templates_take_no_number) "templates do not count in `policyN`";
    "bad-escape-is-refused" RefuseEntities(bad_escape_is_refused) "a malformed `__entity` or `__extn` is an error";
    "outer-namespace-is-not-searched" Schema(outer_namespace_is_not_searched) "unqualified names mean the current namespace only";
    "context-may-be-larger" Request(context_may_be_larger) "undeclared context attributes pass request validation";
    "json-desugars" PolicyJson(json_desugars) "the JSON form has `!` and `<=` for `>`, and `\"\"` for `@a`";
}

fn erring_forbid_denies(response: &mut Response, decided: &Decided<'_>) {
    if response.errors.keys().any(|id| decided.is_forbid(id)) {
        response.decision = Decision::Deny;
    }
}

fn forbid_ends_evaluation(response: &mut Response, _: &Decided<'_>) {
    if response.decision == Decision::Deny && !response.reasons.is_empty() {
        response.errors.clear();
    }
}

fn deny_lists_permits(response: &mut Response, decided: &Decided<'_>) {
    if response.decision == Decision::Deny {
        response.reasons.extend(decided.permits.reasons.iter().cloned());
    }
}

fn templates_take_no_number(response: &mut Response, decided: &Decided<'_>) {
    let templates = decided.templates();
    let number = |id: &str| id.strip_prefix("policy").and_then(|number| number.parse::<usize>().ok());
    let rename = |id: &String| match number(id) {
        Some(own) => {
            let before = templates.iter().filter_map(|id| number(id)).filter(|number| *number < own).count();
            format!("policy{}", own - before)
        }
        None => id.clone(),
    };
    response.reasons = response.reasons.iter().map(rename).collect();
    response.errors = response.errors.iter().map(|(id, kind)| (rename(id), *kind)).collect();
}

/// The operands, if the expression is that operation.
fn operands<'v>(node: &'v Value, operator: &str) -> Option<(&'v Value, &'v Value)> {
    let operands = node.get(operator)?;
    Some((operands.get("left")?, operands.get("right")?))
}

fn binary(operator: &str, left: &Value, right: &Value) -> Value {
    json!({ operator: { "left": left, "right": right } })
}

fn left_checked_before_right(node: &mut Value) {
    for operator in ["+", "-", "*"] {
        if let Some((left, right)) = operands(node, operator) {
            *node = binary(operator, &binary("+", left, &json!({ "Value": 0 })), right);
            return;
        }
    }
}

fn in_stops_at_match(node: &mut Value) {
    let Some((entity, Value::Array(elements))) = operands(node, "in").and_then(|(l, r)| Some((l, r.get("Set")?)))
    else {
        return;
    };
    let tests = elements.iter().map(|element| binary("in", entity, element));
    if let Some(any) = tests.reduce(|one, other| binary("||", &one, &other)) {
        *node = any;
    }
}

fn in_is_irreflexive(node: &mut Value) {
    if let Some((left, right)) = operands(node, "in") {
        *node = binary("&&", node, &binary("!=", left, right));
    }
}

fn has_fails_on_nothing(node: &mut Value) {
    let Some(has) = node.get("has") else { return };
    let name = match &has["attr"] {
        Value::Array(path) => path.first().cloned().unwrap_or_default(),
        name => name.clone(),
    };
    let read = json!({ ".": { "left": has["left"], "attr": name } });
    let fails = binary("&&", &binary("!=", &read, &read), &json!({ "Value": true }));
    *node = binary("||", node, &fails);
}

fn equality_needs_one_type(node: &mut Value) {
    let Some((left, right)) = operands(node, "==") else { return };
    if right.get("Value").is_some_and(Value::is_i64) {
        *node = binary("&&", &binary("<=", left, right), &binary("<=", right, left));
    }
}

fn is_in_evaluates_both(node: &mut Value) {
    let Some(is) = node.get("is") else { return };
    let Some(within) = is.get("in") else { return };
    let is_type = json!({ "is": { "left": is["left"], "entity_type": is["entity_type"] } });
    *node = binary("&&", &binary("in", &is["left"], within), &is_type);
}

fn and_right_unchecked(node: &mut Value) {
    if let Some((left, right)) = operands(node, "&&") {
        let right = binary("==", right, &json!({ "Value": true }));
        *node = json!({ "if-then-else": { "if": left, "then": right, "else": { "Value": false } } });
    }
}

fn subtraction_by_negation(node: &mut Value) {
    if let Some((left, right)) = operands(node, "-") {
        *node = binary("+", left, &json!({ "neg": { "arg": right } }));
    }
}

fn escaped_star_is_wildcard(node: &mut Value) {
    let pattern = node.get_mut("like").and_then(|like| like["pattern"].as_array_mut());
    for element in pattern.into_iter().flatten() {
        if element.get("Literal").is_some_and(|literal| literal == "*") {
            *element = json!("Wildcard");
        }
    }
}

fn address_equality_is_masked(node: &mut Value) {
    let Some((left, right)) = operands(node, "==") else { return };
    if left.get("ip").is_some() && right.get("ip").is_some() {
        *node = binary("&&", &json!({ "isInRange": [left, right] }), &json!({ "isInRange": [right, left] }));
    }
}

fn decimal_equality_by_text(node: &mut Value) {
    let Some((left, right)) = operands(node, "==") else { return };
    if let (Some(left), Some(right)) = (left.get("decimal"), right.get("decimal")) {
        let (left, right) = (json!({ "Set": left }), json!({ "Set": right }));
        *node = binary("==", &left, &right);
    }
}

fn variables_are_reserved(text: &str) -> bool {
    ["principal", "action", "resource", "context"].iter().any(|variable| {
        let attribute = format!(".{variable}");
        text.match_indices(&attribute)
            .any(|(at, _)| !text[at + attribute.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}

fn bad_escape_is_refused(entities: &Value) -> bool {
    let mut rest = vec![entities];
    while let Some(value) = rest.pop() {
        match value {
            Value::Array(elements) => rest.extend(elements),
            Value::Object(members) => {
                let good = |escape: &Value| escape.get("id").is_some() || escape.get("fn").is_some();
                let escapes = ["__entity", "__extn"].into_iter().filter_map(|key| members.get(key));
                if escapes.into_iter().any(|escape| members.len() != 1 || !good(escape)) {
                    return true;
                }
                rest.extend(members.values());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    false
}

fn outer_namespace_is_not_searched(schema: &mut Value) {
    for (namespace, fragment) in schema.as_object_mut().into_iter().flatten().filter(|(name, _)| !name.is_empty()) {
        for (_, ty) in fragment["entityTypes"].as_object_mut().into_iter().flatten() {
            for parent in ty.get_mut("memberOfTypes").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(name) = parent.as_str().filter(|name| !name.contains("::")) {
                    *parent = json!(format!("{namespace}::{name}"));
                }
            }
        }
    }
}

fn context_may_be_larger(request: &mut Request) {
    if let Ok(mut context) = serde_json::from_str::<Map<String, Value>>(&request.context)
        && context.remove("undeclared").is_some()
    {
        request.context = Value::Object(context).to_string();
    }
}

fn json_desugars(policies: &mut Value) {
    rewrite::each_expression(policies, &|node| {
        if let Some((left, right)) = operands(node, ">") {
            *node = json!({ "!": { "arg": binary("<=", left, right) } });
        }
    });
    rewrite::each_policy(policies, |policy| {
        let annotations = policy.get_mut("annotations").and_then(Value::as_object_mut);
        for (_, value) in annotations.into_iter().flatten().filter(|(_, value)| value.is_null()) {
            *value = json!("");
        }
    });
}
