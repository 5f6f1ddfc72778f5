//! The answer to a request.

use deodar_lexicon::limits::Limit;
use smol_str::SmolStr;

use crate::error::EvalError;

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
    limit: Option<Limit>,
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
        Self { decision, determining, errors, limit: None }
    }

    /// A decision that could not be completed: nothing is known of the policies.
    pub(crate) fn exceeded(limit: Limit) -> Self {
        Self { decision: Decision::Deny, determining: Vec::new(), errors: Vec::new(), limit: Some(limit) }
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
        self.limit
    }
}

/// The ids of satisfied policies.
#[derive(Debug, Default)]
pub(crate) struct Satisfied {
    pub(crate) permits: Vec<SmolStr>,
    pub(crate) forbids: Vec<SmolStr>,
}
