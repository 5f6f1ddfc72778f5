//! Expressions that could be said shorter, and those that cannot be what was meant.
//!
//! These lints need no schema. They look at each expression once, and compare expressions by their forms, so that
//! long chains cost no more than short ones.

use deodar_grammar::{
    Diagnostic,
    ast::{
        BinaryOperator, EntityConstraint, EntityConstraintKind, EntityOrSlot, ExprId, ExprKind, Exprs, PolicySet,
        UnaryOperator, Variable,
    },
};
use deodar_lexicon::PatternElement;
use hashbrown::{HashMap, HashSet};

use super::{Findings, Subject};
use crate::{
    check::{FormId, Forms},
    report::shape as report,
};

/// Looks at the conditions of all policies.
pub(super) fn check(sets: &[&PolicySet], subjects: &[Subject<'_>], findings: &mut Findings<'_>) {
    let mut forms = Forms::default();
    let mut subjects = subjects.iter();
    for set in sets {
        forms.load(&set.exprs);
        for subject in subjects.by_ref().take(set.policies.len()) {
            let look = Look { subject, exprs: subject.exprs, forms: &forms, inner: inner_negations(subject) };
            let found: Vec<Diagnostic> = subject.all.iter().filter_map(|expr| look.at(*expr)).collect();
            let chains = subject.all.iter().flat_map(|expr| look.chain(*expr));
            for diagnostic in found.into_iter().chain(chains) {
                findings.push(&subject.allowed, diagnostic);
            }
        }
    }
}

/// Negations below another one: of a row of them, the outermost says it all.
fn inner_negations(subject: &Subject<'_>) -> HashSet<ExprId> {
    let negated = subject.all.iter().filter_map(|expr| negated(subject.exprs, *expr));
    negated.filter(|below| negated_twice(subject.exprs, *below)).collect()
}

fn negated(exprs: &Exprs, expr: ExprId) -> Option<ExprId> {
    if let ExprKind::Unary(UnaryOperator::Not, below) = exprs.kind(expr) { Some(*below) } else { None }
}

fn negated_twice(exprs: &Exprs, expr: ExprId) -> bool {
    negated(exprs, expr).is_some_and(|below| negated(exprs, below).is_some())
}

struct Look<'l> {
    subject: &'l Subject<'l>,
    exprs: &'l Exprs,
    forms: &'l Forms,
    inner: HashSet<ExprId>,
}

impl Look<'_> {
    /// What is to be said of an expression alone.
    fn at(&self, expr: ExprId) -> Option<Diagnostic> {
        let span = self.exprs.span(expr);
        if negated_twice(self.exprs, expr) && !self.inner.contains(&expr) {
            return Some(report::double_negation(span));
        }
        let kind = self.exprs.kind(expr);
        if let ExprKind::Binary { operator, left, right } = kind {
            return self.binary(expr, *operator, *left, *right);
        }
        if let ExprKind::Like { pattern, .. } = kind {
            let has_wildcard = pattern.elements().contains(&PatternElement::Wildcard);
            return (!has_wildcard).then(|| report::like_without_wildcard(span));
        }
        if let ExprKind::If { then, otherwise, .. } = kind {
            return self.instead_of_if(*then, *otherwise).map(|instead| report::boolean_if(span, instead));
        }
        if let ExprKind::Is { base, ty, within: None } = kind {
            return self.redundant_is(expr, *base, &ty.name);
        }
        None
    }

    fn bool(&self, expr: ExprId) -> Option<bool> {
        if let ExprKind::Bool(value) = self.exprs.kind(expr) { Some(*value) } else { None }
    }

    fn is_empty_set(&self, expr: ExprId) -> bool {
        matches!(self.exprs.kind(expr), ExprKind::Set(elements) if elements.is_empty())
    }

    fn binary(&self, expr: ExprId, operator: BinaryOperator, left: ExprId, right: ExprId) -> Option<Diagnostic> {
        let span = self.exprs.span(expr);
        let is_same = self.forms.of(left) == self.forms.of(right);
        let value = match operator {
            BinaryOperator::Equal
            | BinaryOperator::LessOrEqual
            | BinaryOperator::GreaterOrEqual
            | BinaryOperator::In => Some(true),
            BinaryOperator::NotEqual | BinaryOperator::Less | BinaryOperator::Greater => Some(false),
            BinaryOperator::Contains
            | BinaryOperator::ContainsAll
            | BinaryOperator::ContainsAny
            | BinaryOperator::HasTag
            | BinaryOperator::GetTag => None,
        };
        // Comparisons of literals are the business of constants.
        if let Some(value) = value.filter(|_| is_same && !self.forms.get(self.forms.of(left)).is_literal()) {
            return Some(report::self_comparison(span, value));
        }
        let sides = (self.bool(left), self.bool(right));
        let is_equality = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
        if let ((Some(side), None) | (None, Some(side)), true) = (sides, is_equality) {
            return Some(report::compared_with_bool(span, side == (operator == BinaryOperator::Equal)));
        }
        let (left, right) = (self.is_empty_set(left), self.is_empty_set(right));
        let value = match operator {
            BinaryOperator::In => right.then_some(false),
            BinaryOperator::Contains => left.then_some(false),
            BinaryOperator::ContainsAny => (left || right).then_some(false),
            BinaryOperator::ContainsAll => right.then_some(true),
            BinaryOperator::Equal
            | BinaryOperator::NotEqual
            | BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual
            | BinaryOperator::HasTag
            | BinaryOperator::GetTag => None,
        };
        value.map(|value| report::empty_set(span, value))
    }

    /// The operator that says what an `if` with such branches says.
    fn instead_of_if(&self, then: ExprId, otherwise: ExprId) -> Option<&'static str> {
        match (self.bool(then), self.bool(otherwise)) {
            (Some(true), Some(false)) => Some("the guard itself"),
            (Some(false), Some(true)) => Some("`!` before the guard"),
            // With one literal, an `if` may be the plainest way to say what holds where the guard does not. With twice
            // the same one the guard decides nothing, which is another lint.
            (Some(true), Some(true)) | (Some(false), Some(false)) | (None, _) | (_, None) => None,
        }
    }

    /// With a schema, the checker knows that it is always true.
    fn redundant_is(&self, expr: ExprId, base: ExprId, ty: &str) -> Option<Diagnostic> {
        let ExprKind::Variable(variable) = self.exprs.kind(base) else { return None };
        let scope = &self.subject.policy.scope;
        let constraint = match variable {
            Variable::Principal => &scope.principal,
            Variable::Resource => &scope.resource,
            Variable::Action | Variable::Context => return None,
        };
        let is_said = self.subject.check.is_none() && type_of(constraint).is_some_and(|said| said == ty);
        is_said.then(|| report::redundant_is(self.exprs.span(expr), *variable, constraint.span))
    }

    /// What is to be said of the operands of a chain.
    fn chain(&self, expr: ExprId) -> Vec<Diagnostic> {
        let kind = self.exprs.kind(expr);
        let (operands, is_and) = if let ExprKind::And(operands) = kind {
            (operands, true)
        } else if let ExprKind::Or(operands) = kind {
            (operands, false)
        } else {
            return Vec::new();
        };
        let mut found = Vec::new();
        // Of a chain that repeats itself, the first repetition says it all.
        let mut repeats = false;
        let mut seen: HashMap<FormId, ExprId> = HashMap::new();
        let mut denied: HashMap<FormId, ExprId> = HashMap::new();
        for operand in operands {
            let span = self.exprs.span(*operand);
            let form = self.forms.of(*operand);
            // Whether an attribute is there again is what capabilities are about, and literals what constants are.
            let is_plain = !matches!(self.exprs.kind(*operand), ExprKind::Has { .. } | ExprKind::Bool(_));
            if let Some(first) = seen.insert(form, *operand).filter(|_| is_plain && !repeats) {
                repeats = true;
                found.push(report::repeated_operand(span, self.exprs.span(first)));
            }
            let below = negated(self.exprs, *operand);
            let other = match below {
                Some(below) => seen.get(&self.forms.of(below)),
                None => denied.get(&form),
            };
            if let Some(other) = other {
                found.push(report::contradicting_operands(span, self.exprs.span(*other), !is_and));
            }
            if let Some(below) = below {
                denied.insert(self.forms.of(below), *operand);
            }
        }
        if is_and {
            found.extend(self.paths(operands));
        }
        found
    }

    /// What is to be said of the operands with `has`.
    fn paths(&self, operands: &[ExprId]) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        // The shortest `has` for each base and first attribute, in the order of the chain.
        let mut first: HashMap<(FormId, &str), (ExprId, usize)> = HashMap::new();
        for operand in operands {
            let ExprKind::Has { base, path } = self.exprs.kind(*operand) else { continue };
            let Some(name) = path.first() else { continue };
            let span = self.exprs.span(*operand);
            let key = (self.forms.of(*base), name.value.as_str());
            match first.get(&key) {
                Some((shorter, 1)) if path.len() > 1 => {
                    found.push(report::redundant_has(self.exprs.span(*shorter), span));
                }
                Some(_) => {}
                None => {
                    first.insert(key, (*operand, path.len()));
                }
            }
            // `x has a && x.a has b`
            if let ExprKind::Attribute { base: before, name } = self.exprs.kind(*base)
                && let Some((shorter, 1)) = first.get(&(self.forms.of(*before), name.value.as_str()))
            {
                found.push(report::chained_has(span, self.exprs.span(*shorter)));
            }
        }
        found
    }
}

/// The type that a scope names.
fn type_of(constraint: &EntityConstraint) -> Option<&str> {
    match &constraint.kind {
        EntityConstraintKind::Is(ty) | EntityConstraintKind::IsIn(ty, _) => Some(&ty.name),
        EntityConstraintKind::Equal(EntityOrSlot::Entity(entity)) => Some(&entity.ty.name),
        EntityConstraintKind::Equal(EntityOrSlot::Slot(_))
        | EntityConstraintKind::In(_)
        | EntityConstraintKind::All => None,
    }
}
