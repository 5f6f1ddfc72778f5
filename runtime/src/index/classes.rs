//! The action constraints of policies: which of them an action satisfies.

use hashbrown::HashMap;

use crate::{entities::Entities, link::LinkedActions, pool::EntityId};

/// The different action constraints of the policies.
#[derive(Debug, Default)]
pub(super) struct Classes {
    by_constraint: HashMap<LinkedActions, u32>,
    /// For entities that constraints mention: the classes that they satisfy by being the entity, and those that they
    /// and their descendants satisfy.
    equal: HashMap<EntityId, Vec<u32>>,
    within: HashMap<EntityId, Vec<u32>>,
    /// The class that every action satisfies, if there is one.
    any: Vec<u32>,
}

/// The classes that an action satisfies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Satisfied<'c> {
    /// The first ones as bits.
    pub(super) first: u64,
    pub(super) all: &'c [u32],
}

/// Those of the classes that have a bit.
pub(super) fn first_classes(classes: &[u32]) -> u64 {
    classes.iter().filter(|class| **class < u64::BITS).fold(0, |bits, class| bits | 1 << class)
}

impl<'c> Satisfied<'c> {
    pub(super) fn new(all: &'c [u32]) -> Self {
        Self { first: first_classes(all), all }
    }

    #[inline]
    pub(super) fn contains(self, class: u32) -> bool {
        if class < u64::BITS { self.first >> class & 1 != 0 } else { self.all.contains(&class) }
    }
}

impl Classes {
    pub(super) fn len(&self) -> usize {
        self.by_constraint.len()
    }

    /// The class of a constraint that some policy or template has.
    pub(super) fn find(&self, constraint: &LinkedActions) -> Option<u32> {
        self.by_constraint.get(constraint).copied()
    }

    /// The entities that constraints mention.
    pub(super) fn mentioned(&self) -> impl Iterator<Item = EntityId> {
        self.equal.keys().chain(self.within.keys()).copied()
    }

    /// The classes that every action satisfies.
    pub(super) fn any(&self) -> &[u32] {
        &self.any
    }

    pub(super) fn of(&mut self, constraint: &LinkedActions) -> u32 {
        if let Some(class) = self.by_constraint.get(constraint) {
            return *class;
        }
        let class = u32::try_from(self.by_constraint.len()).unwrap_or(u32::MAX);
        match constraint {
            LinkedActions::Any => self.any.push(class),
            LinkedActions::Equal(action) => self.equal.entry(*action).or_default().push(class),
            LinkedActions::In(groups) => {
                groups.iter().for_each(|group| self.within.entry(*group).or_default().push(class));
            }
        }
        self.by_constraint.insert(constraint.clone(), class);
        class
    }

    pub(super) fn satisfied_by(&self, action: EntityId, entities: &Entities) -> Vec<u32> {
        let mut classes = Vec::new();
        self.add_satisfied_by(action, entities, &mut classes);
        classes
    }

    /// Sorted, each once.
    pub(super) fn add_satisfied_by(&self, action: EntityId, entities: &Entities, classes: &mut Vec<u32>) {
        classes.extend_from_slice(&self.any);
        classes.extend(self.equal.get(&action).into_iter().flatten());
        let above = entities.row(action).map_or(&[][..], |row| row.ancestors.sorted());
        for group in core::iter::once(&action).chain(above) {
            classes.extend(self.within.get(group).into_iter().flatten());
        }
        classes.sort_unstable();
        classes.dedup();
    }
}
