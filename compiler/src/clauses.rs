//! What a schema says of the parts of a scope: whether a request can fail to match one, and that one alone.
//!
//! `resource is Ticket` beside `action == Action::"close"`, which applies to tickets only, never fails alone: no test
//! can show it. So coverage does not ask for it.

use deodar_grammar::ast::{
    ActionConstraint, ActionConstraintKind, EntityConstraint, EntityConstraintKind, EntityOrSlot, EntityRef, Scope,
};
use deodar_runtime::{EntityTypeName, EntityUid};

use crate::{Schema, schema::RequestEnvironment, uid};

/// What is known of a part of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClauseFacts {
    /// Whether some request does not match it.
    pub may_mismatch: bool,
    /// Whether some request does not match it and matches the other two parts.
    pub may_mismatch_alone: bool,
}

/// What is possible in one kind of request.
#[derive(Debug, Clone, Copy)]
struct Possible {
    matches: bool,
    mismatches: bool,
}

/// What a schema says of principal, action and resource of a scope, as far as types tell.
pub fn clause_facts(schema: &Schema, scope: &Scope) -> [ClauseFacts; 3] {
    let mut facts = [ClauseFacts { may_mismatch: false, may_mismatch_alone: false }; 3];
    for RequestEnvironment { principal, action, resource, .. } in schema.request_environments() {
        let parts = [
            entity(schema, &scope.principal, principal),
            action_of(schema, &scope.action, action),
            entity(schema, &scope.resource, resource),
        ];
        for (at, (facts, part)) in facts.iter_mut().zip(parts).enumerate() {
            let others = parts.iter().enumerate().filter(|(other, _)| *other != at);
            facts.may_mismatch |= part.mismatches;
            facts.may_mismatch_alone |= part.mismatches && others.into_iter().all(|(_, other)| other.matches);
        }
    }
    facts
}

/// Whether some request of this kind may match the scope.
pub fn may_match(schema: &Schema, scope: &Scope, environment: RequestEnvironment<'_>) -> bool {
    let RequestEnvironment { principal, action, resource, .. } = environment;
    entity(schema, &scope.principal, principal).matches
        && action_of(schema, &scope.action, action).matches
        && entity(schema, &scope.resource, resource).matches
}

fn entity(schema: &Schema, constraint: &EntityConstraint, ty: &EntityTypeName) -> Possible {
    let within = |group: &EntityOrSlot| match group {
        EntityOrSlot::Slot(_) => true,
        EntityOrSlot::Entity(group) => group.ty.name == ty.as_str() || is_below(schema, group, ty),
    };
    let matches = match &constraint.kind {
        EntityConstraintKind::All => return Possible { matches: true, mismatches: false },
        EntityConstraintKind::Is(wanted) => {
            let matches = wanted.name == ty.as_str();
            return Possible { matches, mismatches: !matches };
        }
        EntityConstraintKind::Equal(EntityOrSlot::Entity(entity)) => entity.ty.name == ty.as_str(),
        EntityConstraintKind::Equal(EntityOrSlot::Slot(_)) => true,
        EntityConstraintKind::In(group) => within(group),
        EntityConstraintKind::IsIn(wanted, group) => wanted.name == ty.as_str() && within(group),
    };
    Possible { matches, mismatches: true }
}

fn is_below(schema: &Schema, group: &EntityRef, ty: &EntityTypeName) -> bool {
    EntityTypeName::new(&group.ty.name).is_ok_and(|group| schema.descendant_types(&group).any(|below| below == ty))
}

fn action_of(schema: &Schema, constraint: &ActionConstraint, action: &EntityUid) -> Possible {
    let is = |wanted: &EntityRef| wanted.ty.name == action.entity_type().as_str() && wanted.id.value == action.id();
    let within = |group: &EntityRef| {
        is(group) || uid(group).is_some_and(|uid| schema.action_descendants(&uid).any(|below| below == action))
    };
    let matches = match &constraint.kind {
        ActionConstraintKind::All => true,
        ActionConstraintKind::Equal(wanted) => is(wanted),
        ActionConstraintKind::In(group) => within(group),
        ActionConstraintKind::InSet(groups) => groups.iter().any(within),
    };
    Possible { matches, mismatches: !matches }
}
