//! Expressions as text.
//!
//! The printer keeps a stack of what is still to be printed, so that nesting costs no stack. An operand is put between
//! parentheses exactly if it binds weaker than its place requires; `Level` is the table of Cedar's grammar.

use core::fmt::Write as _;

use deodar_lexicon::{Pattern, builtin::CallStyle, name};
use smol_str::SmolStr;

use super::{entity, quote};
use crate::ast::{ExprId, ExprKind, Exprs, OperatorStyle, Spanned, UnaryOperator};

/// How strongly an expression binds, from the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Conditional,
    Or,
    And,
    Relation,
    Sum,
    Product,
    Unary,
    Member,
}

/// The most `!` or `-` that may stand in a row.
const LONGEST_RUN: usize = 4;

/// What is still to be printed.
#[derive(Debug, Clone, Copy)]
enum Task<'e> {
    /// An operand of a place that requires at least this level.
    Operand(ExprId, Level),
    /// An operand between parentheses.
    Parenthesised(ExprId),
    Text(&'e str),
    /// A string in quotes.
    Quoted(&'e str),
    /// A name, or a string in quotes if it is none.
    Name(&'e str),
    Pattern(&'e Pattern),
}

/// One expression on one line.
pub fn print_expression(exprs: &Exprs, id: ExprId) -> String {
    let mut out = String::new();
    print(exprs, id, &mut out);
    out
}

/// Appends the expression.
pub(super) fn print(exprs: &Exprs, root: ExprId, out: &mut String) {
    let mut tasks = vec![Task::Operand(root, Level::Conditional)];
    // What follows the start of a node, in order; reversed onto the stack.
    let mut after = Vec::new();
    while let Some(task) = tasks.pop() {
        match task {
            Task::Operand(id, required) if level(exprs.kind(id)) < required => tasks.push(Task::Parenthesised(id)),
            Task::Parenthesised(id) => {
                out.push('(');
                after.extend([Task::Operand(id, Level::Conditional), Task::Text(")")]);
            }
            Task::Operand(id, _) => begin(exprs, exprs.kind(id), out, &mut after),
            Task::Text(text) => out.push_str(text),
            Task::Quoted(text) => quote(text, out),
            Task::Name(text) => name_or_string(text, out),
            Task::Pattern(pattern) => {
                // Writing to a string does not fail.
                let _ = write!(out, "\"{pattern}\"");
            }
        }
        tasks.extend(after.drain(..).rev());
    }
}

fn level(kind: &ExprKind) -> Level {
    match kind {
        ExprKind::If { .. } => Level::Conditional,
        ExprKind::Or(_) => Level::Or,
        ExprKind::And(_) => Level::And,
        ExprKind::Has { .. } | ExprKind::Like { .. } | ExprKind::Is { .. } => Level::Relation,
        ExprKind::Binary { operator, .. } if operator.style() == OperatorStyle::Relation => Level::Relation,
        ExprKind::Sum { .. } => Level::Sum,
        ExprKind::Product(_) => Level::Product,
        ExprKind::Unary(operator, _) if operator.style() == OperatorStyle::Prefix => Level::Unary,
        ExprKind::Long(..0) => Level::Unary,
        ExprKind::Error
        | ExprKind::Bool(_)
        | ExprKind::Long(_)
        | ExprKind::String(_)
        | ExprKind::Entity(_)
        | ExprKind::Variable(_)
        | ExprKind::Slot(_)
        | ExprKind::Name(_)
        | ExprKind::Unary(..)
        | ExprKind::Binary { .. }
        | ExprKind::Attribute { .. }
        | ExprKind::Call { .. }
        | ExprKind::UnknownCall { .. }
        | ExprKind::Set(_)
        | ExprKind::Record(_) => Level::Member,
    }
}

/// Prints the start of a node and lists what follows.
fn begin<'e>(exprs: &Exprs, kind: &'e ExprKind, out: &mut String, after: &mut Vec<Task<'e>>) {
    match kind {
        // No expression starts with `?` alone.
        ExprKind::Error => out.push('?'),
        ExprKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        ExprKind::Long(value) => out.push_str(&value.to_string()),
        ExprKind::String(text) => quote(text, out),
        ExprKind::Entity(value) => entity(value, out),
        ExprKind::Variable(variable) => out.push_str(variable.name()),
        ExprKind::Slot(slot) => out.push_str(slot.name()),
        ExprKind::Name(name) => out.push_str(&name.name),
        ExprKind::If { condition, then, otherwise } => {
            out.push_str("if ");
            after.extend([operand(*condition, Level::Conditional), Task::Text(" then ")]);
            after.extend([operand(*then, Level::Conditional), Task::Text(" else ")]);
            after.push(operand(*otherwise, Level::Conditional));
        }
        ExprKind::Or(operands) => join(operands, " || ", Level::And, after),
        ExprKind::And(operands) => join(operands, " && ", Level::Relation, after),
        ExprKind::Product(operands) => join(operands, " * ", Level::Unary, after),
        ExprKind::Sum { first, rest } => {
            after.push(operand(*first, Level::Product));
            for (operator, term) in rest {
                after.extend([Task::Text(" "), Task::Text(operator.symbol()), Task::Text(" ")]);
                after.push(operand(*term, Level::Product));
            }
        }
        ExprKind::Unary(operator, argument) => unary(exprs, *operator, *argument, out, after),
        ExprKind::Binary { operator, left, right } => match operator.style() {
            OperatorStyle::Method => method(*left, operator.symbol(), core::slice::from_ref(right), after),
            OperatorStyle::Relation | OperatorStyle::Prefix => {
                after.extend([operand(*left, Level::Sum), Task::Text(" "), Task::Text(operator.symbol())]);
                after.extend([Task::Text(" "), operand(*right, Level::Sum)]);
            }
        },
        ExprKind::Attribute { base, name } => attribute(*base, &name.value, after),
        ExprKind::Has { base, path } => has(*base, path, after),
        ExprKind::Like { base, pattern } => {
            after.extend([operand(*base, Level::Sum), Task::Text(" like "), Task::Pattern(pattern)]);
        }
        ExprKind::Is { base, ty, within } => {
            after.extend([operand(*base, Level::Sum), Task::Text(" is "), Task::Text(&ty.name)]);
            after.extend(within.iter().flat_map(|within| [Task::Text(" in "), operand(*within, Level::Sum)]));
        }
        ExprKind::Call { builtin, arguments } => {
            call(builtin.signature().style, builtin.name(), arguments, after);
        }
        ExprKind::UnknownCall { name, style, arguments } => call(*style, &name.name, arguments, after),
        ExprKind::Set(elements) => {
            out.push('[');
            join(elements, ", ", Level::Conditional, after);
            after.push(Task::Text("]"));
        }
        ExprKind::Record(entries) => {
            out.push('{');
            for (index, entry) in entries.iter().enumerate() {
                after.extend((index > 0).then_some(Task::Text(", ")));
                after.extend([Task::Name(&entry.key.value), Task::Text(": ")]);
                after.push(operand(entry.value, Level::Conditional));
            }
            after.push(Task::Text("}"));
        }
    }
}

fn operand(id: ExprId, required: Level) -> Task<'static> {
    Task::Operand(id, required)
}

fn join<'e>(operands: &[ExprId], separator: &'e str, required: Level, after: &mut Vec<Task<'e>>) {
    for (index, id) in operands.iter().enumerate() {
        after.extend((index > 0).then_some(Task::Text(separator)));
        after.push(operand(*id, required));
    }
}

/// A run of the same prefix operator, as long as the grammar allows.
fn unary(exprs: &Exprs, operator: UnaryOperator, mut argument: ExprId, out: &mut String, after: &mut Vec<Task<'_>>) {
    if operator.style() == OperatorStyle::Method {
        return method(argument, operator.symbol(), &[], after);
    }
    let mut run = 1;
    while let ExprKind::Unary(inner, next) = exprs.kind(argument)
        && *inner == operator
        && run < LONGEST_RUN
    {
        argument = *next;
        run += 1;
    }
    (0..run).for_each(|_| out.push_str(operator.symbol()));
    // The sign of a negative literal continues the run; before another literal, `-` would become part of it.
    let negated_literal = if let ExprKind::Long(value) = exprs.kind(argument)
        && operator == UnaryOperator::Negate
    {
        Some(*value)
    } else {
        None
    };
    after.push(match negated_literal {
        Some(..0) if run < LONGEST_RUN => operand(argument, Level::Unary),
        Some(_) => Task::Parenthesised(argument),
        None => operand(argument, Level::Member),
    });
}

fn name_or_string(text: &str, out: &mut String) {
    if name::is_identifier(text) { out.push_str(text) } else { quote(text, out) }
}

fn attribute<'e>(base: ExprId, name: &'e SmolStr, after: &mut Vec<Task<'e>>) {
    after.push(operand(base, Level::Member));
    if name::is_identifier(name) {
        after.extend([Task::Text("."), Task::Text(name)]);
    } else {
        after.extend([Task::Text("["), Task::Quoted(name), Task::Text("]")]);
    }
}

fn has<'e>(base: ExprId, path: &'e [Spanned<SmolStr>], after: &mut Vec<Task<'e>>) {
    after.push(operand(base, Level::Sum));
    for (index, step) in path.iter().enumerate() {
        after.push(Task::Text(if index == 0 { " has " } else { "." }));
        after.push(Task::Name(&step.value));
    }
}

fn call<'e>(style: CallStyle, name: &'e str, arguments: &[ExprId], after: &mut Vec<Task<'e>>) {
    match (style, arguments) {
        (CallStyle::Method, [receiver, rest @ ..]) => method(*receiver, name, rest, after),
        (CallStyle::Method | CallStyle::Function, _) => {
            after.extend([Task::Text(name), Task::Text("(")]);
            join(arguments, ", ", Level::Conditional, after);
            after.push(Task::Text(")"));
        }
    }
}

fn method<'e>(receiver: ExprId, name: &'e str, arguments: &[ExprId], after: &mut Vec<Task<'e>>) {
    after.extend([operand(receiver, Level::Member), Task::Text("."), Task::Text(name), Task::Text("(")]);
    join(arguments, ", ", Level::Conditional, after);
    after.push(Task::Text(")"));
}
