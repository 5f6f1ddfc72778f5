//! A store under construction: entities one by one, then the hierarchy as a whole.

use std::{collections::BTreeSet, sync::Arc};

use deodar_lexicon::limits;
use hashbrown::{HashMap, hash_map::Entry};

use super::{Entities, Row, closure, conform};
use crate::{
    EntityUid, InputCode, InputError, Shapes,
    input::Element,
    pool::{EntityId, EntitySet, Handle, Interner, Lookup, Members, Pool},
};

/// One entity before the hierarchy is closed.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) uid: EntityId,
    pub(crate) attributes: Members,
    pub(crate) tags: Members,
    /// In any order, repeated or not.
    pub(crate) parents: Vec<EntityId>,
}

/// A store under construction.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) pool: Pool,
    rows: Vec<Row>,
    row_of: HashMap<EntityId, u32>,
    /// Where each row stands in the text, for messages.
    elements: Vec<Option<Element>>,
    lists: Lists,
    no_ancestors: Arc<EntitySet>,
}

/// Lists of entities, each kept once.
#[derive(Debug, Default)]
pub(super) struct Lists(hashbrown::HashSet<Arc<[EntityId]>>);

impl Lists {
    pub(super) fn share(&mut self, mut list: Vec<EntityId>) -> Arc<[EntityId]> {
        list.sort_unstable();
        list.dedup();
        Arc::clone(self.0.get_or_insert_with(list.as_slice(), |list| list.into()))
    }
}

impl Builder {
    pub(super) fn new() -> Self {
        let no_ancestors = Arc::new(EntitySet::new(Vec::new()));
        let (pool, rows, elements) = (Pool::default(), Vec::new(), Vec::new());
        Self { pool, rows, row_of: HashMap::new(), elements, lists: Lists::default(), no_ancestors }
    }

    /// Adds an entity; one that is there already must be the same.
    pub(super) fn add(&mut self, draft: Draft, element: Option<Element>) -> Result<(), InputError> {
        let parents = self.lists.share(draft.parents);
        let ancestors = Arc::clone(&self.no_ancestors);
        let (ty, _) = self.pool.entity_parts(draft.uid);
        let row = Row { uid: draft.uid, ty, attributes: draft.attributes, tags: draft.tags, parents, ancestors };
        // Rows are fewer than entity names, which have 32-bit handles.
        let next = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
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
                    (&first.attributes, &first.tags, &first.parents) == (&row.attributes, &row.tags, &row.parents)
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
    pub(super) fn finish(mut self, shapes: Option<&Shapes>) -> Result<Entities, InputError> {
        let index = |id: &EntityId| self.row_of.get(id).copied();
        let budget = limits::ANCESTORS.as_usize();
        closure::close(&mut self.rows, index, |_| None, budget).map_err(|failure| self.hierarchy_error(failure))?;
        if let Some(shapes) = shapes {
            self.add_actions(shapes)?;
        }
        let mut store = Entities { pool: self.pool, len: self.rows.len(), ..Entities::default() };
        for row in self.rows {
            row.parents.iter().for_each(|parent| store.children.add(*parent, row.uid));
            store.rows.set(row.uid.index() as usize, Some(Arc::new(row)));
        }
        Ok(store)
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
            let pool = &mut self.pool;
            let mut ids = |uids: &BTreeSet<EntityUid>| uids.iter().map(|uid| pool.intern_entity(uid)).collect();
            let (parents, ancestors) = (self.lists.share(ids(&shape.parents)), EntitySet::new(ids(&shape.ancestors)));
            let uid = self.pool.intern_entity(uid);
            let (attributes, tags) = (Members::default(), Members::default());
            let (ty, _) = self.pool.entity_parts(uid);
            let row = Row { uid, ty, attributes, tags, parents, ancestors: Arc::new(ancestors) };
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
            closure::Failure::TooLarge => too_large(),
            closure::Failure::Cycle(rows) => {
                let names = rows.iter().filter_map(|row| self.rows.get(*row)).map(|row| self.pool.entity_uid(row.uid));
                let first = rows.first().and_then(|row| self.element(*row));
                cycle(&names.collect::<Vec<_>>()).at_element(first)
            }
        }
    }
}

#[cold]
pub(super) fn too_large() -> InputError {
    let message = format!("the hierarchy exceeds the limit {}", limits::ANCESTORS);
    InputError::new(InputCode::HierarchyTooLarge, message)
}

/// Each entity is a child of the next one, and the last one of the first.
#[cold]
pub(super) fn cycle(path: &[EntityUid]) -> InputError {
    let path: Vec<String> = path.iter().map(|uid| format!("`{uid}`")).collect();
    let message = match path.as_slice() {
        [uid] => format!("the entity {uid} is its own parent"),
        [first, ..] => format!("the hierarchy has a cycle: {} in {first}", path.join(" in ")),
        [] => "the hierarchy has a cycle".to_owned(),
    };
    InputError::new(InputCode::EntityCycle, message).with_help("an entity cannot be its own ancestor")
}
