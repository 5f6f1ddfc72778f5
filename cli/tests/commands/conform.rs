//! Requests and entities that do not conform to the schema: every kind of mistake, by the commands that take one.

use crate::run::{Folder, Line, check_transcript};

const SCHEMA: &str = r#"entity User in [Team] { name: String, nick?: String } tags Long;
entity Team;
entity Color enum ["red", "green"];
entity Ticket { owner: User, color: Color };
action group;
action close in [group] appliesTo { principal: User, resource: Ticket, context: { reason?: String, color: Color } };
"#;

const RED: &str = r#"{"color": {"type": "Color", "id": "red"}}"#;

/// Principal, action, resource and context of requests, each with one mistake.
const REQUESTS: &[[&str; 4]] = &[
    [r#"User::"a""#, r#"Action::"clos""#, r#"Ticket::"t""#, RED],
    [r#"Team::"a""#, r#"Action::"close""#, r#"Ticket::"t""#, RED],
    [r#"Usr::"a""#, r#"Action::"close""#, r#"Ticket::"t""#, RED],
    [r#"User::"a""#, r#"Action::"close""#, r#"Color::"red""#, RED],
    [r#"User::"a""#, r#"Action::"group""#, r#"Ticket::"t""#, "{}"],
    [r#"User::"a""#, r#"Action::"close""#, r#"Ticket::"t""#, "{}"],
    [r#"User::"a""#, r#"Action::"close""#, r#"Ticket::"t""#, r#"{"color": {"type": "Color", "id": "blue"}}"#],
    [r#"User::"a""#, r#"Action::"close""#, r#"Ticket::"t""#, r#"{"color": "red"}"#],
    [r#"User::"a""#, r#"Action::"close""#, r#"Ticket::"t""#, r#"{"color": {"type": "Color", "id": "red"}, "more": 1}"#],
    [
        r#"User::"a""#,
        r#"Action::"close""#,
        r#"Ticket::"t""#,
        r#"{"color": {"type": "Color", "id": "red"}, "reason": 1}"#,
    ],
];

/// Attributes, tags and parents of entities, each with one mistake.
const ENTITIES: &[&str] = &[
    r#"{"uid": {"type": "User", "id": "a"}, "attrs": {}, "parents": []}"#,
    r#"{"uid": {"type": "User", "id": "a"}, "attrs": {"name": 1}, "parents": []}"#,
    r#"{"uid": {"type": "User", "id": "a"}, "attrs": {"name": "x", "nikc": "y"}, "parents": []}"#,
    r#"{"uid": {"type": "User", "id": "a"}, "attrs": {"name": "x"}, "parents": [{"type": "Color", "id": "red"}]}"#,
    r#"{"uid": {"type": "User", "id": "a"}, "attrs": {"name": "x"}, "tags": {"k": "v"}, "parents": []}"#,
    r#"{"uid": {"type": "Team", "id": "a"}, "attrs": {}, "tags": {"k": 1}, "parents": []}"#,
    r#"{"uid": {"type": "Color", "id": "blue"}, "attrs": {}, "parents": []}"#,
    r#"{"uid": {"type": "Usr", "id": "a"}, "attrs": {}, "parents": []}"#,
    r#"{"uid": {"type": "Ticket", "id": "a"}, "attrs": {"owner": {"type": "Team", "id": "x"}, "color": {"type": "Color", "id": "red"}}, "parents": []}"#,
    r#"{"uid": {"type": "Action", "id": "close"}, "attrs": {}, "parents": []}"#,
    r#"{"uid": {"type": "Action", "id": "open"}, "attrs": {}, "parents": []}"#,
];

fn folder(name: &str) -> Folder {
    let policies = "permit (principal, action, resource);\n";
    Folder::with(name, &[("schema.cedarschema", SCHEMA), ("p.cedar", policies), ("e.json", "[]")])
}

#[test]
fn requests_that_do_not_conform() {
    let folder = folder("nonconforming-requests");
    let shared = ["-p", "p.cedar", "-s", "schema.cedarschema", "--entities", "e.json", "-c", "-"];
    let commands: Vec<_> = REQUESTS
        .iter()
        .map(|[principal, action, resource, context]| {
            let request = ["-l", principal, "-a", action, "-r", resource];
            (*context, [&["authorize"][..], &shared, &request].concat())
        })
        .collect();
    let lines: Vec<_> = commands.iter().map(|(stdin, arguments)| Line { arguments, stdin }).collect();
    check_transcript("requests_that_do_not_conform", folder.path(), &lines);
}

#[test]
fn entities_that_do_not_conform() {
    let folder = folder("nonconforming-entities");
    let check = ["check-parse", "-s", "schema.cedarschema", "--entities", "-"];
    let evaluate = ["evaluate", "-s", "schema.cedarschema", "--entities", "-", "1"];
    let arrays: Vec<_> = ENTITIES.iter().map(|entity| format!("[{entity}]")).collect();
    let mut lines: Vec<_> = arrays.iter().map(|stdin| Line { arguments: &check, stdin }).collect();
    lines.extend(arrays.first().map(|stdin| Line { arguments: &evaluate, stdin }));
    check_transcript("entities_that_do_not_conform", folder.path(), &lines);
}
