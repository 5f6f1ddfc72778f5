//! Projects: what commands take from a manifest, and what is wrong with one.

use crate::run::{Ended, Folder, check_transcript, lines, repository, run_in};

/// A project with one policy, its schema, entities and a test.
pub(crate) const PROJECT: [(&str, &str); 5] = [
    (
        "deodar.toml",
        "policies = [\"policies\"]\nschema = [\"model.cedarschema\"]\nentities = [\"data.json\", \"more.yaml\"]\n",
    ),
    (
        "policies/a.cedar",
        "permit (\n  principal is User,\n  action == Action::\"view\",\n  resource is File\n)\nwhen { resource.owner == principal };\n",
    ),
    (
        "model.cedarschema",
        "entity User;\nentity File = { owner: User };\naction view appliesTo { principal: User, resource: File };\n",
    ),
    ("data.json", r#"[{"uid": {"type": "User", "id": "alice"}, "attrs": {}, "parents": []}]"#),
    ("more.yaml", "- uid: { type: File, id: notes }\n  attrs: { owner: { type: User, id: alice } }\n  parents: []\n"),
];

#[test]
fn a_new_project_passes_its_checks() {
    let folder = Folder::with("new-minimal", &[]);
    let commands: [&[&str]; 4] = [
        &["new", "--name", "usual"],
        &["new", "--name", "minimal", "--kind", "minimal"],
        &["check", "--project", "usual"],
        &["check", "--project", "minimal", "--deny-warnings"],
    ];
    check_transcript("a_new_project_passes_its_checks", folder.path(), &lines(&commands));
    let inside = folder.path().join("minimal/tests");
    let ended = run_in(&inside, &["check"], "");
    assert_eq!((ended.code, &*ended.stderr), (0, ""), "the manifest is found from below");
}

#[test]
fn commands_take_from_the_project_what_flags_do_not_say() {
    let folder = Folder::with("project-flags", &PROJECT);
    folder.write("other.cedar", "forbid (principal, action, resource);\n");
    folder.write("below/empty", "");
    let ask = ["authorize", "-l", "User::\"alice\"", "-a", "Action::\"view\"", "-r", "File::\"notes\""];
    let with_flag = [&ask[..], &["-p", "other.cedar"]].concat();
    let commands: [&[&str]; 7] = [
        &ask,
        &with_flag,
        &["validate"],
        &["check-parse"],
        &["evaluate", "File::\"notes\".owner"],
        &["format", "--check"],
        &["visualize"],
    ];
    check_transcript("commands_take_from_the_project_what_flags_do_not_say", folder.path(), &lines(&commands));
    // Ids do not depend on the folder.
    let below = run_in(&folder.path().join("below"), &ask, "");
    assert!(
        below.stderr.contains("permitted by `policies/a.cedar#policy0` (../policies/a.cedar:1:1)"),
        "{}",
        below.stderr
    );
}

#[test]
fn mistakes_in_a_manifest() {
    let folder = Folder::with("project-mistakes", &PROJECT);
    folder.write(
        "deodar.toml",
        "polices = [\"policies\"]\nschema = 7\n\n[lints]\nunused-atribute = \"warn\"\nunknown-attribute = \"off\"\nunused-action = \"wran\"\n\n[check]\nmax-warnings = -1\n",
    );
    folder.write("broken/deodar.toml", "policies = [\n");
    folder.write("missing/deodar.toml", "policies = [\"nothing\"]\n");
    let commands: [&[&str]; 5] = [
        &["check"],
        &["validate", "--format", "json", "--quiet"],
        &["check", "--project", "broken"],
        &["check", "--project", "missing"],
        &["check", "--project", "nowhere", "--format", "json", "--quiet"],
    ];
    check_transcript("mistakes_in_a_manifest", folder.path(), &lines(&commands));
}

#[test]
fn without_a_project_check_and_test_say_how_to_make_one() {
    let folder = Folder::with("no-project", &[]);
    check_transcript("without_a_project", folder.path(), &lines(&[&["check"], &["test"]]));
}

#[test]
fn the_examples_of_the_readme_are_true() {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let block = |kind: &str| {
        let text = readme.split(&format!("```{kind}\n")).nth(1).expect("a block");
        text.split("```").next().expect("its end").to_owned()
    };
    let folder = Folder::with("readme", &[]);
    assert_eq!(run_in(folder.path(), &["new", "--name", "t", "--kind", "minimal"], "").code, 0);
    let policies = folder.read("t/policies/tickets.cedar");
    let shown = readme.split("```cedar\n").nth(1).and_then(|text| text.split("```").next()).expect("a policy");
    assert!(policies.contains(shown), "the README shows the policy of the project");
    folder.write("t/deodar.toml", block("toml"));
    folder.write("t/links.json", "[]");
    folder.write("t/tests/readme.yaml", block("yaml"));
    let check = || run_in(&folder.path().join("t"), &["check"], "");
    let ended = check();
    let expected = "skip people close tickets: not decided yet (tests/readme.yaml:19:13)\n\
                    check passed: no findings; tests: 12 passed, 0 failed, 1 skipped; coverage: ";
    assert_eq!((ended.code, &*ended.stderr), (0, ""), "{}", ended.stdout);
    assert!(ended.stdout.starts_with(expected), "{}", ended.stdout);
    std::fs::remove_file(folder.path().join("t/tests/readme.yaml")).expect("the tests of the README");
    folder.write("t/policies/tickets.cedar", policies.replace("resource.locked", "resource.lockd"));
    let Ended { code, stdout, stderr } = check();
    assert_eq!(code, 1);
    assert!(readme.contains(&format!("```text\n{stderr}{stdout}```")), "{stderr}{stdout}");
    folder.write("t/policies/tickets.cedar", policies.replace("\nunless { resource.locked }", ""));
    let Ended { code, stdout, .. } = check();
    assert_eq!(code, 1);
    let (failure, _) = stdout.split_once("check failed").expect("a summary");
    assert!(readme.contains(&format!("```text\n{failure}```")), "{failure}");
}

#[test]
fn the_example_of_the_documentation_passes_its_checks() {
    let ended = run_in(&repository().join("docs/example"), &["check", "--deny-warnings"], "");
    assert_eq!((ended.code, &*ended.stderr), (0, ""), "{}", ended.stdout);
}
