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

use crate::{report, session::Session};

/// Keeps the cases whose name contains one of the texts, if there are any; says whether one is left of those that were.
pub(crate) fn filter(session: &mut Session<'_>, suites: &mut Suites, names: &[String]) -> bool {
    let Some(first) = names.first() else { return true };
    let had_cases = !suites.cases.is_empty();
    suites.cases.retain(|case| names.iter().any(|name| case.name.contains(name.as_str())));
    let is_misspelt = had_cases && suites.cases.is_empty();
    if is_misspelt {
        session.report(report::no_such_test(first, None));
    }
    !is_misspelt
}

/// The tests of one run, ready to be decided.
#[derive(Debug, Default)]
pub(crate) struct Suites {
    /// The stores that the cases speak about; cases share them.
    pub(crate) stores: Vec<Entities>,
    pub(crate) cases: Vec<Case>,
}
