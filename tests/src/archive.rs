//! The files of a folder or of a compressed archive, by their path inside it.
//!
//! Test cases name their policies, schemas and entities by paths relative to the root of what they came in. Both kinds
//! of root look the same from here, so a case does not know which one it was read from.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;

/// All files of a root, by relative path with `/` between components.
#[derive(Debug, Default)]
pub struct Archive {
    files: BTreeMap<String, Vec<u8>>,
}

impl Archive {
    /// Reads a folder, or a `.tar.gz`, `.tgz` or `.tar` file.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut archive = Self::default();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            archive.read_folder(path)?;
        } else if name.ends_with(".tar") {
            archive.read_tar(File::open(path)?)?;
        } else {
            archive.read_tar(GzDecoder::new(File::open(path)?))?;
        }
        Ok(archive)
    }

    /// The text at that path.
    ///
    /// # Errors
    /// If there is no such file, or it is not UTF-8.
    pub fn text(&self, path: &str) -> Result<&str, String> {
        let path = normalised(Path::new(path));
        let bytes = self.files.get(&path).ok_or_else(|| format!("there is no file {path}"))?;
        std::str::from_utf8(bytes).map_err(|error| format!("{path}: {error}"))
    }

    /// All paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    fn read_folder(&mut self, root: &Path) -> io::Result<()> {
        let mut folders: Vec<PathBuf> = vec![root.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let inside = path.strip_prefix(root).unwrap_or(&path);
                    self.files.insert(normalised(inside), fs::read(&path)?);
                }
            }
        }
        Ok(())
    }

    fn read_tar(&mut self, reader: impl Read) -> io::Result<()> {
        for entry in tar::Archive::new(reader).entries()? {
            let mut entry = entry?;
            if entry.header().entry_type().is_file() {
                let path = normalised(&entry.path()?);
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                self.files.insert(path, bytes);
            }
        }
        Ok(())
    }
}

/// The path without `.` components.
fn normalised(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        std::path::Component::Normal(part) => Some(part.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}
