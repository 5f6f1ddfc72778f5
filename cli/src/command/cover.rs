//! `cover`: what the tests of a project show of its policies.
//!
//! Tests that fail are measured like others: what they show of the policies is the same. That they fail is said, and
//! fails the command. The forms for other tools are written to files beside the result, so that one run makes several.

use std::fs;

use deodar_compiler::{Analysis, CheckOptions, Mode, check};
use deodar_grammar::Diagnostic;

use crate::{
    args::{CoverArgs, Format},
    cover::{self, Coverage, Subject},
    output::{summary_to_text, to_json},
    report,
    session::{Exit, Outcome, Session, Stop},
    suite::{Suites, filter},
    workspace::{Given, Workspace},
};

pub(super) fn run(args: &CoverArgs, session: &mut Session<'_>) -> Outcome {
    if session.project.is_none() && (args.tests.is_empty() || args.policies.policies.is_empty()) {
        session.report(report::no_project("cover"));
        return Err(Stop::CannotRun);
    }
    let workspace = Workspace::read(session, Given { policies: &args.policies, schema: &args.schema });
    if !workspace.sound {
        return Err(Stop::CannotRun);
    }
    let mut suites = workspace.read_tests(session, &args.tests, args.entities.as_deref());
    let has_tests = !suites.cases.is_empty();
    filter(&mut suites, &args.names);
    let run = workspace.run_tests(session, &suites).ok_or(Stop::CannotRun)?;
    if run.cases.is_empty() {
        match args.names.first() {
            // What cannot be read is reported already.
            _ if session.has_errors() => {}
            Some(name) if has_tests => session.report(report::no_such_test(name, None)),
            Some(_) | None => session.report(report::no_tests()),
        }
        return Err(Stop::CannotRun);
    }
    let failed = run.counts().failed;
    session.tests = Some(run);
    let settings = session.project.as_ref().map(|project| project.manifest.cover).unwrap_or_default();
    let analysis = analyse(session, &workspace);
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
    let settings = session.project.as_ref().map(|project| &project.manifest.check);
    let mode = if settings.is_some_and(|settings| settings.permissive) { Mode::Permissive } else { Mode::Strict };
    Some(check(&workspace.policies.all(), schema, CheckOptions { mode, level: None }))
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
    let results = session.results(ok);
    match session.format {
        Format::Text => {
            let failing = results.summary().failed;
            let why = if failing == 0 { "" } else { "; `deodar test` says why tests fail" };
            let summary = format!("{}{why}\n", summary_to_text(&results));
            session.io.stdout(&summary)?;
        }
        Format::Json => {
            let json = to_json(&results);
            session.print_json(&json)?;
        }
    }
    Ok(())
}
