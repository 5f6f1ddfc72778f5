//! Deciding allocates nothing once the scratch memory has seen the requests.

use std::alloc::System;

use deodar_budget::{archive, handle_requests, workload};
use deodar_compiler::compile_text;
use deodar_runtime::{Context, Engine, Entities, Question, Request, Scratch};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Decides everything twice, and counts what the second time allocates.
fn allocations<'q>(engine: &Engine, questions: &(impl Iterator<Item = Question<'q>> + Clone)) -> usize {
    let mut scratch = Scratch::new();
    let mut decide = || {
        for question in questions.clone() {
            let answer = engine.decide(&mut scratch, question);
            std::hint::black_box((answer.decision(), answer.determining().map(str::len).sum::<usize>()));
            std::hint::black_box(engine.is_allowed(&mut scratch, question));
        }
    };
    decide();
    let region = Region::new(ALLOCATOR);
    decide();
    let change = region.change();
    change.allocations + change.reallocations
}

/// The same for requests in JSON.
fn json_allocations(engine: &Engine, requests: &[String]) -> usize {
    let mut scratch = Scratch::new();
    let mut decide = || {
        for request in requests {
            let answer = engine.decide_json(&mut scratch, request);
            let seen = answer.map(|answer| (answer.decision(), answer.determining().map(str::len).sum::<usize>()));
            assert!(std::hint::black_box(seen).is_ok(), "{request} is refused");
        }
    };
    decide();
    let region = Region::new(ALLOCATOR);
    decide();
    let change = region.change();
    change.allocations + change.reallocations
}

/// One test, because the counter counts for the whole process.
#[test]
fn deciding_allocates_nothing() {
    let policies = r#"
        permit (principal, action, resource) when { [1, context.n, principal].contains(resource) };
        permit (principal in G::"g", action, resource) when { {a: context.n, b: [context.t]} == {b: ["x"], a: 7} };
        permit (principal, action, resource) when { principal in [G::"g", context.who] };
        permit (principal, action, resource) when { decimal(context.t).lessThan(decimal("1.5")) };
        permit (principal, action, resource) when { ip(context.ip).isInRange(ip("10.0.0.0/8")) };
        permit (principal, action, resource) when { context.t like "*x*" && principal.missing == 1 };
        forbid (principal, action, resource) when { context.n + 9223372036854775807 > 0 };
        forbid (principal, action, resource) when { principal.tags.containsAny([context.t, "a\"b"]) };
    "#;
    let entities =
        r#"[{"uid": {"type": "U", "id": "u"}, "attrs": {"tags": ["a", "b"]}, "parents": [{"type": "G", "id": "g"}]}]"#;
    let program = compile_text("policies", policies).expect("policies");
    let engine = Engine::new(program, Entities::from_json(entities, None).expect("entities"));
    let texts = ["x", "a text that is longer than what is kept in place", "esc\\\"aped", "1.2"];
    let requests: Vec<Request> = texts
        .iter()
        .flat_map(|text| ["U::\"u\"", "U::\"unknown, with a name that needs room\""].map(|uid| (*text, uid)))
        .map(|(text, uid)| {
            let context = format!(
                r#"{{"n": 7, "t": "{text}", "ip": "10.1.2.3", "who": {{"__entity": {{"type": "W", "id": "{text}"}}}}}}"#
            );
            let context = Context::from_json(&context, None).expect("a context");
            let name = |text: &str| text.parse().expect("an entity");
            Request::new(name(uid), name("Action::\"a\""), name("R::\"r\""), context)
        })
        .collect();
    assert_eq!(allocations(&engine, &requests.iter().map(Question::from)), 0, "literals, errors and calls");

    let json = |context: &str| {
        let entities =
            r#""principal": "U::\"u\"", "action": {"type": "Action", "id": "a name, long enough for the heap"}"#;
        format!(r#"{{{entities}, "resource": {{"__entity": {{"type": "R", "id": "r\n"}}}}, "context": {context}}}"#)
    };
    let contexts = [
        r#"{"n": 7, "t": "esc\"\u00e9 and a text that is longer than what is kept in place", "ip": "10.1.2.3"}"#,
        r#"{"n": 7, "t": "x", "who": {"__entity": {"type": "W", "id": "x"}}, "z": [[1, {"a": ["b", {}]}], 2]}"#,
        r#"{"n": 1, "t": "1.2", "ip": {"__extn": {"fn": "ip", "arg": "10.0.0.1"}}, "unknown": {"deep": {"er": [1]}}}"#,
    ];
    let requests: Vec<String> = contexts.iter().map(|context| json(context)).collect();
    assert_eq!(json_allocations(&engine, &requests), 0, "JSON with escapes, sets and records");

    let files = archive().expect("the archive");
    let names =
        ["gdrive/n50", "github/n50", "tinytodo/n50", "gdrive-templates/n50", "pscale/mixed-1000", "pscale/abac-1000"];
    for name in names.iter().filter(|_| !files.is_empty()) {
        let workload = workload(&files, name).expect("a workload");
        let (mut engine, requests) = workload.prepare().expect("a workload");
        assert_eq!(json_allocations(&engine, &workload.json_requests()), 0, "{name}, JSON in");
        assert_eq!(allocations(&engine, &requests.iter().map(Question::from)), 0, "{name}, names in");
        let handles = handle_requests(&mut engine, &requests);
        assert_eq!(allocations(&engine, &handles.iter().map(Question::from)), 0, "{name}, handles in");
    }
}
