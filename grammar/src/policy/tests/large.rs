//! Texts that are long, deep or wrong in many places.

use super::{Diagnostic, Dialect, Sources, expression, parse_expression, parse_policies};
use crate::ast::PolicySet;

/// Runs on the smallest stack that every input must fit, also in a debug build.
fn on_a_small_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(512 * 1024).spawn(run).expect("a thread").join().expect("no overflow")
}

fn codes(text: String) -> Vec<&'static str> {
    on_a_small_stack(move || {
        let mut sources = Sources::new();
        let source = sources.add("expression", text);
        parse_expression(&sources, source).1.iter().map(|diagnostic| diagnostic.code().name).collect()
    })
}

fn policies(text: String) -> (PolicySet, Vec<Diagnostic>) {
    on_a_small_stack(move || {
        let mut sources = Sources::new();
        let source = sources.add("policies", text);
        parse_policies(&sources, source, Dialect::Cedar)
    })
}

fn repeated(before: &str, middle: &str, after: &str, times: usize) -> String {
    format!("{}{middle}{}", before.repeat(times), after.repeat(times))
}

#[test]
fn nesting_is_limited_and_reported_once() {
    for (before, after) in [("[", "]"), ("{a: ", "}"), ("!(", ")"), ("ip(", ")"), ("[{a: if [] then ", " else 2}]")] {
        assert_eq!(codes(repeated(before, "1", after, 100_000)), ["limit-exceeded"], "{before}");
        assert!(codes(repeated(before, "1", after, 300)).is_empty(), "{before}");
    }
    assert!(codes(repeated("[", "1", "]", 1_199)).is_empty());
    assert_eq!(codes(repeated("[", "1", "]", 1_200)), ["limit-exceeded"]);
    assert_eq!(codes(format!("principal{}", ".a".repeat(100_000))), ["limit-exceeded"]);
    assert!(codes(format!("principal{}", ".a".repeat(1_199))).is_empty());
}

#[test]
fn parentheses_add_no_level() {
    assert!(codes(repeated("(", "1", ")", 100_000)).is_empty());
    assert_eq!(expression(&repeated("(", "1 + 2", ")", 10_000)), "(sum 1 + 2)");
}

#[test]
fn brackets_without_a_counterpart_are_reported_once() {
    for bracket in ["(", "[", "{a: ", "!", "-", "if "] {
        assert_eq!(codes(bracket.repeat(100_000)).len(), 1, "{bracket}");
    }
    assert_eq!(codes(repeated("(", "1 # 2 3 4", "", 100_000)), ["invalid-character"]);
    assert_eq!(codes(format!("1{}", ")".repeat(100_000))), ["unexpected-token"]);
}

#[test]
fn chains_of_any_length_are_one_level() {
    for operator in ["&&", "||", "+", "-", "*"] {
        let chain = |left: &str, right: &str| {
            let links = format!(" {operator} principal.a{right}").repeat(20_000);
            format!("{}1{links}", left.repeat(if right.is_empty() { 0 } else { 20_000 }))
        };
        assert!(codes(chain("", "")).is_empty(), "{operator}");
        assert!(codes(chain("(", ")")).is_empty(), "({operator})");
    }
}

#[test]
fn long_tokens_and_lists_are_read() {
    assert!(codes(format!("\"{}\"", "0123456789\\n".repeat(1_000_000))).is_empty());
    assert!(codes(format!("[{}]", "1,".repeat(200_000))).is_empty());
    let keys: Vec<String> = (0..50_000).map(|key| format!("k{key}: {key}")).collect();
    assert!(codes(format!("{{{}}}", keys.join(","))).is_empty());
    assert_eq!(codes(format!("{}::\"a\"", "a::".repeat(100_000) + "b")), [""; 0]);
    assert_eq!(codes("a".repeat(1_000_000)), ["unknown-variable"]);
    assert_eq!(codes("1".repeat(1_000_000)), ["integer-too-large"]);
    assert!(codes(format!("principal has a{}", ".a".repeat(100_000))).is_empty());
}

#[test]
fn diagnostics_are_capped() {
    let (set, diagnostics) = policies("permit(principal, action, resource) when { foo };\n".repeat(3_000));
    assert_eq!(set.policies.len(), 3_000);
    assert_eq!(diagnostics.len(), 1_001);
    let last = diagnostics.last().expect("a summary");
    assert_eq!((last.code().name, last.message()), ("too-many-errors", "2000 further errors are not shown"));
}

#[test]
fn many_policies_are_numbered_in_order() {
    let (set, diagnostics) = policies("permit(principal == ?principal, action, resource);\n".repeat(10_000));
    assert!(diagnostics.is_empty());
    assert_eq!(set.policies.last().map(|policy| policy.id.as_str()), Some("policy9999"));
}
