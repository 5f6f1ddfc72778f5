//! What the planted faults do, each in a few lines over the JSON form.

use serde_json::{Value, json};

use super::{
    super::{Answers, Kind, Mode, Options, Verdict},
    Facts,
};
use crate::fault::{each_expression, each_node, each_policy};

/// The operands, if the expression is that operation.
fn operands<'v>(node: &'v Value, operator: &str) -> Option<(&'v Value, &'v Value)> {
    let operands = node.get(operator)?;
    Some((operands.get("left")?, operands.get("right")?))
}

fn binary(operator: &str, left: &Value, right: &Value) -> Value {
    json!({ operator: { "left": left, "right": right } })
}

fn and(left: &Value, right: &Value) -> Value {
    binary("&&", left, right)
}

fn or(left: &Value, right: &Value) -> Value {
    binary("||", left, right)
}

fn boolean(value: bool) -> Value {
    json!({ "Value": value })
}

/// A boolean that no type checker decides.
fn undecided() -> Value {
    let context = json!({ "Var": "context" });
    binary("==", &context, &context)
}

/// The operator of an expression.
fn operator(node: &Value) -> &str {
    node.as_object().and_then(|node| node.keys().next()).map_or("", String::as_str)
}

fn is_test(node: &Value) -> bool {
    matches!(operator(node), "has" | "hasTag")
}

fn is_boolean(node: &Value) -> bool {
    matches!(operator(node), "&&" | "||" | "!" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "has" | "is" | "like")
}

fn is_literal(node: &Value) -> bool {
    operator(node) == "Value"
}

pub(super) fn capability_survives_not(node: &mut Value) {
    if let Some(argument) = node.get("!").map(|not| not["arg"].clone()).filter(is_test) {
        *node = and(node, &argument);
    }
}

pub(super) fn capability_survives_comparison(node: &mut Value) {
    if let Some((left, right)) = operands(node, "==")
        && is_test(left)
        && *right == boolean(true)
    {
        *node = left.clone();
    }
}

pub(super) fn or_unites_capabilities(node: &mut Value) {
    if let Some((left, right)) = operands(node, "||")
        && is_boolean(left)
        && is_boolean(right)
    {
        *node = and(left, right);
    }
}

pub(super) fn else_has_capabilities(node: &mut Value) {
    let Some(parts) = node.get_mut("if-then-else") else { return };
    if is_boolean(&parts["else"]) {
        parts["else"] = and(&parts["if"], &parts["else"]);
    }
}

pub(super) fn guard_is_lost(node: &mut Value) {
    let Some((left, right)) = operands(node, "&&") else { return };
    if let Some((first, second)) = operands(left, "&&")
        && is_test(first)
    {
        let lost = json!({ "!": { "arg": { "!": { "arg": first } } } });
        *node = and(&and(&lost, second), right);
    }
}

pub(super) fn unless_proves(policies: &mut Value) {
    each_policy(policies, |policy| {
        for condition in policy["conditions"].as_array_mut().into_iter().flatten() {
            if condition["kind"] == "unless" && is_test(&condition["body"]) {
                condition["kind"] = json!("when");
            }
        }
    });
}

pub(super) fn conditions_stand_alone(policies: &mut Value) {
    each_policy(policies, |policy| {
        for condition in policy["conditions"].as_array_mut().into_iter().flatten() {
            if condition["kind"] == "when" {
                condition["kind"] = json!("unless");
                condition["body"] = json!({ "!": { "arg": condition["body"] } });
            }
        }
    });
}

pub(super) fn capability_is_the_name(node: &mut Value) {
    let Some((left, right)) = operands(node, "&&") else { return };
    let Some((base, attribute)) = left.get("has").map(|has| (has["left"].clone(), has["attr"].clone())) else { return };
    let mut right = right.clone();
    each_node(&mut right, &|node| {
        if let Some(read) = node.get_mut(".")
            && (attribute == read["attr"] || attribute == json!([read["attr"]]))
        {
            read["left"] = base.clone();
        }
    });
    *node = and(&left.clone(), &right);
}

pub(super) fn any_tag_is_proven(node: &mut Value) {
    let Some((left, right)) = operands(node, "&&") else { return };
    let Some((base, key)) = operands(left, "hasTag") else { return };
    let mut right = right.clone();
    each_node(&mut right, &|node| {
        if let Some(read) = node.get_mut("getTag")
            && read["left"] == *base
            && read["right"].get("Value").is_some_and(Value::is_string)
        {
            read["right"] = key.clone();
        }
    });
    *node = and(&left.clone(), &right);
}

pub(super) fn required_is_there(node: &mut Value, facts: &Facts) {
    let Some(has) = node.get("has") else { return };
    let variable = has["left"].get("Var").and_then(Value::as_str);
    let name = match &has["attr"] {
        Value::Array(path) if path.len() == 1 => path[0].as_str(),
        name => name.as_str(),
    };
    let (Some("principal" | "resource"), Some(name)) = (variable, name) else { return };
    let is = |ty: &str| json!({ "is": { "left": has["left"], "entity_type": ty } });
    let known = facts.requiring(name).into_iter().map(is).reduce(|one, other| or(&one, &other));
    if let Some(known) = known {
        *node = or(&known, node);
    }
}

pub(super) fn unknown_has_is_an_error(node: &mut Value) {
    let Some(has) = node.get("has") else { return };
    if has["attr"] == "nothing" || has["attr"] == json!(["nothing"]) {
        let read = json!({ ".": { "left": has["left"], "attr": "nothing" } });
        *node = binary("==", &read, &read);
    }
}

/// A comparison that needs one type of both operands.
fn compared(left: &Value, right: &Value) -> Value {
    json!({ "contains": { "left": { "Set": [left, right] }, "right": left } })
}

pub(super) fn unequal_types_are_an_error(node: &mut Value) {
    if let Some((left, right)) = operands(node, "!=")
        && !(is_literal(left) && is_literal(right))
    {
        *node = compared(left, right);
    }
}

pub(super) fn unequal_literals_are_an_error(node: &mut Value) {
    if let Some((left, right)) = operands(node, "==")
        && is_literal(left)
        && is_literal(right)
    {
        *node = or(node, &compared(left, right));
    }
}

pub(super) fn contains_takes_anything(node: &mut Value) {
    if let Some((left, right)) = operands(node, "contains") {
        let is_empty = |set: Value| json!({ "isEmpty": { "arg": set } });
        *node = or(&is_empty(left.clone()), &is_empty(json!({ "Set": [right] })));
    }
}

pub(super) fn hierarchy_is_ignored(node: &mut Value) {
    if let Some((left, _)) = operands(node, "in")
        && left.get("Var").is_some_and(|variable| variable != "action")
    {
        *node = or(node, &undecided());
    }
}

pub(super) fn actions_are_not_compared(node: &mut Value) {
    let action = json!({ "Var": "action" });
    let compares = |operator| operands(node, operator).is_some_and(|(left, right)| *left == action || *right == action);
    if compares("==") || compares("in") {
        *node = and(&or(node, &undecided()), &undecided());
    }
}

pub(super) fn type_tests_are_not_decided(node: &mut Value) {
    if operator(node) == "is" {
        *node = and(&or(node, &undecided()), &undecided());
    }
}

pub(super) fn dead_names_are_not_checked(node: &mut Value) {
    if let Some((left, _)) = operands(node, "&&")
        && *left == boolean(false)
    {
        *node = boolean(false);
    } else if let Some((left, _)) = operands(node, "||")
        && *left == boolean(true)
    {
        *node = boolean(true);
    } else if let Some(parts) = node.get("if-then-else") {
        if parts["if"] == boolean(true) {
            *node = parts["then"].clone();
        } else if parts["if"] == boolean(false) {
            *node = parts["else"].clone();
        }
    }
}

pub(super) fn dead_code_is_typed(node: &mut Value) {
    if let Some((left, right)) = operands(node, "&&")
        && *left == boolean(false)
    {
        *node = and(right, left);
    } else if let Some((left, right)) = operands(node, "||")
        && *left == boolean(true)
    {
        *node = or(right, left);
    }
}

pub(super) fn overflow_is_an_error(node: &mut Value) {
    let integer = |value: &Value| value.get("Value").and_then(Value::as_i64);
    let integers = |operator| {
        let (left, right) = operands(node, operator)?;
        Some((integer(left)?, integer(right)?))
    };
    let sum = integers("+").is_some_and(|(left, right)| left.checked_add(right).is_none());
    let product = integers("*").is_some_and(|(left, right)| left.checked_mul(right).is_none());
    if sum || product {
        *node = json!({ "neg": { "arg": { "Value": "overflow" } } });
    }
}

/// Takes back all errors of that kind.
fn forgive(verdict: &mut Verdict, forgiven: Kind) {
    let before = verdict.errors.len();
    verdict.errors.retain(|(_, kind)| *kind != forgiven);
    if verdict.errors.len() < before {
        verdict.passed = verdict.errors.is_empty();
    }
}

fn strict<'a>(answers: &'a mut Answers, options: &'a [Options]) -> impl Iterator<Item = &'a mut Verdict> {
    let verdicts = answers.verdicts.iter_mut().zip(options);
    verdicts.filter(|(_, options)| options.mode == Mode::Strict).map(|(verdict, _)| verdict)
}

pub(super) fn empty_set_is_allowed(answers: &mut Answers, options: &[Options]) {
    strict(answers, options).for_each(|verdict| forgive(verdict, Kind::EmptySet));
}

pub(super) fn arguments_may_be_computed(answers: &mut Answers, options: &[Options]) {
    strict(answers, options).for_each(|verdict| forgive(verdict, Kind::NonLiteralArgument));
}

pub(super) fn records_have_width(answers: &mut Answers, options: &[Options]) {
    let permissive = options.iter().position(|options| options.mode == Mode::Permissive && options.level.is_none());
    let Some(permissive) = permissive.and_then(|index| answers.verdicts.get(index)).cloned() else { return };
    for verdict in strict(answers, options) {
        let kind = Kind::IncompatibleTypes;
        verdict.errors.retain(|finding| finding.1 != kind || permissive.errors.contains(finding));
        verdict.passed = verdict.errors.is_empty();
    }
}

pub(super) fn permissive_is_strict(options: Options) -> Options {
    Options { mode: Mode::Strict, ..options }
}

pub(super) fn inapplicable_is_an_error(answers: &mut Answers, _: &[Options]) {
    for verdict in &mut answers.verdicts {
        let (errors, warnings) =
            std::mem::take(&mut verdict.warnings).into_iter().partition(|(_, kind)| *kind == Kind::InapplicableAction);
        verdict.warnings = warnings;
        verdict.errors.append(&mut { errors });
        verdict.passed = verdict.errors.is_empty();
    }
}

pub(super) fn impossible_needs_an_action(answers: &mut Answers, _: &[Options]) {
    for verdict in &mut answers.verdicts {
        let inapplicable = verdict.warnings.clone();
        verdict.warnings.retain(|(id, kind)| {
            *kind != Kind::ImpossiblePolicy || !inapplicable.contains(&(id.clone(), Kind::InapplicableAction))
        });
    }
}

pub(super) fn links_are_not_checked(policies: &mut Value) {
    policies["templateLinks"] = json!([]);
}

/// The scopes of all policies without letters that are not ASCII.
pub(super) fn scope_is_not_searched(policies: &mut Value) {
    each_policy(policies, |policy| {
        for variable in ["principal", "resource"] {
            let constraint = &mut policy[variable];
            if let Some(id) = constraint.pointer_mut("/entity/id")
                && id.as_str().is_some_and(|id| !id.is_ascii())
            {
                *id = json!("a");
            }
        }
    });
}

pub(super) fn scripts_may_mix(answers: &mut Answers, _: &[Options]) {
    for verdict in &mut answers.verdicts {
        let warnings = std::mem::take(&mut verdict.warnings).into_iter();
        let rename = |kind| if kind == Kind::MixedScriptIdentifier { Kind::ConfusableIdentifier } else { kind };
        verdict.warnings = warnings.map(|(id, kind)| (id, rename(kind))).collect();
    }
}

pub(super) fn external_is_enough(answers: &mut Answers, _: &[Options]) {
    answers.verdicts.iter_mut().for_each(|verdict| forgive(verdict, Kind::IncompleteSchema));
}

pub(super) fn first_environment_only(schema: &mut Value) {
    for (_, fragment) in schema.as_object_mut().into_iter().flatten() {
        for (_, action) in fragment["actions"].as_object_mut().into_iter().flatten() {
            if let Some(types) = action.pointer_mut("/appliesTo/principalTypes").and_then(Value::as_array_mut) {
                types.truncate(1);
            }
        }
    }
}

pub(super) fn enumerations_are_open(schema: &mut Value) {
    for (_, fragment) in schema.as_object_mut().into_iter().flatten() {
        for (_, ty) in fragment["entityTypes"].as_object_mut().into_iter().flatten() {
            if ty.get("enum").is_some() {
                *ty = json!({});
            }
        }
    }
}

pub(super) fn scope_in_is_free(policies: &mut Value) {
    each_policy(policies, |policy| {
        for variable in ["principal", "resource"] {
            if policy[variable]["op"] == "in" {
                policy[variable]["op"] = json!("==");
            }
        }
    });
}

pub(super) fn in_is_free(policies: &mut Value) {
    each_expression(policies, &|node| {
        if operator(node) == "in" {
            *node = undecided();
        }
    });
}

pub(super) fn path_costs_one(policies: &mut Value) {
    each_expression(policies, &|node| {
        let Some(has) = node.get("has") else { return };
        if let Value::Array(path) = &has["attr"]
            && path.len() > 1
        {
            let short = json!({ "has": { "left": has["left"], "attr": [path[0]] } });
            *node = or(&short, &json!({ "==": { "left": short, "right": short } }));
        }
    });
}

pub(super) fn literals_are_dereferenced(policies: &mut Value) {
    each_expression(policies, &|node| {
        if operands(node, "in").is_some_and(|(left, _)| is_literal(left)) {
            *node = undecided();
        }
    });
}

pub(super) fn records_hide_nothing(policies: &mut Value) {
    each_expression(policies, &|node| {
        let Some(read) = node.get(".") else { return };
        let name = read["attr"].as_str().unwrap_or_default();
        if let Some(member) = read["left"].get("Record").and_then(|record| record.get(name)) {
            *node = member.clone();
        }
    });
}

pub(super) fn level_one_more(options: Options) -> Options {
    Options { level: options.level.map(|level| level + 1), ..options }
}

pub(super) fn levels_need_a_verdict(answers: &mut Answers, _: &[Options]) {
    for verdict in &mut answers.verdicts {
        let all = verdict.errors.clone();
        verdict.errors.retain(|(id, kind)| {
            *kind != Kind::Level || all.iter().all(|(other, kind)| other != id || *kind == Kind::Level)
        });
    }
}
