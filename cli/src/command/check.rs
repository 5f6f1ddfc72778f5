//! `check`: everything that can be said of a project, in one run. The command for pipelines.
//!
//! Parsing, validation, lints, layout, tests: what one of them needs from another is passed over where that has failed,
//! and everything else still runs, since people mend everything at once. Tests need policies without errors.

use std::{fs, time::Duration};

use deodar_compiler::CheckOptions;
use deodar_grammar::Diagnostic;

use super::{cover, test};
use crate::{
    args::{CheckArgs, Format, PoliciesArgs, SchemaArgs},
    check::{baseline, baseline::Baseline, changes, layout},
    finding::Finding,
    problem::Problem,
    project, report,
    session::{Exit, Outcome, Session, Stop},
    suite::Suites,
    validation::{check_policies, lint_policies, lint_without_schema},
    workspace::{Given, Workspace},
};

/// How often files are looked at under `--watch`.
const POLL: Duration = Duration::from_millis(300);

/// How long files must stay as they are after a change.
const MOMENT: Duration = Duration::from_millis(100);

pub(super) fn run(args: &CheckArgs, session: &mut Session<'_>) -> Outcome {
    if !args.watch {
        return run_once(args, session);
    }
    loop {
        let before = changes_of(session);
        let outcome = run_once(args, session);
        if let Err(Stop::Output(error)) = outcome {
            return Err(Stop::Output(error));
        }
        session.show_reports()?;
        session.people("\nwaiting for changes; end with Ctrl-C\n")?;
        session.io.flush()?;
        wait_for_change(session, before);
        let root = session.project.as_ref().map(|project| project.root.clone()).unwrap_or_default();
        session.renew();
        session.project = project::load(session, root);
    }
}

/// Returns when files have changed. They are often written in steps, so that means: and then have not, for a moment.
fn wait_for_change(session: &Session<'_>, mut before: u64) {
    let mut has_changed = false;
    loop {
        let now = changes_of(session);
        if now == before && has_changed {
            return;
        }
        has_changed |= now != before;
        before = now;
        std::thread::sleep(if has_changed { MOMENT } else { POLL });
    }
}

/// A number that changes whenever a file of the project does.
fn changes_of(session: &Session<'_>) -> u64 {
    let root = session.project.as_ref().map(|project| project.root.as_str()).unwrap_or_default();
    let mut open = vec![session.io.path(if root.is_empty() { "." } else { root })];
    let mut sum = 0_u64;
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let hidden = entry.file_name().to_string_lossy().starts_with('.') || entry.file_name() == "target";
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() && !hidden {
                open.push(entry.path());
            } else if let Ok(time) = metadata.modified() {
                let time = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
                sum = sum.wrapping_add(nanos.wrapping_mul(31).wrapping_add(metadata.len()));
            }
        }
    }
    sum
}

fn run_once(args: &CheckArgs, session: &mut Session<'_>) -> Outcome {
    if session.project.is_none() {
        session.report(report::no_project("check"));
        return Err(Stop::CannotRun);
    }
    // Before anything else: without it the check would say too much.
    let changed = match &args.since {
        None => None,
        Some(revision) => match changes::since(session, revision) {
            Ok(changed) => Some(changed),
            Err(problem) => {
                session.report(problem);
                return Err(Stop::CannotRun);
            }
        },
    };
    let accepted = if args.write_baseline { Baseline::default() } else { read_baseline(args, session)? };
    if args.fix {
        return crate::fix::run(session, args.dry_run);
    }
    look(session);
    if let Some(changed) = changed {
        let kept = |session: &Session<'_>, finding: &Finding| {
            let file = finding.places.first().map(|place| session.io.path(&place.file));
            let is_changed = file.is_none_or(|file| changed.contains(&file.canonicalize().unwrap_or(file)));
            // A changed schema breaks policies that have not changed.
            is_changed || !may_stay(session, finding)
        };
        retain(session, kept);
    }
    if args.write_baseline {
        return write_baseline(args, session);
    }
    accept(session, accepted);
    finish(args, session)
}

/// Everything that can be found.
fn look(session: &mut Session<'_>) {
    let workspace = Workspace::read(session, Given { policies: &NO_POLICIES, schema: &NO_SCHEMA });
    let valid = workspace.sound && validate(session, &workspace);
    let problems = layout::check(&session.sources, &workspace.policies.sets, layout::options(session));
    let levels = session.levels();
    session.report_all(problems.into_iter().filter_map(|problem| levels.apply(problem)));
    // Tests of policies that are not valid would say once more what the reports say.
    if valid {
        let suites = workspace.read_tests(session, &[], None);
        session.tests = workspace.run_tests(session, &suites);
        if session.project.as_ref().is_some_and(|project| project.manifest.cover.min.is_some()) {
            look_at_coverage(session, &workspace, &suites);
        }
    }
}

/// Whether the tests show as much as the project asks for, and if not, what they do not show.
fn look_at_coverage(session: &mut Session<'_>, workspace: &Workspace, suites: &Suites) {
    let settings = session.project.as_ref().map(|project| project.manifest.cover).unwrap_or_default();
    let analysis = cover::analyse(session, workspace);
    let coverage = cover::measure(session, workspace, suites, analysis.as_ref(), settings.errors);
    let Some(coverage) = coverage else { return };
    session.notes.push(coverage.summary());
    if let Some(problem) = cover::below_manifest(session, &coverage) {
        cover::report_gaps(session, &coverage);
        session.report(problem);
    }
}

/// `check` takes everything from the project.
const NO_POLICIES: PoliciesArgs = PoliciesArgs { policies: Vec::new(), policy_format: None, links: None };
const NO_SCHEMA: SchemaArgs = SchemaArgs { schema: Vec::new(), schema_format: None };

/// Types and lints; whether the policies are valid.
fn validate(session: &mut Session<'_>, workspace: &Workspace) -> bool {
    let levels = session.levels();
    let Some(schema) = &workspace.schema else {
        lint_without_schema(session, &workspace.policies, &levels);
        return true;
    };
    let settings = session.project.as_ref().map(|project| &project.manifest.check);
    let options = CheckOptions { mode: session.mode(), level: settings.and_then(|settings| settings.level) };
    let (analysis, _) = check_policies(session, &workspace.policies, schema, options, &levels);
    // What an error hides would count as unused. A warning that the project takes for an error hides nothing.
    let valid = !analysis.diagnostics().any(Diagnostic::is_error);
    if valid {
        lint_policies(session, &workspace.policies, (&workspace.fragments, schema), &analysis, &levels);
    }
    valid
}

/// Whether the policies work with the finding in them. Others always count: a check of policies that cannot be read, or
/// are not valid, passes over nothing.
fn may_stay(session: &Session<'_>, finding: &Finding) -> bool {
    !finding.is_error() || session.levels().raises(finding.code)
}

/// Keeps some of the findings.
fn retain(session: &mut Session<'_>, mut keep: impl FnMut(&Session<'_>, &Finding) -> bool) {
    let problems = std::mem::take(session.problems_mut());
    let kept = problems.into_iter().filter(|problem| {
        let finding = Finding::of(problem, &session.sources, session.root());
        keep(session, &finding)
    });
    let kept: Vec<Problem> = kept.collect();
    *session.problems_mut() = kept;
}

/// The path of the baseline, and whether it must be there: without the one of the manifest a check is only stricter.
fn baseline_path(args: &CheckArgs, session: &Session<'_>) -> (String, bool) {
    if let Some(path) = &args.baseline {
        return (path.clone(), true);
    }
    let project = session.project.as_ref();
    let named = project.and_then(|project| project.manifest.check.baseline.as_deref()).unwrap_or(baseline::FILE);
    (project.map_or_else(|| named.to_owned(), |project| project.path(named)), false)
}

fn read_baseline(args: &CheckArgs, session: &mut Session<'_>) -> Result<Baseline, Stop> {
    let (path, required) = baseline_path(args, session);
    if !required && !session.io.path(&path).exists() {
        return Ok(Baseline::default());
    }
    Baseline::read(session, &path).ok_or(Stop::CannotRun)
}

fn write_baseline(args: &CheckArgs, session: &mut Session<'_>) -> Outcome {
    let (path, _) = baseline_path(args, session);
    let findings = session.results(true).findings;
    let found = findings.iter().filter(|finding| !finding.places.is_empty() && may_stay(session, finding));
    let found: Vec<&Finding> = found.collect();
    let count = found.len();
    if let Err(error) = fs::write(session.io.path(&path), baseline::to_text(found)) {
        session.report(report::cannot_write(&path, &error));
        return Err(Stop::CannotRun);
    }
    retain(session, |session, finding| !may_stay(session, finding));
    session
        .people(&format!("{count} {} accepted in {path}\n", if count == 1 { "finding is" } else { "findings are" }))?;
    let errors = session.mark();
    if errors == 0 {
        return Ok(Exit::Success);
    }
    session.people(&format!("not accepted, as the policies do not work with them: errors, {errors} of them\n"))?;
    Err(Stop::Problems)
}

/// Drops what the baseline accepts.
fn accept(session: &mut Session<'_>, mut baseline: Baseline) {
    let before = session.mark();
    retain(session, |session, finding| !(may_stay(session, finding) && baseline.accepts(finding)));
    session.accepted = before.saturating_sub(session.mark());
}

fn finish(args: &CheckArgs, session: &mut Session<'_>) -> Outcome {
    let settings = session.project.as_ref().map(|project| &project.manifest.check);
    let deny = args.deny_warnings || settings.is_some_and(|settings| settings.deny_warnings);
    let accepted =
        if deny { Some(0) } else { args.max_warnings.or(settings.and_then(|settings| settings.max_warnings)) };
    let summary = session.results(true).summary();
    if let Some(accepted) = accepted.filter(|accepted| summary.warnings > *accepted) {
        session.report(report::too_many_warnings(summary.warnings, accepted));
    }
    let ok = !session.has_errors() && summary.failed == 0;
    if session.format == Format::Text {
        session.write_reports_first()?;
        if let Some(run) = session.tests.take() {
            test::print(session, &run, false)?;
            session.tests = Some(run);
        }
    }
    session.print_results(ok, |summary| format!("check {}: {summary}", if ok { "passed" } else { "failed" }))?;
    let too_many = report::TOO_MANY_WARNINGS.name;
    // What lies in no text is a file that is not there, and the like.
    let unread =
        session.results(ok).findings.iter().any(|finding| finding.places.is_empty() && finding.code != too_many);
    Ok(match (ok, unread) {
        (_, true) => Exit::CannotRun,
        (true, false) => Exit::Success,
        (false, false) => Exit::Failure,
    })
}
