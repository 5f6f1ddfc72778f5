//! `license` names every crate that the command is built from.

use std::{collections::BTreeSet, process::Command};

use crate::run::{repository, run};

/// `name: licence` of each crate in the dependency graph of the command, our own excepted.
fn dependencies() -> BTreeSet<String> {
    let arguments = [
        "tree",
        "--package",
        "deodar-cli",
        "--edges",
        "normal",
        "--target",
        "x86_64-unknown-linux-gnu",
        "--prefix",
        "none",
        "--locked",
    ];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--format", "{p}: {l}"])
        .current_dir(repository())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let line = |line: &str| {
        let (package, licence) = line.split_once(": ")?;
        let name = package.split_whitespace().next()?;
        let licence = licence.trim_end_matches(" (*)");
        (!name.starts_with("deodar-")).then(|| format!("{name}: {licence}"))
    };
    text.lines().filter_map(line).collect()
}

#[test]
fn every_dependency_is_listed_with_its_licence() {
    let printed = run(&["license"]).stdout;
    let listed: BTreeSet<String> =
        printed.lines().skip_while(|l| !l.ends_with("crates:")).skip(2).map(str::to_owned).collect();
    let expected = dependencies();
    let list: Vec<_> = expected.iter().map(String::as_str).collect();
    assert_eq!(listed, expected, "src/command/license/third-party.txt should be:\n{}", list.join("\n"));
}
