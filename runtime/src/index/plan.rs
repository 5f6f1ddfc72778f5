//! For each action, what its requests look at.
//!
//! The action constraints that an action satisfies are known before there is a request. So the policies without an
//! anchor are put together for each action, in order, and a request goes through one list.

use std::sync::Arc;

use hashbrown::HashMap;

use super::{
    Entry,
    classes::{Classes, Satisfied, first_classes},
    list::List,
};
use crate::{
    entities::Entities,
    pool::{Chunks, EntityId, Handle},
};

/// What requests with some action look at.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The classes that the action satisfies, sorted.
    pub(super) classes: Box<[u32]>,
    first_classes: u64,
    /// Whether what follows is there; else the lists of the classes are looked at.
    pub(super) is_merged: bool,
    /// The policies without an anchor that are always looked at, in order.
    pub(super) entries: Vec<Entry>,
    /// The classes that have further ones.
    pub(super) grouped: Box<[u32]>,
}

impl Plan {
    fn new(classes: &[u32]) -> Self {
        Self { classes: classes.into(), first_classes: first_classes(classes), ..Self::default() }
    }

    #[inline]
    pub(super) fn satisfied(&self) -> Satisfied<'_> {
        Satisfied { first: self.first_classes, all: &self.classes }
    }
}

/// The plans of all actions that constraints mention or entities are.
#[derive(Debug, Clone, Default)]
pub(super) struct Plans {
    /// The first one is for actions that nothing mentions.
    list: Arc<Vec<Plan>>,
    /// By action: the position of its plan.
    of: Chunks<u32>,
}

impl Plans {
    pub(super) fn new(classes: &Classes, lists: &[List], entities: &Entities) -> Self {
        let mut maker = Maker { lists, left: most_entries(lists), list: Vec::new(), known: HashMap::new() };
        maker.plan(classes.any().to_vec());
        let mut of = Chunks::default();
        for action in classes.mentioned().chain(entities.actions()) {
            of.set(action.index() as usize, maker.plan(classes.satisfied_by(action, entities)));
        }
        Self { list: Arc::new(maker.list), of }
    }

    /// The plan of an action; none for an entity that is no action by its name and may be below one.
    #[inline]
    pub(super) fn of(&self, action: EntityId, entities: &Entities) -> Option<&Plan> {
        let position = self.of.get(action.index() as usize).copied().unwrap_or(0);
        if position == 0 && entities.row(action).is_some() {
            return None;
        }
        self.list.get(position as usize)
    }
}

/// Putting together must not multiply the policies where many actions satisfy many constraints.
fn most_entries(lists: &[List]) -> usize {
    const AT_LEAST: usize = 10_000;
    lists.iter().map(|list| list.always().len()).sum::<usize>().saturating_mul(4).max(AT_LEAST)
}

struct Maker<'l> {
    lists: &'l [List],
    /// How many entries may still be put together.
    left: usize,
    list: Vec<Plan>,
    known: HashMap<Vec<u32>, u32>,
}

impl Maker<'_> {
    /// The position of the plan for these classes.
    fn plan(&mut self, classes: Vec<u32>) -> u32 {
        if let Some(known) = self.known.get(&classes) {
            return *known;
        }
        let position = u32::try_from(self.list.len()).unwrap_or(0);
        let plan = self.make(&classes);
        self.list.push(plan);
        self.known.insert(classes, position);
        position
    }

    fn make(&mut self, classes: &[u32]) -> Plan {
        let list = |class: &u32| self.lists.get(*class as usize);
        let length: usize = classes.iter().filter_map(list).map(|list| list.always().len()).sum();
        let Some(left) = self.left.checked_sub(length) else {
            return Plan::new(classes);
        };
        let mut entries = Vec::with_capacity(length);
        classes.iter().filter_map(list).for_each(|list| entries.extend_from_slice(list.always()));
        entries.sort_by_key(|entry| entry.policy);
        let grouped = classes.iter().copied().filter(|class| list(class).is_some_and(List::has_groups)).collect();
        self.left = left;
        Plan { is_merged: true, entries, grouped, ..Plan::new(classes) }
    }
}
