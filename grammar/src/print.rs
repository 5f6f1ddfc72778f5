//! Trees as text, in one canonical form.
//!
//! The form is for trees that come from JSON or from a program: no line is broken, parentheses stand only where they
//! change the meaning, attribute names are quoted only where they must be. The formatter lays out text
//! that people wrote.
//!
//! Parsing what is printed gives the same tree, spans aside, with two exceptions that text has no form for: a method
//! without a receiver, and a path of attributes that are no identifiers. Both are printed in a form that the parser
//! refuses, never in one with another meaning.

mod expr;

use core::fmt::Write as _;

use deodar_lexicon::escape::escape;

pub use self::expr::print_expression;
use crate::ast::{
    ActionConstraintKind, EntityConstraint, EntityConstraintKind, EntityOrSlot, EntityRef, Policy, PolicySet,
};

/// All policies of the set, each followed by a line break, with an empty line between them. What has no form in text
/// is left out: links, and templates without slots.
pub fn print_policies(set: &PolicySet) -> String {
    let mut out = String::new();
    for policy in set.policies.iter().filter(|policy| policy.has_text()) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&print_policy(set, policy));
        out.push('\n');
    }
    out
}

/// One policy of the set: annotations, scope and conditions on lines of their own.
pub fn print_policy(set: &PolicySet, policy: &Policy) -> String {
    let mut out = String::new();
    for annotation in &policy.annotations {
        out.push('@');
        out.push_str(&annotation.key.value);
        if let Some(value) = &annotation.value {
            out.push('(');
            quote(&value.value, &mut out);
            out.push(')');
        }
        out.push('\n');
    }
    out.push_str(policy.effect.value.keyword());
    out.push_str("(principal");
    entity_constraint(&policy.scope.principal, &mut out);
    out.push_str(", action");
    action_constraint(&policy.scope.action.kind, &mut out);
    out.push_str(", resource");
    entity_constraint(&policy.scope.resource, &mut out);
    out.push(')');
    for condition in &policy.conditions {
        out.push('\n');
        out.push_str(condition.kind.keyword());
        out.push_str(" { ");
        expr::print(&set.exprs, condition.body, &mut out);
        out.push_str(" }");
    }
    out.push(';');
    out
}

fn entity_constraint(constraint: &EntityConstraint, out: &mut String) {
    let (operator, operand) = match &constraint.kind {
        EntityConstraintKind::All => return,
        EntityConstraintKind::Is(ty) => {
            out.push_str(" is ");
            return out.push_str(&ty.name);
        }
        EntityConstraintKind::Equal(operand) => (" == ", operand),
        EntityConstraintKind::In(operand) => (" in ", operand),
        EntityConstraintKind::IsIn(ty, operand) => {
            out.push_str(" is ");
            out.push_str(&ty.name);
            (" in ", operand)
        }
    };
    out.push_str(operator);
    match operand {
        EntityOrSlot::Entity(operand) => entity(operand, out),
        EntityOrSlot::Slot(slot) => out.push_str(slot.value.name()),
    }
}

fn action_constraint(constraint: &ActionConstraintKind, out: &mut String) {
    match constraint {
        ActionConstraintKind::All => {}
        ActionConstraintKind::Equal(action) => {
            out.push_str(" == ");
            entity(action, out);
        }
        ActionConstraintKind::In(action) => {
            out.push_str(" in ");
            entity(action, out);
        }
        ActionConstraintKind::InSet(actions) => {
            out.push_str(" in [");
            for (index, action) in actions.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                entity(action, out);
            }
            out.push(']');
        }
    }
}

fn entity(entity: &EntityRef, out: &mut String) {
    out.push_str(&entity.ty.name);
    out.push_str("::");
    quote(&entity.id.value, out);
}

fn quote(text: &str, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, "\"{}\"", escape(text));
}
