//! What tests say of the requests that a policy can apply to, for the index.
//!
//! A policy may be left out of a decision where it is certain that it is neither satisfied nor fails. Tests run in
//! order, so one that is false settles that only if none before it can fail. So two things are read off the front of a
//! conjunction: tests of the principal and the resource that cannot fail, which are as good as a scope, and equalities
//! with constants, together with what must be there so that the tests before them do not fail.

use super::{Join, Op, Operand, Quick, Test};
use crate::{instruction::Variable, link::LinkedConstraint, pool::Word};

/// What must be so for a test not to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Need {
    /// The operand has a value.
    Present(Operand),
    /// The operand has a boolean value.
    Bool(Operand),
}

/// When a test fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failing {
    Never,
    /// Only without this.
    Without(Need),
    /// It is not that simple.
    Perhaps,
}

/// An operand that policies compare with constants.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Group {
    /// What the tests before the comparison need.
    pub(crate) needs: Vec<Need>,
    pub(crate) operand: Operand,
    /// Whether the policies ask first whether the operand has a value, so that nothing fails where it has none.
    pub(crate) guarded: bool,
}

/// A policy applies only where the operand has this value, or something that it needs is missing.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) group: Group,
    pub(crate) value: Word,
}

/// The equalities with constants that a policy can be found by.
pub(crate) fn accesses(quick: &Quick) -> Vec<Access> {
    const MOST_NEEDS: usize = 4;
    let (mut found, mut needs, mut guards) = (Vec::new(), Vec::new(), Vec::new());
    for test in conjuncts(quick) {
        if needs.len() > MOST_NEEDS {
            break;
        }
        if let Some((operand, value)) = test.equality() {
            let guarded = guards.contains(&operand);
            found.push(Access { group: Group { needs: needs.clone(), operand, guarded }, value });
        }
        guards.extend(test.guard());
        match test.failing() {
            Failing::Never => {}
            Failing::Without(need) => needs.push(need),
            Failing::Perhaps => break,
        }
    }
    found
}

/// The constraints of a scope together with the tests that are as good as one.
pub(crate) fn narrowed(
    mut principal: LinkedConstraint,
    mut resource: LinkedConstraint,
    quick: &Quick,
) -> (LinkedConstraint, LinkedConstraint) {
    for test in conjuncts(quick).iter().take_while(|test| test.failing() == Failing::Never) {
        match test.left {
            Operand::Variable(Variable::Principal) => principal = test.narrow(principal),
            Operand::Variable(Variable::Resource) => resource = test.narrow(resource),
            Operand::Variable(Variable::Action | Variable::Context)
            | Operand::Constant
            | Operand::Attribute(..)
            | Operand::AttributeOfAttribute(..) => {}
        }
    }
    (principal, resource)
}

/// The tests all of which must hold.
fn conjuncts(quick: &Quick) -> &[Test] {
    if quick.join == Join::And || quick.tests.len() == 1 { &quick.tests } else { &[] }
}

impl Test {
    /// An operand that must be equal to a constant.
    fn equality(&self) -> Option<(Operand, Word)> {
        match (self.op, self.expected, self.left, self.right) {
            (Op::Equal, true, operand, Operand::Constant) | (Op::Equal, true, Operand::Constant, operand) => {
                Some((operand, self.constant))
            }
            _ => None,
        }
    }

    /// The operand that has a value if the test holds.
    fn guard(&self) -> Option<Operand> {
        let Op::Has(name) = self.op else { return None };
        if self.expected { self.left.member(name) } else { None }
    }

    fn failing(&self) -> Failing {
        let simple = |operand: Operand| match operand {
            Operand::Constant | Operand::Variable(_) => None,
            Operand::Attribute(..) | Operand::AttributeOfAttribute(..) => Some(Need::Present(operand)),
        };
        let entity = |operand: Operand| match operand {
            Operand::Constant => self.constant.entity().is_some(),
            Operand::Variable(variable) => variable != Variable::Context,
            Operand::Attribute(..) | Operand::AttributeOfAttribute(..) => false,
        };
        match self.op {
            Op::True if self.left == Operand::Constant && matches!(self.constant, Word::Bool(_)) => Failing::Never,
            Op::True if self.left == Operand::Constant => Failing::Perhaps,
            Op::True => Failing::Without(Need::Bool(self.left)),
            Op::Equal => match (simple(self.left), simple(self.right)) {
                (None, None) => Failing::Never,
                (Some(need), None) | (None, Some(need)) => Failing::Without(need),
                (Some(_), Some(_)) => Failing::Perhaps,
            },
            Op::In if entity(self.left) && entity(self.right) => Failing::Never,
            Op::Is(_) if entity(self.left) => Failing::Never,
            Op::Has(_) if matches!(self.left, Operand::Variable(_)) => Failing::Never,
            Op::Less | Op::LessOrEqual | Op::In | Op::Contains | Op::Has(_) | Op::Is(_) => Failing::Perhaps,
        }
    }

    /// What a constraint and this test of the same entity say together, as far as a constraint can say it.
    fn narrow(&self, constraint: LinkedConstraint) -> LinkedConstraint {
        if !self.expected {
            return constraint;
        }
        let entity = if self.right == Operand::Constant { self.constant.entity() } else { None };
        match (self.op, entity, constraint) {
            (Op::Equal, Some(entity), LinkedConstraint::Any) => LinkedConstraint::Equal(entity),
            (Op::In, Some(entity), LinkedConstraint::Any) => LinkedConstraint::In(entity),
            (Op::Is(ty), _, LinkedConstraint::Any) => LinkedConstraint::Is(ty),
            (Op::In, Some(entity), LinkedConstraint::Is(ty)) | (Op::Is(ty), _, LinkedConstraint::In(entity)) => {
                LinkedConstraint::IsIn(ty, entity)
            }
            _ => constraint,
        }
    }
}
