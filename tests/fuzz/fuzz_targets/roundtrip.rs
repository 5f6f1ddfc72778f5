//! What is printed, and what is laid out, is what was parsed; and laying out again changes nothing.

#![no_main]

use deodar_grammar::{
    Diagnostic, FormatOptions, Sources,
    ast::{Dialect, PolicySet},
};
use libfuzzer_sys::fuzz_target;

fn parse(text: &str) -> Option<(Sources, PolicySet)> {
    let mut sources = Sources::new();
    let source = sources.add("fuzz", text);
    let (set, diagnostics) = deodar_grammar::parse_policies(&sources, source, Dialect::Cedar);
    (!diagnostics.iter().any(Diagnostic::is_error)).then_some((sources, set))
}

fuzz_target!(|text: &str| {
    let Some((sources, set)) = parse(text) else { return };
    let json = deodar_grammar::policies_to_json(&set);
    let printed = deodar_grammar::print_policies(&set);
    let (_, again) = parse(&printed).expect("what was printed");
    assert_eq!(deodar_grammar::policies_to_json(&again), json);
    let layout = deodar_grammar::format_policies(&sources, &set, FormatOptions::default()).expect("a layout");
    let (sources, again) = parse(&layout).expect("what was laid out");
    assert_eq!(deodar_grammar::policies_to_json(&again), json);
    assert_eq!(deodar_grammar::format_policies(&sources, &again, FormatOptions::default()), Some(layout));
});
