//! Recognising conditions that are a few tests: straight code but for the jumps of one chain of `&&` or `||`.
//!
//! What the VM would fail at must be part of a test, or the tests would say more than the code. So a value whose
//! reading can fail must be used, and before the next jump; code that the compiler would not make is left to the VM.

use super::{Join, Op, Operand, Quick, Test};
use crate::{
    instruction::{CodeAddress, Instruction, NameId, Register, Variable},
    link::Linked,
    pool::{StringId, Word},
    program::{Code, ProgramParts},
};

/// What a register holds while code is read.
#[derive(Debug, Clone, Copy)]
enum Symbol {
    Constant(Word),
    /// Anything but a constant.
    Operand(Operand),
    Test(Test),
}

impl Symbol {
    /// Whether getting the value can fail.
    fn may_fail(self) -> bool {
        match self {
            Self::Constant(_) | Self::Operand(Operand::Constant | Operand::Variable(_)) => false,
            Self::Operand(Operand::Attribute(..) | Operand::AttributeOfAttribute(..)) | Self::Test(_) => true,
        }
    }
}

/// A register, and whether its value was used.
#[derive(Debug, Clone, Copy)]
struct Held {
    symbol: Symbol,
    used: bool,
}

/// Reads code that is straight but for the jumps of one chain of `&&` or `||`.
struct Reader<'p> {
    linked: &'p Linked,
    /// Where jumps must lead.
    end: CodeAddress,
    registers: Vec<Option<Held>>,
    join: Option<Join>,
    tests: Vec<Test>,
    returned: bool,
}

/// The condition as tests, if it has that form.
pub(crate) fn recognise(parts: &ProgramParts, linked: &Linked, code: Code) -> Option<Quick> {
    const LONGEST: u32 = 64;
    if code.end.0.saturating_sub(code.start.0) > LONGEST {
        return None;
    }
    let end = CodeAddress(code.end.0.checked_sub(1)?);
    let registers = vec![None; code.registers.into()];
    let mut reader = Reader { linked, end, registers, join: None, tests: Vec::new(), returned: false };
    let instructions = parts.code.get(code.start.0 as usize..code.end.0 as usize)?;
    instructions.iter().try_for_each(|instruction| reader.read(*instruction))?;
    Some(Quick { join: reader.join.unwrap_or(Join::And), tests: reader.tests.into() })
}

impl Reader<'_> {
    /// Nothing, if the code has another form.
    fn read(&mut self, instruction: Instruction) -> Option<()> {
        if self.returned {
            return None;
        }
        let (into, symbol) = match instruction {
            Instruction::Constant { into, constant } => {
                let word = *self.linked.constants.get(constant.0 as usize)?;
                (into, Symbol::Constant(word))
            }
            Instruction::Variable { into, variable } => (into, Symbol::Operand(Operand::Variable(variable))),
            Instruction::Attribute { into, base, name } => {
                (into, Symbol::Operand(self.holder(base)?.member(self.name(name)?)?))
            }
            Instruction::HasAttribute { into, base, name } => {
                let name = self.name(name)?;
                (into, Symbol::Test(unary(Op::Has(name), self.holder(base)?)))
            }
            Instruction::Not { into, from } => {
                let test = self.test(from)?;
                (into, Symbol::Test(Test { expected: !test.expected, ..test }))
            }
            Instruction::Equal { into, left, right } => (into, self.binary(Op::Equal, left, right, true)?),
            Instruction::NotEqual { into, left, right } => (into, self.binary(Op::Equal, left, right, false)?),
            Instruction::Less { into, left, right } => (into, self.binary(Op::Less, left, right, true)?),
            Instruction::LessOrEqual { into, left, right } => (into, self.binary(Op::LessOrEqual, left, right, true)?),
            Instruction::In { into, left, right } => (into, self.binary(Op::In, left, right, true)?),
            Instruction::Contains { into, left, right } => (into, self.binary(Op::Contains, left, right, true)?),
            Instruction::Is { into, from, ty } => {
                let ty = *self.linked.types.get(ty.0 as usize)?;
                (into, self.unary(Op::Is(ty), from)?)
            }
            Instruction::JumpIfFalse { condition, target } => return self.chain(Join::And, condition, target),
            Instruction::JumpIfTrue { condition, target } => return self.chain(Join::Or, condition, target),
            // A test asks for a boolean itself.
            Instruction::AssertBool { from } => (from, Symbol::Test(self.test(from)?)),
            Instruction::Return { from } => return self.finish(from),
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
        let place = self.registers.get_mut(usize::from(into.0))?;
        if place.is_some_and(|held| !held.used && held.symbol.may_fail()) {
            return None;
        }
        *place = Some(Held { symbol, used: false });
        Some(())
    }

    /// A link of the chain: the register that it tests is the one that the condition returns.
    fn chain(&mut self, join: Join, condition: Register, target: CodeAddress) -> Option<()> {
        let same = self.join.is_none_or(|known| known == join);
        if !same || target != self.end || condition != Register(0) {
            return None;
        }
        self.join = Some(join);
        self.end_test(condition)
    }

    fn finish(&mut self, from: Register) -> Option<()> {
        if self.join.is_some() && from != Register(0) {
            return None;
        }
        self.returned = true;
        self.end_test(from)
    }

    /// The register is what a test of the chain gives; everything that can fail so far is part of some test.
    fn end_test(&mut self, register: Register) -> Option<()> {
        let test = self.test(register)?;
        self.tests.push(test);
        let mut held = self.registers.iter().flatten();
        held.all(|held| held.used || !held.symbol.may_fail()).then_some(())
    }

    fn symbol(&mut self, register: Register) -> Option<Symbol> {
        let held = self.registers.get_mut(usize::from(register.0))?.as_mut()?;
        held.used = true;
        Some(held.symbol)
    }

    /// What has attributes.
    fn holder(&mut self, register: Register) -> Option<Operand> {
        match self.symbol(register)? {
            Symbol::Operand(operand) => Some(operand),
            Symbol::Constant(_) | Symbol::Test(_) => None,
        }
    }

    fn operand(&mut self, register: Register) -> Option<Operand> {
        self.holder(register).filter(is_at_hand)
    }

    fn operand_or_constant(&mut self, register: Register) -> Option<(Operand, Option<Word>)> {
        match self.symbol(register)? {
            Symbol::Operand(operand) => Some((operand, None)).filter(|(operand, _)| is_at_hand(operand)),
            Symbol::Constant(word) => Some((Operand::Constant, Some(word))),
            Symbol::Test(_) => None,
        }
    }

    fn test(&mut self, register: Register) -> Option<Test> {
        match self.symbol(register)? {
            Symbol::Operand(left) => Some(unary(Op::True, left)).filter(|_| is_at_hand(&left)),
            Symbol::Test(test) => Some(test),
            Symbol::Constant(word) => Some(Test { constant: word, ..unary(Op::True, Operand::Constant) }),
        }
    }

    fn unary(&mut self, op: Op, of: Register) -> Option<Symbol> {
        Some(Symbol::Test(unary(op, self.operand(of)?)))
    }

    fn binary(&mut self, op: Op, left: Register, right: Register, expected: bool) -> Option<Symbol> {
        let (left, left_constant) = self.operand_or_constant(left)?;
        let (right, right_constant) = self.operand_or_constant(right)?;
        if left_constant.is_some() && right_constant.is_some() {
            return None;
        }
        let constant = left_constant.or(right_constant).unwrap_or_default();
        Some(Symbol::Test(Test::new(op, expected, left, right, constant)))
    }

    fn name(&self, name: NameId) -> Option<StringId> {
        self.linked.names.get(name.0 as usize).copied()
    }
}

/// The context as a whole is not made for tests.
fn is_at_hand(operand: &Operand) -> bool {
    *operand != Operand::Variable(Variable::Context)
}

fn unary(op: Op, left: Operand) -> Test {
    let right = Operand::Variable(Variable::Principal);
    Test::new(op, true, left, right, Word::default())
}
