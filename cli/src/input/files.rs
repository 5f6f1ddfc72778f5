//! Paths of the command line to files: folders are searched, wildcards expanded.
//!
//! A shell expands globs where it can; those that reach us are expanded here, so that quoted patterns and `**` work
//! everywhere alike. In folders and globs only files with certain endings count; a JSON file that is something else is
//! an error there, not skipped, because a policy that is left out unnoticed may be a forbid.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{io::Io, project::Manifest, report, session::Session};

/// What is searched for in folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Policies,
    Schema,
    Entities,
    Tests,
}

impl Wanted {
    /// What it is, as in «cannot read … from».
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::Schema => "the schema",
            Self::Entities => "the entities",
            Self::Tests => "the tests",
        }
    }

    /// The ending of files that are no JSON; those in JSON end in `.json`.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Policies => "cedar",
            Self::Schema => "cedarschema",
            Self::Entities | Self::Tests => "yaml",
        }
    }

    fn is_name(self, name: &str) -> bool {
        let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let is_json = extension == "json";
        match self {
            Self::Policies | Self::Schema => is_json || extension == self.extension(),
            Self::Entities => is_json || ["yaml", "yml"].contains(&extension),
            // Entities for tests lie among them.
            Self::Tests => ["yaml", "yml"].contains(&extension) || (is_json && name.contains("test")),
        }
    }
}

/// A file of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Where it lies, for reports and ids: relative to the current folder if it lies in it; `-` for standard input.
    pub(crate) name: String,
    /// What stands before `#` in the ids of its policies: its name, or its path in the project.
    pub(crate) id: String,
}

/// Files, in the order of reading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Files {
    pub(crate) files: Vec<File>,
    /// Whether the command line names exactly one file, so that policies need no path in their ids.
    pub(crate) single: bool,
}

/// The files that the arguments of `--policies` stand for; standard input if there are none.
pub(crate) fn policy_files(session: &mut Session<'_>, arguments: &[String]) -> Files {
    if let Some(paths) = of_project(session, arguments, |manifest| &manifest.policies) {
        let found = expanded(session, &paths, Wanted::Policies);
        return below_root(session, found);
    }
    let nothing = ["-".to_owned()];
    expanded(session, if arguments.is_empty() { &nothing } else { arguments }, Wanted::Policies)
}

/// The files that the arguments of `--schema` stand for.
pub(crate) fn schema_files(session: &mut Session<'_>, arguments: &[String]) -> Vec<File> {
    let paths = of_project(session, arguments, |manifest| &manifest.schema);
    expanded(session, paths.as_deref().unwrap_or(arguments), Wanted::Schema).files
}

/// The files that the arguments of `--entities` stand for, or those of the project.
pub(crate) fn entity_files(session: &mut Session<'_>, arguments: &[String]) -> Vec<File> {
    let paths = of_project(session, arguments, |manifest| &manifest.entities);
    expanded(session, paths.as_deref().unwrap_or(arguments), Wanted::Entities).files
}

/// The files of tests that the arguments stand for, or those of the project.
pub(crate) fn test_files(session: &mut Session<'_>, arguments: &[String]) -> Vec<File> {
    let paths = of_project(session, arguments, |manifest| &manifest.tests);
    let found = expanded(session, paths.as_deref().unwrap_or(arguments), Wanted::Tests);
    below_root(session, found).files
}

/// The paths of the project, where no arguments are given.
fn of_project(
    session: &Session<'_>,
    arguments: &[String],
    paths: fn(&Manifest) -> &Vec<String>,
) -> Option<Vec<String>> {
    let project = session.project.as_ref().filter(|_| arguments.is_empty())?;
    Some(project.paths(paths(&project.manifest)))
}

/// The files with ids that do not depend on the current folder.
fn below_root(session: &Session<'_>, mut found: Files) -> Files {
    let root = session.project.as_ref().map(|project| project.root.as_str()).unwrap_or_default();
    let shown = display_name(&session.io, root);
    for file in &mut found.files {
        let path = file.id.strip_prefix(root).or_else(|| file.id.strip_prefix(&shown));
        if let Some(path) = path.map(str::to_owned) {
            path.trim_start_matches('/').clone_into(&mut file.id);
        }
    }
    found.single = false;
    found
}

fn expanded(session: &mut Session<'_>, arguments: &[String], wanted: Wanted) -> Files {
    let mut found = Files::default();
    let mut seen = HashSet::new();
    let mut named = 0;
    for argument in arguments {
        let paths = match expand(&session.io, argument, wanted) {
            Ok(Expanded::File) => {
                named += 1;
                vec![argument.clone()]
            }
            Ok(Expanded::Several(paths)) => paths,
            Err(problem) => {
                session.report(problem);
                continue;
            }
        };
        for name in paths {
            if seen.insert(identity(&session.io, &name)) {
                let name = display_name(&session.io, &name);
                found.files.push(File { id: super::shown(&name).to_owned(), name });
            }
        }
    }
    found.single = named == arguments.len() && found.files.len() == 1;
    found
}

/// What one argument stands for.
enum Expanded {
    /// The file itself; whether it can be read is seen when it is read.
    File,
    /// Files of a folder or glob, sorted.
    Several(Vec<String>),
}

fn expand(io: &Io<'_>, argument: &str, wanted: Wanted) -> Result<Expanded, crate::problem::PlainProblem> {
    let path = io.path(argument);
    if argument != "-" && path.is_dir() {
        let paths = files_below(io, argument, wanted)?;
        return if paths.is_empty() {
            Err(report::nothing_in_folder(argument, wanted))
        } else {
            Ok(Expanded::Several(paths))
        };
    }
    if argument == "-" || path.exists() || !argument.contains(['*', '?', '[']) {
        return Ok(Expanded::File);
    }
    let paths = files_matching(io, argument, wanted)?;
    if paths.is_empty() { Err(report::nothing_matches(argument, wanted)) } else { Ok(Expanded::Several(paths)) }
}

/// All files in a folder and the folders in it, sorted.
fn files_below(io: &Io<'_>, folder: &str, wanted: Wanted) -> Result<Vec<String>, crate::problem::PlainProblem> {
    let mut files = Vec::new();
    let mut open = vec![folder.trim_end_matches('/').to_owned()];
    // Links may lead in circles.
    let mut visited = HashSet::new();
    while let Some(folder) = open.pop() {
        if !visited.insert(identity(io, &folder)) {
            continue;
        }
        let entries = sorted_entries(&io.path(&folder))
            .map_err(|error| report::cannot_read(&folder, wanted.name(), &error, None))?;
        for name in entries {
            let path = format!("{folder}/{name}");
            if io.path(&path).is_dir() {
                open.push(path);
            } else if wanted.is_name(&name) {
                files.push(path);
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// The names in a folder, hidden ones excepted.
fn sorted_entries(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// The files that a pattern matches; folders count with all that is in them.
fn files_matching(io: &Io<'_>, pattern: &str, wanted: Wanted) -> Result<Vec<String>, crate::problem::PlainProblem> {
    let absolute = if Path::new(pattern).is_absolute() || io.folder().as_os_str().is_empty() {
        pattern.to_owned()
    } else {
        format!("{}/{pattern}", glob::Pattern::escape(&io.folder().to_string_lossy()))
    };
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let paths = glob::glob_with(&absolute, options).map_err(|error| report::invalid_glob(pattern, &error))?;
    let mut files = Vec::new();
    for path in paths {
        let path = path.map_err(|error| {
            report::cannot_read(&error.path().display().to_string(), wanted.name(), error.error(), None)
        })?;
        let name = display_name(io, &path.to_string_lossy());
        if path.is_dir() {
            files.extend(files_below(io, &name, wanted)?);
        } else if wanted.is_name(&name) {
            files.push(name);
        }
    }
    files.sort_unstable();
    files.dedup();
    Ok(files)
}

/// What is the same for two paths to one file.
fn identity(io: &Io<'_>, path: &str) -> PathBuf {
    let full = io.path(path);
    full.canonicalize().unwrap_or(full)
}

/// The path as people name it: relative to the current folder if the file lies in it, with `/` between folders.
fn display_name(io: &Io<'_>, path: &str) -> String {
    let current =
        if io.folder().as_os_str().is_empty() { std::env::current_dir().ok() } else { Some(io.folder().into()) };
    let relative = current.as_deref().and_then(|current| Path::new(path).strip_prefix(current).ok());
    let name = relative.map_or_else(|| path.to_owned(), |relative| relative.to_string_lossy().into_owned());
    let name = if std::path::MAIN_SEPARATOR == '/' { name } else { name.replace(std::path::MAIN_SEPARATOR, "/") };
    name.strip_prefix("./").map_or(name.clone(), str::to_owned)
}

/// A file in the same folder whose name is similar.
pub(crate) fn similar_file(io: &Io<'_>, path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let entries = sorted_entries(&io.path(if folder.is_empty() { "." } else { folder })).ok()?;
    let distance = |entry: &String| strsim::damerau_levenshtein(entry, name);
    let nearest = entries.into_iter().min_by_key(distance)?;
    let close = distance(&nearest) <= 3.max(name.chars().count() / 4);
    let join = || if folder.is_empty() { nearest.clone() } else { format!("{folder}/{nearest}") };
    close.then(join)
}
