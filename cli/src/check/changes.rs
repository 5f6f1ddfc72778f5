//! Which files have changed since a revision of git.
//!
//! Git is asked, as a process; its files and formats are its own.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{problem::PlainProblem, report, session::Session};

/// The files that differ from a revision, untracked ones included, as absolute paths.
pub(crate) fn since(session: &Session<'_>, revision: &str) -> Result<HashSet<PathBuf>, PlainProblem> {
    let folder = session.io.path(".");
    if revision.starts_with('-') || revision.is_empty() {
        return Err(report::no_changes_known(revision, "this is no name of a revision"));
    }
    let git =
        |arguments: &[&str]| git(&folder, arguments).map_err(|reason| report::no_changes_known(revision, &reason));
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let top = PathBuf::from(top.trim_end());
    let commit = git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])
        .map_err(|_| report::no_changes_known(revision, "there is no such commit, branch or tag"))?;
    let changed = git(&["diff", "--name-only", "-z", commit.trim_end(), "--"])?;
    // Names of untracked files are relative to the folder, unless they are asked for from the top.
    let top_argument = top.to_string_lossy().into_owned();
    let untracked = git(&["-C", &top_argument, "ls-files", "--others", "--exclude-standard", "-z"])?;
    let names = changed.split('\0').chain(untracked.split('\0')).filter(|name| !name.is_empty());
    let absolute = |name: &str| top.join(name).canonicalize().unwrap_or_else(|_| top.join(name));
    Ok(names.map(absolute).collect())
}

/// What git prints, or why it does not.
fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git").args(arguments).current_dir(folder).output();
    let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(text.lines().next().unwrap_or("git says nothing").trim_start_matches("fatal: ").to_owned())
}
