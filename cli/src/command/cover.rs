//! `cover`: what the tests of a project show of its policies.
//!
//! Tests that fail are measured like others: what they show of the policies is the same. That they fail is said, and
//! fails the command. The forms for other tools are written to files beside the result, so that one run makes several.

use std::fs;

use deodar_compiler::{Analysis, CheckOptions, check};
use deodar_grammar::Diagnostic;

use crate::{
    args::{CoverArgs, Format},
    cover::{self, Coverage, Subject},
    report,
    session::{Exit, Outcome, Session, Stop},
    suite::{Suites, filter},
    workspace::Workspace,
};

pub(super) fn run(args: &CoverArgs, session: &mut Session<'_>) -> Outcome {
    let (workspace, mut suites) = Workspace::read_tested(session, &args.tested, "cover").ok_or(Stop::CannotRun)?;
    if !filter(session, &mut suites, &args.names) {
        return Err(Stop::CannotRun);
    }
    let run = workspace.run_tests(session, &suites).ok_or(Stop::CannotRun)?;
    if run.cases.is_empty() {
        // What cannot be read is reported already.
        if !session.has_errors() {
            session.report(report::no_tests());
        }
        return Err(Stop::CannotRun);
    }
    let failed = run.counts().failed;
    session.tests = Some(run);
    let settings = session.project.as_ref().map(|project| project.manifest.cover).unwrap_or_default();
    let analysis = analyse(session, &workspace);
    // They are measured nevertheless: tests show the same of policies that are mended meanwhile.
    if analysis.as_ref().is_some_and(|analysis| analysis.diagnostics().any(Diagnostic::is_error)) {
        session.notes.push("the policies are not valid, `deodar check` says why".to_owned());
    }
    let count_failures = args.errors || settings.errors;
    let coverage = measure(session, &workspace, &suites, analysis.as_ref(), count_failures).ok_or(Stop::CannotRun)?;
    write_files(args, session, &coverage)?;
    // The table says to people what is missing.
    if session.format == Format::Json || session.writes_reports() {
        report_gaps(session, &coverage);
    }
    match args.min {
        Some(min) if coverage.is_below(min) => {
            session.report(report::coverage_too_low(&coverage.count().percent(), min));
        }
        Some(_) => {}
        None => session.report_all(below_manifest(session, &coverage)),
    }
    let ok = failed == 0 && !session.has_errors();
    finish(args, session, &coverage, ok)?;
    Ok(if ok { Exit::Success } else { Exit::Failure })
}

/// What types say of the policies, whether they are valid or not.
pub(super) fn analyse(session: &Session<'_>, workspace: &Workspace) -> Option<Analysis> {
    let schema = workspace.schema.as_ref()?;
    Some(check(&workspace.policies.all(), schema, CheckOptions { mode: session.mode(), level: None }))
}

/// What the tests show; nothing if the policies have errors.
pub(super) fn measure(
    session: &Session<'_>,
    workspace: &Workspace,
    suites: &Suites,
    analysis: Option<&Analysis>,
    count_failures: bool,
) -> Option<Coverage> {
    let subject = Subject {
        sources: &session.sources,
        sets: &workspace.policies.sets,
        program: workspace.program.as_ref()?,
        known: workspace.schema.as_ref().zip(analysis),
        count_failures,
    };
    Some(cover::measure(subject, suites))
}

/// What there is to say if the coverage is below what the manifest asks for.
pub(super) fn below_manifest(session: &Session<'_>, coverage: &Coverage) -> Option<Diagnostic> {
    let (min, span) = session.project.as_ref()?.manifest.cover.min?;
    let percent = coverage.count().percent();
    coverage.is_below(min).then(|| report::coverage_below_manifest(span, &percent, min))
}

/// A finding for each gap, at the level that the project gives it.
pub(super) fn report_gaps(session: &mut Session<'_>, coverage: &Coverage) {
    let levels = session.levels();
    session.report_all(coverage.findings().filter_map(|problem| levels.apply_to(problem)));
}

fn write_files(args: &CoverArgs, session: &mut Session<'_>, coverage: &Coverage) -> Result<(), Stop> {
    let sources = &session.sources;
    let html = args.html.as_ref().map(|path| (path, cover::to_html(coverage, sources)));
    let lcov = args.lcov.as_ref().map(|path| (path, cover::to_lcov(coverage, sources)));
    for (path, text) in html.into_iter().chain(lcov) {
        if let Err(error) = fs::write(session.io.path(path), text) {
            session.report(report::cannot_write(path, &error));
            return Err(Stop::CannotRun);
        }
    }
    Ok(())
}

fn finish(args: &CoverArgs, session: &mut Session<'_>, coverage: &Coverage, ok: bool) -> Result<(), Stop> {
    if session.format == Format::Text {
        session.write_reports_first()?;
        let table = if args.source {
            cover::to_source(coverage, &session.sources)
        } else {
            cover::to_text(coverage, &session.sources, &session.io)
        };
        session.io.stdout(&table)?;
    }
    session.notes.push(coverage.summary());
    // Of many policies it is long, and only programs read it.
    if session.format == Format::Json {
        session.members.push(("coverage", cover::to_json(coverage, &session.sources)));
    }
    let failing = session.results(ok).summary().failed;
    let why = if failing == 0 { "" } else { "; `deodar test` says why tests fail" };
    Ok(session.print_results(ok, |summary| summary + why)?)
}
