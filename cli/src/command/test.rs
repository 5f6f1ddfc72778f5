//! `test`: the tests of a project, or those that flags name.
//!
//! With failures the exit code is 1; it is 2 if the tests cannot run, as when the policies cannot be read.

use crate::{
    args::{Format, TestArgs},
    io::Colour,
    output::failure_to_text,
    report,
    session::{Exit, Outcome, Session, Stop},
    suite::{CaseOutcome, CaseResult, TestRun, filter},
    workspace::Workspace,
};

pub(super) fn run(args: &TestArgs, session: &mut Session<'_>) -> Outcome {
    let (workspace, mut suites) = Workspace::read_tested(session, &args.tested, "test").ok_or(Stop::CannotRun)?;
    if !filter(session, &mut suites, &args.names) {
        return Err(Stop::CannotRun);
    }
    let run = workspace.run_tests(session, &suites).ok_or(Stop::CannotRun)?;
    if args.fail_on_empty && run.cases.is_empty() {
        session.report(report::no_tests());
    }
    let ok = run.counts().failed == 0 && !session.has_errors();
    if session.format == Format::Text {
        session.write_reports_first()?;
        print(session, &run, args.verbose)?;
    }
    session.tests = Some(run);
    session.print_results(ok, |summary| summary)?;
    Ok(if ok { Exit::Success } else { Exit::Failure })
}

/// The tests that did not pass, or all of them.
pub(super) fn print(session: &mut Session<'_>, run: &TestRun, verbose: bool) -> std::io::Result<()> {
    for case in &run.cases {
        let text = case_to_text(session, case, verbose);
        session.io.stdout(&text)?;
    }
    Ok(())
}

fn case_to_text(session: &Session<'_>, case: &CaseResult, verbose: bool) -> String {
    let CaseResult { name, place, .. } = case;
    let at = format!("({}:{}:{})", place.file, place.line, place.column);
    match &case.outcome {
        CaseOutcome::Passed if verbose => format!("{} {name}\n", session.io.paint(Colour::Green, "ok  ")),
        CaseOutcome::Passed => String::new(),
        CaseOutcome::Skipped(reason) => format!("skip {name}: {reason} {at}\n"),
        CaseOutcome::Unreadable => {
            format!("{} {name}: it could not run {at}\n", session.io.paint(Colour::Red, "fail"))
        }
        CaseOutcome::Failed(failure) => {
            format!("{} {name} {at}\n{}", session.io.paint(Colour::Red, "fail"), failure_to_text(failure, "       "))
        }
    }
}
