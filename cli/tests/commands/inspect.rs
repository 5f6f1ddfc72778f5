//! Commands that show things: `evaluate`, `visualize`, `disassemble`, `new`, `language-version`, and those to come.

use crate::run::{Folder, Line, check_transcript, lines};

const ENTITIES: &str = r#"[
  {"uid": {"type": "U", "id": "a\"b"}, "attrs": {"n": 5}, "parents": [{"type": "G", "id": "g"}, {"type": "G", "id": "absent"}]},
  {"uid": {"type": "G", "id": "g"}, "attrs": {}, "parents": [{"type": "G", "id": "top"}]},
  {"uid": {"type": "G", "id": "top"}, "attrs": {}, "parents": []}
]"#;

#[test]
fn values_of_expressions() {
    let folder = Folder::with("evaluate", &[("e.json", ENTITIES), ("c.json", r#"{"n": 1}"#)]);
    let commands: [&[&str]; 14] = [
        &["evaluate", "1 +"],
        &["evaluate", "principal.n"],
        &["evaluate", "context.n", "--principal", r#"U::"x""#],
        &["evaluate", "1 + true"],
        &["evaluate", r#"U::"nobody".n"#, "--entities", "e.json"],
        &["evaluate", r#"ip("10.0.0.256")"#],
        &["evaluate", "9223372036854775807 + 1"],
        &["evaluate", "1 + 2 * 3"],
        &["evaluate", "-1"],
        &["evaluate", r#"[1, {a: "x\ny", b: ip("10.0.0.1/8")}, U::"q\"", decimal("1.50")]"#],
        &["evaluate", "principal.n", "--principal", r#"U::"a\"b""#, "--entities", "e.json"],
        &["evaluate", r#"U::"a\"b" in G::"top""#, "--entities", "e.json"],
        &["evaluate", "context.n", "--context", "c.json"],
        &["evaluate", r#"[U::"x", {n: 1}]"#, "--format", "json"],
    ];
    let mut lines = lines(&commands);
    lines.push(Line { arguments: &["evaluate", "-"], stdin: "[1, 2].contains(\n  2)" });
    check_transcript("values_of_expressions", folder.path(), &lines);
}

#[test]
fn entities_as_a_graph() {
    let folder = Folder::with(
        "visualize",
        &[
            ("e.json", ENTITIES),
            ("none.json", "[]"),
            (
                "cycle.json",
                r#"[
      {"uid": {"type": "G", "id": "a"}, "attrs": {}, "parents": [{"type": "G", "id": "b"}]},
      {"uid": {"type": "G", "id": "b"}, "attrs": {}, "parents": [{"type": "G", "id": "a"}]}
    ]"#,
            ),
        ],
    );
    let commands: [&[&str]; 3] = [
        &["visualize", "--entities", "cycle.json"],
        &["visualize", "--entities", "none.json"],
        &["visualize", "--entities", "e.json"],
    ];
    check_transcript("entities_as_a_graph", folder.path(), &lines(&commands));
}

#[test]
fn listing_of_a_program() {
    let policies =
        "@id(\"p\")\npermit (principal in G::\"g\", action, resource)\nwhen { context.n > 1 && principal has m };\n";
    let folder = Folder::with("disassemble", &[("p.cedar", policies)]);
    check_transcript("listing_of_a_program", folder.path(), &lines(&[&["disassemble", "--policies", "p.cedar"]]));
}

#[test]
fn a_new_project_works() {
    let folder = Folder::with("new", &[("taken/file", "")]);
    let commands: [&[&str]; 6] = [
        &["new", "--name", "taken"],
        &["new", "--name", "missing/project"],
        &["new", "--name", "project"],
        &[
            "check-parse",
            "-p",
            "project/policy.cedar",
            "-s",
            "project/schema.cedarschema.json",
            "--entities",
            "project/entities.json",
        ],
        &[
            "run-tests",
            "-p",
            "project/policy.cedar",
            "-s",
            "project/schema.cedarschema.json",
            "--tests",
            "project/tests.json",
        ],
        &["format", "--check", "-p", "project/policy.cedar"],
    ];
    check_transcript("a_new_project_works", folder.path(), &lines(&commands));
}

#[test]
fn what_is_there_and_what_is_to_come() {
    let folder = Folder::with("not-yet", &[]);
    let commands: [&[&str]; 6] = [
        &["language-version"],
        &["language-version", "--format", "json"],
        &["validate", "--policies", "p.cedar", "--schema", "s.cedarschema"],
        &["partially-authorize"],
        &["tpe", "--principal-type", "User"],
        &["symcc", "--cvc5-path", "cvc5"],
    ];
    check_transcript("what_is_there_and_what_is_to_come", folder.path(), &lines(&commands));
}
