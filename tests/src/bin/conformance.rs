//! Runs a folder or archive of Cedar's integration tests against Deodar.
//!
//! `conformance <archive-or-folder> [--verdict-overrides FILE] [--engine deodar|reference]` prints each difference, what
//! was counted, and `N passed, N failed` on the last line. It fails if anything differs or if no case was found. The
//! cases that the reference has judged otherwise since they were written are listed in the overrides, by default
//! `verdict-overrides.txt` beside the archive.

use std::{collections::HashSet, env, error::Error, fs, path::PathBuf, process::ExitCode};

use deodar_tests::{
    conformance,
    subject::{Deodar, Reference, Subject},
};

const USAGE: &str = "usage: conformance <archive-or-folder> [--verdict-overrides FILE] [--engine deodar|reference]";

struct Arguments {
    path: PathBuf,
    /// None if the file beside the archive counts.
    overrides: Option<HashSet<String>>,
    engine: &'static dyn Subject,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Box<dyn Error>> {
    let arguments = read_arguments(env::args().skip(1))?;
    let path = arguments.path;
    let in_path = |error| format!("{}: {error}", path.display());
    let overrides = match arguments.overrides {
        Some(overrides) => overrides,
        None => conformance::find_verdict_overrides(&path).map_err(in_path)?,
    };
    let report = conformance::run(&path, &overrides, arguments.engine).map_err(in_path)?;
    println!("{report}");
    Ok(report.is_success())
}

fn read_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Arguments, Box<dyn Error>> {
    let (mut path, mut overrides) = (None, None);
    let mut engine: &'static dyn Subject = &Deodar;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--verdict-overrides" => {
                let file = arguments.next().ok_or(USAGE)?;
                let text = fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
                overrides = Some(conformance::read_verdict_overrides(&text));
            }
            "--engine" => {
                engine = match arguments.next().as_deref() {
                    Some("deodar") => &Deodar,
                    Some("reference") => &Reference,
                    _ => return Err(USAGE.into()),
                };
            }
            _ if argument.starts_with('-') || path.is_some() => return Err(USAGE.into()),
            _ => path = Some(PathBuf::from(argument)),
        }
    }
    Ok(Arguments { path: path.ok_or(USAGE)?, overrides, engine })
}
