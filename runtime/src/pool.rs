//! Interned strings, entity names, sets and records.
//!
//! A [`Word`] is a small copy of a value: a scalar, or a handle into a pool. Equal values get equal handles, sets and
//! records included, because a container is stored once under its canonical content. So `==` on any two values of a
//! request is one comparison of words, at any depth, and `contains` is a search for a word.
//!
//! There are two layers. The [`Pool`] holds everything that entities and programs mention; it only grows, and its
//! copies share what they have in common, so a handle stays valid in every later snapshot. Each request has a
//! [`Layer`] on top of it for what only the request mentions or a policy creates; looking up tries the pool first, so
//! a value has one handle. Handles of the layer start where those of the pool end.
//!
//! Invariants:
//! - Content refers to handles that were given out before; so copying a layer is one loop in order of handles.
//! - The elements of a set are sorted and unique, the keys of a record are sorted by handle and unique.

mod chunks;
mod copy;
mod entity_set;
mod layer;
mod slots;
mod table;

use core::{
    borrow::Borrow,
    hash::{BuildHasher, Hash, Hasher},
};
use std::sync::Arc;

use deodar_lexicon::builtin::ExtensionType;
use hashbrown::DefaultHashBuilder;
use smol_str::SmolStr;

use crate::{
    extension::IpRange,
    uid::{EntityTypeName, EntityUid},
};

pub(crate) use chunks::Chunks;
pub(crate) use copy::Copier;
pub(crate) use entity_set::EntitySet;
use layer::{Buffer, LayerTable, Singles};
pub(crate) use layer::{Layer, Translation};
use slots::Slots;
use table::Table;

macro_rules! handles {
    ($($(#[$meta:meta])* $name:ident: $content:ty, $stored:ty, $buffer:ty, $table:ident;)+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
            pub(crate) struct $name(u32);

            impl Handle for $name {
                fn from_index(index: u32) -> Self {
                    Self(index)
                }

                fn index(self) -> u32 {
                    self.0
                }
            }

            impl Kind for $name {
                type Content = $content;
                type Stored = $stored;
                type Buffer = $buffer;

                fn store(content: &$content) -> $stored {
                    <$stored as Store<$content>>::store(content)
                }

                fn pool(pool: &Pool) -> &Table<Self> {
                    &pool.$table
                }

                fn pool_mut(pool: &mut Pool) -> &mut Table<Self> {
                    &mut pool.$table
                }

                fn layer(layer: &Layer) -> &LayerTable<Self> {
                    &layer.$table
                }

                fn layer_mut(layer: &mut Layer) -> &mut LayerTable<Self> {
                    &mut layer.$table
                }

                fn container(self) -> Option<Word> {
                    Word::container(stringify!($table), self.0)
                }
            }
        )+

        /// What entities and programs mention. Copies share what they have in common.
        #[derive(Debug, Clone, Default)]
        pub(crate) struct Pool {
            hasher: DefaultHashBuilder,
            $($table: Table<$name>,)+
            /// The entities by the texts of their names.
            names: Slots,
            /// The record without members, once there is one.
            empty_record: Option<RecordId>,
        }

        impl Pool {
            /// The bytes of names and values, what they point to included.
            pub(crate) fn bytes(&self) -> usize {
                let mut bytes = self.names.bytes();
                $(
                    bytes += self.$table.bytes();
                    bytes += self.$table.iter().map(Store::<$content>::heap).sum::<usize>();
                )+
                bytes
            }
        }
    };
}

/// A position in one table of a pool.
pub(crate) trait Handle: Copy {
    fn from_index(index: u32) -> Self;
    fn index(self) -> u32;
}

/// What a handle stands for, and where it lies.
pub(crate) trait Kind: Handle + core::fmt::Debug + 'static {
    type Content: ?Sized + Hash + Eq + 'static;
    /// How a pool keeps it.
    type Stored: Borrow<Self::Content> + Clone + Default + core::fmt::Debug;
    /// How a layer keeps it.
    type Buffer: Buffer<Item = Self::Content> + Clone + Default + core::fmt::Debug;

    fn store(content: &Self::Content) -> Self::Stored;
    fn pool(pool: &Pool) -> &Table<Self>;
    fn pool_mut(pool: &mut Pool) -> &mut Table<Self>;
    fn layer(layer: &Layer) -> &LayerTable<Self>;
    fn layer_mut(layer: &mut Layer) -> &mut LayerTable<Self>;
    /// The word, if it is a set or record.
    fn container(self) -> Option<Word>;
}

/// How content is kept in a pool.
pub(crate) trait Store<C: ?Sized> {
    fn store(content: &C) -> Self;
    /// The bytes that it points to.
    fn heap(&self) -> usize;
}

impl Store<str> for SmolStr {
    fn store(content: &str) -> Self {
        Self::new(content)
    }

    fn heap(&self) -> usize {
        if self.is_heap_allocated() { self.len() + 2 * size_of::<usize>() } else { 0 }
    }
}

impl<T: Clone> Store<T> for T {
    fn store(content: &T) -> Self {
        content.clone()
    }

    fn heap(&self) -> usize {
        0
    }
}

impl Store<[Member]> for Members {
    fn store(content: &[Member]) -> Self {
        content.into()
    }

    fn heap(&self) -> usize {
        size_of_val(&**self) + 2 * size_of::<usize>()
    }
}

/// The elements of a set.
#[derive(Debug, Clone, Default)]
pub(crate) struct SetContent {
    elements: Arc<[Word]>,
    /// The same elements, if all of them are entities, for `in` and `contains`.
    entities: Option<Arc<EntitySet>>,
}

impl Borrow<[Word]> for SetContent {
    fn borrow(&self) -> &[Word] {
        &self.elements
    }
}

impl Store<[Word]> for SetContent {
    fn store(content: &[Word]) -> Self {
        let entities: Option<Vec<EntityId>> = content.iter().map(|word| word.entity()).collect();
        Self { elements: content.into(), entities: entities.map(|entities| Arc::new(EntitySet::new(entities))) }
    }

    fn heap(&self) -> usize {
        let entities = self.entities.as_ref().map_or(0, |set| set.bytes() + size_of::<EntitySet>());
        size_of_val(&*self.elements) + 2 * size_of::<usize>() + entities
    }
}

handles! {
    /// A string value, attribute name, tag key or entity id.
    StringId: str, SmolStr, String, strings;
    /// The name of an entity type.
    TypeId: str, SmolStr, String, types;
    /// The name of an entity, whether or not the entity exists.
    EntityId: (TypeId, StringId), (TypeId, StringId), Singles<(TypeId, StringId)>, entities;
    /// The content of a set.
    SetId: [Word], SetContent, Vec<Word>, sets;
    /// The content of a record.
    RecordId: [Member], Members, Vec<Member>, records;
    /// An IP address or range.
    IpId: IpRange, IpRange, Singles<IpRange>, ips;
}

/// A value as the VM sees it: two machine words, compared by comparing bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Word {
    Bool(bool),
    Long(i64),
    String(StringId),
    Entity(EntityId),
    Set(SetId),
    Record(RecordId),
    /// In units of 10⁻⁴.
    Decimal(i64),
    Ip(IpId),
    /// In milliseconds since 1970-01-01T00:00:00Z.
    Datetime(i64),
    /// In milliseconds.
    Duration(i64),
}

impl Default for Word {
    fn default() -> Self {
        Self::Bool(false)
    }
}

impl Word {
    /// The extension type, if it is a value of one.
    pub(crate) fn extension_type(self) -> Option<ExtensionType> {
        match self {
            Self::Decimal(_) => Some(ExtensionType::Decimal),
            Self::Ip(_) => Some(ExtensionType::IpAddr),
            Self::Datetime(_) => Some(ExtensionType::Datetime),
            Self::Duration(_) => Some(ExtensionType::Duration),
            Self::Bool(_) | Self::Long(_) | Self::String(_) | Self::Entity(_) | Self::Set(_) | Self::Record(_) => None,
        }
    }

    /// The entity, if it is one.
    pub(crate) fn entity(self) -> Option<EntityId> {
        if let Self::Entity(entity) = self { Some(entity) } else { None }
    }

    fn container(table: &str, index: u32) -> Option<Self> {
        match table {
            "sets" => Some(Self::Set(SetId(index))),
            "records" => Some(Self::Record(RecordId(index))),
            _ => None,
        }
    }
}

/// A name and a value.
pub(crate) type Member = (StringId, Word);

/// The members of a record, sorted by name handle.
pub(crate) type Members = Arc<[Member]>;

/// The value of a member.
#[inline]
pub(crate) fn member(members: &[Member], name: StringId) -> Option<Word> {
    find_member(members, name).copied()
}

/// The value of a member, where it lies.
#[inline]
pub(crate) fn find_member(members: &[Member], name: StringId) -> Option<&Word> {
    // Most records are short; a search that knows where it is going is no faster there.
    if members.len() > 8 {
        return find_member_of_many(members, name);
    }
    members.iter().find(|(known, _)| *known == name).map(|(_, word)| word)
}

#[inline(never)]
fn find_member_of_many(members: &[Member], name: StringId) -> Option<&Word> {
    let at = members.binary_search_by_key(&name, |(known, _)| *known).ok()?;
    members.get(at).map(|(_, word)| word)
}

/// Puts members into their order; of members with the same name the last one counts.
pub(crate) fn sort_members(members: &mut Vec<Member>) {
    members.reverse();
    members.sort_by_key(|(name, _)| *name);
    members.dedup_by_key(|(name, _)| *name);
}

/// What can look values up.
pub(crate) trait Lookup {
    fn hash_of<T: Hash + ?Sized>(&self, content: &T) -> u64;
    fn find_hashed<K: Kind>(&self, hash: u64, content: &K::Content) -> Option<K>;
    fn content<K: Kind>(&self, handle: K) -> Option<&K::Content>;

    /// The elements of a set all of which are entities, if they lie in a form that is fast to search.
    fn entity_set(&self, _: SetId) -> Option<&EntitySet> {
        None
    }

    fn find<K: Kind>(&self, content: &K::Content) -> Option<K> {
        self.find_hashed(self.hash_of(content), content)
    }

    /// The handle of a string that is interned already.
    fn find_string(&self, text: &str) -> Option<StringId> {
        self.find(text)
    }

    /// The handle of an entity name that is interned already.
    fn find_entity(&self, uid: &EntityUid) -> Option<EntityId> {
        let ty = self.find::<TypeId>(uid.entity_type().as_str())?;
        self.find(&(ty, self.find_string(uid.id())?))
    }

    fn string(&self, id: StringId) -> &str {
        self.content(id).unwrap_or_default()
    }

    fn type_text(&self, id: TypeId) -> &str {
        self.content(id).unwrap_or_default()
    }

    fn type_name(&self, id: TypeId) -> EntityTypeName {
        EntityTypeName::from_checked(SmolStr::new(self.type_text(id)))
    }

    /// The type and the id of an entity.
    fn entity_parts(&self, id: EntityId) -> (TypeId, StringId) {
        self.content(id).copied().unwrap_or((TypeId(u32::MAX), StringId(u32::MAX)))
    }

    fn entity_uid(&self, id: EntityId) -> EntityUid {
        let (ty, id) = self.entity_parts(id);
        EntityUid::new(self.type_name(ty), self.string(id))
    }

    /// The elements, sorted and unique.
    fn set(&self, id: SetId) -> &[Word] {
        self.content(id).unwrap_or_default()
    }

    /// The members, sorted by name handle.
    fn record(&self, id: RecordId) -> &[Member] {
        self.content(id).unwrap_or_default()
    }

    fn ip(&self, id: IpId) -> IpRange {
        self.content(id).copied().unwrap_or_default()
    }

    /// The value of a member.
    fn member(&self, id: RecordId, name: StringId) -> Option<Word> {
        member(self.record(id), name)
    }
}

/// What can look values up and add them: a [`Pool`], a [`Layer`], or a layer on top of a pool.
pub(crate) trait Interner: Lookup {
    /// Adds content that is not there yet.
    fn add<K: Kind>(&mut self, hash: u64, content: &K::Content) -> K;

    fn intern<K: Kind>(&mut self, content: &K::Content) -> K {
        let hash = self.hash_of(content);
        match self.find_hashed(hash, content) {
            Some(handle) => handle,
            None => self.add(hash, content),
        }
    }

    fn intern_string(&mut self, text: &str) -> StringId {
        self.intern(text)
    }

    fn intern_type(&mut self, name: &EntityTypeName) -> TypeId {
        self.intern(name.as_str())
    }

    fn intern_entity(&mut self, uid: &EntityUid) -> EntityId {
        let ty = self.intern_type(uid.entity_type());
        let id = self.intern_string(uid.id());
        self.intern_entity_parts(ty, id)
    }

    fn intern_entity_parts(&mut self, ty: TypeId, id: StringId) -> EntityId {
        self.intern(&(ty, id))
    }

    fn intern_ip(&mut self, ip: IpRange) -> IpId {
        self.intern(&ip)
    }

    /// The set of these elements, in any order, repeated or not; they are put in order on the way.
    fn intern_set(&mut self, elements: &mut Vec<Word>) -> SetId {
        elements.sort_unstable();
        elements.dedup();
        self.intern(elements.as_slice())
    }

    /// The record of these members, in any order; of members with the same name the last one counts.
    fn intern_record(&mut self, members: &mut Vec<Member>) -> RecordId {
        sort_members(members);
        self.intern(members.as_slice())
    }

    /// The record of these members, each name once, in any order.
    fn intern_unique(&mut self, members: &mut [Member]) -> RecordId {
        members.sort_unstable_by_key(|(name, _)| *name);
        self.intern(&*members)
    }
}

impl Pool {
    /// Makes the record without members, which is the context of most requests.
    pub(crate) fn add_empty_record(&mut self) {
        self.empty_record = Some(self.intern(&[][..]));
    }

    /// The entity of that name, in one search. Short texts that are kept in the same way are compared as words.
    #[inline]
    pub(crate) fn find_uid(&self, uid: &EntityUid) -> Option<EntityId> {
        let (ty, id) = uid.texts();
        let is_it = |at: u32| {
            let Some((known_type, known_id)) = self.entities.get(EntityId(at)) else { return false };
            self.strings.get(*known_id) == Some(id) && self.types.get(*known_type) == Some(ty)
        };
        self.names.find(hash_of_name(&self.hasher, ty, id), is_it).map(EntityId)
    }

    /// The entity of that name.
    pub(crate) fn find_name(&self, ty: &str, id: &str) -> Option<EntityId> {
        let is_it = |at: u32| {
            let Some((known_type, known_id)) = self.entities.get(EntityId(at)) else { return false };
            self.string(*known_id) == id && self.type_text(*known_type) == ty
        };
        self.names.find(hash_of_name(&self.hasher, ty, id), is_it).map(EntityId)
    }

    /// The members of a record that the pool has.
    #[inline]
    pub(crate) fn known_record(&self, record: RecordId) -> Option<&[Member]> {
        if record.0 < self.records.len() { self.content(record) } else { None }
    }

    /// Whether the pool gave out the handle.
    #[inline]
    pub(crate) fn knows(&self, entity: EntityId) -> bool {
        entity.0 < self.entities.len()
    }
}

/// The hash of the texts of a name; texts of equal concatenation collide, and are told apart by comparison.
#[inline]
fn hash_of_name(hasher: &DefaultHashBuilder, ty: &str, id: &str) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(ty.as_bytes());
    hasher.write(id.as_bytes());
    hasher.finish()
}

impl Lookup for Pool {
    fn find_entity(&self, uid: &EntityUid) -> Option<EntityId> {
        self.find_uid(uid)
    }

    fn hash_of<T: Hash + ?Sized>(&self, content: &T) -> u64 {
        self.hasher.hash_one(content)
    }

    fn find_hashed<K: Kind>(&self, hash: u64, content: &K::Content) -> Option<K> {
        K::pool(self).find(hash, content)
    }

    fn content<K: Kind>(&self, handle: K) -> Option<&K::Content> {
        K::pool(self).get(handle).map(Borrow::borrow)
    }

    #[inline]
    fn entity_set(&self, id: SetId) -> Option<&EntitySet> {
        self.sets.get(id)?.entities.as_deref()
    }
}

impl Interner for Pool {
    fn add<K: Kind>(&mut self, hash: u64, content: &K::Content) -> K {
        let hasher = self.hasher.clone();
        K::pool_mut(self).add(hash, content, |content| hasher.hash_one(content))
    }

    fn intern_entity(&mut self, uid: &EntityUid) -> EntityId {
        self.find_entity(uid).unwrap_or_else(|| {
            let ty = self.intern_type(uid.entity_type());
            let id = self.intern_string(uid.id());
            self.intern_entity_parts(ty, id)
        })
    }

    fn intern_entity_parts(&mut self, ty: TypeId, id: StringId) -> EntityId {
        let hash = self.hash_of(&(ty, id));
        if let Some(known) = self.find_hashed(hash, &(ty, id)) {
            return known;
        }
        let entity = self.add(hash, &(ty, id));
        let Self { hasher, types, strings, entities, names, .. } = self;
        let hash_of = |ty: TypeId, id: StringId| {
            let (ty, id) = (types.get(ty).map_or("", Borrow::borrow), strings.get(id).map_or("", Borrow::borrow));
            hash_of_name(hasher, ty, id)
        };
        names.add(hash_of(ty, id), |at| entities.get(EntityId(at)).map_or(0, |(ty, id)| hash_of(*ty, *id)));
        entity
    }
}

/// A layer on top of a pool.
#[derive(Debug)]
pub(crate) struct Overlay<'b> {
    base: &'b Pool,
    layer: &'b mut Layer,
}

impl<'b> Overlay<'b> {
    /// An empty layer on top of a pool.
    pub(crate) fn new(base: &'b Pool, layer: &'b mut Layer) -> Self {
        layer.reset();
        Self { base, layer }
    }

    /// A layer as it is, on top of the pool that it was made for.
    pub(crate) fn again(base: &'b Pool, layer: &'b mut Layer) -> Self {
        Self { base, layer }
    }

    /// The entity of that name, if entities or policies mention it.
    pub(crate) fn find_name(&self, ty: &str, id: &str) -> Option<EntityId> {
        self.base.find_name(ty, id)
    }

    /// The entity of that name.
    #[inline]
    pub(crate) fn intern_name(&mut self, ty: &str, id: &str) -> EntityId {
        match self.base.find_name(ty, id) {
            Some(known) => known,
            None => self.intern_unknown_name(ty, id),
        }
    }

    #[inline(never)]
    fn intern_unknown_name(&mut self, ty: &str, id: &str) -> EntityId {
        let ty = self.intern::<TypeId>(ty);
        let id = self.intern_string(id);
        self.intern_entity_parts(ty, id)
    }

    /// The record without members, if the pool has it.
    pub(crate) fn empty_record(&self) -> Option<RecordId> {
        self.base.empty_record
    }
}

impl Lookup for Overlay<'_> {
    fn hash_of<T: Hash + ?Sized>(&self, content: &T) -> u64 {
        self.base.hash_of(content)
    }

    fn find_hashed<K: Kind>(&self, hash: u64, content: &K::Content) -> Option<K> {
        find(self.base, self.layer, hash, content)
    }

    #[inline]
    fn content<K: Kind>(&self, handle: K) -> Option<&K::Content> {
        content(self.base, self.layer, handle)
    }

    fn entity_set(&self, id: SetId) -> Option<&EntitySet> {
        self.base.entity_set(id)
    }
}

#[inline]
fn content<'b, K: Kind>(base: &'b Pool, layer: &'b Layer, handle: K) -> Option<&'b K::Content> {
    let below = K::pool(base).len();
    if handle.index() < below { base.content(handle) } else { K::layer(layer).get(handle, below) }
}

fn find<K: Kind>(base: &Pool, layer: &Layer, hash: u64, content: &K::Content) -> Option<K> {
    let table = K::pool(base);
    table.find(hash, content).or_else(|| K::layer(layer).find(hash, content, table.len()))
}

/// A layer on top of a pool, to look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layered<'b> {
    base: &'b Pool,
    layer: &'b Layer,
}

impl<'b> Layered<'b> {
    pub(crate) fn new(base: &'b Pool, layer: &'b Layer) -> Self {
        Self { base, layer }
    }
}

impl Lookup for Layered<'_> {
    fn hash_of<T: Hash + ?Sized>(&self, content: &T) -> u64 {
        self.base.hash_of(content)
    }

    fn find_hashed<K: Kind>(&self, hash: u64, content: &K::Content) -> Option<K> {
        find(self.base, self.layer, hash, content)
    }

    fn content<K: Kind>(&self, handle: K) -> Option<&K::Content> {
        content(self.base, self.layer, handle)
    }
}

impl Interner for Overlay<'_> {
    fn add<K: Kind>(&mut self, hash: u64, content: &K::Content) -> K {
        self.layer.add_item(hash, content, K::pool(self.base).len())
    }

    #[inline]
    fn intern_entity(&mut self, uid: &EntityUid) -> EntityId {
        match self.base.find_uid(uid) {
            Some(known) => known,
            None => self.intern_unknown_name(uid.entity_type().as_str(), uid.id()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(text: &str) -> EntityUid {
        text.parse().expect("an entity")
    }

    #[test]
    fn equal_values_have_equal_handles_across_layers() {
        let mut base = Pool::default();
        let a = base.intern_string("a");
        let set = base.intern_set(&mut vec![Word::Long(2), Word::Long(1), Word::Long(2)]);
        let mut layer = Layer::default();
        let mut overlay = Overlay::new(&base, &mut layer);
        assert_eq!(overlay.intern_string("a"), a);
        assert_eq!(overlay.intern_set(&mut vec![Word::Long(1), Word::Long(2)]), set);
        let b = overlay.intern_string("b");
        assert_ne!(a, b);
        assert_eq!(overlay.intern_string("b"), b);
        assert_eq!((overlay.string(a), overlay.string(b)), ("a", "b"));
        let u = overlay.intern_entity(&entity(r#"U::"b""#));
        assert_eq!(overlay.entity_uid(u), entity(r#"U::"b""#));
        assert_eq!(overlay.find_entity(&entity(r#"U::"c""#)), None);
    }

    #[test]
    fn nested_values_survive_a_copy() {
        let mut from = Pool::default();
        let name = from.intern_string("name");
        let mut word = Word::Entity(from.intern_entity(&entity(r#"U::"a""#)));
        for _ in 0..50_000 {
            let record = from.intern_record(&mut vec![(name, word)]);
            word = Word::Set(from.intern_set(&mut vec![Word::Record(record), Word::Long(1)]));
        }
        let mut into = Pool::default();
        into.intern_string("shift the handles");
        let copy = Copier::new(&from).copy(word, &mut into);
        let back = Copier::new(&into).copy(copy, &mut from);
        assert_eq!(back, word);
    }

    #[test]
    fn a_layer_is_translated_whole() {
        let mut layer = Layer::default();
        let name = layer.intern_string("name");
        let user = layer.intern_entity(&entity(r#"U::"a""#));
        let inner = layer.intern_record(&mut vec![(name, Word::Entity(user))]);
        let set = layer.intern_set(&mut vec![Word::Record(inner), Word::String(name)]);
        let mut base = Pool::default();
        base.intern_string("shift the handles");
        base.intern_string("name");
        let mut top = Layer::default();
        let mut overlay = Overlay::new(&base, &mut top);
        let copy = layer.translate(Word::Set(set), &mut overlay, &mut Translation::default());
        assert_eq!(Copier::new(&overlay).copy(copy, &mut layer), Word::Set(set));
    }
}
