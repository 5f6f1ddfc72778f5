//! What can be wrong with a policy, as data.
//!
//! A problem is found in one request environment after the other, mostly the same one. So it is kept as a value that
//! can be compared, with the environments collected beside it, and becomes a diagnostic once, in `report::check`.

use deodar_grammar::{
    Span,
    ast::{BinaryOperator, ExprId, UnaryOperator},
};
use deodar_lexicon::{Builtin, builtin::ExtensionType};
use deodar_runtime::ExtensionProblem;
use smol_str::SmolStr;

use super::types::{Mismatch, Ty};

/// What the place of an expression asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Expected {
    Bool,
    Long,
    String,
    Entity,
    EntityOrRecord,
    EntityOrEntities,
    Set,
    Extension(ExtensionType),
    /// What `<` compares: `Long`, `datetime` or `duration`.
    Comparable,
    /// What the other operand of a comparison is.
    LikeOther(Ty),
}

/// What an expression is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// The body of a condition, a guard, or an operand of `!`, `&&`, `||`.
    Truth,
    /// An operand of `+`, `-` or `*`.
    Term(&'static str),
    Operand(UnaryOperator),
    Left(BinaryOperator),
    Right(BinaryOperator),
    AttributeBase,
    HasBase,
    LikeBase,
    IsBase,
    Argument(Builtin),
}

/// Where types meet that must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Meeting {
    Branches,
    Elements,
    Equality,
    Contains,
    ContainsSet,
    Tags,
}

/// One problem of one expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Problem {
    UnexpectedType {
        expected: Expected,
        found: Ty,
        role: Role,
    },
    /// The expressions have these types, in this order; not all problems of this kind have expressions.
    IncompatibleTypes {
        types: Box<[Ty]>,
        exprs: Box<[ExprId]>,
        mismatch: Mismatch,
        meeting: Meeting,
    },
    UnknownAttribute {
        on: Ty,
        name: SmolStr,
        base: ExprId,
        may_exist: bool,
    },
    OptionalAttribute {
        on: Ty,
        name: SmolStr,
        base: ExprId,
    },
    UncheckedTag {
        on: Ty,
        base: ExprId,
        key: ExprId,
    },
    NoTags {
        on: Ty,
    },
    ArgumentCount {
        builtin: Builtin,
        found: usize,
    },
    InvalidArgument {
        builtin: Builtin,
        text: SmolStr,
        reason: ExtensionProblem,
    },
    NonLiteralArgument {
        builtin: Builtin,
    },
    EmptySet,
}

/// Why the evaluation of an expression may fail although its types are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureKind {
    /// A number beyond 64 bits.
    Overflow,
    /// An attribute of an entity that may be missing from the store: no `has` has shown it.
    MissingEntity,
    /// An extension function without a result: a point in time out of range, or a text that is computed.
    Extension,
}

/// An expression whose evaluation may fail by itself, apart from its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// The expression.
    pub expr: ExprId,
    /// Why it may fail.
    pub kind: FailureKind,
}

/// A problem with its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Found {
    pub(crate) problem: Problem,
    pub(crate) span: Span,
}
