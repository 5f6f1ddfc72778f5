//! Verification: the only way from parts to a [`Program`](crate::Program).
//!
//! One linear pass establishes what the VM relies on. It makes no claim about the kinds of values: policies without a
//! schema are legal, so instructions check their operands.
//!
//! - V1: as many places as instructions; every place names a source.
//! - V2: the code of a condition lies in the code of the program and is not empty.
//! - V3: constants, names, types, patterns and layouts that instructions mention exist.
//! - V4: registers are below the number that the condition states.
//! - V5: jumps lead forward, to an instruction of the same condition.
//! - V6: the last instruction of a condition is a return.
//! - V7: ids of policies and templates are unique; only templates have slots.
//! - V8: an instruction that takes operands from the operand stack finds them there, on every way to it; ways that meet
//!   have pushed equally many.
//! - V9: in a condition of at most [`TRACKED_REGISTERS`] registers, every register is written before it is read, on
//!   every way; the VM fills the registers of longer ones.
//! - V10: the names of a layout are unique.
//! - V11: a policy that was made from a template has the effect and the conditions of a template of the program, which
//!   are verified there; a template was made from none.
//! - V12: the code of all conditions, equal ranges counted once, is together no longer than the code of the program, so
//!   that verification is linear.

use core::fmt;

use hashbrown::{HashMap, HashSet};
use smol_str::SmolStr;

use crate::{
    instruction::{CodeAddress, Instruction, Operand, Register},
    program::{Code, Condition, Place, Policy, ProgramParts},
};

/// A property of programs that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidProgram {
    /// V1.
    Places,
    /// V2.
    CodeRange,
    /// V3, V4 or V5 at this address.
    Operand(CodeAddress),
    /// V6.
    NoReturn,
    /// V7: this id stands twice.
    DuplicateId(SmolStr),
    /// V7: this policy has a slot.
    Slots(SmolStr),
    /// V8 at this address.
    OperandStack(CodeAddress),
    /// V9 at this address.
    UnwrittenRegister(CodeAddress),
    /// V10: this name stands twice.
    Layout(SmolStr),
    /// V11: this policy differs from its template, or is a template with one.
    Template(SmolStr),
    /// V12.
    SharedCode,
}

impl fmt::Display for InvalidProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Places => f.write_str("V1: the places do not fit the code or the sources"),
            Self::CodeRange => f.write_str("V2: the code of a condition lies outside the program"),
            Self::Operand(at) => write!(f, "V3-V5: the instruction at {} has an operand out of range", at.0),
            Self::NoReturn => f.write_str("V6: the code of a condition does not end with a return"),
            Self::DuplicateId(id) => write!(f, "V7: two policies or templates have the id `{id}`"),
            Self::Slots(id) => write!(f, "V7: `{id}` has a slot and is no template"),
            Self::OperandStack(at) => write!(f, "V8: the operands that {} takes are not on every way to it", at.0),
            Self::UnwrittenRegister(at) => write!(f, "V9: the instruction at {} reads a register too early", at.0),
            Self::Layout(name) => write!(f, "V10: a record layout has the name `{name}` twice"),
            Self::Template(id) => write!(f, "V11: `{id}` does not have the conditions of its template"),
            Self::SharedCode => f.write_str("V12: conditions share parts of their code"),
        }
    }
}

impl core::error::Error for InvalidProgram {}

pub(crate) fn verify(parts: &ProgramParts) -> Result<(), InvalidProgram> {
    let known_source = |place: &Place| (place.source as usize) < parts.sources.len();
    if parts.places.len() != parts.code.len() || !parts.places.iter().all(known_source) {
        return Err(InvalidProgram::Places);
    }
    for layout in &parts.layouts {
        let mut names = HashSet::new();
        if let Some(name) = layout.iter().find(|name| !names.insert(*name)) {
            return Err(InvalidProgram::Layout(name.clone()));
        }
    }
    let templates: HashMap<_, _> = parts.templates.iter().map(|template| (&template.id, template)).collect();
    let mut verified = Verified { codes: HashSet::new(), left: parts.code.len() };
    let mut ids = HashSet::new();
    let policies = parts.policies.iter().map(|policy| (policy, false));
    for (policy, is_template) in policies.chain(parts.templates.iter().map(|template| (template, true))) {
        if !ids.insert(&policy.id) {
            return Err(InvalidProgram::DuplicateId(policy.id.clone()));
        }
        if !is_template && policy.scope.slots().next().is_some() {
            return Err(InvalidProgram::Slots(policy.id.clone()));
        }
        if let Some(template) = &policy.template {
            let template = templates.get(template).filter(|_| !is_template);
            let same =
                |template: &&Policy| (template.effect, &template.conditions) == (policy.effect, &policy.conditions);
            template.copied().filter(same).ok_or_else(|| InvalidProgram::Template(policy.id.clone()))?;
        } else {
            verify_policy(parts, policy, &mut verified)?;
        }
    }
    Ok(())
}

/// The code that was verified, and how much may follow.
struct Verified {
    codes: HashSet<Code>,
    left: usize,
}

fn verify_policy(parts: &ProgramParts, policy: &Policy, verified: &mut Verified) -> Result<(), InvalidProgram> {
    for Condition { code, .. } in &policy.conditions {
        if !verified.codes.insert(*code) {
            continue;
        }
        let length = code.end.0.saturating_sub(code.start.0) as usize;
        verified.left = verified.left.checked_sub(length).ok_or(InvalidProgram::SharedCode)?;
        verify_code(parts, *code)?;
    }
    Ok(())
}

/// The registers of a condition that V9 speaks about.
pub const TRACKED_REGISTERS: u16 = 64;

/// Establishes V2 to V6, V8 and V9 for the code of one expression.
pub(crate) fn verify_code(parts: &ProgramParts, code: Code) -> Result<(), InvalidProgram> {
    let range = code.start.0 as usize..code.end.0 as usize;
    let instructions = parts.code.get(range).filter(|i| !i.is_empty()).ok_or(InvalidProgram::CodeRange)?;
    if !matches!(instructions.last(), Some(Instruction::Return { .. })) {
        return Err(InvalidProgram::NoReturn);
    }
    for (address, instruction) in (code.start.0..).map(CodeAddress).zip(instructions) {
        let mut valid = true;
        instruction.for_each_operand(|operand| valid &= is_valid(parts, code, address, operand));
        if !valid {
            return Err(InvalidProgram::Operand(address));
        }
    }
    Flow::new(parts, code).follow(instructions)
}

/// What is known on every way to an instruction.
#[derive(Debug, Clone, Copy)]
struct State {
    /// How many operands lie on the stack.
    stack: u64,
    /// The registers that were written, one bit each.
    written: u64,
}

/// Follows all ways through code at once: jumps lead forward (V5), so one pass sees every way to an instruction before
/// the instruction.
struct Flow<'p> {
    parts: &'p ProgramParts,
    tracks_registers: bool,
    /// What is known at the targets of jumps.
    targets: HashMap<CodeAddress, State>,
    start: CodeAddress,
}

impl<'p> Flow<'p> {
    fn new(parts: &'p ProgramParts, code: Code) -> Self {
        let tracks_registers = code.registers <= TRACKED_REGISTERS;
        Self { parts, tracks_registers, targets: HashMap::new(), start: code.start }
    }

    fn follow(mut self, instructions: &[Instruction]) -> Result<(), InvalidProgram> {
        let mut here = Some(State { stack: 0, written: 0 });
        for (at, instruction) in (self.start.0..).map(CodeAddress).zip(instructions) {
            here = match (here, self.targets.remove(&at)) {
                (Some(here), Some(jumped)) => Some(meet(here, jumped).ok_or(InvalidProgram::OperandStack(at))?),
                (here, jumped) => here.or(jumped),
            };
            // Nothing leads to code without a state.
            let Some(before) = here else { continue };
            let after = self.after(at, *instruction, before)?;
            // A slot always fails.
            let ends =
                matches!(instruction, Instruction::Jump { .. } | Instruction::Return { .. } | Instruction::Slot { .. });
            here = (!ends).then_some(after);
        }
        Ok(())
    }

    fn after(&mut self, at: CodeAddress, instruction: Instruction, before: State) -> Result<State, InvalidProgram> {
        let (mut after, mut taken, mut unwritten, mut target) = (before, 0u64, false, None);
        let bit = |register: Register| if self.tracks_registers { 1u64 << register.0 } else { 0 };
        instruction.for_each_operand(|operand| match operand {
            Operand::Into(register) => after.written |= bit(register),
            Operand::Register(register) => unwritten |= before.written & bit(register) != bit(register),
            Operand::Count(count) => taken = count.into(),
            Operand::Layout(layout) => {
                taken = self.parts.layouts.get(layout.0 as usize).map_or(0, |names| names.len() as u64);
            }
            Operand::Target(address) => target = Some(address),
            Operand::Constant(_)
            | Operand::Name(_)
            | Operand::TypeName(_)
            | Operand::Pattern(_)
            | Operand::Variable(_)
            | Operand::Slot(_)
            | Operand::Builtin(_) => {}
        });
        if unwritten {
            return Err(InvalidProgram::UnwrittenRegister(at));
        }
        let left = before.stack.checked_sub(taken).ok_or(InvalidProgram::OperandStack(at))?;
        after.stack = left + u64::from(matches!(instruction, Instruction::Push { .. }));
        if let Some(target) = target {
            let state = match self.targets.get(&target) {
                Some(known) => meet(*known, after).ok_or(InvalidProgram::OperandStack(target))?,
                None => after,
            };
            self.targets.insert(target, state);
        }
        Ok(after)
    }
}

/// What is known where two ways meet, if they pushed equally many operands.
fn meet(one: State, other: State) -> Option<State> {
    (one.stack == other.stack).then_some(State { stack: one.stack, written: one.written & other.written })
}

fn is_valid(parts: &ProgramParts, code: Code, address: CodeAddress, operand: Operand) -> bool {
    let within = |id: u32, length: usize| (id as usize) < length;
    match operand {
        Operand::Into(register) | Operand::Register(register) => register.0 < code.registers,
        Operand::Constant(id) => within(id.0, parts.constants.len()),
        Operand::Name(id) => within(id.0, parts.names.len()),
        Operand::TypeName(id) => within(id.0, parts.type_names.len()),
        Operand::Pattern(id) => within(id.0, parts.patterns.len()),
        Operand::Layout(id) => within(id.0, parts.layouts.len()),
        Operand::Target(target) => address < target && target < code.end,
        Operand::Variable(_) | Operand::Slot(_) | Operand::Builtin(_) | Operand::Count(_) => true,
    }
}
