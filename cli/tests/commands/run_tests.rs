//! `run-tests`: tests that pass, fail and cannot be read.

use crate::run::{Folder, check_transcript, lines, repository};

const TESTS: &str = r#"[
  {"name": "passes", "request": {"principal": "U::\"a\"", "action": "Action::\"x\"", "resource": "R::\"r\"", "context": {}},
   "entities": [], "decision": "allow", "reason": ["policy0"], "num_errors": 1},
  {"request": {"principal": "U::\"b\"", "action": "Action::\"x\"", "resource": "R::\"r\"", "context": {}},
   "entities": "e.json", "decision": "allow", "reason": [], "num_errors": 0},
  {"name": "wrong reason", "request": {"principal": "U::\"a\"", "action": "Action::\"x\"", "resource": "R::\"r\"", "context": {}},
   "entities": [], "decision": "allow", "reason": ["policy0", "policy7", "other"], "num_errors": 2},
  {"name": "no entities", "request": {"principal": "U::\"a\"", "action": "Action::\"x\"", "resource": "R::\"r\"", "context": {}},
   "decision": "allow", "reason": [], "num_errors": 0},
  {"name": "file elsewhere", "request": {"principal": "U::\"a\"", "action": "Action::\"x\"", "resource": "R::\"r\"", "context": {}},
   "entities": "../outside.json", "decision": "allow", "reason": [], "num_errors": 0},
  {"name": "missing file", "request": {"principal": "U::\"a\"", "action": "Action::\"x\"", "resource": "R::\"r\"", "context": {}},
   "entities": "nothing.json", "decision": "maybe", "reason": "policy0", "num_errors": -1},
  {"name": "no entity", "request": {"principal": "U::a", "action": "Action::\"x\"", "resource": "R::\"r\"", "context": {}},
   "entities": [{}], "decision": "allow", "reason": [], "num_errors": 0},
  7
]"#;

#[test]
fn tests_of_every_outcome() {
    let folder = Folder::with(
        "run-tests",
        &[
            (
                "p.cedar",
                "permit (principal == U::\"a\", action, resource);\nforbid (principal, action, resource) when { context.n };\n",
            ),
            ("tests/t.json", TESTS),
            ("tests/e.json", "[]"),
            ("outside.json", "[]"),
            ("object.json", "{}"),
            ("s.cedarschema", "entity U, R; action x appliesTo { principal: U, resource: R, context: { n: Bool } };"),
        ],
    );
    let commands: [&[&str]; 5] = [
        &["run-tests", "-p", "p.cedar", "--tests", "missing.json"],
        &["run-tests", "-p", "p.cedar", "--tests", "object.json"],
        &["run-tests", "-p", "p.cedar", "--tests", "tests/t.json"],
        &["run-tests", "-p", "p.cedar", "--tests", "tests/t.json", "--format", "json"],
        &["run-tests", "-p", "p.cedar", "--tests", "tests/t.json", "-s", "s.cedarschema", "-f", "plain"],
    ];
    check_transcript("tests_of_every_outcome", folder.path(), &lines(&commands));
}

#[test]
fn the_tests_of_the_example() {
    let command = [
        "run-tests",
        "--policies",
        "docs/example/policies",
        "--schema",
        "docs/example/schema.cedarschema",
        "--tests",
        "docs/example/tests.json",
    ];
    check_transcript(
        "the_tests_of_the_example",
        &repository(),
        &lines(&[&command, &["format", "--check", "--policies", "docs/example/policies"]]),
    );
}
