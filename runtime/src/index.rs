//! From a request to the policies whose scope matches it.
//!
//! Most policies name an action, a principal or a resource in their scope, so most requests concern few of them. Each
//! policy stands in one list: under an entity that its scope names, its *anchor*, or else under its action constraint.
//! A request looks into the lists of its principal, of its resource, of their ancestors, and of the action constraints
//! that its action satisfies; what a list does not say is tested. Of two anchors a policy takes the one with `==`, else
//! the one with the shorter list.
//!
//! Invariants:
//! - The index gives exactly the policies that a scan of all scopes gives (the scan is
//!   [`Engine::authorize_by_scan`](crate::Engine::authorize_by_scan), the oracle of the tests). Testing a scope cannot
//!   fail, so what is left out can neither be satisfied nor err.
//! - Anchors are names, not rows, so updates of entities leave the index alone; only action constraints are looked up
//!   again when an action changes.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::{
    entities::{Entities, Row},
    link::{LinkedActions, LinkedConstraint, LinkedScope},
    pool::{Chunks, EntityId, Handle, TypeId},
};

/// A policy in a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// Its position among all policies.
    pub(crate) policy: u32,
    /// Its effect and conditions.
    pub(crate) body: u32,
    /// Its action constraint.
    class: u32,
    principal: LinkedConstraint,
    resource: LinkedConstraint,
}

/// How an anchor is named by the scopes of the policies in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    PrincipalEqual,
    PrincipalIn,
    ResourceEqual,
    ResourceIn,
}

const KINDS: usize = 4;

/// The policies that are anchored at one entity, by kind.
#[derive(Debug, Clone, Default)]
struct Anchor([Vec<Entry>; KINDS]);

impl Anchor {
    fn list(&self, kind: Kind) -> &[Entry] {
        self.0.get(kind as usize).map_or(&[], |list| list)
    }
}

/// The different action constraints of the policies.
#[derive(Debug, Default)]
struct Classes {
    by_constraint: HashMap<LinkedActions, u32>,
    /// For entities that constraints mention: the classes that they satisfy by being the entity, and those that they
    /// and their descendants satisfy.
    equal: HashMap<EntityId, Vec<u32>>,
    within: HashMap<EntityId, Vec<u32>>,
    /// The class that every action satisfies, if there is one.
    any: Vec<u32>,
}

/// The principal or resource of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Party<'e> {
    pub(crate) id: EntityId,
    pub(crate) ty: TypeId,
    pub(crate) row: Option<&'e Row>,
}

impl Party<'_> {
    /// Whether the entity is the group or a descendant of it; neither needs to exist.
    #[inline]
    pub(crate) fn is_in(&self, group: EntityId) -> bool {
        self.id == group || self.row.is_some_and(|row| row.ancestors.contains(group))
    }

    /// Whether the entity is what the scope says.
    #[inline]
    pub(crate) fn satisfies(&self, constraint: LinkedConstraint) -> bool {
        match constraint {
            LinkedConstraint::Any => true,
            LinkedConstraint::Equal(expected) => self.id == expected,
            LinkedConstraint::In(group) => self.is_in(group),
            LinkedConstraint::Is(ty) => self.ty == ty,
            LinkedConstraint::IsIn(ty, group) => self.ty == ty && self.is_in(group),
            LinkedConstraint::Nothing => false,
        }
    }
}

/// The index of all policies of an engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    classes: Arc<Classes>,
    /// Policies without an anchor, by class.
    anywhere: Arc<Vec<Vec<Entry>>>,
    anchors: Chunks<Option<Arc<Anchor>>>,
    /// How many policies are anchored, by kind.
    anchored: [usize; KINDS],
    /// For actions: the position of their classes, plus one.
    actions: Chunks<u32>,
    satisfied: Arc<Vec<Box<[u32]>>>,
}

/// What of a scope the index is made of.
pub(crate) struct Indexed<'s> {
    pub(crate) scope: &'s LinkedScope,
    pub(crate) body: u32,
}

impl Index {
    pub(crate) fn new<'s>(policies: impl Iterator<Item = Indexed<'s>>, entities: &Entities) -> Self {
        let mut index = Self::default();
        let (mut classes, mut anywhere) = (Classes::default(), Vec::new());
        for (policy, Indexed { scope, body }) in (0..).zip(policies) {
            let class = classes.of(&scope.action);
            if anywhere.len() <= class as usize {
                anywhere.resize_with(class as usize + 1, Vec::new);
            }
            let entry = Entry { policy, body, class, principal: scope.principal, resource: scope.resource };
            if !index.anchor(entry)
                && let Some(list) = anywhere.get_mut(class as usize)
            {
                list.push(entry);
            }
        }
        (index.classes, index.anywhere) = (Arc::new(classes), Arc::new(anywhere));
        index.look_up_actions(entities);
        index
    }

    /// Adds a policy whose action constraint some policy or template has that the index was made of.
    pub(crate) fn add(&mut self, policy: u32, indexed: &Indexed<'_>) -> bool {
        let Some(class) = self.classes.by_constraint.get(&indexed.scope.action).copied() else { return false };
        let (principal, resource) = (indexed.scope.principal, indexed.scope.resource);
        self.anchor(Entry { policy, body: indexed.body, class, principal, resource })
    }

    /// Makes room for the action constraints of templates, so that links can be added.
    pub(crate) fn prepare(&mut self, scopes: &[LinkedScope], entities: &Entities) {
        let Some(classes) = Arc::get_mut(&mut self.classes) else { return };
        for scope in scopes {
            classes.of(&scope.action);
        }
        self.look_up_actions(entities);
    }

    /// How many policies are anchored at an entity of the principal's scope, and of the resource's.
    pub(crate) fn anchored_by(&self) -> [usize; 2] {
        let [principal_equal, principal_in, resource_equal, resource_in] = self.anchored;
        [principal_equal + principal_in, resource_equal + resource_in]
    }

    /// Removes a policy that was added with this scope.
    pub(crate) fn remove(&mut self, policy: u32, scope: &LinkedScope) {
        for (at, kind, _) in places(scope.principal, scope.resource) {
            let mut anchor = self.anchors.get(at.index() as usize).cloned().flatten();
            // Taken out first, so that an anchor that nobody shares is changed in place.
            self.anchors.set(at.index() as usize, None);
            let list = anchor.as_mut().map(Arc::make_mut).and_then(|anchor| anchor.0.get_mut(kind as usize));
            if let Some(list) = list
                && let Some(found) = list.iter().position(|entry| entry.policy == policy)
            {
                list.swap_remove(found);
                if let Some(count) = self.anchored.get_mut(kind as usize) {
                    *count = count.saturating_sub(1);
                }
            }
            self.anchors.set(at.index() as usize, anchor.filter(|anchor| anchor.0.iter().any(|list| !list.is_empty())));
        }
    }

    /// Puts a policy under one of the entities that its scope names, if it names one.
    fn anchor(&mut self, entry: Entry) -> bool {
        let length = |at: EntityId, kind| {
            let anchor = self.anchors.get(at.index() as usize).and_then(Option::as_ref);
            anchor.map_or(0, |anchor| anchor.list(kind).len())
        };
        let best = places(entry.principal, entry.resource)
            .min_by_key(|(at, kind, exactness)| (*exactness, length(*at, *kind)));
        let Some((at, kind, _)) = best else { return false };
        let at = at.index() as usize;
        let mut anchor = self.anchors.get(at).cloned().flatten().unwrap_or_default();
        self.anchors.set(at, None);
        if let Some(list) = Arc::make_mut(&mut anchor).0.get_mut(kind as usize) {
            list.push(entry);
        }
        self.anchors.set(at, Some(anchor));
        if let Some(count) = self.anchored.get_mut(kind as usize) {
            *count += 1;
        }
        true
    }

    /// Finds the classes of all actions that constraints mention or entities are.
    pub(crate) fn look_up_actions(&mut self, entities: &Entities) {
        let mentioned = self.classes.equal.keys().chain(self.classes.within.keys()).copied();
        let (mut actions, mut satisfied) = (Chunks::default(), Vec::new());
        for action in mentioned.chain(entities.actions()) {
            satisfied.push(self.classes.satisfied_by(action, entities).into());
            actions.set(action.index() as usize, u32::try_from(satisfied.len()).unwrap_or(0));
        }
        (self.actions, self.satisfied) = (actions, Arc::new(satisfied));
    }

    /// The classes of an action; `room` is for those of an action that is none of the entities.
    fn classes_of<'i>(&'i self, action: EntityId, entities: &Entities, room: &'i mut Vec<u32>) -> &'i [u32] {
        let known = self.actions.get(action.index() as usize).and_then(|position| position.checked_sub(1));
        if let Some(classes) = known.and_then(|position| self.satisfied.get(position as usize)) {
            return classes;
        }
        room.clear();
        self.classes.add_satisfied_by(action, entities, room);
        room
    }

    /// Calls `found` with every policy whose scope matches, each once.
    pub(crate) fn visit<'e>(
        &self,
        (principal, action, resource): (Party<'e>, EntityId, Party<'e>),
        entities: &Entities,
        room: &mut Vec<u32>,
        found: &mut impl FnMut(&Entry) -> bool,
    ) -> bool {
        let classes = self.classes_of(action, entities, room);
        let mut test = |entry: &Entry| {
            !principal.satisfies(entry.principal) || !resource.satisfies(entry.resource) || found(entry)
        };
        for class in classes {
            let list = self.anywhere.get(*class as usize).map_or(&[][..], |list| list);
            if !list.iter().all(&mut test) {
                return false;
            }
        }
        let mut test = |entry: &Entry| !classes.contains(&entry.class) || test(entry);
        let [principal_equal, principal_in, resource_equal, resource_in] = self.anchored;
        let sides = [
            (principal, principal_equal, principal_in, [Kind::PrincipalEqual, Kind::PrincipalIn]),
            (resource, resource_equal, resource_in, [Kind::ResourceEqual, Kind::ResourceIn]),
        ];
        for (party, equal, within, [kind_equal, kind_in]) in sides {
            if equal + within > 0
                && let Some(anchor) = self.anchor_at(party.id)
                && !anchor.list(kind_equal).iter().chain(anchor.list(kind_in)).all(&mut test)
            {
                return false;
            }
            let above = party.row.filter(|_| within > 0).map_or(&[][..], |row| row.ancestors.sorted());
            let mut anchors = above.iter().filter_map(|ancestor| self.anchor_at(*ancestor));
            if !anchors.all(|anchor| anchor.list(kind_in).iter().all(&mut test)) {
                return false;
            }
        }
        true
    }

    #[inline]
    fn anchor_at(&self, entity: EntityId) -> Option<&Anchor> {
        self.anchors.get(entity.index() as usize)?.as_deref()
    }
}

impl Classes {
    fn of(&mut self, constraint: &LinkedActions) -> u32 {
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

    fn satisfied_by(&self, action: EntityId, entities: &Entities) -> Vec<u32> {
        let mut classes = Vec::new();
        self.add_satisfied_by(action, entities, &mut classes);
        classes
    }

    /// Sorted, each once.
    fn add_satisfied_by(&self, action: EntityId, entities: &Entities, classes: &mut Vec<u32>) {
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

/// The entities that a scope names, the exact ones with a smaller number.
fn places(principal: LinkedConstraint, resource: LinkedConstraint) -> impl Iterator<Item = (EntityId, Kind, u8)> {
    let place = |constraint, equal, within| match constraint {
        LinkedConstraint::Equal(entity) => Some((entity, equal, 0)),
        LinkedConstraint::In(entity) | LinkedConstraint::IsIn(_, entity) => Some((entity, within, 1)),
        LinkedConstraint::Any | LinkedConstraint::Is(_) | LinkedConstraint::Nothing => None,
    };
    let principal = place(principal, Kind::PrincipalEqual, Kind::PrincipalIn);
    principal.into_iter().chain(place(resource, Kind::ResourceEqual, Kind::ResourceIn))
}

#[cfg(test)]
mod tests;
