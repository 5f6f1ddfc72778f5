//! Any text is read as policies in the JSON syntax, written again, printed and compiled.

#![no_main]

use deodar_compiler::compile;
use deodar_grammar::{Diagnostic, Sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::new();
    let source = sources.add("fuzz", text);
    let (policies, diagnostics) = deodar_grammar::policies_from_json(&sources, source);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return;
    }
    let _ = deodar_grammar::print_policies(&policies);
    let _ = compile(&[&policies], &sources);
    let json = sources.add("json", deodar_grammar::policies_to_json(&policies));
    let (again, diagnostics) = deodar_grammar::policy_set_from_json(&sources, json);
    assert!(!diagnostics.iter().any(Diagnostic::is_error), "{diagnostics:?}");
    assert_eq!(sources.text(json), deodar_grammar::policies_to_json(&again));
});
