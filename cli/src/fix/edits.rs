//! Edits of a text that change no decision: `!!x` becomes `x`, `x == true` becomes `x`, `x == false` becomes `!x`.
//!
//! They are made only where `x` can be nothing but a truth value, whatever the schema says: a comparison, a test, a
//! chain, a negation. Elsewhere `x == true` is false where `x` alone would fail.

use deodar_grammar::{
    Sources, Span,
    ast::{BinaryOperator, ExprId, ExprKind, Exprs, PolicySet, UnaryOperator},
};

/// A part of a text, and what stands there afterwards.
#[derive(Debug)]
pub(super) struct Edit {
    span: Span,
    text: String,
}

/// What an expression stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// A condition or a chain: comparisons and tests need no parentheses.
    Loose,
    /// Something that may bind more tightly.
    Tight,
}

/// The edits of a set. None lies in another one: what is left is for the next run.
pub(super) fn of(sources: &Sources, set: &PolicySet) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let conditions = set.policies.iter().flat_map(|policy| &policy.conditions);
    let mut open: Vec<(ExprId, Around)> = conditions.map(|condition| (condition.body, Around::Loose)).collect();
    while let Some((expr, around)) = open.pop() {
        let kind = set.exprs.kind(expr);
        if let Some(edit) = edit(sources, &set.exprs, expr, around) {
            edits.push(edit);
            continue;
        }
        let is_chain = matches!(kind, ExprKind::And(_) | ExprKind::Or(_));
        let around = if is_chain { Around::Loose } else { Around::Tight };
        kind.for_each_child(|child| open.push((child, around)));
    }
    // A comment in what is replaced would be lost.
    edits.retain(|edit| {
        set.comments.iter().all(|comment| comment.span.end <= edit.span.start || edit.span.end <= comment.span.start)
    });
    edits.sort_by_key(|edit| edit.span);
    edits
}

/// The text after the edits.
pub(super) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for Edit { span, text: new } in edits {
        result.push_str(text.get(at..span.range().start).unwrap_or_default());
        result.push_str(new);
        at = span.range().end;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

fn edit(sources: &Sources, exprs: &Exprs, expr: ExprId, around: Around) -> Option<Edit> {
    let kind = exprs.kind(expr);
    let (kept, negated) = if let ExprKind::Unary(UnaryOperator::Not, below) = kind {
        let ExprKind::Unary(UnaryOperator::Not, kept) = exprs.kind(*below) else { return None };
        (*kept, false)
    } else if let ExprKind::Binary { operator, left, right } = kind {
        let equal = match operator {
            BinaryOperator::Equal => true,
            BinaryOperator::NotEqual => false,
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual
            | BinaryOperator::In
            | BinaryOperator::Contains
            | BinaryOperator::ContainsAll
            | BinaryOperator::ContainsAny
            | BinaryOperator::HasTag
            | BinaryOperator::GetTag => return None,
        };
        let (value, kept) = if let ExprKind::Bool(value) = exprs.kind(*right) {
            (*value, *left)
        } else if let ExprKind::Bool(value) = exprs.kind(*left) {
            (*value, *right)
        } else {
            return None;
        };
        (kept, value != equal)
    } else {
        return None;
    };
    if !is_bool(exprs, kept) {
        return None;
    }
    let text = sources.slice(exprs.span(kept));
    let is_chain = matches!(exprs.kind(kept), ExprKind::And(_) | ExprKind::Or(_));
    let text = match (negated, around) {
        (true, _) => format!("!({text})"),
        (false, Around::Loose) if !is_chain => text.to_owned(),
        (false, Around::Loose | Around::Tight) => format!("({text})"),
    };
    Some(Edit { span: exprs.span(expr), text })
}

/// Whether an expression gives a truth value whenever it gives anything.
fn is_bool(exprs: &Exprs, expr: ExprId) -> bool {
    match exprs.kind(expr) {
        ExprKind::Bool(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Unary(UnaryOperator::Not | UnaryOperator::IsEmpty, _)
        | ExprKind::Has { .. }
        | ExprKind::Like { .. }
        | ExprKind::Is { .. } => true,
        ExprKind::Binary { operator, .. } => *operator != BinaryOperator::GetTag,
        ExprKind::Error
        | ExprKind::Long(_)
        | ExprKind::String(_)
        | ExprKind::Entity(_)
        | ExprKind::Variable(_)
        | ExprKind::Slot(_)
        | ExprKind::Name(_)
        | ExprKind::If { .. }
        | ExprKind::Sum { .. }
        | ExprKind::Product(_)
        | ExprKind::Unary(UnaryOperator::Negate, _)
        | ExprKind::Attribute { .. }
        | ExprKind::Call { .. }
        | ExprKind::UnknownCall { .. }
        | ExprKind::Set(_)
        | ExprKind::Record(_) => false,
    }
}
