//! Mutated policies as one program, and what becomes of a request with one of them in the place of its original.

use std::collections::HashMap;

use deodar_compiler::{CheckOptions, Schema, check, compile};
use deodar_grammar::{
    Sources,
    ast::{PolicySet, TemplateLink},
};
use deodar_runtime::{
    Answer, Decision, Engine, Program, Request, Scratch,
    program::{Effect, Policy},
};

use super::plan::Planned;
use crate::suite::Verdict;

/// What became of a policy that applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applied {
    Satisfied,
    Failed,
}

/// What became of all policies on one request.
#[derive(Debug, Default)]
pub(super) struct Record {
    is_complete: bool,
    /// Those that applied, by their position.
    applied: Vec<(usize, Applied)>,
}

impl Record {
    pub(super) fn new(engine: &Engine, scratch: &mut Scratch, request: &Request) -> Self {
        let answer: Answer<'_> = engine.decide(scratch, request);
        let satisfied = answer.satisfied().map(|at| (at, Applied::Satisfied));
        let mut applied: Vec<_> = satisfied.chain(answer.failed().map(|at| (at, Applied::Failed))).collect();
        applied.sort_unstable_by_key(|(at, _)| *at);
        Self { is_complete: answer.is_complete(), applied }
    }

    fn at(&self, position: usize) -> Option<Applied> {
        let found = self.applied.binary_search_by_key(&position, |(at, _)| *at).ok()?;
        self.applied.get(found).map(|(_, applied)| *applied)
    }

    /// Whether the policy is satisfied or fails.
    pub(super) fn applies(&self, position: usize) -> bool {
        self.at(position).is_some()
    }

    /// The decision that this makes.
    pub(super) fn verdict<'p>(&self, originals: &'p [Policy]) -> Verdict<'p> {
        let policies = self.applied.iter().filter_map(|(at, applied)| Some((originals.get(*at)?, *applied)));
        verdict(self.is_complete, policies.map(|(policy, applied)| (policy, policy.effect, applied)))
    }
}

fn verdict<'p>(is_complete: bool, policies: impl Iterator<Item = (&'p Policy, Effect, Applied)>) -> Verdict<'p> {
    let (mut permits, mut forbids, mut failing) = (Vec::new(), Vec::new(), Vec::new());
    for (policy, effect, applied) in policies {
        let list = match (applied, effect) {
            (Applied::Failed, _) => &mut failing,
            (Applied::Satisfied, Effect::Permit) => &mut permits,
            (Applied::Satisfied, Effect::Forbid) => &mut forbids,
        };
        list.push(policy.id.as_str());
    }
    let allows = is_complete && forbids.is_empty() && !permits.is_empty();
    let decision = if allows { Decision::Allow } else { Decision::Deny };
    let determining = if forbids.is_empty() { permits } else { forbids };
    Verdict { is_complete, decision, determining, failing }
}

/// A mutant in a batch.
#[derive(Debug)]
pub(super) struct Member {
    /// Where its policies stand among the originals, and where what is made of them stands in the batch.
    changes: Vec<(usize, Option<usize>)>,
    effect: Effect,
    /// Why it is no mutant to count.
    pub(super) invalid: Option<String>,
}

/// Mutants that are tried together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) program: Program,
    pub(super) members: Vec<Member>,
}

/// What a batch is made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Originals<'a> {
    pub(super) sources: &'a Sources,
    pub(super) schema: Option<(&'a Schema, CheckOptions)>,
    pub(super) program: &'a Program,
    pub(super) links: &'a [&'a TemplateLink],
    /// Where the policies of a policy or template stand in the program.
    pub(super) positions: &'a HashMap<&'a str, Vec<usize>>,
}

impl Batch {
    /// Nothing if a policy cannot be compiled, which would be a defect.
    pub(super) fn new(originals: Originals<'_>, mutants: &[Planned]) -> Option<Self> {
        let sets: Vec<Option<PolicySet>> = mutants
            .iter()
            .enumerate()
            .map(|(number, planned)| Some(renamed(planned.mutation.apply()?, number, &planned.policy, originals.links)))
            .collect();
        let refs: Vec<&PolicySet> = sets.iter().flatten().collect();
        let invalid = invalid(originals, &refs, mutants.len());
        let program = compile(&refs, originals.sources).ok()?;
        let at: HashMap<&str, usize> =
            program.policies().iter().enumerate().map(|(at, policy)| (policy.id.as_str(), at)).collect();
        let members =
            mutants.iter().enumerate().zip(sets.iter().zip(invalid)).map(|((number, planned), (set, invalid))| {
                let positions = originals.positions.get(planned.policy.as_str()).map(Vec::as_slice).unwrap_or_default();
                let changes = positions.iter().map(|position| {
                    let original = originals.program.policies().get(*position);
                    let id = original.map(|policy| if policy.template.is_some() { policy.id.as_str() } else { "" });
                    (*position, at.get(name(number, id.unwrap_or_default()).as_str()).copied())
                });
                let changes: Vec<_> = changes.collect();
                let policy = changes.iter().find_map(|(_, at)| program.policies().get((*at)?));
                let too_deep = || set.is_none().then(|| "it would nest too deep".to_owned());
                Member {
                    effect: policy.map_or(Effect::Permit, |policy| policy.effect),
                    changes,
                    invalid: invalid.or_else(too_deep),
                }
            });
        let members = members.collect();
        Some(Self { program, members })
    }

    /// What became of each policy of the batch.
    pub(super) fn outcomes(&self, engine: &Engine, scratch: &mut Scratch, request: &Request) -> Outcomes {
        let record = Record::new(engine, scratch, request);
        let mut applied = vec![None; self.program.policies().len()];
        for (at, outcome) in record.applied {
            if let Some(place) = applied.get_mut(at) {
                *place = Some(outcome);
            }
        }
        Outcomes { is_complete: record.is_complete, applied }
    }
}

/// What became of the policies of a batch on one request.
#[derive(Debug)]
pub(super) struct Outcomes {
    is_complete: bool,
    applied: Vec<Option<Applied>>,
}

impl Member {
    /// The decision with the mutant; nothing if it is as before, policies and errors included.
    pub(super) fn verdict<'p>(&self, originals: &'p [Policy], before: &Record, now: &Outcomes) -> Option<Verdict<'p>> {
        let mut is_same = true;
        let mut changed = Vec::with_capacity(self.changes.len());
        for (position, at) in &self.changes {
            let was = before.at(*position);
            let is = at.and_then(|at| now.applied.get(at).copied().flatten());
            let effect = originals.get(*position).map(|policy| policy.effect);
            is_same &= was == is && (is != Some(Applied::Satisfied) || effect == Some(self.effect));
            changed.extend(is.map(|applied| (*position, applied)));
        }
        if is_same {
            return None;
        }
        let kept = before.applied.iter().filter(|(at, _)| self.changes.iter().all(|(position, _)| position != at));
        let kept = kept.filter_map(|(at, applied)| {
            let policy = originals.get(*at)?;
            Some((policy, policy.effect, *applied))
        });
        let changed = changed.iter().filter_map(|(at, applied)| Some((originals.get(*at)?, self.effect, *applied)));
        Some(verdict(before.is_complete && now.is_complete, kept.chain(changed)))
    }
}

/// What a mutated policy, or a link of it, is called in the batch.
fn name(number: usize, link: &str) -> String {
    if link.is_empty() { number.to_string() } else { format!("{number}/{link}") }
}

fn renamed(mut set: PolicySet, number: usize, policy: &str, links: &[&TemplateLink]) -> PolicySet {
    for mutated in &mut set.policies {
        mutated.id = name(number, "").into();
        if mutated.is_template() {
            let own = links.iter().filter(|link| link.template.value == policy);
            set.links.extend(own.map(|link| {
                let mut link = (*link).clone();
                link.template.value = mutated.id.clone();
                link.id.value = name(number, &link.id.value).into();
                link
            }));
        }
    }
    set
}

/// For each mutant the first error of a check of it.
fn invalid(originals: Originals<'_>, sets: &[&PolicySet], count: usize) -> Vec<Option<String>> {
    let mut invalid = vec![None; count];
    let Some((schema, options)) = originals.schema else { return invalid };
    for (id, diagnostic) in check(sets, schema, options).findings().filter(|(_, diagnostic)| diagnostic.is_error()) {
        let number = id.split('/').next().and_then(|number| number.parse::<usize>().ok());
        if let Some(place) = number.and_then(|number| invalid.get_mut(number)) {
            place.get_or_insert_with(|| diagnostic.message().to_owned());
        }
    }
    invalid
}
