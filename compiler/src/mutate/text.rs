//! A mutation before and after, as text.

use deodar_grammar::{
    ast::{
        ActionConstraintKind, Effect, EntityConstraintKind, EntityOrSlot, EntityRef, ExprId, ExprKind, Policy,
        PolicySet, UnaryOperator,
    },
    print_expression,
};
use deodar_lexicon::escape;
use deodar_runtime::ScopePart;

use super::edit::Edit;

/// What is there, and what the edit makes of it; nothing if it is left out.
pub(super) fn texts(alone: &PolicySet, edit: &Edit) -> Option<(String, Option<String>)> {
    let policy = alone.policies.first()?;
    let expr = |id: ExprId| print_expression(&alone.exprs, id);
    let kept = |before: String, after: String| Some((before, Some(after)));
    match edit {
        Edit::Nothing => None,
        Edit::DropPolicy => Some((format!("{} …", policy.effect.value.keyword()), None)),
        Edit::FlipEffect => {
            let other = match policy.effect.value {
                Effect::Permit => Effect::Forbid,
                Effect::Forbid => Effect::Permit,
            };
            kept(policy.effect.value.keyword().to_owned(), other.keyword().to_owned())
        }
        Edit::DropCondition(position) => {
            let condition = policy.conditions.get(*position)?;
            Some((format!("{} {{ {} }}", condition.kind.keyword(), expr(condition.body)), None))
        }
        Edit::Entity(part, kind) => kept(scope_part(policy, *part), entity_constraint(part.name(), kind)),
        Edit::Action(kind) => kept(scope_part(policy, ScopePart::Action), action_constraint(kind)),
        Edit::Replace(id, kind) => kept(expr(*id), other(alone, *id, kind.clone())),
        Edit::Without(_, _, lost) | Edit::Become(_, _, lost) => Some((expr(*lost), None)),
        Edit::Negate(id) => kept(expr(*id), other(alone, *id, ExprKind::Unary(UnaryOperator::Not, *id))),
    }
}

/// The text of an expression if it were another node.
fn other(alone: &PolicySet, id: ExprId, kind: ExprKind) -> String {
    let mut exprs = alone.exprs.clone();
    exprs.push(kind, alone.exprs.span(id)).map_or_else(|_| String::new(), |id| print_expression(&exprs, id))
}

fn scope_part(policy: &Policy, part: ScopePart) -> String {
    match part {
        ScopePart::Principal => entity_constraint(part.name(), &policy.scope.principal.kind),
        ScopePart::Action => action_constraint(&policy.scope.action.kind),
        ScopePart::Resource => entity_constraint(part.name(), &policy.scope.resource.kind),
    }
}

fn entity_text(entity: &EntityRef) -> String {
    format!("{}::\"{}\"", entity.ty.name, escape::escape(&entity.id.value))
}

fn entity_constraint(variable: &str, kind: &EntityConstraintKind) -> String {
    let entity = |entity: &EntityOrSlot| match entity {
        EntityOrSlot::Entity(entity) => entity_text(entity),
        EntityOrSlot::Slot(slot) => slot.value.name().to_owned(),
    };
    match kind {
        EntityConstraintKind::All => variable.to_owned(),
        EntityConstraintKind::Equal(uid) => format!("{variable} == {}", entity(uid)),
        EntityConstraintKind::In(uid) => format!("{variable} in {}", entity(uid)),
        EntityConstraintKind::Is(ty) => format!("{variable} is {}", ty.name),
        EntityConstraintKind::IsIn(ty, uid) => format!("{variable} is {} in {}", ty.name, entity(uid)),
    }
}

fn action_constraint(kind: &ActionConstraintKind) -> String {
    match kind {
        ActionConstraintKind::All => "action".to_owned(),
        ActionConstraintKind::Equal(action) => format!("action == {}", entity_text(action)),
        ActionConstraintKind::In(group) => format!("action in {}", entity_text(group)),
        ActionConstraintKind::InSet(groups) => {
            let groups: Vec<_> = groups.iter().map(entity_text).collect();
            format!("action in [{}]", groups.join(", "))
        }
    }
}
