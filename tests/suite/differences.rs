//! Where we are known to differ from the reference, until we do not.
//!
//! Each test states both behaviours, so it fails when ours is put right, and moves to `tests/cases` then.

use deodar_tests::{engine, oracle, question::Document};

/// The reference drops a template without slots when it writes a policy set as JSON, with what is linked to it left in
/// place, so that it cannot read what it wrote. We keep the template.
#[test]
fn templates_without_slots_stay_in_json() {
    let all = r#"{"op": "All"}"#;
    let policy =
        format!(r#"{{"effect": "permit", "principal": {all}, "action": {all}, "resource": {all}, "conditions": []}}"#);
    let links = r#"[{"templateId": "t", "newId": "l", "values": {}}]"#;
    let set = format!(r#"{{"staticPolicies": {{}}, "templates": {{"t": {policy}}}, "templateLinks": {links}}}"#);
    let document = Document::json(set);
    let templates = |set: &serde_json::Value| set["templates"].as_object().map(serde_json::Map::len);
    let links = |set: &serde_json::Value| set["templateLinks"].as_array().map(Vec::len);
    let reference = oracle::policies_to_json(&document, &[]).expect("JSON");
    let ours = engine::policies_to_json(&document, &[]).expect("JSON");
    assert_eq!((templates(&reference), links(&reference)), (Some(0), Some(1)));
    assert_eq!((templates(&ours), links(&ours)), (Some(1), Some(1)));
}
