//! `repl`: lines read and answered until there are no more.

use super::cannot_run;
use crate::{
    args::ReplArgs,
    repl::{Lines, Next, Repl},
    session::{Exit, Outcome, Session},
};

pub(super) fn run(args: &ReplArgs, session: &mut Session<'_>) -> Outcome {
    let mut repl = Repl::new(session, &args.setting).map_err(cannot_run)?;
    let mut lines = Lines::new(session);
    if lines.is_terminal() {
        session.people(&repl.greeting())?;
        session.io.flush()?;
    }
    loop {
        let words = if lines.is_terminal() { repl.words() } else { Vec::new() };
        let Some(line) = lines.next(session, &words)? else { break };
        if repl.answer(session, &line)? == Next::End {
            break;
        }
    }
    Ok(Exit::Success)
}
