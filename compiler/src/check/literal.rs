//! Names in a policy that the schema must declare: entity types, actions, ids of enumerated types.
//!
//! They are looked at everywhere, also where a condition cannot be reached.

use deodar_grammar::Diagnostic;
use deodar_grammar::ast::{
    ActionConstraintKind, EntityConstraint, EntityConstraintKind, EntityOrSlot, EntityRef, ExprId, ExprKind, Exprs,
    Policy, TypeName,
};
use deodar_lexicon::name;

use super::model::Model;
use crate::report::check as report;

/// Reports what the policy names and the schema does not declare; `all` are the expressions of its conditions.
pub(crate) fn check(model: &Model<'_>, exprs: &Exprs, policy: &Policy, all: &[ExprId]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    constraint(model, &policy.scope.principal, &mut diagnostics);
    match &policy.scope.action.kind {
        ActionConstraintKind::All => {}
        ActionConstraintKind::Equal(action) | ActionConstraintKind::In(action) => {
            entity(model, action, &mut diagnostics);
        }
        ActionConstraintKind::InSet(actions) => {
            for action in actions {
                entity(model, action, &mut diagnostics);
            }
        }
    }
    constraint(model, &policy.scope.resource, &mut diagnostics);
    for expr in all {
        if let ExprKind::Entity(literal) = exprs.kind(*expr) {
            entity(model, literal, &mut diagnostics);
        }
        if let ExprKind::Is { ty, .. } = exprs.kind(*expr) {
            entity_type(model, ty, &mut diagnostics);
        }
    }
    diagnostics
}

fn constraint(model: &Model<'_>, constraint: &EntityConstraint, diagnostics: &mut Vec<Diagnostic>) {
    if let EntityConstraintKind::Is(ty) | EntityConstraintKind::IsIn(ty, _) = &constraint.kind {
        entity_type(model, ty, diagnostics);
    }
    if let Some(EntityOrSlot::Entity(literal)) = constraint.entity() {
        entity(model, literal, diagnostics);
    }
}

/// Reports an entity type that is not declared.
pub(crate) fn entity_type(model: &Model<'_>, ty: &TypeName, diagnostics: &mut Vec<Diagnostic>) {
    if !model.is_known_entity_type(&ty.name) {
        diagnostics.push(report::unknown_entity_type(model.schema, ty));
    }
}

fn entity(model: &Model<'_>, entity: &EntityRef, diagnostics: &mut Vec<Diagnostic>) {
    if name::is_action_type(&entity.ty.name) {
        if model.find_action(entity).is_none() {
            diagnostics.push(report::unknown_action(model.schema, entity));
        }
        return;
    }
    entity_type(model, &entity.ty, diagnostics);
    if let Some(ids) = model.enumerated(&entity.ty.name)
        && !ids.contains(&entity.id.value)
    {
        diagnostics.push(report::invalid_enum_entity(model.schema, entity, ids));
    }
}
