//! Conditions of the common forms, without the VM.
//!
//! Most conditions of real policies are a few tests joined by `&&` or `||`, whose operands are constants, parts of the
//! request, and attributes at most two steps from them. When a program is linked, such code is recognised and kept as
//! tests whose operands are resolved. A test gives true, false, or nothing: where the VM would fail, and where it has
//! more to consider, the VM runs the condition from its start. Conditions have no effects, so that is the same
//! evaluation; errors and everything unusual have one implementation, and the VM is the oracle of the tests.
//!
//! All tests have one form, an operation on two operands, so evaluating one is finding two values where they lie and
//! comparing them. Values that only the request mentions have no rows and no sets that could be searched; where a test
//! needs more of one than its handle, the VM runs.

mod access;
mod recognise;

use crate::{
    entities::{Entities, Row},
    index::Party,
    instruction::Variable,
    pool::{self, EntityId, Lookup, Member, Pool, StringId, TypeId, Word},
    program::ConditionKind,
    vm::RequestHandles,
};

pub(crate) use access::{Access, Group, Need, accesses, narrowed};
pub(crate) use recognise::recognise;

/// The request as tests see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'e> {
    pub(crate) entities: &'e Entities,
    pub(crate) principal: Party<'e>,
    pub(crate) action: EntityId,
    pub(crate) resource: Party<'e>,
    /// By variable: its value, of the context none; and its attributes or members, of the action none.
    values: [Word; 3],
    members: [&'e [Member]; 4],
}

/// A value that is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operand {
    /// That of the test.
    Constant,
    /// Of the context there are members only.
    Variable(Variable),
    /// Of any variable but the action, which has no attributes in practice.
    Attribute(Variable, StringId),
    AttributeOfAttribute(Variable, StringId, StringId),
}

/// What is asked of two operands, or of the left one alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Op {
    True,
    Equal,
    Less,
    LessOrEqual,
    In,
    Contains,
    Has(StringId),
    Is(TypeId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Test {
    op: Op,
    /// What counts as true.
    expected: bool,
    left: Operand,
    /// Anything that is there, where the operation needs no second operand.
    right: Operand,
    constant: Word,
    form: Form,
}

/// The forms that have code of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    /// The principal is in an attribute.
    PrincipalIn(Variable, StringId),
    /// The resource is in an attribute.
    ResourceIn(Variable, StringId),
    /// The principal is in an attribute of an attribute.
    PrincipalInFar(Variable, StringId, StringId),
    /// There is an attribute.
    Has(Variable, StringId),
    /// An attribute is equal to something.
    AttributeIs(Variable, StringId),
    Other,
}

impl Form {
    fn of(op: Op, left: Operand, right: Operand) -> Self {
        match (op, left, right) {
            (Op::In, Operand::Variable(Variable::Principal), Operand::Attribute(variable, name)) => {
                Self::PrincipalIn(variable, name)
            }
            (Op::In, Operand::Variable(Variable::Resource), Operand::Attribute(variable, name)) => {
                Self::ResourceIn(variable, name)
            }
            (
                Op::In,
                Operand::Variable(Variable::Principal),
                Operand::AttributeOfAttribute(variable, first, second),
            ) => Self::PrincipalInFar(variable, first, second),
            (Op::Has(name), Operand::Variable(variable), _) if variable != Variable::Action => {
                Self::Has(variable, name)
            }
            (Op::Equal, Operand::Attribute(variable, name), _) => Self::AttributeIs(variable, name),
            _ => Self::Other,
        }
    }
}

/// How tests are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

/// A condition as joined tests.
#[derive(Debug, Clone)]
pub(crate) struct Quick {
    join: Join,
    tests: Box<[Test]>,
}

impl Quick {
    /// The value of the condition, if it can be told without the VM.
    #[inline]
    pub(crate) fn holds(&self, asked: &Asked<'_>) -> Option<bool> {
        let decides = self.join == Join::Or;
        for test in &self.tests {
            if test.holds(asked)? == decides {
                return Some(decides);
            }
        }
        Some(!decides)
    }

    /// What a policy with these conditions asks for, as one condition, if it is one of the common forms.
    pub(crate) fn all(conditions: &[(ConditionKind, Option<Self>)]) -> Option<Self> {
        if let [(kind, Some(only))] = conditions {
            return Some(only.as_when(*kind));
        }
        let mut tests = Vec::new();
        for (kind, quick) in conditions {
            let quick = quick.as_ref()?.as_when(*kind);
            if quick.join == Join::Or && quick.tests.len() > 1 {
                return None;
            }
            tests.extend_from_slice(&quick.tests);
        }
        Some(Self { join: Join::And, tests: tests.into() })
    }

    /// The condition as a `when`: not all of some tests is one of their opposites.
    fn as_when(&self, kind: ConditionKind) -> Self {
        match (kind, self.join) {
            (ConditionKind::When, _) => self.clone(),
            (ConditionKind::Unless, Join::And) => Self { join: Join::Or, tests: self.opposite_tests() },
            (ConditionKind::Unless, Join::Or) => Self { join: Join::And, tests: self.opposite_tests() },
        }
    }

    fn opposite_tests(&self) -> Box<[Test]> {
        self.tests.iter().map(|test| Test { expected: !test.expected, ..*test }).collect()
    }
}

impl Test {
    fn new(op: Op, expected: bool, left: Operand, right: Operand, constant: Word) -> Self {
        Self { op, expected, left, right, constant, form: Form::of(op, left, right) }
    }

    #[inline]
    fn holds(&self, asked: &Asked<'_>) -> Option<bool> {
        // The most frequent forms have code of their own; calls of it save no registers.
        let value = if let Form::PrincipalIn(variable, name) = self.form {
            is_in_attribute(&asked.principal, variable, name, asked)
        } else if let Form::ResourceIn(variable, name) = self.form {
            is_in_attribute(&asked.resource, variable, name, asked)
        } else if let Form::PrincipalInFar(variable, first, second) = self.form {
            is_in_far_attribute(&asked.principal, variable, first, second, asked)
        } else {
            self.value(asked)
        };
        value.map(|value| value == self.expected)
    }

    #[inline(never)]
    fn value(&self, asked: &Asked<'_>) -> Option<bool> {
        match self.form {
            Form::Has(variable, name) => Some(pool::find_member(asked.members(variable), name).is_some()),
            Form::AttributeIs(variable, name) => self.attribute_is(variable, name, asked),
            Form::PrincipalIn(..) | Form::ResourceIn(..) | Form::PrincipalInFar(..) | Form::Other => {
                self.any_value(asked)
            }
        }
    }

    #[inline(never)]
    fn attribute_is(&self, variable: Variable, name: StringId, asked: &Asked<'_>) -> Option<bool> {
        let left = pool::find_member(asked.members(variable), name)?;
        let right = self.right.find(&self.constant, asked)?;
        Some(left == right)
    }

    #[inline(never)]
    fn any_value(&self, asked: &Asked<'_>) -> Option<bool> {
        let left = self.left.find(&self.constant, asked)?;
        let right = self.right.find(&self.constant, asked)?;
        self.op.holds(left, right, asked)
    }
}

impl Op {
    #[inline]
    fn holds(self, left: &Word, right: &Word, asked: &Asked<'_>) -> Option<bool> {
        match self {
            Self::True => {
                let Word::Bool(value) = left else { return None };
                Some(*value)
            }
            Self::Equal => Some(left == right),
            Self::Less => compare(*left, *right).map(|(left, right)| left < right),
            Self::LessOrEqual => compare(*left, *right).map(|(left, right)| left <= right),
            Self::In => is_in(left.entity()?, right, asked),
            Self::Contains => {
                let Word::Set(set) = left else { return None };
                Some(asked.pool().entity_set(*set)?.contains(right.entity()?))
            }
            Self::Has(name) => has(left, name, asked),
            Self::Is(ty) => Some(asked.type_of(left.entity()?)? == ty),
        }
    }
}

impl<'e> Asked<'e> {
    /// The request in handles with the members of its context that policies may name.
    #[inline]
    pub(crate) fn new(
        entities: &'e Entities,
        principal: Party<'e>,
        action: EntityId,
        resource: Party<'e>,
        context: &'e [Member],
    ) -> Self {
        let values = [principal.id, action, resource.id].map(Word::Entity);
        let members = [principal.attributes(), &[], resource.attributes(), context];
        Self { entities, principal, action, resource, values, members }
    }

    /// The request for the VM.
    pub(crate) fn handles(&self, context: Word) -> RequestHandles {
        let Self { principal, action, resource, .. } = self;
        RequestHandles { principal: principal.id, action: *action, resource: resource.id, context }
    }

    #[inline]
    fn pool(&self) -> &'e Pool {
        self.entities.pool()
    }

    /// The row of an entity, which is that of the principal or of the resource in most tests.
    #[inline]
    fn row(&self, entity: EntityId) -> Option<&'e Row> {
        if entity == self.principal.id {
            self.principal.row
        } else if entity == self.resource.id {
            self.resource.row
        } else {
            self.entities.row(entity)
        }
    }

    fn type_of(&self, entity: EntityId) -> Option<TypeId> {
        if entity == self.principal.id {
            Some(self.principal.ty)
        } else if entity == self.resource.id {
            Some(self.resource.ty)
        } else {
            self.pool().knows(entity).then(|| self.pool().entity_parts(entity).0)
        }
    }

    #[inline]
    pub(crate) fn members(&self, variable: Variable) -> &'e [Member] {
        self.members.get(variable as usize).map_or(&[], |members| members)
    }
}

#[inline]
fn compare(left: Word, right: Word) -> Option<(i64, i64)> {
    match (left, right) {
        (Word::Long(left), Word::Long(right))
        | (Word::Datetime(left), Word::Datetime(right))
        | (Word::Duration(left), Word::Duration(right)) => Some((left, right)),
        _ => None,
    }
}

#[inline(never)]
fn is_in_attribute(party: &Party<'_>, variable: Variable, name: StringId, asked: &Asked<'_>) -> Option<bool> {
    let right = pool::find_member(asked.members(variable), name)?;
    if let Word::Entity(group) = right { Some(party.is_in(*group)) } else { is_in(party.id, right, asked) }
}

#[inline(never)]
fn is_in_far_attribute(
    party: &Party<'_>,
    variable: Variable,
    first: StringId,
    second: StringId,
    asked: &Asked<'_>,
) -> Option<bool> {
    let right = far_attribute(variable, first, second, asked)?;
    if let Word::Entity(group) = right { Some(party.is_in(*group)) } else { is_in(party.id, right, asked) }
}

#[inline(never)]
fn is_in(entity: EntityId, right: &Word, asked: &Asked<'_>) -> Option<bool> {
    let row = asked.row(entity);
    if let Word::Entity(group) = right {
        return Some(entity == *group || row.is_some_and(|row| row.ancestors.contains(*group)));
    }
    let Word::Set(groups) = right else { return None };
    let groups = asked.pool().entity_set(*groups)?;
    Some(groups.contains(entity) || row.is_some_and(|row| row.ancestors.intersects(groups)))
}

/// Whether an entity or record has an attribute; one that does not exist has none.
fn has(holder: &Word, name: StringId, asked: &Asked<'_>) -> Option<bool> {
    let members = if let Word::Record(record) = holder {
        asked.pool().known_record(*record)?
    } else {
        asked.row(holder.entity()?).map_or(&[][..], |row| &row.attributes)
    };
    Some(pool::find_member(members, name).is_some())
}

#[inline]
fn far_attribute<'a>(variable: Variable, first: StringId, second: StringId, asked: &'a Asked<'_>) -> Option<&'a Word> {
    let holder = pool::find_member(asked.members(variable), first)?;
    let members = if let Word::Record(record) = holder {
        asked.pool().known_record(*record)?
    } else {
        &asked.entities.row(holder.entity()?)?.attributes
    };
    pool::find_member(members, second)
}

impl Operand {
    /// The value, if it is there.
    #[inline]
    pub(crate) fn find<'a>(&self, constant: &'a Word, asked: &'a Asked<'_>) -> Option<&'a Word> {
        if let Self::Attribute(variable, name) = self {
            return pool::find_member(asked.members(*variable), *name);
        }
        if let Self::Variable(variable) = self {
            return asked.values.get(*variable as usize);
        }
        if *self == Self::Constant {
            return Some(constant);
        }
        self.find_far(asked)
    }

    #[inline(never)]
    fn find_far<'a>(&self, asked: &'a Asked<'_>) -> Option<&'a Word> {
        let Self::AttributeOfAttribute(variable, first, second) = self else { return None };
        far_attribute(*variable, *first, *second, asked)
    }

    fn member(self, name: StringId) -> Option<Self> {
        match self {
            Self::Variable(Variable::Action) | Self::Constant | Self::AttributeOfAttribute(..) => None,
            Self::Variable(variable) => Some(Self::Attribute(variable, name)),
            Self::Attribute(variable, first) => Some(Self::AttributeOfAttribute(variable, first, name)),
        }
    }
}
