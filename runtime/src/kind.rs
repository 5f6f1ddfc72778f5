//! What kind of value something is, for messages and checks.

use core::fmt;

use deodar_lexicon::builtin::{ExtensionType, ParameterType};

use crate::{
    pool::{Lookup, Word},
    uid::EntityTypeName,
};

/// A kind of values that an operation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A boolean.
    Bool,
    /// An integer.
    Long,
    /// A string.
    String,
    /// An entity of any type.
    Entity,
    /// A set.
    Set,
    /// A record.
    Record,
    /// A value of an extension type.
    Extension(ExtensionType),
}

impl Kind {
    pub(crate) fn of(word: Word) -> Self {
        match word {
            Word::Bool(_) => Self::Bool,
            Word::Long(_) => Self::Long,
            Word::String(_) => Self::String,
            Word::Entity(_) => Self::Entity,
            Word::Set(_) => Self::Set,
            Word::Record(_) => Self::Record,
            Word::Decimal(_) => Self::Extension(ExtensionType::Decimal),
            Word::Ip(_) => Self::Extension(ExtensionType::IpAddr),
            Word::Datetime(_) => Self::Extension(ExtensionType::Datetime),
            Word::Duration(_) => Self::Extension(ExtensionType::Duration),
        }
    }
}

impl From<ParameterType> for Kind {
    fn from(ty: ParameterType) -> Self {
        match ty {
            ParameterType::Bool => Self::Bool,
            ParameterType::Long => Self::Long,
            ParameterType::String => Self::String,
            ParameterType::Extension(ty) => Self::Extension(ty),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Long => "long",
            Self::String => "string",
            Self::Entity => "entity",
            Self::Set => "set",
            Self::Record => "record",
            Self::Extension(ty) => ty.name(),
        })
    }
}

/// The kind of a value that was found, with the type if it is an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundKind {
    /// The kind.
    pub kind: Kind,
    /// The type of the entity, if it is one.
    pub entity_type: Option<EntityTypeName>,
}

impl FoundKind {
    pub(crate) fn of(word: Word, interner: &impl Lookup) -> Self {
        let entity_type = match word {
            Word::Entity(entity) => Some(interner.type_name(interner.entity_parts(entity).0)),
            Word::Bool(_)
            | Word::Long(_)
            | Word::String(_)
            | Word::Set(_)
            | Word::Record(_)
            | Word::Decimal(_)
            | Word::Ip(_)
            | Word::Datetime(_)
            | Word::Duration(_) => None,
        };
        Self { kind: Kind::of(word), entity_type }
    }
}

impl fmt::Display for FoundKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entity_type {
            Some(ty) => write!(f, "entity of type `{ty}`"),
            None => write!(f, "{}", self.kind),
        }
    }
}
