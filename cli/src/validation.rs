//! Policies against a schema: what the checker and the lints find, and whether that is a pass.
//!
//! Verdicts are those of `cedar validate`: errors and, where they are denied, warnings make a policy set invalid. Lints
//! are not known there and never count unless that is asked for.

mod allowance;

use std::{cmp::Reverse, collections::HashMap};

use deodar_compiler::{Analysis, CheckOptions, Schema, check, lint};
use deodar_grammar::{Diagnostic, Span, ast};
use smol_str::SmolStr;

use self::allowance::Allowances;
use crate::{input::Policies, output::counted, problem::Problem, project::Levels, session::Session};

/// What makes a policy set invalid beside errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Denied {
    pub(crate) warnings: bool,
    pub(crate) lints: bool,
}

/// What was found, by how much it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) lints: usize,
}

impl Counts {
    /// Whether the policy set is valid.
    pub(crate) fn passed(self, denied: Denied) -> bool {
        self.errors == 0 && !(denied.warnings && self.warnings > 0) && !(denied.lints && self.lints > 0)
    }

    /// What was found, in words.
    pub(crate) fn to_text(self) -> String {
        let counts = [(self.errors, "error"), (self.warnings, "warning"), (self.lints, "lint")];
        let some = counts.into_iter().filter(|(count, _)| *count > 0);
        let text = some.map(|(count, noun)| counted(count, noun)).collect::<Vec<_>>().join(", ");
        // The words of `cedar` for a policy set that nothing is to be said of.
        if text.is_empty() { "no errors or warnings".to_owned() } else { text }
    }
}

/// Checks the policies and notes what is found in the session, except for warnings that are allowed.
pub(crate) fn check_policies(
    session: &mut Session<'_>,
    policies: &Policies,
    schema: &Schema,
    options: CheckOptions,
    levels: &Levels,
) -> (Analysis, Counts) {
    let analysis = check(&policies.all(), schema, options);
    let allowances = Allowances::of(policies, &session.sources);
    let mut counts = Counts::default();
    for (policy, diagnostic) in in_reading_order(&analysis) {
        let Some(diagnostic) = levels.apply(diagnostic.clone()) else { continue };
        if !diagnostic.is_error() && allowances.silences(&diagnostic) {
            continue;
        }
        let count = if diagnostic.is_error() { &mut counts.errors } else { &mut counts.warnings };
        *count += 1;
        session.report(Problem::Policy(policy.clone(), diagnostic));
    }
    (analysis, counts)
}

/// What is said of a policy stands together: errors before warnings, which may follow from them, and parts before what
/// they are parts of.
fn in_reading_order(analysis: &Analysis) -> Vec<(&SmolStr, &Diagnostic)> {
    let mut findings: Vec<_> = analysis.findings().collect();
    let order: HashMap<&str, usize> =
        analysis.policies().iter().enumerate().map(|(position, policy)| (policy.id(), position)).collect();
    findings.sort_by_key(|(policy, diagnostic)| {
        // Links come last.
        let position = order.get(policy.as_str()).copied().unwrap_or(usize::MAX);
        let source = diagnostic.span().source;
        let spans = diagnostic.labels().iter().map(|label| label.span).filter(move |span| span.source == source);
        let end = spans.clone().map(|span| span.end).max();
        let start = spans.map(|span| span.start).min();
        (position, !diagnostic.is_error(), source, end, Reverse(start))
    });
    findings
}

/// Lints the policies and their schema, of these parts, and notes what is found in the session; returns how many.
pub(crate) fn lint_policies(
    session: &mut Session<'_>,
    policies: &Policies,
    (fragments, schema): (&[ast::schema::Schema], &Schema),
    analysis: &Analysis,
    levels: &Levels,
) -> Counts {
    let found = lint(&policies.all(), fragments, schema, analysis, &levels.to_options());
    report_lints(session, policies, found, levels)
}

/// Lints policies of which no schema is known.
pub(crate) fn lint_without_schema(session: &mut Session<'_>, policies: &Policies, levels: &Levels) -> Counts {
    let found = deodar_compiler::lint_policies(&policies.all(), &levels.to_options());
    report_lints(session, policies, found, levels)
}

fn report_lints(session: &mut Session<'_>, policies: &Policies, found: Vec<Diagnostic>, levels: &Levels) -> Counts {
    let mut counts = Counts::default();
    let mut allowances = Allowances::of(policies, &session.sources);
    let wrong = std::mem::take(&mut allowances.problems);
    let found = found.into_iter().filter(|diagnostic| !allowances.silences(diagnostic)).chain(wrong);
    for diagnostic in found.filter_map(|diagnostic| levels.apply(diagnostic)) {
        *(if diagnostic.is_error() { &mut counts.errors } else { &mut counts.lints }) += 1;
        session.report(problem_in(policies, diagnostic));
    }
    counts
}

/// The diagnostic as a problem of the policy or template that it lies in, if it lies in one.
fn problem_in(policies: &Policies, diagnostic: Diagnostic) -> Problem {
    let span = diagnostic.span();
    let contains = |policy: Span| policy.source == span.source && policy.start <= span.start && span.end <= policy.end;
    let mut all = policies.sets.iter().flat_map(|set| &set.policies);
    match all.find(|policy| contains(policy.span)) {
        Some(policy) => Problem::Policy(policy.id.clone(), diagnostic),
        None => Problem::Text(diagnostic),
    }
}
