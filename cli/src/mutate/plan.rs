//! Which mutants are made.
//!
//! With a budget, a sample is taken: each mutant has a number that depends on the seed, its policy and its mistake, and
//! those with the smallest numbers are taken. So the sample of a policy stays when others change.

use std::collections::HashSet;

use deodar_compiler::{
    Schema,
    mutate::{Mutation, mutations},
};
use deodar_grammar::ast::PolicySet;

/// How many mutants, and which.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// At most so many; all without a budget.
    pub(crate) budget: Option<usize>,
    pub(crate) seed: u64,
}

/// A mutant that is to be tried.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) policy: String,
    pub(crate) mutation: Mutation,
}

/// The mutants of the wanted policies, in the order of the policies, and how many there would be without a budget.
pub(crate) fn plan(
    sets: &[PolicySet],
    schema: Option<&Schema>,
    wanted: &HashSet<&str>,
    plan: Plan,
) -> (Vec<Planned>, usize) {
    let mut all: Vec<(u64, Planned)> = Vec::new();
    for set in sets {
        let mut ordinal = 0;
        for mutation in mutations(set, schema) {
            let policy = set.policies.get(mutation.policy).filter(|policy| wanted.contains(policy.id.as_str()));
            let Some(policy) = policy else { continue };
            let policy = policy.id.to_string();
            let is_first =
                all.last().is_none_or(|(_, last)| last.policy != policy || last.mutation.operator != mutation.operator);
            ordinal = if is_first { 0 } else { ordinal + 1 };
            all.push((number(plan.seed, &policy, mutation.operator, ordinal), Planned { policy, mutation }));
        }
    }
    let possible = all.len();
    if let Some(budget) = plan.budget.filter(|budget| *budget < possible) {
        let mut numbers: Vec<u64> = all.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        let last = budget.checked_sub(1).and_then(|last| numbers.get(last)).copied();
        all.retain(|(number, _)| last.is_some_and(|last| *number <= last));
        all.truncate(budget);
    }
    (all.into_iter().map(|(_, planned)| planned).collect(), possible)
}

/// FNV-1a, and then mixed: neighbours should be far apart.
fn number(seed: u64, policy: &str, operator: &str, ordinal: u64) -> u64 {
    let bytes = policy.bytes().chain([0xff]).chain(operator.bytes()).chain(ordinal.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 27)
}
