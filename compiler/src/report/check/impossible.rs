//! Why an expression is always false, in words.

use deodar_grammar::ast::{BinaryOperator, ExprId, ExprKind, Variable};
use deodar_lexicon::escape::escape;

use super::describe::Describe;
use crate::check::Ty;

/// What the schema says that makes the expression false, if it is one thing; `ty` knows the types in one environment.
pub(crate) fn reason(describe: &Describe<'_>, expr: ExprId, ty: impl Fn(ExprId) -> Option<Ty>) -> Option<String> {
    match describe.exprs.kind(expr) {
        ExprKind::Binary { operator, left, right } => of_operator(describe, *operator, ty(*left)?, ty(*right)?),
        ExprKind::Has { base, path } => match &**path {
            [name] => {
                Some(format!("{} has no attribute `{}`", owner(describe, *base, ty(*base)?)?, escape(&name.value)))
            }
            _ => None,
        },
        ExprKind::Is { base, .. } => Some(format!("it is {}", describe.a(ty(*base)?))),
        ExprKind::Error
        | ExprKind::Bool(_)
        | ExprKind::Long(_)
        | ExprKind::String(_)
        | ExprKind::Entity(_)
        | ExprKind::Variable(_)
        | ExprKind::Slot(_)
        | ExprKind::Name(_)
        | ExprKind::If { .. }
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Sum { .. }
        | ExprKind::Product(_)
        | ExprKind::Unary(..)
        | ExprKind::Attribute { .. }
        | ExprKind::Like { .. }
        | ExprKind::Set(_)
        | ExprKind::Record(_)
        | ExprKind::Call { .. }
        | ExprKind::UnknownCall { .. } => None,
    }
}

/// What an attribute is asked of.
fn owner(describe: &Describe<'_>, base: ExprId, ty: Ty) -> Option<String> {
    if describe.types.is_entity(ty) {
        return Some(describe.a(ty));
    }
    let is_context = matches!(describe.exprs.kind(base), ExprKind::Variable(Variable::Context));
    is_context.then(|| "the context".to_owned())
}

fn of_operator(describe: &Describe<'_>, operator: BinaryOperator, left: Ty, right: Ty) -> Option<String> {
    match operator {
        BinaryOperator::Equal if never_equal(describe, left, right) => {
            Some(format!("{} never equals {}", describe.a(left), describe.a(right)))
        }
        BinaryOperator::In => {
            let above = describe.types.element(right).unwrap_or(right);
            let (below, above) = (describe.types.entity_types(left)?, describe.types.entity_types(above)?);
            let (one, other) = (below.first()?, above.first()?);
            let apart = !describe.model.any_may_be_in(below, above);
            let (one, other) = (describe.model.name(*one), describe.model.name(*other));
            apart.then(|| format!("the schema lets no `{one}` be in a `{other}`"))
        }
        BinaryOperator::HasTag => Some(format!("{} has no tags", describe.a(left))),
        BinaryOperator::Equal
        | BinaryOperator::NotEqual
        | BinaryOperator::Less
        | BinaryOperator::LessOrEqual
        | BinaryOperator::Greater
        | BinaryOperator::GreaterOrEqual
        | BinaryOperator::Contains
        | BinaryOperator::ContainsAll
        | BinaryOperator::ContainsAny
        | BinaryOperator::GetTag => None,
    }
}

fn never_equal(describe: &Describe<'_>, left: Ty, right: Ty) -> bool {
    let types = describe.types;
    types.are_disjoint_entities(left, right) || types.is_entity(left) != types.is_entity(right)
}
