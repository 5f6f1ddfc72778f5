//! Text that nobody wrote.

use deodar_compiler::{Schema, compile, compile_expression};
use deodar_grammar::{FormatOptions, Sources, ast::Dialect};
use deodar_runtime::{Context, Entities, EntityUid, Request};

use super::on_small_stack;

/// A generator of numbers, the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits")
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.next() % from.len()]
    }
}

/// Reads the text as everything, and does with it what can be done.
fn read_as_everything(text: &str) {
    let mut sources = Sources::new();
    let source = sources.add("text", text);
    let (policies, diagnostics) = deodar_grammar::parse_policies(&sources, source, Dialect::Cedar);
    let _ = deodar_grammar::format_policies(&sources, &policies, FormatOptions::default());
    if diagnostics.is_empty() {
        let _ = compile(&[&policies], &sources);
    }
    let (expression, diagnostics) = deodar_grammar::parse_expression(&sources, source);
    if diagnostics.is_empty() {
        let _ = compile_expression(&expression, &sources);
    }
    for read in [deodar_grammar::policies_from_json, deodar_grammar::policy_set_from_json] {
        let (policies, _) = read(&sources, source);
        let _ = deodar_grammar::print_policies(&policies);
    }
    for read in [deodar_grammar::parse_schema, deodar_grammar::schema_from_json] {
        let (schema, _) = read(&sources, source);
        let _ = (deodar_grammar::print_schema(&schema), deodar_grammar::schema_to_json(&schema));
        let _ = Schema::resolve(&[schema]);
    }
    let _ = (Entities::from_json(text, None), Context::from_json(text, None), Request::from_json(text, None));
    let _ = text.parse::<EntityUid>();
}

#[test]
fn arbitrary_bytes_are_read_without_a_panic() {
    on_small_stack(|| {
        let mut numbers = Numbers(1);
        for _ in 0..3_000 {
            let length = numbers.next() % 200;
            let bytes: Vec<u8> = (0..length).map(|_| (numbers.next() & 0xff) as u8).collect();
            read_as_everything(&String::from_utf8_lossy(&bytes));
        }
    });
}

#[test]
fn arbitrary_tokens_are_read_without_a_panic() {
    const TOKENS: &[&str] = &[
        "permit",
        "forbid",
        "(",
        ")",
        "principal",
        "action",
        "resource",
        "context",
        ",",
        ";",
        "when",
        "unless",
        "{",
        "}",
        "[",
        "]",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "is",
        "has",
        "like",
        "&&",
        "||",
        "!",
        "-",
        "+",
        "*",
        ".",
        "::",
        ":",
        "?",
        "@",
        "?principal",
        "?resource",
        "if",
        "then",
        "else",
        "true",
        "false",
        "1",
        "9223372036854775808",
        "\"a\"",
        "\"*\\*\"",
        "\"\\u{110000}\"",
        "U",
        "Action",
        "__cedar",
        "// c\n",
        "/*",
        "namespace",
        "entity",
        "type",
        "enum",
        "appliesTo",
        "tags",
        "attributes",
        "Set",
        "Long",
        "=",
        "<",
        ">",
        "null",
        "{\"type\":",
        "\"id\"",
        "\\",
        "é",
        "\u{0}",
        "\r\n",
        "\u{feff}",
        "ip",
        "contains",
        "getTag",
        "'",
        "\"",
    ];
    on_small_stack(|| {
        let mut numbers = Numbers(2);
        for _ in 0..10_000 {
            let length = numbers.next() % 40;
            let words: Vec<_> = (0..length).map(|_| numbers.pick(TOKENS)).collect();
            read_as_everything(&words.join(if numbers.next().is_multiple_of(2) { " " } else { "" }));
        }
    });
}

#[test]
fn texts_cut_anywhere_are_read_without_a_panic() {
    const TEXTS: &[&str] = &[
        r#"@id("é") permit (principal is U in ?principal, action in [Action::"a"], resource) when { {a: "\u{1F600}"}.a like "\*" };"#,
        r#"namespace N { @d entity A in [B] = {"x y"?: Set<{z: Long}>} tags ipaddr; action "é" in [a] appliesTo {principal: A, resource: [A], context: {}}; }"#,
        r#"[{"uid": {"__entity": {"type": "U", "id": "\ud83d\ude00"}}, "attrs": {"a": {"__extn": {"fn": "ip", "arg": "::1"}}}, "parents": []}]"#,
        r#"{"": {"entityTypes": {"A": {"shape": {"type": "Record", "attributes": {"é": {"type": "Set", "element": {"type": "Long"}}}}}}, "actions": {"a": {"memberOf": [{"id": "b"}]}}}}"#,
        r#"{"effect": "permit", "principal": {"op": "in", "slot": "?principal"}, "action": {"op": "All"}, "resource": {"op": "All"}, "conditions": [{"kind": "when", "body": {"Value": "é"}}]}"#,
    ];
    on_small_stack(|| {
        for text in TEXTS {
            for (at, _) in text.char_indices() {
                read_as_everything(&text[..at]);
                read_as_everything(&text[at..]);
            }
        }
    });
}
