//! One kind of content in a store's pool: the items in order of their handles, and a hash index to find them.
//!
//! Both are [`Chunks`], so a copy of the table shares all but what is added later. The index is open addressing with
//! linear probing; a slot is the upper half of the hash beside the handle, so that a probe seldom looks at an item.
//! Nothing is ever removed.

use core::borrow::Borrow;

use super::{Kind, chunks::Chunks};

/// The upper half of a hash, and a handle plus one; zero for a free slot.
type Slot = (u32, u32);

#[derive(Debug)]
pub(crate) struct Table<K: Kind> {
    items: Chunks<K::Stored>,
    slots: Chunks<Slot>,
    /// The number of slots less one; slots are a power of two.
    mask: usize,
    len: u32,
}

impl<K: Kind> Clone for Table<K> {
    fn clone(&self) -> Self {
        Self { items: self.items.clone(), slots: self.slots.clone(), mask: self.mask, len: self.len }
    }
}

impl<K: Kind> Default for Table<K> {
    fn default() -> Self {
        Self { items: Chunks::default(), slots: Chunks::default(), mask: 0, len: 0 }
    }
}

fn tag(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(u32::MAX)
}

fn start(hash: u64) -> usize {
    usize::try_from(hash & u64::from(u32::MAX)).unwrap_or(0)
}

impl<K: Kind> Table<K> {
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.len
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
        let mut at = start(hash);
        loop {
            // At most three quarters of the slots are taken, so a free one ends every search.
            let (found, handle) = *self.slots.get(at & self.mask)?;
            let index = handle.checked_sub(1)?;
            if found == tag(hash) {
                let handle = K::from_index(index);
                if self.get(handle).is_some_and(|item| Borrow::<K::Content>::borrow(item) == content) {
                    return Some(handle);
                }
            }
            at = at.wrapping_add(1);
        }
    }

    /// Adds an item that is not in the table.
    pub(crate) fn add(&mut self, hash: u64, content: &K::Content, rehash: impl Fn(&K::Content) -> u64) -> K {
        // A table of 2³² items would need more memory than the inputs that build it are allowed to have.
        let index = self.len();
        self.items.push(K::store(content));
        self.len = index.saturating_add(1);
        if self.slots.len() * 3 <= self.items.len() * 4 {
            self.grow(rehash);
        } else {
            self.take(hash, index.saturating_add(1));
        }
        K::from_index(index)
    }

    fn take(&mut self, hash: u64, handle: u32) {
        let mut at = start(hash);
        while self.slots.get(at & self.mask).is_some_and(|(_, taken)| *taken != 0) {
            at = at.wrapping_add(1);
        }
        self.slots.set(at & self.mask, (tag(hash), handle));
    }

    fn grow(&mut self, rehash: impl Fn(&K::Content) -> u64) {
        let size = self.items.len().saturating_mul(2).next_power_of_two().max(16);
        self.slots = Chunks::default();
        self.slots.set(size - 1, (0, 0));
        for at in (0..size).step_by(64) {
            self.slots.set(at, (0, 0));
        }
        self.mask = size - 1;
        let hashes: Vec<u64> = self.items.iter().map(|item| rehash(item.borrow())).collect();
        for (hash, handle) in hashes.into_iter().zip(1..) {
            self.take(hash, handle);
        }
    }
}
