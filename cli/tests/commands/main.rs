//! Whole commands, run inside the test: arguments and standard input to exit code, standard output and standard error.
//!
//! A transcript is a snapshot of all four, so that a change of any word that a script or a person sees is a change of
//! a file that somebody reads.
#![expect(clippy::expect_used, reason = "a test ends where its premises do not hold")]

mod authorize;
mod bench;
mod bundle;
mod check;
mod ci;
mod conform;
mod cover;
mod diff;
mod doc;
mod example;
mod exit_codes;
mod explain;
mod files;
mod formats;
mod inspect;
mod licenses;
mod link;
mod mutate;
mod output;
mod process;
mod project;
mod repair;
mod repl;
mod run;
mod run_tests;
mod test;
mod translate;
mod validate;
mod why;
mod why_words;
