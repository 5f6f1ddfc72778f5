//! `test`: files of tests in YAML and JSON, tables, failures, and what cannot be read.

use std::fmt::Write as _;

use crate::{
    project::PROJECT,
    run::{Folder, check_transcript, lines, run_in},
};

const TESTS: &str = r#"
entities: [../data.json, { uid: { type: File, id: notes }, attrs: { owner: { type: User, id: alice } }, parents: [] }]
principals: { alice: User::"alice", bob: User::"bob" }
actions: { view: Action::"view" }
resources: { notes: File::"notes", lost: File::"lost" }
tests:
  - name: the owner views
    principal: alice
    action: view
    resource: notes
    decision: allow
    policies: [policies/a.cedar#policy0]
    errors: []
  - name: table
    principals: [alice, bob]
    action: view
    resources: [notes, lost]
    decision: deny
    except:
      - { principal: alice, resource: notes, decision: allow }
      - { principal: bob, resource: lost, decision: deny, errors: 1 }
  - name: another owner
    principal: bob
    action: view
    resource: notes
    entities: [{ uid: { type: File, id: notes }, attrs: { owner: { type: User, id: bob } }, parents: [] }]
    decision: allow
  - name: wrong
    principal: bob
    action: view
    resource: notes
    decision: allow
    policies: [policies/a.cedar#policy0]
  - name: wrong policy
    principal: alice
    action: view
    resource: notes
    decision: allow
    policies: [policies/a.cedar#policy1]
    errors: [policies/a.cedar#policy0]
  - name: later
    principal: alice
    action: view
    resource: notes
    decision: deny
    skip: not decided yet
"#;

const IMPORTED: &str = r#"[
  {"name": "as with cedar", "request": {"principal": "User::\"alice\"", "action": "Action::\"view\"", "resource": "File::\"notes\"", "context": {}},
   "entities": "../all.json", "decision": "allow", "reason": [], "num_errors": 0},
  {"request": {"principal": "User::\"bob\"", "action": "Action::\"view\"", "resource": "File::\"notes\"", "context": {}},
   "entities": [], "decision": "deny", "reason": ["policies/a.cedar#policy0"], "num_errors": 0}
]"#;

fn project(name: &str) -> Folder {
    let folder = Folder::with(name, &PROJECT);
    folder.write("tests/t.yaml", TESTS);
    folder
}

#[test]
fn tests_that_pass_fail_and_are_skipped() {
    let folder = project("test-outcomes");
    folder.write("tests/imported-tests.json", IMPORTED);
    folder.write("all.json", folder.read("data.json").replace("}]", r#"}, {"uid": {"type": "File", "id": "notes"}, "attrs": {"owner": {"type": "User", "id": "alice"}}, "parents": []}]"#));
    folder.write("tests/entities.json", "[]");
    let commands: [&[&str]; 5] = [
        &["test", "--verbose"],
        &["test", "the owner", "--verbose"],
        &["test", "nothing is called so"],
        &["test", "nothing is called so", "--fail-on-empty"],
        &["test", "wrong", "--format", "json", "--quiet"],
    ];
    check_transcript("tests_that_pass_fail_and_are_skipped", folder.path(), &lines(&commands));
}

#[test]
fn tests_that_cannot_be_read() {
    let folder = Folder::with("test-mistakes", &PROJECT);
    folder.write(
        "tests/keys.yaml",
        "principals: { ålice: User::\"alice\" }\ntests:\n  - name: misspelt\n    pricipal: ålice\n    action: Action::\"view\"\n    resource: File::\"notes\"\n    decision: permit\n  - name: twice\n    principal: ålic\n    principals: []\n    action: view\n    resource: File::\"notes\"\n    decision: allow\n    context: office\n",
    );
    folder.write(
        "tests/values.yaml",
        "entities: [nothing.json]\ntests:\n  - name: by schema\n    principal: File::\"notes\"\n    action: Action::\"view\"\n    resource: File::\"notes\"\n    context: { mfa: true }\n    decision: deny\n",
    );
    folder.write(
        "tests/entities.yaml",
        "entities:\n  - uid: { type: User, id: alice }\n    attrs: { age: 1.5 }\n    parents: []\ntests: []\n",
    );
    folder.write("tests/syntax.yaml", "tests:\n  - {\n");
    folder.write("tests/two.yml", "tests: []\n---\ntests: []\n");
    folder.write("tests/table.yaml", "tests:\n  - principals: [User::\"alice\"]\n    action: Action::\"view\"\n    resource: File::\"notes\"\n    decision: allow\n    except: [{ principal: User::\"bob\", decision: deny }]\n");
    check_transcript("tests_that_cannot_be_read", folder.path(), &lines(&[&["test"], &["test", "-f", "plain"]]));
}

#[test]
fn anchors_of_yaml_are_written_out_and_bounded() {
    let folder = Folder::with("test-anchors", &PROJECT);
    folder.write(
        "tests/t.yaml",
        "tests:\n  - &first\n    principal: &who User::\"alice\"\n    action: Action::\"view\"\n    resource: File::\"notes\"\n    context: &none {}\n    decision: allow\n  - *first\n  - { principal: *who, action: Action::\"view\", resource: File::\"notes\", context: *none, decision: allow }\n",
    );
    let ended = run_in(folder.path(), &["test"], "");
    assert_eq!((ended.code, &*ended.stdout), (0, "no findings; tests: 3 passed, 0 failed\n"), "{}", ended.stderr);
    let mut bomb = String::from("a0: &a0 [xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]\n");
    for level in 1..30 {
        let below = format!("*a{}", level - 1);
        writeln!(bomb, "a{level}: &a{level} [{below}, {below}, {below}, {below}]").expect("a string");
    }
    folder.write("tests/t.yaml", bomb);
    let ended = run_in(folder.path(), &["test"], "");
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("exceeds 64 MiB"), "{}", ended.stderr);
}

#[test]
fn without_a_project_flags_say_everything() {
    let folder = project("test-flags");
    std::fs::remove_file(folder.path().join("deodar.toml")).expect("the manifest");
    let arguments = ["test", "another owner", "--tests", "tests/t.yaml", "-p", "policies", "-s", "model.cedarschema"];
    let ended = run_in(folder.path(), &arguments, "");
    assert_eq!((ended.code, &*ended.stdout), (0, "no findings; tests: 1 passed, 0 failed\n"), "{}", ended.stderr);
}

#[test]
fn many_tests_keep_their_order() {
    let folder = Folder::with("test-many", &PROJECT);
    let names: Vec<_> = (0..600).map(|n| format!("User::\"u{n:03}\"")).collect();
    let names = names.join(", ");
    folder.write("tests/t.yaml", format!("tests:\n  - {{ name: t, principals: [{names}], action: Action::\"view\", resource: File::\"notes\", decision: deny }}\n"));
    let ended = run_in(folder.path(), &["test", "--verbose"], "");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(lines.len(), 601);
    assert!(lines[..600].is_sorted());
}

/// It is Deny, but not because the policies say so.
#[test]
fn a_decision_beyond_a_limit_fails_every_test() {
    let folder = Folder::with("test-limit", &[("deodar.toml", "")]);
    let tests = vec![r#"!(context.text like "*b*")"#; 600].join(" && ");
    folder.write("policies/long.cedar", format!("permit (principal, action, resource) when {{ {tests} }};\n"));
    let request = r#"principal: U::"a", action: Action::"a", resource: R::"r""#;
    let text = "a".repeat(200_000);
    folder.write(
        "tests/t.yaml",
        format!("tests:\n  - {{ name: long, {request}, context: {{ text: {text} }}, decision: deny }}\n"),
    );
    let ended = run_in(folder.path(), &["test"], "");
    let says = "the decision exceeds the limit steps (100000000 steps), and was not completed";
    assert!(ended.code == 1 && (ended.stdout + &ended.stderr).contains(says), "{}", ended.code);
}

/// Where the action takes a time, the time of the test is there: that of the test, else that of the file, unless the
/// context says one itself.
#[test]
fn a_test_says_what_time_it_is() {
    let folder = Folder::with("test-now", &[("deodar.toml", "")]);
    folder.write(
        "policies/p.cedar",
        "permit (principal, action, resource) when { context.now < datetime(\"2026-01-01\") };\n",
    );
    folder.write("schema.cedarschema", "entity U, F;\naction view appliesTo { principal: U, resource: F, context: { now: datetime } };\naction look appliesTo { principal: U, resource: F };\n");
    let request = r#"principal: U::"u", resource: F::"f", action: Action::"view""#;
    let tests = format!(
        "now: 2025-12-31T23:59:59Z\ntests:\n  - {{ name: before, {request}, decision: allow }}\n  - {{ name: after, {request}, now: 2026-01-01, decision: deny }}\n  - {{ name: its own, {request}, context: {{ now: 2027-01-01 }}, decision: deny }}\n  - {{ name: no time, {}, decision: deny, errors: 1 }}\n",
        request.replace("view", "look")
    );
    folder.write("tests/t.yaml", &tests);
    let ended = run_in(folder.path(), &["test"], "");
    assert_eq!((ended.code, &*ended.stdout), (0, "no findings; tests: 4 passed, 0 failed\n"), "{}", ended.stderr);
    folder.write("tests/t.yaml", tests.replace("now: 2026-01-01,", "now: soon,"));
    let ended = run_in(folder.path(), &["test", "-f", "plain"], "");
    assert!(ended.code == 1 && ended.stderr.contains("soon"), "{}{}", ended.stdout, ended.stderr);
}
