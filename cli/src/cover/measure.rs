//! Tests to points.
//!
//! The tests are decided once more, on all cores, each core with an observer of its own; what they saw is added up. A
//! template has the points of its conditions once, whichever link shows them, and each link the points of a policy.

use std::{collections::HashMap, num::NonZero, panic::resume_unwind, thread};

use deodar_compiler::{Analysis, Atom, AtomFacts, ClauseFacts, Schema, atoms, check::PolicyAnalysis, clause_facts};
use deodar_grammar::{
    Sources, Span,
    ast::{self, EntityConstraintKind, PolicySet},
};
use deodar_runtime::{
    Engine, Observer, PolicySeen, Probe, Program, Request, ScopePart, Seen, instruction::CodeAddress, program,
};

use super::{Aspect, Coverage, Exemption, Part, PartKind, Point, PolicyCoverage, Status};
use crate::suite::Suites;

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) sets: &'a [PolicySet],
    pub(crate) program: &'a Program,
    /// What is known of the policies, if there is a schema.
    pub(crate) known: Option<(&'a Schema, &'a Analysis)>,
    /// Whether it counts that an evaluation which may fail is seen to fail.
    pub(crate) count_failures: bool,
}

/// A policy of the text with its atoms.
#[derive(Debug, Clone, Copy)]
struct Written<'a> {
    set: &'a PolicySet,
    policy: &'a ast::Policy,
    atoms: &'a [Atom],
}

/// What the tests show.
pub(crate) fn measure(subject: Subject<'_>, suites: &Suites) -> Coverage {
    let policies: Vec<_> = subject.sets.iter().flat_map(|set| set.policies.iter().map(move |p| (set, p))).collect();
    let atoms_of: Vec<Vec<Atom>> = policies.iter().map(|(set, policy)| atoms(&set.exprs, policy)).collect();
    let atoms_by_id: HashMap<&str, &[Atom]> =
        policies.iter().zip(&atoms_of).map(|((_, policy), atoms)| (policy.id.as_str(), atoms.as_slice())).collect();
    let compiled = subject.program.policies();
    let probes = compiled.iter().map(|policy| {
        let id = policy.template.as_ref().unwrap_or(&policy.id);
        probes(policy, atoms_by_id.get(id.as_str()).copied().unwrap_or_default())
    });
    let observer = observe(&Observer::new(probes), subject.program, suites);
    let mut seen_of: HashMap<&str, Vec<(&program::Policy, &PolicySeen)>> = HashMap::new();
    for (policy, seen) in compiled.iter().zip(observer.policies()) {
        let id = policy.template.as_ref().unwrap_or(&policy.id);
        seen_of.entry(id.as_str()).or_default().push((policy, seen));
    }
    let analyses: HashMap<&str, &PolicyAnalysis> = subject
        .known
        .iter()
        .flat_map(|(_, analysis)| analysis.policies())
        .map(|policy| (policy.id(), policy))
        .collect();
    let policies = policies.iter().zip(&atoms_of).map(|((set, policy), atoms)| {
        let id = policy.id.as_str();
        let seen = seen_of.get(id).map(Vec::as_slice).unwrap_or_default();
        subject.policy(Written { set, policy, atoms }, seen, analyses.get(id).copied())
    });
    let tests = suites.cases.iter().filter(|case| case.request.is_some()).count();
    Coverage { policies: policies.collect(), tests }
}

/// The atoms of a policy where its code lies.
fn probes(policy: &program::Policy, atoms: &[Atom]) -> Box<[Probe]> {
    let probe = |atom: &Atom| {
        let start = policy.conditions.get(atom.condition)?.code.start.0;
        let at = |address: CodeAddress| CodeAddress(start.saturating_add(address.0));
        let (start, end) = (at(atom.start), at(atom.end));
        Some(Probe { condition: atom.condition, start, end, register: atom.register })
    };
    atoms.iter().filter_map(probe).collect()
}

/// Decides all tests under observation.
fn observe(observer: &Observer, program: &Program, suites: &Suites) -> Observer {
    let engines: Vec<Engine> = suites.stores.iter().map(|store| Engine::new(program.clone(), store.clone())).collect();
    let requests = suites.cases.iter().filter_map(|case| Some((engines.get(case.store)?, case.request.as_ref()?)));
    let requests: Vec<(&Engine, &Request)> = requests.collect();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = requests.len().div_ceil(threads).max(16);
    let work = |requests: &[(&Engine, &Request)]| {
        let mut observer = observer.clone();
        for (engine, request) in requests {
            observer.observe(engine, request);
        }
        observer
    };
    let mut total = observer.clone();
    thread::scope(|scope| {
        let workers: Vec<_> = requests.chunks(share).map(|requests| scope.spawn(move || work(requests))).collect();
        for worker in workers {
            total.add(&worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
    });
    total
}

impl Subject<'_> {
    fn policy(
        self,
        written: Written<'_>,
        seen: &[(&program::Policy, &PolicySeen)],
        analysis: Option<&PolicyAnalysis>,
    ) -> PolicyCoverage {
        let Written { policy, .. } = written;
        let mut all = PolicySeen::default();
        for (_, seen) in seen {
            all.add(seen);
        }
        let mut parts = Vec::new();
        if policy.is_template() {
            let links = seen.iter().map(|(link, seen)| whole(PartKind::Link(link.id.to_string()), policy, seen.policy));
            parts.extend(links);
            if seen.is_empty() {
                parts.push(whole(PartKind::Policy, policy, Seen::default()));
            }
        } else {
            parts.push(whole(PartKind::Policy, policy, all.policy));
        }
        parts.extend(self.clauses(&policy.scope, all.scope));
        for (position, atom) in written.atoms.iter().enumerate() {
            let facts = self.known.zip(analysis);
            let facts = facts.map(|((_, all), policy)| AtomFacts::new(all, policy, &written.set.exprs, atom));
            let kind =
                policy.conditions.get(atom.condition).map_or(ast::ConditionKind::When, |condition| condition.kind);
            let seen = all.probes.get(position).copied().unwrap_or_default();
            parts.push(self.atom(written, kind, atom, seen, facts));
        }
        PolicyCoverage {
            id: policy.id.to_string(),
            effect: policy.effect.value,
            span: policy.span,
            is_template: policy.is_template(),
            parts,
        }
    }

    fn clauses(self, scope: &ast::Scope, seen: [Seen; 3]) -> Vec<Part> {
        let facts = self.known.map(|(schema, _)| clause_facts(schema, scope));
        let facts = facts.unwrap_or([ClauseFacts { may_mismatch: true, may_mismatch_alone: true }; 3]);
        let parts = scope_parts(scope).into_iter().zip(seen.into_iter().zip(facts));
        let said = parts.filter(|((_, _, is_any), _)| !is_any);
        said.map(|((part, span, _), (seen, facts))| self.clause(part, span, seen, facts)).collect()
    }

    fn clause(self, part: ScopePart, span: Span, seen: Seen, facts: ClauseFacts) -> Part {
        let exempt = (!facts.may_mismatch).then_some(Exemption::Always(true));
        let asked = [true, facts.may_mismatch_alone];
        Part {
            kind: PartKind::Clause(part),
            span,
            text: self.text(span),
            seen,
            points: vec![
                point(Aspect::Holds, seen.held > 0, None),
                point(Aspect::HoldsNot, seen.not_held > 0, exempt),
                point(Aspect::Alone, is_alone(seen, asked), exempt),
            ],
            asked_alone: asked,
            failures: Vec::new(),
        }
    }

    fn atom(
        self,
        written: Written<'_>,
        kind: ast::ConditionKind,
        atom: &Atom,
        seen: Seen,
        facts: Option<AtomFacts>,
    ) -> Part {
        let exprs = &written.set.exprs;
        let literal = if let ast::ExprKind::Bool(value) = exprs.kind(atom.expr) { Some(*value) } else { None };
        let always = literal.or(facts.as_ref().and_then(|facts| facts.always)).map(Exemption::Always);
        let dead = facts.as_ref().filter(|facts| !facts.is_reachable).map(|_| Exemption::Unreachable);
        let exempt_if =
            |value| dead.or(always.filter(|always| literal.is_some() || *always == Exemption::Always(value)));
        let failures = facts.map(|facts| facts.failures).unwrap_or_default();
        let mut points = vec![
            point(Aspect::Holds, seen.held > 0, exempt_if(false)),
            point(Aspect::HoldsNot, seen.not_held > 0, exempt_if(true)),
            point(Aspect::Alone, is_alone(seen, [true; 2]), dead.or(always)),
        ];
        if self.count_failures && !failures.is_empty() {
            points.push(point(Aspect::Fails, seen.failed > 0, None));
        }
        let text = match self.text(atom.span) {
            // A policy in JSON.
            text if text.starts_with('{') => deodar_grammar::print_expression(exprs, atom.expr),
            text => text,
        };
        Part { kind: PartKind::Atom(kind), span: atom.span, text, seen, points, asked_alone: [true; 2], failures }
    }

    /// What stands at a place, on one line.
    fn text(self, span: Span) -> String {
        let words: Vec<_> = self.sources.slice(span).split_whitespace().collect();
        words.join(" ")
    }
}

/// A policy or link.
fn whole(kind: PartKind, policy: &ast::Policy, seen: Seen) -> Part {
    let is_any = policy.conditions.is_empty() && scope_parts(&policy.scope).iter().all(|(_, _, is_any)| *is_any);
    let exempt = is_any.then_some(Exemption::Always(true));
    let span = policy.effect.span;
    let text = policy.effect.value.keyword().to_owned();
    let points = vec![point(Aspect::Holds, seen.held > 0, None), point(Aspect::HoldsNot, seen.not_held > 0, exempt)];
    Part { kind, span, text, seen, points, asked_alone: [false; 2], failures: Vec::new() }
}

/// The parts of a scope with their places, and whether they say nothing.
fn scope_parts(scope: &ast::Scope) -> [(ScopePart, Span, bool); 3] {
    let is_any = |constraint: &ast::EntityConstraint| constraint.kind == EntityConstraintKind::All;
    let any_action = scope.action.kind == ast::ActionConstraintKind::All;
    [
        (ScopePart::Principal, scope.principal.span, is_any(&scope.principal)),
        (ScopePart::Action, scope.action.span, any_action),
        (ScopePart::Resource, scope.resource.span, is_any(&scope.resource)),
    ]
}

/// Whether it has decided alone, with each value that is asked for.
fn is_alone(seen: Seen, [held, not_held]: [bool; 2]) -> bool {
    (seen.held_alone || !held) && (seen.not_held_alone || !not_held)
}

/// What was seen is covered, whatever types say.
fn point(aspect: Aspect, seen: bool, exempt: Option<Exemption>) -> Point {
    let status = match (seen, exempt) {
        (true, _) => Status::Covered,
        (false, Some(exempt)) => Status::Exempt(exempt),
        (false, None) => Status::Missing,
    };
    Point { aspect, status }
}
