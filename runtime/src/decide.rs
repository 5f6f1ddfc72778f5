//! One decision: the candidates of the index, evaluated into memory that the caller keeps.
//!
//! What a decision finds is positions of policies, addresses and handles. Names and texts are made of them when
//! somebody reads the [`Answer`](crate::Answer).

use deodar_lexicon::limits;

use crate::{
    bind::{self, Names},
    engine::{Body, Engine, action_matches},
    entities::Entities,
    error::{Failure, Fault, Stop},
    index::{Entry, Party, Satisfied, Visitor},
    instruction::{CodeAddress, Variable},
    pool::{Interner, Layered, Member, Overlay, Word},
    program::{ConditionKind, Effect},
    quick::Asked,
    request::{self, Context, Question},
    response::Decision,
    statistics::Looks,
    stream::Buffers,
    vm::{self, Machine, Memory, NoTrace},
};

/// Memory for decisions. Who keeps one for each thread decides without allocating, once it has seen the largest
/// request; it may be used with any number of engines.
#[derive(Debug, Default)]
pub struct Scratch {
    memory: Memory,
    pub(crate) found: Found,
    memo: Memo,
    /// The members of the context that policies may name.
    members: Vec<Member>,
    buffers: Buffers,
    /// Room for the action constraints that an unknown action satisfies.
    room: Vec<u32>,
}

/// What a decision found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) permits: Vec<u32>,
    pub(crate) forbids: Vec<u32>,
    pub(crate) errors: Vec<Failed>,
    pub(crate) failure: Option<Failure>,
    /// Whether some policy was found after one that stands behind it.
    out_of_order: bool,
}

/// A policy that could not be evaluated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed {
    pub(crate) policy: u32,
    pub(crate) place: FailedPlace,
    pub(crate) fault: Fault,
}

/// Where in the conditions of a policy an evaluation failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FailedPlace {
    pub(crate) condition: u32,
    /// Instructions from the start of the condition.
    pub(crate) offset: u32,
}

/// What became of a body.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Satisfied,
    Unsatisfied,
    Failed(FailedPlace, Fault),
}

/// Outcomes of shared bodies, valid for one decision.
#[derive(Debug, Default)]
struct Memo {
    /// By body: the decision that it belongs to, and the outcome.
    outcomes: Vec<(u64, Outcome)>,
    decision: u64,
}

impl Memo {
    fn begin(&mut self) {
        self.decision = self.decision.wrapping_add(1);
    }

    fn get(&self, body: u32) -> Option<Outcome> {
        let (decision, outcome) = self.outcomes.get(body as usize)?;
        (*decision == self.decision).then_some(*outcome)
    }

    fn set(&mut self, body: u32, outcome: Outcome, bodies: usize) {
        if self.outcomes.len() < bodies {
            self.outcomes.resize(bodies, (0, Outcome::Unsatisfied));
        }
        if let Some(place) = self.outcomes.get_mut(body as usize) {
            *place = (self.decision, outcome);
        }
    }
}

impl Found {
    fn clear(&mut self) {
        self.permits.clear();
        self.forbids.clear();
        self.errors.clear();
        self.failure = None;
        self.out_of_order = false;
    }

    #[inline]
    fn note(&mut self, policy: u32, effect: Effect, outcome: Outcome) {
        let list = match (outcome, effect) {
            (Outcome::Unsatisfied, _) => return,
            (Outcome::Satisfied, Effect::Permit) => &mut self.permits,
            (Outcome::Satisfied, Effect::Forbid) => &mut self.forbids,
            (Outcome::Failed(place, fault), _) => return self.note_error(Failed { policy, place, fault }),
        };
        self.out_of_order |= list.last().is_some_and(|last| *last > policy);
        list.push(policy);
    }

    #[cold]
    fn note_error(&mut self, failed: Failed) {
        self.out_of_order |= self.errors.last().is_some_and(|last| last.policy > failed.policy);
        self.errors.push(failed);
    }

    /// Puts policies into the order of reports, which is that of the program.
    #[inline]
    fn sort(&mut self) {
        // Mostly they are found in order.
        if self.out_of_order {
            self.permits.sort_unstable();
            self.forbids.sort_unstable();
            self.errors.sort_unstable_by_key(|failed| failed.policy);
        }
    }

    pub(crate) fn decision(&self) -> Decision {
        let allows = self.failure.is_none() && self.forbids.is_empty() && !self.permits.is_empty();
        if allows { Decision::Allow } else { Decision::Deny }
    }

    /// The policies that decided.
    pub(crate) fn determining(&self) -> &[u32] {
        match (self.failure, self.forbids.is_empty()) {
            (Some(_), _) => &[],
            (None, true) => &self.permits,
            (None, false) => &self.forbids,
        }
    }
}

/// When a decision may stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// When all is known.
    Full,
    /// When it is settled.
    Settled,
}

/// The context as a record, for the VM.
#[derive(Debug, Clone, Copy)]
enum WholeContext<'a> {
    Bound(Word),
    /// To be bound when it is needed.
    Of(&'a Context),
    /// The same, of the members that are bound.
    Members,
}

impl Scratch {
    /// Memory that is not used yet.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn layer(&self) -> &crate::pool::Layer {
        &self.memory.layer
    }

    pub(crate) fn decide(&mut self, engine: &Engine, question: Question<'_>) {
        self.visit(engine, question, Extent::Full);
        self.found.sort();
    }

    pub(crate) fn settle(&mut self, engine: &Engine, question: Question<'_>) -> Decision {
        self.visit(engine, question, Extent::Settled);
        self.found.decision()
    }

    /// Decides a request in JSON; says whether it has the usual form.
    pub(crate) fn decide_json(&mut self, engine: &Engine, text: &str) -> bool {
        self.begin();
        let overlay = Overlay::again(engine.entities.pool(), &mut self.memory.layer);
        let names = request::json::read(text, overlay, &mut self.buffers, &mut self.members);
        names.is_some_and(|names| {
            self.evaluate(engine, names, WholeContext::Members, Extent::Full);
            self.found.sort();
            true
        })
    }

    fn visit(&mut self, engine: &Engine, question: Question<'_>, extent: Extent) {
        self.begin();
        let pool = engine.entities.pool();
        let Some(names) = bind::names(&question, pool, &mut self.memory.layer) else {
            self.found.failure = Some(Failure::Defect);
            return;
        };
        let context = question.context();
        let context = match bind::members(context, pool, &mut self.memory, &mut self.members) {
            Some(whole) => WholeContext::Bound(whole),
            None => WholeContext::Of(context),
        };
        self.evaluate(engine, names, context, extent);
    }

    /// How many policies a decision on the request looks at.
    pub(crate) fn looks(&mut self, engine: &Engine, question: Question<'_>) -> Option<Looks> {
        self.begin();
        let pool = engine.entities.pool();
        let names = bind::names(&question, pool, &mut self.memory.layer)?;
        bind::members(question.context(), pool, &mut self.memory, &mut self.members);
        let asked = asked(&engine.entities, &self.memory, names, &self.members);
        let mut counter = Counter { asked, looks: Looks::default() };
        engine.index.visit(&mut self.room, &mut counter);
        Some(counter.looks)
    }

    #[inline]
    fn begin(&mut self) {
        self.found.clear();
        self.memo.begin();
        self.memory.begin();
    }

    /// Evaluates what the index finds for a request whose names and members are bound.
    #[inline]
    fn evaluate(&mut self, engine: &Engine, names: Names, context: WholeContext<'_>, extent: Extent) {
        let Self { memory, found, memo, members, room, .. } = self;
        let asked = asked(&engine.entities, memory, names, members);
        let (last, steps_left) = (None, limits::STEPS.value);
        let mut evaluator = Evaluator { engine, asked, context, memory, found, memo, last, extent, steps_left };
        engine.index.visit(room, &mut evaluator);
    }

    /// Every policy, one after the other.
    pub(crate) fn scan(&mut self, engine: &Engine, question: Question<'_>) {
        let Self { memory, found, .. } = self;
        found.clear();
        let mut machine = Machine::new(&engine.entities, memory);
        let Some(handles) = bind::whole(question, engine, &mut machine) else {
            found.failure = Some(Failure::Defect);
            return;
        };
        let parties = [handles.principal, handles.action, handles.resource];
        let parties = parties.map(|id| Party::new(&engine.entities, &machine.overlay, id));
        let [principal, action, resource] = parties;
        for view in engine.policies() {
            let matches = principal.satisfies(view.principal)
                && action_matches(view.action, action)
                && resource.satisfies(view.resource);
            if !matches {
                continue;
            }
            let (effect, conditions) = (view.policy.effect, view.policy.conditions.clone());
            let body = Body { effect, conditions, quick: None, each: [].into(), reads_context: true, shared: false };
            match run(engine, &body, None, &mut machine) {
                Ok(outcome) => found.note(view.number, effect, outcome),
                Err(failure) => {
                    found.failure = Some(failure);
                    return;
                }
            }
        }
    }
}

/// What is asked, of names and members that are bound.
#[inline]
fn asked<'a>(entities: &'a Entities, memory: &Memory, names: Names, members: &'a [Member]) -> Asked<'a> {
    let [principal, action, resource] = names;
    let layered = Layered::new(entities.pool(), &memory.layer);
    // Not mapped as an array, which is a call and two copies.
    let principal = Party::new(entities, &layered, principal);
    let resource = Party::new(entities, &layered, resource);
    Asked::new(entities, principal, action, resource, members)
}

/// Evaluates the policies that the index finds.
struct Evaluator<'a> {
    engine: &'a Engine,
    asked: Asked<'a>,
    context: WholeContext<'a>,
    memory: &'a mut Memory,
    found: &'a mut Found,
    memo: &'a mut Memo,
    /// The last body of a list of anchored policies, and whether it holds: often the next one has the same.
    last: Option<(u32, bool)>,
    extent: Extent,
    /// Of all policies together.
    steps_left: u64,
}

impl<'a> Visitor<'a> for Evaluator<'a> {
    fn asked(&self) -> &Asked<'a> {
        &self.asked
    }

    fn list(&mut self, entries: &[Entry]) -> bool {
        entries.iter().all(|entry| !entry.concerns(&self.asked) || self.candidate(entry))
    }

    fn list_within(&mut self, entries: &[Entry], classes: Satisfied<'_>) -> bool {
        let left_out = |entry: &Entry, asked: &_| !(entry.is_of(classes) && entry.concerns(asked));
        entries.iter().all(|entry| left_out(entry, &self.asked) || self.anchored_candidate(entry))
    }
}

/// Counts the policies that the index finds.
struct Counter<'a> {
    asked: Asked<'a>,
    looks: Looks,
}

impl<'a> Visitor<'a> for Counter<'a> {
    fn asked(&self) -> &Asked<'a> {
        &self.asked
    }

    fn list(&mut self, entries: &[Entry]) -> bool {
        self.looks.found += entries.len();
        self.looks.evaluated += entries.iter().filter(|entry| entry.concerns(&self.asked)).count();
        true
    }

    fn list_within(&mut self, entries: &[Entry], classes: Satisfied<'_>) -> bool {
        self.looks.found += entries.len();
        let concerns = |entry: &&Entry| entry.is_of(classes) && entry.concerns(&self.asked);
        self.looks.evaluated += entries.iter().filter(concerns).count();
        true
    }
}

impl Evaluator<'_> {
    /// Evaluates a policy whose scope matches; says whether to go on.
    #[inline]
    fn candidate(&mut self, entry: &Entry) -> bool {
        let Some(body) = self.engine.bodies.get(entry.body) else { return self.fail(Failure::Defect) };
        match body.quick.as_ref().and_then(|quick| quick.holds(&self.asked)) {
            Some(true) => self.note(entry, body.effect, Outcome::Satisfied),
            Some(false) => true,
            None => self.slow_candidate(entry, body),
        }
    }

    /// The same among policies of which many have one body.
    #[inline(never)]
    fn anchored_candidate(&mut self, entry: &Entry) -> bool {
        let Some(body) = self.engine.bodies.get(entry.body) else { return self.fail(Failure::Defect) };
        let known = self.last.filter(|(last, _)| *last == entry.body).map(|(_, holds)| holds);
        let Some(holds) = known.or_else(|| body.quick.as_ref()?.holds(&self.asked)) else {
            return self.slow_candidate(entry, body);
        };
        self.last = Some((entry.body, holds));
        !holds || self.note(entry, body.effect, Outcome::Satisfied)
    }

    #[inline(never)]
    fn slow_candidate(&mut self, entry: &Entry, body: &Body) -> bool {
        match self.remembered(entry, body) {
            Ok(outcome) => self.note(entry, body.effect, outcome),
            Err(failure) => self.fail(failure),
        }
    }

    #[inline]
    fn note(&mut self, entry: &Entry, effect: Effect, outcome: Outcome) -> bool {
        self.found.note(entry.policy, effect, outcome);
        self.extent == Extent::Full || !self.is_settled()
    }

    #[cold]
    fn fail(&mut self, failure: Failure) -> bool {
        self.found.failure = Some(failure);
        false
    }

    /// The outcome of a body that needs the VM, which a request runs it through once.
    fn remembered(&mut self, entry: &Entry, body: &Body) -> Result<Outcome, Failure> {
        if body.shared
            && let Some(outcome) = self.memo.get(entry.body)
        {
            return Ok(outcome);
        }
        let context = if body.reads_context { self.whole_context() } else { Word::default() };
        let handles = self.asked.handles(context);
        let mut machine = Machine::again(self.asked.entities, self.memory, handles, self.steps_left);
        let outcome = run(self.engine, body, Some(&self.asked), &mut machine)?;
        self.steps_left = machine.steps_left();
        if body.shared {
            self.memo.set(entry.body, outcome, self.engine.bodies.len());
        }
        Ok(outcome)
    }

    fn whole_context(&mut self) -> Word {
        let pool = self.asked.entities.pool();
        let whole = match self.context {
            WholeContext::Bound(whole) => whole,
            WholeContext::Of(context) => self.memory.bind_context(context, pool),
            WholeContext::Members => {
                let members = self.asked.members(Variable::Context);
                Word::Record(Overlay::again(pool, &mut self.memory.layer).intern(members))
            }
        };
        self.context = WholeContext::Bound(whole);
        whole
    }

    /// Whether no further policy can change the decision.
    fn is_settled(&self) -> bool {
        !self.found.forbids.is_empty() || (!self.engine.bodies.some_forbid && !self.found.permits.is_empty())
    }
}

/// Evaluates the conditions with the VM; the first one that does not hold ends the evaluation.
fn run(engine: &Engine, body: &Body, asked: Option<&Asked<'_>>, machine: &mut Machine<'_>) -> Result<Outcome, Failure> {
    for (number, condition) in (0u32..).zip(&body.conditions) {
        if let (Some(asked), Some(Some(quick))) = (asked, body.each.get(number as usize))
            && let Some(value) = quick.holds(asked)
        {
            if value == (condition.kind == ConditionKind::When) {
                continue;
            }
            return Ok(Outcome::Unsatisfied);
        }
        let failed = |at: CodeAddress, fault| {
            let offset = at.0.saturating_sub(condition.code.start.0);
            Outcome::Failed(FailedPlace { condition: number, offset }, fault)
        };
        let value = match machine.run(engine.executable(), condition.code, &mut NoTrace) {
            Ok(value) => vm::as_bool(value),
            Err(Stop::Fault(at, fault)) => return Ok(failed(at, fault)),
            Err(Stop::Limit(limit)) => return Err(Failure::Limit(limit)),
            Err(Stop::Defect) => return Err(Failure::Defect),
        };
        match value {
            Ok(value) if value == (condition.kind == ConditionKind::When) => {}
            Ok(_) => return Ok(Outcome::Unsatisfied),
            // V6: the last instruction is the return, whose place is that of the whole expression.
            Err(fault) => return Ok(failed(CodeAddress(condition.code.end.0.saturating_sub(1)), fault)),
        }
    }
    Ok(Outcome::Satisfied)
}
