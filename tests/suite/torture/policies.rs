//! Policies that nest deeply, go on for long, or are many.

use std::time::Instant;

use deodar_compiler::{compile, compile_expression};
use deodar_grammar::{FormatOptions, Sources, ast::Dialect};
use deodar_runtime::{Context, Engine, Entities, EvaluateError, Request};

use super::{Expected, Fate, expect, nested, on_small_stack};

/// Everything that can be done with policies.
fn pipeline(text: &str) -> Fate {
    let mut sources = Sources::new();
    let source = sources.add("hostile.cedar", text);
    let (set, diagnostics) = deodar_grammar::parse_policies(&sources, source, Dialect::Cedar);
    if let Some(fate) = Fate::of_diagnostics(&diagnostics) {
        return fate;
    }
    let printed = sources.add("printed", deodar_grammar::print_policies(&set));
    let (again, diagnostics) = deodar_grammar::parse_policies(&sources, printed, Dialect::Cedar);
    assert_eq!(Fate::of_diagnostics(&diagnostics), None, "what is printed parses");
    let json = deodar_grammar::policies_to_json(&set);
    assert!(json == deodar_grammar::policies_to_json(&again), "printing keeps the meaning");
    let fate = json_pipeline(&json);
    assert_eq!(fate, Fate::Works, "what is written as JSON can be read");
    assert!(deodar_grammar::format_policies(&sources, &set, FormatOptions::default()).is_some(), "a layout");
    let program = match compile(&[&set], &sources) {
        Ok(program) => program,
        Err(diagnostics) => return Fate::of_diagnostics(&diagnostics).expect("an error"),
    };
    assert!(!deodar_runtime::disassemble(&program).is_empty());
    let engine = Engine::new(program, Entities::new());
    let response = engine.authorize(&request());
    assert_eq!(engine.explain(&request()).response(), &response);
    response.limit().map_or(Fate::Works, |limit| Fate::of(&limit.to_string()))
}

fn request() -> Request {
    let uid = |text: &str| text.parse().expect("an entity");
    Request::new(uid(r#"U::"a""#), uid(r#"Action::"a""#), uid(r#"R::"a""#), Context::empty())
}

fn json_pipeline(json: &str) -> Fate {
    let mut sources = Sources::new();
    let source = sources.add("hostile.json", json);
    let (set, diagnostics) = deodar_grammar::policy_set_from_json(&sources, source);
    if let Some(fate) = Fate::of_diagnostics(&diagnostics) {
        return fate;
    }
    let again = deodar_grammar::policies_to_json(&set);
    assert!(again == deodar_grammar::policies_to_json(&set));
    assert!(!deodar_grammar::print_policies(&set).is_empty() || set.policies.is_empty());
    match compile(&[&set], &sources) {
        Ok(_) => Fate::Works,
        Err(diagnostics) => Fate::of_diagnostics(&diagnostics).expect("an error"),
    }
}

/// The same as an expression of its own.
fn expression_pipeline(text: &str) -> Fate {
    let mut sources = Sources::new();
    let source = sources.add("hostile", text);
    let (expression, diagnostics) = deodar_grammar::parse_expression(&sources, source);
    if let Some(fate) = Fate::of_diagnostics(&diagnostics) {
        return fate;
    }
    let expression = match compile_expression(&expression, &sources) {
        Ok(expression) => expression,
        Err(diagnostics) => return Fate::of_diagnostics(&diagnostics).expect("an error"),
    };
    assert!(!deodar_runtime::disassemble_expression(&expression).is_empty());
    let engine = Engine::new(compile(&[], &sources).expect("an empty program"), Entities::new());
    match engine.evaluate(&expression, Some(&request())) {
        Ok(value) => assert!(!value.to_string().is_empty()),
        Err(EvaluateError::Eval(error)) => assert!(!error.to_string().is_empty()),
        Err(EvaluateError::Defect) => panic!("the program is damaged"),
        Err(EvaluateError::Limit(limit)) => return Fate::of(&limit.to_string()),
    }
    Fate::Works
}

fn policy(condition: &str) -> String {
    format!("permit (principal, action, resource) when {{ {condition} }};")
}

/// The condition, in a policy and alone.
#[track_caller]
fn check(name: &str, expected: Expected, condition: &str) {
    on_small_stack(|| {
        expect(name, expected, &pipeline(&policy(condition)));
        expect(&format!("{name}, alone"), expected, &expression_pipeline(condition));
    });
}

type Build = fn(usize) -> String;

/// One level of each adds a level to the tree.
const NESTINGS: &[(&str, Build)] = &[
    ("sets", |n| nested("[", "1", "]", n) + " == []"),
    ("records", |n| nested("{a: ", "1", "}", n) + " == {}"),
    ("records with quoted keys", |n| nested("{\"a b\": ", "1", "}", n) + " == {}"),
    ("negations", |n| nested("!(", "true", ")", n)),
    ("minuses", |n| nested("-(", "1", ")", n) + " == 1"),
    ("conditions of if", |n| nested("if (", "true", ") then true else true", n)),
    ("branches of then", |n| nested("if true then ", "true", " else true", n)),
    ("branches of else", |n| nested("if true then true else ", "true", "", n)),
    ("attributes", |n| format!("principal{} == 1", ".a".repeat(n))),
    ("quoted attributes", |n| format!("principal{} == 1", "[\"a\"]".repeat(n))),
    ("calls", |n| nested("ip(", "\"1.1.1.1\"", ")", n) + " == 1"),
    ("methods", |n| format!("principal{} == 1", ".getTag(\"a\")".repeat(n))),
    ("arguments", |n| nested("[].contains(", "1", ")", n)),
    ("equalities", |n| nested("true == (", "true", ")", n)),
    ("comparisons", |n| nested("1 < (", "1", ")", n)),
    ("memberships", |n| nested("principal in (", "principal", ")", n)),
    ("alternating operators", |n| nested("true && (true || ", "true", ")", n)),
    ("sums of products", |n| nested("1 + 1 * (", "1", ")", n) + " == 1"),
    ("likes", |n| nested("(", "\"a\"", " like \"a\")", n)),
    ("has", |n| nested("(", "principal", " has a)", n)),
    ("is", |n| nested("(", "principal", " is U)", n)),
];

#[test]
fn a_thousand_levels_work() {
    for (name, build) in NESTINGS {
        check(
            name,
            Expected::Works,
            &build(if name.contains("operators") || name.contains("sums") { 500 } else { 1_000 }),
        );
    }
}

#[test]
fn a_hundred_thousand_levels_exceed_the_limit() {
    for (name, build) in NESTINGS {
        check(name, Expected::Limit, &build(100_000));
    }
}

#[test]
fn unclosed_brackets_are_an_error() {
    for open in ["(", "[", "{a: ", "if ", "if true then ", "!", "-", "ip(", "principal.contains(", "principal["] {
        check(open, Expected::Refused, &open.repeat(100_000));
    }
    for close in [")", "]", "}", ")))]", "else "] {
        check(close, Expected::Refused, &close.repeat(100_000));
    }
}

#[test]
fn parentheses_are_no_levels() {
    check("parentheses", Expected::Works, &nested("(", "true", ")", 100_000));
    check("parentheses around operands", Expected::Works, &nested("(((", "1 + 1", "))) == 2", 1));
}

#[test]
fn long_chains_work() {
    let chain = |term: &str, operator: &str, n: usize| vec![term; n].join(operator);
    for n in [10_000, 100_000] {
        let expected = if n == 10_000 { Expected::Works } else { Expected::WorksOrLimit };
        check("&&", expected, &chain("true", " && ", n));
        check("||", expected, &chain("false", " || ", n));
        check("+", expected, &format!("{} == 1", chain("1", " + ", n)));
        check("-", expected, &format!("{} == 1", chain("1", " - ", n)));
        check("*", expected, &format!("{} == 1", chain("1", " * ", n)));
        check("&& of comparisons", expected, &chain("context has a && 1 < 2", " && ", n / 2));
        check("&& and ||", expected, &chain("true && false", " || ", n / 2));
        check("has path", expected, &format!("principal has {}", chain("a", ".", n)));
        check("set", expected, &format!("[{}] == []", chain("1", ", ", n)));
        check("entities", expected, &format!("principal in [{}]", chain("U::\"b\"", ", ", n)));
        let record: Vec<_> = (0..n).map(|i| format!("a{i}: {i}")).collect();
        check("record", expected, &format!("{{{}}} == {{}}", record.join(", ")));
    }
}

#[test]
fn long_tokens_work() {
    let long = "a".repeat(10 << 20);
    check("string", Expected::Works, &format!("\"{long}\" == \"\""));
    check("pattern", Expected::Works, &format!("\"a\" like \"{long}\""));
    check("wildcards", Expected::Works, &format!("\"aaaaaaaaaaaaaab\" like \"{}\"", "*a".repeat(100_000)));
    check("name", Expected::Works, &format!("principal has {long}"));
    check("id", Expected::Works, &format!("principal == U::\"{long}\""));
    check("escapes", Expected::Works, &format!("\"{}\" == \"\"", "\\u{61}".repeat(1 << 20)));
    check("path", Expected::Works, &format!("principal is {}", vec!["a"; 100_000].join("::")));
    check("comment", Expected::Works, &format!("//{long}\ntrue"));
    check("spaces", Expected::Works, &format!("{}true", " ".repeat(10 << 20)));
    check("digits", Expected::Refused, &format!("{} == 1", "9".repeat(1 << 20)));
    check("zeros", Expected::Works, &format!("{}1 == 1", "0".repeat(1 << 20)));
    check("minus signs", Expected::Refused, &format!("{}1 == 1", "-".repeat(1 << 20)));
    check("unterminated", Expected::Refused, &format!("\"{long}"));
}

#[test]
fn many_of_everything_in_a_policy_work() {
    let scope = "(principal, action, resource)";
    let annotations: String = (0..20_000).map(|i| format!("@a{i}(\"x\") ")).collect();
    let actions = vec!["Action::\"a\""; 50_000].join(", ");
    let cases = [
        ("annotations", format!("{annotations}permit {scope};")),
        ("conditions", format!("permit {scope} {};", "when { true } ".repeat(20_000))),
        ("actions", format!("permit (principal, action in [{actions}], resource);")),
        ("comments", format!("{}permit {scope};", "// a comment\n".repeat(100_000))),
    ];
    for (name, text) in cases {
        on_small_stack(|| expect(name, Expected::Works, &pipeline(&text)));
    }
}

#[test]
fn many_policies_work() {
    let start = Instant::now();
    let text = "permit (principal, action, resource) when { context has a && context.a > 1 };\n".repeat(50_000);
    on_small_stack(|| expect("policies", Expected::Works, &pipeline(&text)));
    println!("50,000 policies through the pipeline: {:?}", start.elapsed());
}

#[test]
fn many_errors_are_counted_not_listed() {
    on_small_stack(|| {
        for wrong in ["permit (principal, action);\n", "@a @a permit (principal, action, resource);\n", "? ", "x;\n"] {
            let mut sources = Sources::new();
            let source = sources.add("wrong", wrong.repeat(20_000));
            let (_, diagnostics) = deodar_grammar::parse_policies(&sources, source, Dialect::Cedar);
            let limit = deodar_lexicon::limits::DIAGNOSTICS.as_usize();
            assert!((1..=limit + 1).contains(&diagnostics.len()), "{wrong}: {}", diagnostics.len());
        }
    });
}

/// A policy set with one policy whose condition is this JSON.
fn json_set(body: &str) -> String {
    format!(
        r#"{{"templates": {{}}, "templateLinks": [], "staticPolicies": {{"p": {{"effect": "permit",
            "principal": {{"op": "All"}}, "action": {{"op": "All"}}, "resource": {{"op": "All"}},
            "conditions": [{{"kind": "when", "body": {body}}}]}}}}}}"#
    )
}

#[test]
fn json_policies_nest_as_deep_as_text() {
    let nestings: &[(&str, &str, &str, &str)] = &[
        ("!", r#"{"!": {"arg": "#, r#"{"Value": true}"#, "}}"),
        ("neg", r#"{"neg": {"arg": "#, r#"{"Value": 1}"#, "}}"),
        (
            "&&",
            r#"{"&&": {"left": {"Value": true}, "right": {"||": {"left": {"Value": true}, "right": "#,
            r#"{"Value": true}"#,
            "}}}}",
        ),
        (".", r#"{".": {"attr": "a", "left": "#, r#"{"Var": "principal"}"#, "}}"),
        ("Set", r#"{"Set": ["#, r#"{"Value": 1}"#, "]}"),
        ("Record", r#"{"Record": {"a": "#, r#"{"Value": 1}"#, "}}"),
        ("if", r#"{"if-then-else": {"then": {"Value": 1}, "else": {"Value": 1}, "if": "#, r#"{"Value": true}"#, "}}"),
        ("ip", r#"{"ip": ["#, r#"{"Value": "1.1.1.1"}"#, "]}"),
    ];
    on_small_stack(|| {
        for (name, open, middle, close) in nestings {
            let n = if *name == "&&" { 500 } else { 1_000 };
            expect(name, Expected::Works, &json_pipeline(&json_set(&nested(open, middle, close, n))));
            expect(name, Expected::Limit, &json_pipeline(&json_set(&nested(open, middle, close, 100_000))));
        }
        for (name, open, close) in [("values in arrays", "[", "]"), ("values in objects", "{\"a\": ", "}")] {
            let value = |n| json_set(&format!("{{\"Value\": {}}}", nested(open, "1", close, n)));
            expect(name, Expected::Works, &json_pipeline(&value(1_000)));
            expect(name, Expected::Limit, &json_pipeline(&value(100_000)));
        }
    });
}
