//! What the parts of a bundle look like in bytes.
//!
//! Numbers of variants are part of the format: a new variant gets a new one, a retired one stays unused. Instructions
//! have theirs in the table of [`instruction`](crate::instruction).

use deodar_lexicon::{Builtin, Pattern, builtin::ExtensionType, pattern::PatternElement};
use smol_str::SmolStr;

use super::{
    SourceText, Validity,
    wire::{Input, Malformed, Wire, wire_enum, wire_record, write_text},
};
use crate::{
    instruction::{CodeAddress, ConstantId, LayoutId, NameId, PatternId, Register, Slot, TypeNameId, Variable},
    program::{
        ActionConstraint, Code, Condition, ConditionKind, Constant, Effect, EntityConstraint, EntityOrSlot, Place,
        Policy, Scope,
    },
    shape::{ActionShape, AttributeShape, EntityShape, EntityShapeKind, RecordShape, Type, TypeIndex},
    uid::{EntityTypeName, EntityUid},
};

wire_record! {
    SourceText { name: SmolStr, text: String }
    Place { source: u32, start: u32, end: u32, line: u32, column: u32 }
    Code { start: CodeAddress, end: CodeAddress, registers: u16 }
    Condition { kind: ConditionKind, code: Code, place: Place }
    Scope { principal: EntityConstraint, action: ActionConstraint, resource: EntityConstraint }
    Policy {
        id: SmolStr, effect: Effect, scope: Scope, conditions: Box<[Condition]>,
        annotations: Box<[(SmolStr, SmolStr)]>, place: Place, template: Option<SmolStr>
    }
    CodeAddress { 0: u32 }
    ConstantId { 0: u32 }
    LayoutId { 0: u32 }
    NameId { 0: u32 }
    PatternId { 0: u32 }
    TypeNameId { 0: u32 }
    Register { 0: u16 }
    RecordShape { attributes: std::collections::BTreeMap<SmolStr, AttributeShape> }
    AttributeShape { ty: TypeIndex, required: bool }
    EntityShape { kind: EntityShapeKind, ancestor_types: std::collections::BTreeSet<EntityTypeName> }
    ActionShape {
        parents: std::collections::BTreeSet<EntityUid>, ancestors: std::collections::BTreeSet<EntityUid>,
        principals: std::collections::BTreeSet<EntityTypeName>, resources: std::collections::BTreeSet<EntityTypeName>,
        context: RecordShape, external: bool
    }
}

wire_enum! {
    Validity { 0 = NoSchema, 1 = Unchecked, 2 = Valid }
    Effect { 0 = Permit, 1 = Forbid }
    ConditionKind { 0 = When, 1 = Unless }
    Slot { 0 = Principal, 1 = Resource }
    Variable { 0 = Principal, 1 = Action, 2 = Resource, 3 = Context }
    EntityOrSlot { 0 = Entity(uid: EntityUid), 1 = Slot(slot: Slot) }
    EntityConstraint {
        0 = Any, 1 = Equal(entity: EntityOrSlot), 2 = In(entity: EntityOrSlot), 3 = Is(ty: EntityTypeName),
        4 = IsIn(ty: EntityTypeName, entity: EntityOrSlot)
    }
    ActionConstraint { 0 = Any, 1 = Equal(action: EntityUid), 2 = In(groups: Box<[EntityUid]>) }
    Constant { 0 = Bool(value: bool), 1 = Long(value: i64), 2 = String(text: SmolStr), 3 = Entity(uid: EntityUid) }
    PatternElement { 0 = Wildcard, 1 = Char(character: char) }
    Type {
        0 = Bool, 1 = Long, 2 = String, 3 = Entity(name: EntityTypeName), 4 = Extension(ty: ExtensionType),
        5 = Set(element: TypeIndex), 6 = Record(shape: RecordShape)
    }
    EntityShapeKind {
        0 = Standard { attributes: RecordShape, tags: Option<TypeIndex> },
        1 = Enum(ids: std::collections::BTreeSet<SmolStr>), 2 = External
    }
    ExtensionType { 0 = Decimal, 1 = IpAddr, 2 = Datetime, 3 = Duration }
    Builtin {
        0 = Decimal, 1 = LessThan, 2 = LessThanOrEqual, 3 = GreaterThan, 4 = GreaterThanOrEqual, 5 = Ip, 6 = IsIpv4,
        7 = IsIpv6, 8 = IsLoopback, 9 = IsMulticast, 10 = IsInRange, 11 = Datetime, 12 = Offset, 13 = DurationSince,
        14 = ToDate, 15 = ToTime, 16 = Duration, 17 = ToMilliseconds, 18 = ToSeconds, 19 = ToMinutes, 20 = ToHours,
        21 = ToDays
    }
}

impl Wire for TypeIndex {
    const LEAST: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        self.number().write(out);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        u32::read(input).map(Self::from_number)
    }
}

impl Wire for EntityTypeName {
    const LEAST: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        write_text(self.as_str(), out);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let problem = input.malformed("a text is not the name of an entity type");
        Self::new(&SmolStr::read(input)?).map_err(|_| problem)
    }
}

impl Wire for EntityUid {
    const LEAST: usize = 8;

    fn write(&self, out: &mut Vec<u8>) {
        self.entity_type().write(out);
        write_text(self.id(), out);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        Ok(Self::new(EntityTypeName::read(input)?, SmolStr::read(input)?))
    }
}

impl Wire for Pattern {
    const LEAST: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        super::wire::write_length(self.elements().len(), out);
        for element in self.elements() {
            element.write(out);
        }
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        Vec::<PatternElement>::read(input).map(Self::new)
    }
}
