//! Neighbours of a request: with one attribute, parent or name changed to what makes a difference to a policy.

use deodar_runtime::{
    Entities, EntityUid, Shapes, Value, ValueRef,
    shape::{EntityShapeKind, RecordShape, Type, TypeIndex},
};
use smol_str::SmolStr;

use super::{
    pool::Pool,
    scenario::{Entry, Members, Scenario},
};

/// A change of a request.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// Of the context: the member at the path becomes the value, or is taken away.
    Context(Vec<SmolStr>, Option<Value>),
    /// The same of the attributes of an entity.
    Attribute(EntityUid, Vec<SmolStr>, Option<Value>),
    Parents(EntityUid, Vec<EntityUid>),
    Principal(EntityUid),
    Action(EntityUid),
    Resource(EntityUid),
    /// A new entity that is like the principal but for its name.
    PrincipalLike(EntityUid),
    /// The same of the resource.
    ResourceLike(EntityUid),
}

/// How many entities of one type are tried in the place of another.
const OTHERS: usize = 4;

/// How far names are followed into records.
const DEPTH: usize = 3;

/// What changes are made with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Varier<'a> {
    pub(super) pool: &'a Pool,
    pub(super) store: &'a Entities,
    pub(super) shapes: Option<&'a Shapes>,
}

impl Varier<'_> {
    /// All changes of a request, in an order that depends on nothing else.
    pub(super) fn changes(self, scenario: &Scenario) -> Vec<Change> {
        let mut changes = Vec::new();
        let context = self.shapes.and_then(|shapes| shapes.actions.get(&scenario.action)).map(|shape| &shape.context);
        for (path, value) in self.members(scenario, &scenario.context, context) {
            changes.push(Change::Context(path, value));
        }
        for uid in self.entities(scenario) {
            let Some(entry) = scenario.entry(&uid, self.store) else { continue };
            let shape = self.attributes(&uid);
            for (path, value) in self.members(scenario, &entry.attributes, shape) {
                changes.push(Change::Attribute(uid.clone(), path, value));
            }
            for parents in self.parents(&uid, &entry) {
                changes.push(Change::Parents(uid.clone(), parents));
            }
        }
        changes.extend(self.actions(scenario).map(Change::Action));
        changes.extend(self.like(&scenario.principal).map(Change::Principal));
        changes.extend(self.like(&scenario.resource).map(Change::Resource));
        changes.extend(fresh(&scenario.principal).map(Change::PrincipalLike));
        changes.extend(fresh(&scenario.resource).map(Change::ResourceLike));
        changes
    }

    /// The request with a change.
    pub(super) fn apply(self, scenario: &Scenario, change: &Change) -> Scenario {
        let mut changed = scenario.clone();
        match change {
            Change::Context(path, value) => set(&mut changed.context, path, value.as_ref()),
            Change::Attribute(uid, path, value) => {
                let mut entry = scenario.entry(uid, self.store).unwrap_or_default();
                set(&mut entry.attributes, path, value.as_ref());
                changed.changed.insert(uid.clone(), entry);
            }
            Change::Parents(uid, parents) => {
                let entry = scenario.entry(uid, self.store).unwrap_or_default();
                changed.changed.insert(uid.clone(), Entry { parents: parents.clone(), ..entry });
            }
            Change::Principal(uid) => changed.principal = uid.clone(),
            Change::Action(uid) => changed.action = uid.clone(),
            Change::Resource(uid) => changed.resource = uid.clone(),
            Change::PrincipalLike(uid) => {
                let entry = scenario.entry(&scenario.principal, self.store);
                changed.changed.extend(entry.map(|entry| (uid.clone(), entry)));
                changed.principal = uid.clone();
            }
            Change::ResourceLike(uid) => {
                let entry = scenario.entry(&scenario.resource, self.store);
                changed.changed.extend(entry.map(|entry| (uid.clone(), entry)));
                changed.resource = uid.clone();
            }
        }
        changed
    }

    /// Other values of members that the policy reads, and members that it lacks.
    fn members(
        self,
        scenario: &Scenario,
        members: &Members,
        shape: Option<&RecordShape>,
    ) -> Vec<(Vec<SmolStr>, Option<Value>)> {
        let mut found = Vec::new();
        let mut open: Vec<(Vec<SmolStr>, Members, Option<&RecordShape>)> = vec![(Vec::new(), members.clone(), shape)];
        while let Some((path, members, shape)) = open.pop() {
            for name in &self.pool.names {
                let declared = shape.and_then(|shape| shape.attributes.get(name));
                let below = || path.iter().chain([name]).cloned().collect::<Vec<_>>();
                if let Some(value) = members.get(name) {
                    let ty = declared.map(|attribute| attribute.ty);
                    found.extend(
                        self.values_like(scenario, value.as_ref(), ty).into_iter().map(|value| (below(), Some(value))),
                    );
                    if declared.is_none_or(|attribute| !attribute.required) {
                        found.push((below(), None));
                    }
                    if let Some(inner) = value.members().filter(|_| path.len() < DEPTH) {
                        let inner = inner.map(|(name, value)| (name.into(), value.to_value())).collect();
                        open.push((below(), inner, ty.and_then(|ty| self.record(ty))));
                    }
                } else if let Some(attribute) = declared {
                    found
                        .extend(self.values_of(scenario, attribute.ty).into_iter().map(|value| (below(), Some(value))));
                } else if self.shapes.is_none() {
                    found.extend(self.any_values().into_iter().map(|value| (below(), Some(value))));
                }
            }
        }
        found
    }

    fn record(&self, ty: TypeIndex) -> Option<&RecordShape> {
        if let Type::Record(shape) = self.shapes?.ty(ty) { Some(shape) } else { None }
    }

    fn attributes(&self, uid: &EntityUid) -> Option<&RecordShape> {
        match &self.shapes?.entity_types.get(uid.entity_type())?.kind {
            EntityShapeKind::Standard { attributes, .. } => Some(attributes),
            EntityShapeKind::Enum(_) | EntityShapeKind::External => None,
        }
    }

    /// Values of the kind of another one.
    fn values_like(self, scenario: &Scenario, value: ValueRef<'_>, ty: Option<TypeIndex>) -> Vec<Value> {
        if let Some(ty) = ty {
            return self.values_of(scenario, ty);
        }
        if let Some(value) = value.as_bool() {
            return vec![Value::from(!value)];
        }
        if value.as_long().is_some() {
            return self.pool.longs.iter().map(|number| Value::from(*number)).collect();
        }
        if value.as_str().is_some() {
            return self.pool.strings.iter().map(|text| Value::from(text.as_str())).collect();
        }
        if let Some(uid) = value.as_entity() {
            return self.entities_of(scenario, &uid);
        }
        if let Some(ty) = value.extension_type() {
            return self.extensions(scenario, ty);
        }
        if value.elements().is_some() {
            return sets(self.any_values());
        }
        Vec::new()
    }

    /// Values of a type of the schema.
    pub(super) fn values_of(self, scenario: &Scenario, ty: TypeIndex) -> Vec<Value> {
        let Some(shapes) = self.shapes else { return Vec::new() };
        match shapes.ty(ty) {
            Type::Bool => vec![Value::from(true), Value::from(false)],
            Type::Long => self.pool.longs.iter().map(|number| Value::from(*number)).collect(),
            Type::String => self.pool.strings.iter().map(|text| Value::from(text.as_str())).collect(),
            Type::Entity(name) => self.entities_of(scenario, &EntityUid::new(name.clone(), NEW)),
            Type::Extension(ty) => self.extensions(scenario, *ty),
            // An element that is a set again has no room in a search.
            Type::Set(element) => match shapes.ty(*element) {
                Type::Set(_) | Type::Record(_) => sets(Vec::new()),
                Type::Bool | Type::Long | Type::String | Type::Entity(_) | Type::Extension(_) => {
                    sets(self.scalars_of(scenario, *element))
                }
            },
            Type::Record(shape) => self.default_record(scenario, shape).into_iter().collect(),
        }
    }

    fn scalars_of(self, scenario: &Scenario, ty: TypeIndex) -> Vec<Value> {
        let Some(shapes) = self.shapes else { return Vec::new() };
        match shapes.ty(ty) {
            Type::Bool => vec![Value::from(true), Value::from(false)],
            Type::Long => self.pool.longs.iter().map(|number| Value::from(*number)).collect(),
            Type::String => self.pool.strings.iter().map(|text| Value::from(text.as_str())).collect(),
            Type::Entity(name) => self.entities_of(scenario, &EntityUid::new(name.clone(), NEW)),
            Type::Extension(ty) => self.extensions(scenario, *ty),
            Type::Set(_) | Type::Record(_) => Vec::new(),
        }
    }

    /// A record with the first value of each member that it must have; members that are records are not there.
    fn default_record(self, scenario: &Scenario, shape: &RecordShape) -> Option<Value> {
        let required = shape.attributes.iter().filter(|(_, attribute)| attribute.required);
        let members = required.map(|(name, attribute)| Some((name.clone(), self.default_of(scenario, attribute.ty)?)));
        Value::record(members.collect::<Option<Vec<_>>>()?).ok()
    }

    /// The first value of a type; nothing for a record in a record.
    fn default_of(self, scenario: &Scenario, ty: TypeIndex) -> Option<Value> {
        match self.shapes?.ty(ty) {
            Type::Set(_) => Some(Value::set([])),
            Type::Record(shape) if shape.attributes.is_empty() => Value::record(Vec::<(&str, Value)>::new()).ok(),
            Type::Record(_) => None,
            Type::Bool | Type::Long | Type::String | Type::Entity(_) | Type::Extension(_) => {
                self.scalars_of(scenario, ty).into_iter().next()
            }
        }
    }

    /// The members that a shape asks for, if they can be made.
    pub(super) fn defaults(self, scenario: &Scenario, shape: &RecordShape) -> Option<Members> {
        let required = shape.attributes.iter().filter(|(_, attribute)| attribute.required);
        let member = |name: &SmolStr, ty| Some((name.clone(), self.values_of(scenario, ty).into_iter().next()?));
        required.map(|(name, attribute)| member(name, attribute.ty)).collect()
    }

    fn any_values(self) -> Vec<Value> {
        let longs = self.pool.longs.iter().map(|number| Value::from(*number));
        let strings = self.pool.strings.iter().map(|text| Value::from(text.as_str()));
        let entities = self.pool.entities.iter().map(Value::from);
        [Value::from(true), Value::from(false)].into_iter().chain(longs).chain(strings).chain(entities).collect()
    }

    fn entities_of(self, scenario: &Scenario, like: &EntityUid) -> Vec<Value> {
        let parts =
            [&scenario.principal, &scenario.resource].into_iter().filter(|uid| uid.entity_type() == like.entity_type());
        parts.cloned().chain(self.like(like)).map(Value::from).collect()
    }

    /// Values of an extension type: of the policy, and of other attributes, for what is compared with them.
    fn extensions(self, scenario: &Scenario, ty: deodar_lexicon::builtin::ExtensionType) -> Vec<Value> {
        let of_entities = self.entities(scenario).into_iter().filter_map(|uid| scenario.entry(&uid, self.store));
        let attributes = of_entities.flat_map(|entry| entry.attributes.into_values());
        let values = self.pool.extensions.iter().cloned().chain(scenario.context.values().cloned()).chain(attributes);
        values.filter(|value| value.as_ref().extension_type() == Some(ty)).collect()
    }

    /// Principal and resource, and the entities that their attributes name.
    fn entities(self, scenario: &Scenario) -> Vec<EntityUid> {
        let mut found = vec![scenario.principal.clone(), scenario.resource.clone()];
        let context = scenario.context.values().filter_map(Value::as_entity);
        found.extend(context);
        for uid in found.clone() {
            let attributes = scenario.entry(&uid, self.store).map(|entry| entry.attributes).unwrap_or_default();
            found.extend(
                attributes
                    .iter()
                    .filter(|(name, _)| self.pool.names.contains(*name))
                    .filter_map(|(_, value)| value.as_entity()),
            );
        }
        let mut unique = Vec::new();
        for uid in found {
            if !unique.contains(&uid) {
                unique.push(uid);
            }
        }
        unique
    }

    /// No parents, and those that the policy mentions.
    fn parents(self, uid: &EntityUid, entry: &Entry) -> Vec<Vec<EntityUid>> {
        let mut all = Vec::new();
        if !entry.parents.is_empty() {
            all.push(Vec::new());
        }
        for parent in self.pool.entities.iter().filter(|parent| *parent != uid && !entry.parents.contains(parent)) {
            all.push(entry.parents.iter().chain([parent]).cloned().collect());
        }
        all
    }

    fn actions(self, scenario: &Scenario) -> impl Iterator<Item = EntityUid> {
        let actions: Vec<EntityUid> =
            self.shapes.map(|shapes| shapes.actions.keys().cloned().collect()).unwrap_or_default();
        let now = scenario.action.clone();
        actions.into_iter().filter(move |action| *action != now)
    }

    /// Entities of the type: those that the policy mentions, some of the store, and one that is not there.
    fn like(self, uid: &EntityUid) -> impl Iterator<Item = EntityUid> {
        let ty = uid.entity_type().clone();
        let mentioned = self.pool.entities.iter().filter(|other| *other.entity_type() == ty).cloned();
        let mut stored: Vec<EntityUid> =
            self.store.iter().map(|entity| entity.uid()).filter(|other| *other.entity_type() == ty).collect();
        stored.sort_unstable();
        let listed = match self.shapes.and_then(|shapes| shapes.entity_types.get(&ty)).map(|shape| &shape.kind) {
            Some(EntityShapeKind::Enum(ids)) => ids.iter().map(|id| EntityUid::new(ty.clone(), id.clone())).collect(),
            Some(EntityShapeKind::Standard { .. } | EntityShapeKind::External) | None => {
                vec![EntityUid::new(ty.clone(), NOBODY)]
            }
        };
        let all = mentioned.chain(stored.into_iter().take(OTHERS)).chain(listed);
        let now = uid.clone();
        all.filter(move |other| *other != now).collect::<Vec<_>>().into_iter()
    }
}

/// Sets of none, each, and all of these.
fn sets(elements: Vec<Value>) -> Vec<Value> {
    let all = Value::set(elements.clone());
    let singles = elements.into_iter().map(|element| Value::set([element]));
    [Value::set([])].into_iter().chain(singles).chain([all]).collect()
}

/// The ids of entities that are made for a request, and of one that is not there.
pub(super) const NEW: &str = "new";
const NOBODY: &str = "unknown";

fn fresh(uid: &EntityUid) -> Option<EntityUid> {
    (uid.id() != NEW).then(|| EntityUid::new(uid.entity_type().clone(), NEW))
}

/// Changes a member at a path of records.
fn set(members: &mut Members, path: &[SmolStr], value: Option<&Value>) {
    // Records are taken apart on the way down, and put together on the way up.
    let Some((last, way)) = path.split_last() else { return };
    let mut levels = vec![members.clone()];
    for name in way {
        let Some(below) = levels.last().and_then(|level| level.get(name)).and_then(Value::members) else { return };
        levels.push(below.map(|(name, value)| (name.into(), value.to_value())).collect());
    }
    let Some(mut level) = levels.pop() else { return };
    match value {
        Some(value) => level.insert(last.clone(), value.clone()),
        None => level.remove(last),
    };
    for (mut above, name) in levels.into_iter().rev().zip(way.iter().rev()) {
        let Ok(record) = Value::record(level) else { return };
        above.insert(name.clone(), record);
        level = above;
    }
    *members = level;
}
