//! Expressions: objects whose one key is the operator.
//!
//! The reader keeps a stack of tasks instead of recursing. A task reads one value, or builds a node from operands that
//! were read before it and lie on a second stack. Chains of one operator, which the JSON form nests on the left, are
//! followed to their end at once and become one node, so that their length is limited by memory alone.

use deodar_lexicon::{Builtin, Pattern, PatternElement, json::Value, limits};
use smol_str::SmolStr;

use super::{
    fields::{Extra, Shape},
    reader::Reader,
};
use crate::{
    ast::{AddOperator, BinaryOperator, ExprId, ExprKind, RecordEntry, Spanned, TypeName, UnaryOperator, Variable},
    report::json as report,
    source::Span,
};

/// What remains to be done.
#[derive(Debug)]
pub(super) enum Task<'d> {
    /// Read an expression.
    Read(Value<'d>),
    /// Read what stands below `Value`.
    ReadValue(Value<'d>),
    /// Make a node of the last operands.
    Build(Build, Span),
}

/// A node whose operands are still to be read.
#[derive(Debug)]
pub(super) enum Build {
    /// A node without operands.
    Leaf(ExprKind),
    /// An error with that many operands, which are read for their mistakes only.
    Error(usize),
    And(usize),
    Or(usize),
    Product(usize),
    Sum(Vec<AddOperator>),
    Unary(UnaryOperator),
    Binary(BinaryOperator),
    Attribute(Spanned<SmolStr>),
    Has(Box<[Spanned<SmolStr>]>),
    Like(Pattern),
    Is(TypeName),
    IsIn(TypeName),
    If,
    Set(usize),
    Record(Vec<Spanned<SmolStr>>),
    Call(Builtin, usize),
}

/// The operators that form chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chain {
    And,
    Or,
    Sum(AddOperator),
    Product,
}

impl Chain {
    fn from_key(key: &str) -> Option<Self> {
        match key {
            "&&" => Some(Self::And),
            "||" => Some(Self::Or),
            "+" => Some(Self::Sum(AddOperator::Add)),
            "-" => Some(Self::Sum(AddOperator::Subtract)),
            "*" => Some(Self::Product),
            _ => None,
        }
    }

    /// Whether the operators belong to one chain.
    fn joins(self, other: Self) -> bool {
        core::mem::discriminant(&self) == core::mem::discriminant(&other)
    }
}

/// The keys that are neither operators of one or two operands nor builtins.
const OTHER_KEYS: [&str; 15] =
    ["Value", "Var", "Slot", "&&", "||", "+", "-", "*", ".", "has", "like", "is", "if-then-else", "Set", "Record"];

const OPERANDS: Shape<2> = Shape::new("the operands", ["left", "right"]);

impl Reader {
    /// Reads the body of a condition.
    pub(super) fn condition_body(&mut self, value: Value<'_>) -> ExprId {
        self.too_deep = false;
        let mut tasks = vec![Task::Read(value)];
        let mut operands = Vec::new();
        while let Some(task) = tasks.pop() {
            match task {
                Task::Read(value) => {
                    if !self.read(value, &mut tasks) {
                        operands.push(self.exprs.push_error(self.span(value)));
                    }
                }
                Task::ReadValue(value) => self.read_value(value, &mut tasks),
                Task::Build(build, span) => {
                    let id = self.build(build, span, &mut operands);
                    operands.push(id);
                }
            }
        }
        operands.pop().unwrap_or_else(|| self.exprs.push_error(self.span(value)))
    }

    /// Adds the tasks that lead to the node of the value; `false` if there are none.
    fn read<'d>(&mut self, value: Value<'d>, tasks: &mut Vec<Task<'d>>) -> bool {
        self.try_read(value, tasks).is_some()
    }

    fn try_read<'d>(&mut self, value: Value<'d>, tasks: &mut Vec<Task<'d>>) -> Option<()> {
        let (key, content) = self.operator_member(value)?;
        let span = self.span(value);
        let word = key.as_str().unwrap_or_default();
        if let Some(chain) = Chain::from_key(word) {
            return self.chain(chain, content, span, tasks);
        }
        let (build, operands) = match word {
            "Value" => {
                tasks.push(Task::ReadValue(content));
                return Some(());
            }
            "Var" => (Build::Leaf(ExprKind::Variable(self.variable(content)?)), Vec::new()),
            "Slot" => {
                let slot = self.slot(content)?;
                self.report(report::slot_in_condition(&self.place(content), slot));
                return None;
            }
            "." => self.attribute(content)?,
            "has" => self.has(content)?,
            "like" => self.like(content)?,
            "is" => self.is(content)?,
            "if-then-else" => {
                const IF: Shape<3> = Shape::new("a conditional", ["if", "then", "else"]);
                (Build::If, self.all_fields(content, &IF)?.to_vec())
            }
            "Set" => {
                let elements = self.elements(content, "an array of expressions")?;
                (Build::Set(elements.len()), elements)
            }
            "Record" => self.record(content)?,
            _ => self.operator(key, word, content)?,
        };
        tasks.push(Task::Build(build, span));
        tasks.extend(operands.into_iter().rev().map(Task::Read));
        Some(())
    }

    /// The one member of an expression.
    fn operator_member<'d>(&mut self, value: Value<'d>) -> Option<(Value<'d>, Value<'d>)> {
        const EXPRESSION: &str = "an expression, an object with one key";
        let Some(object) = value.as_object() else {
            self.report(report::wrong_kind(&self.place(value), value.kind().describe(), EXPRESSION));
            return None;
        };
        let mut members = object.iter();
        let first = members.next();
        if first.is_none() {
            self.report(report::empty_expression(&self.place(value)));
        }
        if let Some((second, _)) = members.next() {
            self.report(report::second_operator(&self.place(second), second.as_str().unwrap_or_default()));
            return None;
        }
        first
    }

    /// Operators of one and two operands, and builtins.
    fn operator<'d>(&mut self, key: Value<'d>, word: &str, content: Value<'d>) -> Option<(Build, Vec<Value<'d>>)> {
        const OPERAND: Shape<1> = Shape::new("the operand", ["arg"]);
        if let Some(operator) = UnaryOperator::from_json_key(word) {
            return Some((Build::Unary(operator), self.all_fields(content, &OPERAND)?.to_vec()));
        }
        if let Some(operator) = BinaryOperator::from_json_key(word) {
            return Some((Build::Binary(operator), self.all_fields(content, &OPERANDS)?.to_vec()));
        }
        if let Some(builtin) = Builtin::from_name(word) {
            let arguments = self.elements(content, "an array of arguments")?;
            return Some((Build::Call(builtin, arguments.len()), arguments));
        }
        let known = OTHER_KEYS
            .into_iter()
            .chain(UnaryOperator::ALL.iter().map(|operator| operator.json_key()))
            .chain(BinaryOperator::ALL.iter().map(|operator| operator.json_key()))
            .chain(Builtin::ALL.iter().map(|builtin| builtin.name()));
        self.report(report::unknown_operator(&self.place(key), word, known));
        None
    }

    /// Follows a chain to its first operand.
    fn chain<'d>(&mut self, chain: Chain, content: Value<'d>, span: Span, tasks: &mut Vec<Task<'d>>) -> Option<()> {
        let [mut left, right] = self.all_fields(content, &OPERANDS)?;
        let (mut operators, mut reads) = (vec![chain], vec![Task::Read(right)]);
        while let Some((inner, [next, right])) = chain_operands(left).filter(|(inner, _)| inner.joins(chain)) {
            operators.push(inner);
            reads.push(Task::Read(right));
            left = next;
        }
        reads.push(Task::Read(left));
        let build = match chain {
            Chain::And => Build::And(reads.len()),
            Chain::Or => Build::Or(reads.len()),
            Chain::Product => Build::Product(reads.len()),
            Chain::Sum(_) => Build::Sum(operators.into_iter().rev().filter_map(Chain::add_operator).collect()),
        };
        tasks.push(Task::Build(build, span));
        // The last operand first: the tasks are a stack.
        tasks.extend(reads);
        Some(())
    }

    fn variable(&mut self, value: Value<'_>) -> Option<Variable> {
        self.choice(value, "a variable", &Variable::ALL.map(|variable| (variable.name(), variable)))
    }

    fn attribute<'d>(&mut self, content: Value<'d>) -> Option<(Build, Vec<Value<'d>>)> {
        const ATTRIBUTE: Shape<2> = Shape::new("an attribute access", ["left", "attr"]);
        let [left, name] = self.all_fields(content, &ATTRIBUTE)?;
        let build = self.spanned(name, "the name of an attribute").map_or(Build::Error(1), Build::Attribute);
        Some((build, vec![left]))
    }

    fn has<'d>(&mut self, content: Value<'d>) -> Option<(Build, Vec<Value<'d>>)> {
        const HAS: Shape<2> = Shape { extra: Extra::Ignored, ..Shape::new("an attribute test", ["left", "attr"]) };
        let [left, path] = self.all_fields(content, &HAS)?;
        Some((self.attribute_path(path).map_or(Build::Error(1), Build::Has), vec![left]))
    }

    fn attribute_path(&mut self, value: Value<'_>) -> Option<Box<[Spanned<SmolStr>]>> {
        const ATTRIBUTES: &str = "the name of an attribute, or an array of names";
        let Some(array) = value.as_array() else {
            return Some([self.spanned(value, ATTRIBUTES)?].into());
        };
        let path: Vec<_> = array.iter().map(|step| self.spanned(step, "the name of an attribute")).collect();
        if path.is_empty() {
            self.report(report::empty_path(&self.place(value)));
            return None;
        }
        path.into_iter().collect()
    }

    fn like<'d>(&mut self, content: Value<'d>) -> Option<(Build, Vec<Value<'d>>)> {
        const LIKE: Shape<2> = Shape::new("a pattern match", ["left", "pattern"]);
        let [left, pattern] = self.all_fields(content, &LIKE)?;
        Some((self.pattern(pattern).map_or(Build::Error(1), Build::Like), vec![left]))
    }

    fn pattern(&mut self, value: Value<'_>) -> Option<Pattern> {
        let mut elements = Vec::new();
        let mut sound = true;
        for element in self.elements(value, "an array of pattern elements")? {
            sound &= self.pattern_element(element, &mut elements).is_some();
        }
        sound.then(|| Pattern::new(elements))
    }

    /// `"Wildcard"` or `{"Literal": "…"}`, whose text may have any length.
    fn pattern_element(&mut self, value: Value<'_>, elements: &mut Vec<PatternElement>) -> Option<()> {
        const ELEMENT: &str = "a pattern element";
        let literal = value.as_object().and_then(|object| {
            let mut members = object.members();
            members.next().filter(|(key, _)| *key == "Literal" && members.next().is_none())
        });
        if let Some((_, text)) = literal {
            let text = self.text(text, "the text of a literal")?;
            elements.extend(text.chars().map(PatternElement::Char));
        } else {
            self.choice(value, ELEMENT, &[("Wildcard", ())])?;
            elements.push(PatternElement::Wildcard);
        }
        Some(())
    }

    fn is<'d>(&mut self, content: Value<'d>) -> Option<(Build, Vec<Value<'d>>)> {
        const IS: Shape<3> = Shape::new("a type test", ["left", "entity_type", "in"]);
        let [left, ty, within] = self.fields(content, &IS)?;
        let left = self.required(content, left, "left", IS.what);
        let ty = self.required(content, ty, "entity_type", IS.what);
        let (left, ty) = (left?, self.type_name(ty?));
        Some(match within.filter(|within| within.source() != "null") {
            Some(within) => (ty.map_or(Build::Error(2), Build::IsIn), vec![left, within]),
            None => (ty.map_or(Build::Error(1), Build::Is), vec![left]),
        })
    }

    fn record<'d>(&mut self, content: Value<'d>) -> Option<(Build, Vec<Value<'d>>)> {
        let object = self.object(content, "an object of expressions")?;
        let (keys, values): (Vec<_>, Vec<_>) = object.iter().unzip();
        Some((self.record_build(&keys), values))
    }

    /// A record of these keys.
    pub(super) fn record_build(&self, keys: &[Value<'_>]) -> Build {
        let spanned = |key: &Value<'_>| Spanned::new(SmolStr::new(key.as_str().unwrap_or_default()), self.span(*key));
        Build::Record(keys.iter().map(spanned).collect())
    }

    /// Adds the node to the arena.
    fn build(&mut self, build: Build, span: Span, operands: &mut Vec<ExprId>) -> ExprId {
        let kind = Self::kind(build, operands);
        let Some(kind) = kind else { return self.exprs.push_error(span) };
        self.exprs.push(kind, span).unwrap_or_else(|_| {
            if !core::mem::replace(&mut self.too_deep, true) {
                self.report(report::too_deep(span, limits::NESTING));
            }
            self.exprs.push_error(span)
        })
    }

    /// The node with the last operands as its children.
    fn kind(build: Build, operands: &mut Vec<ExprId>) -> Option<ExprKind> {
        let mut last = |count: usize| operands.split_off(operands.len().saturating_sub(count));
        Some(match build {
            Build::Leaf(kind) => kind,
            Build::Error(count) => {
                last(count);
                return None;
            }
            Build::And(count) => ExprKind::And(last(count).into()),
            Build::Or(count) => ExprKind::Or(last(count).into()),
            Build::Product(count) => ExprKind::Product(last(count).into()),
            Build::Sum(operators) => {
                let rest = last(operators.len());
                ExprKind::Sum { first: last(1).pop()?, rest: operators.into_iter().zip(rest).collect() }
            }
            Build::Unary(operator) => ExprKind::Unary(operator, last(1).pop()?),
            Build::Binary(operator) => {
                let (right, left) = (last(1).pop()?, last(1).pop()?);
                ExprKind::Binary { operator, left, right }
            }
            Build::Attribute(name) => ExprKind::Attribute { base: last(1).pop()?, name },
            Build::Has(path) => ExprKind::Has { base: last(1).pop()?, path },
            Build::Like(pattern) => ExprKind::Like { base: last(1).pop()?, pattern },
            Build::Is(ty) => ExprKind::Is { base: last(1).pop()?, ty, within: None },
            Build::IsIn(ty) => {
                let (within, base) = (last(1).pop()?, last(1).pop()?);
                ExprKind::Is { base, ty, within: Some(within) }
            }
            Build::If => {
                let (otherwise, then, condition) = (last(1).pop()?, last(1).pop()?, last(1).pop()?);
                ExprKind::If { condition, then, otherwise }
            }
            Build::Set(count) => ExprKind::Set(last(count).into()),
            Build::Record(keys) => {
                let values = last(keys.len());
                let entries = keys.into_iter().zip(values);
                ExprKind::Record(entries.map(|(key, value)| RecordEntry { key, value }).collect())
            }
            Build::Call(builtin, count) => ExprKind::Call { builtin, arguments: last(count).into() },
        })
    }
}

impl Chain {
    fn add_operator(self) -> Option<AddOperator> {
        match self {
            Self::Sum(operator) => Some(operator),
            Self::And | Self::Or | Self::Product => None,
        }
    }
}

/// The operator and operands of a chain link that has no mistake; one with a mistake is read, and reported, as an
/// operand.
fn chain_operands(value: Value<'_>) -> Option<(Chain, [Value<'_>; 2])> {
    let object = value.as_object()?;
    let mut members = object.members();
    let (key, content) = members.next().filter(|_| members.next().is_none())?;
    let chain = Chain::from_key(key)?;
    let mut members = content.as_object()?.members();
    let operands = match (members.next()?, members.next()?) {
        (("left", left), ("right", right)) | (("right", right), ("left", left)) => [left, right],
        _ => return None,
    };
    members.next().is_none().then_some((chain, operands))
}
