//! Lints on small policies and schemas. The cases stand in `tests/lint`: `CODE.txt` shows what the lint finds, and
//! `CODE.silent.txt` what it must not find. A line `//// name` in a case starts a file; without a schema only the lints
//! of policies alone run.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use deodar_grammar::{
    Diagnostic, Label, Sources,
    ast::{Dialect, PolicySet},
    parse_policies, parse_schema,
};

use super::{LintOptions, codes, codes_on_demand, lint, lint_policies};
use crate::{CheckOptions, Schema, check};

/// The policy sets and the schema fragments of a case, in its order.
fn lints(text: &str, options: &LintOptions) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let (mut sets, mut fragments): (Vec<PolicySet>, Vec<_>) = (Vec::new(), Vec::new());
    for file in text.split("//// ").skip(1) {
        let (name, text) = file.split_once('\n').expect("a name and a text");
        let source = sources.add(name, text);
        let diagnostics = if let Some("cedarschema") = Path::new(name).extension().and_then(|name| name.to_str()) {
            let (fragment, diagnostics) = parse_schema(&sources, source);
            fragments.push(fragment);
            diagnostics
        } else {
            let (set, diagnostics) = parse_policies(&sources, source, Dialect::Cedar);
            sets.push(set);
            diagnostics
        };
        assert!(diagnostics.is_empty(), "{name}: {diagnostics:?}");
    }
    let sets: Vec<&PolicySet> = sets.iter().collect();
    if fragments.is_empty() {
        return (sources, lint_policies(&sets, options));
    }
    let (schema, diagnostics) = Schema::resolve(&fragments);
    let schema = schema.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let analysis = check(&sets, &schema, CheckOptions::default());
    let found = lint(&sets, &fragments, &schema, &analysis, options);
    (sources, found)
}

fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let _ = writeln!(out, "{}: {}", diagnostic.code().name, diagnostic.message());
        for label in diagnostic.labels() {
            render_label(&mut out, sources, label);
        }
        for text in [diagnostic.note(), diagnostic.help()].into_iter().flatten() {
            let _ = writeln!(out, "     = {text}");
        }
        out.push('\n');
    }
    out
}

fn render_label(out: &mut String, sources: &Sources, label: &Label) {
    let place = sources.position(label.span);
    let line = sources.text(label.span.source).lines().nth(place.line as usize - 1).unwrap_or_default();
    let covered = sources.slice(label.span).lines().next().unwrap_or_default().chars().count().max(1);
    let _ = writeln!(out, "{:>4} | {line}", place.line);
    let _ =
        writeln!(out, "     | {}{} {}", " ".repeat(place.column as usize - 1), "^".repeat(covered), label.text.trim());
}

/// The lint that the case is about: `code.txt`, `code.silent.txt`, `code.2.txt`, …
fn code_of(path: &Path) -> (String, bool) {
    let name = path.file_name().expect("a name").to_string_lossy();
    (name.split('.').next().expect("a code").to_owned(), name.contains(".silent."))
}

#[test]
fn lints_say_what_is_probably_not_meant() {
    insta::glob!("../../tests/lint", "*.txt", |path| {
        let text = std::fs::read_to_string(path).expect("a case");
        let (code, silent) = code_of(path);
        // What reports on demand only is asked for by the cases about it.
        let enabled = codes_on_demand().filter(|on_demand| on_demand.name == code).collect();
        let (sources, found) = lints(&text, &LintOptions { enabled, ..LintOptions::default() });
        let report = render(&sources, &found);
        assert_eq!(found.iter().any(|found| found.code().name == code), !silent, "{}: {report}", path.display());
        insta::with_settings!({ snapshot_path => "../../tests/lint/snapshots", prepend_module_to_snapshot => false,
            omit_expression => true }, {
            insta::assert_snapshot!("lint", format!("{text}\n{report}").trim_end());
        });
    });
}

#[test]
fn every_lint_has_a_case_that_shows_it_and_one_that_does_not() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lint");
    let entries = std::fs::read_dir(directory).expect("the cases").map(|entry| entry.expect("a case").path());
    let cases: BTreeSet<_> = entries.filter(|path| path.is_file()).map(|path| code_of(&path)).collect();
    for code in codes() {
        for silent in [false, true] {
            assert!(cases.contains(&(code.name.to_owned(), silent)), "no case for {}, silent: {silent}", code.name);
        }
    }
}

#[test]
fn what_the_options_allow_is_not_reported() {
    let text = "//// policies.cedar\npermit (principal, action, resource) when { true };\n";
    let found = |allowed| lints(text, &LintOptions { allowed, ..LintOptions::default() }).1.len();
    assert_eq!(found(Vec::new()), 1);
    assert_eq!(found(super::find("always-true-condition").into_iter().collect()), 0);
}

/// Many policies with one scope cost little more than one look at each.
#[test]
fn ten_thousand_policies_with_one_scope_are_compared() {
    let mut text = "//// policies.cedar\n".to_owned();
    for number in 0..10_000 {
        let _ = writeln!(text, "permit (principal, action, resource) when {{ context.a && context.n == {number} }};");
    }
    text.push_str("permit (principal, action, resource) when { context.n == 77 };\n");
    let (sources, found) = lints(&text, &LintOptions::default());
    let [found] = &*found else { panic!("{}", render(&sources, &found)) };
    assert_eq!((found.code().name, sources.position(found.span()).line), ("implied-policy", 78));
}

/// Nothing recurses over the depth of a condition, and no lint takes more than a look at each expression.
#[test]
fn deep_and_wide_conditions_are_linted() {
    let deep = format!("{}context.a{}", "!(".repeat(1_000), ")".repeat(1_000));
    let wide = format!("context.a || true{}", " || context.b".repeat(10_000));
    let text = format!(
        "//// policies.cedar\npermit (principal, action, resource) when {{ {deep} }};\n\
         forbid (principal, action, resource) when {{ {wide} }};\n"
    );
    let (_, found) = lints(&text, &LintOptions::default());
    assert_eq!(
        found.iter().map(|found| found.code().name).collect::<Vec<_>>(),
        ["double-negation", "always-true-condition", "repeated-operand"]
    );
}
