//! What only the process itself can show: environment variables, a closed pipe.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use crate::run::Folder;

fn deodar(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deodar"));
    command
        .args(arguments)
        .current_dir(folder.path())
        .env_remove("CEDAR_ERROR_FORMAT")
        .env_remove("DEODAR_ERROR_FORMAT");
    command
}

fn stderr(command: &mut Command) -> String {
    String::from_utf8(command.output().expect("deodar runs").stderr).expect("text")
}

#[test]
fn variables_choose_the_form_of_reports() {
    let folder = Folder::with("variables", &[]);
    let arguments = ["check-parse", "--policies", "missing.cedar"];
    let human = stderr(&mut deodar(&folder, &arguments));
    let json = |command: &mut Command| serde_json::from_str::<serde_json::Value>(&stderr(command)).is_ok();
    assert!(human.contains('×'), "{human}");
    assert!(json(deodar(&folder, &arguments).env("CEDAR_ERROR_FORMAT", "json")));
    assert!(json(deodar(&folder, &arguments).env("DEODAR_ERROR_FORMAT", "json")));
    assert!(json(deodar(&folder, &arguments).env("CEDAR_ERROR_FORMAT", "human").env("DEODAR_ERROR_FORMAT", "json")));
    assert!(json(deodar(&folder, &[&arguments[..], &["-f", "json"]].concat()).env("CEDAR_ERROR_FORMAT", "plain")));
    let output = deodar(&folder, &arguments).env("CEDAR_ERROR_FORMAT", "xml").output().expect("deodar runs");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn output_that_is_no_terminal_has_no_colour() {
    let folder = Folder::with("colour", &[]);
    let reports = stderr(&mut deodar(&folder, &["check-parse", "--policies", "missing.cedar"]));
    assert!(!reports.contains('\u{1b}'), "{reports}");
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let folder = Folder::with("pipe", &[]);
    let mut child =
        deodar(&folder, &["license"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("deodar runs");
    drop(child.stdout.take());
    let mut reports = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut reports).expect("text");
    assert_eq!(child.wait().expect("deodar ends").code(), Some(0), "{reports}");
    assert_eq!(reports, "");
}

/// Each change is checked; nothing else ends it but whoever started it.
#[test]
fn a_watched_project_is_checked_again() {
    let folder =
        Folder::with("watch", &[("deodar.toml", ""), ("policies/p.cedar", "permit (principal, action, resource);\n")]);
    let mut child = deodar(&folder, &["check", "--watch"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("deodar runs");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || lines.next().expect("a line").expect("text");
    let first = next();
    // The change must be seen as one, also where times of files are coarse.
    folder.write("policies/q.cedar", "permit (principal");
    let second = next();
    folder.write("policies/q.cedar", "forbid (principal, action, resource);\n");
    let third = next();
    child.kill().expect("it runs until it is ended");
    child.wait().expect("it ends");
    assert!(first.starts_with("check passed") && second.starts_with("check failed"), "{first}\n{second}");
    assert!(third.starts_with("check passed"), "{third}");
}
