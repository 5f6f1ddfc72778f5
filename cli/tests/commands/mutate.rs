//! `mutate`: mistakes that no test notices, the tests that would, and what keeps the command from its work.

use std::fmt::Write as _;

use serde_json::Value;

use crate::run::{Folder, check_transcript, lines, repository, run_in};

const PROJECT: [(&str, &str); 4] = [
    ("deodar.toml", ""),
    (
        "policies/tickets.cedar",
        "@id(\"close\")\npermit (principal is Agent, action == Action::\"close\", resource is Ticket)\nwhen { resource.assignee == principal && context.hour < 18 }\nunless { resource.locked };\n",
    ),
    (
        "schema.cedarschema",
        "entity Agent;\nentity Ticket = { assignee: Agent, locked: Bool };\naction close appliesTo { principal: Agent, resource: Ticket, context: { hour: Long } };\n",
    ),
    (
        "entities.json",
        r#"[{"uid": {"type": "Ticket", "id": "open"}, "attrs": {"assignee": {"type": "Agent", "id": "a"}, "locked": false}, "parents": []},
            {"uid": {"type": "Ticket", "id": "locked"}, "attrs": {"assignee": {"type": "Agent", "id": "a"}, "locked": true}, "parents": []}]"#,
    ),
];

const TESTS: &str = "tests:\n  - { name: closes, principal: 'Agent::\"a\"', action: 'Action::\"close\"', resource: 'Ticket::\"open\"', context: { hour: 9 }, decision: allow }\n  - { name: not when locked, principal: 'Agent::\"a\"', action: 'Action::\"close\"', resource: 'Ticket::\"locked\"', context: { hour: 9 }, decision: deny }\n";

fn project(name: &str) -> Folder {
    let folder = Folder::with(name, &PROJECT);
    folder.write("tests/t.yaml", TESTS);
    folder
}

#[test]
fn mistakes_that_no_test_notices() {
    let folder = project("mutate");
    let commands: [&[&str]; 6] = [
        &["mutate"],
        &["mutate", "--budget", "3", "--seed", "7", "--format", "json"],
        &["mutate", "--budget", "6", "--format", "github"],
        &["mutate", "--min", "90", "--quiet"],
        &["mutate", "--min", "10", "--format", "plain"],
        &["mutate", "nothing is called so"],
    ];
    check_transcript("mistakes_that_no_test_notices", folder.path(), &lines(&commands));
}

#[test]
fn mistakes_that_cannot_be_made() {
    let folder = Folder::with("mutate-nothing", &PROJECT);
    folder.write("failing.yaml", TESTS.replace("decision: deny", "decision: allow"));
    folder
        .write("invalid.cedar", "permit (principal is Agent, action, resource is Ticket) when { resource.nothing };\n");
    let commands: [&[&str]; 5] = [
        &["mutate"],
        &["mutate", "--tests", "failing.yaml"],
        &["mutate", "--tests", "failing.yaml", "--format", "json"],
        &["mutate", "--tests", "failing.yaml", "--policies", "invalid.cedar"],
        &["mutate", "--format", "html"],
    ];
    check_transcript("mistakes_that_cannot_be_made", folder.path(), &lines(&commands));
    let elsewhere = Folder::with("mutate-elsewhere", &[]);
    let ended = run_in(elsewhere.path(), &["mutate"], "");
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("`mutate` needs a project"), "{}", ended.stderr);
}

#[test]
fn a_manifest_says_how_many_mistakes_must_be_noticed() {
    let folder = project("mutate-manifest");
    folder.write("deodar.toml", "[mutate]\nmin = 90\nbudget = 12\nseed = 3\nrequests = 500\n");
    let ended = run_in(folder.path(), &["mutate", "--format", "plain"], "");
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    assert!(ended.stdout.contains("deodar.toml:2:7: error: the mutation score is"), "{}", ended.stdout);
    assert_eq!(run_in(folder.path(), &["mutate", "--min", "0"], "").code, 0, "flags win");
    folder.write("deodar.toml", "[mutate]\nmin = 900\nbugdet = 12\n");
    let ended = run_in(folder.path(), &["mutate"], "");
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("a percentage, from 0 to 100") && ended.stderr.contains("did you mean `budget`"));
}

fn mutation(folder: &Folder) -> Value {
    let ended = run_in(folder.path(), &["mutate", "--format", "json", "--quiet"], "");
    let value: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    value.get("mutation").expect("a result").clone()
}

/// The tests that the command shows pass, and with them no mistake is left that something shows.
#[test]
fn tests_that_are_shown_kill_what_they_are_shown_for() {
    let example = repository().join("docs/example");
    let with_schema = project("mutate-paste");
    let without = Folder::with(
        "mutate-untyped",
        &[
            ("deodar.toml", ""),
            (
                "policies/a.cedar",
                "permit (principal in G::\"g\", action, resource)\nwhen { context.n > 5 && context has mfa && context.mfa };\nforbid (principal == U::\"u\", action, resource) unless { resource.tags.contains(\"x\") };\n",
            ),
            (
                "tests/t.yaml",
                "tests:\n  - { name: t, principal: 'U::\"v\"', action: 'A::\"a\"', resource: 'R::\"r\"', context: { n: 9, mfa: true }, decision: allow, entities: [{ uid: { type: U, id: v }, attrs: {}, parents: [{ type: G, id: g }] }, { uid: { type: R, id: r }, attrs: { tags: [x] }, parents: [] }] }\n",
            ),
        ],
    );
    let whole = Folder::with("mutate-example", &[]);
    for file in [
        "deodar.toml",
        "entities.json",
        "schema.cedarschema",
        "tests.json",
        "policies/agents.cedar",
        "policies/guardrails.cedar",
        "policies/machines.cedar",
    ] {
        whole.write(file, std::fs::read(example.join(file)).expect("a file of the example"));
    }
    whole.write("deodar.toml", "tests = [\"tests.json\", \"more.yaml\"]\n");
    whole.write("more.yaml", "tests: []\n");
    for (folder, file) in [
        (&with_schema, "tests/more.yaml"),
        // Entities of the test, which the file of the pasted tests has not.
        (&without, "tests/more.yaml"),
        (&whole, "more.yaml"),
    ] {
        let before = mutation(folder);
        let survived: Vec<&Value> = before["mutants"]
            .as_array()
            .expect("mutants")
            .iter()
            .filter(|mutant| mutant["outcome"] == "survived")
            .collect();
        assert!(survived.len() > 3, "{before}");
        let mut text = "tests:\n".to_owned();
        for (number, mutant) in survived.iter().enumerate() {
            let case = mutant["case"].as_str().expect("a test");
            for line in case.lines() {
                writeln!(text, "  {}", line.replace("- name: '", &format!("- name: '{number} "))).expect("a string");
            }
        }
        folder.write(file, &text);
        let ended = run_in(folder.path(), &["test"], "");
        assert_eq!(ended.code, 0, "{}{}{text}", ended.stdout, ended.stderr);
        let after = mutation(folder);
        let name = |mutant: &Value| ["policy", "operator", "place", "after"].map(|key| mutant[key].clone());
        for mutant in survived {
            let mut mutants = after["mutants"].as_array().expect("mutants").iter();
            let now = mutants.find(|other| name(other) == name(mutant)).expect("the same mutant");
            assert_eq!(now["outcome"], "killed", "{mutant}");
        }
        // What was not found before may be found beside the new tests.
        assert!(after["permille"].as_u64() >= Some(970), "{}", after["permille"]);
    }
}

#[test]
fn results_are_the_same_in_every_run() {
    let folder = project("mutate-twice");
    assert_eq!(mutation(&folder), mutation(&folder));
}
