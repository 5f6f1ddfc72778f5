//! A request with entities of its own: what a search tries, and what a test to paste is made of.

use std::collections::{BTreeMap, BTreeSet};

use deodar_runtime::{Context, Engine, Entities, Entity, EntityRef, EntityUid, Request, Shapes, Value};
use smol_str::SmolStr;

/// Attributes, tags or the context.
pub(super) type Members = BTreeMap<SmolStr, Value>;

/// A request, and the entities that are other than in the store.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) store: usize,
    pub(super) principal: EntityUid,
    pub(super) action: EntityUid,
    pub(super) resource: EntityUid,
    pub(super) context: Members,
    pub(super) changed: BTreeMap<EntityUid, Entry>,
}

/// An entity that can be changed.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Entry {
    pub(super) attributes: Members,
    pub(super) tags: Members,
    pub(super) parents: Vec<EntityUid>,
}

impl Entry {
    fn of(entity: EntityRef<'_>) -> Self {
        let members = |(name, value): (&str, deodar_runtime::ValueRef<'_>)| (SmolStr::from(name), value.to_value());
        Self {
            attributes: entity.attributes().map(members).collect(),
            tags: entity.tags().map(members).collect(),
            parents: entity.parents().collect(),
        }
    }
}

impl Scenario {
    pub(super) fn of(store: usize, request: &Request) -> Self {
        let context = request.context().iter().map(|(name, value)| (name.into(), value.to_value()));
        Self {
            store,
            principal: request.principal().clone(),
            action: request.action().clone(),
            resource: request.resource().clone(),
            context: context.collect(),
            changed: BTreeMap::new(),
        }
    }

    /// The request, if the schema allows it.
    pub(super) fn request(&self, shapes: Option<&Shapes>) -> Option<Request> {
        let context = Context::from_pairs(self.context.iter().map(|(name, value)| (name, value.clone()))).ok()?;
        let [principal, action, resource] = [&self.principal, &self.action, &self.resource].map(Clone::clone);
        let request = Request::new(principal, action, resource, context);
        shapes.is_none_or(|shapes| request.validate(shapes).is_ok()).then_some(request)
    }

    /// The entity as the request sees it, if it is there.
    pub(super) fn entry(&self, uid: &EntityUid, store: &Entities) -> Option<Entry> {
        self.changed.get(uid).cloned().or_else(|| store.get(uid).map(Entry::of))
    }

    /// The same for a test in a file that names no entities. A test without entities of its own has the usual ones, and
    /// one with entities has no others: so if one that the request has to do with is other than usual, all are written
    /// out.
    pub(super) fn self_contained(&self, own: &Entities, usual: &Entities) -> Self {
        let changed = self.over(own, usual);
        if changed.changed.is_empty() { changed } else { self.over(own, &Entities::new()) }
    }

    /// The same over another store: the entities that the request has to do with, and that are other there, are changed.
    fn over(&self, own: &Entities, other: &Entities) -> Self {
        let mut open = vec![self.principal.clone(), self.resource.clone()];
        open.extend(self.context.values().filter_map(Value::as_entity));
        let mut over = self.clone();
        let mut seen = BTreeSet::new();
        while let Some(uid) = open.pop() {
            let Some(entry) = self.entry(&uid, own).filter(|_| seen.insert(uid.clone())) else { continue };
            open.extend(entry.parents.iter().cloned());
            open.extend(entry.attributes.values().filter_map(Value::as_entity));
            if other.get(&uid).map(Entry::of).as_ref() != Some(&entry) {
                over.changed.insert(uid, entry);
            }
        }
        over
    }

    /// The entities that are other than in the store.
    pub(super) fn entities(&self) -> Vec<Entity> {
        let entities = self.changed.iter().map(|(uid, entry)| {
            let Entry { attributes, tags, parents } = entry.clone();
            Entity::new(uid.clone(), attributes, parents).with_tags(tags)
        });
        entities.collect()
    }

    /// The engine with these entities, if the schema allows them; nothing if there are none.
    pub(super) fn engine(&self, engine: &Engine, shapes: Option<&Shapes>) -> Result<Option<Engine>, ()> {
        if self.changed.is_empty() {
            return Ok(None);
        }
        let mut changed = engine.clone();
        for entity in self.entities() {
            changed.upsert(&entity, shapes).map_err(|_| ())?;
        }
        Ok(Some(changed))
    }
}
