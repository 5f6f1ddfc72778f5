//! The VM: evaluates the code of one expression over the registers of a request.
//!
//! One machine serves all policies of a decision: registers, operand stack and the layer of created values are
//! reused, and the steps of all of them are counted together. Every jump leads forward, so a condition runs each of
//! its instructions at most once; an instruction that looks at many elements counts a step for each.
//!
//! Nothing recurses and nothing panics. Operands are read before their kinds are checked, the left one first, as in
//! Cedar; so when several things are wrong, the error is the one that Cedar reports.
//!
//! A [`Trace`] can watch the instructions; the machine is compiled twice, and watching costs nothing when it is off.

use deodar_lexicon::{Builtin, Pattern, limits};

use crate::{
    builtin,
    entities::Entities,
    error::{Advice, Arithmetic, Expected, Fault, Stop},
    instruction::{CodeAddress, Instruction, LayoutId, NameId, PatternId, Register, Variable},
    kind::Kind,
    link::Linked,
    pool::{
        self, EntityId, Handle, Interner, Layer, Lookup, Member, Overlay, Pool, RecordId, SetId, StringId, Translation,
        Word,
    },
    program::{Code, ProgramParts},
    request::Context,
    verify::TRACKED_REGISTERS,
};

/// What a machine runs: code with the handles of everything that it mentions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Executable<'p> {
    pub(crate) parts: &'p ProgramParts,
    pub(crate) linked: &'p Linked,
}

/// The request in handles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestHandles {
    pub(crate) principal: EntityId,
    pub(crate) action: EntityId,
    pub(crate) resource: EntityId,
    /// A record.
    pub(crate) context: Word,
}

/// Watches a machine.
pub(crate) trait Trace {
    /// The instruction is about to run. Changing a register asks what would have been.
    fn before(&mut self, at: CodeAddress, instruction: Instruction, registers: &mut [Word], stack: &[Word]);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoTrace;

impl Trace for NoTrace {
    fn before(&mut self, _: CodeAddress, _: Instruction, _: &mut [Word], _: &[Word]) {}
}

/// What a machine needs, kept to be used again: with it, deciding allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// What the request mentions and what policies create.
    pub(crate) layer: Layer,
    translation: Translation,
    registers: Vec<Word>,
    /// Operands of sets, records and calls that are being built.
    stack: Vec<Word>,
    /// The operands that one instruction takes.
    operands: Vec<Word>,
    members: Vec<Member>,
}

/// The state of one decision.
#[derive(Debug)]
pub(crate) struct Machine<'e> {
    pub(crate) entities: &'e Entities,
    pub(crate) overlay: Overlay<'e>,
    request: Option<RequestHandles>,
    translation: &'e mut Translation,
    registers: &'e mut Vec<Word>,
    stack: &'e mut Vec<Word>,
    operands: &'e mut Vec<Word>,
    members: &'e mut Vec<Member>,
    steps_left: u64,
}

/// Where to go on after an instruction.
enum Next {
    Following,
    At(CodeAddress),
    Done(Word),
}

impl Memory {
    /// Forgets the last request.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.layer.reset();
    }

    /// Copies a context into the layer of the request.
    pub(crate) fn bind_context(&mut self, context: &Context, pool: &Pool) -> Word {
        copy_context(context, &mut Overlay::again(pool, &mut self.layer), &mut self.translation)
    }
}

impl<'e> Machine<'e> {
    /// A machine that goes on with a request whose handles were bound in this memory; so many steps are left.
    pub(crate) fn again(
        entities: &'e Entities,
        memory: &'e mut Memory,
        request: RequestHandles,
        steps_left: u64,
    ) -> Self {
        let Memory { layer, translation, registers, stack, operands, members } = memory;
        let overlay = Overlay::again(entities.pool(), layer);
        let request = Some(request);
        Self { entities, overlay, request, translation, registers, stack, operands, members, steps_left }
    }

    pub(crate) fn steps_left(&self) -> u64 {
        self.steps_left
    }

    /// Starts counting anew, for what is no part of the decision.
    pub(crate) fn renew_steps(&mut self) {
        self.steps_left = limits::STEPS.value;
    }

    pub(crate) fn new(entities: &'e Entities, memory: &'e mut Memory) -> Self {
        let Memory { layer, translation, registers, stack, operands, members } = memory;
        let overlay = Overlay::new(entities.pool(), layer);
        let steps_left = limits::STEPS.value;
        Self { entities, overlay, request: None, translation, registers, stack, operands, members, steps_left }
    }

    pub(crate) fn set_request(&mut self, request: RequestHandles) {
        self.request = Some(request);
    }

    /// Copies a context into the layer of the request.
    pub(crate) fn bind_context(&mut self, context: &Context) -> Word {
        copy_context(context, &mut self.overlay, self.translation)
    }

    /// Runs the code of one expression.
    pub(crate) fn run(&mut self, executable: Executable<'_>, code: Code, trace: &mut impl Trace) -> Result<Word, Stop> {
        self.stack.clear();
        // V9: registers are written before they are read, so no value of another policy can be seen.
        if code.registers > TRACKED_REGISTERS {
            self.registers.clear();
        }
        if self.registers.len() < code.registers.into() {
            self.registers.resize(code.registers.into(), Word::Bool(false));
        }
        let mut at = code.start;
        loop {
            let Some(instruction) = executable.parts.code.get(at.0 as usize).copied() else {
                // V5 and V6: code ends with a return, and jumps stay within it.
                return Err(Stop::Defect);
            };
            trace.before(at, instruction, self.registers, self.stack);
            let next = self.charge(1).and_then(|()| self.step(executable, instruction));
            match next {
                Ok(Next::Following) => at = CodeAddress(at.0.saturating_add(1)),
                Ok(Next::At(target)) => at = target,
                Ok(Next::Done(value)) => return Ok(value),
                Err(Fault::Limit(limit)) => return Err(Stop::Limit(limit)),
                Err(Fault::Defect) => return Err(Stop::Defect),
                Err(fault) => return Err(Stop::Fault(at, fault)),
            }
        }
    }

    fn charge(&mut self, steps: u64) -> Result<(), Fault> {
        let left = self.steps_left.checked_sub(steps);
        self.steps_left = left.unwrap_or(0);
        left.map(|_| ()).ok_or(Fault::Limit(limits::STEPS))
    }

    fn charge_elements(&mut self, count: usize) -> Result<(), Fault> {
        self.charge(u64::try_from(count).unwrap_or(u64::MAX))
    }

    fn step(&mut self, executable: Executable<'_>, instruction: Instruction) -> Result<Next, Fault> {
        let (into, value) = match instruction {
            Instruction::Constant { into, constant } => {
                (into, executable.linked.constants.get(constant.0 as usize).copied().unwrap_or(Word::Bool(false)))
            }
            Instruction::Variable { into, variable } => (into, self.variable(variable)?),
            Instruction::Slot { slot } => return Err(Fault::UnlinkedSlot(slot)),
            Instruction::Attribute { into, base, name } => (into, self.attribute(executable, base, name)?),
            Instruction::HasAttribute { into, base, name } => (into, self.has_attribute(executable, base, name)?),
            Instruction::Tag { into, base, key } => (into, self.tag(base, key)?),
            Instruction::HasTag { into, base, key } => {
                let (entity, key) = self.tag_operands(base, key)?;
                (into, Word::Bool(self.find_tag(entity, key).is_some()))
            }
            Instruction::Not { into, from } => (into, Word::Bool(!self.bool(from)?)),
            Instruction::Negate { into, from } => {
                let value = self.long(from)?;
                (into, arithmetic(value.checked_neg(), Arithmetic::Negate(value))?)
            }
            Instruction::Add { into, left, right } => {
                let (left, right) = (self.long(left)?, self.long(right)?);
                (into, arithmetic(left.checked_add(right), Arithmetic::Add(left, right))?)
            }
            Instruction::Subtract { into, left, right } => {
                let (left, right) = (self.long(left)?, self.long(right)?);
                (into, arithmetic(left.checked_sub(right), Arithmetic::Subtract(left, right))?)
            }
            Instruction::Multiply { into, left, right } => {
                let (left, right) = (self.long(left)?, self.long(right)?);
                (into, arithmetic(left.checked_mul(right), Arithmetic::Multiply(left, right))?)
            }
            Instruction::Equal { into, left, right } => (into, Word::Bool(self.get(left) == self.get(right))),
            Instruction::NotEqual { into, left, right } => (into, Word::Bool(self.get(left) != self.get(right))),
            Instruction::Less { into, left, right } => {
                let (left, right) = self.comparable(left, right)?;
                (into, Word::Bool(left < right))
            }
            Instruction::LessOrEqual { into, left, right } => {
                let (left, right) = self.comparable(left, right)?;
                (into, Word::Bool(left <= right))
            }
            Instruction::In { into, left, right } => (into, Word::Bool(self.is_in(left, right)?)),
            Instruction::Is { into, from, ty } => {
                let (ty_of_entity, _) = self.overlay.entity_parts(self.entity(from)?);
                (into, Word::Bool(executable.linked.types.get(ty.0 as usize) == Some(&ty_of_entity)))
            }
            Instruction::Like { into, from, pattern } => (into, self.like(executable, from, pattern)?),
            Instruction::Contains { into, left, right } => {
                let set = self.set(left)?;
                (into, Word::Bool(self.has_element(set, self.get(right))))
            }
            Instruction::ContainsAll { into, left, right } => (into, Word::Bool(self.contains_all(left, right)?)),
            Instruction::ContainsAny { into, left, right } => (into, Word::Bool(self.contains_any(left, right)?)),
            Instruction::IsEmpty { into, from } => (into, Word::Bool(self.overlay.set(self.set(from)?).is_empty())),
            Instruction::Push { from } => {
                self.stack.push(self.get(from));
                return Ok(Next::Following);
            }
            Instruction::MakeSet { into, count } => (into, self.make_set(count)?),
            Instruction::MakeRecord { into, layout } => (into, self.make_record(executable, layout)?),
            Instruction::Call { into, builtin, count } => (into, self.call(builtin, count)?),
            Instruction::Jump { target } => return Ok(Next::At(target)),
            Instruction::JumpIfFalse { condition, target } => {
                return Ok(if self.bool(condition)? { Next::Following } else { Next::At(target) });
            }
            Instruction::JumpIfTrue { condition, target } => {
                return Ok(if self.bool(condition)? { Next::At(target) } else { Next::Following });
            }
            Instruction::AssertBool { from } => {
                self.bool(from)?;
                return Ok(Next::Following);
            }
            Instruction::Return { from } => return Ok(Next::Done(self.get(from))),
        };
        // V4: the register exists.
        if let Some(register) = self.registers.get_mut(usize::from(into.0)) {
            *register = value;
        }
        Ok(Next::Following)
    }

    fn variable(&self, variable: Variable) -> Result<Word, Fault> {
        let request = self.request.ok_or(Fault::NoRequest(variable))?;
        Ok(match variable {
            Variable::Principal => Word::Entity(request.principal),
            Variable::Action => Word::Entity(request.action),
            Variable::Resource => Word::Entity(request.resource),
            Variable::Context => request.context,
        })
    }

    fn attribute(&self, executable: Executable<'_>, base: Register, name: NameId) -> Result<Word, Fault> {
        let name = linked_name(executable, name);
        match self.holder(base)? {
            Holder::Record(record) => self.overlay.member(record, name).ok_or(Fault::RecordAttribute(record, name)),
            Holder::Entity(entity) => {
                let members = self.entities.attributes(entity).ok_or(Fault::EntityDoesNotExist(entity))?;
                pool::member(members, name).ok_or(Fault::EntityAttribute(entity, name))
            }
        }
    }

    fn has_attribute(&self, executable: Executable<'_>, base: Register, name: NameId) -> Result<Word, Fault> {
        let members = match self.holder(base)? {
            Holder::Record(record) => self.overlay.record(record),
            Holder::Entity(entity) => self.entities.attributes(entity).unwrap_or_default(),
        };
        Ok(Word::Bool(pool::member(members, linked_name(executable, name)).is_some()))
    }

    fn tag_operands(&self, base: Register, key: Register) -> Result<(EntityId, StringId), Fault> {
        Ok((self.entity(base)?, self.string(key)?))
    }

    fn find_tag(&self, entity: EntityId, key: StringId) -> Option<Word> {
        pool::member(self.entities.tags(entity)?, key)
    }

    fn tag(&self, base: Register, key: Register) -> Result<Word, Fault> {
        let (entity, key) = self.tag_operands(base, key)?;
        self.find_tag(entity, key).ok_or_else(|| match self.entities.attributes(entity) {
            Some(_) => Fault::Tag(entity, key),
            None => Fault::EntityDoesNotExist(entity),
        })
    }

    /// The numbers to compare, if the values are of one kind that has an order.
    fn comparable(&self, left: Register, right: Register) -> Result<(i64, i64), Fault> {
        match (self.get(left), self.get(right)) {
            (Word::Long(left), Word::Long(right))
            | (Word::Datetime(left), Word::Datetime(right))
            | (Word::Duration(left), Word::Duration(right)) => Ok((left, right)),
            // `a > b` is `b < a` with `a` evaluated first, so with `a` in the lower register.
            (left_value, right_value) if left.0 <= right.0 => Err(comparison_fault(left_value, right_value)),
            (left_value, right_value) => Err(comparison_fault(right_value, left_value)),
        }
    }

    /// `in`: with a set, every element must be an entity, also behind one that decides.
    fn is_in(&mut self, left: Register, right: Register) -> Result<bool, Fault> {
        let right = self.get(right);
        let Word::Entity(entity) = self.get(left) else { return Err(in_fault(self.get(left), right)) };
        if let Word::Entity(group) = right {
            return Ok(self.is_member(entity, group));
        }
        let Word::Set(groups) = right else { return Err(type_fault(Expected::SetOrEntity, right)) };
        self.charge_elements(self.overlay.set(groups).len())?;
        if let Some(groups) = self.overlay.entity_set(groups) {
            return Ok(groups.contains(entity)
                || self.entities.row(entity).is_some_and(|row| row.ancestors.intersects(groups)));
        }
        let mut found = false;
        for group in self.overlay.set(groups) {
            let Word::Entity(group) = *group else { return Err(type_fault(one(Kind::Entity), *group)) };
            found = found || self.is_member(entity, group);
        }
        Ok(found)
    }

    /// Whether the entity is the group or a descendant of it; neither needs to exist.
    pub(crate) fn is_member(&self, entity: EntityId, group: EntityId) -> bool {
        entity == group || self.entities.is_descendant(entity, group)
    }

    fn like(&mut self, executable: Executable<'_>, from: Register, pattern: PatternId) -> Result<Word, Fault> {
        let text = self.string(from)?;
        let Some(pattern): Option<&Pattern> = executable.parts.patterns.get(pattern.0 as usize) else {
            return Ok(Word::Bool(false));
        };
        let (outcome, steps) = pattern.matches_within(self.overlay.string(text), self.steps_left);
        self.charge(steps)?;
        outcome.map(Word::Bool).ok_or(Fault::Limit(limits::STEPS))
    }

    /// Elements are sorted, so this looks at few of them.
    fn has_element(&self, set: SetId, element: Word) -> bool {
        if let (Word::Entity(entity), Some(entities)) = (element, self.overlay.entity_set(set)) {
            return entities.contains(entity);
        }
        self.overlay.set(set).binary_search(&element).is_ok()
    }

    fn contains_all(&mut self, left: Register, right: Register) -> Result<bool, Fault> {
        let (set, elements) = (self.set(left)?, self.set(right)?);
        self.charge_elements(self.overlay.set(elements).len())?;
        Ok(self.overlay.set(elements).iter().all(|element| self.has_element(set, *element)))
    }

    fn contains_any(&mut self, left: Register, right: Register) -> Result<bool, Fault> {
        let (left, right) = (self.set(left)?, self.set(right)?);
        let smaller_first = self.overlay.set(left).len() <= self.overlay.set(right).len();
        let (few, many) = if smaller_first { (left, right) } else { (right, left) };
        self.charge_elements(self.overlay.set(few).len())?;
        Ok(self.overlay.set(few).iter().any(|element| self.has_element(many, *element)))
    }

    fn make_set(&mut self, count: u32) -> Result<Word, Fault> {
        self.charge(count.into())?;
        self.pop(count as usize)?;
        Ok(Word::Set(self.overlay.intern_set(self.operands)))
    }

    fn make_record(&mut self, executable: Executable<'_>, layout: LayoutId) -> Result<Word, Fault> {
        let names = executable.linked.layouts.get(layout.0 as usize).ok_or(Fault::Defect)?;
        self.charge_elements(names.len())?;
        self.pop(names.len())?;
        self.members.clear();
        self.members.extend(names.iter().copied().zip(self.operands.iter().copied()));
        Ok(Word::Record(self.overlay.intern_unique(self.members)))
    }

    fn call(&mut self, builtin: Builtin, count: u32) -> Result<Word, Fault> {
        self.pop(count as usize)?;
        if let Some(Word::String(text)) = self.operands.first() {
            self.charge_elements(self.overlay.string(*text).len())?;
        }
        builtin::call(builtin, self.operands, &mut self.overlay)
            .map_err(|fault| Fault::of_call(fault, builtin, self.operands))
    }

    /// Takes the last operands, in the order in which they were pushed.
    fn pop(&mut self, count: usize) -> Result<(), Fault> {
        // V8: they are there.
        let first = self.stack.len().checked_sub(count).ok_or(Fault::Defect)?;
        self.operands.clear();
        self.operands.extend(self.stack.drain(first..));
        Ok(())
    }

    fn get(&self, register: Register) -> Word {
        // V4: the register exists.
        self.registers.get(usize::from(register.0)).copied().unwrap_or(Word::Bool(false))
    }

    fn bool(&self, register: Register) -> Result<bool, Fault> {
        as_bool(self.get(register))
    }

    fn long(&self, register: Register) -> Result<i64, Fault> {
        let word = self.get(register);
        if let Word::Long(value) = word { Ok(value) } else { Err(type_fault(one(Kind::Long), word)) }
    }

    fn string(&self, register: Register) -> Result<StringId, Fault> {
        let word = self.get(register);
        if let Word::String(text) = word { Ok(text) } else { Err(type_fault(one(Kind::String), word)) }
    }

    fn entity(&self, register: Register) -> Result<EntityId, Fault> {
        let word = self.get(register);
        if let Word::Entity(entity) = word { Ok(entity) } else { Err(type_fault(one(Kind::Entity), word)) }
    }

    fn set(&self, register: Register) -> Result<SetId, Fault> {
        let word = self.get(register);
        if let Word::Set(set) = word { Ok(set) } else { Err(type_fault(one(Kind::Set), word)) }
    }

    fn holder(&self, register: Register) -> Result<Holder, Fault> {
        let word = self.get(register);
        if let Word::Record(record) = word {
            Ok(Holder::Record(record))
        } else if let Word::Entity(entity) = word {
            Ok(Holder::Entity(entity))
        } else {
            Err(type_fault(Expected::RecordOrEntity, word))
        }
    }
}

fn copy_context(context: &Context, overlay: &mut Overlay<'_>, translation: &mut Translation) -> Word {
    // Most requests bring nothing.
    if context.is_empty()
        && let Some(empty) = overlay.empty_record()
    {
        return Word::Record(empty);
    }
    let (layer, word) = context.parts();
    layer.translate(word, overlay, translation)
}

/// What has attributes.
enum Holder {
    Record(RecordId),
    Entity(EntityId),
}

/// The boolean, or the fault of one that is none.
pub(crate) fn as_bool(word: Word) -> Result<bool, Fault> {
    if let Word::Bool(value) = word { Ok(value) } else { Err(type_fault(one(Kind::Bool), word)) }
}

fn linked_name(executable: Executable<'_>, name: NameId) -> StringId {
    // V3: the name exists; nothing has the name of the fallback.
    executable.linked.names.get(name.0 as usize).copied().unwrap_or(StringId::from_index(u32::MAX))
}

fn arithmetic(result: Option<i64>, operation: Arithmetic) -> Result<Word, Fault> {
    result.map(Word::Long).ok_or(Fault::Overflow(operation))
}

fn one(kind: Kind) -> Expected {
    Expected::One(kind)
}

#[cold]
fn type_fault(expected: Expected, found: Word) -> Fault {
    Fault::Type { expected, found, advice: None }
}

/// If one side has an order, the other one is expected to be like it.
#[cold]
fn comparison_fault(left: Word, right: Word) -> Fault {
    let is_ordered = |word| matches!(word, Word::Datetime(_) | Word::Duration(_));
    match (left, right) {
        (Word::Long(_), _) => type_fault(one(Kind::Long), right),
        (_, Word::Long(_)) => type_fault(one(Kind::Long), left),
        (left, right) if is_ordered(left) => type_fault(one(Kind::of(left)), right),
        (left, right) if is_ordered(right) => type_fault(one(Kind::of(right)), left),
        (Word::Decimal(_), Word::Decimal(_)) => {
            Fault::Type { expected: Expected::Comparable, found: left, advice: Some(Advice::UseDecimalMethods) }
        }
        _ => type_fault(Expected::Comparable, left),
    }
}

#[cold]
fn in_fault(left: Word, right: Word) -> Fault {
    let advice = if matches!(right, Word::Set(_)) {
        Some(Advice::UseContains)
    } else {
        matches!(right, Word::Record(_)).then_some(Advice::UseHas)
    };
    Fault::Type { expected: one(Kind::Entity), found: left, advice }
}
