//! `format`, and the options that all commands share.

use crate::run::{Folder, Line, check_transcript, lines, run, run_in};

const LONG: &str = "// who\npermit(principal,action,resource)when{principal.department==\"engineering\"&&resource.classification==\"internal\"};\n";

#[test]
fn policies_in_one_layout() {
    let folder = Folder::with(
        "format",
        &[("a.cedar", LONG), ("b.cedar", "permit (principal, action, resource);\n"), ("broken.cedar", "permit (")],
    );
    let commands: [&[&str]; 8] = [
        &["format", "--policies", "broken.cedar", "a.cedar", "--write"],
        &["format", "--policies", "a.cedar"],
        &["format", "--policies", "a.cedar", "--line-width", "40", "--indent-width", "4"],
        &["format", "--policies", "a.cedar", "--check"],
        &["format", "--policies", "a.cedar", "b.cedar", "--check"],
        &["format", "--policies", "a.cedar", "b.cedar", "--write"],
        &["format", "--policies", "a.cedar", "b.cedar", "--check"],
        &["format", "--policies", "b.cedar", "--format", "json"],
    ];
    let mut lines = lines(&commands);
    lines.push(Line { arguments: &["format"], stdin: LONG });
    check_transcript("policies_in_one_layout", folder.path(), &lines);
}

#[test]
fn a_file_with_an_error_keeps_all_files_as_they_are() {
    let folder = Folder::with("format-all-or-nothing", &[("a.cedar", LONG), ("broken.cedar", "permit (")]);
    let ended = run_in(folder.path(), &["format", "--write", "--policies", "a.cedar", "broken.cedar"], "");
    assert_eq!(ended.code, 1);
    assert_eq!(folder.read("a.cedar"), LONG);
}

#[test]
fn help_fits_into_eighty_columns() {
    let commands = [
        "authorize",
        "evaluate",
        "validate",
        "check-parse",
        "link",
        "format",
        "translate-policy",
        "translate-schema",
        "visualize",
        "new",
        "cover",
        "mutate",
        "why",
        "diff",
        "bench",
        "doc",
        "repl",
        "partially-authorize",
        "tpe",
        "run-tests",
        "symcc",
        "disassemble",
        "language-version",
        "license",
    ];
    let all = run(&["--help"]);
    for command in commands {
        assert!(all.stdout.contains(&format!("  {command} ")), "{command} is not in the help");
        let help = run(&[command, "--help"]);
        let long = help.stdout.lines().find(|line| line.chars().count() > 80);
        assert_eq!(long, None, "{command}");
    }
}

#[test]
fn command_lines_that_are_not_understood() {
    let folder = Folder::with("usage", &[]);
    let commands: [&[&str]; 8] = [
        &[],
        &["authorise"],
        &["authorize"],
        &["authorize", "--polices", "p.cedar"],
        &["authorize", "--entities", "e.json", "--request-json", "r.json", "--principal", "x"],
        &["authorize", "--entities", "e.json", "--request-validation", "yes"],
        &["translate-policy", "--direction", "cedar"],
        &["check-parse", "--error-format", "xml"],
    ];
    check_transcript("command_lines_that_are_not_understood", folder.path(), &lines(&commands));
}

#[test]
fn help_of_the_command() {
    let folder = Folder::with("help", &[]);
    check_transcript("help_of_the_command", folder.path(), &lines(&[&["--help"], &["authorize", "--help"]]));
}
