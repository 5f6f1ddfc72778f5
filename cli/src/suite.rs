//! Tests of policies: requests with the decisions that they should have.
//!
//! | module | job |
//! |---|---|
//! | `file` | a file of tests, as its author wrote it: fixtures, single cases, tables |
//! | `case` | tables spread out to cases, names resolved to entities |
//! | `imported` | the tests of `cedar run-tests` |
//! | `run` | cases decided, and what differs |
//!
//! A file of tests is read whole before one of its tests runs: a mistake in it is no failure of a policy.

mod case;
mod file;
mod imported;
mod run;

pub(crate) use self::{
    case::{Case, Expected, Policies as ExpectedPolicies},
    file::{Shared, read_suites},
    run::{CaseOutcome, CaseResult, Failure, Progress, TestRun, Verdict, not_completed, run},
};

use deodar_runtime::Entities;

/// Keeps the cases whose name contains one of the texts.
pub(crate) fn filter(suites: &mut Suites, names: &[String]) {
    if !names.is_empty() {
        suites.cases.retain(|case| names.iter().any(|name| case.name.contains(name.as_str())));
    }
}

/// The tests of one run, ready to be decided.
#[derive(Debug, Default)]
pub(crate) struct Suites {
    /// The stores that the cases speak about; cases share them.
    pub(crate) stores: Vec<Entities>,
    pub(crate) cases: Vec<Case>,
}
