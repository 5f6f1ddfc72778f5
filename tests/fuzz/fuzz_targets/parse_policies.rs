//! Any text is read as policies, compiled if it is well-formed, laid out and decided.

#![no_main]

use deodar_compiler::compile;
use deodar_grammar::{Diagnostic, FormatOptions, Sources, ast::Dialect};
use deodar_runtime::{Context, Engine, Entities, Request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::new();
    let source = sources.add("fuzz", text);
    let (policies, diagnostics) = deodar_grammar::parse_policies(&sources, source, Dialect::Cedar);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return;
    }
    assert!(deodar_grammar::format_policies(&sources, &policies, FormatOptions::default()).is_some());
    let Ok(program) = compile(&[&policies], &sources) else { return };
    let engine = Engine::new(program, Entities::new());
    let uid = |text: &str| text.parse().expect("an entity");
    let request = Request::new(uid("U::\"a\""), uid("Action::\"a\""), uid("R::\"a\""), Context::empty());
    assert_eq!(engine.explain(&request).response(), &engine.authorize(&request));
});
