//! Values of the types of a schema, and the entities that they name.

use deodar_lexicon::builtin::ExtensionType;
use deodar_runtime::{
    Entity, EntityTypeName, EntityUid, Value,
    shape::{EntityShapeKind, RecordShape, Type, TypeIndex},
};
use smol_str::SmolStr;

use super::{
    Manner, Random, Space,
    aims::Aim,
    literals::{Literal, Literals},
};

/// How deep values nest. What a schema requires below that is left out, and the sample with it.
const LEVELS: usize = 8;
/// How far entities lead to others that are made up.
const DISTANCE: usize = 3;
/// The most entities that one sample makes up.
const ENTITIES: usize = 16;

/// Makes the values of one sample.
pub(super) struct Maker<'m, 'a> {
    space: &'m Space<'a>,
    /// Those of the policy in focus.
    focus: &'a Literals,
    random: &'m mut Random,
    /// Principal and resource: attributes often name them.
    parties: &'m [EntityUid; 2],
    manner: Manner,
    entities: Vec<Entity>,
    /// Entities that are to be made up, with how far they are from the request.
    wanted: Vec<(EntityUid, usize)>,
    /// How far those may be that are named now.
    distance: usize,
}

impl<'m, 'a> Maker<'m, 'a> {
    pub(super) fn new(
        space: &'m Space<'a>,
        focus: &'a Literals,
        random: &'m mut Random,
        (parties, manner): (&'m [EntityUid; 2], Manner),
    ) -> Self {
        Self { space, focus, random, parties, manner, entities: Vec::new(), wanted: Vec::new(), distance: DISTANCE }
    }

    /// Makes up an entity later, unless it is to stay as it is.
    pub(super) fn add_entity(&mut self, uid: &EntityUid) {
        let stays = self.space.store.contains(uid) && (self.manner == Manner::AsTheyAre || self.random.chance(1, 2));
        let is_new = self.wanted.iter().all(|(other, _)| other != uid);
        let is_near = self.distance > 0 && self.wanted.len() < ENTITIES;
        if !stays && is_new && is_near && !uid.entity_type().is_action() {
            self.wanted.push((uid.clone(), self.distance - 1));
        }
    }

    /// The entities that were made up.
    pub(super) fn into_entities(mut self) -> Vec<Entity> {
        let mut next = 0;
        while let Some((uid, distance)) = self.wanted.get(next).cloned() {
            next += 1;
            self.distance = distance;
            if let Some(entity) = self.entity(&uid) {
                self.entities.push(entity);
            }
        }
        self.entities
    }

    fn entity(&mut self, uid: &EntityUid) -> Option<Entity> {
        let space = self.space;
        let shape = space.shapes.entity_types.get(uid.entity_type())?;
        let EntityShapeKind::Standard { attributes, tags } = &shape.kind else { return None };
        let values = self.record(attributes);
        let mut parents = Vec::new();
        for ty in &shape.ancestor_types {
            let aimed = self.parent(ty);
            let is_aimed = aimed.is_some();
            let known = space.known.get(ty).map(Vec::as_slice).unwrap_or_default();
            if let Some(parent) = aimed.or_else(|| self.random.choose(known))
                && parent != uid
                && (is_aimed || self.random.chance(1, 2))
            {
                parents.push(parent.clone());
            }
        }
        let mut entity = Entity::new(uid.clone(), values, parents);
        if let Some(ty) = tags {
            let keys: Vec<SmolStr> = space.all.tags().cloned().collect();
            let mut made = Vec::new();
            for key in keys {
                if self.random.chance(2, 3) {
                    made.push((key.clone(), self.value(*ty, &key, LEVELS)));
                }
            }
            entity = entity.with_tags(made);
        }
        Some(entity)
    }

    /// The entity of a type that scopes ask for, mostly.
    fn parent(&mut self, ty: &EntityTypeName) -> Option<&'a EntityUid> {
        if self.manner != Manner::Aimed || self.random.chance(1, 8) {
            return None;
        }
        let (focus, all) = (self.focus, self.space.all);
        let of_type = |literals: &'a Literals| {
            let within = literals.aims().within().iter();
            within.filter(|uid| uid.entity_type() == ty).collect::<Vec<_>>()
        };
        let (first, others) = (of_type(focus), of_type(all));
        let from = if first.is_empty() || self.random.chance(1, 4) { others } else { first };
        self.random.choose(&from).copied()
    }

    /// What an attribute should be, mostly.
    fn aim(&mut self, name: &str) -> Option<&'a Aim> {
        if self.manner != Manner::Aimed || self.random.chance(1, 8) {
            return None;
        }
        let [focus, all] = [self.focus, self.space.all].map(|literals| literals.aims().of_attribute(name));
        let from = if focus.is_empty() || self.random.chance(1, 4) { all } else { focus };
        self.random.choose(from)
    }

    /// The members of a record.
    pub(super) fn record(&mut self, shape: &RecordShape) -> Vec<(SmolStr, Value)> {
        self.record_within(shape, LEVELS)
    }

    fn record_within(&mut self, shape: &RecordShape, levels: usize) -> Vec<(SmolStr, Value)> {
        let mut members = Vec::new();
        for (name, attribute) in &shape.attributes {
            let there = attribute.required
                || match self.aim(name) {
                    Some(Aim::Absent) => false,
                    Some(Aim::Bool(_) | Aim::Is(_) | Aim::Other | Aim::Present) => true,
                    None => self.random.chance(2, 3),
                };
            if levels > 0 && there {
                members.push((name.clone(), self.value(attribute.ty, name, levels - 1)));
            }
        }
        members
    }

    /// A value of a type, for an attribute of this name.
    fn value(&mut self, ty: TypeIndex, name: &str, levels: usize) -> Value {
        match self.space.shapes.ty(ty) {
            Type::Bool => Value::from(match self.aim(name) {
                Some(Aim::Bool(wanted)) => *wanted,
                Some(Aim::Is(_) | Aim::Other | Aim::Present | Aim::Absent) | None => self.random.chance(1, 2),
            }),
            Type::Long => Value::from(self.long(name)),
            Type::String => Value::from(self.text(name).as_str()),
            Type::Entity(ty) => self.entity_of(ty, name),
            Type::Extension(ty) => self.extension(*ty, name),
            Type::Set(element) => {
                let n_elements = if levels == 0 { 0 } else { self.random.below(4) };
                let elements: Vec<Value> =
                    (0..n_elements).map(|_| self.value(*element, name, levels.saturating_sub(1))).collect();
                Value::set(elements)
            }
            Type::Record(shape) => {
                let members = self.record_within(shape, levels);
                // No name stands twice in a shape.
                Value::record(members).unwrap_or_else(|_| Value::from(false))
            }
        }
    }

    /// A literal of a kind: mostly of those that the attribute is compared with, and sometimes none.
    fn literal<T>(&mut self, name: &str, wanted: impl Fn(&Literal) -> Option<T>) -> Option<T> {
        match self.aim(name) {
            Some(Aim::Is(literal)) => {
                if let Some(value) = wanted(literal) {
                    return Some(value);
                }
            }
            Some(Aim::Other) => return None,
            Some(Aim::Bool(_) | Aim::Present | Aim::Absent) | None => {}
        }
        let (focus, all) = (self.focus, self.space.all);
        let first = if self.random.chance(1, 2) { focus } else { all };
        let mut found: Vec<T> = match self.random.below(8) {
            0 | 1 => Vec::new(),
            2 => all.all().filter_map(&wanted).collect(),
            _ => first.of_attribute(name).filter_map(&wanted).collect(),
        };
        let at = self.random.below(found.len());
        (at < found.len()).then(|| found.swap_remove(at))
    }

    fn long(&mut self, name: &str) -> i64 {
        let literal = self.literal(name, |literal| match literal {
            Literal::Long(value) => Some(*value),
            Literal::Text(_) | Literal::Entity(_) | Literal::Extension(..) => None,
        });
        // What is aimed at is no boundary but the value itself.
        let steps: &[i64] = if self.manner == Manner::Aimed { &[0] } else { &[0, 1, -1] };
        let step = self.random.choose(steps).copied().unwrap_or(0);
        literal.unwrap_or(0).saturating_add(step)
    }

    fn text(&mut self, name: &str) -> SmolStr {
        let literal = self.literal(name, |literal| match literal {
            Literal::Text(text) => Some(text.clone()),
            Literal::Long(_) | Literal::Entity(_) | Literal::Extension(..) => None,
        });
        literal.unwrap_or_else(|| if self.random.chance(1, 2) { "other".into() } else { SmolStr::default() })
    }

    fn entity_of(&mut self, ty: &EntityTypeName, name: &str) -> Value {
        let party = self.parties.iter().find(|uid| uid.entity_type() == ty).cloned();
        let literal = self.literal(name, |literal| match literal {
            Literal::Entity(uid) if uid.entity_type() == ty => Some(uid.clone()),
            Literal::Entity(_) | Literal::Long(_) | Literal::Text(_) | Literal::Extension(..) => None,
        });
        let known = self.space.known.get(ty).map(Vec::as_slice).unwrap_or_default();
        let any = self.random.choose(known).cloned().or_else(|| self.space.anybody(ty));
        let first = if self.random.chance(1, 2) { party } else { None };
        let uid = first.or(literal).or(any).unwrap_or_else(|| EntityUid::new(ty.clone(), "somebody"));
        self.add_entity(&uid);
        Value::from(uid)
    }

    fn extension(&mut self, ty: ExtensionType, name: &str) -> Value {
        let literal = self.literal(name, |literal| match literal {
            Literal::Extension(other, text) if *other == ty => Some(text.clone()),
            Literal::Extension(..) | Literal::Long(_) | Literal::Text(_) | Literal::Entity(_) => None,
        });
        // The first address of a range lies in it.
        let literal = literal.map(|text| match (ty, text.split_once('/')) {
            (ExtensionType::IpAddr, Some((address, _))) => address.into(),
            (_, _) => text,
        });
        let usual: &[&str] = match ty {
            ExtensionType::Decimal => &["0.0", "1.0", "-1.0"],
            ExtensionType::IpAddr => &["192.0.2.1", "10.0.0.1", "::1"],
            ExtensionType::Datetime => &["2025-01-01", "1970-01-01", "2100-01-01"],
            ExtensionType::Duration => &["0ms", "1h", "-1h"],
        };
        let other = self.random.choose(usual).copied().unwrap_or_default();
        let text = literal.unwrap_or_else(|| other.into());
        let made = match ty {
            ExtensionType::Decimal => Value::decimal(&text),
            ExtensionType::IpAddr => Value::ip(&text),
            ExtensionType::Datetime => Value::datetime(&text),
            ExtensionType::Duration => Value::duration(&text),
        };
        // Policies may have literals that are none; the usual ones are.
        made.unwrap_or_else(|_| Value::from(false))
    }
}
