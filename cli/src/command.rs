//! One file per command.
//!
//! A command reads its inputs through the session, stops if they have errors, and writes its result: as text in the form
//! that `cedar` gives it, or as one JSON object.

mod authorize;
mod bench;
mod check;
mod check_parse;
mod compile;
mod completions;
mod cover;
mod diff;
mod disassemble;
mod doc;
pub(crate) mod evaluate;
mod explain;
mod format;
mod language_version;
mod license;
mod link;
mod man;
mod mutate;
mod new;
mod not_yet;
mod repl;
mod run_tests;
mod stats;
mod test;
mod translate_policy;
mod translate_schema;
mod validate;
mod visualize;
mod why;

use crate::{
    args::Command,
    session::{Outcome, Session, Stop},
};

/// How a command ends whose inputs cannot be read: those that `cedar` has fail.
pub(crate) fn stop_of(command: &Command) -> Stop {
    let is_own = matches!(
        command,
        Command::Check(_)
            | Command::Test(_)
            | Command::Cover(_)
            | Command::Mutate(_)
            | Command::Why(_)
            | Command::Diff(_)
            | Command::Bench(_)
            | Command::Doc(_)
            | Command::Repl(_)
    );
    if is_own { Stop::CannotRun } else { Stop::Problems }
}

/// How a command of our own ends that cannot read its inputs.
fn cannot_run(stop: Stop) -> Stop {
    match stop {
        Stop::Problems | Stop::Invalid | Stop::CannotRun => Stop::CannotRun,
        Stop::Output(error) => Stop::Output(error),
    }
}

/// Runs the command.
pub(crate) fn run(command: &Command, session: &mut Session<'_>) -> Outcome {
    match command {
        Command::Authorize(args) => authorize::run(args, session),
        Command::Evaluate(args) => evaluate::run(args, session),
        Command::Validate(args) => validate::run(args, session),
        Command::CheckParse(args) => check_parse::run(args, session),
        Command::Link(args) => link::run(args, session),
        Command::Format(args) => format::run(args, session),
        Command::TranslatePolicy(args) => translate_policy::run(args, session),
        Command::TranslateSchema(args) => translate_schema::run(args, session),
        Command::Visualize(args) => visualize::run(args, session),
        Command::New(args) => new::run(args, session),
        Command::Check(args) => check::run(args, session),
        Command::Test(args) => test::run(args, session),
        Command::Cover(args) => cover::run(args, session),
        Command::Mutate(args) => mutate::run(args, session),
        Command::Diff(args) => diff::run(args, session),
        Command::Bench(args) => bench::run(args, session),
        Command::Doc(args) => doc::run(args, session),
        Command::Repl(args) => repl::run(args, session),
        Command::Why(args) => why::run(args, session),
        Command::Completions(args) => completions::run(args, session),
        Command::Man(args) => man::run(args, session),
        Command::RunTests(args) => run_tests::run(args, session),
        Command::Compile(args) => compile::run(args, session),
        Command::Stats(args) => stats::run(args, session),
        Command::Disassemble(args) => disassemble::run(args, session),
        Command::Explain(args) => explain::run(args, session),
        Command::LanguageVersion => language_version::run(session),
        Command::License => license::run(session),
        Command::PartiallyAuthorize(_) => not_yet::run("partially-authorize", session),
        Command::Tpe(_) => not_yet::run("tpe", session),
        Command::Symcc(_) => not_yet::run("symcc", session),
    }
}
