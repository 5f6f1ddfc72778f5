//! Where the files are that the tests read: in the repository, and beside it.
//!
//! The corpora are not part of the repository. A test that finds them absent says so and passes, unless
//! `DEODAR_REQUIRE_SHARED=1` says that this machine has them.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the package is a folder of the repository").to_path_buf()
}

/// A file or folder of `../shared`, if it is there.
///
/// # Panics
/// If it is not there but required.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = repository().parent().map(|parent| parent.join("shared"))?;
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    let required = std::env::var("DEODAR_REQUIRE_SHARED").is_ok_and(|value| value == "1");
    assert!(!required, "DEODAR_REQUIRE_SHARED=1, but there is no {}", found.display());
    println!("skipped: there is no {}", found.display());
    None
}
