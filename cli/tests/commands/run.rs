//! Running commands in the repository, or in a folder of a test's own.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use deodar_cli::Io;

/// The end of a command.
pub(crate) struct Ended {
    pub(crate) code: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository").to_owned()
}

/// Runs a command in a folder.
pub(crate) fn run_in(folder: &Path, arguments: &[&str], stdin: &str) -> Ended {
    run_within(80, folder, arguments, stdin)
}

/// Runs a command in a folder with so many characters in a line.
pub(crate) fn run_within(width: usize, folder: &Path, arguments: &[&str], stdin: &str) -> Ended {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut stdin = stdin.as_bytes();
    let io = Io::of_streams(&mut stdin, &mut stdout, &mut stderr, folder).with_width(width);
    let code = deodar_cli::run(core::iter::once("deodar").chain(arguments.iter().copied()), io);
    let text = |bytes| String::from_utf8(bytes).expect("output is text");
    Ended { code, stdout: text(stdout), stderr: text(stderr) }
}

/// Runs a command at the root of the repository.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    run_in(&repository(), arguments, "")
}

/// One command line of a snapshot.
pub(crate) struct Line<'a> {
    pub(crate) arguments: &'a [&'a str],
    pub(crate) stdin: &'a str,
}

/// Command lines without standard input.
pub(crate) fn lines<'a>(commands: &'a [&'a [&'a str]]) -> Vec<Line<'a>> {
    commands.iter().map(|arguments| Line { arguments, stdin: "" }).collect()
}

/// Runs the commands one after the other in a folder and compares everything with the snapshot.
#[track_caller]
pub(crate) fn check_transcript(name: &str, folder: &Path, lines: &[Line<'_>]) {
    let mut transcript = String::new();
    for Line { arguments, stdin } in lines {
        let ended = run_in(folder, arguments, stdin);
        let quoted: Vec<_> = arguments.iter().map(|argument| quoted(argument)).collect();
        writeln!(transcript, "$ deodar {}", quoted.join(" ")).expect("a string");
        for (stream, text) in [("stdin", *stdin), ("stdout", &ended.stdout), ("stderr", &ended.stderr)] {
            if !text.is_empty() {
                let text = text.replace(&*folder.to_string_lossy(), "FOLDER");
                writeln!(transcript, "--- {stream}\n{}", text.trim_end_matches('\n')).expect("a string");
            }
        }
        writeln!(transcript, "--- exit code {}\n", ended.code).expect("a string");
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../transcripts" }, {
        insta::assert_snapshot!(name, transcript);
    });
}

/// An argument as one would write it in a shell.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,".contains(c);
    if argument.chars().all(plain) && !argument.is_empty() { argument.to_owned() } else { format!("'{argument}'") }
}

/// A folder of a test's own, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// A folder with these files.
    pub(crate) fn with(name: &str, files: &[(&str, &str)]) -> Self {
        // Tests run side by side, and several may use one name.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("deodar-cli-{}-{number}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder for the test");
        let folder = Self(path.canonicalize().expect("the folder is there"));
        for (file, text) in files {
            folder.write(file, text);
        }
        folder
    }

    pub(crate) fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().expect("a file in the folder")).expect("a folder for the file");
        fs::write(path, text).expect("a file of the test");
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).expect("a file that the command wrote")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
