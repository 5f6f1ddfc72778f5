//! Expressions: the arena and its nodes.

use deodar_lexicon::{Builtin, Pattern, limits};
use smol_str::SmolStr;

pub use deodar_lexicon::builtin::CallStyle;

use super::{EntityRef, Slot, Spanned, TypeName};
use crate::source::Span;

/// An expression of one [`Exprs`] arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(u32);

impl ExprId {
    /// The position in the arena, for side tables.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A node with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All of it, without enclosing parentheses.
    pub span: Span,
    /// Levels of nesting below and including this node.
    depth: u32,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// Something that was reported as an error; never lowered.
    Error,
    /// `true` or `false`
    Bool(bool),
    /// An integer; a minus sign before a literal is part of it.
    Long(i64),
    /// A string.
    String(SmolStr),
    /// An entity literal.
    Entity(Box<EntityRef>),
    /// A part of the request.
    Variable(Variable),
    /// A slot outside a scope. A lone expression may have one; in a policy it is reported.
    Slot(Slot),
    /// A bare name that is no variable; reported by resolution.
    Name(TypeName),
    /// `if c then a else b`
    If {
        /// The guard.
        condition: ExprId,
        /// The value if it is true.
        then: ExprId,
        /// The value if it is false.
        otherwise: ExprId,
    },
    /// Two or more operands joined by `&&`, evaluated from left to right.
    And(Box<[ExprId]>),
    /// Two or more operands joined by `||`, evaluated from left to right.
    Or(Box<[ExprId]>),
    /// A sum: `first`, then each operand added or subtracted, from left to right.
    Sum {
        /// The leftmost operand.
        first: ExprId,
        /// The others with the operators before them; at least one.
        rest: Box<[(AddOperator, ExprId)]>,
    },
    /// Two or more operands multiplied from left to right.
    Product(Box<[ExprId]>),
    /// An operator on one operand.
    Unary(UnaryOperator, ExprId),
    /// An operator or built-in method on two operands.
    Binary {
        /// Which.
        operator: BinaryOperator,
        /// The left operand, or the receiver of a method.
        left: ExprId,
        /// The right operand, or the argument.
        right: ExprId,
    },
    /// `e.a` or `e["a"]`
    Attribute {
        /// The entity or record.
        base: ExprId,
        /// The attribute.
        name: Spanned<SmolStr>,
    },
    /// `e has a`, `e has "a"`, or `e has a.b.c` (Cedar RFC 62)
    Has {
        /// The entity or record.
        base: ExprId,
        /// One attribute, or the path of several; never empty.
        path: Box<[Spanned<SmolStr>]>,
    },
    /// `e like "pattern"`
    Like {
        /// The string.
        base: ExprId,
        /// The pattern.
        pattern: Pattern,
    },
    /// `e is T`, or `e is T in x`
    Is {
        /// The entity.
        base: ExprId,
        /// The type.
        ty: TypeName,
        /// What it is also in.
        within: Option<ExprId>,
    },
    /// A call of an extension function or method; the receiver of a method is the first argument. A builtin may have
    /// a wrong number of arguments, which fails when it is evaluated.
    Call {
        /// Which.
        builtin: Builtin,
        /// The arguments.
        arguments: Box<[ExprId]>,
    },
    /// A call of something that is no builtin; reported by resolution. The receiver of a method is the first argument.
    UnknownCall {
        /// The name.
        name: TypeName,
        /// How it is called.
        style: CallStyle,
        /// The arguments.
        arguments: Box<[ExprId]>,
    },
    /// `[a, b, …]`
    Set(Box<[ExprId]>),
    /// `{a: x, "b c": y, …}`; no key stands twice.
    Record(Box<[RecordEntry]>),
}

/// One key of a record literal and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordEntry {
    /// The key.
    pub key: Spanned<SmolStr>,
    /// The value.
    pub value: ExprId,
}

/// A part of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Variable {
    /// Who acts.
    Principal,
    /// What it does.
    Action,
    /// What it acts on.
    Resource,
    /// The circumstances.
    Context,
}

impl Variable {
    /// All variables.
    pub const ALL: [Self; 4] = [Self::Principal, Self::Action, Self::Resource, Self::Context];

    /// The keyword, in text and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Action => "action",
            Self::Resource => "resource",
            Self::Context => "context",
        }
    }

    /// The variable of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variable| variable.name() == name)
    }
}

/// Whether an operand of a sum is added or subtracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
}

impl AddOperator {
    /// The symbol, in text and JSON.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
        }
    }
}

/// How an operator is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorStyle {
    /// Before its operand.
    Prefix,
    /// Between its operands, at the level of the relations.
    Relation,
    /// As a method of its first operand.
    Method,
}

macro_rules! operators {
    ($(#[$meta:meta])* $name:ident { $(#[doc = $doc:literal] $variant:ident $symbol:literal $json:literal $style:ident;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $doc] $variant,)+ }

        impl $name {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The symbol or method name in text.
            pub const fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $symbol,)+ }
            }

            /// The key in the JSON form.
            pub const fn json_key(self) -> &'static str {
                match self { $(Self::$variant => $json,)+ }
            }

            /// How it is written.
            pub const fn style(self) -> OperatorStyle {
                match self { $(Self::$variant => OperatorStyle::$style,)+ }
            }

            /// The one with that key in the JSON form.
            pub fn from_json_key(key: &str) -> Option<Self> {
                match key { $($json => Some(Self::$variant),)+ _ => None }
            }

            /// The method of that name.
            pub fn from_method(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|op| op.style() == OperatorStyle::Method && op.symbol() == name)
            }
        }
    };
}

operators! {
    /// The operators on one operand.
    UnaryOperator {
        /// `!e`
        Not "!" "!" Prefix;
        /// `-e`
        Negate "-" "neg" Prefix;
        /// `e.isEmpty()`
        IsEmpty "isEmpty" "isEmpty" Method;
    }
}

operators! {
    /// The operators on two operands, chains aside.
    BinaryOperator {
        /// `a == b`
        Equal "==" "==" Relation;
        /// `a != b`
        NotEqual "!=" "!=" Relation;
        /// `a < b`
        Less "<" "<" Relation;
        /// `a <= b`
        LessOrEqual "<=" "<=" Relation;
        /// `a > b`
        Greater ">" ">" Relation;
        /// `a >= b`
        GreaterOrEqual ">=" ">=" Relation;
        /// `a in b`
        In "in" "in" Relation;
        /// `s.contains(e)`
        Contains "contains" "contains" Method;
        /// `s.containsAll(t)`
        ContainsAll "containsAll" "containsAll" Method;
        /// `s.containsAny(t)`
        ContainsAny "containsAny" "containsAny" Method;
        /// `e.hasTag(k)`
        HasTag "hasTag" "hasTag" Method;
        /// `e.getTag(k)`
        GetTag "getTag" "getTag" Method;
    }
}

/// The node would nest deeper than [`limits::NESTING`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooDeep;

/// The expressions of one source, children before parents.
#[derive(Debug, Clone, Default)]
pub struct Exprs {
    nodes: Vec<Expr>,
}

impl Exprs {
    /// An arena with room for so many nodes.
    pub(crate) fn with_capacity(nodes: usize) -> Self {
        Self { nodes: Vec::with_capacity(nodes) }
    }

    /// Adds a node whose children are in the arena already.
    ///
    /// A chain whose first operand is a chain of the same kind takes over its operands, so that a chain of any length
    /// is one level. A reader that meets a chain piece by piece adds it whole when it can: merging is linear in the
    /// operands, so extending one operand at a time would be quadratic.
    ///
    /// # Errors
    /// [`TooDeep`] beyond the limit; an [`ExprKind::Error`] at the span can always be added.
    pub fn push(&mut self, mut kind: ExprKind, span: Span) -> Result<ExprId, TooDeep> {
        if kind.is_chain()
            && let Some(merged) = self.merge_chain(&kind)
        {
            kind = merged;
        }
        let mut depth = 0;
        kind.for_each_child(|child| depth = depth.max(self.depth(child)));
        let depth = depth + 1;
        if u64::from(depth) > limits::NESTING.value {
            return Err(TooDeep);
        }
        let id = ExprId(crate::source::offset(self.nodes.len()));
        self.nodes.push(Expr { kind, span, depth });
        Ok(id)
    }

    /// Adds an error node.
    pub fn push_error(&mut self, span: Span) -> ExprId {
        let id = ExprId(crate::source::offset(self.nodes.len()));
        self.nodes.push(Expr { kind: ExprKind::Error, span, depth: 1 });
        id
    }

    /// The node; ids of another arena give an error node or another node, never a panic.
    pub fn get(&self, id: ExprId) -> &Expr {
        const MISSING: &Expr = &Expr {
            kind: ExprKind::Error,
            span: Span { source: crate::source::SourceId::UNKNOWN, start: 0, end: 0 },
            depth: 1,
        };
        self.nodes.get(id.index()).unwrap_or(MISSING)
    }

    /// What the node is.
    pub fn kind(&self, id: ExprId) -> &ExprKind {
        &self.get(id).kind
    }

    /// Where the node stands.
    pub fn span(&self, id: ExprId) -> Span {
        self.get(id).span
    }

    /// Levels of nesting below and including the node.
    pub fn depth(&self, id: ExprId) -> u32 {
        self.get(id).depth
    }

    /// All nodes with their ids, children before parents.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (ExprId, &Expr)> {
        self.nodes.iter().enumerate().map(|(index, expr)| (ExprId(crate::source::offset(index)), expr))
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Turns the node into an error node, after it was reported.
    pub fn mark_error(&mut self, id: ExprId) {
        if let Some(node) = self.nodes.get_mut(id.index()) {
            node.kind = ExprKind::Error;
        }
    }

    /// Takes an entity literal out of the arena, if the node is one; an error node takes its place.
    pub(crate) fn take_entity(&mut self, id: ExprId) -> Option<EntityRef> {
        let node = self.nodes.get_mut(id.index())?;
        if !matches!(node.kind, ExprKind::Entity(_)) {
            return None;
        }
        let ExprKind::Entity(entity) = core::mem::replace(&mut node.kind, ExprKind::Error) else { return None };
        Some(*entity)
    }

    /// Drops the last nodes, which nothing may refer to any more.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.nodes.truncate(len);
    }

    /// The chain without the chain that is its first operand, if it starts with one of its kind.
    fn merge_chain(&self, kind: &ExprKind) -> Option<ExprKind> {
        let merge =
            |operands: &[ExprId], inner: &[ExprId]| inner.iter().chain(operands.iter().skip(1)).copied().collect();
        if let ExprKind::And(operands) | ExprKind::Or(operands) | ExprKind::Product(operands) = kind {
            return match (kind, self.kind(*operands.first()?)) {
                (ExprKind::And(_), ExprKind::And(inner)) => Some(ExprKind::And(merge(operands, inner))),
                (ExprKind::Or(_), ExprKind::Or(inner)) => Some(ExprKind::Or(merge(operands, inner))),
                (ExprKind::Product(_), ExprKind::Product(inner)) => Some(ExprKind::Product(merge(operands, inner))),
                _ => None,
            };
        }
        if let ExprKind::Sum { first, rest } = kind
            && let ExprKind::Sum { first, rest: inner } = self.kind(*first)
        {
            return Some(ExprKind::Sum { first: *first, rest: inner.iter().chain(rest.iter()).copied().collect() });
        }
        None
    }
}

impl ExprKind {
    /// Whether it is a node of as many operands as are written, whatever the parentheses on the left.
    #[inline]
    fn is_chain(&self) -> bool {
        matches!(self, Self::And(_) | Self::Or(_) | Self::Product(_) | Self::Sum { .. })
    }

    /// Calls `f` with each direct child, in the order of evaluation.
    pub fn for_each_child(&self, mut f: impl FnMut(ExprId)) {
        match self {
            Self::Error
            | Self::Bool(_)
            | Self::Long(_)
            | Self::String(_)
            | Self::Entity(_)
            | Self::Variable(_)
            | Self::Slot(_)
            | Self::Name(_) => {}
            Self::If { condition, then, otherwise } => [condition, then, otherwise].into_iter().for_each(|e| f(*e)),
            Self::And(operands) | Self::Or(operands) | Self::Product(operands) | Self::Set(operands) => {
                operands.iter().for_each(|e| f(*e));
            }
            Self::Sum { first, rest } => {
                f(*first);
                rest.iter().for_each(|(_, e)| f(*e));
            }
            Self::Unary(_, base)
            | Self::Attribute { base, .. }
            | Self::Has { base, .. }
            | Self::Like { base, .. }
            | Self::Is { base, within: None, .. } => f(*base),
            Self::Binary { left, right, .. } | Self::Is { base: left, within: Some(right), .. } => {
                f(*left);
                f(*right);
            }
            Self::Call { arguments, .. } | Self::UnknownCall { arguments, .. } => {
                arguments.iter().for_each(|e| f(*e));
            }
            Self::Record(entries) => entries.iter().for_each(|entry| f(entry.value)),
        }
    }

    /// The same with other children: each becomes what `f` says.
    #[must_use]
    pub fn map_children(&self, mut f: impl FnMut(ExprId) -> ExprId) -> Self {
        let mut kind = self.clone();
        match &mut kind {
            Self::Error
            | Self::Bool(_)
            | Self::Long(_)
            | Self::String(_)
            | Self::Entity(_)
            | Self::Variable(_)
            | Self::Slot(_)
            | Self::Name(_) => {}
            Self::If { condition, then, otherwise } => {
                for e in [condition, then, otherwise] {
                    *e = f(*e);
                }
            }
            Self::And(operands) | Self::Or(operands) | Self::Product(operands) | Self::Set(operands) => {
                operands.iter_mut().for_each(|e| *e = f(*e));
            }
            Self::Sum { first, rest } => {
                *first = f(*first);
                rest.iter_mut().for_each(|(_, e)| *e = f(*e));
            }
            Self::Unary(_, base)
            | Self::Attribute { base, .. }
            | Self::Has { base, .. }
            | Self::Like { base, .. }
            | Self::Is { base, within: None, .. } => *base = f(*base),
            Self::Binary { left, right, .. } | Self::Is { base: left, within: Some(right), .. } => {
                *left = f(*left);
                *right = f(*right);
            }
            Self::Call { arguments, .. } | Self::UnknownCall { arguments, .. } => {
                arguments.iter_mut().for_each(|e| *e = f(*e));
            }
            Self::Record(entries) => entries.iter_mut().for_each(|entry| entry.value = f(entry.value)),
        }
        kind
    }
}
