//! A vector whose copies share what they have in common.
//!
//! A store is a value: a snapshot is a copy of it, and changing the copy must cost what changes. So the elements lie in
//! leaves of 64, under nodes of 64 leaves, under one root; a copy takes over the root, and a change copies the one leaf
//! and node that it touches, unless nobody else has them. Reading costs two loads more than reading an array.

use std::sync::Arc;

const BITS: usize = 6;
const WIDTH: usize = 1 << BITS;
const MASK: usize = WIDTH - 1;

type Leaf<T> = Arc<[T; WIDTH]>;
type Node<T> = Arc<[Option<Leaf<T>>; WIDTH]>;

/// A vector with cheap copies.
#[derive(Debug)]
pub(crate) struct Chunks<T> {
    root: Arc<[Node<T>]>,
    len: usize,
}

impl<T> Clone for Chunks<T> {
    fn clone(&self) -> Self {
        Self { root: Arc::clone(&self.root), len: self.len }
    }
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { root: Arc::new([]), len: 0 }
    }
}

impl<T> Chunks<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The element; between the end and the next multiple of the width there are default elements.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        let node = self.root.get(index >> (2 * BITS))?;
        let leaf = node.get((index >> BITS) & MASK)?.as_ref()?;
        leaf.get(index & MASK)
    }

    /// The elements in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let leaves = self.root.iter().flat_map(|node| node.iter().flatten());
        leaves.flat_map(|leaf| leaf.iter()).take(self.len)
    }

    /// The bytes that the elements take, without what they point to.
    pub(crate) fn bytes(&self) -> usize {
        let leaves: usize = self.root.iter().map(|node| node.iter().flatten().count()).sum();
        leaves * (WIDTH * size_of::<T>() + 2 * size_of::<usize>())
            + self.root.len() * size_of::<Node<T>>() * (WIDTH + 3)
    }
}

impl<T: Default + Clone> Chunks<T> {
    pub(crate) fn push(&mut self, item: T) {
        let index = self.len;
        self.set(index, item);
    }

    /// Sets an element, which may lie behind the end.
    pub(crate) fn set(&mut self, index: usize, item: T) {
        if let Some(place) = self.place(index) {
            *place = item;
        }
        self.len = self.len.max(index.saturating_add(1));
    }

    /// An element to change, made with all before it if it is not there yet.
    fn place(&mut self, index: usize) -> Option<&mut T> {
        let at = index >> (2 * BITS);
        if at >= self.root.len() {
            let empty = || Arc::new(core::array::from_fn(|_| None));
            let new = (self.root.len()..=at).map(|_| empty());
            self.root = self.root.iter().cloned().chain(new).collect();
        }
        let node = Arc::make_mut(&mut self.root).get_mut(at)?;
        let leaf = Arc::make_mut(node).get_mut((index >> BITS) & MASK)?;
        let leaf = leaf.get_or_insert_with(|| Arc::new(core::array::from_fn(|_| T::default())));
        Arc::make_mut(leaf).get_mut(index & MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_do_not_see_each_others_changes() {
        let mut original = Chunks::default();
        (0..10_000).for_each(|number: u32| original.push(number));
        let mut copy = original.clone();
        copy.set(5_000, 1);
        copy.push(2);
        original.set(5_001, 3);
        assert_eq!([5_000, 5_001, 9_999].map(|at| original.get(at).copied()), [Some(5_000), Some(3), Some(9_999)]);
        assert_eq!([5_000, 5_001, 10_000].map(|at| copy.get(at).copied()), [Some(1), Some(5_001), Some(2)]);
        assert_eq!((original.len(), copy.len()), (10_000, 10_001));
        assert!(original.iter().copied().ne(copy.iter().copied()));
    }

    #[test]
    fn what_lies_behind_the_end_is_absent_or_default() {
        let mut chunks = Chunks::default();
        assert_eq!(chunks.get(0), None);
        chunks.set(100, 7);
        assert_eq!((chunks.len(), chunks.get(70), chunks.get(0), chunks.get(128)), (101, Some(&0), None, None));
    }
}
