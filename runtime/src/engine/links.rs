//! Links that were added to an engine: policies as data, by the hundred thousand.
//!
//! A link is a row of handles; its code is that of its template. Rows and their index by id are shared with copies of
//! the engine, so linking and unlinking cost the same in an engine of any size.

use crate::{
    link::{LinkedActions, LinkedConstraint, LinkedScope},
    pool::{Chunks, Handle, Interner, Lookup, Pool, StringId},
};

/// One link.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) id: StringId,
    /// The position of its template.
    pub(crate) template: u32,
    pub(crate) principal: LinkedConstraint,
    pub(crate) resource: LinkedConstraint,
}

/// The links of an engine, in the order in which they were added; places of removed ones stay empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    rows: Chunks<Option<Link>>,
    /// By the handle of the id: the position plus one.
    by_id: Chunks<u32>,
}

impl Links {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Link> {
        self.rows.get(at)?.as_ref()
    }

    pub(crate) fn find(&self, id: &str, pool: &Pool) -> Option<usize> {
        let position = self.by_id.get(pool.find_string(id)?.index() as usize)?;
        position.checked_sub(1).map(|at| at as usize)
    }

    /// Adds a link; gives its position among all policies, of which so many come before the links.
    pub(crate) fn add(&mut self, before: usize, id: &str, template: u32, scope: &LinkedScope, pool: &mut Pool) -> u32 {
        let id = pool.intern_string(id);
        let at = self.rows.len();
        self.rows.push(Some(Link { id, template, principal: scope.principal, resource: scope.resource }));
        self.by_id.set(id.index() as usize, u32::try_from(at.saturating_add(1)).unwrap_or(0));
        u32::try_from(before.saturating_add(at)).unwrap_or(u32::MAX)
    }

    /// Removes a link; gives its position and its scope, the action aside.
    pub(crate) fn take(&mut self, id: &str, pool: &Pool) -> Option<(u32, LinkedScope)> {
        let at = self.find(id, pool)?;
        let link = *self.get(at)?;
        self.rows.set(at, None);
        self.by_id.set(link.id.index() as usize, 0);
        let scope = LinkedScope { principal: link.principal, action: LinkedActions::Any, resource: link.resource };
        Some((u32::try_from(at).ok()?, scope))
    }
}
