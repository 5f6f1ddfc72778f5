//! Any text is read as an expression, compiled if it is well-formed, and evaluated.

#![no_main]

use deodar_compiler::{compile, compile_expression};
use deodar_grammar::{Diagnostic, Sources};
use deodar_runtime::{Engine, Entities};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::new();
    let source = sources.add("fuzz", text);
    let (expression, diagnostics) = deodar_grammar::parse_expression(&sources, source);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return;
    }
    let Ok(expression) = compile_expression(&expression, &sources) else { return };
    let program = compile(&[], &sources).expect("an empty program");
    let _ = Engine::new(program, Entities::new()).evaluate(&expression, None);
});
