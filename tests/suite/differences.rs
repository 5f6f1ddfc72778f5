//! Where we are known to differ from the reference, until we do not.
//!
//! Each test states both behaviours, so it fails when ours is put right, and moves to `tests/cases` then.

use deodar_tests::{
    engine, oracle,
    question::{Decision, Document, Question, Request, Uid},
};

/// FIXME: a policy without slots among the `templates` of a JSON policy set is a template that decides nothing in the
/// reference, and an error here, because the tree knows a template by its slots.
#[test]
fn templates_without_slots_are_refused() {
    let all = r#"{"op": "All"}"#;
    let policy =
        format!(r#"{{"effect": "permit", "principal": {all}, "action": {all}, "resource": {all}, "conditions": []}}"#);
    let set = format!(r#"{{"staticPolicies": {{}}, "templates": {{"t": {policy}}}, "templateLinks": []}}"#);
    let request = Request {
        principal: Uid::new("U", "a"),
        action: Uid::new("Action", "view"),
        resource: Uid::new("R", "r"),
        context: "{}".into(),
        validate: false,
    };
    let question = Question {
        policies: Document::json(set),
        links: Vec::new(),
        schema: None,
        entities: "[]".into(),
        requests: vec![request],
        verdict: false,
    };
    let reference = oracle::on_big_stack(|| oracle::answer(&question));
    assert!(reference.policies.is_ok());
    assert!(reference.requests[0].as_ref().is_ok_and(|r| r.decision == Decision::Deny && r.reasons.is_empty()));
    assert!(engine::answer(&question).policies.is_err());
}
