//! What a schema says about data: the shapes of entities, actions and contexts.
//!
//! The compiler resolves a schema into [`Shapes`]; the run time reads them to decode JSON by type and to validate
//! entities and requests. Types lie in one arena and may be shared, so a schema of nested common types stays as small
//! as it was written.

use std::collections::{BTreeMap, BTreeSet};

use deodar_lexicon::builtin::ExtensionType;
use smol_str::SmolStr;

use crate::uid::{EntityTypeName, EntityUid};

/// A type of one [`Shapes`] arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeIndex(u32);

impl TypeIndex {
    /// The position in the arena, for side tables.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// What [`number`](Self::number) gave; [`Shapes::from_parts`] checks it.
    pub(crate) fn from_number(number: u32) -> Self {
        Self(number)
    }
}

/// A type of values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// `Bool`
    Bool,
    /// `Long`
    Long,
    /// `String`
    String,
    /// Entities of one type.
    Entity(EntityTypeName),
    /// Values of an extension type.
    Extension(ExtensionType),
    /// Sets of elements of one type.
    Set(TypeIndex),
    /// Records with exactly these attributes.
    Record(RecordShape),
}

/// The attributes of a record or entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RecordShape {
    /// By name.
    pub attributes: BTreeMap<SmolStr, AttributeShape>,
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttributeShape {
    /// Its type.
    pub ty: TypeIndex,
    /// Whether it must be there.
    pub required: bool,
}

/// An entity type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityShape {
    /// What its entities are.
    pub kind: EntityShapeKind,
    /// The types that ancestors may have, transitively closed.
    pub ancestor_types: BTreeSet<EntityTypeName>,
}

/// The kinds of entity types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityShapeKind {
    /// With attributes and tags.
    Standard {
        /// The attributes.
        attributes: RecordShape,
        /// The type of the tags' values; absent means no tags.
        tags: Option<TypeIndex>,
    },
    /// Exactly the entities with these ids, without attributes, tags and parents (Cedar RFC 53).
    Enum(BTreeSet<SmolStr>),
    /// Defined elsewhere (Cedar RFC 116): no entity of the type can be validated.
    External,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionShape {
    /// The groups that it is directly a member of.
    pub parents: BTreeSet<EntityUid>,
    /// All groups that it belongs to, transitively closed.
    pub ancestors: BTreeSet<EntityUid>,
    /// The types of principals that it applies to.
    pub principals: BTreeSet<EntityTypeName>,
    /// The types of resources that it applies to.
    pub resources: BTreeSet<EntityTypeName>,
    /// The context that it takes.
    pub context: RecordShape,
    /// Whether it is only declared to exist, and defined elsewhere (Cedar RFC 116).
    pub external: bool,
}

/// The shapes of one schema.
#[derive(Debug, Clone, Default)]
pub struct Shapes {
    types: Vec<Type>,
    /// The entity types, action types excepted.
    pub entity_types: BTreeMap<EntityTypeName, EntityShape>,
    /// The actions.
    pub actions: BTreeMap<EntityUid, ActionShape>,
}

impl AsRef<Self> for Shapes {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Shapes {
    /// Adds a type whose parts are in the arena already.
    pub fn push_type(&mut self, ty: Type) -> TypeIndex {
        self.types.push(ty);
        TypeIndex(u32::try_from(self.types.len() - 1).unwrap_or(u32::MAX))
    }

    /// The type; an index of another arena gives an empty record or another type, never a panic.
    pub fn ty(&self, index: TypeIndex) -> &Type {
        const UNKNOWN: &Type = &Type::Record(RecordShape { attributes: BTreeMap::new() });
        self.types.get(index.0 as usize).unwrap_or(UNKNOWN)
    }

    /// Shapes of these parts, unless a type mentions one that does not come before it, or a declaration one that is not
    /// there.
    pub(crate) fn from_parts(
        types: Vec<Type>,
        entity_types: BTreeMap<EntityTypeName, EntityShape>,
        actions: BTreeMap<EntityUid, ActionShape>,
    ) -> Option<Self> {
        let known = |record: &RecordShape, before: usize| record.attributes.values().all(|a| a.ty.index() < before);
        let backward = types.iter().enumerate().all(|(at, ty)| match ty {
            Type::Bool | Type::Long | Type::String | Type::Entity(_) | Type::Extension(_) => true,
            Type::Set(element) => element.index() < at,
            Type::Record(shape) => known(shape, at),
        });
        let entities = entity_types.values().all(|shape| match &shape.kind {
            EntityShapeKind::Standard { attributes, tags } => {
                known(attributes, types.len()) && tags.is_none_or(|tags| tags.index() < types.len())
            }
            EntityShapeKind::Enum(_) | EntityShapeKind::External => true,
        });
        let contexts = actions.values().all(|action| known(&action.context, types.len()));
        (backward && entities && contexts).then_some(Self { types, entity_types, actions })
    }

    /// All types of the arena, parts before wholes.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.types.iter()
    }
}
