//! The operators: one row each, and what each finds to change in a policy.

use std::sync::Arc;

use deodar_grammar::{
    Span,
    ast::{
        ActionConstraintKind, BinaryOperator, EntityConstraint, EntityConstraintKind, EntityOrSlot, ExprId, ExprKind,
        Policy, PolicySet,
    },
};
use deodar_lexicon::Builtin;
use deodar_runtime::{EntityTypeName, EntityUid, ScopePart};

use super::{Mutation, Operator, edit::Edit};
use crate::{ClauseFacts, Schema, clause_facts, uid};

macro_rules! operators {
    ($($name:literal $description:literal $find:path;)+) => {
        /// All operators, in the order in which they are applied to a policy.
        pub const OPERATORS: &[Operator] =
            &[$(Operator { name: $name, description: $description, find: $find }),+];
    };
}

operators! {
    "drop-policy" "leaves the policy out" drop_policy;
    "flip-effect" "turns permit into forbid, and the other way round" flip_effect;
    "widen-scope" "leaves out what the scope says of principal, action or resource" widen_scope;
    "weaken-equality" "turns `==` in the scope into `in`" weaken_equality;
    "drop-condition" "leaves out a `when` or `unless`" drop_condition;
    "drop-operand" "leaves out an operand of `&&` or `||`" drop_operand;
    "negate" "negates an atom of a condition" negate;
    "swap-and-or" "turns `&&` into `||`, and the other way round" swap_chain;
    "shift-comparison" "turns `<` into `<=`, `>=` into `>`, and the like" shift_comparison;
    "shift-literal" "moves a number that is compared by one" shift_literal;
}

/// Finds what an operator changes in a policy.
pub(super) struct Finder<'f> {
    /// The set that has the policy only.
    pub(super) alone: &'f Arc<PolicySet>,
    pub(super) policy: &'f Policy,
    pub(super) position: usize,
    pub(super) schema: Option<&'f Schema>,
    /// All expressions of the policy.
    pub(super) exprs: &'f [ExprId],
    /// The atoms of its conditions.
    pub(super) atoms: &'f [ExprId],
    pub(super) operator: &'static Operator,
    pub(super) found: Vec<Mutation>,
}

impl Finder<'_> {
    fn add(&mut self, span: Span, edit: Edit) {
        let (operator, policy, alone) = (self.operator.name, self.position, self.alone.clone());
        self.found.push(Mutation { operator, policy, span, alone, edit });
    }

    fn replace(&mut self, id: ExprId, kind: ExprKind) {
        self.add(self.alone.exprs.span(id), Edit::Replace(id, kind));
    }
}

fn drop_policy(finder: &mut Finder<'_>) {
    finder.add(finder.policy.effect.span, Edit::DropPolicy);
}

fn flip_effect(finder: &mut Finder<'_>) {
    finder.add(finder.policy.effect.span, Edit::FlipEffect);
}

fn widen_scope(finder: &mut Finder<'_>) {
    let scope = &finder.policy.scope;
    let decides = |facts: ClauseFacts| facts.may_mismatch_alone;
    let [principal, action, resource] =
        finder.schema.map_or([true; 3], |schema| clause_facts(schema, scope).map(decides));
    for (constraint, part, decides) in
        [(&scope.principal, ScopePart::Principal, principal), (&scope.resource, ScopePart::Resource, resource)]
    {
        if let Some(kind) = widened(&constraint.kind).filter(|_| decides) {
            finder.add(constraint.span, Edit::Entity(part, kind));
        }
    }
    if scope.action.kind != ActionConstraintKind::All && action {
        finder.add(scope.action.span, Edit::Action(ActionConstraintKind::All));
    }
}

/// What is left without the last part of the constraint. A template keeps its slots.
fn widened(kind: &EntityConstraintKind) -> Option<EntityConstraintKind> {
    match kind {
        EntityConstraintKind::All
        | EntityConstraintKind::Equal(EntityOrSlot::Slot(_))
        | EntityConstraintKind::In(EntityOrSlot::Slot(_))
        | EntityConstraintKind::IsIn(_, EntityOrSlot::Slot(_)) => None,
        EntityConstraintKind::IsIn(ty, EntityOrSlot::Entity(_)) => Some(EntityConstraintKind::Is(ty.clone())),
        EntityConstraintKind::Equal(EntityOrSlot::Entity(_))
        | EntityConstraintKind::In(EntityOrSlot::Entity(_))
        | EntityConstraintKind::Is(_) => Some(EntityConstraintKind::All),
    }
}

fn weaken_equality(finder: &mut Finder<'_>) {
    let scope = &finder.policy.scope;
    let weakened = |constraint: &EntityConstraint| match &constraint.kind {
        EntityConstraintKind::Equal(entity) => Some(EntityConstraintKind::In(entity.clone())),
        EntityConstraintKind::All
        | EntityConstraintKind::In(_)
        | EntityConstraintKind::Is(_)
        | EntityConstraintKind::IsIn(..) => None,
    };
    let of_entities = [(&scope.principal, ScopePart::Principal), (&scope.resource, ScopePart::Resource)];
    for (constraint, part) in of_entities {
        if let Some(kind) = weakened(constraint).filter(|_| may_have_members(finder.schema, constraint)) {
            finder.add(constraint.span, Edit::Entity(part, kind));
        }
    }
    if let ActionConstraintKind::Equal(action) = &scope.action.kind
        && finder.schema.is_none_or(|schema| uid(action).is_none_or(|uid| is_group(schema, &uid)))
    {
        finder.add(scope.action.span, Edit::Action(ActionConstraintKind::In(action.clone())));
    }
}

fn is_group(schema: &Schema, action: &EntityUid) -> bool {
    schema.action_descendants(action).next().is_some()
}

/// Whether something can be in the entity.
fn may_have_members(schema: Option<&Schema>, constraint: &EntityConstraint) -> bool {
    let Some(schema) = schema else { return true };
    match constraint.entity() {
        Some(EntityOrSlot::Entity(entity)) => {
            EntityTypeName::new(&entity.ty.name).is_ok_and(|ty| schema.descendant_types(&ty).next().is_some())
        }
        Some(EntityOrSlot::Slot(_)) | None => true,
    }
}

fn drop_condition(finder: &mut Finder<'_>) {
    for (position, condition) in finder.policy.conditions.iter().enumerate() {
        finder.add(condition.span, Edit::DropCondition(position));
    }
}

fn drop_operand(finder: &mut Finder<'_>) {
    let alone = finder.alone;
    for id in finder.exprs {
        let Some((operands, chain)) = chain(alone.exprs.kind(*id)) else { continue };
        for (position, operand) in operands.iter().enumerate() {
            let others = operands.iter().enumerate().filter(|(other, _)| *other != position);
            let others: Box<[ExprId]> = others.map(|(_, operand)| *operand).collect();
            let edit = if let [other] = &*others {
                Edit::Become(*id, *other, *operand)
            } else {
                Edit::Without(*id, chain(others), *operand)
            };
            finder.add(alone.exprs.span(*operand), edit);
        }
    }
}

/// Makes a chain.
type MakeChain = fn(Box<[ExprId]>) -> ExprKind;

/// The operands of a chain of booleans, and what makes one of its kind.
fn chain(kind: &ExprKind) -> Option<(&[ExprId], MakeChain)> {
    if let ExprKind::And(operands) = kind {
        Some((operands, ExprKind::And))
    } else if let ExprKind::Or(operands) = kind {
        Some((operands, ExprKind::Or))
    } else {
        None
    }
}

fn negate(finder: &mut Finder<'_>) {
    let alone = finder.alone;
    for id in finder.atoms.iter().filter(|id| !matches!(alone.exprs.kind(**id), ExprKind::Bool(_))) {
        finder.add(alone.exprs.span(*id), Edit::Negate(*id));
    }
}

fn swap_chain(finder: &mut Finder<'_>) {
    let alone = finder.alone;
    for id in finder.exprs {
        let kind = alone.exprs.kind(*id);
        if let ExprKind::And(operands) = kind {
            finder.replace(*id, ExprKind::Or(operands.clone()));
        } else if let ExprKind::Or(operands) = kind {
            finder.replace(*id, ExprKind::And(operands.clone()));
        }
    }
}

/// Methods that compare, with the one that differs where both sides are equal.
const METHODS: [(Builtin, Builtin); 4] = [
    (Builtin::LessThan, Builtin::LessThanOrEqual),
    (Builtin::LessThanOrEqual, Builtin::LessThan),
    (Builtin::GreaterThan, Builtin::GreaterThanOrEqual),
    (Builtin::GreaterThanOrEqual, Builtin::GreaterThan),
];

fn shift_comparison(finder: &mut Finder<'_>) {
    let alone = finder.alone;
    for id in finder.exprs {
        let kind = alone.exprs.kind(*id);
        if let ExprKind::Binary { operator, left, right } = kind
            && let Some(operator) = shifted(*operator)
        {
            finder.replace(*id, ExprKind::Binary { operator, left: *left, right: *right });
        } else if let ExprKind::Call { builtin, arguments } = kind
            && let Some((_, builtin)) = METHODS.iter().find(|(method, _)| method == builtin)
        {
            finder.replace(*id, ExprKind::Call { builtin: *builtin, arguments: arguments.clone() });
        }
    }
}

/// The comparison that differs where both sides are equal.
const fn shifted(operator: BinaryOperator) -> Option<BinaryOperator> {
    match operator {
        BinaryOperator::Less => Some(BinaryOperator::LessOrEqual),
        BinaryOperator::LessOrEqual => Some(BinaryOperator::Less),
        BinaryOperator::Greater => Some(BinaryOperator::GreaterOrEqual),
        BinaryOperator::GreaterOrEqual => Some(BinaryOperator::Greater),
        BinaryOperator::Equal
        | BinaryOperator::NotEqual
        | BinaryOperator::In
        | BinaryOperator::Contains
        | BinaryOperator::ContainsAll
        | BinaryOperator::ContainsAny
        | BinaryOperator::HasTag
        | BinaryOperator::GetTag => None,
    }
}

/// By how much a number right of a comparison is moved. To the other side the comparison itself is shifted: `x < 5`
/// becomes `x <= 5`, which is `x < 6`.
const fn steps(operator: BinaryOperator) -> &'static [i64] {
    match operator {
        BinaryOperator::Less | BinaryOperator::GreaterOrEqual => &[-1],
        BinaryOperator::LessOrEqual | BinaryOperator::Greater => &[1],
        BinaryOperator::Equal | BinaryOperator::NotEqual => &[-1, 1],
        BinaryOperator::In
        | BinaryOperator::Contains
        | BinaryOperator::ContainsAll
        | BinaryOperator::ContainsAny
        | BinaryOperator::HasTag
        | BinaryOperator::GetTag => &[],
    }
}

fn shift_literal(finder: &mut Finder<'_>) {
    let alone = finder.alone;
    for id in finder.exprs {
        let ExprKind::Binary { operator, left, right } = alone.exprs.kind(*id) else { continue };
        for (side, sign) in [(*right, 1), (*left, -1)] {
            let ExprKind::Long(number) = alone.exprs.kind(side) else { continue };
            for step in steps(*operator) {
                if let Some(moved) = number.checked_add(step * sign) {
                    finder.replace(side, ExprKind::Long(moved));
                }
            }
        }
    }
}
