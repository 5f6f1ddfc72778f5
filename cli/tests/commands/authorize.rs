//! `authorize` over the example of the documentation, and what it says of bad requests.

use crate::run::{Folder, Line, check_transcript, lines, repository, run_in};

const POLICY: &str = "permit (principal == U::\"a\", action, resource) when { context.n > 1 };\n";
const REQUEST: [&str; 6] = ["--principal", r#"U::"a""#, "--action", r#"Action::"x""#, "--resource", r#"R::"r""#];

/// The command line of a small request, with more arguments.
fn small(more: &[&'static str]) -> Vec<&'static str> {
    [&["authorize", "--policies", "p.cedar", "--entities", "e.json"], &REQUEST[..], more].concat()
}

fn folder(name: &str) -> Folder {
    Folder::with(
        name,
        &[
            ("p.cedar", POLICY),
            ("e.json", "[]"),
            ("c.json", r#"{"n": 2}"#),
            ("low.json", r#"{"n": 1}"#),
            ("text.json", r#"{"n": "2"}"#),
        ],
    )
}

#[test]
fn requests_that_cannot_be_decided() {
    let folder = folder("bad-requests");
    folder.write("list.json", "[1]");
    folder.write("broken.json", "{\"n\": }");
    folder.write("half.json", r#"{"principal": "U::\"a\"", "action": "Action::\"x\"", "context": {}}"#);
    folder.write(
        "schema.cedarschema",
        "entity U, R; action x appliesTo { principal: U, resource: R, context: { n: Long } };",
    );
    let commands: [&[&str]; 10] = [
        &["authorize", "--policies", "p.cedar", "--entities", "e.json"],
        &["authorize", "--policies", "p.cedar", "--entities", "e.json", "--principal", r#"U::"a""#],
        &["authorize", "--policies", "p.cedar", "--entities", "e.json", "-l", "U::a", "-a", "x", "-r", r#"R::"r""#],
        &small(&["--context", "list.json"]),
        &small(&["--context", "broken.json"]),
        &small(&["--context", "missing.json"]),
        &["authorize", "--policies", "p.cedar", "--entities", "e.json", "--request-json", "half.json"],
        &["authorize", "--policies", "p.cedar", "--entities", "e.json", "--requests", "half.json"],
        &small(&["--schema", "schema.cedarschema"]),
        &small(&["--schema", "schema.cedarschema", "--context", "text.json"]),
    ];
    check_transcript("requests_that_cannot_be_decided", folder.path(), &lines(&commands));
}

#[test]
fn one_request() {
    let folder = folder("one-request");
    folder.write(
        "schema.cedarschema",
        "entity U, R; action x appliesTo { principal: U, resource: R, context: { n: Long } };",
    );
    folder.write(
        "request.json",
        r#"{"principal":"U::\"a\"","action":"Action::\"x\"","resource":"R::\"r\"","context":{"n":3}}"#,
    );
    let other =
        ["authorize", "-p", "p.cedar", "--entities", "e.json", "-l", r#"U::"b""#, "-a", r#"A::"x""#, "-r", r#"R::"r""#];
    let commands: [&[&str]; 10] = [
        &small(&["--context", "c.json"]),
        &small(&["--context", "c.json", "--verbose"]),
        &small(&["--context", "low.json"]),
        &small(&["--context", "low.json", "--verbose"]),
        &small(&["--context", "text.json"]),
        &small(&[]),
        &other,
        &["authorize", "-p", "p.cedar", "--entities", "e.json", "--request-json", "request.json"],
        &small(&["--schema", "schema.cedarschema", "--context", "text.json", "--request-validation", "false"]),
        &small(&["--context", "low.json", "--format", "json"]),
    ];
    check_transcript("one_request", folder.path(), &lines(&commands));
}

#[test]
fn timing_is_a_line_before_the_decision() {
    let folder = folder("timing");
    let ended = run_in(folder.path(), &small(&["--context", "c.json", "--timing"]), "");
    let lines: Vec<_> = ended.stdout.lines().collect();
    let [first, timing, decision] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((*first, *decision), ("", "ALLOW"));
    let micros = timing.strip_prefix("Authorization Time (micro seconds) : ").expect("the line of cedar");
    micros.parse::<u64>().expect("a number");
}

const EXAMPLE: [&str; 7] = [
    "authorize",
    "--policies",
    "docs/example/policies",
    "--schema",
    "docs/example/schema.cedarschema",
    "--entities",
    "docs/example/entities.json",
];

#[test]
fn the_example_of_the_documentation() {
    let text = [&EXAMPLE[..], &["--requests", "docs/example/requests.json"]].concat();
    let json = [&text[..], &["--format", "json"]].concat();
    check_transcript("the_example_of_the_documentation", &repository(), &lines(&[&text, &json]));
}

#[test]
fn policies_from_standard_input() {
    let folder = folder("stdin");
    let arguments = [&["authorize", "--entities", "e.json"], &REQUEST[..]].concat();
    let dash = [&["authorize", "--policies", "-", "--entities", "e.json"], &REQUEST[..]].concat();
    let twice = [&["authorize", "--entities", "-"], &REQUEST[..]].concat();
    let stdin = "permit (principal, action, resource);";
    let line = |arguments| Line { arguments, stdin };
    let lines = [line(&arguments[..]), line(&dash[..]), line(&twice[..]), Line { arguments: &dash, stdin: "permit (" }];
    check_transcript("policies_from_standard_input", folder.path(), &lines);
}
