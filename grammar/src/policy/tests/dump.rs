//! The tree as text, for snapshots.

use std::fmt::Write as _;

use crate::ast::{
    ActionConstraintKind, EntityConstraint, EntityConstraintKind, EntityOrSlot, EntityRef, ExprId, ExprKind, Exprs,
    PolicySet, Spanned,
};

pub(super) fn policies(set: &PolicySet) -> String {
    let mut out = String::new();
    for policy in &set.policies {
        let kind = if policy.is_template() { "template" } else { "policy" };
        let _ = writeln!(out, "{kind} {} {}", policy.id, policy.effect.value.keyword());
        for annotation in &policy.annotations {
            let value = annotation.value.as_ref().map(|value| format!(" {:?}", value.value)).unwrap_or_default();
            let _ = writeln!(out, "  @{}{value}", annotation.key.value);
        }
        let scope = &policy.scope;
        let _ = writeln!(out, "  principal{}", constraint(&scope.principal));
        let _ = writeln!(out, "  action{}", action(&scope.action.kind));
        let _ = writeln!(out, "  resource{}", constraint(&scope.resource));
        for condition in &policy.conditions {
            let _ = writeln!(out, "  {} {}", condition.kind.keyword(), expression(&set.exprs, condition.body));
        }
    }
    let _ = writeln!(out, "{} comments", set.comments.len());
    out
}

fn constraint(constraint: &EntityConstraint) -> String {
    match &constraint.kind {
        EntityConstraintKind::All => String::new(),
        EntityConstraintKind::Equal(entity) => format!(" == {}", entity_or_slot(entity)),
        EntityConstraintKind::In(entity) => format!(" in {}", entity_or_slot(entity)),
        EntityConstraintKind::Is(ty) => format!(" is {}", ty.name),
        EntityConstraintKind::IsIn(ty, entity) => format!(" is {} in {}", ty.name, entity_or_slot(entity)),
    }
}

fn action(kind: &ActionConstraintKind) -> String {
    match kind {
        ActionConstraintKind::All => String::new(),
        ActionConstraintKind::Equal(action) => format!(" == {}", entity(action)),
        ActionConstraintKind::In(action) => format!(" in {}", entity(action)),
        ActionConstraintKind::InSet(actions) => {
            format!(" in [{}]", actions.iter().map(entity).collect::<Vec<_>>().join(", "))
        }
    }
}

fn entity_or_slot(value: &EntityOrSlot) -> String {
    match value {
        EntityOrSlot::Entity(value) => entity(value),
        EntityOrSlot::Slot(slot) => slot.value.name().to_owned(),
    }
}

fn entity(entity: &EntityRef) -> String {
    format!("{}::{:?}", entity.ty.name, entity.id.value)
}

fn path(names: &[Spanned<smol_str::SmolStr>]) -> String {
    names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(".")
}

/// Operators come first, as in `(+ 1 2)`.
pub(super) fn expression(exprs: &Exprs, id: ExprId) -> String {
    let one = |id: &ExprId| expression(exprs, *id);
    let all = |ids: &[ExprId]| ids.iter().map(one).collect::<Vec<_>>().join(" ");
    match exprs.kind(id) {
        ExprKind::Error => "ERROR".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Long(value) => value.to_string(),
        ExprKind::String(value) => format!("{value:?}"),
        ExprKind::Entity(value) => entity(value),
        ExprKind::Variable(variable) => variable.name().to_owned(),
        ExprKind::Slot(slot) => slot.name().to_owned(),
        ExprKind::Name(name) => format!("<{}>", name.name),
        ExprKind::If { condition, then, otherwise } => {
            format!("(if {} {} {})", one(condition), one(then), one(otherwise))
        }
        ExprKind::And(operands) => format!("(&& {})", all(operands)),
        ExprKind::Or(operands) => format!("(|| {})", all(operands)),
        ExprKind::Product(operands) => format!("(* {})", all(operands)),
        ExprKind::Sum { first, rest } => {
            let terms = rest.iter().map(|(operator, operand)| format!("{} {}", operator.symbol(), one(operand)));
            format!("(sum {} {})", one(first), terms.collect::<Vec<_>>().join(" "))
        }
        ExprKind::Unary(operator, operand) => format!("({} {})", operator.symbol(), one(operand)),
        ExprKind::Binary { operator, left, right } => format!("({} {} {})", operator.symbol(), one(left), one(right)),
        ExprKind::Attribute { base, name } => format!("(. {} {})", one(base), name.value),
        ExprKind::Has { base, path: names } => format!("(has {} {})", one(base), path(names)),
        ExprKind::Like { base, pattern } => format!("(like {} \"{pattern}\")", one(base)),
        ExprKind::Is { base, ty, within: None } => format!("(is {} {})", one(base), ty.name),
        ExprKind::Is { base, ty, within: Some(within) } => format!("(is {} {} in {})", one(base), ty.name, one(within)),
        ExprKind::Call { builtin, arguments } => format!("({} {})", builtin.name(), all(arguments)),
        ExprKind::UnknownCall { name, arguments, .. } => format!("(<{}> {})", name.name, all(arguments)),
        ExprKind::Set(elements) => format!("[{}]", all(elements)),
        ExprKind::Record(entries) => {
            let entries = entries.iter().map(|entry| format!("{}: {}", entry.key.value, one(&entry.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}
