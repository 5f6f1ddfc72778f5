//! What is compared: a folder or file that is there, or the files of a revision of git, written to a folder of their own
//! for as long as the comparison takes.
//!
//! Git is asked, as a process, and the repository stays as it is.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{problem::PlainProblem, project, report, session::Session};

/// One side of a comparison.
#[derive(Debug)]
pub(crate) struct Operand {
    /// As it is called.
    pub(crate) name: String,
    /// The folder that its paths start from.
    pub(crate) folder: PathBuf,
    /// The file in the folder, if it is one file; else everything in the folder.
    pub(crate) file: Option<String>,
    /// A folder that is removed in the end.
    _extracted: Option<Extracted>,
}

/// Names of files that a project consists of.
const ENDINGS: [&str; 8] =
    [".cedar", ".cedarschema", ".json", ".yaml", ".yml", ".toml", ".dbundle", ".cedarschema.json"];

impl Operand {
    /// What an argument stands for: a path if there is something, else a revision of git.
    pub(crate) fn read(session: &Session<'_>, argument: &str) -> Result<Self, PlainProblem> {
        let path = session.io.path(argument);
        if path.exists() {
            return Ok(Self::of_path(argument, &path));
        }
        Self::of_revision(session, argument)
    }

    /// The project of the current folder, or what lies in the folder.
    pub(crate) fn of_working_tree(session: &Session<'_>) -> Self {
        let folder = project_folder(session);
        Self { name: "the working tree".to_owned(), folder, file: None, _extracted: None }
    }

    fn of_path(argument: &str, path: &Path) -> Self {
        let parts = path.parent().zip(path.file_name()).filter(|_| path.is_file());
        let (folder, file) = match parts {
            None => (path.to_owned(), None),
            Some((folder, name)) if name == project::MANIFEST => (folder.to_owned(), None),
            Some((folder, name)) => (folder.to_owned(), Some(name.to_string_lossy().into_owned())),
        };
        Self { name: argument.to_owned(), folder, file, _extracted: None }
    }

    fn of_revision(session: &Session<'_>, argument: &str) -> Result<Self, PlainProblem> {
        let fail = |reason: &str| report::no_version(argument, reason);
        let (revision, path) = match argument.split_once(':') {
            Some((revision, path)) => (revision, Some(path.trim_end_matches('/'))),
            None => (argument, None),
        };
        if revision.is_empty() || revision.starts_with('-') {
            return Err(fail("there is no such path, and this is no name of a revision"));
        }
        let folder = project_folder(session);
        let git = |arguments: &[&str]| git(&folder, arguments, None);
        let commit = git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])
            .map_err(|_| fail("there is no such path, and git knows no such commit, branch or tag here"))?;
        let commit = text(&commit).trim().to_owned();
        let prefix = match path {
            Some(path) => path.to_owned(),
            None => text(&git(&["rev-parse", "--show-prefix"]).map_err(|reason| fail(&reason))?).trim_end().to_owned(),
        };
        let prefix = prefix.trim_end_matches('/');
        let blobs = blobs(&folder, &commit, prefix).map_err(|reason| fail(&reason))?;
        if blobs.is_empty() {
            return Err(fail(&format!("the revision has no files of policies in `{prefix}`")));
        }
        let extracted = Extracted::new().map_err(|error| fail(&error.to_string()))?;
        let file = write_blobs(&folder, &extracted.0, prefix, &blobs).map_err(|reason| fail(&reason))?;
        Ok(Self { name: argument.to_owned(), folder: extracted.0.clone(), file, _extracted: Some(extracted) })
    }
}

fn project_folder(session: &Session<'_>) -> PathBuf {
    let root = session.root();
    session.io.path(if root.is_empty() { "." } else { root })
}

/// A file of a revision: its name in git, and its path from the top.
type Blob = (String, String);

/// The files below a path that may belong to a project. Links and the like are none.
fn blobs(folder: &Path, commit: &str, prefix: &str) -> Result<Vec<Blob>, String> {
    let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", commit];
    if !prefix.is_empty() {
        arguments.extend(["--", prefix]);
    }
    let listing = git(folder, &arguments, None)?;
    let listing = text(&listing);
    let blob = |entry: &str| {
        let (about, path) = entry.split_once('\t')?;
        let mut words = about.split(' ');
        let (mode, kind, name) = (words.next()?, words.next()?, words.next()?);
        let wanted = kind == "blob" && mode.starts_with("100") && ENDINGS.iter().any(|ending| path.ends_with(ending));
        wanted.then(|| (name.to_owned(), path.to_owned()))
    };
    Ok(listing.split('\0').filter_map(blob).collect())
}

/// Writes the files below the prefix to a folder. If the prefix is a file itself, its name there.
fn write_blobs(folder: &Path, to: &Path, prefix: &str, blobs: &[Blob]) -> Result<Option<String>, String> {
    let names: String = blobs.iter().flat_map(|(name, _)| [name, "\n"]).collect();
    let output = git(folder, &["cat-file", "--batch"], Some(names))?;
    let mut rest = output.as_slice();
    let mut single = None;
    for (_, path) in blobs {
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or("git ends too early")?;
        let head = text(rest.get(..end).unwrap_or_default());
        let size: usize = head.rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or("git says no size")?;
        let start = end + 1;
        let bytes = rest.get(start..start + size).ok_or("git ends too early")?;
        let below = path.strip_prefix(prefix).unwrap_or(path).trim_start_matches('/');
        let below = if below.is_empty() {
            let name = path.rsplit('/').next().unwrap_or(path);
            single = Some(name.to_owned());
            name
        } else {
            below
        };
        let target = to.join(below);
        let made = target.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&target, bytes)).map_err(|error| error.to_string())?;
        rest = rest.get(start + size + 1..).unwrap_or_default();
    }
    Ok(single)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What git prints, or why it does not.
fn git(folder: &Path, arguments: &[&str], stdin: Option<String>) -> Result<Vec<u8>, String> {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command.spawn().map_err(|error| format!("git cannot be run: {error}"))?;
    let input = child.stdin.take().zip(stdin);
    // Git writes while it reads; neither must wait for the other.
    let (mut output, mut errors) = (Vec::new(), String::new());
    std::thread::scope(|scope| {
        if let Some((mut stream, names)) = input {
            scope.spawn(move || stream.write_all(names.as_bytes()));
        }
        child.stdout.take().map_or(Ok(0), |mut stream| stream.read_to_end(&mut output))
    })
    .map_err(|error| error.to_string())?;
    if let Some(mut stream) = child.stderr.take() {
        stream.read_to_string(&mut errors).map_err(|error| error.to_string())?;
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() {
        return Ok(output);
    }
    Err(errors.lines().next().unwrap_or("git says nothing").trim_start_matches("fatal: ").to_owned())
}

/// A folder of our own, removed when it is dropped.
#[derive(Debug)]
struct Extracted(PathBuf);

impl Extracted {
    fn new() -> io::Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("deodar-diff-{}-{number}", std::process::id()));
        // It must be new: somebody else's folder is not ours to fill.
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Extracted {
    fn drop(&mut self) {
        // What cannot be removed is in a folder that the system cleans.
        let _ = fs::remove_dir_all(&self.0);
    }
}
