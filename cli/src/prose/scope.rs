//! The words of a scope.

use deodar_grammar::ast::{
    ActionConstraintKind, Effect, EntityConstraint, EntityConstraintKind, EntityOrSlot, EntityRef, Policy,
};
use deodar_lexicon::escape::escape;

use super::{code, list};

pub(super) fn sentence(policy: &Policy) -> String {
    let verb = match policy.effect.value {
        Effect::Permit => "Permits",
        Effect::Forbid => "Forbids",
    };
    let principal = party(&policy.scope.principal, ["anybody", "anybody in", "any"]);
    let resource = party(&policy.scope.resource, ["anything", "anything in", "any"]);
    format!("{verb} {principal} to do {} with {resource}", action(&policy.scope.action.kind))
}

/// `words` are those for all, for what is in something, and for all of a type.
fn party(constraint: &EntityConstraint, [all, within, of_type]: [&str; 3]) -> String {
    match &constraint.kind {
        EntityConstraintKind::All => all.to_owned(),
        EntityConstraintKind::Equal(entity) => operand(entity),
        EntityConstraintKind::In(entity) => format!("{within} {}", operand(entity)),
        EntityConstraintKind::Is(ty) => format!("{of_type} {}", code(&ty.name)),
        EntityConstraintKind::IsIn(ty, entity) => format!("{of_type} {} in {}", code(&ty.name), operand(entity)),
    }
}

fn operand(entity: &EntityOrSlot) -> String {
    match entity {
        EntityOrSlot::Entity(entity) => uid(entity),
        EntityOrSlot::Slot(slot) => format!("the entity of the link ({})", code(slot.value.name())),
    }
}

pub(super) fn uid(entity: &EntityRef) -> String {
    code(&format!("{}::\"{}\"", entity.ty.name, escape(&entity.id.value)))
}

fn action(constraint: &ActionConstraintKind) -> String {
    match constraint {
        ActionConstraintKind::All => "anything".to_owned(),
        ActionConstraintKind::Equal(action) => uid(action),
        ActionConstraintKind::In(group) => format!("any action in {}", uid(group)),
        ActionConstraintKind::InSet(groups) => {
            let groups: Vec<String> = groups.iter().map(uid).collect();
            if groups.is_empty() { "no action".to_owned() } else { format!("any action in {}", list(&groups, "or")) }
        }
    }
}
