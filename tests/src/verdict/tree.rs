//! Expressions as trees: what generation builds, mutation breaks and minimisation cuts.
//!
//! The text has parentheses around every operand that is not a literal, a variable or a call, so printing needs no
//! levels; how text is read is compared elsewhere. Trees are small: their depth is that of the generator.

use std::fmt;

use crate::question::Uid;

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// `true` or `false`
    Bool(bool),
    /// An integer.
    Long(i64),
    /// A string.
    Text(String),
    /// An entity.
    Entity(Uid),
    /// `principal`, `action`, `resource` or `context`
    Variable(&'static str),
    /// `if … then … else …`
    If(Box<[Expr; 3]>),
    /// An operator between two operands.
    Binary(&'static str, Box<[Expr; 2]>),
    /// `!` or `-`
    Unary(&'static str, Box<Expr>),
    /// `e.name`
    Attribute(Box<Expr>, String),
    /// `e has a.b.c`; more than one name only if all are identifiers.
    Has(Box<Expr>, Vec<String>),
    /// `e like "…"`, where `*` is a wildcard
    Like(Box<Expr>, String),
    /// `e is T`
    Is(Box<Expr>, String),
    /// `e is T in f`
    IsIn(Box<[Expr; 2]>, String),
    /// `[…]`
    Set(Vec<Expr>),
    /// `{…}`
    Record(Vec<(String, Expr)>),
    /// `e.name(…)`; the receiver comes first.
    Method(&'static str, Vec<Expr>),
    /// `name(…)`
    Call(&'static str, Vec<Expr>),
}

impl Expr {
    /// `left operator right`
    pub fn binary(operator: &'static str, left: Self, right: Self) -> Self {
        Self::Binary(operator, Box::new([left, right]))
    }

    /// `left && right`
    pub fn and(left: Self, right: Self) -> Self {
        Self::binary("&&", left, right)
    }

    /// `left || right`
    pub fn or(left: Self, right: Self) -> Self {
        Self::binary("||", left, right)
    }

    /// `left == right`
    pub fn equal(left: Self, right: Self) -> Self {
        Self::binary("==", left, right)
    }

    /// `!e`
    pub fn negated(self) -> Self {
        Self::Unary("!", Box::new(self))
    }

    /// `if guard then one else other`
    pub fn conditional(guard: Self, one: Self, other: Self) -> Self {
        Self::If(Box::new([guard, one, other]))
    }

    /// `e.name`
    pub fn attribute(self, name: impl Into<String>) -> Self {
        Self::Attribute(Box::new(self), name.into())
    }

    /// `e has name`
    pub fn has(self, name: impl Into<String>) -> Self {
        Self::Has(Box::new(self), vec![name.into()])
    }

    /// `e.name(argument)`
    pub fn method(self, name: &'static str, argument: Self) -> Self {
        Self::Method(name, vec![self, argument])
    }

    /// A string literal.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The operands, in the order of the text.
    pub fn operands(&self) -> Vec<&Self> {
        match self {
            Self::Bool(_) | Self::Long(_) | Self::Text(_) | Self::Entity(_) | Self::Variable(_) => Vec::new(),
            Self::If(operands) => operands.iter().collect(),
            Self::Binary(_, operands) | Self::IsIn(operands, _) => operands.iter().collect(),
            Self::Unary(_, operand)
            | Self::Attribute(operand, _)
            | Self::Has(operand, _)
            | Self::Like(operand, _)
            | Self::Is(operand, _) => vec![operand],
            Self::Set(elements) => elements.iter().collect(),
            Self::Record(members) => members.iter().map(|(_, member)| member).collect(),
            Self::Method(_, arguments) | Self::Call(_, arguments) => arguments.iter().collect(),
        }
    }

    /// The operands, to be changed.
    pub fn operands_mut(&mut self) -> Vec<&mut Self> {
        match self {
            Self::Bool(_) | Self::Long(_) | Self::Text(_) | Self::Entity(_) | Self::Variable(_) => Vec::new(),
            Self::If(operands) => operands.iter_mut().collect(),
            Self::Binary(_, operands) | Self::IsIn(operands, _) => operands.iter_mut().collect(),
            Self::Unary(_, operand)
            | Self::Attribute(operand, _)
            | Self::Has(operand, _)
            | Self::Like(operand, _)
            | Self::Is(operand, _) => vec![operand],
            Self::Set(elements) => elements.iter_mut().collect(),
            Self::Record(members) => members.iter_mut().map(|(_, member)| member).collect(),
            Self::Method(_, arguments) | Self::Call(_, arguments) => arguments.iter_mut().collect(),
        }
    }

    /// Calls `f` on every node, operands first.
    pub fn visit<'e>(&'e self, f: &mut dyn FnMut(&'e Self)) {
        for operand in self.operands() {
            operand.visit(f);
        }
        f(self);
    }

    /// Calls `f` on every node, operands first.
    pub fn visit_mut(&mut self, f: &mut dyn FnMut(&mut Self)) {
        for operand in self.operands_mut() {
            operand.visit_mut(f);
        }
        f(self);
    }

    /// How many nodes satisfy the predicate.
    pub fn count(&self, predicate: &dyn Fn(&Self) -> bool) -> usize {
        let mut count = 0;
        self.visit(&mut |node| count += usize::from(predicate(node)));
        count
    }

    /// Calls `f` on the node with that number among those that satisfy the predicate.
    pub fn change_nth(&mut self, predicate: &dyn Fn(&Self) -> bool, nth: usize, f: &mut dyn FnMut(&mut Self)) {
        let mut seen = 0;
        self.visit_mut(&mut |node| {
            if predicate(node) {
                if seen == nth {
                    f(node);
                }
                seen += 1;
            }
        });
    }

    /// Whether the node stands without parentheses as an operand.
    fn is_primary(&self) -> bool {
        match self {
            Self::Long(value) => *value >= 0,
            Self::Bool(_)
            | Self::Text(_)
            | Self::Entity(_)
            | Self::Variable(_)
            | Self::Attribute(..)
            | Self::Set(_)
            | Self::Record(_)
            | Self::Method(..)
            | Self::Call(..) => true,
            Self::If(_)
            | Self::Binary(..)
            | Self::Unary(..)
            | Self::Has(..)
            | Self::Like(..)
            | Self::Is(..)
            | Self::IsIn(..) => false,
        }
    }
}

/// An operand, in parentheses if it must be.
struct Operand<'e>(&'e Expr);

impl fmt::Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_primary() { self.0.fmt(f) } else { write!(f, "({})", self.0) }
    }
}

/// Several expressions with commas between them.
struct List<'e>(&'e [Expr]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, element) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            element.fmt(f)?;
        }
        Ok(())
    }
}

/// A string literal with its quotes.
pub fn quote(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

/// A name where it may stand without quotes if it is an identifier.
pub fn name(name: &str) -> String {
    if deodar_lexicon::name::is_identifier(name) { name.to_owned() } else { quote(name) }
}

/// The text in the Cedar syntax.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Long(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(&quote(text)),
            Self::Entity(uid) => uid.fmt(f),
            Self::Variable(name) => f.write_str(name),
            Self::If(operands) => {
                let [guard, one, other] = &**operands;
                write!(f, "if {guard} then {one} else {other}")
            }
            Self::Binary(operator, operands) => {
                let [left, right] = &**operands;
                write!(f, "{} {operator} {}", Operand(left), Operand(right))
            }
            Self::Unary(operator, operand) => match **operand {
                // The sign would become part of the literal.
                Self::Long(_) => write!(f, "{operator}({operand})"),
                _ => write!(f, "{operator}{}", Operand(operand)),
            },
            Self::Attribute(base, attribute) if deodar_lexicon::name::is_identifier(attribute) => {
                write!(f, "{}.{attribute}", Operand(base))
            }
            Self::Attribute(base, attribute) => write!(f, "{}[{}]", Operand(base), quote(attribute)),
            Self::Has(base, path) => match path.as_slice() {
                [only] => write!(f, "{} has {}", Operand(base), name(only)),
                path => write!(f, "{} has {}", Operand(base), path.join(".")),
            },
            Self::Like(base, pattern) => write!(f, "{} like {}", Operand(base), quote(pattern)),
            Self::Is(base, ty) => write!(f, "{} is {ty}", Operand(base)),
            Self::IsIn(operands, ty) => {
                let [base, within] = &**operands;
                write!(f, "{} is {ty} in {}", Operand(base), Operand(within))
            }
            Self::Set(elements) => write!(f, "[{}]", List(elements)),
            Self::Record(members) => {
                let members = members.iter().map(|(key, member)| format!("{}: {member}", name(key)));
                write!(f, "{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            Self::Method(name, arguments) => match arguments.split_first() {
                Some((receiver, arguments)) => write!(f, "{}.{name}({})", Operand(receiver), List(arguments)),
                None => write!(f, "{name}()"),
            },
            Self::Call(name, arguments) => write!(f, "{name}({})", List(arguments)),
        }
    }
}
