//! What requests show of policies: coverage.
//!
//! An observer decides requests as the scan does, policy by policy, with a watched machine, and notes for every policy,
//! every part of its scope and every watched expression which truth values it has had, and whether it has ever decided
//! alone. A policy whose scope does not match costs three tests.
//!
//! That an expression decides alone is masking MC/DC: the evaluation is repeated with the value of that one expression
//! turned around, and something else becomes of the policy: it is satisfied instead of not, or it fails, which is what
//! `has` in front of an attribute is there to prevent. So what was not evaluated the first time is evaluated now, and
//! nothing is derived from the form of the condition. It is noted for both values, since a conjunct that is true
//! decides nothing about requests in which it is false. What has decided alone once is not tried again.

use crate::{
    bind,
    engine::{self, Engine, PolicyView},
    error::Stop,
    index::Party,
    instruction::{CodeAddress, Instruction, Register},
    pool::Word,
    program::{Condition, Policy},
    request::Request,
    vm::{Machine, Memory, Trace},
};

/// An expression of a condition that is watched: its code yields a truth value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// The condition of the policy, from 0.
    pub condition: usize,
    /// Its first instruction.
    pub start: CodeAddress,
    /// Behind its last instruction.
    pub end: CodeAddress,
    /// Where its value is then.
    pub register: Register,
}

/// What was seen of a policy, a part of its scope, or an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// How often it was true: satisfied, or matching.
    pub held: u64,
    /// How often it was false.
    pub not_held: u64,
    /// How often its evaluation failed.
    pub failed: u64,
    /// Whether it has decided alone what becomes of the policy when it was true. A policy itself does not.
    pub held_alone: bool,
    /// The same when it was false.
    pub not_held_alone: bool,
}

/// What becomes of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Satisfied,
    NotSatisfied,
    Failed,
}

impl Seen {
    fn note(&mut self, value: bool) {
        *(if value { &mut self.held } else { &mut self.not_held }) += 1;
    }

    fn add(&mut self, other: Self) {
        self.held += other.held;
        self.not_held += other.not_held;
        self.failed += other.failed;
        self.held_alone |= other.held_alone;
        self.not_held_alone |= other.not_held_alone;
    }

    fn alone(&mut self, value: bool) -> &mut bool {
        if value { &mut self.held_alone } else { &mut self.not_held_alone }
    }
}

/// What was seen of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicySeen {
    /// Of the policy as a whole.
    pub policy: Seen,
    /// Of what its scope says of the principal, of the action and of the resource.
    pub scope: [Seen; 3],
    /// Of each watched expression.
    pub probes: Vec<Seen>,
}

impl PolicySeen {
    /// Adds what was seen of the same policy, or of another link of the same template.
    pub fn add(&mut self, other: &Self) {
        self.policy.add(other.policy);
        self.scope.iter_mut().zip(other.scope).for_each(|(seen, other)| seen.add(other));
        if self.probes.is_empty() {
            self.probes.resize(other.probes.len(), Seen::default());
        }
        self.probes.iter_mut().zip(&other.probes).for_each(|(seen, other)| seen.add(*other));
    }
}

/// Watches the policies of one program, whichever entities it is linked to.
#[derive(Debug)]
pub struct Observer {
    /// Of each policy, in the order of the program.
    policies: Vec<(Box<[Probe]>, PolicySeen)>,
    memory: Memory,
    values: Vec<(usize, bool)>,
}

impl Clone for Observer {
    fn clone(&self) -> Self {
        Self { policies: self.policies.clone(), memory: Memory::default(), values: Vec::new() }
    }
}

impl Observer {
    /// Watches these expressions of each policy of a program; those of a policy are in the order of its code.
    pub fn new(probes: impl IntoIterator<Item = Box<[Probe]>>) -> Self {
        let policies = probes.into_iter().map(|probes| {
            let seen = PolicySeen { probes: vec![Seen::default(); probes.len()], ..PolicySeen::default() };
            (probes, seen)
        });
        Self { policies: policies.collect(), memory: Memory::default(), values: Vec::new() }
    }

    /// What was seen of each policy, in the order of the program.
    pub fn policies(&self) -> impl ExactSizeIterator<Item = &PolicySeen> {
        self.policies.iter().map(|(_, seen)| seen)
    }

    /// Adds what another observer of the same policies has seen.
    pub fn add(&mut self, other: &Self) {
        self.policies.iter_mut().zip(&other.policies).for_each(|((_, seen), (_, other))| seen.add(other));
    }

    /// Decides a request and notes what it shows. A policy that exceeds a limit shows nothing.
    pub fn observe(&mut self, engine: &Engine, request: &Request) {
        let Self { policies, memory, values } = self;
        let mut machine = Machine::new(engine.entities(), memory);
        let handles = bind::whole_request(request, &mut machine);
        let parties = [handles.principal, handles.action, handles.resource];
        let parties = parties.map(|id| Party::new(engine.entities(), &machine.overlay, id));
        for (view, (probes, seen)) in engine.policies().zip(policies) {
            Observation { engine, policy: view.policy, probes, machine: &mut machine, values }
                .policy(view, parties, seen);
        }
    }
}

/// One policy on one request.
struct Observation<'o, 'm> {
    engine: &'o Engine,
    policy: &'o Policy,
    probes: &'o [Probe],
    machine: &'o mut Machine<'m>,
    /// The probes that were evaluated, with their values.
    values: &'o mut Vec<(usize, bool)>,
}

/// The decision as a whole has failed, and says nothing.
struct NoResult;

impl Observation<'_, '_> {
    fn policy(mut self, view: PolicyView<'_>, parties: [Party<'_>; 3], seen: &mut PolicySeen) {
        let matches = matching_parts(view, parties);
        for (seen, matches) in seen.scope.iter_mut().zip(matches) {
            seen.note(matches);
        }
        let mut mismatches = seen.scope.iter_mut().zip(matches).filter(|(_, matches)| !matches);
        match (mismatches.next(), mismatches.next()) {
            (None, _) => self.conditions(seen),
            (Some((part, _)), None) => {
                seen.policy.note(false);
                // Had this part matched, too, the conditions would have been asked.
                part.not_held_alone =
                    part.not_held_alone || matches!(self.outcome(0, None), Ok(other) if other != Outcome::NotSatisfied);
            }
            (Some(_), Some(_)) => seen.policy.note(false),
        }
    }

    /// The scope matches.
    fn conditions(&mut self, seen: &mut PolicySeen) {
        self.values.clear();
        let Ok(outcome) = self.watched_outcome(seen) else { return };
        match outcome {
            Outcome::Satisfied => seen.policy.note(true),
            Outcome::NotSatisfied => seen.policy.note(false),
            Outcome::Failed => seen.policy.failed += 1,
        }
        if outcome != Outcome::NotSatisfied {
            // Without any of its parts the scope would not have matched.
            seen.scope.iter_mut().for_each(|part| part.held_alone = true);
        }
        let values = core::mem::take(self.values);
        for (probe, value) in values.iter().copied() {
            let (Some(noted), Some(found)) = (seen.probes.get_mut(probe), self.probes.get(probe)) else { continue };
            noted.note(value);
            let alone = noted.alone(value);
            *alone = *alone || matches!(self.outcome(found.condition, Some(probe)), Ok(other) if other != outcome);
        }
        *self.values = values;
    }

    /// What becomes of the policy; which values its probes have is noted.
    fn watched_outcome(&mut self, seen: &mut PolicySeen) -> Result<Outcome, NoResult> {
        self.machine.renew_steps();
        for condition in &self.policy.conditions {
            let mut watch = Watch::new(self.probes, condition, None, Some(self.values));
            match self.engine.condition_holds(condition, self.machine, &mut watch) {
                Ok(true) => {}
                Ok(false) => return Ok(Outcome::NotSatisfied),
                Err(Stop::Fault(at, _)) => {
                    let failed = watch.probe_at(at).and_then(|probe| seen.probes.get_mut(probe));
                    if let Some(seen) = failed {
                        seen.failed += 1;
                    }
                    return Ok(Outcome::Failed);
                }
                Err(Stop::Limit(_) | Stop::Defect) => return Err(NoResult),
            }
        }
        Ok(Outcome::Satisfied)
    }

    /// What would become of the policy, from this condition on, with the value of one probe turned around.
    fn outcome(&mut self, first: usize, flipped: Option<usize>) -> Result<Outcome, NoResult> {
        self.machine.renew_steps();
        for condition in self.policy.conditions.iter().skip(first) {
            let mut watch = Watch::new(self.probes, condition, flipped, None);
            match self.engine.condition_holds(condition, self.machine, &mut watch) {
                Ok(true) => {}
                Ok(false) => return Ok(Outcome::NotSatisfied),
                Err(Stop::Fault(..)) => return Ok(Outcome::Failed),
                Err(Stop::Limit(_) | Stop::Defect) => return Err(NoResult),
            }
        }
        Ok(Outcome::Satisfied)
    }
}

fn matching_parts(view: PolicyView<'_>, [principal, action, resource]: [Party<'_>; 3]) -> [bool; 3] {
    [
        principal.satisfies(view.principal),
        engine::action_matches(view.action, action),
        resource.satisfies(view.resource),
    ]
}

/// Watches the probes of one condition.
struct Watch<'w> {
    probes: &'w [Probe],
    /// The first probe whose end has not been passed. Jumps lead forward, so it never goes back.
    next: usize,
    previous: Option<CodeAddress>,
    flipped: Option<usize>,
    values: Option<&'w mut Vec<(usize, bool)>>,
}

impl<'w> Watch<'w> {
    fn new(
        probes: &'w [Probe],
        condition: &Condition,
        flipped: Option<usize>,
        values: Option<&'w mut Vec<(usize, bool)>>,
    ) -> Self {
        let next = probes.partition_point(|probe| probe.start < condition.code.start);
        Self { probes, next, previous: None, flipped, values }
    }

    /// The probe whose code, or whose use as a truth value, failed.
    fn probe_at(&self, at: CodeAddress) -> Option<usize> {
        let probe = self.probes.get(self.next)?;
        (probe.start <= at && at <= probe.end).then_some(self.next)
    }
}

impl Trace for Watch<'_> {
    fn before(&mut self, at: CodeAddress, _: Instruction, registers: &mut [Word], _: &[Word]) {
        let previous = self.previous.replace(at);
        while self.probes.get(self.next).is_some_and(|probe| probe.end < at) {
            self.next += 1;
        }
        let Some(probe) = self.probes.get(self.next).filter(|probe| probe.end == at) else { return };
        // Others jump here, too.
        if previous.is_none_or(|previous| previous < probe.start) {
            return;
        }
        let Some(register) = registers.get_mut(usize::from(probe.register.0)) else { return };
        if let Word::Bool(value) = *register {
            if let Some(values) = &mut self.values {
                values.push((self.next, value));
            }
            if self.flipped == Some(self.next) {
                *register = Word::Bool(!value);
            }
        }
    }
}
