//! What attributes should be for policies to apply, or not to.
//!
//! Values at random seldom satisfy a policy of many conditions, so most samples aim: where an attribute stands in a
//! comparison with a literal, the comparison and the negations around it say which value would do. That is a guess by
//! the name of the attribute alone; samples that are wrong cost nothing but their turn.

use std::collections::BTreeMap;

use deodar_compiler::uid;
use deodar_grammar::ast::{
    self, BinaryOperator, ConditionKind, EntityConstraintKind, EntityOrSlot, ExprId, ExprKind, Exprs, PolicySet,
    UnaryOperator,
};
use deodar_lexicon::Builtin;
use deodar_runtime::EntityUid;
use smol_str::SmolStr;

use super::literals::{Literal, attribute, instances, literal};

/// What a value should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Aim {
    Bool(bool),
    /// This literal.
    Is(Literal),
    /// Anything else.
    Other,
    /// It should be there.
    Present,
    /// It should not.
    Absent,
}

/// What to aim at.
#[derive(Debug, Default)]
pub(super) struct Aims {
    by_attribute: BTreeMap<SmolStr, Vec<Aim>>,
    /// The entities that principals and resources should be in.
    within: Vec<EntityUid>,
}

impl Aims {
    /// Adds what makes a policy apply, or fail to.
    pub(super) fn add(&mut self, set: &PolicySet, policy: &ast::Policy, applies: bool) {
        for constraint in [&policy.scope.principal, &policy.scope.resource] {
            if let EntityConstraintKind::In(EntityOrSlot::Entity(entity))
            | EntityConstraintKind::IsIn(_, EntityOrSlot::Entity(entity)) = &constraint.kind
                && applies
            {
                self.within.extend(uid(entity));
            }
        }
        let conditions = policy.conditions.iter();
        let mut open: Vec<(ExprId, bool)> =
            conditions.map(|condition| (condition.body, (condition.kind == ConditionKind::When) == applies)).collect();
        while let Some((id, wanted)) = open.pop() {
            let kind = set.exprs.kind(id);
            if let ExprKind::Unary(UnaryOperator::Not, operand) = kind {
                open.push((*operand, !wanted));
            } else if matches!(kind, ExprKind::And(_) | ExprKind::Or(_) | ExprKind::If { .. }) {
                kind.for_each_child(|child| open.push((child, wanted)));
            } else {
                self.add_test(&set.exprs, kind, wanted);
            }
        }
    }

    pub(super) fn of_attribute(&self, name: &str) -> &[Aim] {
        self.by_attribute.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn within(&self) -> &[EntityUid] {
        &self.within
    }

    fn note(&mut self, name: Option<SmolStr>, aim: impl IntoIterator<Item = Aim>) {
        if let Some(name) = name {
            self.by_attribute.entry(name).or_default().extend(aim);
        }
    }

    fn add_test(&mut self, exprs: &Exprs, kind: &ExprKind, wanted: bool) {
        if let ExprKind::Attribute { name, .. } = kind {
            self.note(Some(name.value.clone()), [Aim::Bool(wanted)]);
        } else if let ExprKind::Has { path, .. } = kind {
            for name in path {
                self.note(Some(name.value.clone()), [if wanted { Aim::Present } else { Aim::Absent }]);
            }
        } else if let ExprKind::Like { base, pattern } = kind {
            let texts = instances(pattern).map(Aim::Is);
            let aims = if wanted { texts.to_vec() } else { vec![Aim::Other] };
            self.note(attribute(exprs, *base), aims);
        } else if let ExprKind::Binary { operator, left, right } = kind {
            let [a, b] = [*left, *right];
            self.compare(exprs, *operator, a, b, wanted);
            if let Some(mirrored) = mirrored(*operator) {
                self.compare(exprs, mirrored, b, a, wanted);
            }
        } else if let ExprKind::Call { builtin, arguments } = kind
            && let [receiver, argument] = &**arguments
        {
            let is_range = *builtin == Builtin::IsInRange;
            let found = literal(exprs, exprs.kind(*argument)).map(Aim::Is);
            let aim = if wanted || !is_range { found } else { Some(Aim::Other) };
            self.note(attribute(exprs, *receiver), aim);
        }
    }

    /// A comparison of what may be an attribute with what may be literals.
    fn compare(&mut self, exprs: &Exprs, operator: BinaryOperator, left: ExprId, right: ExprId, wanted: bool) {
        let Some(name) = attribute(exprs, left) else { return };
        let set = if let ExprKind::Set(elements) = exprs.kind(right) { Some(&elements[..]) } else { None };
        let elements = set.unwrap_or(std::slice::from_ref(&right));
        for element in elements.iter().filter_map(|id| literal(exprs, exprs.kind(*id))) {
            self.note(Some(name.clone()), aim_of(operator, element, wanted));
        }
    }
}

/// The operator with its sides exchanged; a set that contains an attribute says what it may be.
fn mirrored(operator: BinaryOperator) -> Option<BinaryOperator> {
    match operator {
        BinaryOperator::Equal | BinaryOperator::NotEqual => Some(operator),
        BinaryOperator::Less => Some(BinaryOperator::Greater),
        BinaryOperator::LessOrEqual => Some(BinaryOperator::GreaterOrEqual),
        BinaryOperator::Greater => Some(BinaryOperator::Less),
        BinaryOperator::GreaterOrEqual => Some(BinaryOperator::LessOrEqual),
        BinaryOperator::Contains | BinaryOperator::ContainsAny => Some(BinaryOperator::Equal),
        BinaryOperator::In | BinaryOperator::ContainsAll | BinaryOperator::HasTag | BinaryOperator::GetTag => None,
    }
}

/// The value on the left that makes a comparison with a literal come out as wanted.
fn aim_of(operator: BinaryOperator, right: Literal, wanted: bool) -> Option<Aim> {
    let step = match (operator, wanted) {
        (BinaryOperator::Greater, true) | (BinaryOperator::LessOrEqual, false) => 1,
        (BinaryOperator::Less, true) | (BinaryOperator::GreaterOrEqual, false) => -1,
        (BinaryOperator::LessOrEqual | BinaryOperator::GreaterOrEqual, true)
        | (BinaryOperator::Less | BinaryOperator::Greater, false) => 0,
        (
            BinaryOperator::Equal
            | BinaryOperator::In
            | BinaryOperator::Contains
            | BinaryOperator::ContainsAll
            | BinaryOperator::ContainsAny,
            true,
        )
        | (BinaryOperator::NotEqual, false) => return Some(Aim::Is(right)),
        (
            BinaryOperator::Equal
            | BinaryOperator::In
            | BinaryOperator::Contains
            | BinaryOperator::ContainsAll
            | BinaryOperator::ContainsAny,
            false,
        )
        | (BinaryOperator::NotEqual, true) => return Some(Aim::Other),
        (BinaryOperator::HasTag | BinaryOperator::GetTag, true | false) => return None,
    };
    Some(Aim::Is(match right {
        Literal::Long(value) => Literal::Long(value.saturating_add(step)),
        Literal::Text(_) | Literal::Entity(_) | Literal::Extension(..) => right,
    }))
}
