//! What each operator makes of small policies; the mutated policy is printed, so a mutation that makes something else
//! than it says is seen.

use deodar_grammar::{Sources, ast::Dialect, parse_policies, parse_schema, print_policies};

use super::{OPERATORS, mutations};
use crate::Schema;

/// The policies that an operator makes, on one line each, without what does not change.
#[track_caller]
fn check(operator: &str, policy: &str, schema: Option<&str>, expected: &[&str]) {
    let mut sources = Sources::new();
    let source = sources.add("a.cedar", policy);
    let (set, problems) = parse_policies(&sources, source, Dialect::Cedar);
    assert!(problems.is_empty(), "{problems:?}");
    let schema = schema.map(|text| {
        let source = sources.add("a.cedarschema", text);
        Schema::resolve(&[parse_schema(&sources, source).0]).0.expect("a schema")
    });
    let found = mutations(&set, schema.as_ref()).into_iter().filter(|mutation| mutation.operator == operator);
    let made: Vec<String> = found
        .map(|mutation| {
            let policies = print_policies(&mutation.apply().expect("a policy"));
            let line = policies.split_whitespace().collect::<Vec<_>>().join(" ");
            line.replacen('(', " (", 1)
        })
        .collect();
    assert_eq!(made, expected);
}

#[test]
fn every_operator_has_a_name_of_its_own() {
    let mut names: Vec<_> = OPERATORS.iter().map(|operator| operator.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), OPERATORS.len());
}

const ANY: &str = "permit (principal, action, resource)";

/// A policy with this condition, and what becomes of the condition.
#[track_caller]
fn check_condition(operator: &str, condition: &str, expected: &[&str]) {
    let expected: Vec<String> = expected.iter().map(|condition| format!("{ANY} {condition};")).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    check(operator, &format!("{ANY} {condition};"), None, &expected);
}

#[test]
fn policies_are_left_out_or_turned_around() {
    check("drop-policy", &format!("{ANY};"), None, &[""]);
    check("flip-effect", &format!("{ANY};"), None, &["forbid (principal, action, resource);"]);
}

#[test]
fn scopes_are_widened() {
    let policy = "permit (principal is A in G::\"g\", action == Action::\"x\", resource == R::\"r\");";
    check(
        "widen-scope",
        policy,
        None,
        &[
            "permit (principal is A, action == Action::\"x\", resource == R::\"r\");",
            "permit (principal is A in G::\"g\", action == Action::\"x\", resource);",
            "permit (principal is A in G::\"g\", action, resource == R::\"r\");",
        ],
    );
    check(
        "weaken-equality",
        policy,
        None,
        &[
            "permit (principal is A in G::\"g\", action == Action::\"x\", resource in R::\"r\");",
            "permit (principal is A in G::\"g\", action in Action::\"x\", resource == R::\"r\");",
        ],
    );
    // A template keeps its slots.
    check("widen-scope", "permit (principal == ?principal, action, resource);", None, &[]);
    check(
        "weaken-equality",
        "permit (principal == ?principal, action, resource);",
        None,
        &["permit (principal in ?principal, action, resource);"],
    );
}

#[test]
fn an_equality_that_the_schema_makes_one_is_left_alone() {
    let schema = "entity A, R; entity B in [R]; action x, y; action z in [y] appliesTo { principal: A, resource: R };";
    let weaken = |policy: &str, expected: &[&str]| check("weaken-equality", policy, Some(schema), expected);
    weaken("permit (principal == A::\"a\", action == Action::\"x\", resource);", &[]);
    weaken(
        "permit (principal, action == Action::\"y\", resource == R::\"r\");",
        &[
            "permit (principal, action == Action::\"y\", resource in R::\"r\");",
            "permit (principal, action in Action::\"y\", resource == R::\"r\");",
        ],
    );
}

#[test]
fn a_scope_that_the_schema_repeats_is_left_alone() {
    let schema = "entity A, B, R, S; action x appliesTo { principal: [A, B], resource: R }; action y appliesTo { principal: A, resource: S };";
    check(
        "widen-scope",
        "permit (principal is A, action == Action::\"x\", resource is R);",
        Some(schema),
        &["permit (principal, action == Action::\"x\", resource is R);"],
    );
}

#[test]
fn conditions_are_left_out() {
    check_condition(
        "drop-condition",
        "when { context.a } unless { context.b }",
        &["unless { context.b }", "when { context.a }"],
    );
}

#[test]
fn operands_are_left_out() {
    check_condition(
        "drop-operand",
        "when { context.a && (context.b || context.c) && context.d }",
        &[
            "when { (context.b || context.c) && context.d }",
            "when { context.a && context.d }",
            "when { context.a && (context.b || context.c) }",
            "when { context.a && context.c && context.d }",
            "when { context.a && context.b && context.d }",
        ],
    );
}

#[test]
fn atoms_are_negated() {
    check_condition(
        "negate",
        "when { context.a && !(context.b == 1) && true }",
        &["when { !context.a && !(context.b == 1) && true }", "when { context.a && !!(context.b == 1) && true }"],
    );
    // An operand that is no atom stays.
    check_condition(
        "negate",
        "when { [true].contains(context.a && true) }",
        &["when { ![true].contains(context.a && true) }"],
    );
}

#[test]
fn chains_are_swapped() {
    check_condition(
        "swap-and-or",
        "when { context.a && (context.b || context.c) }",
        &["when { context.a || (context.b || context.c) }", "when { context.a && (context.b && context.c) }"],
    );
}

#[test]
fn comparisons_and_their_numbers_are_shifted() {
    let condition = "when { context.a < 5 && 5 <= context.b && context.c == 7 }";
    check_condition(
        "shift-comparison",
        condition,
        &[
            "when { context.a <= 5 && 5 <= context.b && context.c == 7 }",
            "when { context.a < 5 && 5 < context.b && context.c == 7 }",
        ],
    );
    // Not to the side to which the comparison itself is shifted.
    check_condition(
        "shift-literal",
        condition,
        &[
            "when { context.a < 4 && 5 <= context.b && context.c == 7 }",
            "when { context.a < 5 && 4 <= context.b && context.c == 7 }",
            "when { context.a < 5 && 5 <= context.b && context.c == 6 }",
            "when { context.a < 5 && 5 <= context.b && context.c == 8 }",
        ],
    );
    check_condition(
        "shift-literal",
        "when { context.a == 9223372036854775807 }",
        &["when { context.a == 9223372036854775806 }"],
    );
    check_condition(
        "shift-comparison",
        "when { context.d.lessThan(decimal(\"1.0\")) }",
        &["when { context.d.lessThanOrEqual(decimal(\"1.0\")) }"],
    );
}
