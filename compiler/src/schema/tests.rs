//! Schemas as text, and what becomes of them: shapes, resolved names, diagnostics. The cases stand in `tests/schema`;
//! each snapshot shows the text and the result. A line `//// name` in a case starts another fragment.

macro_rules! check_snapshot {
    ($name:literal, $result:expr) => {
        insta::with_settings!({ snapshot_path => "../../tests/schema/snapshots", prepend_module_to_snapshot => false,
            omit_expression => true }, { insta::assert_snapshot!($name, $result); });
    };
}

mod dump;
mod large;
mod names;

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use deodar_grammar::{Diagnostic, Label, Sources, ast::schema as ast, parse_schema, schema_from_json, schema_to_json};

use super::{Schema, resolve_schema_names};
use crate::report;

/// The fragments of a case, and what their readers say.
fn read(text: &str) -> (Sources, Vec<ast::Schema>, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let (mut fragments, mut diagnostics) = (Vec::new(), Vec::new());
    let mut add = |name: &str, text: &str| {
        let source = sources.add(name, text);
        let is_json = Path::new(name).extension().is_some_and(|extension| extension == "json");
        let read = if is_json { schema_from_json } else { parse_schema };
        let (fragment, mut problems) = read(&sources, source);
        fragments.push(fragment);
        diagnostics.append(&mut problems);
    };
    match text.strip_prefix("//// ") {
        None => add("schema.cedarschema", text),
        Some(rest) => rest.split("//// ").for_each(|fragment| {
            let (name, text) = fragment.split_once('\n').expect("a name and a text");
            add(name, text);
        }),
    }
    (sources, fragments, diagnostics)
}

/// What the text says, and all that is said about it.
fn resolve(text: &str) -> (Sources, Option<Schema>, Vec<Diagnostic>) {
    let (sources, fragments, mut diagnostics) = read(text);
    let (schema, mut problems) = Schema::resolve(&fragments);
    diagnostics.append(&mut problems);
    (sources, schema, diagnostics)
}

fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let _ = writeln!(out, "{}: {}", diagnostic.code().name, diagnostic.message());
        for label in diagnostic.labels() {
            render_label(&mut out, sources, label);
        }
        if let Some(help) = diagnostic.help() {
            let _ = writeln!(out, "     = {help}");
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
    let indent = " ".repeat(place.column as usize - 1);
    let _ = writeln!(out, "     | {indent}{} {}", "^".repeat(covered), label.text);
}

/// The code that the case is about: `code.cedarschema`, `code.2.cedarschema`, …
fn code_of(path: &Path) -> String {
    let name = path.file_name().expect("a name").to_string_lossy();
    name.split('.').next().expect("a code").to_owned()
}

#[test]
fn diagnostics_say_what_is_wrong() {
    insta::glob!("../../tests/schema/diagnostics", "*.cedarschema", |path| {
        let text = std::fs::read_to_string(path).expect("a case");
        let (sources, schema, diagnostics) = resolve(&text);
        let code = code_of(path);
        assert!(diagnostics.iter().any(|diagnostic| diagnostic.code().name == code), "{code} is not reported");
        assert!(schema.is_none(), "a schema in spite of {code}");
        check_snapshot!("diagnostics", format!("{text}\n{}", render(&sources, &diagnostics).trim_end()));
    });
}

#[test]
fn every_code_has_a_case() {
    // Limits need large texts, see `large.rs`.
    let generated = ["type-too-deep", "schema-too-large"];
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schema/diagnostics");
    let cases: BTreeSet<String> =
        std::fs::read_dir(directory).expect("the cases").map(|entry| code_of(&entry.expect("a case").path())).collect();
    for code in report::schema::CODES {
        assert!(cases.contains(code.name) || generated.contains(&code.name), "no case for {}", code.name);
    }
}

#[test]
fn codes_are_unique_across_grammar_and_compiler() {
    let mut names = BTreeSet::new();
    for code in deodar_grammar::codes().chain(report::codes()) {
        assert!(names.insert(code.name), "two codes have the name {}", code.name);
    }
}

#[test]
fn schemas_become_shapes() {
    insta::glob!("../../tests/schema/shapes", "*.cedarschema", |path| {
        let text = std::fs::read_to_string(path).expect("a case");
        let (sources, schema, diagnostics) = resolve(&text);
        let problems = render(&sources, &diagnostics);
        let schema = schema.unwrap_or_else(|| panic!("{}: {problems}", path.display()));
        let shown = format!("{text}\n---\n{}\n{problems}", dump::schema(&schema, &sources));
        check_snapshot!("shapes", shown.trim_end());
    });
}

#[test]
fn names_resolve_as_in_the_matrix() {
    check_snapshot!("matrix", names::matrix());
}

#[test]
fn names_are_written_out() {
    insta::glob!("../../tests/schema/resolved", "*.cedarschema", |path| {
        let text = std::fs::read_to_string(path).expect("a case");
        let (sources, fragments, mut diagnostics) = read(&text);
        let (resolved, mut problems) = resolve_schema_names(&fragments[0]);
        diagnostics.append(&mut problems);
        let json = resolved.map(|schema| schema_to_json(&schema)).unwrap_or_default();
        let shown = format!("{text}\n---\n{json}\n{}", render(&sources, &diagnostics));
        check_snapshot!("resolved", shown.trim_end());
    });
}

/// The codes of the errors in the text.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let (_, schema, diagnostics) = resolve(text);
    let codes: Vec<&str> = diagnostics.iter().filter(|d| d.is_error()).map(|d| d.code().name).collect();
    let beginning: String = text.chars().take(400).collect();
    assert_eq!(codes, expected, "{beginning}");
    assert_eq!(schema.is_some(), expected.is_empty(), "{beginning}");
}

#[test]
fn what_the_readers_report_is_not_repeated() {
    check("entity A; entity A;", &["duplicate-declaration"]);
    check("entity Action;", &["entity-type-named-action"]);
    check("namespace __cedar { entity A; }", &["internal-name"]);
    check("namespace N { entity A; } namespace N { entity A; }", &["duplicate-namespace"]);
}

#[test]
fn an_attribute_that_is_overwritten_need_not_make_sense() {
    check("entity A { a: Nope, a: Long };", &[]);
    check("entity A { a: Long, a: Nope };", &["undeclared-type"]);
}

#[test]
fn entity_types_may_form_cycles() {
    check("entity A in [A]; entity B in [C]; entity C in [B];", &[]);
}

#[test]
fn request_environments_are_the_products_of_the_types() {
    let text = "entity A, B, C; action a appliesTo { principal: [A, B], resource: [C, A] }; action b;";
    let (_, schema, _) = resolve(text);
    let schema = schema.expect("a schema");
    let environments: Vec<String> =
        schema.request_environments().map(|e| format!("{} {} {}", e.principal, e.action, e.resource)).collect();
    assert_eq!(environments, [r#"A Action::"a" A"#, r#"A Action::"a" C"#, r#"B Action::"a" A"#, r#"B Action::"a" C"#]);
}
