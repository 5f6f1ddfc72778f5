//! `validate`: verdicts, levels, links, and reports that a reader can act on.

use crate::run::{Folder, check_transcript, lines, repository, run_in};

const SCHEMA: &str = r#"entity User in [Team] = { manager?: User, email: String };
entity Team;
entity Ticket = { owner: User, state: State };
entity State enum ["open", "closed"];
action read, close appliesTo { principal: User, resource: Ticket, context: { reason?: String } };
"#;

const VALID: &str = r#"@id("owner")
permit (principal, action, resource)
when { resource.owner == principal };

@id("manager")
permit (principal, action == Action::"read", resource)
when { resource.owner has manager && resource.owner.manager == principal };
"#;

const WRONG: &str = r#"@id("open")
permit (principal, action == Action::"close", resource)
when { resource.status == State::"open" };

@id("reason")
forbid (principal, action == Action::"close", resource)
unless { context.reason like "*" };
"#;

/// Passes with warnings.
const IDLE: &str = "permit (principal is Team, action == Action::\"read\", resource);\n";

fn folder(name: &str) -> Folder {
    Folder::with(
        name,
        &[
            ("schema.cedarschema", SCHEMA),
            ("valid.cedar", VALID),
            ("wrong.cedar", WRONG),
            ("idle.cedar", IDLE),
            ("broken.cedar", "permit (principal"),
        ],
    )
}

/// A command line over the schema; lints have a test of their own.
fn validate(more: &[&'static str]) -> Vec<&'static str> {
    [&["validate", "--no-lints", "--schema", "schema.cedarschema"], more].concat()
}

#[test]
fn lints_change_no_verdict_unless_they_are_denied() {
    let folder = folder("lints");
    folder.write("always.cedar", "@id(\"all\")\npermit (principal, action, resource)\nwhen { resource is Ticket };\n");
    let lint = |more: &[&'static str]| {
        [&["validate", "--schema", "schema.cedarschema", "--policies", "always.cedar"], more].concat()
    };
    let commands: [&[&str]; 5] = [
        &lint(&[]),
        &lint(&["--deny-warnings", "--format", "json", "--error-format", "plain"]),
        &lint(&["--deny-lints", "--allow", "unused-attribute", "--error-format", "plain"]),
        &lint(&["--no-lints"]),
        &lint(&["--no-lints", "--deny-lints"]),
    ];
    check_transcript("lints_change_no_verdict_unless_they_are_denied", folder.path(), &lines(&commands));
}

#[test]
fn verdicts_and_exit_codes() {
    let folder = folder("validate");
    let commands: [&[&str]; 14] = [
        &validate(&["--policies", "valid.cedar"]),
        &validate(&["--policies", "wrong.cedar"]),
        &validate(&["--policies", "wrong.cedar", "--error-format", "plain"]),
        &validate(&["--policies", "wrong.cedar", "--format", "json"]),
        &validate(&["--policies", "idle.cedar"]),
        &validate(&["--policies", "idle.cedar", "--deny-warnings", "--error-format", "json"]),
        &validate(&[
            "-p",
            "idle.cedar",
            "--deny-warnings",
            "--allow",
            "impossible-policy",
            "--allow",
            "inapplicable-action",
        ]),
        &validate(&["-p", "valid.cedar", "--allow", "imposible-policy", "--allow", "unknown-attribute"]),
        &validate(&["--policies", "valid.cedar", "wrong.cedar", "idle.cedar", "--error-format", "plain"]),
        &validate(&["--policies", "broken.cedar"]),
        &validate(&["--policies", "missing.cedar"]),
        &validate(&["--policies", "valid.cedar", "--validation-mode", "permissive"]),
        &validate(&["--policies", "valid.cedar", "--validation-mode", "partial"]),
        &["validate", "--policies", "valid.cedar"],
    ];
    check_transcript("verdicts_and_exit_codes", folder.path(), &lines(&commands));
}

#[test]
fn modes_that_differ() {
    let folder = folder("modes");
    folder.write("sets.cedar", "permit (principal, action, resource) when { [1, \"a\"].contains(2) };\n");
    let commands: [&[&str]; 2] = [
        &validate(&["--policies", "sets.cedar"]),
        &validate(&["--policies", "sets.cedar", "--validation-mode", "permissive"]),
    ];
    check_transcript("modes_that_differ", folder.path(), &lines(&commands));
}

#[test]
fn levels_of_policies() {
    let folder = folder("levels");
    folder.write(
        "levels.cedar",
        r#"@id("zero")
permit (principal, action, resource) when { context has reason };
@id("two")
permit (principal, action, resource)
when { resource.owner has manager && resource.owner.manager == principal };
@id("any")
forbid (principal, action, resource) when { User::"root".email == principal.email };
"#,
    );
    let commands: [&[&str]; 5] = [
        &validate(&["--policies", "levels.cedar", "--report-level"]),
        &validate(&["--policies", "levels.cedar", "--report-level", "--format", "json"]),
        &validate(&["--policies", "valid.cedar", "--report-level"]),
        &validate(&["--policies", "valid.cedar", "--level", "2"]),
        &validate(&["--policies", "levels.cedar", "--level", "1"]),
    ];
    check_transcript("levels_of_policies", folder.path(), &lines(&commands));
}

#[test]
fn links_are_validated() {
    let folder = folder("validate-links");
    folder.write(
        "template.cedar",
        "@id(\"share\")\npermit (principal == ?principal, action == Action::\"read\", resource);\n",
    );
    let link =
        |id, entity| format!(r#"{{"template_id": "share", "link_id": "{id}", "args": {{"?principal": "{entity}"}}}}"#);
    let (fits, typo) = (link("fits", r#"User::\"alice\""#), link("typo", r#"Usr::\"alice\""#));
    let idle = link("idle", r#"Team::\"web\""#);
    folder.write("links.json", format!("[{fits},\n {typo},\n {idle}]\n"));
    folder.write("fit.json", format!("[{fits}]\n"));
    folder.write("twice.json", format!("[{fits},\n {fits}]\n"));
    let command = |links| validate(&["--policies", "template.cedar", "--template-linked", links]);
    let json = [&command("links.json")[..], &["--format", "json", "--error-format", "plain"]].concat();
    let commands: [&[&str]; 4] = [&command("fit.json"), &command("links.json"), &json, &command("twice.json")];
    check_transcript("links_are_validated", folder.path(), &lines(&commands));
}

#[test]
fn schemas_of_several_files() {
    let folder = folder("fragments");
    folder.write(
        "parts/people.cedarschema",
        "entity User in [Team] = { manager?: User, email: String };\nentity Team;\n",
    );
    folder.write(
        "parts/tickets.json",
        r#"{"": {"entityTypes": {
              "Ticket": {"shape": {"type": "Record", "attributes": {
                "owner": {"type": "Entity", "name": "User"}, "state": {"type": "Entity", "name": "State"}}}},
              "State": {"enum": ["open", "closed"]}},
            "actions": {
              "read": {"appliesTo": {"principalTypes": ["User"], "resourceTypes": ["Ticket"]}},
              "close": {"appliesTo": {"principalTypes": ["User"], "resourceTypes": ["Ticket"]}}}}}"#,
    );
    folder.write("empty/readme.txt", "nothing");
    folder.write("e.json", r#"[{"uid": {"type": "User", "id": "a"}, "attrs": {"email": "a"}, "parents": []}]"#);
    let both = ["--schema", "parts/people.cedarschema", "--schema", "parts/tickets.json"];
    let commands: [&[&str]; 8] = [
        &[&["validate", "--no-lints", "-p", "valid.cedar"], &both[..]].concat(),
        &["validate", "--no-lints", "-p", "valid.cedar", "-s", "parts"],
        &["validate", "--no-lints", "-p", "valid.cedar", "-s", "parts/*"],
        &["validate", "--no-lints", "-p", "valid.cedar", "-s", "parts/tickets.json"],
        &["validate", "--no-lints", "-p", "valid.cedar", "-s", "empty"],
        &["check-parse", "-s", "parts", "--entities", "e.json"],
        &["evaluate", "-s", "parts/people.cedarschema", "-s", "parts/tickets.json", "1 + 1"],
        &["check-parse", "-s", "parts", "schema.cedarschema"],
    ];
    check_transcript("schemas_of_several_files", folder.path(), &lines(&commands));
}

#[test]
fn the_policies_of_the_example_are_valid() {
    let command = [
        "validate",
        "--policies",
        "docs/example/policies",
        "--schema",
        "docs/example/schema.cedarschema",
        "--report-level",
    ];
    check_transcript("the_policies_of_the_example_are_valid", &repository(), &lines(&[&command]));
}

/// `cedar` decides by policies that are not valid, and fails every test of them.
#[test]
fn commands_that_validate_policies() {
    let folder = folder("validating");
    folder.write("e.json", "[]");
    let request =
        r#"{"principal": "User::\"a\"", "action": "Action::\"close\"", "resource": "Ticket::\"t\"", "context": {}}"#;
    folder.write("requests.json", format!("[{request}]"));
    let test =
        format!(r#"{{"request": {request}, "entities": [], "decision": "deny", "reason": [], "num_errors": 1}}"#);
    folder.write("tests.json", format!("[{test}, {test}]"));
    let authorize = |more: &[&'static str]| {
        [&["authorize", "-s", "schema.cedarschema", "--entities", "e.json", "-f", "plain", "-p"], more].concat()
    };
    let one = ["-l", r#"User::"a""#, "-a", r#"Action::"close""#, "-r", r#"Ticket::"t""#];
    let tests = |more: &[&'static str]| {
        [&["run-tests", "-s", "schema.cedarschema", "--tests", "tests.json", "-f", "plain", "-p"], more].concat()
    };
    let commands: [&[&str]; 9] = [
        &authorize(&[&["wrong.cedar"], &one[..]].concat()),
        &authorize(&[&["wrong.cedar", "--policy-validation", "true"], &one[..]].concat()),
        &authorize(&["valid.cedar", "--requests", "requests.json"]),
        &authorize(&["wrong.cedar", "--requests", "requests.json"]),
        &authorize(&["wrong.cedar", "--requests", "requests.json", "--policy-validation", "false"]),
        &authorize(&["wrong.cedar", "--requests", "requests.json", "--format", "json"]),
        &tests(&["wrong.cedar"]),
        &tests(&["idle.cedar", "--format", "json"]),
        &["run-tests", "--tests", "tests.json", "-p", "wrong.cedar"],
    ];
    check_transcript("commands_that_validate_policies", folder.path(), &lines(&commands));
    // The same input without the command in between: what `cedar` accepts is decided.
    assert_eq!(run_in(folder.path(), &authorize(&[&["idle.cedar"], &one[..]].concat()), "").code, 2);
}
