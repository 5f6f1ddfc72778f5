//! Changes of the scope.

use super::{
    super::{
        policy::{ActionConstraint, Constraint, Policy, Target},
        schema,
        tree::Expr,
    },
    Breaker,
};
use crate::question::Uid;

fn constraint<'p>(breaker: &mut Breaker<'_, '_, '_>, policy: &'p mut Policy) -> &'p mut Constraint {
    if breaker.random.percent(50) { &mut policy.principal } else { &mut policy.resource }
}

/// More environments than the conditions were written for. Slots stay, for the links need them.
pub(super) fn widen(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    if breaker.random.percent(50) {
        let before = std::mem::replace(&mut policy.action, ActionConstraint::Any);
        return before != ActionConstraint::Any;
    }
    let constraint = constraint(breaker, policy);
    if constraint.is_open() {
        return false;
    }
    std::mem::replace(constraint, Constraint::Any) != Constraint::Any
}

pub(super) fn inapplicable(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    if breaker.random.percent(25) {
        let group = breaker.schema.actions[breaker.random.below(2)].uid();
        policy.action = ActionConstraint::Equal(group);
        return true;
    }
    let ty = breaker.random.below(breaker.schema.types.len());
    let name = breaker.schema.types[ty].name();
    let entity = schema::entity(breaker.random, breaker.schema, ty);
    let form = breaker.random.below(4);
    let constraint = constraint(breaker, policy);
    match constraint {
        Constraint::IsIn(ty, Target::Slot) => *ty = name,
        other if other.is_open() => return false,
        other => {
            *other = match form {
                0 => Constraint::Equal(Target::Entity(entity)),
                1 => Constraint::In(Target::Entity(entity)),
                2 => Constraint::IsIn(name, Target::Entity(entity)),
                _ => Constraint::Is(name),
            }
        }
    }
    true
}

pub(super) fn unknown(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    if breaker.random.percent(40) {
        if policy.action == ActionConstraint::Any {
            policy.action = ActionConstraint::Equal(breaker.schema.actions[0].uid());
        }
        let mut uids = policy.action.uids_mut();
        let at = breaker.random.below(uids.len());
        if let Some(uid) = uids.get_mut(at) {
            uid.id = "vew".into();
        }
        return true;
    }
    let enums: Vec<_> = breaker.schema.types.iter().filter(|ty| ty.ids.is_some()).map(|ty| ty.name()).collect();
    let action = breaker.random.pick(&breaker.schema.actions).uid();
    let uid = match breaker.random.below(4) {
        0 => Uid::new("Unknown", "a"),
        1 if !enums.is_empty() => Uid::new(breaker.random.pick(&enums).clone(), "green"),
        2 => action,
        _ => Uid::new("App::Unknown", "a"),
    };
    let within = breaker.random.percent(40);
    let constraint = constraint(breaker, policy);
    if constraint.is_open() {
        return false;
    }
    *constraint = match within {
        true => Constraint::In(Target::Entity(uid)),
        false => Constraint::Is(uid.ty),
    };
    true
}

pub(super) fn empty(_: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    policy.action = ActionConstraint::InList(Vec::new());
    true
}

pub(super) fn swap(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    if policy.conditions.is_empty() {
        let body = Expr::Bool(breaker.random.percent(50));
        return breaker.inject(policy, body);
    }
    let at = breaker.random.below(policy.conditions.len());
    policy.conditions[at].unless = !policy.conditions[at].unless;
    true
}
