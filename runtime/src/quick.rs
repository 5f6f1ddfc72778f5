//! Conditions of the common forms, without the VM.
//!
//! Most conditions of real policies are a few tests joined by `&&` or `||`, whose operands are constants, parts of the
//! request, and attributes at most two steps from them. When a program is linked, such code is recognised and kept as
//! tests whose operands are resolved. A test gives true, false, or nothing: where the VM would fail, and where it has
//! more to consider, the VM runs the condition from its start. Conditions have no effects, so that is the same
//! evaluation; errors and everything unusual have one implementation, and the VM is the oracle of the tests.

use crate::{
    entities::Entities,
    index::Party,
    instruction::{CodeAddress, Instruction, NameId, Register, Variable},
    link::Linked,
    pool::{self, EntityId, Lookup, Overlay, StringId, TypeId, Word},
    program::{Code, ProgramParts},
};

/// The request as tests see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'e> {
    pub(crate) entities: &'e Entities,
    pub(crate) principal: Party<'e>,
    pub(crate) action: EntityId,
    pub(crate) resource: Party<'e>,
    /// A record.
    pub(crate) context: Word,
}

/// A value that is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    Constant(Word),
    Variable(Variable),
    Attribute(Variable, StringId),
    AttributeOfAttribute(Variable, StringId, StringId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    True(Operand),
    Equal(Operand, Operand),
    Less(Operand, Operand),
    LessOrEqual(Operand, Operand),
    In(Operand, Operand),
    Contains(Operand, Operand),
    Has(Operand, StringId),
    Is(Operand, TypeId),
}

/// How tests are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

/// A condition as joined tests, each with the value that it must have to count as true.
#[derive(Debug, Clone)]
pub(crate) struct Quick {
    join: Join,
    tests: Box<[(Test, bool)]>,
}

impl Quick {
    /// The value of the condition, if it can be told without the VM.
    #[inline]
    pub(crate) fn holds(&self, asked: &Asked<'_>, overlay: &Overlay<'_>) -> Option<bool> {
        let decides = self.join == Join::Or;
        for (test, expected) in &self.tests {
            if (test.holds(asked, overlay)? == *expected) == decides {
                return Some(decides);
            }
        }
        Some(!decides)
    }
}

impl Test {
    #[inline]
    fn holds(self, asked: &Asked<'_>, overlay: &Overlay<'_>) -> Option<bool> {
        let value = |operand: Operand| operand.value(asked, overlay);
        match self {
            Self::True(operand) => {
                if let Word::Bool(value) = value(operand)? {
                    Some(value)
                } else {
                    None
                }
            }
            Self::Equal(left, right) => Some(value(left)? == value(right)?),
            Self::Less(left, right) => compare(value(left)?, value(right)?).map(|(left, right)| left < right),
            Self::LessOrEqual(left, right) => compare(value(left)?, value(right)?).map(|(left, right)| left <= right),
            Self::In(left, right) => is_in(left, value(right)?, asked, overlay),
            Self::Contains(left, right) => {
                let Word::Set(set) = value(left)? else { return None };
                Some(overlay.entity_set(set)?.contains(value(right)?.entity()?))
            }
            Self::Has(operand, name) => {
                let holder = value(operand)?;
                let members = if let Word::Record(record) = holder {
                    overlay.record(record)
                } else {
                    asked.row(operand, holder.entity()?).map_or(&[][..], |row| &row.attributes)
                };
                Some(pool::member(members, name).is_some())
            }
            Self::Is(operand, ty) => Some(overlay.entity_parts(value(operand)?.entity()?).0 == ty),
        }
    }
}

impl<'e> Asked<'e> {
    /// The row of an entity that is the value of an operand.
    #[inline]
    fn row(&self, operand: Operand, entity: EntityId) -> Option<&'e crate::entities::Row> {
        match operand {
            Operand::Variable(Variable::Principal) => self.principal.row,
            Operand::Variable(Variable::Resource) => self.resource.row,
            Operand::Variable(_)
            | Operand::Constant(_)
            | Operand::Attribute(..)
            | Operand::AttributeOfAttribute(..) => self.entities.row(entity),
        }
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

#[inline]
fn is_in(left: Operand, right: Word, asked: &Asked<'_>, overlay: &Overlay<'_>) -> Option<bool> {
    let entity = left.value(asked, overlay)?.entity()?;
    let row = asked.row(left, entity);
    if let Word::Entity(group) = right {
        return Some(entity == group || row.is_some_and(|row| row.ancestors.contains(group)));
    }
    let Word::Set(groups) = right else { return None };
    let groups = overlay.entity_set(groups)?;
    Some(groups.contains(entity) || row.is_some_and(|row| row.ancestors.intersects(groups)))
}

impl Operand {
    #[inline]
    fn value(self, asked: &Asked<'_>, overlay: &Overlay<'_>) -> Option<Word> {
        match self {
            Self::Constant(word) => Some(word),
            Self::Variable(variable) => Some(variable_of(variable, asked)),
            Self::Attribute(variable, name) => pool::member(members_of(variable, asked, overlay)?, name),
            Self::AttributeOfAttribute(variable, first, second) => {
                let holder = pool::member(members_of(variable, asked, overlay)?, first)?;
                member_of(holder, second, asked, overlay)
            }
        }
    }

    fn member(self, name: StringId) -> Option<Self> {
        match self {
            Self::Variable(variable) => Some(Self::Attribute(variable, name)),
            Self::Attribute(variable, first) => Some(Self::AttributeOfAttribute(variable, first, name)),
            Self::Constant(_) | Self::AttributeOfAttribute(..) => None,
        }
    }
}

#[inline]
fn variable_of(variable: Variable, asked: &Asked<'_>) -> Word {
    match variable {
        Variable::Principal => Word::Entity(asked.principal.id),
        Variable::Action => Word::Entity(asked.action),
        Variable::Resource => Word::Entity(asked.resource.id),
        Variable::Context => asked.context,
    }
}

/// The members of a part of the request: attributes, or the context.
#[inline]
fn members_of<'m>(variable: Variable, asked: &Asked<'m>, overlay: &'m Overlay<'_>) -> Option<&'m [pool::Member]> {
    match variable {
        Variable::Principal => asked.principal.row.map(|row| &*row.attributes),
        Variable::Resource => asked.resource.row.map(|row| &*row.attributes),
        Variable::Action => asked.entities.attributes(asked.action),
        Variable::Context => {
            if let Word::Record(record) = asked.context {
                Some(overlay.record(record))
            } else {
                None
            }
        }
    }
}

/// An attribute of an entity or record.
#[inline]
fn member_of(holder: Word, name: StringId, asked: &Asked<'_>, overlay: &Overlay<'_>) -> Option<Word> {
    if let Word::Record(record) = holder {
        return overlay.member(record, name);
    }
    pool::member(asked.entities.attributes(holder.entity()?)?, name)
}

/// What a register holds while code is read.
#[derive(Debug, Clone, Copy)]
enum Symbol {
    Operand(Operand),
    Test(Test, bool),
}

/// Reads code that is straight but for the jumps of one chain of `&&` or `||`.
struct Reader<'p> {
    linked: &'p Linked,
    /// Where jumps must lead.
    end: CodeAddress,
    registers: Vec<Option<Symbol>>,
    join: Option<Join>,
    tests: Vec<(Test, bool)>,
}

/// The condition as tests, if it has that form.
pub(crate) fn recognise(parts: &ProgramParts, linked: &Linked, code: Code) -> Option<Quick> {
    const LONGEST: u32 = 64;
    if code.end.0.saturating_sub(code.start.0) > LONGEST {
        return None;
    }
    let end = CodeAddress(code.end.0.checked_sub(1)?);
    let registers = vec![None; code.registers.into()];
    let mut reader = Reader { linked, end, registers, join: None, tests: Vec::new() };
    let instructions = parts.code.get(code.start.0 as usize..code.end.0 as usize)?;
    instructions.iter().try_for_each(|instruction| reader.read(*instruction))?;
    Some(Quick { join: reader.join.unwrap_or(Join::And), tests: reader.tests.into() })
}

impl Reader<'_> {
    /// Nothing, if the code has another form.
    fn read(&mut self, instruction: Instruction) -> Option<()> {
        let (into, symbol) = match instruction {
            Instruction::Constant { into, constant } => {
                let word = *self.linked.constants.get(constant.0 as usize)?;
                (into, Symbol::Operand(Operand::Constant(word)))
            }
            Instruction::Variable { into, variable } => (into, Symbol::Operand(Operand::Variable(variable))),
            Instruction::Attribute { into, base, name } => {
                (into, Symbol::Operand(self.operand(base)?.member(self.name(name)?)?))
            }
            Instruction::HasAttribute { into, base, name } => {
                (into, Symbol::Test(Test::Has(self.operand(base)?, self.name(name)?), true))
            }
            Instruction::Not { into, from } => {
                let (test, expected) = self.test(from)?;
                (into, Symbol::Test(test, !expected))
            }
            Instruction::Equal { into, left, right } => (into, self.binary(Test::Equal, left, right, true)?),
            Instruction::NotEqual { into, left, right } => (into, self.binary(Test::Equal, left, right, false)?),
            Instruction::Less { into, left, right } => (into, self.binary(Test::Less, left, right, true)?),
            Instruction::LessOrEqual { into, left, right } => {
                (into, self.binary(Test::LessOrEqual, left, right, true)?)
            }
            Instruction::In { into, left, right } => (into, self.binary(Test::In, left, right, true)?),
            Instruction::Contains { into, left, right } => (into, self.binary(Test::Contains, left, right, true)?),
            Instruction::Is { into, from, ty } => {
                let ty = *self.linked.types.get(ty.0 as usize)?;
                (into, Symbol::Test(Test::Is(self.operand(from)?, ty), true))
            }
            Instruction::JumpIfFalse { condition, target } => return self.chain(Join::And, condition, target),
            Instruction::JumpIfTrue { condition, target } => return self.chain(Join::Or, condition, target),
            // A test of an operand asks for a boolean itself.
            Instruction::AssertBool { from } => return self.test(from).map(|_| ()),
            Instruction::Return { from } => {
                let test = self.test(from)?;
                self.tests.push(test);
                return Some(());
            }
            Instruction::Slot { .. }
            | Instruction::Tag { .. }
            | Instruction::HasTag { .. }
            | Instruction::Negate { .. }
            | Instruction::Add { .. }
            | Instruction::Subtract { .. }
            | Instruction::Multiply { .. }
            | Instruction::Like { .. }
            | Instruction::ContainsAll { .. }
            | Instruction::ContainsAny { .. }
            | Instruction::IsEmpty { .. }
            | Instruction::Push { .. }
            | Instruction::MakeSet { .. }
            | Instruction::MakeRecord { .. }
            | Instruction::Call { .. }
            | Instruction::Jump { .. } => return None,
        };
        *self.registers.get_mut(usize::from(into.0))? = Some(symbol);
        Some(())
    }

    /// A link of the chain: the register that it tests is the one that the condition returns.
    fn chain(&mut self, join: Join, condition: Register, target: CodeAddress) -> Option<()> {
        let same = self.join.is_none_or(|known| known == join);
        if !same || target != self.end || condition != Register(0) {
            return None;
        }
        self.join = Some(join);
        let test = self.test(condition)?;
        self.tests.push(test);
        Some(())
    }

    fn symbol(&self, register: Register) -> Option<Symbol> {
        self.registers.get(usize::from(register.0)).copied().flatten()
    }

    fn operand(&self, register: Register) -> Option<Operand> {
        match self.symbol(register)? {
            Symbol::Operand(operand) => Some(operand),
            Symbol::Test(..) => None,
        }
    }

    fn test(&self, register: Register) -> Option<(Test, bool)> {
        Some(match self.symbol(register)? {
            Symbol::Operand(operand) => (Test::True(operand), true),
            Symbol::Test(test, expected) => (test, expected),
        })
    }

    fn binary(
        &self,
        test: fn(Operand, Operand) -> Test,
        left: Register,
        right: Register,
        expected: bool,
    ) -> Option<Symbol> {
        Some(Symbol::Test(test(self.operand(left)?, self.operand(right)?), expected))
    }

    fn name(&self, name: NameId) -> Option<StringId> {
        self.linked.names.get(name.0 as usize).copied()
    }
}
