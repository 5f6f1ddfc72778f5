//! Lints: what is probably not intended, although it is valid.
//!
//! Lints stand apart from validation. The checker says whether policies fit their schema, with the verdicts of Cedar's
//! validator; a lint changes no verdict. Some lints need no schema (what is written twice, arithmetic on constants), most
//! read what the checker found out: a condition that is always true, an attribute that nobody reads, a forbid that is
//! skipped because its evaluation fails.
//!
//! Each family has a file. All of them hand what they find to [`Findings`], which drops what is allowed: by
//! `@allow("code")` on the policy or declaration ([`allow`]), or by [`LintOptions`].
//!
//! A policy with type errors is mostly passed over: its errors come first, and half of what is known of it is a guess.

mod action;
mod allow;
mod arithmetic;
mod attribute;
mod condition;
mod declaration;
mod fallible;
mod habit;
mod redundant;
mod shape;
mod usage;

#[cfg(test)]
mod tests;

use deodar_grammar::{
    Code, Diagnostic,
    ast::{
        Annotation, ExprId, Exprs, Policy, PolicySet,
        schema::{self as ast, Namespace},
    },
};
use deodar_lexicon::limits;

use self::{allow::Allowed, usage::Usage};
use crate::{
    Analysis, Schema,
    check::{ExprRange, Model, PolicyAnalysis, PolicyCheck, Types},
    report::lint as report,
    schema::{Definitions, References, Site, all_roots},
};

/// Which lints are heard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LintOptions {
    /// The lints that report nothing.
    pub allowed: Vec<Code>,
    /// Lints of [`codes_on_demand`] that report, too.
    pub enabled: Vec<Code>,
}

impl LintOptions {
    fn hears(&self, code: Code) -> bool {
        !self.allowed.contains(&code) && (!report::is_on_demand(code) || self.enabled.contains(&code))
    }
}

/// The lints that report only if they are asked for: matters of taste, or of what a project agreed on.
pub fn codes_on_demand() -> impl Iterator<Item = Code> {
    report::all_codes().filter(|code| report::is_on_demand(*code))
}

/// Every lint.
pub fn codes() -> impl Iterator<Item = Code> {
    report::all_codes()
}

/// The lint of that name.
pub fn find(name: &str) -> Option<Code> {
    codes().find(|code| code.name == name)
}

/// Lints policies and their schema.
///
/// `fragments` are what the schema was resolved from, and the analysis is that of the same policy sets, in the same
/// order. All of it should have been read without errors: what could not be read would count as not there, and so what
/// it uses as unused.
pub fn lint(
    sets: &[&PolicySet],
    fragments: &[ast::Schema],
    schema: &Schema,
    analysis: &Analysis,
    options: &LintOptions,
) -> Vec<Diagnostic> {
    let mut findings = Findings::new(options);
    let subjects = subjects(sets, Some(analysis));
    lint_each(sets, &subjects, &mut findings);
    allow::check_schema(fragments, &mut findings);
    attribute::check_overwritten(fragments, &mut findings);
    // Without policies everything is unused, and an incomplete schema says too little of what is used.
    if schema.is_complete() && !subjects.is_empty() {
        lint_declarations(sets, fragments, schema, analysis, &subjects, &mut findings);
    }
    findings.finish()
}

/// Lints policies without a schema, as far as that goes: what stands twice, constants, what is literally true.
pub fn lint_policies(sets: &[&PolicySet], options: &LintOptions) -> Vec<Diagnostic> {
    let mut findings = Findings::new(options);
    lint_each(sets, &subjects(sets, None), &mut findings);
    findings.finish()
}

/// A policy with what is known of it.
struct Subject<'a> {
    exprs: &'a Exprs,
    policy: &'a Policy,
    allowed: Allowed<'a>,
    /// All expressions of the conditions, children before parents.
    all: Vec<ExprId>,
    /// What the checker found out; nothing without a schema.
    check: Option<&'a PolicyCheck>,
}

impl<'a> Subject<'a> {
    /// What the checker found out, if nothing is wrong.
    fn sound(&self) -> Option<&'a PolicyCheck> {
        self.check.filter(|check| {
            check.scope_ok && check.problems.is_empty() && check.classes.iter().all(|class| class.ok || class.is_false)
        })
    }
}

fn subjects<'a>(sets: &[&'a PolicySet], analysis: Option<&'a Analysis>) -> Vec<Subject<'a>> {
    let mut checks = analysis.into_iter().flat_map(Analysis::policies);
    let policies = sets.iter().flat_map(|set| set.policies.iter().map(move |policy| (&set.exprs, policy)));
    policies
        .map(|(exprs, policy)| Subject {
            exprs,
            policy,
            allowed: Allowed::by(&policy.annotations),
            all: ExprRange::below(exprs, policy.conditions.iter().map(|condition| condition.body)).1,
            check: checks.next().map(PolicyAnalysis::check),
        })
        .collect()
}

/// The lints that look at policies.
fn lint_each(sets: &[&PolicySet], subjects: &[Subject<'_>], findings: &mut Findings<'_>) {
    for subject in subjects {
        allow::check_policy(subject, findings);
        condition::check(subject, findings);
        let constants = arithmetic::check(subject, findings);
        fallible::check(subject, &constants, findings);
    }
    redundant::check(sets, subjects, findings);
    shape::check(sets, subjects, findings);
    habit::check(sets, subjects, findings);
}

/// The lints that look for what nobody uses.
fn lint_declarations(
    sets: &[&PolicySet],
    fragments: &[ast::Schema],
    schema: &Schema,
    analysis: &Analysis,
    subjects: &[Subject<'_>],
    findings: &mut Findings<'_>,
) {
    // Types are interned: a model over the types of the analysis gives each the index that it has there.
    let mut types: Types = analysis.types().clone();
    let model = Model::new(schema, &mut types);
    let mut unreported = Vec::new();
    let definitions = Definitions::collect(fragments, &mut unreported);
    let mut references = References::default();
    for (site, root) in all_roots(&definitions) {
        references.find(&definitions, site, root, &mut unreported);
    }
    let usage = Usage::of(sets, subjects, &model, &mut types);
    let ground = Ground { fragments, model: &model, definitions: &definitions, references: &references, usage: &usage };
    let unused_actions = action::check(&ground, subjects, findings);
    let unused = declaration::check(&ground, unused_actions, findings);
    attribute::check_unused(&ground, &unused, findings);
}

/// What the lints of declarations look at.
struct Ground<'a> {
    fragments: &'a [ast::Schema],
    model: &'a Model<'a>,
    definitions: &'a Definitions<'a>,
    references: &'a References,
    usage: &'a Usage,
}

impl<'a> Ground<'a> {
    /// What is allowed in a declaration with these annotations.
    fn allowed(&self, site: Site<'_>, annotations: &'a [Annotation]) -> Allowed<'a> {
        let namespaces = self.fragments.get(site.fragment).map_or(&[][..], |schema| &schema.namespaces);
        let is_around =
            |namespace: &&Namespace| namespace.name.as_ref().map(|name| name.name.as_str()) == site.namespace;
        match namespaces.iter().find(is_around) {
            Some(namespace) => Allowed::by(&namespace.annotations).and(annotations),
            None => Allowed::by(annotations),
        }
    }
}

/// What was found, without what is allowed.
struct Findings<'o> {
    options: &'o LintOptions,
    diagnostics: Vec<Diagnostic>,
}

impl<'o> Findings<'o> {
    fn new(options: &'o LintOptions) -> Self {
        Self { options, diagnostics: Vec::new() }
    }

    fn push(&mut self, allowed: &Allowed<'_>, diagnostic: Diagnostic) {
        if self.options.hears(diagnostic.code()) && !allowed.allows(diagnostic.code()) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(Diagnostic::span);
        let (mut source, mut reported) = (None, 0);
        self.diagnostics.retain(|diagnostic| {
            if source != Some(diagnostic.span().source) {
                (source, reported) = (Some(diagnostic.span().source), 0);
            }
            reported += 1;
            reported <= limits::DIAGNOSTICS.as_usize()
        });
        self.diagnostics
    }
}
