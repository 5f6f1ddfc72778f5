//! Any text is read as a schema in the Cedar syntax, resolved, and translated both ways.

#![no_main]

use deodar_compiler::Schema;
use deodar_grammar::{Diagnostic, Sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::new();
    let source = sources.add("fuzz", text);
    let (schema, diagnostics) = deodar_grammar::parse_schema(&sources, source);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return;
    }
    let json = sources.add("json", deodar_grammar::schema_to_json(&schema));
    let (again, diagnostics) = deodar_grammar::schema_from_json(&sources, json);
    assert!(!diagnostics.iter().any(Diagnostic::is_error), "{diagnostics:?}");
    assert_eq!(sources.text(json), deodar_grammar::schema_to_json(&again));
    let _ = deodar_grammar::print_schema(&schema);
    let _ = Schema::resolve(&[schema]);
});
