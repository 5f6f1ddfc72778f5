//! The example repository of an issue tracker: it passes its own check, and the check catches what it should.
//!
//! A fault is an edit of a text that stands once in a file, so that a change of the example cannot leave one out
//! unnoticed. Where the annotation belongs is said as a text, too: on the line with that text.

use std::{fs, path::Path};

use crate::run::{Folder, repository, run_in};

/// One mistake that somebody could make, and what the check says of it.
struct Fault {
    name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// Where the annotation is: a file, and a text on its line; and a part of what it says.
    at: (&'static str, &'static str),
    says: &'static str,
}

const FAULTS: [Fault; 8] = [
    Fault {
        name: "a typo in an attribute",
        file: "policies/members.cedar",
        from: "when { resource.reporter == principal };",
        to: "when { resource.reportr == principal };",
        at: ("policies/members.cedar", "resource.reportr"),
        says: "no attribute `reportr`",
    },
    Fault {
        name: "a permit for more actions than it was",
        file: "policies/members.cedar",
        from: "  action == Tracker::Action::\"deleteIssue\",\n",
        to: "  action in Tracker::Action::\"Write\",\n",
        at: ("tests/members.yaml", "name: maintainers comment as members"),
        says: "maintainer.delete",
    },
    Fault {
        name: "a guardrail that has lost a conjunct",
        file: "policies/agents.cedar",
        from: "unless { context has delegation && context.now < context.delegation.expires };",
        to: "unless { context has delegation };",
        at: ("tests/agents.yaml", "name: and not at the end"),
        says: "expected deny, got allow",
    },
    Fault {
        name: "a policy that cannot be read",
        file: "policies/keys.cedar",
        from: "when { principal.scopes.contains(\"issues:write\") };",
        to: "when { principal.scopes.contains(\"issues:write\" };",
        at: ("policies/keys.cedar", "contains(\"issues:write\" };"),
        says: "unexpected `}`",
    },
    Fault {
        name: "a policy without a name",
        file: "policies/services.cedar",
        from: "@id(\"service.triage\")\n@description(\"Triage bots edit the issues of their projects.\")\n@owner(\"integrations\")\npermit (\n",
        to: "permit ( // Triage bots.\n",
        at: ("policies/services.cedar", "permit ( // Triage bots."),
        says: "no name of its own",
    },
    Fault {
        name: "a comparison of different types",
        file: "policies/ci.cedar",
        from: "principal.environment == resource.environment",
        to: "principal.environment == resource.frozen",
        at: ("policies/ci.cedar", "principal.environment == resource.frozen"),
        says: "`String` and `Bool`",
    },
    Fault {
        name: "a forbid that a missing entity switches off",
        file: "policies/guardrails.cedar",
        from: "unless { principal has owner.active && principal.owner.active };",
        to: "unless { principal has owner && principal.owner.active };",
        at: ("policies/guardrails.cedar", "principal has owner && principal.owner.active"),
        says: "fail",
    },
    Fault {
        name: "a link to more than was agreed",
        file: "links.json",
        from: "\"link_id\": \"share.comment.rita\", \"args\": {\"?principal\": \"Identity::Person::\\\"rita\\\"\", \"?resource\": \"Tracker::Issue::\\\"shared\\\"\"}",
        to: "\"link_id\": \"share.comment.rita\", \"args\": {\"?principal\": \"Identity::Person::\\\"rita\\\"\", \"?resource\": \"Tracker::Issue::\\\"open\\\"\"}",
        at: ("tests/sharing.yaml", "name: a shared issue is commented on"),
        says: "expected allow, got deny",
    },
];

/// A copy of the example.
fn example() -> Folder {
    let folder = Folder::with("tracker", &[]);
    copy(&repository().join("stdlib/examples/tracker"), &folder, "");
    folder
}

fn copy(from: &Path, into: &Folder, prefix: &str) {
    for entry in fs::read_dir(from).expect("a folder of the example") {
        let path = entry.expect("an entry of the folder").path();
        let name = format!("{prefix}{}", path.file_name().expect("a name").to_string_lossy());
        if path.is_dir() {
            copy(&path, into, &format!("{name}/"));
        } else {
            into.write(&name, fs::read(&path).expect("a file of the example"));
        }
    }
}

/// The number of the line with a text, as it is counted in annotations; only one line may have it.
fn line_with(text: &str, wanted: &str) -> Option<usize> {
    let mut found = text.lines().enumerate().filter(|(_, line)| line.contains(wanted)).map(|(index, _)| index + 1);
    found.next().filter(|_| found.next().is_none())
}

#[track_caller]
fn check(fault: &Fault) {
    let folder = example();
    let before = folder.read(fault.file);
    assert_eq!(before.matches(fault.from).count(), 1, "{}: the text to change stands once", fault.name);
    folder.write(fault.file, before.replace(fault.from, fault.to));
    let ended = run_in(folder.path(), &["check", "--format", "github"], "");
    assert_eq!(ended.code, 1, "{}\n{}{}", fault.name, ended.stdout, ended.stderr);
    let (file, text) = fault.at;
    let line = line_with(&folder.read(file), text);
    let line = line.expect("one line has the text");
    let place = format!("file={file},line={line},");
    let marks = |annotation: &str| annotation.contains(&place) && annotation.contains(fault.says);
    assert!(ended.stdout.lines().any(marks), "{}: nothing at {place}\n{}", fault.name, ended.stdout);
}

#[test]
fn the_example_passes_its_check() {
    let folder = example();
    let ended = run_in(folder.path(), &["check"], "");
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("no findings") && ended.stdout.contains(" 0 failed"), "{}", ended.stdout);
}

#[test]
fn the_check_catches_each_fault_on_its_line() {
    FAULTS.iter().for_each(check);
}
