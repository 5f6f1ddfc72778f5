//! `mutate`: mistakes in the policies of a project that no test notices.
//!
//! The tests must pass and the policies be valid: otherwise nothing can be said of a mistake.

use std::collections::HashSet;

use deodar_compiler::CheckOptions;
use deodar_grammar::{Severity, ast::TemplateLink};

use super::cover::analyse;
use crate::{
    args::{Format, MutateArgs},
    mutate::{self, MutationRun, Plan, Subject, plan},
    project::Project,
    report,
    session::{Exit, Outcome, Session, Stop},
    suite::{CaseOutcome, Suites, TestRun},
    workspace::Workspace,
};

/// How many requests are tried for a mistake that no test notices.
const REQUESTS: usize = 1000;

/// How many failed tests are named.
const NAMED: usize = 10;

pub(super) fn run(args: &MutateArgs, session: &mut Session<'_>) -> Outcome {
    let (workspace, suites) = Workspace::read_tested(session, &args.tested, "mutate").ok_or(Stop::CannotRun)?;
    require_valid(session, &workspace)?;
    let run = workspace.run_tests(session, &suites).ok_or(Stop::CannotRun)?;
    require_passing(session, &run)?;
    let result = mutate(args, session, &workspace, &suites).ok_or(Stop::CannotRun)?;
    if result.possible == 0 {
        session.report(report::no_mutants());
        return Err(Stop::CannotRun);
    }
    session.tests = Some(run);
    // The text says to people what survived.
    if session.format == Format::Json || session.writes_reports() {
        let levels = session.levels();
        session.report_all(result.findings().filter_map(|problem| levels.apply_to(problem)));
    }
    let asked = session.project.as_ref().and_then(|project| project.manifest.mutate.min);
    let percent = result.score().percent();
    match (args.min, asked) {
        (Some(min), _) if result.is_below(min) => session.report(report::mutation_score_too_low(&percent, min)),
        (None, Some((min, span))) if result.is_below(min) => {
            session.report(report::mutation_score_below_manifest(span, &percent, min));
        }
        (_, _) => {}
    }
    let ok = !session.has_errors();
    finish(session, &result, ok)?;
    Ok(if ok { Exit::Success } else { Exit::Failure })
}

/// A mistake in policies that have some already would be blamed for them.
fn require_valid(session: &mut Session<'_>, workspace: &Workspace) -> Result<(), Stop> {
    let Some(analysis) = analyse(session, workspace) else { return Ok(()) };
    let errors = analysis.findings().filter(|(_, diagnostic)| diagnostic.severity() == Severity::Error);
    let errors: Vec<_> =
        errors.map(|(id, diagnostic)| crate::problem::Problem::Policy(id.clone(), diagnostic.clone())).collect();
    if errors.is_empty() {
        return Ok(());
    }
    session.report_all(errors);
    Err(Stop::CannotRun)
}

fn require_passing(session: &mut Session<'_>, run: &TestRun) -> Result<(), Stop> {
    if session.has_errors() {
        return Err(Stop::CannotRun);
    }
    if run.cases.is_empty() {
        session.report(report::no_tests());
        return Err(Stop::CannotRun);
    }
    let failed =
        run.cases.iter().filter(|case| matches!(case.outcome, CaseOutcome::Failed(_) | CaseOutcome::Unreadable));
    let failed: Vec<&str> = failed.map(|case| case.name.as_str()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    session.report(report::tests_fail(failed.len(), failed.get(..NAMED).unwrap_or(&failed)));
    Err(Stop::CannotRun)
}

fn mutate(args: &MutateArgs, session: &Session<'_>, workspace: &Workspace, suites: &Suites) -> Option<MutationRun> {
    let manifest = session.project.as_ref().map(|project: &Project| &project.manifest);
    let settings = manifest.map(|manifest| manifest.mutate).unwrap_or_default();
    let links: Vec<&TemplateLink> = workspace.policies.all().into_iter().flat_map(|set| &set.links).collect();
    // Templates without links decide nothing, so nothing can be tested of them.
    let linked: HashSet<&str> = links.iter().map(|link| link.template.value.as_str()).collect();
    let is_wanted = |id: &str| args.ids.is_empty() || args.ids.iter().any(|part| id.contains(part.as_str()));
    let ids = workspace.policies.sets.iter().flat_map(|set| &set.policies);
    let wanted = ids.filter(|policy| !policy.is_template() || linked.contains(policy.id.as_str()));
    let wanted: HashSet<&str> = wanted.map(|policy| policy.id.as_str()).filter(|id| is_wanted(id)).collect();
    let seed = args.seed.or(settings.seed).unwrap_or_default();
    let budget = args.budget.or(settings.budget);
    let sets = &workspace.policies.sets;
    let (planned, possible) = plan(sets, workspace.schema.as_ref(), &wanted, Plan { budget, seed });
    let subject = Subject {
        sources: &session.sources,
        links: &links,
        program: workspace.program.as_ref()?,
        schema: workspace.schema.as_ref().map(|schema| (schema, CheckOptions { mode: session.mode(), level: None })),
        suites,
        seed,
        requests: args.requests.or(settings.requests).unwrap_or(REQUESTS),
    };
    Some(mutate::run(subject, planned, possible))
}

fn finish(session: &mut Session<'_>, result: &MutationRun, ok: bool) -> Result<(), Stop> {
    if session.format == Format::Text {
        session.write_reports_first()?;
        let text = mutate::to_text(result, &session.sources, &session.io);
        session.io.stdout(&text)?;
    }
    session.notes.push(result.summary());
    if session.format == Format::Json {
        session.members.push(("mutation", mutate::to_json(result, &session.sources)));
    }
    Ok(session.print_results(ok, |summary| summary)?)
}
