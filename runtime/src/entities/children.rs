//! Who is a child of whom: the hierarchy downwards, for updates.
//!
//! The children of an entity are a linked list in one growing table, so adding a child costs the same whether an
//! entity has three of them or a million, and copies share it. An edge is not removed when a child loses a parent; who
//! reads the list asks the child. When more than half of the edges are such, the owner makes the table anew.

use crate::pool::{Chunks, EntityId, Handle};

/// Edges from parents to children, some of them outdated.
#[derive(Debug, Clone, Default)]
pub(crate) struct Children {
    /// By parent: the last edge, plus one.
    last: Chunks<u32>,
    /// The child, and the edge before, plus one.
    edges: Chunks<(EntityId, u32)>,
}

impl Children {
    pub(super) fn add(&mut self, parent: EntityId, child: EntityId) {
        let parent = parent.index() as usize;
        let before = self.last.get(parent).copied().unwrap_or(0);
        self.edges.push((child, before));
        self.last.set(parent, u32::try_from(self.edges.len()).unwrap_or(u32::MAX));
    }

    /// The children of an entity and those that it had before, perhaps repeated.
    pub(super) fn of(&self, parent: EntityId) -> impl Iterator<Item = EntityId> {
        let mut next = self.last.get(parent.index() as usize).copied().unwrap_or(0);
        core::iter::from_fn(move || {
            let (child, before) = *self.edges.get(next.checked_sub(1)? as usize)?;
            next = before;
            Some(child)
        })
    }

    pub(super) fn len(&self) -> usize {
        self.edges.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.last.bytes() + self.edges.bytes()
    }
}
