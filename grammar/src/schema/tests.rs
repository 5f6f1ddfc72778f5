//! Schemas as text, and what becomes of them. The cases stand in `tests/schema`, in both syntaxes; each snapshot shows
//! the text, what is wrong with it, and both printed forms.

mod dump;
mod large;
mod reference;

use std::{collections::BTreeSet, ffi::OsStr, fmt::Write as _, path::Path};

use super::{parse_schema, print::print_schema};
use crate::{
    ast::schema::Schema,
    diagnostic::Diagnostic,
    json::schema::{schema_from_json, schema_to_json},
    report::{self, render::render},
    source::Sources,
};

/// The syntaxes of schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Cedar,
    Json,
}

fn read(syntax: Syntax, text: &str) -> (Sources, Schema, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let source = sources.add("schema", text);
    let (schema, diagnostics) = match syntax {
        Syntax::Cedar => parse_schema(&sources, source),
        Syntax::Json => schema_from_json(&sources, source),
    };
    (sources, schema, diagnostics)
}

/// Reads what must be without errors.
#[track_caller]
fn accept(syntax: Syntax, text: &str) -> Schema {
    let (sources, schema, diagnostics) = read(syntax, text);
    let errors: Vec<Diagnostic> = diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    assert!(errors.is_empty(), "{text}\n{}", render(&sources, &errors));
    schema
}

/// The codes of what is wrong with the text.
fn codes(syntax: Syntax, text: &str) -> Vec<&'static str> {
    read(syntax, text).2.iter().map(|diagnostic| diagnostic.code().name).collect()
}

fn case(path: &Path) -> (Syntax, String, String) {
    let syntax = if path.extension() == Some(OsStr::new("json")) { Syntax::Json } else { Syntax::Cedar };
    let name = path.file_name().expect("a name").to_string_lossy();
    let code = name.split('.').next().expect("a code").to_owned();
    (syntax, code, std::fs::read_to_string(path).expect("a case"))
}

#[test]
fn diagnostics_say_what_is_wrong() {
    insta::glob!("../../tests/schema/diagnostics", "*.*", |path| {
        let (syntax, code, text) = case(path);
        let (sources, schema, mut diagnostics) = read(syntax, &text);
        if let Err(problems) = print_schema(&schema)
            && diagnostics.is_empty()
        {
            diagnostics = problems;
        }
        assert!(diagnostics.iter().any(|diagnostic| diagnostic.code().name == code), "{code} is not reported");
        insta::with_settings!({ snapshot_path => "../../tests/schema/snapshots", prepend_module_to_snapshot => false,
            omit_expression => true }, {
            insta::assert_snapshot!("diagnostics", render(&sources, &diagnostics).trim_end());
        });
    });
}

#[test]
fn every_code_has_a_case() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schema/diagnostics");
    let cases: BTreeSet<String> =
        std::fs::read_dir(directory).expect("the cases").map(|entry| case(&entry.expect("a case").path()).1).collect();
    for code in report::schema::CODES {
        assert!(cases.contains(code.name), "no case for {}", code.name);
    }
}

#[test]
fn trees_keep_what_is_written() {
    insta::glob!("../../tests/schema/trees", "*.*", |path| {
        let (syntax, _, text) = case(path);
        let (sources, schema, diagnostics) = read(syntax, &text);
        let mut result = format!("{text}\n{}", dump::schema(&sources, &schema));
        let _ = write!(result, "\n{}", render(&sources, &diagnostics));
        let _ = writeln!(result, "{}\n", schema_to_json(&schema).replace("\":{\"", "\":{\n\""));
        let printed = print_schema(&schema).unwrap_or_else(|problems| render(&sources, &problems));
        result.push_str(&printed);
        insta::with_settings!({ snapshot_path => "../../tests/schema/snapshots", prepend_module_to_snapshot => false,
            omit_expression => true }, {
            insta::assert_snapshot!("trees", result.trim_end());
        });
    });
}

/// Text to tree to JSON to tree to text, each step as exact as the first.
#[test]
fn both_syntaxes_say_the_same() {
    insta::glob!("../../tests/schema/trees", "*.*", |path| {
        let (syntax, _, text) = case(path);
        let schema = accept(syntax, &text);
        let (json, printed) = (schema_to_json(&schema), print_schema(&schema).expect("a form in the Cedar syntax"));
        let from_json = accept(Syntax::Json, &json);
        assert_eq!(schema_to_json(&from_json), json);
        assert_eq!(print_schema(&from_json).as_ref(), Ok(&printed));
        let from_text = accept(Syntax::Cedar, &printed);
        // Annotations that are null and namespaces without anything stand in JSON only.
        if syntax == Syntax::Cedar {
            assert_eq!(print_schema(&from_text).as_ref(), Ok(&printed));
            // The printer writes out the type of the actions of the namespace.
            assert_eq!(schema_to_json(&from_text).replace(r#","type":"Action""#, ""), json);
        }
    });
}
