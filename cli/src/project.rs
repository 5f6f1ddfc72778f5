//! A project: a folder with a manifest, `deodar.toml`, that says where policies, schema, entities and tests lie.
//!
//! The manifest of the current folder counts, or that of the nearest folder above it. Commands take from it what their
//! flags do not say, so that a project changes no command line that is complete without one.
//!
//! Paths in the manifest are relative to it, and so are the ids of policies without an `@id`: they do not depend on the
//! folder that a command is run in.

mod levels;
mod manifest;

use deodar_grammar::{SourceId, Span};

pub(crate) use self::{
    levels::{Level, Levels},
    manifest::Manifest,
};
use crate::{io::Io, session::Session};

/// The name of the manifest.
pub(crate) const MANIFEST: &str = "deodar.toml";

/// How far up a manifest is searched for; no folder lies deeper.
const FOLDERS: usize = 128;

/// A manifest and where it lies.
#[derive(Debug)]
pub(crate) struct Project {
    /// What leads from the current folder to that of the project: nothing, or a path that ends in `/`.
    pub(crate) root: String,
    pub(crate) manifest: Manifest,
    pub(crate) source: SourceId,
}

/// What leads to the folder of the nearest manifest; the folder of `--project` if it is given.
pub(crate) fn find(io: &Io<'_>, given: Option<&str>) -> Option<String> {
    if let Some(given) = given {
        let folder = given.strip_suffix(MANIFEST).unwrap_or(given).trim_end_matches('/');
        return Some(if folder.is_empty() { String::new() } else { format!("{folder}/") });
    }
    let current = io.path(".").canonicalize().ok()?;
    let folders = current.ancestors().take(FOLDERS);
    let (up, _) = folders.enumerate().find(|(_, folder)| folder.join(MANIFEST).is_file())?;
    Some("../".repeat(up))
}

/// Reads the manifest in a folder; what is wrong with it goes to the session.
pub(crate) fn load(session: &mut Session<'_>, root: String) -> Option<Project> {
    let (manifest, source) = manifest::read(session, &format!("{root}{MANIFEST}"))?;
    Some(Project { root, manifest, source })
}

impl Project {
    /// Where the manifest begins: the place of what is wrong with the whole project.
    pub(crate) fn start(&self) -> Span {
        Span { source: self.source, start: 0, end: 0 }
    }

    /// Where a path of the manifest leads from the current folder.
    pub(crate) fn path(&self, path: &str) -> String {
        if std::path::Path::new(path).is_absolute() { path.to_owned() } else { format!("{}{path}", self.root) }
    }

    /// Where paths of the manifest lead from the current folder.
    pub(crate) fn paths(&self, paths: &[String]) -> Vec<String> {
        paths.iter().map(|path| self.path(path)).collect()
    }
}
