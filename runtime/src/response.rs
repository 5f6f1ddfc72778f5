//! The answer to a request.

use deodar_lexicon::limits::Limit;
use smol_str::SmolStr;

use crate::{
    decide::{Failed, Found, Scratch},
    engine::{Engine, eval_error},
    error::{EvalError, Failure, Stop},
    instruction::CodeAddress,
    pool::{Layer, Layered},
};

/// Whether a request may go ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decision {
    /// Some permit is satisfied, and no forbid is.
    Allow,
    /// Anything else.
    Deny,
}

/// A policy that has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The id of the policy.
    pub policy: SmolStr,
    /// Why.
    pub error: EvalError,
}

/// A decision with its reasons. Policies stand in the order of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    decision: Decision,
    determining: Vec<SmolStr>,
    errors: Vec<PolicyError>,
    failure: Option<Failure>,
}

impl Response {
    pub(crate) fn new(satisfied: Satisfied, errors: Vec<PolicyError>) -> Self {
        let (decision, determining) = if !satisfied.forbids.is_empty() {
            (Decision::Deny, satisfied.forbids)
        } else if satisfied.permits.is_empty() {
            (Decision::Deny, Vec::new())
        } else {
            (Decision::Allow, satisfied.permits)
        };
        Self { decision, determining, errors, failure: None }
    }

    /// A decision that could not be completed: nothing is known of the policies.
    pub(crate) fn failed(failure: Failure) -> Self {
        Self { decision: Decision::Deny, determining: Vec::new(), errors: Vec::new(), failure: Some(failure) }
    }

    /// Whether the request may go ahead.
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// The ids of the policies that decided: the satisfied forbids if there are any, else the satisfied permits.
    /// Empty if a request is denied because no permit is satisfied.
    pub fn determining(&self) -> &[SmolStr] {
        &self.determining
    }

    /// The policies that could not be evaluated; they count as not satisfied.
    pub fn errors(&self) -> &[PolicyError] {
        &self.errors
    }

    /// The limit that the decision exceeded, which is why it is Deny, whatever the policies say.
    pub fn limit(&self) -> Option<Limit> {
        self.failure?.limit()
    }

    /// Whether the decision was completed. It is Deny if not: see [`limit`](Self::limit); without a limit, the program
    /// or the handles of the request are not what the engine was given, which is a defect.
    pub fn is_complete(&self) -> bool {
        self.failure.is_none()
    }
}

fn position(number: u32) -> usize {
    number as usize
}

/// The ids of satisfied policies.
#[derive(Debug, Default)]
pub(crate) struct Satisfied {
    pub(crate) permits: Vec<SmolStr>,
    pub(crate) forbids: Vec<SmolStr>,
}

/// The answer to a request, in the memory of the decision. Names and texts are made when they are read.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    engine: &'a Engine,
    found: &'a Found,
    layer: &'a Layer,
}

impl<'a> Answer<'a> {
    pub(crate) fn new(engine: &'a Engine, scratch: &'a Scratch) -> Self {
        Self { engine, found: &scratch.found, layer: scratch.layer() }
    }

    /// Whether the request may go ahead.
    pub fn decision(&self) -> Decision {
        self.found.decision()
    }

    /// The ids of the policies that decided, in the order of the program; see [`Response::determining`].
    pub fn determining(&self) -> impl ExactSizeIterator<Item = &'a str> {
        let engine = self.engine;
        self.found.determining().iter().map(|policy| engine.policy(*policy).map_or("", |view| view.id))
    }

    /// The policies that could not be evaluated, in the order of the program.
    pub fn errors(&self) -> impl Iterator<Item = PolicyError> {
        // A decision that was not completed says nothing of policies.
        let failed = if self.found.failure.is_some() { &[][..] } else { &self.found.errors };
        failed.iter().filter_map(|failed| self.error(failed))
    }

    /// Where the satisfied policies stand among all: the permits, and then the forbids, whether they decide or not.
    /// Of a decision that was not completed there are none.
    pub fn satisfied(&self) -> impl Iterator<Item = usize> {
        let Found { permits, forbids, failure, .. } = self.found;
        let (permits, forbids) = if failure.is_some() { (&[][..], &[][..]) } else { (&permits[..], &forbids[..]) };
        permits.iter().chain(forbids).copied().map(position)
    }

    /// Where the policies that could not be evaluated stand among all.
    pub fn failed(&self) -> impl Iterator<Item = usize> {
        let failed = if self.found.failure.is_some() { &[][..] } else { &self.found.errors };
        failed.iter().map(|failed| position(failed.policy))
    }

    /// See [`Response::limit`].
    pub fn limit(&self) -> Option<Limit> {
        self.found.failure?.limit()
    }

    /// See [`Response::is_complete`].
    pub fn is_complete(&self) -> bool {
        self.found.failure.is_none()
    }

    /// The answer with names and texts of its own.
    pub fn to_response(&self) -> Response {
        Response {
            decision: self.decision(),
            determining: self.determining().map(SmolStr::new).collect(),
            errors: self.errors().collect(),
            failure: self.found.failure,
        }
    }

    #[cold]
    fn error(&self, failed: &Failed) -> Option<PolicyError> {
        let view = self.engine.policy(failed.policy)?;
        let condition = view.policy.conditions.get(failed.place.condition as usize)?;
        let at = CodeAddress(condition.code.start.0.saturating_add(failed.place.offset));
        let layered = Layered::new(self.engine.entities().pool(), self.layer);
        let stop = Stop::Fault(at, failed.fault);
        let error = eval_error(stop, self.engine.program().parts(), &layered, self.engine.entities()).ok()?;
        Some(PolicyError { policy: view.id.into(), error })
    }
}
