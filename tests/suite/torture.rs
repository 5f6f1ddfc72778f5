//! Hostile input on a small stack: it works, or a diagnostic states the limit.
//!
//! Everything runs on a thread with 512 KiB of stack, which is less than what a server gives its workers. An input that
//! is accepted goes through the whole pipeline: what can be read must also be written, compiled, decided and explained.

mod bytes;
mod data;
mod policies;
mod schemas;

use std::thread;

use deodar_grammar::Diagnostic;

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It went through the whole pipeline.
    Works,
    /// A message states the limit that it exceeds.
    Limit(String),
    /// It is refused for another reason.
    Refused(String),
}

impl Fate {
    /// The fate of an input that is refused with these words.
    fn of(message: &str) -> Self {
        let states = |limit: &deodar_lexicon::limits::Limit| {
            let digits: String = message.chars().filter(|c| *c != ',').collect();
            message.contains(limit.name) && digits.contains(&limit.value.to_string())
        };
        if deodar_lexicon::limits::ALL.iter().any(states) {
            Self::Limit(message.to_owned())
        } else {
            Self::Refused(message.to_owned())
        }
    }

    /// The fate of an input with errors; none without.
    fn of_diagnostics(diagnostics: &[Diagnostic]) -> Option<Self> {
        let error = diagnostics.iter().find(|diagnostic| diagnostic.is_error())?;
        Some(Self::of(&error.to_string()))
    }
}

/// Runs on a thread with a small stack.
#[track_caller]
pub fn on_small_stack<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(512 << 10).spawn_scoped(scope, run).expect("a thread");
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// What is expected of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It works.
    Works,
    /// A limit is stated.
    Limit,
    /// Either of the two.
    WorksOrLimit,
    /// It is malformed.
    Refused,
}

/// Checks what becomes of an input.
#[track_caller]
pub fn expect(name: &str, expected: Expected, fate: &Fate) {
    let as_expected = match fate {
        Fate::Works => matches!(expected, Expected::Works | Expected::WorksOrLimit),
        Fate::Limit(_) => matches!(expected, Expected::Limit | Expected::WorksOrLimit),
        Fate::Refused(_) => expected == Expected::Refused,
    };
    let fate: String = format!("{fate:?}").chars().take(500).collect();
    assert!(as_expected, "{name}: expected {expected:?}; got {fate}");
}

/// The opening `n` times, the middle, the closing `n` times.
pub fn nested(open: &str, middle: &str, close: &str, n: usize) -> String {
    format!("{}{middle}{}", open.repeat(n), close.repeat(n))
}
