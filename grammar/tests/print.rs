//! The canonical text of trees.

use deodar_grammar::{
    Sources,
    ast::{Dialect, PolicySet},
    parse_expression, parse_policies, policies_from_json, policies_to_json, print_expression, print_policies,
};

#[track_caller]
fn parse(text: &str) -> PolicySet {
    let mut sources = Sources::new();
    let source = sources.add("test.cedar", text);
    let (set, diagnostics) = parse_policies(&sources, source, Dialect::Cedar);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    set
}

/// Prints the expression, and checks that its text means the same.
#[track_caller]
fn check(text: &str, expected: &str) {
    let mut sources = Sources::new();
    let source = sources.add("test.cedar", text);
    let (expression, diagnostics) = parse_expression(&sources, source);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    assert_eq!(print_expression(&expression.exprs, expression.root), expected, "{text}");
    let policy = |body: &str| parse(&format!("permit(principal, action, resource) when {{ {body} }};"));
    assert_eq!(policies_to_json(&policy(text)), policies_to_json(&policy(expected)), "{text}");
}

#[test]
fn parentheses_stand_only_where_they_matter() {
    check("((1))", "1");
    check("(a && b) && (c && d)".replace(['a', 'b', 'c', 'd'], "true").as_str(), "true && true && (true && true)");
    check("(true || false) && (true && false || true)", "(true || false) && (true && false || true)");
    check("(1 - 2) - (3 - 4)", "1 - 2 - (3 - 4)");
    check("(1 * 2) * (3 * 4) + 5 * (6 + 7)", "1 * 2 * (3 * 4) + 5 * (6 + 7)");
    check("(1 < 2) == (3 < 4)", "(1 < 2) == (3 < 4)");
    check("(1 + 2) < (3 * 4)", "1 + 2 < 3 * 4");
    check("(if (true) then (1) else (2)) == 3", "(if true then 1 else 2) == 3");
    check(
        "if (if true then true else false) then if true then 1 else 2 else 3 == 4",
        "if if true then true else false then if true then 1 else 2 else 3 == 4",
    );
    check("[(if true then 1 else 2), (true || false)]", "[if true then 1 else 2, true || false]");
    check("(principal is A) in B::\"b\"", "(principal is A) in B::\"b\"");
    check("principal is A in (B::\"b\")", "principal is A in B::\"b\"");
    check(
        "principal is A in (if true then principal else resource)",
        "principal is A in (if true then principal else resource)",
    );
    check("(principal has a.b) == true", "(principal has a.b) == true");
    check("(context.x + 1) like \"a\"", "context.x + 1 like \"a\"");
    check("(context).contains((1))", "context.contains(1)");
    check("(1 + 2).contains(3)", "(1 + 2).contains(3)");
    check("((context.a).b)[\"c d\"]", "context.a.b[\"c d\"]");
}

#[test]
fn signs_keep_their_meaning() {
    check("-5", "-5");
    check("-(5)", "-(5)");
    check("--5", "--5");
    check("-(-5)", "--5");
    check("----5", "----5");
    check("-(----5)", "----(-5)");
    check("-9223372036854775808", "-9223372036854775808");
    check("-(-(-(-(-principal.a))))", "----(-principal.a)");
    check("!(!(!(!(!true))))", "!!!!(!true)");
    check("!(-5)", "!(-5)");
    check("-(!true)", "-(!true)");
    check("!(principal.a)", "!principal.a");
    check("(-5).contains(1)", "(-5).contains(1)");
    check("-5.contains(1)", "-5.contains(1)");
    check("(!true).isEmpty()", "(!true).isEmpty()");
    check("!(true == false)", "!(true == false)");
    check("1 - -5 * -(5)", "1 - -5 * -(5)");
    check("-(1 + 2)", "-(1 + 2)");
}

#[test]
fn names_and_strings_are_quoted_where_they_must_be() {
    check("context[\"a\"]", "context.a");
    check("context[\"if\"][\"\"][\"é\"]", "context[\"if\"][\"\"][\"é\"]");
    check("context has \"a\"", "context has a");
    check("context has \"true\"", "context has \"true\"");
    check("{\"a\": 1, \"in\": 2, principal: 3}", "{a: 1, \"in\": 2, principal: 3}");
    check("{}", "{}");
    check("[]", "[]");
    check("\"\\u{7}\\\"\\'\\\\\n\"", "\"\\u{7}\\\"\\'\\\\\\n\"");
    check("\"a\" like \"*\\**\\\\*\"", "\"a\" like \"*\\**\\\\*\"");
    check("A :: B :: \"x\" == ip(\"::1\")", "A::B::\"x\" == ip(\"::1\")");
    check("ip(\"::1\").isInRange(ip(\"::1\"))", "ip(\"::1\").isInRange(ip(\"::1\"))");
    check("principal.hasTag(\"a\") && principal.getTag(\"a\")", "principal.hasTag(\"a\") && principal.getTag(\"a\")");
}

#[test]
fn policies_are_printed_line_by_line() {
    let set = parse(include_str!("json/policies.cedar"));
    let printed = print_policies(&set);
    assert_eq!(policies_to_json(&parse(&printed)), policies_to_json(&set));
    assert_eq!(print_policies(&parse(&printed)), printed);
    insta::assert_snapshot!("policies", printed);
}

#[test]
fn what_text_cannot_say_is_refused_by_the_parser() {
    for body in [r#"{"isIpv4":[]}"#, r#"{"has":{"left":{"Var":"context"},"attr":["a b","c"]}}"#] {
        let mut sources = Sources::new();
        let json = format!(
            r#"{{"effect":"permit","principal":{{"op":"All"}},"action":{{"op":"All"}},"resource":{{"op":"All"}},"conditions":[{{"kind":"when","body":{body}}}]}}"#
        );
        let source = sources.add("test.json", json);
        let (set, diagnostics) = policies_from_json(&sources, source);
        assert!(diagnostics.is_empty());
        let source = sources.add("test.cedar", print_policies(&set));
        let (_, diagnostics) = parse_policies(&sources, source, Dialect::Cedar);
        assert!(!diagnostics.is_empty(), "{body}");
    }
}

#[test]
fn depth_and_length_cost_no_stack() {
    let nested = format!("{}1{}", "[".repeat(1_198), "]".repeat(1_198));
    let chain = vec!["true"; 50_000].join(" && ");
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || {
        check(&nested, &nested);
        check(&chain, &chain);
        let negations = format!("{}true{}", "!(!(!(!(".repeat(200), "))))".repeat(200));
        check(&negations, &format!("{}!!!!true{}", "!!!!(".repeat(199), ")".repeat(199)));
    });
    thread.expect("a thread").join().expect("the test passes");
}
