//! The JSON form of policies: what is read, what is written, what is refused.

use std::fmt::Write as _;

use deodar_grammar::{
    Diagnostic, Sources, ast,
    ast::{Dialect, PolicySet},
    parse_policies, policies_from_json, policies_to_json, policy_from_json, policy_set_from_json, policy_to_json,
    template_from_json,
};

type Reader = fn(&Sources, deodar_grammar::SourceId) -> (PolicySet, Vec<Diagnostic>);

#[track_caller]
fn parse(text: &str) -> PolicySet {
    let mut sources = Sources::new();
    let source = sources.add("test.cedar", text);
    let (set, diagnostics) = parse_policies(&sources, source, Dialect::Cedar);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    set
}

#[track_caller]
fn read(text: &str) -> PolicySet {
    let mut sources = Sources::new();
    let source = sources.add("test.json", text);
    let (set, diagnostics) = policies_from_json(&sources, source);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    set
}

/// What is wrong with a document, one paragraph for each diagnostic.
fn complaints(reader: Reader, text: &str) -> (String, Vec<&'static str>) {
    let mut sources = Sources::new();
    let source = sources.add("test.json", text);
    let (_, diagnostics) = reader(&sources, source);
    let mut shown = String::new();
    for diagnostic in &diagnostics {
        let _ = writeln!(shown, "  {}: {}", diagnostic.code().name, diagnostic.message());
        for label in diagnostic.labels() {
            let mut place = sources.slice(label.span).to_owned();
            if place.chars().count() > 60 {
                place = place.chars().take(57).chain("...".chars()).collect();
            }
            let _ = writeln!(shown, "    {place} <- {}", label.text);
        }
        shown += &diagnostic.help().map(|help| format!("    help: {help}\n")).unwrap_or_default();
    }
    (shown, diagnostics.iter().map(|diagnostic| diagnostic.code().name).collect())
}

/// A policy with this body of a `when` condition.
fn when(body: &str) -> String {
    format!(
        r#"{{"effect":"permit","principal":{{"op":"All"}},"action":{{"op":"All"}},"resource":{{"op":"All"}},"conditions":[{{"kind":"when","body":{body}}}]}}"#
    )
}

/// A policy with this constraint of the variable.
fn scope(variable: &str, constraint: &str) -> String {
    let of = |name| if name == variable { constraint } else { r#"{"op":"All"}"# };
    format!(
        r#"{{"effect":"permit","principal":{},"action":{},"resource":{},"conditions":[]}}"#,
        of("principal"),
        of("action"),
        of("resource")
    )
}

const TEMPLATE: &str = r#"{"effect":"permit","principal":{"op":"==","slot":"?principal"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]}"#;

fn set(templates: &str, statics: &str, links: &str) -> String {
    format!(r#"{{"templates":{{{templates}}},"staticPolicies":{{{statics}}},"templateLinks":[{links}]}}"#)
}

#[test]
fn text_is_written_as_the_reference_writes_it() {
    let mut shown = String::new();
    for text in include_str!("json/policies.cedar").split("\n\n") {
        let set = parse(text);
        shown += text.trim();
        for policy in &set.policies {
            let _ = write!(shown, "\n{}\n", policy_to_json(&set, policy));
        }
        shown += "\n";
        let json = policies_to_json(&set);
        assert_eq!(policies_to_json(&read(&json)), json, "{text}");
    }
    insta::assert_snapshot!("policies", shown);
}

#[test]
fn every_accepted_form_is_read() {
    let entity = r#"{"type":"U","id":"a"}"#;
    let documents = [
        when(r#"{"Value":[1,{"a":"b","c":[]},{"__entity":{"type":"U","id":"a"}},{"__extn":{"fn":"ip","arg":"::1"}}]}"#),
        when(r#"{"Value":{"__extn":{"fn":"isInRange","args":[{"__extn":{"fn":"ip","arg":"::1"}},true]}}}"#),
        when(r#"{"Value":{"__entity":{"type":"U"}}}"#),
        when(r#"{"Value":{"__extn":"x"}}"#),
        when(r#"{"Value":{"__entity":{"type":"U","id":"a","more":1}}}"#),
        when(r#"{"Value":{"__entity":{"type":"U","id":"a"},"x":1}}"#),
        when(r#"{"neg":{"arg":{"Value":5}}}"#),
        when(r#"{"Value":-9223372036854775808}"#),
        when(r#"{"isIpv4":[]}"#),
        when(r#"{"ip":[{"Value":1},{"Value":2}]}"#),
        when(r#"{"has":{"left":{"Var":"context"},"attr":["a"],"ignored":1}}"#),
        when(r#"{"has":{"left":{"Var":"context"},"attr":["a b","c"]}}"#),
        when(r#"{"like":{"left":{"Value":""},"pattern":["Wildcard",{"Literal":"a*b"},{"Literal":""},{"Wildcard":null}]}}"#),
        when(r#"{"is":{"left":{"Var":"principal"},"entity_type":"A::B","in":null}}"#),
        when(r#"{"==":{"left":{"Var":{"principal":null}},"right":{"Var":"resource"}}}"#),
        when(r#"{"&&":{"right":{"Value":3},"left":{"&&":{"right":{"Value":2},"left":{"Value":1}}}}}"#),
        when(r#"{"Value":{"__extn":{"fn":"ip","arg":"::1","args":[null,{"a":true}]}}}"#),
        when(r#"{"&&":{"left":{"Value":1},"right":{"&&":{"left":{"Value":2},"right":{"Value":3}}}}}"#),
        when(r#"{"-":{"left":{"+":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}}"#),
        scope("principal", r#"{"op":"all","more":1}"#),
        scope("principal", &format!(r#"{{"op":"==","entity":{entity},"slot":7,"more":1}}"#)),
        scope("principal", &format!(r#"{{"op":"in","entity":{{"__entity":{entity}}}}}"#)),
        scope("principal", r#"{"op":"is","entity_type":"T","in":null}"#),
        scope("resource", r#"{"op":"is","entity_type":"T","in":{"slot":"?resource","more":1}}"#),
        scope("action", r#"{"op":"==","entity":["Action","a"]}"#),
        scope("resource", r#"["is","T",null]"#),
        scope("action", r#"{"op":"in","entities":[{"type":"N::Action","id":"a"}]}"#),
        scope("action", r#"{"op":"in","entities":[]}"#),
        r#"{"effect":{"forbid":null},"principal":{"op":"All"},"action":["All"],"resource":{"op":"All"},"conditions":[["unless",{"Value":false}]],"annotations":{"if":null,"b":"x"}}"#.to_owned(),
        set(&format!(r#""t":{TEMPLATE}"#), &format!(r#""":{}"#, when(r#"{"Value":true}"#)), &format!(r#"{{"templateId":"t","newId":"l","values":{{"?principal":{entity}}}}}"#)),
    ];
    let mut shown = String::new();
    for document in documents {
        let tree = read(&document);
        let json = policies_to_json(&tree);
        let _ = write!(shown, "{document}\n{json}\n\n");
        assert_eq!(policies_to_json(&read(&json)), json);
    }
    insta::assert_snapshot!("accepted", shown);
}

#[test]
fn every_mistake_is_reported_where_it_stands() {
    let policy = when(r#"{"Value":true}"#);
    let link = |template: &str, id: &str, values: &str| {
        format!(r#"{{"templateId":"{template}","newId":"{id}","values":{{{values}}}}}"#)
    };
    let principal = r#""?principal":{"type":"U","id":"a"}"#;
    let template = format!(r#""tmpl":{TEMPLATE}"#);
    let cases: Vec<(Reader, String)> = vec![
        (policies_from_json, r#"{"effect": permit}"#.into()),
        (policies_from_json, "[]".into()),
        (policies_from_json, "{}".into()),
        (policies_from_json, r#"{"effect":"permit","templates":{}}"#.into()),
        (policies_from_json, r#"{"effect":"Permit","principle":{"op":"All"}}"#.into()),
        (
            policies_from_json,
            r#"{"effect":"allow","principal":7,"action":{"op":"is"},"resource":{},"conditions":{}}"#.into(),
        ),
        (policies_from_json, r#"{"effect":"permit","effect":"forbid"}"#.into()),
        (policies_from_json, scope("principal", r#"{"op":"==","entiti":{"type":"U","id":"a"}}"#)),
        (policies_from_json, scope("principal", r#"{"op":"==","entity":{"type":"U"}}"#)),
        (policies_from_json, scope("principal", r#"{"op":"==","entity":{"__expr":"U::\"a\""}}"#)),
        (policies_from_json, scope("principal", r#"{"op":"in","entity":{"type":"a::if","id":"a"}}"#)),
        (policies_from_json, scope("principal", r#"{"op":"in","slot":"?resource"}"#)),
        (policies_from_json, scope("principal", r#"{"op":"in","slot":"?principle"}"#)),
        (policies_from_json, scope("principal", r#"{"op":"is","entity_type":"T","inn":null}"#)),
        (policies_from_json, scope("action", r#"{"op":"==","slot":"?principal"}"#)),
        (
            policies_from_json,
            scope("action", r#"{"op":"in","entities":[{"type":"Actions","id":"a"},{"type":"Action","id":1}]}"#),
        ),
        (policies_from_json, policy.replace("\"when\"", "\"wen\"")),
        (policies_from_json, policy.replace("\"kind\"", "\"kin\"")),
        (policies_from_json, policy.replace("]}", r#"],"annotations":{"a-b":"x","c":1}}"#)),
        (policies_from_json, when("{}")),
        (policies_from_json, when("true")),
        (policies_from_json, when(r#"{"Var":"principal","Value":1}"#)),
        (policies_from_json, when(r#"{"Var":"principle"}"#)),
        (policies_from_json, when(r#"{"Slot":"?principal"}"#)),
        (policies_from_json, when(r#"{"isInRang":[]}"#)),
        (
            policies_from_json,
            when(r#"{"&&":{"left":{"&&":{"left":{"Vlue":1},"rigth":{"Value":1}}},"right":{"Value":1.5}}}"#),
        ),
        (policies_from_json, when(r#"{"Set":[{"Value":null},{"Value":9223372036854775808},{"Value":-0}]}"#)),
        (policies_from_json, when(r#"{"Value":{"a":{"__expr":"1"},"b":[{"__extn":{"fn":"Decimal","arg":"1.0"}}]}}"#)),
        // Forms of the deserialiser that the reference refuses, unlike others.
        (policies_from_json, when(r#"{"==":[{"Value":1},{"Value":2}]}"#)),
        (policies_from_json, when(r#"{"&&":{"left":{"&&":[{"Value":1},{"Value":2}]},"right":{"Value":3}}}"#)),
        (policies_from_json, scope("action", r#"["==",["Action","a"]]"#)),
        (policies_from_json, scope("principal", r#"["All",1]"#)),
        (policies_from_json, when(r#"{"Value":{"__entity":{"type":"U","id":"a","more":1.5}}}"#)),
        (policies_from_json, when(r#"{"Record":{"a":{"Value":1},"a":{"Value":2}}}"#)),
        (policies_from_json, when(r#"{"has":{"left":{"Var":"principal"},"attr":[]}}"#)),
        (policies_from_json, when(r#"{".":{"left":{"Var":"principl"},"attr":["a"]}}"#)),
        (policies_from_json, when(r#"{"like":{"left":{"Var":"principal"},"pattern":["wildcard",{"Literal":1}]}}"#)),
        (policies_from_json, when(r#"{"is":{"left":{"Var":"principal"},"entity_type":"A b"}}"#)),
        (
            policies_from_json,
            when(&format!("{}{}{}", r#"{"!":{"arg":"#.repeat(1_300), r#"{"Value":true}"#, "}}".repeat(1_300))),
        ),
        (policy_from_json, TEMPLATE.into()),
        (template_from_json, policy.clone()),
        (policy_set_from_json, r#"{"staticPolicies":{}}"#.into()),
        (policy_set_from_json, set(&format!(r#""p":{policy}"#), &format!(r#""p":{TEMPLATE}"#), "")),
        (policy_set_from_json, set(&template, "", &link("tmlp", "l", ""))),
        (policy_set_from_json, set(&template, "", &link("tmpl", "tmpl", ""))),
        (
            policy_set_from_json,
            set(&template, "", &link("tmpl", "l", &format!(r#"{principal},"?resource":{{"type":"U","id":"a"}}"#))),
        ),
    ];
    let (mut shown, mut seen) = (String::new(), Vec::new());
    for (reader, document) in cases {
        let (complaints, codes) = complaints(reader, &document);
        let document = if document.len() > 300 { format!("{}...", &document[..300]) } else { document };
        let _ = write!(shown, "{document}\n{complaints}\n");
        assert!(!codes.is_empty(), "{document}");
        seen.extend(codes);
    }
    insta::assert_snapshot!("mistakes", shown);
    for code in deodar_grammar::codes().filter(|code| code.name.starts_with("json-")) {
        assert!(seen.contains(&code.name), "no case for {}", code.name);
    }
}

#[test]
fn depth_and_length_cost_no_stack() {
    let nested = |levels: usize| {
        when(&format!("{}{}{}", r#"{"!":{"arg":"#.repeat(levels), r#"{"Value":true}"#, "}}".repeat(levels)))
    };
    let chain = |operator: &str, length: usize| {
        let link = format!(r#"{{"{operator}":{{"left":"#);
        when(&format!("{}{}{}", link.repeat(length), r#"{"Value":1}"#, r#","right":{"Value":1}}}"#.repeat(length)))
    };
    on_small_stack(move || {
        let deepest = nested(1_199);
        assert_eq!(
            policies_to_json(&read(&deepest)).len(),
            deepest.len() + r#"{"templates":{},"staticPolicies":{"JSON policy":},"templateLinks":[]}"#.len()
        );
        assert_eq!(complaints(policies_from_json, &nested(1_200)).1, ["json-limit-exceeded"]);
        assert_eq!(complaints(policies_from_json, &nested(20_000)).1, ["json-limit-exceeded"]);
        for operator in ["&&", "||", "+", "-", "*"] {
            let document = chain(operator, 20_000);
            assert!(policies_to_json(&read(&document)).contains(document.as_str()), "{operator}");
        }
        let values = when(&format!(r#"{{"Value":{}{}}}"#, "[".repeat(1_200), "]".repeat(1_200)));
        assert_eq!(read(&values).exprs.len(), 1_200);
    });
}

#[expect(clippy::expect_used, reason = "a helper of tests")]
fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(test).expect("a thread");
    thread.join().expect("the test passes");
}

#[test]
fn policies_of_a_set_keep_the_order_of_the_document() {
    let policy = when(r#"{"Value":true}"#);
    let set = read(&set(&format!(r#""t":{TEMPLATE}"#), &format!(r#""b":{policy},"a":{policy}"#), ""));
    let ids: Vec<_> = set.policies.iter().map(|policy| policy.id.as_str()).collect();
    assert_eq!(ids, ["t", "b", "a"]);
    assert!(set.policies.iter().map(ast::Policy::is_template).eq([true, false, false]));
}

#[test]
fn a_template_without_slots_stays_one_and_has_no_text() {
    let policy = when(r#"{"Value":true}"#);
    let document = set(&format!(r#""t":{policy}"#), &format!(r#""p":{policy}"#), "");
    let set = read(&document);
    assert!(set.policies.iter().map(ast::Policy::is_template).eq([true, false]));
    assert_eq!(policies_to_json(&set), document);
    assert_eq!(deodar_grammar::print_policies(&set).matches("permit").count(), 1);
}
