//! Schemas that nest deeply or go on for long.

use deodar_compiler::Schema;
use deodar_grammar::{Diagnostic, SourceId, Sources, ast::schema};

use super::{Expected, Fate, expect, nested, on_small_stack};

type Read = fn(&Sources, SourceId) -> (schema::Schema, Vec<Diagnostic>);

/// Reads, translates, reads what was translated, and resolves.
fn pipeline(text: &str, read: Read) -> Fate {
    let mut sources = Sources::new();
    let source = sources.add("hostile", text);
    let (tree, diagnostics) = read(&sources, source);
    if let Some(fate) = Fate::of_diagnostics(&diagnostics) {
        return fate;
    }
    let json = sources.add("json", deodar_grammar::schema_to_json(&tree));
    let (_, diagnostics) = deodar_grammar::schema_from_json(&sources, json);
    assert_eq!(Fate::of_diagnostics(&diagnostics), None, "what is written as JSON can be read");
    if let Ok(printed) = deodar_grammar::print_schema(&tree) {
        let printed = sources.add("printed", printed);
        let (_, diagnostics) = deodar_grammar::parse_schema(&sources, printed);
        assert_eq!(Fate::of_diagnostics(&diagnostics), None, "what is printed can be read");
    }
    let (schema, diagnostics) = Schema::resolve(&[tree]);
    if let Some(fate) = Fate::of_diagnostics(&diagnostics) {
        return fate;
    }
    let schema = schema.expect("a schema without errors");
    assert!(schema.request_environments().count() < usize::MAX);
    Fate::Works
}

#[track_caller]
fn check(name: &str, expected: Expected, text: &str) {
    on_small_stack(|| expect(name, expected, &pipeline(text, deodar_grammar::parse_schema)));
}

#[track_caller]
fn check_json(name: &str, expected: Expected, text: &str) {
    on_small_stack(|| expect(name, expected, &pipeline(text, deodar_grammar::schema_from_json)));
}

#[test]
fn types_nest_to_the_limit() {
    for (name, open, close) in [("sets", "Set<", ">"), ("records", "{a: ", "}"), ("optional", "{a?: ", "}")] {
        let schema = |n| format!("entity A {{x: {}}};", nested(open, "Long", close, n));
        check(name, Expected::Works, &schema(1_000));
        check(name, Expected::Limit, &schema(100_000));
        check(name, Expected::Refused, &format!("entity A {{x: {}", open.repeat(100_000)));
    }
}

#[test]
fn json_types_nest_to_the_limit() {
    let nestings = [
        ("sets", r#"{"type": "Set", "element": "#, "}"),
        ("records", r#"{"type": "Record", "attributes": {"a": "#, "}}"),
    ];
    for (name, open, close) in nestings {
        let schema = |n| {
            let ty = nested(open, r#"{"type": "Long"}"#, close, n);
            format!(
                r#"{{"": {{"actions": {{}}, "entityTypes": {{"A": {{"shape":
                    {{"type": "Record", "attributes": {{"x": {ty}}}}}}}}}}}}}"#
            )
        };
        check_json(name, Expected::Works, &schema(1_000));
        check_json(name, Expected::Limit, &schema(100_000));
    }
}

#[test]
fn long_chains_of_definitions_work() {
    let n = 10_000;
    let lines = |line: fn(usize) -> String| -> String { (0..n).map(line).collect() };
    let cases = [
        ("common types", lines(|i| format!("type T{i} = T{};\n", i + 1)) + &format!("type T{n} = Long;")),
        (
            "names in a declaration",
            format!("entity {};", (0..n).map(|i| format!("A{i}")).collect::<Vec<_>>().join(", ")),
        ),
        ("attributes", format!("entity A {{{}}};", lines(|i| format!("a{i}: Long, ")))),
        ("ids of an enumeration", format!("entity A enum [{}];", vec!["\"a\""; n].join(", "))),
        ("namespaces", lines(|i| format!("namespace N{i} {{ entity A; }}\n"))),
        ("name", format!("entity {};", "a".repeat(10 << 20))),
        ("comment", format!("entity A; //{}", "a".repeat(10 << 20))),
    ];
    for (name, text) in cases {
        check(name, Expected::WorksOrLimit, &text);
    }
}

/// Every type and action knows all of its ancestors, so the length of a chain counts twice.
#[test]
fn chains_of_members_work_up_to_the_limit() {
    for (n, expected) in [(1_000, Expected::Works), (10_000, Expected::Limit), (100_000, Expected::Limit)] {
        let chain = |line: fn(usize) -> String| -> String { (0..n).map(line).collect() };
        let types = chain(|i| format!("entity A{i} in [A{}];\n", i + 1));
        check("entity types", expected, &format!("{types}entity A{n};"));
        let actions = chain(|i| format!("action a{i} in [a{}];\n", i + 1));
        check("actions", expected, &format!("{actions}action a{n};"));
    }
}

#[test]
fn many_members_of_few_groups_work() {
    let members: String = (0..20_000).map(|i| format!("action a{i} in [g{}, all];\n", i % 50)).collect();
    let groups: Vec<String> = (0..50).map(|i| format!("g{i}")).collect();
    check("actions", Expected::Works, &format!("action all; action {} in all;\n{members}", groups.join(", ")));
}

#[test]
fn types_that_double_with_each_definition_end() {
    let n = 60;
    let lines: String = (0..n).map(|i| format!("type T{i} = {{a: T{0}, b: T{0}}};\n", i + 1)).collect();
    check("doubling", Expected::WorksOrLimit, &format!("{lines}type T{n} = Long; entity A {{x: T0}};"));
}

#[test]
fn cycles_of_any_length_are_refused() {
    let n = 1_000;
    let cycle = |line: fn(usize, usize) -> String| -> String { (0..n).map(|i| line(i, (i + 1) % n)).collect() };
    check("common types", Expected::Refused, &cycle(|i, next| format!("type T{i} = T{next};\n")));
    check("actions", Expected::Refused, &cycle(|i, next| format!("action a{i} in [a{next}];\n")));
    check("entity types", Expected::Works, &cycle(|i, next| format!("entity A{i} in [A{next}];\n")));
}
