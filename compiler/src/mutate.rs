//! Mutations: a policy with one small mistake in it, as people make them.
//!
//! A mutation is an edit of the tree, so that what it makes is a policy again; tests that notice no mistake do not test
//! the part of the policy that it is in. The operators stand in one table. A mutation keeps its text before and after
//! for reports, and makes the policy only when it is asked to.
//!
//! Mutations that change nothing, as far as the schema tells, are not made: `action == A` where `A` is no group does
//! not become `action in A`, and `resource is T` stays where the action applies to nothing else.

mod edit;
mod operators;
mod text;

use std::sync::Arc;

use deodar_grammar::{
    Span,
    ast::{ExprId, Policy, PolicySet},
};

pub use self::operators::OPERATORS;
use self::{edit::Edit, operators::Finder};
use crate::{Schema, atoms::leaves};

/// A kind of mistake.
#[derive(Debug, Clone, Copy)]
pub struct Operator {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    find: fn(&mut Finder<'_>),
}

/// One mistake in one policy.
#[derive(Debug, Clone)]
pub struct Mutation {
    /// The name of its operator.
    pub operator: &'static str,
    /// The position of the policy in its set.
    pub policy: usize,
    /// Where it is made.
    pub span: Span,
    /// A set that has the policy only.
    alone: Arc<PolicySet>,
    edit: Edit,
}

/// All mutations of the policies of a set, in the order of the policies and of the operators.
pub fn mutations(set: &PolicySet, schema: Option<&Schema>) -> Vec<Mutation> {
    let mut found = Vec::new();
    for (position, policy) in set.policies.iter().enumerate() {
        // In an arena of its own, a policy can be copied at little cost.
        let Some(alone) = Edit::Nothing.apply(set, policy).map(Arc::new) else { continue };
        let Some(policy) = alone.policies.first() else { continue };
        let (exprs, atoms) = (all_exprs(&alone), atoms_of(&alone, policy));
        for operator in OPERATORS {
            let (alone, exprs, atoms) = (&alone, exprs.as_slice(), &atoms);
            let mut finder = Finder { alone, policy, position, schema, exprs, atoms, operator, found };
            (operator.find)(&mut finder);
            found = finder.found;
        }
    }
    found
}

/// The expressions of the only policy, in the order of the source.
fn all_exprs(alone: &PolicySet) -> Vec<ExprId> {
    let mut all: Vec<ExprId> = alone.exprs.iter().map(|(id, _)| id).collect();
    all.sort_unstable_by_key(|id| (alone.exprs.span(*id).start, *id));
    all
}

fn atoms_of(alone: &PolicySet, policy: &Policy) -> Vec<ExprId> {
    policy.conditions.iter().flat_map(|condition| leaves(&alone.exprs, condition.body)).collect()
}

impl Mutation {
    /// The policy with the mistake in it, alone in a set without links; the set is empty if the policy is left out.
    /// Nothing if it would nest too deep.
    pub fn apply(&self) -> Option<PolicySet> {
        self.edit.apply(&self.alone, self.alone.policies.first()?)
    }

    /// The policy without the mistake, alone in a set.
    pub fn original(&self) -> &PolicySet {
        &self.alone
    }

    /// What stands at the place, and what the mistake makes of it; nothing if it is left out.
    pub fn texts(&self) -> (String, Option<String>) {
        text::texts(&self.alone, &self.edit).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
