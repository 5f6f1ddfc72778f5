//! Changes of a store: entities are put and removed, and the hierarchy stays closed.
//!
//! A change of one row costs one row. Where the ancestors of an entity change, those of its descendants do too, and
//! only theirs are computed again. After any sequence of updates the store is what it would be if it had been made of
//! the entities that are in it now.

use std::sync::Arc;

use deodar_lexicon::limits;
use hashbrown::HashMap;

use super::{
    Children, Draft, Entities, Entity, Row,
    build::{cycle, too_large},
    closure, conform,
};
use crate::{
    EntityUid, InputError, Shapes,
    pool::{EntityId, EntitySet, Handle, Lookup},
};

impl Entities {
    /// Adds an entity, or puts it in place of the one that has its name. With a schema, it must conform.
    ///
    /// # Errors
    /// The first mistake; the store is unchanged then.
    pub fn upsert(&mut self, entity: &Entity, shapes: Option<&Shapes>) -> Result<(), InputError> {
        let draft = entity.draft(&mut self.pool);
        if let Some(shapes) = shapes {
            conform::Checker::new(shapes).entity(&self.pool, &draft).map_err(|(_, error)| error)?;
        }
        let row = self.row_of(draft)?;
        if let Some(shapes) = shapes.filter(|_| entity.uid.entity_type().is_action()) {
            conform::action(shapes, &self.pool, &entity.uid, &row)?;
        }
        self.put(row)
    }

    /// Removes an entity; says whether it was there. Entities that have it as a parent keep it as one.
    ///
    /// # Errors
    /// The hierarchy exceeds its limit, which it cannot where entities only lose ancestors.
    pub fn remove(&mut self, uid: &EntityUid) -> Result<bool, InputError> {
        let Some(row) = self.pool.find_entity(uid).and_then(|id| self.row(id)).cloned() else { return Ok(false) };
        self.rows.set(row.uid.index() as usize, None);
        self.len = self.len.saturating_sub(1);
        if row.ancestors.len() > 0 {
            self.close_below(row.uid)?;
        }
        Ok(true)
    }

    /// The row of an entity, unless it closes a cycle.
    fn row_of(&self, draft: Draft) -> Result<Row, InputError> {
        let mut parents = draft.parents;
        parents.sort_unstable();
        parents.dedup();
        let known = self.siblings(&parents).find(|row| *row.parents == *parents);
        let (parents, ancestors) = match known {
            Some(sibling) => (Arc::clone(&sibling.parents), Arc::clone(&sibling.ancestors)),
            None => self.closed(parents)?,
        };
        if ancestors.contains(draft.uid) {
            return Err(cycle(&self.path_up(&parents, draft.uid)));
        }
        let (ty, _) = self.pool.entity_parts(draft.uid);
        Ok(Row { uid: draft.uid, ty, attributes: draft.attributes, tags: draft.tags, parents, ancestors })
    }

    /// A few of the entities that share the first of these parents.
    fn siblings(&self, parents: &[EntityId]) -> impl Iterator<Item = &Row> {
        const SAMPLE: usize = 8;
        let children = parents.first().into_iter().flat_map(|parent| self.children.of(*parent));
        children.take(SAMPLE).filter_map(|child| self.row(child))
    }

    /// The parents and all above them.
    fn closed(&self, parents: Vec<EntityId>) -> Result<(Arc<[EntityId]>, Arc<EntitySet>), InputError> {
        let mut ancestors = parents.clone();
        for parent in parents.iter().filter_map(|parent| self.row(*parent)) {
            ancestors.extend_from_slice(parent.ancestors.sorted());
            if ancestors.len() > limits::ANCESTORS.as_usize() {
                return Err(too_large());
            }
        }
        Ok((parents.into(), Arc::new(EntitySet::new(ancestors))))
    }

    /// The way from an entity over these parents back to it.
    #[cold]
    fn path_up(&self, parents: &[EntityId], entity: EntityId) -> Vec<EntityUid> {
        let mut path = vec![entity];
        let mut above = parents;
        // Every step leads to a parent that is the entity or below it, and the closed hierarchy has no cycle.
        let leads = |parent: &EntityId| *parent == entity || self.is_descendant(*parent, entity);
        while let Some(parent) = above.iter().find(|parent| leads(parent)).filter(|parent| **parent != entity) {
            path.push(*parent);
            above = self.row(*parent).map_or(&[], |row| &row.parents);
        }
        path.iter().map(|id| self.pool.entity_uid(*id)).collect()
    }

    fn put(&mut self, row: Row) -> Result<(), InputError> {
        let (uid, at) = (row.uid, row.uid.index() as usize);
        let before = self.rows.get(at).cloned().flatten();
        let old_parents = before.as_ref().map_or(&[][..], |row| &row.parents);
        for parent in row.parents.iter().filter(|parent| old_parents.binary_search(parent).is_err()) {
            self.children.add(*parent, uid);
        }
        let same_ancestors = match &before {
            Some(before) => before.ancestors == row.ancestors,
            None => row.ancestors.len() == 0,
        };
        self.rows.set(at, Some(Arc::new(row)));
        self.len = self.len.saturating_add(usize::from(before.is_none()));
        if !same_ancestors && let Err(error) = self.close_below(uid) {
            self.rows.set(at, before.clone());
            self.len = self.len.saturating_sub(usize::from(before.is_none()));
            return Err(error);
        }
        self.tidy_children();
        Ok(())
    }

    /// Computes the ancestors of all descendants again.
    fn close_below(&mut self, above: EntityId) -> Result<(), InputError> {
        let mut rows: Vec<Row> = Vec::new();
        let mut index = HashMap::new();
        let mut work = vec![above];
        while let Some(parent) = work.pop() {
            for child in self.children.of(parent) {
                let Some(row) = self.row(child).filter(|row| row.parents.binary_search(&parent).is_ok()) else {
                    continue;
                };
                let next = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                if index.try_insert(child, next).is_ok() {
                    rows.push(row.clone());
                    work.push(child);
                }
            }
        }
        let others = |id: EntityId| self.row(id).map(|row| Arc::clone(&row.ancestors));
        let budget = limits::ANCESTORS.as_usize();
        closure::close(&mut rows, |id| index.get(id).copied(), others, budget).map_err(|_| too_large())?;
        for row in rows {
            self.rows.set(row.uid.index() as usize, Some(Arc::new(row)));
        }
        Ok(())
    }

    /// Forgets outdated edges when they are many.
    fn tidy_children(&mut self) {
        const FEW: usize = 1024;
        if self.children.len() < self.rows.len().saturating_mul(4).saturating_add(FEW) {
            return;
        }
        let edges = || self.rows.iter().flatten().flat_map(|row| row.parents.iter().map(|parent| (*parent, row.uid)));
        // A hierarchy may well have many parents for each entity.
        if edges().count().saturating_mul(2) < self.children.len() {
            let mut children = Children::default();
            edges().for_each(|(parent, child)| children.add(parent, child));
            self.children = children;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
