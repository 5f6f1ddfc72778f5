//! From a request to the policies whose scope matches it.
//!
//! Most policies name an action, a principal or a resource in their scope, so most requests concern few of them. Each
//! policy stands in one list: under an entity that its scope names, its *anchor*, or else under its action constraint.
//! A request looks into the lists of its principal, of its resource, of their ancestors, and of the action constraints
//! that its action satisfies; what a list does not say is tested. Of two anchors a policy takes the one with `==`, else
//! the one with the shorter list. Tests at the front of a condition that cannot fail count as part of the scope, and
//! policies without an anchor can be found by a constant that they compare an attribute with (see [`list`]).
//!
//! The policies at an anchor, too, are found by a constant where many of them compare an operand with constants. What
//! an anchor says of its side of the scope need not be tested again there.
//!
//! Invariants:
//! - The index gives every policy that could be satisfied or err; what it leaves out could do neither, because testing
//!   a scope cannot fail (a scan of all policies is [`Engine::authorize_by_scan`](crate::Engine::authorize_by_scan),
//!   the oracle of the tests).
//! - Anchors are names, not rows, so updates of entities leave the index alone; only action constraints are looked up
//!   again when an action changes.

mod classes;
mod list;
mod plan;

use std::sync::Arc;

use crate::{
    entities::{Entities, Row},
    link::{LinkedConstraint, LinkedScope},
    pool::{Chunks, EntityId, Handle, Lookup, Member, TypeId},
    quick::{Asked, Quick, narrowed},
    statistics::IndexStatistics,
};
use classes::Classes;
pub(crate) use classes::Satisfied;
use list::List;
use plan::{Plan, Plans};

/// A policy in a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// Its position among all policies.
    pub(crate) policy: u32,
    /// Its effect and conditions.
    pub(crate) body: u32,
    /// Its action constraint.
    class: u32,
    /// Whether the constraints say something.
    scoped: bool,
    principal: LinkedConstraint,
    resource: LinkedConstraint,
}

impl Entry {
    fn new(policy: u32, body: u32, class: u32, principal: LinkedConstraint, resource: LinkedConstraint) -> Self {
        let scoped = !(is_any(principal) && is_any(resource));
        Self { policy, body, class, scoped, principal, resource }
    }

    /// Whether the constraints hold.
    #[inline]
    pub(crate) fn concerns(&self, asked: &Asked<'_>) -> bool {
        !self.scoped || self.scope_matches(asked)
    }

    /// The entry as it lies at an anchor of that kind, which says already what the scope says of this side.
    fn anchored(self, kind: Kind) -> Self {
        let left_to_test = |constraint| match constraint {
            LinkedConstraint::IsIn(ty, _) => LinkedConstraint::Is(ty),
            LinkedConstraint::Equal(_) | LinkedConstraint::In(_) => LinkedConstraint::Any,
            LinkedConstraint::Any | LinkedConstraint::Is(_) | LinkedConstraint::Nothing => constraint,
        };
        let Self { policy, body, class, principal, resource, .. } = self;
        match kind {
            Kind::PrincipalEqual | Kind::PrincipalIn => {
                Self::new(policy, body, class, left_to_test(principal), resource)
            }
            Kind::ResourceEqual | Kind::ResourceIn => Self::new(policy, body, class, principal, left_to_test(resource)),
        }
    }

    /// Whether the constraints name an entity.
    fn has_place(&self) -> bool {
        places(self.principal, self.resource).next().is_some()
    }

    #[inline]
    pub(crate) fn is_of(&self, classes: Satisfied<'_>) -> bool {
        classes.contains(self.class)
    }

    #[inline(never)]
    fn scope_matches(&self, asked: &Asked<'_>) -> bool {
        let holds = |party: &Party<'_>, constraint| is_any(constraint) || party.satisfies(constraint);
        holds(&asked.principal, self.principal) && holds(&asked.resource, self.resource)
    }
}

fn is_any(constraint: LinkedConstraint) -> bool {
    matches!(constraint, LinkedConstraint::Any)
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

/// Testing the scopes of so many policies costs less than looking for anchors.
const FEW: usize = 4;

/// The policies that are anchored at one entity, by kind.
#[derive(Debug, Clone, Default)]
struct Anchor([List; KINDS]);

impl Anchor {
    fn list(&self, kind: Kind) -> Option<&List> {
        self.0.get(kind as usize)
    }
}

/// The principal or resource of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Party<'e> {
    pub(crate) id: EntityId,
    pub(crate) ty: TypeId,
    pub(crate) row: Option<&'e Row>,
}

impl<'e> Party<'e> {
    /// What is known of an entity; the names lie in the entities, with those of the request on top.
    #[inline]
    pub(crate) fn new(entities: &'e Entities, names: &impl Lookup, id: EntityId) -> Self {
        match entities.row(id) {
            Some(row) => Self { id, ty: row.ty, row: Some(row) },
            None => Self::without_row(names, id),
        }
    }

    #[inline(never)]
    fn without_row(names: &impl Lookup, id: EntityId) -> Self {
        Self { id, ty: names.entity_parts(id).0, row: None }
    }

    #[inline]
    pub(crate) fn attributes(&self) -> &'e [Member] {
        self.row.map_or(&[], |row| &row.attributes)
    }

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
    anywhere: Arc<Vec<List>>,
    anchors: Chunks<Option<Arc<Anchor>>>,
    /// How many policies are anchored, by kind.
    anchored: [usize; KINDS],
    plans: Plans,
}

/// What of a scope the index is made of.
pub(crate) struct Indexed<'s> {
    pub(crate) scope: &'s LinkedScope,
    pub(crate) body: u32,
    /// The conditions, if they are of a common form.
    pub(crate) quick: Option<&'s Quick>,
}

/// Who is shown the lists of a request.
pub(crate) trait Visitor<'e> {
    /// The request.
    fn asked(&self) -> &Asked<'e>;

    /// Looks at policies, of which those count whose scope matches; says whether to go on.
    fn list(&mut self, entries: &[Entry]) -> bool;

    /// The same, if also the class of the policies must be among these.
    fn list_within(&mut self, entries: &[Entry], classes: Satisfied<'_>) -> bool;
}

impl Index {
    pub(crate) fn new<'s>(policies: impl Iterator<Item = Indexed<'s>>, entities: &Entities) -> Self {
        let mut index = Self::default();
        let (mut classes, mut entries, mut quicks) = (Classes::default(), Vec::new(), Vec::new());
        for (policy, Indexed { scope, body, quick }) in (0..).zip(policies) {
            let class = classes.of(&scope.action);
            let (principal, resource) = match quick {
                Some(quick) => narrowed(scope.principal, scope.resource, quick),
                None => (scope.principal, scope.resource),
            };
            entries.push((Entry::new(policy, body, class, principal, resource), quick));
            quicks.push(quick);
        }
        let worthwhile = entries.iter().filter(|(entry, _)| entry.has_place()).count() > FEW;
        let mut anywhere = Vec::new();
        anywhere.resize_with(classes.len(), Vec::new);
        for (entry, quick) in entries {
            if !(worthwhile && index.anchor(entry))
                && let Some(list) = anywhere.get_mut(entry.class as usize)
            {
                list.push((entry, quick));
            }
        }
        index.group_anchored(&quicks);
        (index.classes, index.anywhere) = (Arc::new(classes), Arc::new(anywhere.into_iter().map(List::new).collect()));
        index.look_up_actions(entities);
        index
    }

    /// Adds a link of a template that the index was prepared for.
    pub(crate) fn add(&mut self, policy: u32, indexed: &Indexed<'_>) -> bool {
        let Some(class) = self.classes.find(&indexed.scope.action) else { return false };
        let (principal, resource) = (indexed.scope.principal, indexed.scope.resource);
        self.anchor(Entry::new(policy, indexed.body, class, principal, resource))
    }

    /// Makes room for the action constraints of templates, so that links can be added.
    pub(crate) fn prepare(&mut self, scopes: &[LinkedScope], entities: &Entities) {
        let Some(classes) = Arc::get_mut(&mut self.classes) else { return };
        for scope in scopes {
            classes.of(&scope.action);
        }
        self.look_up_actions(entities);
    }

    /// Sorts the policies of every anchor by the constants that they compare operands with.
    fn group_anchored(&mut self, quicks: &[Option<&Quick>]) {
        for at in 0..self.anchors.len() {
            let Some(anchor) = self.anchors.get(at).and_then(Option::as_ref) else { continue };
            if anchor.0.iter().all(List::is_short) {
                continue;
            }
            let mut anchor = Arc::clone(anchor);
            // Taken out, so that it is changed in place.
            self.anchors.set(at, None);
            Arc::make_mut(&mut anchor).0.iter_mut().for_each(|list| list.group(quicks));
            self.anchors.set(at, Some(anchor));
        }
    }

    /// How many policies are found by what.
    pub(crate) fn statistics(&self) -> IndexStatistics {
        let [principal_equal, principal_in, resource_equal, resource_in] = self.anchored;
        let mut statistics = IndexStatistics {
            principal: principal_equal + principal_in,
            resource: resource_equal + resource_in,
            ..IndexStatistics::default()
        };
        for (class, list) in (0..).zip(self.anywhere.iter()) {
            statistics.constant += list.grouped();
            if self.classes.any().contains(&class) {
                statistics.unscoped += list.always().len();
            } else {
                statistics.action += list.always().len();
            }
        }
        statistics
    }

    /// Removes a policy that was added with this scope.
    pub(crate) fn remove(&mut self, policy: u32, scope: &LinkedScope) {
        for (at, kind, _) in places(scope.principal, scope.resource) {
            let mut anchor = self.anchors.get(at.index() as usize).cloned().flatten();
            // Taken out first, so that an anchor that nobody shares is changed in place.
            self.anchors.set(at.index() as usize, None);
            let list = anchor.as_mut().map(Arc::make_mut).and_then(|anchor| anchor.0.get_mut(kind as usize));
            if list.is_some_and(|list| list.remove(policy))
                && let Some(count) = self.anchored.get_mut(kind as usize)
            {
                *count = count.saturating_sub(1);
            }
            self.anchors.set(at.index() as usize, anchor.filter(|anchor| !anchor.0.iter().all(List::is_empty)));
        }
    }

    /// Puts a policy under one of the entities that its scope names, if it names one.
    fn anchor(&mut self, entry: Entry) -> bool {
        let length = |at: EntityId, kind| {
            let anchor = self.anchors.get(at.index() as usize).and_then(Option::as_ref);
            anchor.and_then(|anchor| anchor.list(kind)).map_or(0, List::len)
        };
        let best = places(entry.principal, entry.resource)
            .min_by_key(|(at, kind, exactness)| (*exactness, length(*at, *kind)));
        let Some((at, kind, _)) = best else { return false };
        let at = at.index() as usize;
        let mut anchor = self.anchors.get(at).cloned().flatten().unwrap_or_default();
        self.anchors.set(at, None);
        if let Some(list) = Arc::make_mut(&mut anchor).0.get_mut(kind as usize) {
            list.push(entry.anchored(kind));
        }
        self.anchors.set(at, Some(anchor));
        if let Some(count) = self.anchored.get_mut(kind as usize) {
            *count += 1;
        }
        true
    }

    /// Plans requests for all actions that constraints mention or entities are.
    pub(crate) fn look_up_actions(&mut self, entities: &Entities) {
        self.plans = Plans::new(&self.classes, &self.anywhere, entities);
    }

    /// Shows every policy that may be satisfied or err, each once.
    #[inline]
    pub(crate) fn visit<'e>(&self, room: &mut Vec<u32>, visitor: &mut impl Visitor<'e>) {
        let Asked { entities, principal, action, resource, .. } = *visitor.asked();
        let Some(plan) = self.plans.of(action, entities) else {
            room.clear();
            self.classes.add_satisfied_by(action, entities, room);
            if self.visit_classes(room, visitor) {
                self.visit_both(principal, resource, Satisfied::new(room), visitor);
            }
            return;
        };
        if self.visit_plan(plan, visitor) {
            self.visit_both(principal, resource, plan.satisfied(), visitor);
        }
    }

    #[inline]
    fn visit_plan<'e>(&self, plan: &Plan, visitor: &mut impl Visitor<'e>) -> bool {
        if !plan.is_merged {
            return self.visit_classes(&plan.classes, visitor);
        }
        (plan.entries.is_empty() || visitor.list(&plan.entries))
            && (plan.grouped.is_empty() || self.lists(&plan.grouped).all(|list| list.visit_groups(visitor)))
    }

    fn visit_classes<'e>(&self, classes: &[u32], visitor: &mut impl Visitor<'e>) -> bool {
        self.lists(classes).all(|list| visitor.list(list.always()) && list.visit_groups(visitor))
    }

    fn lists(&self, classes: &[u32]) -> impl Iterator<Item = &List> {
        classes.iter().filter_map(|class| self.anywhere.get(*class as usize))
    }

    /// Shows the policies that are anchored at the principal, at the resource, or above them.
    #[inline]
    fn visit_both<'e>(
        &self,
        principal: Party<'_>,
        resource: Party<'_>,
        classes: Satisfied<'_>,
        visitor: &mut impl Visitor<'e>,
    ) {
        let [principal_equal, principal_in, resource_equal, resource_in] = self.anchored;
        let kinds = [Kind::PrincipalEqual, Kind::PrincipalIn];
        let goes_on = principal_equal + principal_in == 0
            || self.visit_anchors(principal, principal_in > 0, kinds, classes, visitor);
        if goes_on && resource_equal + resource_in > 0 {
            let kinds = [Kind::ResourceEqual, Kind::ResourceIn];
            self.visit_anchors(resource, resource_in > 0, kinds, classes, visitor);
        }
    }

    fn visit_anchors<'e>(
        &self,
        party: Party<'_>,
        some_within: bool,
        [kind_equal, kind_in]: [Kind; 2],
        classes: Satisfied<'_>,
        visitor: &mut impl Visitor<'e>,
    ) -> bool {
        let mut show = |list: Option<&List>| list.is_none_or(|list| list.visit_within(classes, visitor));
        if let Some(anchor) = self.anchor_at(party.id)
            && !(show(anchor.list(kind_equal)) && show(anchor.list(kind_in)))
        {
            return false;
        }
        let above = party.row.filter(|_| some_within).map_or(&[][..], |row| row.ancestors.sorted());
        let mut anchors = above.iter().filter_map(|ancestor| self.anchor_at(*ancestor));
        anchors.all(|anchor| show(anchor.list(kind_in)))
    }

    #[inline]
    fn anchor_at(&self, entity: EntityId) -> Option<&Anchor> {
        self.anchors.get(entity.index() as usize)?.as_deref()
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
