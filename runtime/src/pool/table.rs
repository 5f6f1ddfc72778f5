//! One kind of content in a store's pool: the items in order of their handles, and a hash index to find them.

use core::borrow::Borrow;

use super::{Kind, chunks::Chunks, slots::Slots};

#[derive(Debug)]
pub(crate) struct Table<K: Kind> {
    items: Chunks<K::Stored>,
    slots: Slots,
}

impl<K: Kind> Clone for Table<K> {
    fn clone(&self) -> Self {
        Self { items: self.items.clone(), slots: self.slots.clone() }
    }
}

impl<K: Kind> Default for Table<K> {
    fn default() -> Self {
        Self { items: Chunks::default(), slots: Slots::default() }
    }
}

impl<K: Kind> Table<K> {
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.slots.len()
    }

    #[inline]
    pub(crate) fn get(&self, handle: K) -> Option<&K::Stored> {
        self.items.get(handle.index() as usize)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &K::Stored> {
        self.items.iter()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.items.bytes() + self.slots.bytes()
    }

    pub(crate) fn find(&self, hash: u64, content: &K::Content) -> Option<K> {
        let is_it = |at: u32| self.content(at).is_some_and(|item| item == content);
        self.slots.find(hash, is_it).map(K::from_index)
    }

    fn content(&self, at: u32) -> Option<&K::Content> {
        self.items.get(at as usize).map(Borrow::borrow)
    }

    /// Adds an item that is not in the table.
    pub(crate) fn add(&mut self, hash: u64, content: &K::Content, rehash: impl Fn(&K::Content) -> u64) -> K {
        let index = self.len();
        self.items.push(K::store(content));
        let items = &self.items;
        self.slots.add(hash, |at| items.get(at as usize).map_or(0, |item| rehash(item.borrow())));
        K::from_index(index)
    }
}
