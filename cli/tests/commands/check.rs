//! `check`: everything at once, baselines, what has changed, what can be mended.

use std::{path::Path, process::Command};

use crate::{
    project::PROJECT,
    run::{Folder, check_transcript, lines, run_in},
};

const FAULTY: &str = "@id(\"views\")\npermit(principal is User, action == Action::\"view\", resource is File)\nwhen { resource.owner == principal && true };\n";

fn faulty(name: &str) -> Folder {
    let folder = Folder::with(name, &PROJECT);
    folder.write("policies/a.cedar", FAULTY);
    folder.write(
        "tests/t.yaml",
        "tests:\n  - name: nobody views\n    principal: User::\"alice\"\n    action: Action::\"view\"\n    resource: File::\"notes\"\n    decision: deny\n",
    );
    folder
}

#[test]
fn a_check_says_everything_at_once() {
    let folder = faulty("check-all");
    let commands: [&[&str]; 4] = [
        &["check"],
        &["check", "--max-warnings", "1"],
        &["check", "--deny-warnings", "-q"],
        &["check", "-q", "--format", "json"],
    ];
    check_transcript("a_check_says_everything_at_once", folder.path(), &lines(&commands));
    folder.write("policies/a.cedar", "permit (principal is User, action == Action::\"veiw\", resource);\n");
    folder.write("policies/b.cedar", "permit (");
    check_transcript("a_check_of_policies_that_cannot_be_read", folder.path(), &lines(&[&["check"]]));
}

#[test]
fn levels_of_the_manifest_count() {
    let folder = faulty("check-levels");
    let manifest = folder.read("deodar.toml");
    folder.write("tests/t.yaml", "tests: []\n");
    folder
        .write("deodar.toml", format!("{manifest}[lints]\nunformatted = \"off\"\nalways-true-condition = \"error\"\n"));
    check_transcript("levels_of_the_manifest_count", folder.path(), &lines(&[&["check"], &["validate"]]));
}

#[test]
fn a_baseline_accepts_what_is_there_and_survives_moves() {
    let folder = faulty("check-baseline");
    folder.write("tests/t.yaml", "tests: []\n");
    let manifest = folder.read("deodar.toml");
    folder.write("deodar.toml", format!("{manifest}[check]\ndeny-warnings = true\n"));
    let check = |arguments: &[&str]| run_in(folder.path(), arguments, "");
    assert_eq!(check(&["check"]).code, 1);
    let written = check(&["check", "--write-baseline"]);
    assert_eq!((written.code, &*written.stderr), (0, "2 findings are accepted in deodar-baseline.json\n"));
    assert!(!folder.read("deodar-baseline.json").contains("line"));
    let moved = format!("\n\n// Moved.\n{}", FAULTY.replace("&& true", "&&\n    true"));
    folder.write("policies/a.cedar", &moved);
    let accepted = check(&["check"]);
    // The layout is another one, so that finding is new; the condition is the same.
    assert!(accepted.stdout.contains("1 accepted finding"), "{}{}", accepted.stdout, accepted.stderr);
    folder.write("policies/a.cedar", moved.replace("true", "1 == 1"));
    assert!(!check(&["check"]).stdout.contains("accepted"), "another text is another finding");
    folder.write("policies/b.cedar", "permit (principal, action");
    let written = check(&["check", "--write-baseline"]);
    assert!(written.code == 1 && written.stderr.contains("policies/b.cedar"), "{}", written.stderr);
    assert_eq!(check(&["check"]).code, 1, "no baseline accepts what cannot be read");
    folder.write("deodar-baseline.json", "[]");
    assert_eq!(check(&["check"]).code, 2, "a broken baseline accepts nothing");
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().expect("git");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn findings_in_files_that_have_not_changed_are_left_out() {
    let folder = faulty("check-since");
    folder.write("tests/t.yaml", "tests: []\n");
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    let check = |folder: &Path| run_in(folder, &["check", "--since", "HEAD", "--format", "plain"], "").stdout;
    assert_eq!(check(folder.path()), "no findings; tests: 0 passed, 0 failed\n");
    folder.write("policies/new.cedar", "permit(principal is User, action == Action::\"view\", resource is File) when { principal == resource.owner };\n");
    let output = check(folder.path());
    assert!(output.contains("policies/new.cedar:1:1: warning") && !output.contains("policies/a.cedar:"), "{output}");
    let output = check(&folder.path().join("tests"));
    assert!(output.contains("../policies/new.cedar:1:1: warning"), "{output}");
    let schema = folder.read("model.cedarschema");
    folder.write("model.cedarschema", schema.replace("owner:", "proprietor:"));
    let ended = run_in(folder.path(), &["check", "--since", "HEAD", "--format", "plain"], "");
    let breaks = "policies/a.cedar:3:17: error: `File` has no attribute `owner`";
    assert!(ended.code == 1 && ended.stdout.contains(breaks), "{}", ended.stdout);
    folder.write("model.cedarschema", schema);
    let commands: [&[&str]; 2] = [&["check", "--since", "v9"], &["check", "--since=--help"]];
    check_transcript("revisions_that_git_does_not_know", folder.path(), &lines(&commands));
}

#[test]
fn fixes_are_shown_or_made() {
    let folder = faulty("check-fix");
    check_transcript("fixes_that_are_shown", folder.path(), &lines(&[&["check", "--fix", "--dry-run"]]));
    assert_eq!(folder.read("policies/a.cedar"), FAULTY);
    let ended = run_in(folder.path(), &["check", "--fix"], "");
    assert_eq!((ended.code, &*ended.stderr), (0, "mended policies/a.cedar\n"));
    let ended = run_in(folder.path(), &["check", "--fix", "--dry-run"], "");
    assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (0, "", ""));
    folder.write("policies/b.cedar", "permit (");
    folder.write("policies/a.cedar", FAULTY);
    assert_eq!(run_in(folder.path(), &["check", "--fix"], "").code, 2);
    assert_eq!(folder.read("policies/a.cedar"), FAULTY, "nothing is mended by half");
}

#[test]
fn double_negations_and_comparisons_with_true_are_mended() {
    let before = "permit (principal, action, resource)\nwhen { !!(principal == resource.owner) && (principal has a || context has b) == true && context.c == true };\n\nforbid (principal, action, resource)\nunless { (resource is File) == false && // kept\n  ((principal like \"a*\") == true) };\n";
    let folder = Folder::with("check-edits", &[("deodar.toml", ""), ("policies/a.cedar", before)]);
    folder.write("tests/keep", "");
    check_transcript("edits_that_are_shown", folder.path(), &lines(&[&["check", "--fix", "--dry-run"]]));
    assert_eq!(run_in(folder.path(), &["check", "--fix"], "").code, 0);
    assert_eq!(run_in(folder.path(), &["check", "--fix", "--dry-run"], "").stdout, "", "one run mends all");
    let text = folder.read("policies/a.cedar");
    assert!(text.contains("context.c == true") && text.contains("// kept"), "{text}");
}

#[test]
fn comments_silence_findings() {
    let folder = Folder::with(
        "check-allow",
        &[("deodar.toml", "[lints]\nmissing-id = \"warn\"\nover-broad-permit = \"warn\"\n")],
    );
    folder.write("policies/a.cedar", "// deodar: allow(missing-id, over-broad-permit) everybody, for now\npermit (principal, action, resource);\n\n@id(\"b\")\npermit (principal, action, resource)\nwhen {\n  // deodar: allow(self-comparison)\n  principal == principal &&\n  resource == resource\n};\n\n// deodar: allow(missing-idd)\nforbid (principal, action, resource)\nwhen { true };\n");
    let ended = run_in(folder.path(), &["check", "--format", "plain"], "");
    let reported: Vec<&str> = ended.stdout.lines().filter(|line| line.contains(": warning")).collect();
    let places: Vec<_> = reported.iter().map(|line| line.split(": ").next().unwrap_or_default()).collect();
    assert!(places.contains(&"policies/a.cedar:9:3") && !places.contains(&"policies/a.cedar:8:3"), "{}", ended.stdout);
    assert!(!places.contains(&"policies/a.cedar:2:1"), "{}", ended.stdout);
    assert!(
        ended
            .stdout
            .contains("there is no warning or lint `missing-idd` [unknown-allowance]\n  did you mean `missing-id`?")
    );
    assert!(places.contains(&"policies/a.cedar:13:1"), "{}", ended.stdout);
}
