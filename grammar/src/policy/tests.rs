//! Policies as text, and what becomes of them: trees as expressions in parentheses, diagnostics as a terminal shows
//! them. The cases stand in `tests/policy`; each snapshot shows the text and the result.

mod dump;
mod large;

use std::collections::BTreeSet;

use super::{parse_expression, parse_policies};
use crate::{
    ast::Dialect,
    diagnostic::Diagnostic,
    report::{self, render::render},
    source::Sources,
};

fn diagnose(text: &str) -> (Vec<Diagnostic>, String) {
    let mut sources = Sources::new();
    let source = sources.add("policies.cedar", text);
    let (_, diagnostics) = parse_policies(&sources, source, Dialect::Cedar);
    let rendered = render(&sources, &diagnostics);
    (diagnostics, rendered)
}

/// The code that the case is about: `code.cedar`, `code.2.cedar`, …
fn code_of(path: &std::path::Path) -> String {
    let name = path.file_name().expect("a name").to_string_lossy();
    name.split('.').next().expect("a code").to_owned()
}

#[test]
fn diagnostics_say_what_is_wrong() {
    insta::glob!("../../tests/policy/diagnostics", "*.cedar", |path| {
        let text = std::fs::read_to_string(path).expect("a case");
        let (diagnostics, rendered) = diagnose(&text);
        let code = code_of(path);
        assert!(diagnostics.iter().any(|diagnostic| diagnostic.code().name == code), "{code} is not reported");
        insta::with_settings!({ snapshot_path => "../../tests/policy/snapshots", prepend_module_to_snapshot => false,
            omit_expression => true }, {
            insta::assert_snapshot!("diagnostics", rendered);
        });
    });
}

#[test]
fn every_code_has_a_case() {
    // Limits need large texts, see `large.rs`.
    let generated = ["limit-exceeded", "too-many-errors"];
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/policy/diagnostics");
    let cases: BTreeSet<String> = std::fs::read_dir(directory)
        .expect("the cases")
        .map(|entry| entry.expect("a case").path())
        .map(|path| code_of(&path))
        .collect();
    for code in [report::syntax::CODES, report::policy::CODES, report::expression::CODES].into_iter().flatten() {
        assert!(cases.contains(code.name) || generated.contains(&code.name), "no case for {}", code.name);
    }
}

#[test]
fn trees_keep_what_is_written() {
    insta::glob!("../../tests/policy/trees", "*.cedar", |path| {
        let text = std::fs::read_to_string(path).expect("a case");
        let mut sources = Sources::new();
        let source = sources.add("policies.cedar", text.clone());
        let (set, diagnostics) = parse_policies(&sources, source, Dialect::Cedar);
        let result = format!("{text}\n{}\n{}", dump::policies(&set), render(&sources, &diagnostics));
        insta::with_settings!({ snapshot_path => "../../tests/policy/snapshots", prepend_module_to_snapshot => false,
            omit_expression => true }, {
            insta::assert_snapshot!("trees", result.trim_end());
        });
    });
}

/// The tree of a lone expression, or the codes of what is wrong with it.
fn expression(text: &str) -> String {
    let mut sources = Sources::new();
    let source = sources.add("expression", text);
    let (expression, diagnostics) = parse_expression(&sources, source);
    if diagnostics.is_empty() {
        return dump::expression(&expression.exprs, expression.root);
    }
    let codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code().name).collect();
    codes.join(" ")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(expression(text), expected, "{text}");
}

#[test]
fn a_lone_expression_may_have_slots() {
    check("?principal", "?principal");
    check("?principal.a == ?resource", "(== (. ?principal a) ?resource)");
    check("?user", "unknown-slot");
}

#[test]
fn a_lone_expression_is_one_expression() {
    check("1 // one\n", "1");
    check("", "unexpected-end");
    check("// nothing", "unexpected-end");
    check("1 2", "unexpected-token");
    check("1;", "unexpected-token");
    check("permit(principal, action, resource)", "unknown-function");
    check("true @", "unexpected-token");
}

/// Each of these was, or could have been, read differently by the reference implementation.
#[test]
fn regressions_against_the_reference() {
    check("\"a\r\nb\"", "invalid-escape");
    check("\"a\nb\"", "\"a\\nb\"");
    check("\"\" like \"\\x2a\"", "(like \"\" \"*\")");
    check("\"\" like \"\\*\"", "(like \"\" \"\\*\")");
    check("1\u{a0}+\u{85}2", "(sum 1 + 2)");
    check("1\u{200b}", "invalid-character");
    check("\u{feff}1", "invalid-character");
    check("(\"a\").b", "(. \"a\" b)");
    check("\"a\".b", "(. \"a\" b)");
    check("--1", "(- -1)");
    check("-1.a", "(- (. 1 a))");
    check("-(1)", "(- 1)");
    check("\"\\u{1_0}\"", "\"\\u{10}\"");
    check("{a: 1}[\"a\"]", "(. {a: 1} a)");
    check("a::b::\"c\"", "a::b::\"c\"");
    check("principal::\"c\"", "principal::\"c\"");
    check("true::\"c\"", "unexpected-token");
    check("principal.contains", "(. principal contains)");
    check("(principal.contains)(1)", "expression-call");
}
