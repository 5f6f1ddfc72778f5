//! The upper layer of interned values: what one request mentions and creates, or what one [`Value`](crate::Value) is.
//!
//! A layer is flat: each kind of content lies in one buffer, one item after the other. Clearing a layer keeps the
//! buffers, so that a layer that is used again and again allocates nothing once it has seen the largest request. It
//! knows positions, not handles: where its handles start is up to what it lies on, so that putting it on another pool
//! changes nothing in it, and an empty one costs a request nothing.

use core::{hash::BuildHasher, ops::Range};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{EntityId, Interner, IpId, Kind, Lookup, RecordId, SetId, StringId, TypeId, Word};

/// Where items of one kind lie one after the other.
pub(crate) trait Buffer {
    type Item: ?Sized;

    fn get(&self, range: Range<usize>) -> Option<&Self::Item>;
    fn append(&mut self, item: &Self::Item);
    fn len(&self) -> usize;
    fn clear(&mut self);
}

impl Buffer for String {
    type Item = str;

    fn get(&self, range: Range<usize>) -> Option<&str> {
        self.as_str().get(range)
    }

    fn append(&mut self, item: &str) {
        self.push_str(item);
    }

    fn len(&self) -> usize {
        self.as_str().len()
    }

    fn clear(&mut self) {
        self.clear();
    }
}

impl<T: Clone> Buffer for Vec<T> {
    type Item = [T];

    fn get(&self, range: Range<usize>) -> Option<&[T]> {
        self.as_slice().get(range)
    }

    fn append(&mut self, item: &[T]) {
        self.extend_from_slice(item);
    }

    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn clear(&mut self) {
        self.clear();
    }
}

/// Items that are one element each.
#[derive(Debug, Clone)]
pub(crate) struct Singles<T>(Vec<T>);

impl<T> Default for Singles<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone> Buffer for Singles<T> {
    type Item = T;

    fn get(&self, range: Range<usize>) -> Option<&T> {
        self.0.as_slice().get(range.start)
    }

    fn append(&mut self, item: &T) {
        self.0.push(item.clone());
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

/// The items of one kind.
#[derive(Debug, Clone)]
pub(crate) struct LayerTable<K: Kind> {
    buffer: K::Buffer,
    /// For each item, where it ends in the buffer.
    ends: Vec<usize>,
    /// Hashes and positions.
    index: HashTable<(u64, u32)>,
}

impl<K: Kind> Default for LayerTable<K> {
    fn default() -> Self {
        Self { buffer: K::Buffer::default(), ends: Vec::new(), index: HashTable::new() }
    }
}

impl<K: Kind> LayerTable<K> {
    fn at(&self, position: usize) -> Option<&K::Content> {
        let ends = self.ends.as_slice();
        let end = *ends.get(position)?;
        let start = position.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
        self.buffer.get(start..end)
    }

    /// The item of a handle; those of the layer start after `below`.
    pub(super) fn get(&self, handle: K, below: u32) -> Option<&K::Content> {
        self.at(handle.index().checked_sub(below)? as usize)
    }

    pub(super) fn find(&self, hash: u64, content: &K::Content, below: u32) -> Option<K> {
        // Most layers stay empty.
        if self.ends.is_empty() {
            return None;
        }
        let same = |(known, position): &(u64, u32)| *known == hash && self.at(*position as usize) == Some(content);
        let (_, position) = self.index.find(hash, same)?;
        Some(K::from_index(position.saturating_add(below)))
    }

    fn add(&mut self, hash: u64, content: &K::Content, below: u32) -> K {
        let position = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.buffer.append(content);
        self.ends.push(self.buffer.len());
        self.index.insert_unique(hash, (hash, position), |(hash, _)| *hash);
        K::from_index(position.saturating_add(below))
    }

    fn clear(&mut self) {
        if !self.ends.is_empty() {
            self.buffer.clear();
            self.ends.clear();
            self.index.clear();
        }
    }
}

/// One layer of interned values that can be cleared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    hasher: DefaultHashBuilder,
    pub(super) strings: LayerTable<StringId>,
    pub(super) types: LayerTable<TypeId>,
    pub(super) entities: LayerTable<EntityId>,
    pub(super) sets: LayerTable<SetId>,
    pub(super) records: LayerTable<RecordId>,
    pub(super) ips: LayerTable<IpId>,
    /// Sets and records in the order in which they were added, so that parts come before what contains them.
    containers: Vec<Word>,
    /// Whether there is anything in the layer.
    used: bool,
}

impl Layer {
    /// Empties the layer.
    #[inline]
    pub(crate) fn reset(&mut self) {
        if self.used {
            self.clear();
        }
    }

    fn clear(&mut self) {
        self.used = false;
        self.strings.clear();
        self.types.clear();
        self.entities.clear();
        self.sets.clear();
        self.records.clear();
        self.ips.clear();
        self.containers.clear();
    }

    /// Whether the layer is the record without members and nothing else.
    pub(crate) fn is_one_empty_record(&self) -> bool {
        self.containers.len() == 1 && self.strings.ends.is_empty() && self.records.ends.first() == Some(&0)
    }

    fn hash<T: core::hash::Hash + ?Sized>(&self, content: &T) -> u64 {
        self.hasher.hash_one(content)
    }

    pub(super) fn add_item<K: Kind>(&mut self, hash: u64, content: &K::Content, below: u32) -> K {
        self.used = true;
        let handle = K::layer_mut(self).add(hash, content, below);
        self.containers.extend(handle.container());
        handle
    }

    /// Copies a word of this layer, which stands alone, into an interner.
    ///
    /// Everything in the layer is copied, in its order; a layer that stands alone is what one value consists of.
    pub(crate) fn translate(&self, word: Word, into: &mut impl Interner, translation: &mut Translation) -> Word {
        translation.clear();
        for position in 0..self.strings.ends.len() {
            translation.strings.push(into.intern_string(self.strings.at(position).unwrap_or_default()));
        }
        for position in 0..self.types.ends.len() {
            translation.types.push(into.intern::<TypeId>(self.types.at(position).unwrap_or_default()));
        }
        for (ty, id) in &self.entities.buffer.0 {
            let entity = into.intern_entity_parts(translation.ty(*ty), translation.string(*id));
            translation.entities.push(entity);
        }
        translation.ips.extend(self.ips.buffer.0.iter().map(|ip| into.intern::<IpId>(ip)));
        for container in &self.containers {
            translation.container(self, *container, into);
        }
        translation.word(word)
    }
}

impl Lookup for Layer {
    fn hash_of<T: core::hash::Hash + ?Sized>(&self, content: &T) -> u64 {
        self.hash(content)
    }

    fn find_hashed<K: Kind>(&self, hash: u64, content: &K::Content) -> Option<K> {
        K::layer(self).find(hash, content, 0)
    }

    fn content<K: Kind>(&self, handle: K) -> Option<&K::Content> {
        K::layer(self).get(handle, 0)
    }
}

impl Interner for Layer {
    fn add<K: Kind>(&mut self, hash: u64, content: &K::Content) -> K {
        self.add_item(hash, content, 0)
    }
}

/// For each handle of a layer, the handle in another interner. Kept to be used again.
#[derive(Debug, Default)]
pub(crate) struct Translation {
    strings: Vec<StringId>,
    types: Vec<TypeId>,
    entities: Vec<EntityId>,
    ips: Vec<IpId>,
    sets: Vec<SetId>,
    records: Vec<RecordId>,
    elements: Vec<Word>,
    members: Vec<(StringId, Word)>,
}

impl Translation {
    fn clear(&mut self) {
        self.strings.clear();
        self.types.clear();
        self.entities.clear();
        self.ips.clear();
        self.sets.clear();
        self.records.clear();
    }

    fn string(&self, id: StringId) -> StringId {
        self.strings.as_slice().get(id.0 as usize).copied().unwrap_or(id)
    }

    fn ty(&self, id: TypeId) -> TypeId {
        self.types.as_slice().get(id.0 as usize).copied().unwrap_or(id)
    }

    fn word(&self, word: Word) -> Word {
        let word_of = |found: Option<Word>| found.unwrap_or(word);
        match word {
            Word::String(id) => Word::String(self.string(id)),
            Word::Entity(id) => word_of(self.entities.as_slice().get(id.0 as usize).copied().map(Word::Entity)),
            Word::Ip(id) => word_of(self.ips.as_slice().get(id.0 as usize).copied().map(Word::Ip)),
            Word::Set(id) => word_of(self.sets.as_slice().get(id.0 as usize).copied().map(Word::Set)),
            Word::Record(id) => word_of(self.records.as_slice().get(id.0 as usize).copied().map(Word::Record)),
            Word::Bool(_) | Word::Long(_) | Word::Decimal(_) | Word::Datetime(_) | Word::Duration(_) => word,
        }
    }

    /// Copies a set or record whose parts were copied.
    fn container(&mut self, from: &Layer, container: Word, into: &mut impl Interner) {
        if let Word::Set(id) = container {
            let mut elements = core::mem::take(&mut self.elements);
            elements.clear();
            elements.extend(from.set(id).iter().map(|word| self.word(*word)));
            self.sets.push(into.intern_set(&mut elements));
            self.elements = elements;
        } else if let Word::Record(id) = container {
            let mut members = core::mem::take(&mut self.members);
            members.clear();
            members.extend(from.record(id).iter().map(|(name, word)| (self.string(*name), self.word(*word))));
            self.records.push(into.intern_record(&mut members));
            self.members = members;
        }
    }
}
