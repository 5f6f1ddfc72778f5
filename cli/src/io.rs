//! What a run touches: three streams, a folder, a terminal.
//!
//! Tests hand in buffers and a folder of their own, so whole commands run inside a test.
//!
//! Invariant: a closed pipe is not an error. When the reader of standard output has gone, the rest is dropped and the
//! command ends with the exit code it would have had.

use std::{
    env, fmt,
    io::{self, ErrorKind, IsTerminal, Read, Write},
    path::{Path, PathBuf},
};

use terminal_size::{Height, Width};

/// The width of reports and help where there is no terminal.
const DEFAULT_WIDTH: usize = 80;

/// The streams of a run, the folder that relative paths start from, and what the terminal can do.
pub struct Io<'s> {
    stdin: &'s mut dyn Read,
    stdout: Output<'s>,
    stderr: Output<'s>,
    folder: PathBuf,
    width: usize,
    /// Whether what commands write to standard output is dropped: the result comes in another format.
    held: bool,
    /// Whether a person types and reads.
    interactive: bool,
    /// Whether a person sees standard error.
    watched: bool,
}

/// One stream to write to.
struct Output<'s> {
    stream: &'s mut dyn Write,
    colour: bool,
    closed: bool,
}

impl fmt::Debug for Io<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io").field("folder", &self.folder).field("width", &self.width).finish_non_exhaustive()
    }
}

impl<'s> Io<'s> {
    /// The streams of the process, with colour where they are terminals and `NO_COLOR` is not set.
    pub fn of_process(stdin: &'s mut io::Stdin, stdout: &'s mut io::Stdout, stderr: &'s mut io::Stderr) -> Self {
        let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env::var_os("TERM").is_some_and(|term| term == "dumb");
        let (interactive, watched) = (stdin.is_terminal() && stdout.is_terminal(), stderr.is_terminal());
        let (stdout_colour, stderr_colour) = (stdout.is_terminal(), stderr.is_terminal());
        let size = terminal_size::terminal_size_of(&*stderr);
        let width = size.map_or(DEFAULT_WIDTH, |(Width(width), Height(_))| usize::from(width).clamp(40, 120));
        Self {
            stdin,
            stdout: Output { stream: stdout, colour: stdout_colour && !no_colour, closed: false },
            stderr: Output { stream: stderr, colour: stderr_colour && !no_colour, closed: false },
            folder: PathBuf::new(),
            width,
            held: false,
            interactive,
            watched,
        }
    }

    /// Given streams without colour, 80 characters wide, with relative paths starting from the folder.
    pub fn of_streams(
        stdin: &'s mut dyn Read,
        stdout: &'s mut dyn Write,
        stderr: &'s mut dyn Write,
        folder: impl Into<PathBuf>,
    ) -> Self {
        let output = |stream| Output { stream, colour: false, closed: false };
        Self {
            stdin,
            stdout: output(stdout),
            stderr: output(stderr),
            folder: folder.into(),
            width: DEFAULT_WIDTH,
            held: false,
            interactive: false,
            watched: false,
        }
    }

    /// Other than 80 characters in a line.
    #[must_use]
    pub fn with_width(self, width: usize) -> Self {
        Self { width, ..self }
    }

    /// Characters in a line.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Whether standard error shows colours.
    pub(crate) fn stderr_colour(&self) -> bool {
        self.stderr.colour
    }

    /// What clap is told about colour; its output is rendered here, so detection is of no use.
    pub(crate) fn clap_colour(&self) -> clap::ColorChoice {
        if self.stderr.colour { clap::ColorChoice::Always } else { clap::ColorChoice::Never }
    }

    /// Where a path of the command line leads.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.join(path)
    }

    /// The folder that relative paths start from; empty for that of the process.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// All of standard input.
    pub(crate) fn read_stdin(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.stdin.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether a person types and reads.
    pub(crate) fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Whether progress is shown: on a terminal only, and on that of the process.
    pub(crate) fn shows_progress(&self) -> bool {
        self.watched
    }

    /// The next line of standard input; nothing at its end. Bytes that are no text become replacement characters.
    pub(crate) fn read_line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let mut byte = [0];
        // The stream is buffered where that matters, and what is behind the line must stay in it.
        while self.stdin.read(&mut byte)? == 1 {
            line.extend(byte);
            if byte == [b'\n'] {
                break;
            }
        }
        Ok((!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned()))
    }

    /// Colour as the command line says, if it says anything.
    pub(crate) fn set_colour(&mut self, colour: bool) {
        self.stdout.colour = colour;
        self.stderr.colour = colour;
    }

    /// Drops what commands write to standard output from now on.
    pub(crate) fn hold(&mut self) {
        self.held = true;
    }

    /// Writes to standard output, although commands may not.
    pub(crate) fn result(&mut self, text: &str) -> io::Result<()> {
        self.stdout.write(text)
    }

    /// Writes to standard output.
    pub(crate) fn stdout(&mut self, text: &str) -> io::Result<()> {
        if self.held { Ok(()) } else { self.stdout.write(text) }
    }

    /// Writes to standard error.
    pub(crate) fn stderr(&mut self, text: &str) -> io::Result<()> {
        self.stderr.write(text)
    }

    /// The text in a colour, if standard output shows colours.
    pub(crate) fn paint(&self, colour: Colour, text: &str) -> String {
        if self.stdout.colour { format!("\u{1b}[{}m{text}\u{1b}[39m", colour.code()) } else { text.to_owned() }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()?;
        self.stderr.flush()
    }
}

/// The colours that results use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Red,
    Green,
}

impl Colour {
    /// The SGR parameter.
    const fn code(self) -> u8 {
        match self {
            Self::Red => 31,
            Self::Green => 32,
        }
    }
}

impl Output<'_> {
    fn write(&mut self, text: &str) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let written = self.stream.write_all(text.as_bytes());
        self.unless_closed(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let flushed = self.stream.flush();
        self.unless_closed(flushed)
    }

    fn unless_closed(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other,
        }
    }
}
