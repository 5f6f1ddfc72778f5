//! Where lines come from: an editor on a terminal, standard input elsewhere.
//!
//! The editor is rustyline. Its history lasts as long as the command: nothing is written to anybody's home.

use std::io;

use rustyline::{
    CompletionType, Config, Context, Editor, Helper, completion::Completer, error::ReadlineError,
    highlight::Highlighter, hint::Hinter, history::MemHistory, validate::Validator,
};

use crate::session::Session;

const PROMPT: &str = "deodar> ";

/// A source of lines.
pub(crate) enum Lines {
    /// With history and completion.
    Terminal(Box<Editor<Words, MemHistory>>),
    /// Without.
    Stream,
}

impl Lines {
    /// The editor if a person is at a terminal; a terminal that cannot be edited on is read as it is.
    pub(crate) fn new(session: &Session<'_>) -> Self {
        if !session.io.is_interactive() {
            return Self::Stream;
        }
        let config = Config::builder().completion_type(CompletionType::List).build();
        match Editor::with_history(config, MemHistory::new()) {
            Ok(editor) => Self::Terminal(Box::new(editor)),
            Err(_) => Self::Stream,
        }
    }

    /// Whether a person reads along.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal(_))
    }

    /// The next line; nothing at the end.
    pub(crate) fn next(&mut self, session: &mut Session<'_>, words: &[String]) -> io::Result<Option<String>> {
        let editor = match self {
            Self::Stream => return session.io.read_line(),
            Self::Terminal(editor) => editor,
        };
        editor.set_helper(Some(Words(words.to_vec())));
        match editor.readline(PROMPT) {
            Ok(line) => {
                // A history that does not take a line is no reason to stop.
                let _ = editor.add_history_entry(line.as_str());
                Ok(Some(line))
            }
            // Ctrl-C drops the line, as in a shell.
            Err(ReadlineError::Interrupted) => Ok(Some(String::new())),
            Err(ReadlineError::Eof) => Ok(None),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

/// The words that complete a line.
#[derive(Debug)]
pub(crate) struct Words(Vec<String>);

/// At most so many are listed.
const LISTED: usize = 50;

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..position).unwrap_or_default();
        let is_part = |c: char| c.is_alphanumeric() || "_:\"".contains(c);
        let start = before.char_indices().rev().take_while(|(_, c)| is_part(*c)).last().map_or(position, |(at, _)| at);
        let begun = before.get(start..).unwrap_or_default();
        let found = self.0.iter().filter(|word| !begun.is_empty() && word.starts_with(begun));
        Ok((start, found.take(LISTED).cloned().collect()))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}

impl Validator for Words {}

impl Helper for Words {}
