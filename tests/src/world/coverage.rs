//! What a generated case contains: which operators, builtins and scope forms.
//!
//! The names come from the tables of the language where there is one, so that a new row that is never generated shows
//! up in the distribution with 0 %.

use std::collections::BTreeSet;

use deodar_grammar::ast::{BinaryOperator, UnaryOperator};
use deodar_lexicon::Builtin;

/// The groups of the distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Operators and other forms of expressions.
    Operator,
    /// Extension functions and methods.
    Builtin,
    /// Forms of scope constraints.
    Scope,
    /// Forms of policies and policy sets.
    Policy,
    /// Properties of schema, entities and requests.
    Input,
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 5] = [Self::Operator, Self::Builtin, Self::Scope, Self::Policy, Self::Input];

    /// The title in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Operator => "operators",
            Self::Builtin => "builtins",
            Self::Scope => "scope forms",
            Self::Policy => "policies",
            Self::Input => "inputs",
        }
    }
}

/// What is expected in at least one of a hundred cases.
pub fn expected() -> BTreeSet<(Group, &'static str)> {
    let operators = BinaryOperator::ALL.iter().map(|op| op.symbol());
    let operators = operators.chain(UnaryOperator::ALL.iter().map(|op| op.symbol())).chain(OTHER_OPERATORS);
    let mut all: BTreeSet<_> = operators.map(|name| (Group::Operator, name)).collect();
    all.extend(Builtin::ALL.iter().map(|builtin| (Group::Builtin, builtin.name())));
    all.extend(SCOPES.iter().map(|name| (Group::Scope, *name)));
    all
}

/// The forms of expressions that are not in a table of operators.
const OTHER_OPERATORS: [&str; 16] = [
    "&&",
    "||",
    "+",
    "-",
    "*",
    "if",
    "is",
    "is in",
    "like",
    "has",
    "has \"…\"",
    "has a.b",
    ".attribute",
    "[\"attribute\"]",
    "set",
    "record",
];

/// The forms of scope constraints.
const SCOPES: [&str; 21] = [
    "principal",
    "principal ==",
    "principal in",
    "principal is",
    "principal is in",
    "principal == ?",
    "principal in ?",
    "principal is in ?",
    "action",
    "action ==",
    "action in",
    "action in […]",
    "action in []",
    "resource",
    "resource ==",
    "resource in",
    "resource is",
    "resource is in",
    "resource == ?",
    "resource in ?",
    "resource is in ?",
];

/// What one case contains.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    features: BTreeSet<(Group, &'static str)>,
}

impl Seen {
    /// Notes that the case contains it.
    pub fn note(&mut self, group: Group, name: &'static str) {
        self.features.insert((group, name));
    }

    /// All of it.
    pub fn iter(&self) -> impl Iterator<Item = (Group, &'static str)> + '_ {
        self.features.iter().copied()
    }
}
