//! The answer to a request.

use deodar_lexicon::limits::Limit;
use smol_str::SmolStr;

use crate::error::{EvalError, Failure};

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

/// The ids of satisfied policies.
#[derive(Debug, Default)]
pub(crate) struct Satisfied {
    pub(crate) permits: Vec<SmolStr>,
    pub(crate) forbids: Vec<SmolStr>,
}
