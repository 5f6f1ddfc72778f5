//! Checks links of templates: the entities that fill slots, and whether an action applies then.

use deodar_grammar::{
    Diagnostic,
    ast::{EntityConstraint, EntityConstraintKind, EntityOrSlot, Policy, Scope, Slot, TemplateLink},
};

use super::{literal, model::Model, policy};
use crate::report::check as report;

/// Reports what is wrong with a link; one without its template is reported when it is made.
pub(crate) fn check(model: &Model<'_>, link: &TemplateLink, template: Option<&Policy>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for (_, entity) in &link.values {
        literal::entity_type(model, &entity.ty, &mut diagnostics);
    }
    if let Some(template) = template {
        let scope = filled(&template.scope, link);
        if !policy::scope_applies(model, &scope) {
            diagnostics.push(report::inapplicable_link(link.span));
        }
    }
    diagnostics
}

/// The scope of the template with its slots filled.
fn filled(scope: &Scope, link: &TemplateLink) -> Scope {
    let fill = |constraint: &EntityConstraint| {
        let mut constraint = constraint.clone();
        if let EntityConstraintKind::Equal(entity)
        | EntityConstraintKind::In(entity)
        | EntityConstraintKind::IsIn(_, entity) = &mut constraint.kind
            && let EntityOrSlot::Slot(slot) = entity
            && let Some(value) = value_of(link, slot.value)
        {
            *entity = EntityOrSlot::Entity(value);
        }
        constraint
    };
    Scope { principal: fill(&scope.principal), resource: fill(&scope.resource), ..scope.clone() }
}

fn value_of(link: &TemplateLink, slot: Slot) -> Option<deodar_grammar::ast::EntityRef> {
    link.values.iter().find(|(name, _)| name.value == slot).map(|(_, value)| value.clone())
}
