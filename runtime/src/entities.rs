//! The entities that requests are decided on: attributes, tags and the hierarchy.
//!
//! A store is one pool of interned values and one row for each entity. The hierarchy is closed when it changes: a row
//! knows all its ancestors, so `in` looks at one bucket of them. Rows with the same parents share their set of
//! ancestors, because most entities of an application hang in the hierarchy side by side.
//!
//! A store is a value. A copy of it is a snapshot that costs next to nothing and shares all that does not change;
//! [`update`] changes one in time proportional to what changes. A store is made whole or not at all, and an update that
//! fails leaves it as it was.
//!
//! Invariants:
//! - The hierarchy has no cycle; the ancestors of a row are closed under the parents of the rows that exist.
//! - With a schema, every entity conforms to it, and its actions are there.
//! - A handle of a store's pool means the same in every store that was copied from it and changed.

mod adopt;
mod build;
mod children;
mod closure;
pub(crate) mod conform;
mod json;
pub(crate) mod update;

use core::fmt;
use std::{collections::BTreeMap, sync::Arc};

use deodar_lexicon::json::Writer;
use hashbrown::HashSet;
use smol_str::SmolStr;

use crate::{
    EntityUid, InputError, Shapes, Value, ValueRef,
    pool::{Chunks, EntityId, EntitySet, Handle, Interner, Lookup, Member, Members, Pool, TypeId, sort_members},
    value,
};
use build::Builder;
pub(crate) use build::Draft;
use children::Children;

/// Entities on their way into a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    uid: EntityUid,
    attributes: BTreeMap<SmolStr, Value>,
    tags: BTreeMap<SmolStr, Value>,
    parents: Vec<EntityUid>,
}

impl Entity {
    /// An entity without tags.
    pub fn new<K: Into<SmolStr>>(
        uid: EntityUid,
        attributes: impl IntoIterator<Item = (K, Value)>,
        parents: impl IntoIterator<Item = EntityUid>,
    ) -> Self {
        let attributes = attributes.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Self { uid, attributes, tags: BTreeMap::new(), parents: parents.into_iter().collect() }
    }

    /// The name.
    pub fn uid(&self) -> &EntityUid {
        &self.uid
    }

    /// The same entity with these tags.
    #[must_use]
    pub fn with_tags<K: Into<SmolStr>>(mut self, tags: impl IntoIterator<Item = (K, Value)>) -> Self {
        self.tags = tags.into_iter().map(|(key, value)| (key.into(), value)).collect();
        self
    }
}

/// One entity of a store.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    uid: EntityId,
    pub(crate) ty: TypeId,
    pub(crate) attributes: Members,
    pub(crate) tags: Members,
    /// Sorted and unique.
    parents: Arc<[EntityId]>,
    /// The parents included.
    pub(crate) ancestors: Arc<EntitySet>,
}

/// A store of entities.
#[derive(Clone, Default)]
pub struct Entities {
    pool: Pool,
    /// By entity name.
    rows: Chunks<Option<Arc<Row>>>,
    /// How many rows there are.
    len: usize,
    children: Children,
}

impl Entities {
    /// A store without entities.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file of entities: an array of objects with `uid`, `attrs`, `parents` and, if there are any, `tags`.
    ///
    /// With a schema, entities and values of extension types may be written without escapes where the schema says
    /// what they are, every entity must conform, and the actions of the schema are added.
    ///
    /// # Errors
    /// The first mistake in the text.
    pub fn from_json(text: &str, shapes: Option<&Shapes>) -> Result<Self, InputError> {
        json::read(text, shapes)
    }

    /// A store of these entities. With a schema, they must conform, and the actions of the schema are added.
    ///
    /// # Errors
    /// The first mistake.
    pub fn from_entities(
        entities: impl IntoIterator<Item = Entity>,
        shapes: Option<&Shapes>,
    ) -> Result<Self, InputError> {
        let mut builder = Builder::new();
        let mut checker = shapes.map(conform::Checker::new);
        for entity in entities {
            let draft = entity.draft(&mut builder.pool);
            if let Some(checker) = &mut checker {
                checker.entity(&builder.pool, &draft).map_err(|(_, error)| error)?;
            }
            builder.add(draft, None)?;
        }
        builder.finish(shapes)
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the entity is there.
    pub fn contains(&self, uid: &EntityUid) -> bool {
        self.get(uid).is_some()
    }

    /// The entity of that name.
    pub fn get(&self, uid: &EntityUid) -> Option<EntityRef<'_>> {
        let row = self.row(self.pool.find_entity(uid)?)?;
        Some(EntityRef { store: self, row })
    }

    /// The entities, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = EntityRef<'_>> {
        self.rows.iter().flatten().map(|row| EntityRef { store: self, row })
    }

    /// All ancestors of an entity, if it is there, by name.
    pub fn ancestors(&self, uid: &EntityUid) -> Option<impl Iterator<Item = EntityUid>> {
        self.get(uid).map(|entity| entity.ancestors())
    }

    /// Whether `ancestor` is an ancestor of `descendant`; no entity is one of its own.
    pub fn is_ancestor(&self, ancestor: &EntityUid, descendant: &EntityUid) -> bool {
        let ids = self.pool.find_entity(descendant).zip(self.pool.find_entity(ancestor));
        ids.is_some_and(|(descendant, ancestor)| self.is_descendant(descendant, ancestor))
    }

    /// The entities in the form of entity files, by name.
    ///
    /// # Errors
    /// [`ReservedKey`](crate::InputCode::ReservedKey): a record with such a key could not be read back.
    pub fn to_json(&self) -> Result<String, InputError> {
        let mut entities: Vec<EntityRef<'_>> = self.iter().collect();
        entities.sort_by_cached_key(EntityRef::uid);
        let mut writer = Writer::indented();
        writer.begin_array();
        for entity in entities {
            entity.write_json(&mut writer)?;
        }
        writer.end_array();
        Ok(writer.finish())
    }

    /// The entities that are actions.
    pub(crate) fn actions(&self) -> impl Iterator<Item = EntityId> {
        let is_action = |row: &&Arc<Row>| deodar_lexicon::name::is_action_type(self.pool.type_text(row.ty));
        self.rows.iter().flatten().filter(is_action).map(|row| row.uid)
    }

    /// The values that the entities mention.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The pool, to link a program to it: a pool only grows, so the handles of this store stay valid.
    pub(crate) fn pool_mut(&mut self) -> &mut Pool {
        &mut self.pool
    }

    /// The attributes of an entity, if it is there.
    pub(crate) fn attributes(&self, id: EntityId) -> Option<&[Member]> {
        self.row(id).map(|row| &*row.attributes)
    }

    /// The tags of an entity, if it is there.
    pub(crate) fn tags(&self, id: EntityId) -> Option<&[Member]> {
        self.row(id).map(|row| &*row.tags)
    }

    /// Whether `ancestor` is an ancestor of `descendant`; no entity is one of its own.
    #[inline]
    pub(crate) fn is_descendant(&self, descendant: EntityId, ancestor: EntityId) -> bool {
        self.row(descendant).is_some_and(|row| row.ancestors.contains(ancestor))
    }

    #[inline]
    pub(crate) fn row(&self, id: EntityId) -> Option<&Row> {
        self.rows.get(id.index() as usize)?.as_deref()
    }

    /// The bytes of the store: names, values, attributes and the hierarchy, with the indexes to find them.
    pub fn bytes(&self) -> usize {
        let mut shared = HashSet::new();
        let mut bytes = self.pool.bytes() + self.rows.bytes() + self.children.bytes();
        for row in self.rows.iter().flatten() {
            bytes += size_of::<Row>() + ARC;
            let members = [&row.attributes, &row.tags].into_iter().filter(|members| !members.is_empty());
            bytes += members.map(|members| size_of_val(&**members) + ARC).sum::<usize>();
            if shared.insert(Arc::as_ptr(&row.parents).cast::<u8>()) {
                bytes += size_of_val(&*row.parents) + ARC;
            }
            if shared.insert(Arc::as_ptr(&row.ancestors).cast::<u8>()) {
                bytes += row.ancestors.bytes() + size_of::<EntitySet>() + ARC;
            }
        }
        bytes
    }
}

/// The counts in front of shared content.
const ARC: usize = 2 * size_of::<usize>();

impl Entity {
    /// The entity in the handles of a pool.
    fn draft(&self, pool: &mut Pool) -> Draft {
        let mut record = |members: &BTreeMap<SmolStr, Value>| {
            let members = members.iter().map(|(name, value)| (pool.intern_string(name), value.copy_into(pool)));
            let mut members: Vec<Member> = members.collect();
            sort_members(&mut members);
            members.into()
        };
        let (attributes, tags) = (record(&self.attributes), record(&self.tags));
        let uid = pool.intern_entity(&self.uid);
        Draft { uid, attributes, tags, parents: self.parents.iter().map(|parent| pool.intern_entity(parent)).collect() }
    }
}

impl fmt::Debug for Entities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entities({})", self.len())
    }
}

/// An entity of a store.
#[derive(Clone, Copy)]
pub struct EntityRef<'e> {
    store: &'e Entities,
    row: &'e Row,
}

impl<'e> EntityRef<'e> {
    /// The name.
    pub fn uid(&self) -> EntityUid {
        self.store.pool.entity_uid(self.row.uid)
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<ValueRef<'e>> {
        self.value(&self.row.attributes, name)
    }

    /// The attributes, by name.
    pub fn attributes(&self) -> impl Iterator<Item = (&'e str, ValueRef<'e>)> + use<'e> {
        self.values(&self.row.attributes)
    }

    /// A tag.
    pub fn tag(&self, key: &str) -> Option<ValueRef<'e>> {
        self.value(&self.row.tags, key)
    }

    /// The tags, by key.
    pub fn tags(&self) -> impl Iterator<Item = (&'e str, ValueRef<'e>)> + use<'e> {
        self.values(&self.row.tags)
    }

    /// The parents, by name; they need not exist.
    pub fn parents(&self) -> impl Iterator<Item = EntityUid> + use<> {
        self.names(&self.row.parents)
    }

    /// All ancestors, by name; they need not exist.
    pub fn ancestors(&self) -> impl Iterator<Item = EntityUid> + use<> {
        self.names(self.row.ancestors.sorted())
    }

    fn value(&self, members: &[Member], name: &str) -> Option<ValueRef<'e>> {
        let pool = &self.store.pool;
        crate::pool::member(members, pool.find_string(name)?).map(|word| ValueRef::in_pool(pool, word))
    }

    fn values(&self, members: &'e [Member]) -> impl Iterator<Item = (&'e str, ValueRef<'e>)> + use<'e> {
        let pool = &self.store.pool;
        let mut members: Vec<_> = members.iter().map(|(name, word)| (pool.string(*name), *word)).collect();
        members.sort_unstable_by_key(|(name, _)| *name);
        members.into_iter().map(|(name, word)| (name, ValueRef::in_pool(pool, word)))
    }

    fn names(&self, ids: &[EntityId]) -> std::vec::IntoIter<EntityUid> {
        let mut names: Vec<EntityUid> = ids.iter().map(|id| self.store.pool.entity_uid(*id)).collect();
        names.sort_unstable();
        names.into_iter()
    }

    fn write_json(&self, writer: &mut Writer) -> Result<(), InputError> {
        let pool = &self.store.pool;
        writer.begin_object();
        writer.key("uid");
        value::write_uid(&self.uid(), writer);
        writer.key("attrs");
        write_members(pool, &self.row.attributes, writer).map_err(|error| error.about(format!("`{}`", self.uid())))?;
        writer.key("parents");
        writer.begin_array();
        self.parents().for_each(|parent| value::write_uid(&parent, writer));
        writer.end_array();
        if !self.row.tags.is_empty() {
            writer.key("tags");
            write_members(pool, &self.row.tags, writer).map_err(|error| error.about(format!("`{}`", self.uid())))?;
        }
        writer.end_object();
        Ok(())
    }
}

impl fmt::Debug for EntityRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntityRef({})", self.uid())
    }
}

/// Writes attributes or tags. Unlike in a record, no name is reserved here.
fn write_members(pool: &Pool, members: &[Member], writer: &mut Writer) -> Result<(), InputError> {
    let mut members: Vec<_> = members.iter().map(|(name, word)| (pool.string(*name), *word)).collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    writer.begin_object();
    for (name, word) in members {
        writer.key(name);
        value::write_json(pool, word, writer)?;
    }
    writer.end_object();
    Ok(())
}
