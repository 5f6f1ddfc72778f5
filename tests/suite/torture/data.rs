//! Entities, contexts and requests that nest deeply, go on for long, or are hardly JSON.

use deodar_runtime::{Context, Entities, InputCode, Request};

use super::{Expected, Fate, expect, nested, on_small_stack};

/// A value, as an attribute, a tag, a member of the context, and the context of a whole request.
fn pipeline(value: &str) -> Fate {
    let entities = format!(
        r#"[{{"uid": {{"type": "U", "id": "a"}}, "parents": [], "attrs": {{"v": {value}}}, "tags": {{"t": {value}}}}}]"#
    );
    let context = format!(r#"{{"v": {value}}}"#);
    let request = format!(
        r#"{{"principal": "U::\"a\"", "action": "Action::\"a\"", "resource": "R::\"a\"", "context": {context}}}"#
    );
    let entities = Entities::from_json(&entities, None).map(|entities| entities.to_json().map(|json| json.len()));
    let context = Context::from_json(&context, None).map(|context| context.to_string().len());
    let request = Request::from_json(&request, None).map(|request| request.context().to_string().len());
    assert_eq!(context.is_ok(), request.is_ok(), "contexts and requests agree");
    let repeated = entities.as_ref().is_err_and(|error| error.code() == InputCode::RepeatedKey);
    // As in the reference, the last of repeated keys counts in a context, and they are an error in an entity.
    assert_eq!(entities.is_ok(), context.is_ok() && !repeated, "entities and contexts: {entities:?} {context:?}");
    match entities {
        Ok(Ok(_)) => Fate::Works,
        Ok(Err(error)) | Err(error) => Fate::of(&error.to_string()),
    }
}

#[track_caller]
fn check(name: &str, expected: Expected, value: &str) {
    on_small_stack(|| expect(name, expected, &pipeline(value)));
}

#[test]
fn values_nest_to_the_limit() {
    for (name, open, close) in [("arrays", "[", "]"), ("objects", "{\"a\": ", "}"), ("both", "[{\"a\": ", "}]")] {
        let n = if name == "both" { 500 } else { 1_000 };
        check(name, Expected::Works, &nested(open, "1", close, n));
        check(name, Expected::Limit, &nested(open, "1", close, 100_000));
        check(name, Expected::Refused, &open.repeat(100_000));
        check(name, Expected::Refused, &close.repeat(100_000));
    }
    let call = r#"{"__extn": {"fn": "ip", "arg": "#;
    check("calls", Expected::Refused, &nested(call, "\"1.1.1.1\"", "}}", 1_000)[..20_000]);
}

#[test]
fn what_is_hardly_json_is_refused() {
    let cases = [
        ("float", "1.5"),
        ("exponent", "1e2"),
        ("big", "9223372036854775808"),
        ("null", "null"),
        ("repeated key", r#"{"a": 1, "a": 1}"#),
        ("repeated key, escaped", r#"{"a": 1, "\u0061": 1}"#),
        ("comma", "[1,]"),
        ("comment", "/* */ 1"),
        ("single quotes", "'a'"),
        ("lone surrogate", r#""\ud800""#),
        ("control character", "\"\u{1}\""),
        ("leading zero", "01"),
        ("plus", "+1"),
        ("infinity", "Infinity"),
        ("escape", r#""\x41""#),
        ("nothing", ""),
    ];
    for (name, value) in cases {
        check(name, Expected::Refused, value);
    }
    check("digits", Expected::Refused, &"9".repeat(1 << 20));
    check("fraction", Expected::Refused, &format!("0.{}", "1".repeat(1 << 20)));
    check("exponent digits", Expected::Refused, &format!("1e{}", "9".repeat(1 << 20)));
}

#[test]
fn long_values_work() {
    check("string", Expected::Works, &format!("\"{}\"", "a".repeat(10 << 20)));
    check("escapes", Expected::Works, &format!("\"{}\"", "\\u0061".repeat(1 << 20)));
    check("array", Expected::Works, &format!("[{}]", vec!["1"; 200_000].join(",")));
    let members: Vec<_> = (0..100_000).map(|i| format!("\"k{i}\": {i}")).collect();
    check("object", Expected::Works, &format!("{{{}}}", members.join(",")));
    check("spaces", Expected::Works, &format!("{}1", " ".repeat(10 << 20)));
}

#[test]
fn long_hierarchies_work_and_cycles_are_refused() {
    let n = 10_000;
    let entity = |i: usize, parent: usize| {
        format!(
            r#"{{"uid": {{"type": "G", "id": "{i}"}}, "attrs": {{}}, "parents": [{{"type": "G", "id": "{parent}"}}]}}"#
        )
    };
    let chain: Vec<_> = (0..n).map(|i| entity(i, i + 1)).collect();
    let cycle: Vec<_> = (0..n).map(|i| entity(i, (i + 1) % n)).collect();
    on_small_stack(|| {
        let entities = Entities::from_json(&format!("[{}]", chain.join(",")), None).expect("a chain");
        let uid = |i: usize| format!("G::\"{i}\"").parse().expect("an entity");
        assert!(entities.is_ancestor(&uid(n), &uid(0)) && !entities.is_ancestor(&uid(0), &uid(n)));
        assert!(Entities::from_json(&format!("[{}]", cycle.join(",")), None).is_err());
    });
}
