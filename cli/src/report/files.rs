//! Problems around files.

use std::io::{Error, ErrorKind};

use deodar_grammar::{Code, codes};

use crate::{args::TextFormat, input::Wanted, problem::PlainProblem};

codes! {
    /// A file or standard input that cannot be read.
    pub(crate) CANNOT_READ = Error "cannot-read", "an input cannot be read";
    /// A file or folder that cannot be written.
    pub(crate) CANNOT_WRITE = Error "cannot-write", "a file or folder cannot be written";
    /// Standard input is read once.
    pub(crate) STDIN_USED_TWICE = Error "stdin-used-twice", "two inputs are both to come from standard input";
    /// A folder where policies were expected.
    pub(crate) NO_POLICY_FILES = Error "no-policy-files", "a folder or glob has no policy files";
    /// A folder where a schema was expected.
    pub(crate) NO_SCHEMA_FILES = Error "no-schema-files", "a folder or glob has no schema files";
    /// A folder where entities were expected.
    pub(crate) NO_ENTITY_FILES = Error "no-entity-files", "a folder or glob has no files of entities";
    /// A folder where tests were expected.
    pub(crate) NO_TEST_FILES = Error "no-test-files", "a folder or glob has no files of tests";
    /// Not a glob.
    pub(crate) INVALID_GLOB = Error "invalid-glob", "a path with wildcards is not a valid pattern";
    /// JSON where the Cedar syntax was expected, or the reverse.
    pub(crate) OTHER_FORMAT = Error "other-format", "a file is not in the format that it is read in";
    /// The formatter would change the policies.
    pub(crate) CANNOT_FORMAT = Error "cannot-format", "the formatter has a defect";
    /// A folder where a file was expected.
    pub(crate) IS_A_FOLDER = Error "is-a-folder", "a folder was given where a file is expected";
}

/// `near` is a file in the same folder whose name is similar.
pub(crate) fn cannot_read(path: &str, what: &str, error: &Error, near: Option<&str>) -> PlainProblem {
    let problem = PlainProblem::new(CANNOT_READ, format!("cannot read {what} from `{path}`: {}", reason(error)));
    if path.starts_with(['{', '[']) && error.kind() == ErrorKind::NotFound {
        return problem.with_help("this is JSON itself; write it to a file and name that, or `-` for standard input");
    }
    let advice = [
        (ErrorKind::NotFound, "check the path; relative paths start from the current folder"),
        (ErrorKind::PermissionDenied, "give the current user the right to read it"),
        (ErrorKind::InvalidData, "save the file as UTF-8"),
    ];
    if let Some(near) = near.filter(|_| error.kind() == ErrorKind::NotFound) {
        return problem.with_help(format!("did you mean `{near}`?"));
    }
    match advice.into_iter().find(|(kind, _)| *kind == error.kind()) {
        Some((_, advice)) => problem.with_help(advice),
        None => problem,
    }
}

pub(crate) fn other_format(path: &str, read_as: TextFormat) -> PlainProblem {
    let (read_as, is) = match read_as {
        TextFormat::Cedar => ("the Cedar syntax", "JSON"),
        TextFormat::Json => ("JSON", "the Cedar syntax"),
    };
    PlainProblem::new(OTHER_FORMAT, format!("`{path}` is read as {read_as}, and looks like {is}"))
        .with_help("a format is chosen by `--policy-format`, `--schema-format` or `--direction`, else by whether the name ends in `.json`; `format` takes the Cedar syntax only")
}

pub(crate) fn cannot_write(path: &str, error: &Error) -> PlainProblem {
    let problem = PlainProblem::new(CANNOT_WRITE, format!("cannot write `{path}`: {}", reason(error)));
    if error.kind() == ErrorKind::AlreadyExists {
        return problem.with_help("choose a name that is not taken, or remove what is there");
    }
    if error.kind() == ErrorKind::NotFound {
        return problem.with_help("the folder that it would stand in does not exist; make that first");
    }
    problem
}

pub(crate) fn stdin_used_twice(first: &str, second: &str) -> PlainProblem {
    let message = format!("standard input cannot be both {first} and {second}");
    PlainProblem::new(STDIN_USED_TWICE, message).with_help("put one of the two into a file")
}

pub(crate) fn nothing_in_folder(path: &str, wanted: Wanted) -> PlainProblem {
    let message = format!("the folder `{path}` has no files ending in `.{}` or `.json`", wanted.extension());
    PlainProblem::new(no_files(wanted), message).with_help("name the files if their names end differently")
}

pub(crate) fn nothing_matches(pattern: &str, wanted: Wanted) -> PlainProblem {
    let message = format!("no file ending in `.{}` or `.json` matches `{pattern}`", wanted.extension());
    PlainProblem::new(no_files(wanted), message)
        .with_help("`*` stands for any part of a name, `**` for any number of folders")
}

fn no_files(wanted: Wanted) -> Code {
    match wanted {
        Wanted::Policies => NO_POLICY_FILES,
        Wanted::Schema => NO_SCHEMA_FILES,
        Wanted::Entities => NO_ENTITY_FILES,
        Wanted::Tests => NO_TEST_FILES,
    }
}

pub(crate) fn invalid_glob(pattern: &str, error: &glob::PatternError) -> PlainProblem {
    PlainProblem::new(INVALID_GLOB, format!("`{pattern}` is not a pattern: {}", error.msg))
        .with_help("wildcards are `*`, `**`, `?` and `[…]`")
}

pub(crate) fn is_a_folder(path: &str, what: &str) -> PlainProblem {
    PlainProblem::new(IS_A_FOLDER, format!("cannot read {what} from `{path}`: it is a folder"))
        .with_help("name a file in it")
}

pub(crate) fn cannot_format(path: &str) -> PlainProblem {
    PlainProblem::new(CANNOT_FORMAT, format!("the policies of `{path}` cannot be laid out without changing them"))
        .with_help("this is a defect of the formatter; please report it with the policies")
}

/// What went wrong, in words that do not depend on the operating system where that is possible.
fn reason(error: &Error) -> String {
    let words = [
        (ErrorKind::NotFound, "there is no such file or folder"),
        (ErrorKind::PermissionDenied, "permission denied"),
        (ErrorKind::AlreadyExists, "it exists already"),
        (ErrorKind::InvalidData, "it is not text in UTF-8"),
        (ErrorKind::IsADirectory, "it is a folder"),
    ];
    let known = words.into_iter().find(|(kind, _)| *kind == error.kind());
    known.map_or_else(|| error.to_string(), |(_, words)| words.to_owned())
}
