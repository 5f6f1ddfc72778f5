//! Compiled policies: `compile`, and what takes `--bundle`; `stats`.

use std::{fs, process::Command};

use crate::run::{Folder, check_transcript, lines, repository, run, run_in};

const GOLDEN: &str = "tests/golden/v1";

/// The files that the golden bundle was made from.
fn folder(name: &str) -> Folder {
    let folder = Folder::with(name, &[]);
    for file in ["policies.cedar", "schema.cedarschema", "links.json", "entities.json", "requests.json"] {
        folder.write(file, fs::read(repository().join(GOLDEN).join(file)).expect("a file beside the golden bundle"));
    }
    folder
}

const COMPILE: [&str; 9] = [
    "compile",
    "--policies",
    "policies.cedar",
    "--schema",
    "schema.cedarschema",
    "--links",
    "links.json",
    "--output",
    "policies.dbundle",
];

const ONE: [&str; 10] = [
    "authorize",
    "--entities",
    "entities.json",
    "--verbose",
    "--principal",
    "User::\"ann\"",
    "--action",
    "Action::\"read\"",
    "--resource",
    "Document::\"d\"",
];

#[test]
fn compiled_policies() {
    let folder = folder("compile");
    folder.write("invalid.cedar", "permit (principal, action, resource) when { principal.levle > 1 };");
    folder.write("broken.cedar", "permit (principal");
    folder.write("tests.json", "[]");
    folder.write("context.json", r#"{"address": "10.1.2.3", "agent": "deodar/1", "size": 5}"#);
    let invalid = ["compile", "-p", "invalid.cedar", "-s", "schema.cedarschema", "-o", "invalid.dbundle"];
    let bundle = ["--bundle", "policies.dbundle"];
    let commands: [&[&str]; 15] = [
        &COMPILE,
        &[&COMPILE[..], &["--tests", "tests.json", "--format", "json"]].concat(),
        &invalid,
        &[&invalid[..], &["--policy-validation", "false"]].concat(),
        &["compile", "-p", "broken.cedar", "-o", "broken.dbundle"],
        &["compile", "-p", "invalid.cedar", "-o", "missing/x.dbundle"],
        &["compile", "-p", "invalid.cedar"],
        &[&ONE[..], &bundle, &["--context", "context.json"]].concat(),
        &[&ONE[..], &bundle].concat(),
        &["authorize", "--entities", "entities.json", "--requests", "requests.json", "--bundle", "policies.dbundle"],
        &[&ONE[..], &["--bundle", "policies.cedar"]].concat(),
        &[&ONE[..], &["--bundle", "policies.dbundel"]].concat(),
        &[&ONE[..], &bundle, &["--policies", "policies.cedar"]].concat(),
        &[&ONE[..], &bundle, &["--schema", "schema.cedarschema"]].concat(),
        &["disassemble", "--bundle", "invalid.dbundle"],
    ];
    check_transcript("compiled_policies", folder.path(), &lines(&commands));
}

#[test]
fn counts_of_policies_and_entities() {
    let folder = folder("stats");
    assert_eq!(run_in(folder.path(), &COMPILE, "").code, 0);
    let policies = ["stats", "-p", "policies.cedar", "-k", "links.json"];
    let commands: [&[&str]; 5] = [
        &policies,
        &[&policies[..], &["-s", "schema.cedarschema", "--entities", "entities.json"]].concat(),
        &["stats", "--bundle", "policies.dbundle", "--entities", "entities.json", "--format", "json"],
        &["stats", "--bundle", "policies.dbundle", "--entities", "requests.json"],
        &["stats", "--bundle", "missing.dbundle"],
    ];
    check_transcript("counts_of_policies_and_entities", folder.path(), &lines(&commands));
}

#[test]
fn damaged_bundles_are_refused() {
    let folder = folder("damaged");
    assert_eq!(run_in(folder.path(), &COMPILE, "").code, 0);
    let bytes = fs::read(folder.path().join("policies.dbundle")).expect("the bundle");
    let changed = |at: usize, to: u8| {
        let mut bytes = bytes.clone();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = to;
        }
        bytes
    };
    folder.write("newer.dbundle", changed(8, 9));
    folder.write("damaged.dbundle", changed(bytes.len() - 1, 9));
    folder.write("short.dbundle", bytes.get(..100).expect("a longer bundle"));
    let commands: [&[&str]; 4] = [
        &["disassemble", "--bundle", "newer.dbundle"],
        &["disassemble", "--bundle", "damaged.dbundle"],
        &["disassemble", "--bundle", "short.dbundle", "--error-format", "plain"],
        &["disassemble", "--bundle", ".", "--format", "json"],
    ];
    check_transcript("damaged_bundles_are_refused", folder.path(), &lines(&commands));
}

#[test]
fn a_bundle_answers_as_its_policies_do() {
    let folder = folder("same");
    assert_eq!(run_in(folder.path(), &COMPILE, "").code, 0);
    let bundle: &[&str] = &["--bundle", "policies.dbundle"];
    let texts: &[&str] = &["-p", "policies.cedar", "-k", "links.json", "-s", "schema.cedarschema"];
    let several: &[&str] = &["authorize", "--entities", "entities.json", "--requests", "requests.json"];
    let json: &[&str] = &["--format", "json"];
    for question in [several, &[several, json].concat()] {
        let [one, other] = [bundle, texts].map(|policies| run_in(folder.path(), &[question, policies].concat(), ""));
        assert_eq!((one.code, &one.stdout, &one.stderr), (other.code, &other.stdout, &other.stderr));
        assert!(one.stdout.contains("policies.cedar"), "{}", one.stdout);
    }
    let links: &[&str] = &["-p", "policies.cedar", "-k", "links.json"];
    let [one, other] = [bundle, links].map(|p| run_in(folder.path(), &[&["disassemble"], p].concat(), "").stdout);
    assert_eq!(one, other);
}

#[test]
fn two_processes_write_the_same_bytes() {
    let folder = folder("processes");
    let mut written = Vec::new();
    for _ in 0..2 {
        let ended = Command::new(env!("CARGO_BIN_EXE_deodar")).args(COMPILE).current_dir(folder.path()).output();
        assert!(ended.expect("deodar runs").status.success());
        written.push(fs::read(folder.path().join("policies.dbundle")).expect("the bundle"));
    }
    assert_eq!(written.first(), written.last());
}

/// The bundle was written by the first version of the format. It is never written again: bundles of old versions stay
/// readable.
#[test]
fn the_bundle_of_version_1_decides() {
    let bundle = format!("{GOLDEN}/policies.dbundle");
    let file = |name: &str| format!("{GOLDEN}/{name}");
    let (entities, requests) = (file("entities.json"), file("requests.json"));
    let ended = run(&["authorize", "--bundle", &bundle, "--entities", &entities, "--requests", &requests]);
    assert_eq!((ended.code, &*ended.stderr), (0, ""));
    let line = |line: &&str| line.starts_with("ALLOW") || line.starts_with("DENY");
    let decisions: Vec<_> = ended.stdout.lines().filter(line).map(|line| line.split(' ').next()).collect();
    assert_eq!(decisions, ["ALLOW", "DENY", "DENY", "ALLOW", "ALLOW"].map(Some), "{}", ended.stdout);
    for reason in [
        "permitted by `readers` (policies.cedar:4:1)",
        "forbidden by `network` (policies.cedar:9:1)",
        "permitted by `share-bob` (policies.cedar:18:1)",
        "the permit `limits` (policies.cedar:14:1) could not be evaluated",
    ] {
        assert!(ended.stdout.contains(reason), "{reason}\n{}", ended.stdout);
    }
}
