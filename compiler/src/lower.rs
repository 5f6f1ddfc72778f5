//! Expressions to instructions.
//!
//! Lowering needs no types: the code of a policy is the same with and without a schema. The value of an expression
//! goes to the register of its depth, so registers are a stack with addresses known at compile time, and code is
//! emitted in the order of evaluation. A work list replaces recursion: each expression becomes a few steps, pushed in
//! reverse.
//!
//! Both operands of an operator are evaluated before their kinds are checked, as in Cedar; the instruction checks.

use deodar_grammar::{
    Diagnostic, Span,
    ast::{AddOperator, BinaryOperator, EntityRef, ExprId, ExprKind, Exprs, TypeName, UnaryOperator, Variable},
};
use deodar_lexicon::{Builtin, limits};
use deodar_runtime::{
    EntityTypeName, EntityUid,
    instruction::{self, CodeAddress, Instruction, Register},
    program::{Code, Constant, Place},
};
use smol_str::SmolStr;

use crate::{pool::Pools, report::policy as report};

/// A position in the code that is not known yet.
#[derive(Debug, Clone, Copy)]
struct Label(usize);

/// One step of the work list.
#[derive(Debug)]
enum Step {
    /// Evaluate an expression into a register.
    Value(ExprId, Register),
    /// Emit an instruction for an expression.
    Emit(Instruction, ExprId),
    /// Emit a jump whose target is patched when the label is placed.
    JumpIfFalse(Register, Label, ExprId),
    JumpIfTrue(Register, Label, ExprId),
    Jump(Label, ExprId),
    /// The label is here.
    Place(Label),
    /// The value of a wanted expression is ready.
    Ready(Yield),
}

/// Where an expression leaves its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Yield {
    pub(crate) expr: ExprId,
    /// Its first instruction.
    pub(crate) start: CodeAddress,
    /// Behind its last instruction: whoever comes here from one of them finds the value in the register.
    pub(crate) end: CodeAddress,
    pub(crate) register: Register,
}

/// Emits the code of expressions.
#[derive(Debug)]
pub(crate) struct Lowerer<'a, P> {
    exprs: &'a Exprs,
    pools: &'a mut Pools,
    code: &'a mut Vec<Instruction>,
    places: &'a mut Vec<Place>,
    /// Where a span stands, for the places of instructions.
    place_of: P,
    registers: u32,
    nodes: u64,
    /// For each label, the jumps that lead to it.
    jumps: Vec<Vec<usize>>,
    work: Vec<Step>,
    /// The expressions whose code is asked for, sorted, and where it was emitted.
    wanted: &'a [ExprId],
    yields: Vec<Yield>,
}

impl<'a, P: FnMut(Span) -> Place> Lowerer<'a, P> {
    pub(crate) fn new(
        exprs: &'a Exprs,
        pools: &'a mut Pools,
        code: &'a mut Vec<Instruction>,
        places: &'a mut Vec<Place>,
        place_of: P,
    ) -> Self {
        let (jumps, work) = (Vec::new(), Vec::new());
        Self { exprs, pools, code, places, place_of, registers: 0, nodes: 0, jumps, work, wanted: &[], yields: vec![] }
    }

    /// Emits the code of one expression, which ends by returning its value.
    pub(crate) fn lower(mut self, root: ExprId) -> Result<Code, Diagnostic> {
        self.root(root)
    }

    /// The same, and says where the code of some of its parts lies. They are sorted.
    pub(crate) fn yields(mut self, root: ExprId, wanted: &'a [ExprId]) -> Result<Vec<Yield>, Diagnostic> {
        self.wanted = wanted;
        self.root(root)?;
        Ok(self.yields)
    }

    fn root(&mut self, root: ExprId) -> Result<Code, Diagnostic> {
        let start = self.here(root)?;
        let result = Register(0);
        self.work = vec![Step::Emit(Instruction::Return { from: result }, root), Step::Value(root, result)];
        while let Some(step) = self.work.pop() {
            match step {
                Step::Value(expr, into) => self.value(expr, into)?,
                Step::Emit(instruction, expr) => self.emit(instruction, expr),
                Step::JumpIfFalse(condition, label, expr) => {
                    self.jump(label, Instruction::JumpIfFalse { condition, target: CodeAddress(0) }, expr);
                }
                Step::JumpIfTrue(condition, label, expr) => {
                    self.jump(label, Instruction::JumpIfTrue { condition, target: CodeAddress(0) }, expr);
                }
                Step::Jump(label, expr) => self.jump(label, Instruction::Jump { target: CodeAddress(0) }, expr),
                Step::Place(label) => self.place(label, root)?,
                Step::Ready(found) => {
                    let end = self.here(root)?;
                    self.yields.push(Yield { end, ..found });
                }
            }
        }
        let end = self.here(root)?;
        let registers = u16::try_from(self.registers);
        let too_many = |_| report::policy_too_large(limits::REGISTERS, self.exprs.span(root));
        Ok(Code { start, end, registers: registers.map_err(too_many)? })
    }

    /// Plans the evaluation of one expression.
    fn value(&mut self, id: ExprId, into: Register) -> Result<(), Diagnostic> {
        self.nodes += 1;
        if self.nodes > limits::POLICY_NODES.value {
            return Err(report::policy_too_large(limits::POLICY_NODES, self.exprs.span(id)));
        }
        self.registers = self.registers.max(u32::from(into.0) + 1);
        if self.wanted.binary_search(&id).is_ok() {
            let start = self.here(id)?;
            self.work.push(Step::Ready(Yield { expr: id, start, end: start, register: into }));
        }
        let exprs = self.exprs;
        match exprs.kind(id) {
            ExprKind::Error | ExprKind::Name(_) | ExprKind::UnknownCall { .. } => {
                return Err(report::unresolved_expression(exprs.span(id)));
            }
            ExprKind::Bool(value) => self.constant(Constant::Bool(*value), id, into),
            ExprKind::Long(value) => self.constant(Constant::Long(*value), id, into),
            ExprKind::String(text) => self.constant(Constant::String(text.clone()), id, into),
            ExprKind::Entity(entity) => {
                let uid = entity_uid(entity)?;
                self.constant(Constant::Entity(uid), id, into);
            }
            ExprKind::Variable(variable) => {
                self.emit(Instruction::Variable { into, variable: request_variable(*variable) }, id);
            }
            ExprKind::Slot(slot) => self.emit(Instruction::Slot { slot: slot_operand(*slot) }, id),
            ExprKind::If { condition, then, otherwise } => self.conditional(id, into, [*condition, *then, *otherwise]),
            ExprKind::And(operands) => self.chain(into, operands, Step::JumpIfFalse),
            ExprKind::Or(operands) => self.chain(into, operands, Step::JumpIfTrue),
            ExprKind::Sum { first, rest } => {
                let right = self.above(into, id)?;
                let steps = rest.iter().rev().flat_map(|(operator, operand)| {
                    let emit = match operator {
                        AddOperator::Add => Instruction::Add { into, left: into, right },
                        AddOperator::Subtract => Instruction::Subtract { into, left: into, right },
                    };
                    [Step::Emit(emit, id), Step::Value(*operand, right)]
                });
                self.work.extend(steps);
                self.work.push(Step::Value(*first, into));
            }
            ExprKind::Product(operands) => {
                let right = self.above(into, id)?;
                let multiply = Instruction::Multiply { into, left: into, right };
                let rest = operands.iter().skip(1).rev();
                self.work.extend(rest.flat_map(|operand| [Step::Emit(multiply, id), Step::Value(*operand, right)]));
                self.work.extend(operands.first().map(|first| Step::Value(*first, into)));
            }
            ExprKind::Unary(operator, operand) => {
                self.work.push(Step::Emit(unary(*operator, into), id));
                self.work.push(Step::Value(*operand, into));
            }
            ExprKind::Binary { operator, left, right } => {
                let second = self.above(into, id)?;
                self.work.push(Step::Emit(binary(*operator, into, second), id));
                self.work.push(Step::Value(*right, second));
                self.work.push(Step::Value(*left, into));
            }
            ExprKind::Attribute { base, name } => {
                let name = self.pools.name(&name.value);
                self.work.push(Step::Emit(Instruction::Attribute { into, base: into, name }, id));
                self.work.push(Step::Value(*base, into));
            }
            ExprKind::Has { base, path } => {
                let names: Vec<_> = path.iter().map(|name| self.pools.name(&name.value)).collect();
                self.has(id, into, *base, &names)?;
            }
            ExprKind::Like { base, pattern } => {
                let pattern = self.pools.pattern(pattern);
                self.work.push(Step::Emit(Instruction::Like { into, from: into, pattern }, id));
                self.work.push(Step::Value(*base, into));
            }
            ExprKind::Is { base, ty, within } => {
                let ty = self.pools.type_name(entity_type(ty)?);
                self.is(id, into, *base, ty, *within)?;
            }
            ExprKind::Call { builtin, arguments } => self.call(id, into, *builtin, arguments),
            ExprKind::Set(elements) => {
                let count = length(elements.len());
                self.work.push(Step::Emit(Instruction::MakeSet { into, count }, id));
                self.operands(elements.iter().copied(), into);
            }
            ExprKind::Record(entries) => {
                // Members are evaluated in the order of their keys; the order decides which failure is reported.
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_by(|one, other| one.key.value.cmp(&other.key.value));
                let names: Box<[SmolStr]> = entries.iter().map(|entry| entry.key.value.clone()).collect();
                let layout = self.pools.layout(names);
                self.work.push(Step::Emit(Instruction::MakeRecord { into, layout }, id));
                self.operands(entries.iter().map(|entry| entry.value), into);
            }
        }
        Ok(())
    }

    fn constant(&mut self, constant: Constant, id: ExprId, into: Register) {
        let constant = self.pools.constant(constant);
        self.emit(Instruction::Constant { into, constant }, id);
    }

    fn conditional(&mut self, id: ExprId, into: Register, [condition, then, otherwise]: [ExprId; 3]) {
        let (when_false, end) = (self.label(), self.label());
        self.work.extend([
            Step::Place(end),
            Step::Value(otherwise, into),
            Step::Place(when_false),
            Step::Jump(end, id),
            Step::Value(then, into),
            Step::JumpIfFalse(into, when_false, condition),
            Step::Value(condition, into),
        ]);
    }

    /// `&&` or `||`: the first operand that decides ends the chain; the last one must be a boolean too.
    fn chain(&mut self, into: Register, operands: &[ExprId], jump: fn(Register, Label, ExprId) -> Step) {
        let end = self.label();
        self.work.push(Step::Place(end));
        let Some((last, others)) = operands.split_last() else { return };
        self.work.push(Step::Emit(Instruction::AssertBool { from: into }, *last));
        self.work.push(Step::Value(*last, into));
        self.work.extend(others.iter().rev().flat_map(|operand| {
            // A false conjunct is what an explanation points at, so the jump stands at the operand.
            [jump(into, end, *operand), Step::Value(*operand, into)]
        }));
    }

    /// `e has a.b.c`: each step reads the attribute that the step before found.
    fn has(
        &mut self,
        id: ExprId,
        into: Register,
        base: ExprId,
        names: &[instruction::NameId],
    ) -> Result<(), Diagnostic> {
        let Some((last, before)) = names.split_last() else {
            return Err(report::unresolved_expression(self.exprs.span(id)));
        };
        if before.is_empty() {
            self.work.push(Step::Emit(Instruction::HasAttribute { into, base: into, name: *last }, id));
            self.work.push(Step::Value(base, into));
            return Ok(());
        }
        let holder = self.above(into, id)?;
        let end = self.label();
        self.work.push(Step::Place(end));
        self.work.push(Step::Emit(Instruction::HasAttribute { into, base: holder, name: *last }, id));
        for name in before.iter().rev() {
            self.work.extend([
                Step::Emit(Instruction::Attribute { into: holder, base: holder, name: *name }, id),
                Step::JumpIfFalse(into, end, id),
                Step::Emit(Instruction::HasAttribute { into, base: holder, name: *name }, id),
            ]);
        }
        self.work.push(Step::Value(base, holder));
        Ok(())
    }

    /// `e is T in x`: `x` is evaluated only if the type matches.
    fn is(
        &mut self,
        id: ExprId,
        into: Register,
        base: ExprId,
        ty: instruction::TypeNameId,
        within: Option<ExprId>,
    ) -> Result<(), Diagnostic> {
        let Some(within) = within else {
            self.work.push(Step::Emit(Instruction::Is { into, from: into, ty }, id));
            self.work.push(Step::Value(base, into));
            return Ok(());
        };
        let entity = self.above(into, id)?;
        let group = self.above(entity, id)?;
        let end = self.label();
        self.work.extend([
            Step::Place(end),
            Step::Emit(Instruction::In { into, left: entity, right: group }, id),
            Step::Value(within, group),
            Step::JumpIfFalse(into, end, id),
            Step::Emit(Instruction::Is { into, from: entity, ty }, id),
            Step::Value(base, entity),
        ]);
        Ok(())
    }

    fn call(&mut self, id: ExprId, into: Register, builtin: Builtin, arguments: &[ExprId]) {
        let count = length(arguments.len());
        self.work.push(Step::Emit(Instruction::Call { into, builtin, count }, id));
        self.operands(arguments.iter().copied(), into);
    }

    /// Puts each value on the operand stack, the first one first.
    fn operands(&mut self, operands: impl DoubleEndedIterator<Item = ExprId>, into: Register) {
        self.work.extend(
            operands.rev().flat_map(|operand| {
                [Step::Emit(Instruction::Push { from: into }, operand), Step::Value(operand, into)]
            }),
        );
    }

    /// The register above, for an operand that is needed beside another.
    fn above(&mut self, register: Register, id: ExprId) -> Result<Register, Diagnostic> {
        let too_many = || report::policy_too_large(limits::REGISTERS, self.exprs.span(id));
        let above = register.0.checked_add(1).ok_or_else(too_many)?;
        self.registers = self.registers.max(u32::from(above) + 1);
        Ok(Register(above))
    }

    fn label(&mut self) -> Label {
        self.jumps.push(Vec::new());
        Label(self.jumps.len() - 1)
    }

    fn emit(&mut self, instruction: Instruction, id: ExprId) {
        let place = (self.place_of)(self.exprs.span(id));
        self.code.push(instruction);
        self.places.push(place);
    }

    fn jump(&mut self, Label(label): Label, instruction: Instruction, id: ExprId) {
        let at = self.code.len();
        if let Some(jumps) = self.jumps.get_mut(label) {
            jumps.push(at);
        }
        self.emit(instruction, id);
    }

    fn place(&mut self, Label(label): Label, root: ExprId) -> Result<(), Diagnostic> {
        let here = self.here(root)?;
        let jumps = self.jumps.get_mut(label).map(core::mem::take).unwrap_or_default();
        for at in jumps {
            if let Some(
                Instruction::Jump { target }
                | Instruction::JumpIfFalse { target, .. }
                | Instruction::JumpIfTrue { target, .. },
            ) = self.code.get_mut(at)
            {
                *target = here;
            }
        }
        Ok(())
    }

    fn here(&self, root: ExprId) -> Result<CodeAddress, Diagnostic> {
        let too_large = |_| report::policy_too_large(limits::POLICY_NODES, self.exprs.span(root));
        u32::try_from(self.code.len()).map(CodeAddress).map_err(too_large)
    }
}

fn unary(operator: UnaryOperator, into: Register) -> Instruction {
    match operator {
        UnaryOperator::Not => Instruction::Not { into, from: into },
        UnaryOperator::Negate => Instruction::Negate { into, from: into },
        UnaryOperator::IsEmpty => Instruction::IsEmpty { into, from: into },
    }
}

fn binary(operator: BinaryOperator, into: Register, right: Register) -> Instruction {
    let left = into;
    match operator {
        BinaryOperator::Equal => Instruction::Equal { into, left, right },
        BinaryOperator::NotEqual => Instruction::NotEqual { into, left, right },
        BinaryOperator::Less => Instruction::Less { into, left, right },
        BinaryOperator::LessOrEqual => Instruction::LessOrEqual { into, left, right },
        BinaryOperator::Greater => Instruction::Less { into, left: right, right: left },
        BinaryOperator::GreaterOrEqual => Instruction::LessOrEqual { into, left: right, right: left },
        BinaryOperator::In => Instruction::In { into, left, right },
        BinaryOperator::Contains => Instruction::Contains { into, left, right },
        BinaryOperator::ContainsAll => Instruction::ContainsAll { into, left, right },
        BinaryOperator::ContainsAny => Instruction::ContainsAny { into, left, right },
        BinaryOperator::HasTag => Instruction::HasTag { into, base: left, key: right },
        BinaryOperator::GetTag => Instruction::Tag { into, base: left, key: right },
    }
}

fn request_variable(variable: Variable) -> instruction::Variable {
    match variable {
        Variable::Principal => instruction::Variable::Principal,
        Variable::Action => instruction::Variable::Action,
        Variable::Resource => instruction::Variable::Resource,
        Variable::Context => instruction::Variable::Context,
    }
}

pub(crate) fn slot_operand(slot: deodar_grammar::ast::Slot) -> instruction::Slot {
    match slot {
        deodar_grammar::ast::Slot::Principal => instruction::Slot::Principal,
        deodar_grammar::ast::Slot::Resource => instruction::Slot::Resource,
    }
}

/// The run time's name of an entity type; the readers accept no other names.
pub(crate) fn entity_type(name: &TypeName) -> Result<EntityTypeName, Diagnostic> {
    EntityTypeName::new(&name.name).map_err(|_| report::unresolved_expression(name.span))
}

/// The name of the entity that a text mentions, unless its type is the name of none.
pub fn uid(entity: &EntityRef) -> Option<EntityUid> {
    entity_uid(entity).ok()
}

pub(crate) fn entity_uid(entity: &EntityRef) -> Result<EntityUid, Diagnostic> {
    Ok(EntityUid::new(entity_type(&entity.ty)?, entity.id.value.clone()))
}

fn length(count: usize) -> u32 {
    // Every operand is a node of an arena with 32-bit ids.
    u32::try_from(count).unwrap_or(u32::MAX)
}
