//! What the repository offers to pipelines: the files parse, and every command line in them is one.

use std::fs;

use saphyr_parser::Parser;

use crate::run::{Folder, repository, run_in};

const FILES: [&str; 3] = [".github/actions/deodar/action.yml", "docs/ci/gitlab.yml", ".pre-commit-hooks.yaml"];

/// Values that stand for variables of the pipelines.
const VARIABLES: [(&str, &str); 2] = [("$FAIL_ON", "widening"), ("$SARIF", "deodar.sarif")];

fn text(file: &str) -> String {
    fs::read_to_string(repository().join(file)).expect("a file of the repository")
}

#[test]
fn files_for_pipelines_are_yaml() {
    for file in FILES {
        let text = text(file);
        let mut parser = Parser::new_from_str(&text);
        let mut events = 0;
        while let Some(event) = parser.next_event() {
            assert!(event.is_ok(), "{file}: {event:?}");
            events += 1;
        }
        assert!(events > 10, "{file}: {events}");
    }
}

/// The arguments of every `deodar …` in a text, up to what only a shell reads.
fn command_lines(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or(line);
        for part in line.split(['|', ';', '&', '>', '`']) {
            let Some((before, rest)) = part.split_once("deodar ") else { continue };
            let starts = before.trim_end();
            let is_command = ["", "-", "then", "run:", "entry:", "- run:", "$"].contains(&starts.trim_start());
            if is_command {
                let words = rest.split_whitespace().map(|word| {
                    let word = word.trim_matches(['"', '\'']);
                    let value = VARIABLES.iter().find(|(name, _)| *name == word);
                    value.map_or(word, |(_, value)| value).to_owned()
                });
                found.push(words.collect());
            }
        }
    }
    found
}

/// With `--help` at the end nothing is run, and every flag and value before it is looked at.
#[test]
fn command_lines_for_pipelines_are_understood() {
    let folder = Folder::with("ci", &[("deodar.toml", "")]);
    for file in FILES {
        let lines = command_lines(&text(file));
        assert!(lines.len() >= 2, "{file}: {lines:?}");
        for line in lines {
            // pre-commit adds the names of files.
            let names = line.last().is_some_and(|last| last == "--policies").then_some("p.cedar");
            let arguments: Vec<&str> = line.iter().map(String::as_str).chain(names).chain(["--help"]).collect();
            let ended = run_in(folder.path(), &arguments, "");
            assert_eq!(ended.code, 0, "{file}: deodar {}\n{}", line.join(" "), ended.stderr);
        }
    }
}

#[test]
fn a_flag_that_does_not_exist_is_found() {
    let lines = command_lines(
        "      - deodar check --formt junit > x.xml || true\n  run: deodar diff \"$BASE\" --fail-on never\n",
    );
    assert_eq!(lines.len(), 2);
    let folder = Folder::with("ci-wrong", &[("deodar.toml", "")]);
    for line in lines {
        let arguments: Vec<&str> = line.iter().map(String::as_str).chain(["--help"]).collect();
        assert_eq!(run_in(folder.path(), &arguments, "").code, 2, "{line:?}");
    }
}
