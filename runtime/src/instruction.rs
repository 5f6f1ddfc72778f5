//! The instructions of the VM, in one table.
//!
//! Conditions are expressions, so code is a tree flattened into registers: an operand lives in the register of its
//! depth, results overwrite operands that are no longer needed, and every jump leads forward. Lists of operands
//! (elements of a set, members of a record, arguments of a call) go through an operand stack, so that their length is
//! not bounded by the number of registers.
//!
//! Instructions check the kinds of their operands: policies without a schema are legal, so a comparison of strings is
//! an evaluation error, never a fault.
//!
//! Mnemonics, operand lists, the form in bundles and the checks of [`verify`](crate::verify) derive from the table. The
//! number of an instruction is part of the format of bundles: it is never given to another one.

use deodar_lexicon::Builtin;

use crate::bundle::wire::{Input, Malformed, Wire};

/// A register of the condition that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Register(pub u16);

/// An entry of the program's constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConstantId(pub u32);

/// An entry of the program's names: attribute names and record keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NameId(pub u32);

/// An entry of the program's entity type names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeNameId(pub u32);

/// An entry of the program's `like` patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PatternId(pub u32);

/// An entry of the program's record layouts: the names of a record literal, in the order of its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LayoutId(pub u32);

/// A position in the code of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeAddress(pub u32);

/// A part of the request, as an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variable {
    /// The principal.
    Principal,
    /// The action.
    Action,
    /// The resource.
    Resource,
    /// The context.
    Context,
}

impl Variable {
    /// The name in policies.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Action => "action",
            Self::Resource => "resource",
            Self::Context => "context",
        }
    }
}

/// A place in a template, as an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// `?principal`
    Principal,
    /// `?resource`
    Resource,
}

impl Slot {
    /// The slot with its question mark.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Principal => "?principal",
            Self::Resource => "?resource",
        }
    }

    /// The slot of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Principal, Self::Resource].into_iter().find(|slot| slot.name() == name)
    }
}

/// An operand of an instruction, for whoever reads code: the verifier and the disassembler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// A register that the instruction writes.
    Into(Register),
    /// A register that the instruction reads.
    Register(Register),
    /// A constant.
    Constant(ConstantId),
    /// A name.
    Name(NameId),
    /// An entity type name.
    TypeName(TypeNameId),
    /// A pattern.
    Pattern(PatternId),
    /// A record layout; the instruction takes one operand from the stack for each of its names.
    Layout(LayoutId),
    /// Where to go on; later in the code.
    Target(CodeAddress),
    /// A part of the request.
    Variable(Variable),
    /// A slot.
    Slot(Slot),
    /// A builtin.
    Builtin(Builtin),
    /// A number of operands taken from the operand stack.
    Count(u32),
}

macro_rules! instructions {
    ($(#[doc = $doc:literal] $opcode:literal $name:ident $mnemonic:literal { $($field:ident: $ty:ty = $operand:ident),* })+) => {
        /// One instruction.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Instruction {
            $(
                #[doc = $doc]
                $name {
                    $(#[doc = concat!("See [`Operand::", stringify!($operand), "`].")] $field: $ty,)*
                },
            )+
        }

        impl Instruction {
            /// The name in disassemblies.
            pub const fn mnemonic(&self) -> &'static str {
                match self { $(Self::$name { .. } => $mnemonic,)+ }
            }

            /// Calls `f` with each operand, the result register first.
            pub fn for_each_operand(&self, mut f: impl FnMut(Operand)) {
                match *self {
                    $(Self::$name { $($field),* } => { $(f(Operand::$operand($field));)* })+
                }
            }

            /// Every mnemonic with what the instruction does.
            pub const TABLE: &[(&str, &str)] = &[$(($mnemonic, $doc)),+];
        }

        impl Wire for Instruction {
            const LEAST: usize = 1;

            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$name { $($field),* } => {
                        out.push($opcode);
                        $($field.write(out);)*
                    })+
                }
            }

            fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
                let unknown = input.malformed("it has an unknown instruction");
                match u8::read(input)? {
                    $($opcode => Ok(Self::$name { $($field: <$ty>::read(input)?),* }),)+
                    _ => Err(unknown),
                }
            }
        }
    };
}

instructions! {
    /// Loads a constant.
    0x01 Constant "constant" { into: Register = Into, constant: ConstantId = Constant }
    /// Loads a part of the request.
    0x02 Variable "variable" { into: Register = Into, variable: Variable = Variable }
    /// Fails: the slot of an expression was not linked.
    0x03 Slot "slot" { slot: Slot = Slot }
    /// Reads an attribute of an entity or record; fails if it is not there.
    0x04 Attribute "attribute" { into: Register = Into, base: Register = Register, name: NameId = Name }
    /// Whether an entity or record has an attribute.
    0x05 HasAttribute "has_attribute" { into: Register = Into, base: Register = Register, name: NameId = Name }
    /// Reads a tag of an entity; fails if it is not there.
    0x06 Tag "tag" { into: Register = Into, base: Register = Register, key: Register = Register }
    /// Whether an entity has a tag.
    0x07 HasTag "has_tag" { into: Register = Into, base: Register = Register, key: Register = Register }
    /// Negation of a boolean.
    0x08 Not "not" { into: Register = Into, from: Register = Register }
    /// Negation of a long; fails on overflow.
    0x09 Negate "negate" { into: Register = Into, from: Register = Register }
    /// Sum of two longs; fails on overflow.
    0x0a Add "add" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Difference of two longs; fails on overflow.
    0x0b Subtract "subtract" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Product of two longs; fails on overflow.
    0x0c Multiply "multiply" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Whether two values are equal.
    0x0d Equal "equal" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Whether two values differ.
    0x0e NotEqual "not_equal" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Whether the left long, datetime or duration is less than the right one.
    0x0f Less "less" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Whether the left long, datetime or duration is at most the right one.
    0x10 LessOrEqual "less_or_equal" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Whether an entity is the right entity or a descendant of it, or of one of a set of entities.
    0x11 In "in" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Whether an entity is of a type.
    0x12 Is "is" { into: Register = Into, from: Register = Register, ty: TypeNameId = TypeName }
    /// Whether a string matches a pattern.
    0x13 Like "like" { into: Register = Into, from: Register = Register, pattern: PatternId = Pattern }
    /// Whether a set has an element.
    0x14 Contains "contains" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Whether a set has all elements of another.
    0x15 ContainsAll "contains_all" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Whether a set has some element of another.
    0x16 ContainsAny "contains_any" { into: Register = Into, left: Register = Register, right: Register = Register }
    /// Whether a set has no element.
    0x17 IsEmpty "is_empty" { into: Register = Into, from: Register = Register }
    /// Puts a value on the operand stack.
    0x18 Push "push" { from: Register = Register }
    /// Makes a set of operands.
    0x19 MakeSet "make_set" { into: Register = Into, count: u32 = Count }
    /// Makes a record of operands.
    0x1a MakeRecord "make_record" { into: Register = Into, layout: LayoutId = Layout }
    /// Calls a builtin with operands; fails if their number or kinds are wrong.
    0x1b Call "call" { into: Register = Into, builtin: Builtin = Builtin, count: u32 = Count }
    /// Goes on elsewhere.
    0x1c Jump "jump" { target: CodeAddress = Target }
    /// Goes on elsewhere if a boolean is false; fails if it is no boolean.
    0x1d JumpIfFalse "jump_if_false" { condition: Register = Register, target: CodeAddress = Target }
    /// Goes on elsewhere if a boolean is true; fails if it is no boolean.
    0x1e JumpIfTrue "jump_if_true" { condition: Register = Register, target: CodeAddress = Target }
    /// Fails if a value is no boolean.
    0x1f AssertBool "assert_bool" { from: Register = Register }
    /// Ends with a value.
    0x20 Return "return" { from: Register = Register }
}

impl Instruction {
    /// The instruction with its target counted from `start`, to compare code wherever it lies.
    pub(crate) fn moved_back(mut self, start: CodeAddress) -> Self {
        if let Self::Jump { target } | Self::JumpIfFalse { target, .. } | Self::JumpIfTrue { target, .. } = &mut self {
            *target = CodeAddress(target.0.saturating_sub(start.0));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_stay_small() {
        assert!(size_of::<Instruction>() <= 12);
    }

    #[test]
    fn mnemonics_are_unique() {
        for (index, (mnemonic, _)) in Instruction::TABLE.iter().enumerate() {
            assert!(Instruction::TABLE.iter().skip(index + 1).all(|(other, _)| other != mnemonic), "{mnemonic}");
        }
    }
}
