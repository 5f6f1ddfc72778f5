//! The entities that requests are decided on: attributes, tags and the hierarchy.
//!
//! A store is one pool of interned values and one row for each entity. The hierarchy is closed once, when the store
//! is made: a row knows all its ancestors, sorted, so `in` is one binary search. Rows with the same parents share
//! their list of ancestors, because most entities of an application hang in the hierarchy side by side.
//!
//! A store is made whole or not at all: an error leaves nothing half-loaded.
//!
//! Invariants:
//! - The hierarchy has no cycle; the ancestors of a row are closed under the parents of the rows that exist.
//! - With a schema, every entity conforms to it, and its actions are there.

mod closure;
pub(crate) mod conform;
mod json;

use core::fmt;
use std::{collections::BTreeMap, sync::Arc};

use deodar_lexicon::{json::Writer, limits};
use hashbrown::{HashMap, hash_map::Entry};
use smol_str::SmolStr;

use crate::{
    EntityUid, InputCode, InputError, Shapes, Value, ValueRef,
    input::Element,
    pool::{EntityId, Handle, Interner, Pool, RecordId, Word},
    value,
};

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

    /// The same entity with these tags.
    #[must_use]
    pub fn with_tags<K: Into<SmolStr>>(mut self, tags: impl IntoIterator<Item = (K, Value)>) -> Self {
        self.tags = tags.into_iter().map(|(key, value)| (key.into(), value)).collect();
        self
    }
}

/// One entity of a store.
#[derive(Debug, Clone)]
struct Row {
    uid: EntityId,
    attributes: RecordId,
    tags: RecordId,
    /// Sorted and unique.
    parents: Arc<[EntityId]>,
    /// Sorted and unique, the parents included.
    ancestors: Arc<[EntityId]>,
}

/// A store of entities.
#[derive(Clone, Default)]
pub struct Entities {
    pool: Pool,
    rows: Vec<Row>,
    /// For each entity name of the pool, its row, or [`NO_ROW`].
    row_of: Vec<u32>,
}

const NO_ROW: u32 = u32::MAX;

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
            let pool = &mut builder.pool;
            let mut record = |members: &BTreeMap<SmolStr, Value>| {
                let members = members.iter().map(|(name, value)| (pool.intern_string(name), value.copy_into(pool)));
                members.collect::<Vec<_>>()
            };
            let (attributes, tags) = (record(&entity.attributes), record(&entity.tags));
            let draft = Draft {
                uid: pool.intern_entity(&entity.uid),
                attributes: pool.intern_record(attributes),
                tags: pool.intern_record(tags),
                parents: entity.parents.iter().map(|parent| pool.intern_entity(parent)).collect(),
            };
            if let Some(checker) = &mut checker {
                checker.entity(pool, &draft).map_err(|(_, error)| error)?;
            }
            builder.add(draft, None)?;
        }
        builder.finish(shapes)
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
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
    pub fn iter(&self) -> impl ExactSizeIterator<Item = EntityRef<'_>> {
        self.rows.iter().map(|row| EntityRef { store: self, row })
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
    /// [`InputCode::ReservedKey`]: a record with such a key could not be read back.
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

    /// The values that the entities mention.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The pool, to link a program to it: a pool only grows, so the handles of this store stay valid.
    pub(crate) fn pool_mut(&mut self) -> &mut Pool {
        &mut self.pool
    }

    /// The attributes of an entity, if it is there.
    pub(crate) fn attributes(&self, id: EntityId) -> Option<RecordId> {
        self.row(id).map(|row| row.attributes)
    }

    /// The tags of an entity, if it is there.
    pub(crate) fn tags(&self, id: EntityId) -> Option<RecordId> {
        self.row(id).map(|row| row.tags)
    }

    /// Whether `ancestor` is an ancestor of `descendant`; no entity is one of its own.
    pub(crate) fn is_descendant(&self, descendant: EntityId, ancestor: EntityId) -> bool {
        self.row(descendant).is_some_and(|row| row.ancestors.binary_search(&ancestor).is_ok())
    }

    fn row(&self, id: EntityId) -> Option<&Row> {
        self.rows.get(*self.row_of.get(id.index() as usize)? as usize)
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
        ValueRef::new(&self.store.pool, Word::Record(self.row.attributes)).member(name)
    }

    /// The attributes, by name.
    pub fn attributes(&self) -> impl Iterator<Item = (&'e str, ValueRef<'e>)> + use<'e> {
        ValueRef::new(&self.store.pool, Word::Record(self.row.attributes)).members().into_iter().flatten()
    }

    /// A tag.
    pub fn tag(&self, key: &str) -> Option<ValueRef<'e>> {
        ValueRef::new(&self.store.pool, Word::Record(self.row.tags)).member(key)
    }

    /// The tags, by key.
    pub fn tags(&self) -> impl Iterator<Item = (&'e str, ValueRef<'e>)> + use<'e> {
        ValueRef::new(&self.store.pool, Word::Record(self.row.tags)).members().into_iter().flatten()
    }

    /// The parents, by name; they need not exist.
    pub fn parents(&self) -> impl Iterator<Item = EntityUid> + use<> {
        self.names(&self.row.parents)
    }

    /// All ancestors, by name; they need not exist.
    pub fn ancestors(&self) -> impl Iterator<Item = EntityUid> + use<> {
        self.names(&self.row.ancestors)
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
        write_members(pool, self.row.attributes, writer).map_err(|error| error.about(format!("`{}`", self.uid())))?;
        writer.key("parents");
        writer.begin_array();
        self.parents().for_each(|parent| value::write_uid(&parent, writer));
        writer.end_array();
        if !pool.record(self.row.tags).is_empty() {
            writer.key("tags");
            write_members(pool, self.row.tags, writer).map_err(|error| error.about(format!("`{}`", self.uid())))?;
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
fn write_members(pool: &Pool, id: RecordId, writer: &mut Writer) -> Result<(), InputError> {
    let mut members: Vec<_> = pool.record(id).iter().map(|(name, word)| (pool.string(*name), *word)).collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    writer.begin_object();
    for (name, word) in members {
        writer.key(name);
        value::write_json(pool, word, writer)?;
    }
    writer.end_object();
    Ok(())
}

/// One entity before the hierarchy is closed.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) uid: EntityId,
    pub(crate) attributes: RecordId,
    pub(crate) tags: RecordId,
    /// In any order, repeated or not.
    pub(crate) parents: Vec<EntityId>,
}

/// A store under construction.
#[derive(Debug)]
struct Builder {
    pool: Pool,
    rows: Vec<Row>,
    row_of: HashMap<EntityId, u32>,
    /// Where each row stands in the text, for messages.
    elements: Vec<Option<Element>>,
    lists: Lists,
}

/// Lists of entities, each kept once.
#[derive(Debug, Default)]
struct Lists(hashbrown::HashSet<Arc<[EntityId]>>);

impl Lists {
    fn share(&mut self, mut list: Vec<EntityId>) -> Arc<[EntityId]> {
        list.sort_unstable();
        list.dedup();
        Arc::clone(self.0.get_or_insert_with(list.as_slice(), |list| list.into()))
    }
}

impl Builder {
    fn new() -> Self {
        let (pool, rows, elements) = (Pool::default(), Vec::new(), Vec::new());
        Self { pool, rows, row_of: HashMap::new(), elements, lists: Lists::default() }
    }

    /// Adds an entity; one that is there already must be the same.
    fn add(&mut self, draft: Draft, element: Option<Element>) -> Result<(), InputError> {
        let parents = self.lists.share(draft.parents);
        let ancestors = Arc::clone(&parents);
        let row = Row { uid: draft.uid, attributes: draft.attributes, tags: draft.tags, parents, ancestors };
        // Rows are fewer than entity names, which have 32-bit handles.
        let next = u32::try_from(self.rows.len()).unwrap_or(NO_ROW);
        match self.row_of.entry(draft.uid) {
            Entry::Vacant(entry) => {
                entry.insert(next);
                self.rows.push(row);
                self.elements.push(element);
            }
            Entry::Occupied(entry) => {
                let at = *entry.get() as usize;
                let first = self.rows.get(at);
                let same = first.is_some_and(|first| {
                    (first.attributes, first.tags, &first.parents) == (row.attributes, row.tags, &row.parents)
                });
                if !same {
                    return Err(self.duplicate(&row, at));
                }
            }
        }
        Ok(())
    }

    #[cold]
    fn duplicate(&self, row: &Row, first: usize) -> InputError {
        let uid = self.pool.entity_uid(row.uid);
        let error = InputError::new(
            InputCode::DuplicateEntity,
            format!("the entity `{uid}` is given twice, with different attributes, tags or parents"),
        );
        match self.element(first) {
            Some(Element { offset, index }) => {
                error.with_help(format!("the first one is at `[{index}]`, byte {offset}"))
            }
            None => error,
        }
    }

    fn element(&self, row: usize) -> Option<Element> {
        self.elements.get(row).copied().flatten()
    }

    /// Closes the hierarchy, compares the actions with the schema and adds those of the schema.
    fn finish(mut self, shapes: Option<&Shapes>) -> Result<Entities, InputError> {
        let index = |id: &EntityId| self.row_of.get(id).copied();
        let budget = limits::ANCESTORS.as_usize();
        closure::close(&mut self.rows, index, &mut self.lists, budget)
            .map_err(|failure| self.hierarchy_error(failure))?;
        if let Some(shapes) = shapes {
            self.add_actions(shapes)?;
        }
        let mut row_of = Vec::new();
        for (index, row) in (0..).zip(&self.rows) {
            let id = row.uid.index() as usize;
            if row_of.len() <= id {
                row_of.resize(id + 1, NO_ROW);
            }
            if let Some(slot) = row_of.get_mut(id) {
                *slot = index;
            }
        }
        Ok(Entities { pool: self.pool, rows: self.rows, row_of })
    }

    fn add_actions(&mut self, shapes: &Shapes) -> Result<(), InputError> {
        for (index, row) in self.rows.iter().enumerate() {
            let uid = self.pool.entity_uid(row.uid);
            if uid.entity_type().is_action() {
                let check = conform::action(shapes, &self.pool, &uid, row);
                check.map_err(|error| error.at_element(self.element(index)))?;
            }
        }
        for (uid, shape) in &shapes.actions {
            let mut list = |uids: &std::collections::BTreeSet<EntityUid>| {
                let ids = uids.iter().map(|uid| self.pool.intern_entity(uid)).collect();
                self.lists.share(ids)
            };
            let (parents, ancestors) = (list(&shape.parents), list(&shape.ancestors));
            let uid = self.pool.intern_entity(uid);
            let empty = self.pool.intern_record(Vec::new());
            let row = Row { uid, attributes: empty, tags: empty, parents, ancestors };
            match self.row_of.get(&uid).and_then(|at| self.rows.get_mut(*at as usize)) {
                // The user's row was compared with the schema, but may have its parents in another form.
                Some(known) => *known = row,
                None => self.rows.push(row),
            }
        }
        Ok(())
    }

    #[cold]
    fn hierarchy_error(&self, failure: closure::Failure) -> InputError {
        match failure {
            closure::Failure::TooLarge => InputError::new(
                InputCode::HierarchyTooLarge,
                format!("the hierarchy exceeds the limit {}", limits::ANCESTORS),
            ),
            closure::Failure::Cycle(rows) => {
                let names = rows.iter().filter_map(|row| self.rows.get(*row)).map(|row| self.pool.entity_uid(row.uid));
                let path: Vec<String> = names.map(|uid| format!("`{uid}`")).collect();
                let message = match path.as_slice() {
                    [uid] => format!("the entity {uid} is its own parent"),
                    [first, ..] => format!("the hierarchy has a cycle: {} in {first}", path.join(" in ")),
                    [] => "the hierarchy has a cycle".to_owned(),
                };
                let error = InputError::new(InputCode::EntityCycle, message);
                let first = rows.first().and_then(|row| self.element(*row));
                error.with_help("an entity cannot be its own ancestor").at_element(first)
            }
        }
    }
}
