//! `test`: the tests of a project, or those that flags name.
//!
//! With failures the exit code is 1; it is 2 if the tests cannot run, as when the policies cannot be read.

use crate::{
    args::{Format, TestArgs},
    io::Colour,
    output::{failure_to_text, summary_to_text, to_json},
    report,
    session::{Exit, Outcome, Session, Stop},
    suite::{CaseOutcome, CaseResult, TestRun, filter},
    workspace::{Given, Workspace},
};

pub(super) fn run(args: &TestArgs, session: &mut Session<'_>) -> Outcome {
    if session.project.is_none() && (args.tests.is_empty() || args.policies.policies.is_empty()) {
        session.report(report::no_project("test"));
        return Err(Stop::CannotRun);
    }
    let workspace = Workspace::read(session, Given { policies: &args.policies, schema: &args.schema });
    if !workspace.sound {
        return Err(Stop::CannotRun);
    }
    let mut suites = workspace.read_tests(session, &args.tests, args.entities.as_deref());
    filter(&mut suites, &args.names);
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
    let results = session.results(ok);
    match session.format {
        Format::Text => {
            let summary = format!("{}\n", summary_to_text(&results));
            session.io.stdout(&summary)?;
        }
        Format::Json => {
            let json = to_json(&results);
            session.print_json(&json)?;
        }
    }
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
