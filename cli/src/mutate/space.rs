//! The requests of the tests and those between them: each principal with each action, resource and context.

use std::collections::BTreeMap;

use deodar_compiler::{Schema, may_match, uid};
use deodar_grammar::ast::{EntityConstraintKind, EntityOrSlot, Policy};
use deodar_runtime::{Context, Entities, EntityTypeName, EntityUid, Request, shape::EntityShapeKind};

use super::{
    pool::Pool,
    scenario::{Entry, Scenario},
    vary::{NEW, Varier},
};
use crate::suite::Suites;

/// A sequence of numbers that a seed gives.
#[derive(Debug, Clone)]
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(0x9e37_79b9_7f4a_7c15))
    }

    /// One below the bound; 0 if the bound is.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default().checked_rem(bound).unwrap_or_default()
    }
}

/// A request over one of the stores.
#[derive(Debug)]
pub(super) struct Point {
    pub(super) store: usize,
    pub(super) request: Request,
}

/// How many values of one axis are combined with the others.
const AXIS: usize = 64;

/// Requests of the tests first, then combinations; at most so many.
pub(super) fn space(suites: &Suites, schema: Option<&Schema>, seed: u64, limit: usize) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for (store, entities) in suites.stores.iter().enumerate() {
        let of_store = suites.cases.iter().filter(|case| case.store == store);
        let requests: Vec<&Request> = of_store.filter_map(|case| case.request.as_ref()).collect();
        for request in &requests {
            points.push(Point { store, request: (*request).clone() });
        }
        let left = limit.saturating_sub(points.len());
        let axes = Axes::of(&requests, entities, schema);
        points.extend(axes.requests(schema, seed, left).into_iter().map(|request| Point { store, request }));
    }
    points
}

struct Axes {
    principals: Vec<EntityUid>,
    actions: Vec<EntityUid>,
    resources: Vec<EntityUid>,
    contexts: Vec<Context>,
}

impl Axes {
    fn of(requests: &[&Request], entities: &Entities, schema: Option<&Schema>) -> Self {
        let mut contexts: Vec<Context> = Vec::new();
        for request in requests {
            if !contexts.contains(request.context()) && contexts.len() < AXIS {
                contexts.push(request.context().clone());
            }
        }
        if contexts.iter().all(|context| *context != Context::empty()) {
            contexts.push(Context::empty());
        }
        let mut stored: Vec<EntityUid> = entities.iter().map(|entity| entity.uid()).collect();
        stored.sort_unstable();
        let axis = |part: fn(&Request) -> &EntityUid, allowed: &dyn Fn(&EntityUid) -> bool| {
            let mut axis: Vec<EntityUid> = Vec::new();
            let of_tests = requests.iter().map(|request| part(request)).cloned();
            for uid in of_tests.chain(stored.iter().filter(|uid| allowed(uid)).cloned()) {
                if !axis.contains(&uid) && axis.len() < AXIS {
                    axis.push(uid);
                }
            }
            axis
        };
        let used = |part: fn(&Request) -> &EntityUid, ty: &EntityTypeName| {
            requests.iter().any(|request| part(request).entity_type() == ty)
        };
        let environments = || schema.into_iter().flat_map(Schema::request_environments);
        let principals = axis(Request::principal, &|uid| {
            used(Request::principal, uid.entity_type()) || environments().any(|env| env.principal == uid.entity_type())
        });
        let resources = axis(Request::resource, &|uid| {
            used(Request::resource, uid.entity_type()) || environments().any(|env| env.resource == uid.entity_type())
        });
        let mut actions: Vec<EntityUid> = requests.iter().map(|request| request.action().clone()).collect();
        actions.extend(schema.iter().flat_map(|schema| schema.shapes().actions.keys().cloned()));
        actions.sort_unstable();
        actions.dedup();
        Self { principals, actions, resources, contexts }
    }

    /// Those that the schema allows.
    fn requests(&self, schema: Option<&Schema>, seed: u64, limit: usize) -> Vec<Request> {
        let sizes = [self.principals.len(), self.actions.len(), self.resources.len(), self.contexts.len()];
        let total = sizes.iter().fold(1_usize, |total, size| total.saturating_mul(*size));
        // Most combinations are none that a schema allows.
        let tries = total.min(limit.saturating_mul(8));
        let mut numbers = Numbers::new(seed);
        let mut requests = Vec::new();
        for number in 0..tries {
            let number = if tries == total { number } else { numbers.below(total) };
            requests.extend(
                self.request(number)
                    .filter(|request| schema.is_none_or(|schema| request.validate(schema.shapes()).is_ok())),
            );
            if requests.len() >= limit {
                break;
            }
        }
        requests
    }

    fn request(&self, mut number: usize) -> Option<Request> {
        let mut pick = |size: usize| {
            let digit = number.checked_rem(size).unwrap_or_default();
            number = number.checked_div(size).unwrap_or_default();
            digit
        };
        let context = self.contexts.get(pick(self.contexts.len()))?;
        let resource = self.resources.get(pick(self.resources.len()))?;
        let action = self.actions.get(pick(self.actions.len()))?;
        let principal = self.principals.get(pick(self.principals.len()))?;
        Some(Request::new(principal.clone(), action.clone(), resource.clone(), context.clone()))
    }
}

/// Requests that a schema allows and a scope may match, whether there are tests or not: with the entities that the scope
/// names, else with entities of the store, else with new ones.
pub(super) fn of_schema(policy: &Policy, pool: &Pool, store: &Entities, schema: &Schema) -> Vec<Scenario> {
    let shapes = schema.shapes();
    let varier = Varier { pool, store, shapes: Some(shapes) };
    let mut scenarios = Vec::new();
    for environment in
        schema.request_environments().filter(|environment| may_match(schema, &policy.scope, *environment))
    {
        let principal = party(&policy.scope.principal.kind, environment.principal, store, schema);
        let resource = party(&policy.scope.resource.kind, environment.resource, store, schema);
        let action = environment.action.clone();
        let (context, changed) = (BTreeMap::new(), BTreeMap::new());
        let mut scenario = Scenario { store: 0, principal, action, resource, context, changed };
        for (uid, kind) in [
            (scenario.principal.clone(), &policy.scope.principal.kind),
            (scenario.resource.clone(), &policy.scope.resource.kind),
        ] {
            let entry = scenario.entry(&uid, store).or_else(|| {
                let shape = &shapes.entity_types.get(uid.entity_type())?.kind;
                let EntityShapeKind::Standard { attributes, .. } = shape else { return None };
                Some(Entry { attributes: varier.defaults(&scenario, attributes)?, ..Entry::default() })
            });
            let Some(mut entry) = entry else { continue };
            let is_known = store.contains(&uid);
            let group = group(kind).filter(|group| *group != uid && !entry.parents.contains(group));
            if is_known && group.is_none() {
                continue;
            }
            entry.parents.extend(group);
            scenario.changed.insert(uid, entry);
        }
        if let Some(context) = varier.defaults(&scenario, environment.context) {
            scenarios.push(Scenario { context, ..scenario });
        }
    }
    scenarios
}

fn party(kind: &EntityConstraintKind, ty: &EntityTypeName, store: &Entities, schema: &Schema) -> EntityUid {
    if let EntityConstraintKind::Equal(EntityOrSlot::Entity(entity)) = kind
        && let Some(uid) = uid(entity)
    {
        return uid;
    }
    let mut stored: Vec<EntityUid> =
        store.iter().map(|entity| entity.uid()).filter(|uid| uid.entity_type() == ty).collect();
    stored.sort_unstable();
    let listed = schema.shapes().entity_types.get(ty).and_then(|shape| match &shape.kind {
        EntityShapeKind::Enum(ids) => ids.first().cloned(),
        EntityShapeKind::Standard { .. } | EntityShapeKind::External => None,
    });
    let made = EntityUid::new(ty.clone(), listed.unwrap_or_else(|| NEW.into()));
    stored.into_iter().next().unwrap_or(made)
}

/// What the constraint wants the entity to be in.
fn group(kind: &EntityConstraintKind) -> Option<EntityUid> {
    match kind {
        EntityConstraintKind::In(EntityOrSlot::Entity(group))
        | EntityConstraintKind::IsIn(_, EntityOrSlot::Entity(group)) => uid(group),
        EntityConstraintKind::All
        | EntityConstraintKind::Equal(_)
        | EntityConstraintKind::Is(_)
        | EntityConstraintKind::In(EntityOrSlot::Slot(_))
        | EntityConstraintKind::IsIn(_, EntityOrSlot::Slot(_)) => None,
    }
}
