//! `diff`: two versions of a policy set, from folders, files, bundles and revisions of git.

use std::{path::Path, process::Command};

use crate::{
    output::check_schema,
    run::{Folder, check_transcript, lines, repository, run_in},
};

const SCHEMA: &str = r"entity Team;
entity User in [Team] = { level: Long, mfa: Bool };
entity File = { owner: User, kind: String };
action view, edit appliesTo { principal: User, resource: File, context: { ip?: ipaddr, reason?: String } };
";

const OLD: &str = r#"@id("owner")
permit (principal, action, resource) when { resource.owner == principal };

@id("seniors")
permit (principal in Team::"core", action == Action::"edit", resource)
when { principal.level > 5 && principal.mfa };

@id("network")
forbid (principal, action == Action::"edit", resource) unless { context has ip && context.ip.isInRange(ip("10.0.0.0/8")) };

permit (principal, action == Action::"view", resource) when { resource.kind == "public" };
"#;

/// `seniors` is weaker, the last one has moved to the front and is laid out anew, `network` is called otherwise.
const NEW: &str = r#"permit (
  principal,
  action == Action::"view",
  resource
)
when { resource.kind == "public" };

@id("owner")
@owner("files")
permit (principal, action, resource) when { resource.owner == principal };

@id("seniors")
permit (principal in Team::"core", action == Action::"edit", resource)
when { principal.level > 3 && principal.mfa };

@id("office")
forbid (principal, action == Action::"edit", resource) unless { context has ip && context.ip.isInRange(ip("10.0.0.0/8")) };

@id("drafts")
forbid (principal, action, resource) when { resource.kind == "draft" };
"#;

const ENTITIES: &str = r#"[
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"level": 4, "mfa": true}, "parents": [{"type": "Team", "id": "core"}]},
  {"uid": {"type": "File", "id": "draft"}, "attrs": {"owner": {"type": "User", "id": "ann"}, "kind": "draft"}, "parents": []}
]"#;

const TESTS: &str = r#"tests:
  - { name: ann views her draft, principal: User::"ann", action: Action::"view", resource: File::"draft", decision: allow }
"#;

const FILES: [(&str, &str); 5] = [
    ("deodar.toml", ""),
    ("policies/p.cedar", OLD),
    ("schema.cedarschema", SCHEMA),
    ("entities.json", ENTITIES),
    ("tests/t.yaml", TESTS),
];

fn versions(name: &str) -> Folder {
    let folder = Folder::with(name, &[]);
    for (file, text) in FILES {
        folder.write(&format!("old/{file}"), text);
        folder.write(&format!("new/{file}"), if file == "policies/p.cedar" { NEW } else { text });
    }
    folder
}

#[test]
fn versions_that_differ() {
    let folder = versions("diff");
    let commands: [&[&str]; 7] = [
        &["diff", "old", "new"],
        &["diff", "old", "new", "--fail-on", "widening", "--format", "plain"],
        &["diff", "new", "old", "--fail-on", "widening", "--requests", "0"],
        &["diff", "old", "new", "--format", "markdown"],
        &["diff", "old", "new", "--format", "json", "--requests", "200"],
        &["diff", "old", "new", "--format", "github", "--fail-on", "any", "--requests", "200"],
        &["diff", "old", "old/deodar.toml", "--fail-on", "any"],
    ];
    check_transcript("versions_that_differ", folder.path(), &lines(&commands));
}

#[test]
fn versions_that_cannot_be_compared() {
    let folder = versions("diff-mistakes");
    folder.write("broken/policies/p.cedar", "permit (principal");
    folder.write("empty/readme", "");
    let commands: [&[&str]; 7] = [
        &["diff"],
        &["diff", "nowhere"],
        &["diff", "old", "-x"],
        &["diff", "broken", "new"],
        &["diff", "new", "broken", "--format", "json", "--quiet"],
        &["diff", "empty", "new"],
        &["diff", "old", "new", "--fail-on", "everything"],
    ];
    check_transcript("versions_that_cannot_be_compared", folder.path(), &lines(&commands));
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().expect("git");
    assert!(output.status.success(), "{output:?}");
}

/// Revisions, of the top and of a folder below it, against each other and against the working tree.
#[test]
fn revisions_of_git() {
    let folder = Folder::with("diff-git", &[]);
    for (file, text) in FILES {
        folder.write(&format!("policy/{file}"), text);
    }
    let top = folder.path();
    git(top, &["init", "-q"]);
    git(top, &["add", "."]);
    git(top, &["commit", "-q", "-m", "first"]);
    git(top, &["tag", "v1"]);
    folder.write("policy/policies/p.cedar", NEW);
    git(top, &["commit", "-q", "-a", "-m", "second"]);
    let project = top.join("policy");
    let summary = |folder: &Path, arguments: &[&str]| {
        let ended = run_in(folder, arguments, "");
        let lines = ended.stdout.lines().filter(|line| line.starts_with("policies:") || line.starts_with("decisions:"));
        (ended.code, lines.collect::<Vec<_>>().join("\n"), ended.stderr)
    };
    let expected = summary(&project, &["diff", "v1"]);
    assert!(expected.1.contains("1 added, 2 changed, 1 renamed, 1 the same"), "{expected:?}");
    assert!(expected.1.contains("allowed now") && expected.2.is_empty(), "{expected:?}");
    assert_eq!(summary(&project, &["diff", "HEAD~1", "HEAD"]), expected);
    assert_eq!(summary(top, &["diff", "v1:policy", "HEAD:policy/"]), expected);
    assert_eq!(summary(top, &["diff", "v1", "--project", "policy"]), expected);
    let file = summary(top, &["diff", "v1:policy/policies/p.cedar", "policy/policies/p.cedar"]);
    assert!(file.0 == 0 && file.1.contains("1 added"), "{file:?}");
    let same = summary(&project, &["diff", "HEAD", "--fail-on", "any"]);
    assert_eq!(same, (0, "policies: 5 the same\ndecisions: no decision differs".to_owned(), String::new()));
    let ended = run_in(&project, &["diff", "v1:nothing"], "");
    assert!(ended.code == 2 && ended.stderr.contains("`v1:nothing` is no version"), "{}", ended.stderr);
}

#[test]
fn a_bundle_is_a_version() {
    let folder = versions("diff-bundle");
    let compiled = run_in(folder.path(), &["compile", "--project", "old", "--output", "old.dbundle"], "");
    assert_eq!(compiled.code, 0, "{}", compiled.stderr);
    let ended = run_in(folder.path(), &["diff", "old.dbundle", "old", "--fail-on", "any"], "");
    assert_eq!((ended.code, &*ended.stderr), (0, ""), "{}", ended.stdout);
    assert!(ended.stdout.contains("policies: 4 the same"), "{}", ended.stdout);
    let ended = run_in(folder.path(), &["diff", "old.dbundle", "new", "--fail-on", "widening"], "");
    assert_eq!((ended.code, &*ended.stderr), (1, ""), "{}", ended.stdout);
}

/// An example is a test of the new version, as it stands.
#[test]
fn examples_are_tests_that_pass() {
    let folder = versions("diff-examples");
    let ended = run_in(folder.path(), &["diff", "old", "new"], "");
    let examples: Vec<&str> =
        ended.stdout.lines().filter(|line| line.starts_with("  - ") || line.starts_with("    ")).collect();
    let examples: Vec<&str> =
        examples.into_iter().take_while(|line| !line.starts_with("    -") && !line.starts_with("    +")).collect();
    assert!(examples.iter().filter(|line| line.starts_with("  - ")).count() >= 2, "{}", ended.stdout);
    folder.write("new/tests/t.yaml", format!("tests:\n{}\n", examples.join("\n")));
    let tested = run_in(folder.path(), &["test", "--project", "new"], "");
    assert_eq!((tested.code, &*tested.stderr), (0, ""), "{}{}", tested.stdout, ended.stdout);
}

/// The same seed gives the same answer; the space is bounded by what was asked for.
#[test]
fn samples_follow_the_seed() {
    let folder = versions("diff-seed");
    let answer =
        |seed: &str| run_in(folder.path(), &["diff", "old", "new", "--format", "json", "--seed", seed], "").stdout;
    assert_eq!(answer("7"), answer("7"));
    let schema = std::fs::read_to_string(repository().join("docs/diff.schema.json")).expect("the schema");
    let value = check_schema(&answer("7"), &schema);
    assert_eq!((&value["compared"]["seed"], &value["compared"]["samples"]), (&7.into(), &4000.into()));
}
