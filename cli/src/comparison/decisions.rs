//! Which requests are decided otherwise.
//!
//! Samples come from the environments that a changed policy may concern: elsewhere both versions have the same policies,
//! and only a schema or links could make a difference, which the tests' requests show. Requests that differ in the same
//! way, with the same policies responsible, are one finding with one of them as its example.

use std::collections::{BTreeMap, BTreeSet};

use deodar_grammar::ast;
use deodar_runtime::{
    Engine, Entities, Entity, EntityUid, Explanation, Request, Response, Shapes, ValueRef,
    program::{ActionConstraint, EntityConstraint, EntityOrSlot, Policy},
};

use super::{Asked, Flip, PolicyChanges, Side, Verdict, direction};
use crate::space::{Environment, Literals, Sample, Space};

/// Compares the decisions of two versions; the second part says what was looked at.
pub(crate) fn compare(old: &Side, new: &Side, changes: &PolicyChanges, limit: usize, seed: u64) -> (Vec<Flip>, Asked) {
    let mut flips = Flips { old, new, found: BTreeMap::new() };
    let mut asked = Asked { seed, ..Asked::default() };
    asked.tests = flips.of_tests(new) + flips.of_other_tests(old, new);
    let sides = [(new, &changes_in(changes, true)), (old, &changes_in(changes, false))];
    if let Some(shapes) = new.shapes().or(old.shapes()) {
        asked.has_schema = true;
        let (focus, all) = (in_focus(sides), literals(sides));
        let concerned = |environment: &Environment<'_>| concerns(sides, environment, shapes);
        let space = Space::new(shapes, &new.entities, &focus, &all, concerned);
        asked.environments = space.environments();
        let (before, after) = (old.engine(&new.entities), new.engine(&new.entities));
        for sample in space.samples(seed).take(limit) {
            asked.samples += 1;
            flips.of_sample(&before, &after, sample);
        }
    }
    let mut found: Vec<Flip> = flips.found.into_values().collect();
    found.sort_by_key(|flip| (flip.direction, flip.test.is_none()));
    (found, asked)
}

/// The ids of the policies that differ, in the new version or the old one.
fn changes_in(changes: &PolicyChanges, is_new: bool) -> BTreeSet<String> {
    let pairs = changes.changed.iter().filter(|pair| !pair.only_annotations);
    let of_pairs = pairs.map(|pair| if is_new { &pair.new } else { &pair.old });
    let lone = if is_new { &changes.added } else { &changes.removed };
    of_pairs.chain(lone).map(|named| named.id.clone()).collect()
}

type Sides<'a> = [(&'a Side, &'a BTreeSet<String>); 2];

/// The literals of each policy that differs, which shows where it applies.
fn in_focus(sides: Sides<'_>) -> Vec<Literals> {
    let mut focus = Vec::new();
    for (side, ids) in sides {
        for set in &side.policies.sets {
            for policy in set.policies.iter().filter(|policy| ids.contains(policy.id.as_str())) {
                let mut literals = Literals::default();
                literals.add(set, policy, true);
                focus.push(literals);
            }
        }
    }
    focus
}

/// The literals of all policies: a decision shows best where permits apply and forbids do not.
fn literals(sides: Sides<'_>) -> Literals {
    let mut literals = Literals::default();
    for (side, ids) in sides {
        for set in &side.policies.sets {
            for policy in &set.policies {
                literals.add(set, policy, policy.effect.value == ast::Effect::Permit);
            }
        }
        // What links fill in stands in no tree.
        for policy in concerned_policies(side, ids) {
            for constraint in [&policy.scope.principal, &policy.scope.resource] {
                if let Some(EntityOrSlot::Entity(uid)) = constraint.entity() {
                    literals.add_entity(uid);
                }
            }
        }
    }
    literals
}

/// The policies that differ, and the links of templates that do.
fn concerned_policies<'s>(side: &'s Side, ids: &'s BTreeSet<String>) -> impl Iterator<Item = &'s Policy> {
    side.program.policies().iter().filter(|policy| {
        let template = policy.template.as_ref().is_some_and(|template| ids.contains(template.as_str()));
        template || ids.contains(policy.id.as_str())
    })
}

/// Whether a policy that differs may match requests of an environment.
fn concerns(sides: Sides<'_>, environment: &Environment<'_>, shapes: &Shapes) -> bool {
    let fits = |constraint: &EntityConstraint, ty: &deodar_runtime::EntityTypeName| match constraint {
        EntityConstraint::Is(wanted) | EntityConstraint::IsIn(wanted, _) => wanted == ty,
        EntityConstraint::Equal(EntityOrSlot::Entity(uid)) => uid.entity_type() == ty,
        EntityConstraint::Any | EntityConstraint::In(_) | EntityConstraint::Equal(EntityOrSlot::Slot(_)) => true,
    };
    let is_in = |group: &EntityUid| {
        let ancestors = shapes.actions.get(environment.action).map(|action| &action.ancestors);
        group == environment.action || ancestors.is_some_and(|ancestors| ancestors.contains(group))
    };
    let acts = |constraint: &ActionConstraint| match constraint {
        ActionConstraint::Any => true,
        ActionConstraint::Equal(action) => action == environment.action,
        ActionConstraint::In(groups) => groups.iter().any(is_in),
    };
    sides.iter().any(|(side, ids)| {
        concerned_policies(side, ids).any(|policy| {
            let scope = &policy.scope;
            acts(&scope.action)
                && fits(&scope.principal, environment.principal)
                && fits(&scope.resource, environment.resource)
        })
    })
}

/// What a finding is one of its kind by.
type Kind = (super::Direction, [String; 3], Vec<String>, Vec<String>);

struct Flips<'a> {
    old: &'a Side,
    new: &'a Side,
    found: BTreeMap<Kind, Flip>,
}

impl Flips<'_> {
    /// Decides the requests of a version's tests; says how many.
    fn of_tests(&mut self, side: &Side) -> usize {
        self.of_cases(side, |_| true)
    }

    /// The same for those tests of the old version that the new one does not have.
    fn of_other_tests(&mut self, old: &Side, new: &Side) -> usize {
        let key = |request: &Request| format!("{request:?}");
        let known: BTreeSet<String> =
            new.suites.cases.iter().filter_map(|case| case.request.as_ref()).map(key).collect();
        self.of_cases(old, |request| !known.contains(&key(request)))
    }

    fn of_cases(&mut self, side: &Side, wanted: impl Fn(&Request) -> bool) -> usize {
        let engine = |side: &Side, store: &Entities| side.engine(store);
        let stores = side.suites.stores.iter();
        let engines: Vec<(Engine, Engine)> =
            stores.map(|store| (engine(self.old, store), engine(self.new, store))).collect();
        let mut n_asked = 0;
        for case in &side.suites.cases {
            let (Some(request), Some((before, after))) = (&case.request, engines.get(case.store)) else { continue };
            if !wanted(request) {
                continue;
            }
            n_asked += 1;
            let sample = Sample { request: request.clone(), entities: Vec::new() };
            self.note(before, after, sample, Some(&case.name));
        }
        n_asked
    }

    fn of_sample(&mut self, before: &Engine, after: &Engine, sample: Sample) {
        if sample.entities.is_empty() {
            return self.note(before, after, sample, None);
        }
        let with = |engine: &Engine| engine.with_entities(&sample.entities).ok();
        if let (Some(before), Some(after)) = (with(before), with(after)) {
            self.note(&before, &after, sample, None);
        }
    }

    fn note(&mut self, before: &Engine, after: &Engine, mut sample: Sample, test: Option<&str>) {
        let request = &sample.request;
        let (was, is) = (before.authorize(request), after.authorize(request));
        let Some(direction) = direction(&was, &is) else { return };
        if !sample.entities.is_empty() {
            sample.entities = needed(after.entities(), request);
        }
        let request = &sample.request;
        let was = verdict(self.old, before, request, &was);
        let is = verdict(self.new, after, request, &is);
        let types = [request.principal(), request.resource()].map(|uid| uid.entity_type().to_string());
        let [principal, resource] = types;
        let ids = |verdict: &Verdict| verdict.determining.iter().map(|named| named.id.clone()).collect();
        let kind = (direction, [principal, request.action().to_string(), resource], ids(&was), ids(&is));
        match self.found.entry(kind) {
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let flip = entry.get_mut();
                flip.count += 1;
                // Of several examples, the one with the least to read; those of tests come first anyway.
                if flip.test.is_none() && size(&sample.request, &sample.entities) < size(&flip.request, &flip.entities)
                {
                    (flip.request, flip.entities) = (sample.request, sample.entities);
                }
            }
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(Flip {
                    direction,
                    request: sample.request,
                    entities: sample.entities,
                    test: test.map(str::to_owned),
                    before: was,
                    after: is,
                    count: 1,
                });
            }
        }
    }
}

/// The most entities that an example brings along.
const NEEDED: usize = 50;

/// The entities of a store that the request leads to: an example with entities of its own has no others.
fn needed(store: &Entities, request: &Request) -> Vec<Entity> {
    let mut open = vec![request.principal().clone(), request.resource().clone()];
    add_entities(request.context().as_value().as_ref(), &mut open);
    let mut seen = BTreeSet::new();
    let mut entities = Vec::new();
    while let Some(uid) = open.pop() {
        let Some(entity) = store.get(&uid).filter(|_| seen.insert(uid.clone()) && entities.len() < NEEDED) else {
            continue;
        };
        for (_, value) in entity.attributes().chain(entity.tags()) {
            add_entities(value, &mut open);
        }
        open.extend(entity.parents());
        let attributes = entity.attributes().map(|(name, value)| (name.to_owned(), value.to_value()));
        let tags = entity.tags().map(|(name, value)| (name.to_owned(), value.to_value()));
        if !uid.entity_type().is_action() {
            entities.push(Entity::new(uid, attributes, entity.parents()).with_tags(tags));
        }
    }
    entities.sort_by(|one, other| one.uid().cmp(other.uid()));
    entities
}

/// The entities that a value names.
fn add_entities(value: ValueRef<'_>, to: &mut Vec<EntityUid>) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        to.extend(value.as_entity());
        open.extend(value.elements().into_iter().flatten());
        open.extend(value.members().into_iter().flatten().map(|(_, member)| member));
    }
}

/// How much there is to read in an example.
fn size(request: &Request, entities: &[Entity]) -> (usize, usize) {
    (entities.len(), request.context().to_string().len())
}

fn verdict(side: &Side, engine: &Engine, request: &Request, response: &Response) -> Verdict {
    let determining: Vec<_> = response.determining().iter().filter_map(|id| side.named(id)).collect();
    let explained: Option<Explanation> = determining.is_empty().then(|| engine.explain(request));
    let nearest = explained.as_ref().and_then(Explanation::nearest_permit);
    Verdict {
        decision: response.decision(),
        nearest: nearest.and_then(|nearest| side.named(&nearest.policy)),
        determining,
        errors: response.errors().iter().map(|error| error.policy.to_string()).collect(),
    }
}
