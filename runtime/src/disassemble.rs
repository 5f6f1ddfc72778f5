//! A program as text, for people: scopes as in policies, code with addresses, operands and places.
//!
//! Mnemonics and operands come from the table of instructions, so a new instruction is shown without a change here.

use core::fmt::{self, Display, Formatter};

use deodar_lexicon::{escape, name};

use crate::{
    instruction::{Instruction, Operand},
    program::{
        ActionConstraint, Code, Condition, Constant, EntityConstraint, EntityOrSlot, Expression, Place, Policy,
        Program, ProgramParts,
    },
};

/// The column of the places behind instructions.
const PLACE_COLUMN: usize = 48;

/// The templates and policies of a program with their code.
pub fn disassemble(program: &Program) -> String {
    Listing(program).to_string()
}

/// The code of a single expression.
pub fn disassemble_expression(expression: &Expression) -> String {
    CodeListing { parts: expression.parts(), code: expression.code(), indent: "" }.to_string()
}

struct Listing<'p>(&'p Program);

impl Display for Listing<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let templates = self.0.templates().iter().map(|template| ("template", template));
        let policies = self.0.policies().iter().map(|policy| ("policy", policy));
        for (position, (title, policy)) in templates.chain(policies).enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            self.policy(title, policy, f)?;
        }
        Ok(())
    }
}

impl Listing<'_> {
    fn policy(&self, title: &str, policy: &Policy, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{title} {}", Quoted(&policy.id))?;
        match &policy.template {
            Some(template) => writeln!(f, " of template {}, {}", Quoted(template), self.place(policy.place))?,
            None => writeln!(f, ", {}", self.place(policy.place))?,
        }
        for (key, value) in &policy.annotations {
            writeln!(f, "  @{key}({})", Quoted(value))?;
        }
        writeln!(f, "  {}", policy.effect.keyword())?;
        writeln!(f, "  principal{}", Constraint(&policy.scope.principal))?;
        writeln!(f, "  action{}", Actions(&policy.scope.action))?;
        writeln!(f, "  resource{}", Constraint(&policy.scope.resource))?;
        policy.conditions.iter().try_for_each(|condition| self.condition(policy, condition, f))
    }

    fn condition(&self, policy: &Policy, condition: &Condition, f: &mut Formatter<'_>) -> fmt::Result {
        let code = condition.code;
        write!(f, "  {}, {}", condition.kind.keyword(), self.place(condition.place))?;
        if policy.template.is_some() {
            return writeln!(f, ", code of the template: {} to {}", code.start.0, code.end.0.saturating_sub(1));
        }
        writeln!(f, ", registers: {}", code.registers)?;
        CodeListing { parts: self.0.parts(), code, indent: "    " }.fmt(f)
    }

    fn place(&self, place: Place) -> impl Display {
        format!("{}:{}:{}", self.0.source_name(place), place.line, place.column)
    }
}

struct CodeListing<'p> {
    parts: &'p ProgramParts,
    code: Code,
    indent: &'static str,
}

impl Display for CodeListing<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let range = self.code.start.0 as usize..self.code.end.0 as usize;
        let code = self.parts.code.get(range.clone()).unwrap_or_default();
        let places = self.parts.places.get(range).unwrap_or_default();
        for ((address, instruction), place) in (self.code.start.0..).zip(code).zip(places) {
            let text = self.instruction(*instruction);
            let width = PLACE_COLUMN.saturating_sub(self.indent.len());
            writeln!(f, "{}{address:>4}  {text:<width$}  {}:{}", self.indent, place.line, place.column)?;
        }
        Ok(())
    }
}

impl CodeListing<'_> {
    fn instruction(&self, instruction: Instruction) -> String {
        let mut text = instruction.mnemonic().to_owned();
        let mut separator = " ";
        instruction.for_each_operand(|operand| {
            text.push_str(separator);
            text.push_str(&self.operand(operand));
            separator = ", ";
        });
        text
    }

    fn operand(&self, operand: Operand) -> String {
        let parts = self.parts;
        let shown = match operand {
            Operand::Into(register) | Operand::Register(register) => Some(format!("r{}", register.0)),
            Operand::Constant(id) => parts.constants.get(id.0 as usize).map(constant),
            Operand::Name(id) => parts.names.get(id.0 as usize).map(|name| member_name(name)),
            Operand::TypeName(id) => parts.type_names.get(id.0 as usize).map(ToString::to_string),
            Operand::Pattern(id) => parts.patterns.get(id.0 as usize).map(|pattern| format!("\"{pattern}\"")),
            Operand::Layout(id) => parts.layouts.get(id.0 as usize).map(|names| {
                let names: Vec<_> = names.iter().map(|name| member_name(name)).collect();
                format!("{{{}}}", names.join(", "))
            }),
            Operand::Target(target) => Some(format!("@{}", target.0)),
            Operand::Variable(variable) => Some(variable.name().to_owned()),
            Operand::Slot(slot) => Some(slot.name().to_owned()),
            Operand::Builtin(builtin) => Some(builtin.name().to_owned()),
            Operand::Count(count) => Some(format!("#{count}")),
        };
        // V3: every operand is in its table.
        shown.unwrap_or_else(|| "?".to_owned())
    }
}

fn constant(constant: &Constant) -> String {
    match constant {
        Constant::Bool(value) => value.to_string(),
        Constant::Long(value) => value.to_string(),
        Constant::String(text) => Quoted(text).to_string(),
        Constant::Entity(uid) => uid.to_string(),
    }
}

fn member_name(text: &str) -> String {
    if name::is_identifier(text) { text.to_owned() } else { Quoted(text).to_string() }
}

struct Quoted<'t>(&'t str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", escape::escape(self.0))
    }
}

struct Constraint<'p>(&'p EntityConstraint);

impl Display for Constraint<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            EntityConstraint::Any => Ok(()),
            EntityConstraint::Equal(entity) => write!(f, " == {}", Target(entity)),
            EntityConstraint::In(entity) => write!(f, " in {}", Target(entity)),
            EntityConstraint::Is(ty) => write!(f, " is {ty}"),
            EntityConstraint::IsIn(ty, entity) => write!(f, " is {ty} in {}", Target(entity)),
        }
    }
}

struct Target<'p>(&'p EntityOrSlot);

impl Display for Target<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            EntityOrSlot::Entity(uid) => uid.fmt(f),
            EntityOrSlot::Slot(slot) => f.write_str(slot.name()),
        }
    }
}

struct Actions<'p>(&'p ActionConstraint);

impl Display for Actions<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            ActionConstraint::Any => Ok(()),
            ActionConstraint::Equal(action) => write!(f, " == {action}"),
            ActionConstraint::In(groups) => {
                let groups: Vec<_> = groups.iter().map(ToString::to_string).collect();
                write!(f, " in [{}]", groups.join(", "))
            }
        }
    }
}
