//! `completions`: what a shell needs to complete command lines.

use crate::{
    args::{self, CompletionsArgs},
    session::{Exit, Outcome, Session},
};

pub(super) fn run(args: &CompletionsArgs, session: &mut Session<'_>) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(false), "deodar", &mut script);
    session.io.stdout(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}
