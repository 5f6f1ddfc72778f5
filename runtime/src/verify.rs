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

use core::fmt;

use hashbrown::HashSet;
use smol_str::SmolStr;

use crate::{
    instruction::{CodeAddress, Instruction, Operand},
    program::{Code, Place, Policy, ProgramParts},
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
        }
    }
}

impl core::error::Error for InvalidProgram {}

pub(crate) fn verify(parts: &ProgramParts) -> Result<(), InvalidProgram> {
    let known_source = |place: &Place| (place.source as usize) < parts.sources.len();
    if parts.places.len() != parts.code.len() || !parts.places.iter().all(known_source) {
        return Err(InvalidProgram::Places);
    }
    let mut ids = HashSet::new();
    let policies = parts.policies.iter().map(|policy| (policy, false));
    for (policy, is_template) in policies.chain(parts.templates.iter().map(|template| (template, true))) {
        if !ids.insert(&policy.id) {
            return Err(InvalidProgram::DuplicateId(policy.id.clone()));
        }
        if !is_template && policy.scope.slots().next().is_some() {
            return Err(InvalidProgram::Slots(policy.id.clone()));
        }
        verify_policy(parts, policy)?;
    }
    Ok(())
}

fn verify_policy(parts: &ProgramParts, policy: &Policy) -> Result<(), InvalidProgram> {
    // The code of a link is that of its template, which was verified as such.
    let conditions = if policy.template.is_some() { &[][..] } else { &policy.conditions };
    conditions.iter().try_for_each(|condition| verify_code(parts, condition.code))
}

/// Establishes V2 to V6 for the code of one expression.
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
    Ok(())
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
