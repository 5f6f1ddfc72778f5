//! `translate-policy` and `translate-schema`.

use crate::run::{Folder, Line, check_transcript, lines};

const POLICIES: &str = "@id(\"first\") @note\npermit (principal == ?principal, action in [Action::\"a\"], resource is R in ?resource)\nunless { context.n > 1 && resource has a.b };\n\n// gone\nforbid (principal, action, resource);\n";

#[test]
fn policies_between_text_and_json() {
    let folder = Folder::with(
        "translate-policy",
        &[
            ("p.cedar", POLICIES),
            ("q.cedar", "permit (principal, action, resource);\n"),
            ("broken.cedar", "permit (principal, action, resource) when { x };\n"),
            (
                "p.json",
                r#"{"templates": {}, "staticPolicies": {"b": {"effect": "forbid", "principal": {"op": "All"}, "action": {"op": "All"},
                   "resource": {"op": "All"}, "conditions": [{"kind": "when", "body": {"Var": "context"}}]}, "a": {"effect": "permit",
                   "principal": {"op": "All"}, "action": {"op": "All"}, "resource": {"op": "All"}, "conditions": []}}, "templateLinks": []}"#,
            ),
            ("bad.json", r#"{"effect": "allow"}"#),
            (
                "slotless.json",
                r#"{"templates": {"t": {"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"}, "resource": {"op": "All"},
                   "conditions": []}}, "staticPolicies": {}, "templateLinks": []}"#,
            ),
            (
                "linked.json",
                r#"{"templates": {"t": {"effect": "permit", "principal": {"op": "==", "slot": "?principal"}, "action": {"op": "All"},
                   "resource": {"op": "All"}, "conditions": []}}, "staticPolicies": {}, "templateLinks": [{"templateId": "t", "newId": "l",
                   "values": {"?principal": {"type": "U", "id": "a"}}}]}"#,
            ),
        ],
    );
    let commands: [&[&str]; 10] = [
        &["translate-policy", "--direction", "json-to-cedar", "-p", "slotless.json"],
        &["link", "-p", "slotless.json", "--template-id", "t", "--new-id", "l", "--arguments", "{}"],
        &["translate-policy", "--direction", "cedar-to-json", "-p", "broken.cedar"],
        &["translate-policy", "--direction", "json-to-cedar", "-p", "bad.json"],
        &["translate-policy", "--direction", "json-to-cedar", "-p", "linked.json"],
        &["translate-policy", "--direction", "cedar-to-json", "-p", "p.cedar"],
        &["translate-policy", "--direction", "cedar-to-json", "-p", "p.cedar", "q.cedar"],
        &["translate-policy", "--direction", "json-to-cedar", "-p", "p.json"],
        &["translate-policy", "--direction", "json-to-cedar", "-p", "p.json", "--format", "json"],
        &["translate-policy", "--direction", "json-to-cedar", "-p", "p.cedar"],
    ];
    let mut lines = lines(&commands);
    lines.push(Line { arguments: &["translate-policy", "--direction", "cedar-to-json"], stdin: POLICIES });
    check_transcript("policies_between_text_and_json", folder.path(), &lines);
}

#[test]
fn schemas_between_text_and_json() {
    let folder = Folder::with(
        "translate-schema",
        &[
            (
                "s.cedarschema",
                "// who\nentity U in [G] { name: String, boss?: U };\nentity G;\ntype N = Long;\naction x appliesTo { principal: U, resource: G, context: { n: N } };\n",
            ),
            ("unknown.cedarschema", "entity U { n: Lung };"),
            ("broken.cedarschema", "entity U { n Long };"),
            ("s.json", r#"{"A": {"entityTypes": {"U": {"memberOfTypes": ["U"]}}, "actions": {"x": {}}}}"#),
            ("bad.json", r#"{"A": {"entityTypes": []}}"#),
        ],
    );
    let direction =
        |direction: &'static str, file: &'static str| ["translate-schema", "--direction", direction, "-s", file];
    let commands: [&[&str]; 9] = [
        &direction("cedar-to-json", "s.json"),
        &direction("cedar-to-json", "broken.cedarschema"),
        &direction("cedar-to-json-with-resolved-types", "unknown.cedarschema"),
        &direction("json-to-cedar", "bad.json"),
        &direction("cedar-to-json", "unknown.cedarschema"),
        &direction("cedar-to-json", "s.cedarschema"),
        &direction("cedar-to-json-with-resolved-types", "s.cedarschema"),
        &direction("json-to-cedar", "s.json"),
        &["translate-schema", "--direction", "json-to-cedar", "-s", "s.json", "--format", "json"],
    ];
    let mut lines = lines(&commands);
    lines.push(Line { arguments: &["translate-schema", "--direction", "json-to-cedar"], stdin: "{}" });
    check_transcript("schemas_between_text_and_json", folder.path(), &lines);
}
