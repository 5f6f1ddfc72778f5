//! A schema as the checker asks it: entity types, actions and attributes by number.
//!
//! Checking asks the same few questions of every expression in every request environment: what type has this
//! attribute, can an entity of this type be in one of that. A model answers them without comparing names. It is built
//! once for each check.

use core::cell::RefCell;
use std::{collections::BTreeSet, rc::Rc};

use deodar_grammar::ast::EntityRef;
use deodar_lexicon::name;
use deodar_runtime::{
    EntityTypeName, EntityUid,
    shape::{ActionShape, AttributeShape, EntityShape, EntityShapeKind, RecordShape, Type},
};
use hashbrown::{HashMap, HashSet};
use smol_str::SmolStr;

use super::types::{Attribute, Kind, Mode, Ty, Types};
use crate::Schema;

/// An entity type of one [`Model`], the types of actions included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EntityTypeIndex(u32);

/// An action of one [`Model`], in the order of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ActionIndex(u32);

impl EntityTypeIndex {
    pub(crate) fn position(self) -> usize {
        self.0 as usize
    }
}

impl ActionIndex {
    /// No action.
    pub(crate) const NONE: Self = Self(u32::MAX);

    pub(crate) fn position(self) -> usize {
        self.0 as usize
    }
}

/// What is known of an entity type.
#[derive(Debug)]
struct EntityType<'s> {
    name: &'s EntityTypeName,
    /// The type of its entities.
    ty: Ty,
    /// Absent for the types of actions.
    shape: Option<&'s EntityShape>,
    /// In the order of their names.
    attributes: Vec<(SmolStr, Attribute)>,
    tags: Option<Ty>,
}

/// What is known of an action.
#[derive(Debug)]
pub(crate) struct Action<'s> {
    pub(crate) uid: &'s EntityUid,
    shape: &'s ActionShape,
    /// The type of the action itself.
    pub(crate) ty: EntityTypeIndex,
    pub(crate) principals: Vec<EntityTypeIndex>,
    pub(crate) resources: Vec<EntityTypeIndex>,
    pub(crate) context: Ty,
}

/// A schema by numbers.
#[derive(Debug)]
pub(crate) struct Model<'s> {
    pub(crate) schema: &'s Schema,
    entity_types: Vec<EntityType<'s>>,
    entity_type_indices: HashMap<&'s str, EntityTypeIndex>,
    actions: Vec<Action<'s>>,
    action_indices: HashMap<(&'s str, &'s str), ActionIndex>,
    /// Pairs of action types of which an action of the first may be a member of one of the second.
    action_types_below: HashSet<(EntityTypeIndex, EntityTypeIndex)>,
    /// Answers of [`Self::may_be_in`].
    below: RefCell<HashMap<(EntityTypeIndex, EntityTypeIndex), bool>>,
    /// Answers of [`Self::members`].
    members: RefCell<HashMap<ActionIndex, Rc<[ActionIndex]>>>,
}

impl<'s> Model<'s> {
    /// The model of the schema, with its types in the table.
    pub(crate) fn new(schema: &'s Schema, types: &mut Types) -> Self {
        let shapes = schema.shapes();
        let mut model = Self {
            schema,
            entity_types: Vec::new(),
            entity_type_indices: HashMap::new(),
            actions: Vec::new(),
            action_indices: HashMap::new(),
            action_types_below: HashSet::new(),
            below: RefCell::default(),
            members: RefCell::default(),
        };
        for (name, shape) in &shapes.entity_types {
            model.add_entity_type(types, name, Some(shape));
        }
        for uid in shapes.actions.keys() {
            model.add_entity_type(types, uid.entity_type(), None);
        }
        let converted = model.convert_types(types);
        model.fill_entity_types(&converted);
        for (uid, shape) in &shapes.actions {
            model.add_action(uid, shape, &converted, types);
        }
        model
    }

    fn add_entity_type(
        &mut self,
        types: &mut Types,
        name: &'s EntityTypeName,
        shape: Option<&'s EntityShape>,
    ) -> EntityTypeIndex {
        let next = EntityTypeIndex(u32::try_from(self.entity_types.len()).unwrap_or(u32::MAX));
        let index = *self.entity_type_indices.entry(name.as_str()).or_insert(next);
        if index == next {
            let ty = types.entity(next);
            self.entity_types.push(EntityType { name, ty, shape, attributes: Vec::new(), tags: None });
        }
        index
    }

    /// The checker's type for each type of the schema.
    fn convert_types(&mut self, types: &mut Types) -> Vec<Ty> {
        let mut converted: Vec<Ty> = Vec::new();
        let schema = self.schema;
        for ty in schema.shapes().types() {
            let of = |index: usize| converted.get(index).copied().unwrap_or(Ty::NEVER);
            let ty = match ty {
                Type::Bool => Ty::BOOL,
                Type::Long => Ty::LONG,
                Type::String => Ty::STRING,
                Type::Entity(name) => {
                    // `Action` of a namespace may be named without being used as the type of a declared action.
                    let index = self.add_entity_type(types, name, schema.shapes().entity_types.get(name));
                    self.entity_ty(index)
                }
                Type::Extension(extension) => types.extension(*extension),
                Type::Set(element) => {
                    let element = of(element.index());
                    types.set(element)
                }
                Type::Record(record) => {
                    let attributes = attributes(record, &converted).collect();
                    types.record(attributes)
                }
            };
            converted.push(ty);
        }
        converted
    }

    fn fill_entity_types(&mut self, converted: &[Ty]) {
        for entity_type in &mut self.entity_types {
            let Some(EntityShapeKind::Standard { attributes: declared, tags }) =
                entity_type.shape.map(|shape| &shape.kind)
            else {
                continue;
            };
            entity_type.attributes = attributes(declared, converted).collect();
            entity_type.tags = tags.and_then(|tags| converted.get(tags.index()).copied());
        }
    }

    fn add_action(&mut self, uid: &'s EntityUid, shape: &'s ActionShape, converted: &[Ty], types: &mut Types) {
        let Some(ty) = self.entity_type(uid.entity_type().as_str()) else { return };
        let of_names = |names: &mut dyn Iterator<Item = &EntityTypeName>| {
            names.filter_map(|name| self.entity_type(name.as_str())).collect::<Vec<_>>()
        };
        let principals = of_names(&mut shape.principals.iter());
        let resources = of_names(&mut shape.resources.iter());
        let context = types.record(attributes(&shape.context, converted).collect());
        for ancestor in &shape.ancestors {
            if let Some(above) = self.entity_type(ancestor.entity_type().as_str()) {
                self.action_types_below.insert((ty, above));
            }
        }
        let index = ActionIndex(u32::try_from(self.actions.len()).unwrap_or(u32::MAX));
        self.action_indices.insert((uid.entity_type().as_str(), uid.id()), index);
        self.actions.push(Action { uid, shape, ty, principals, resources, context });
    }

    /// The entity type of that name.
    pub(crate) fn entity_type(&self, name: &str) -> Option<EntityTypeIndex> {
        self.entity_type_indices.get(name).copied()
    }

    /// Whether a policy may name the entity type: it is declared, or the type of actions.
    pub(crate) fn is_known_entity_type(&self, name: &str) -> bool {
        name::is_action_type(name) || self.entity_type(name).is_some_and(|index| self.shape(index).is_some())
    }

    /// The type of the entities of an entity type.
    pub(crate) fn entity_ty(&self, index: EntityTypeIndex) -> Ty {
        self.entity_types.get(index.position()).map_or(Ty::ANY_ENTITY, |ty| ty.ty)
    }

    /// How many entity types there are.
    pub(crate) fn n_entity_types(&self) -> usize {
        self.entity_types.len()
    }

    /// The names of all entity types, in the order of their indices.
    pub(crate) fn entity_type_names(&self) -> impl Iterator<Item = &'s EntityTypeName> {
        self.entity_types.iter().map(|ty| ty.name)
    }

    pub(crate) fn name(&self, index: EntityTypeIndex) -> SmolStr {
        self.entity_types.get(index.position()).map_or_else(SmolStr::default, |ty| ty.name.as_str().into())
    }

    fn shape(&self, index: EntityTypeIndex) -> Option<&'s EntityShape> {
        self.entity_types.get(index.position())?.shape
    }

    /// The ids of the entity type, if it is enumerated.
    pub(crate) fn enumerated(&self, name: &str) -> Option<&'s BTreeSet<SmolStr>> {
        match &self.shape(self.entity_type(name)?)?.kind {
            EntityShapeKind::Enum(ids) => Some(ids),
            EntityShapeKind::Standard { .. } | EntityShapeKind::External => None,
        }
    }

    /// The actions, in the order of the schema.
    pub(crate) fn actions(&self) -> impl Iterator<Item = (ActionIndex, &Action<'s>)> {
        self.actions
            .iter()
            .enumerate()
            .map(|(index, action)| (ActionIndex(u32::try_from(index).unwrap_or(u32::MAX)), action))
    }

    pub(crate) fn action(&self, index: ActionIndex) -> Option<&Action<'s>> {
        self.actions.get(index.position())
    }

    /// The action that the literal names, if it is declared.
    pub(crate) fn find_action(&self, entity: &EntityRef) -> Option<ActionIndex> {
        self.action_indices.get(&(entity.ty.name.as_str(), entity.id.value.as_str())).copied()
    }

    /// Whether the action is the group or one of its members.
    pub(crate) fn action_is_in(&self, action: ActionIndex, group: ActionIndex) -> bool {
        action == group
            || match (self.action(action), self.action(group)) {
                (Some(action), Some(group)) => action.shape.ancestors.contains(group.uid),
                (None, _) | (_, None) => false,
            }
    }

    /// The action and its members, if it is a group.
    pub(crate) fn members(&self, group: ActionIndex) -> Rc<[ActionIndex]> {
        let find =
            || self.actions().map(|(action, _)| action).filter(|action| self.action_is_in(*action, group)).collect();
        Rc::clone(self.members.borrow_mut().entry(group).or_insert_with(find))
    }

    /// Whether an entity of the first type may be in one of the second.
    pub(crate) fn may_be_in(&self, below: EntityTypeIndex, above: EntityTypeIndex) -> bool {
        if below == above || self.action_types_below.contains(&(below, above)) {
            return true;
        }
        *self.below.borrow_mut().entry((below, above)).or_insert_with(|| {
            let above = self.entity_types.get(above.position()).map(|ty| ty.name);
            match (self.shape(below), above) {
                (Some(shape), Some(above)) => shape.ancestor_types.contains(above),
                (Some(_) | None, _) => false,
            }
        })
    }

    /// Whether an entity of one of the first types may be in one of the second.
    pub(crate) fn any_may_be_in(&self, below: &[EntityTypeIndex], above: &[EntityTypeIndex]) -> bool {
        below.iter().any(|below| above.iter().any(|above| self.may_be_in(*below, *above)))
    }

    /// What is known of an attribute of values of the type: of entities of several types, what all have.
    pub(crate) fn attribute(&self, types: &mut Types, ty: Ty, name: &str) -> Option<Attribute> {
        match types.kind(ty) {
            Kind::Record(record) => record.attribute(name),
            Kind::Entity(entity_types) => {
                if let [single] = &**entity_types {
                    return self.entity_attribute(*single, name);
                }
                let entity_types = entity_types.clone();
                let mut all = entity_types.iter().map(|ty| self.entity_attribute(*ty, name));
                let mut joined = all.next()??;
                for attribute in all {
                    let attribute = attribute?;
                    let bound = types.least_upper_bound(joined.ty, attribute.ty, Mode::Permissive).ok()?;
                    joined = Attribute { ty: bound, required: joined.required && attribute.required };
                }
                Some(joined)
            }
            Kind::Never
            | Kind::True
            | Kind::False
            | Kind::Bool
            | Kind::Long
            | Kind::String
            | Kind::AnyEntity
            | Kind::Extension(_)
            | Kind::Set(_) => None,
        }
    }

    fn entity_attribute(&self, ty: EntityTypeIndex, name: &str) -> Option<Attribute> {
        let attributes = &self.entity_types.get(ty.position())?.attributes;
        let found = attributes.binary_search_by(|(candidate, _)| candidate.as_str().cmp(name)).ok()?;
        attributes.get(found).map(|(_, attribute)| *attribute)
    }

    /// Whether a value of the type may have the attribute, although [`Self::attribute`] knows nothing of it.
    pub(crate) fn may_have_attribute(&self, types: &Types, ty: Ty, name: &str) -> bool {
        match types.kind(ty) {
            Kind::Never | Kind::AnyEntity => true,
            Kind::Entity(entity_types) => entity_types.iter().any(|ty| self.entity_attribute(*ty, name).is_some()),
            Kind::Record(record) => record.open || record.attribute(name).is_some(),
            Kind::True | Kind::False | Kind::Bool | Kind::Long | Kind::String | Kind::Extension(_) | Kind::Set(_) => {
                false
            }
        }
    }

    /// The names of the attributes that values of the type have, for suggestions.
    pub(crate) fn attribute_names(&self, types: &Types, ty: Ty) -> Vec<SmolStr> {
        match types.kind(ty) {
            Kind::Record(record) => record.attributes.iter().map(|(name, _)| name.clone()).collect(),
            Kind::Entity(entity_types) => {
                let of = |ty: &EntityTypeIndex| self.entity_types.get(ty.position()).map(|ty| &ty.attributes);
                let mut names: Vec<_> =
                    entity_types.iter().filter_map(of).flatten().map(|(name, _)| name.clone()).collect();
                names.sort_unstable();
                names.dedup();
                names
            }
            Kind::Never
            | Kind::True
            | Kind::False
            | Kind::Bool
            | Kind::Long
            | Kind::String
            | Kind::AnyEntity
            | Kind::Extension(_)
            | Kind::Set(_) => Vec::new(),
        }
    }

    /// The types that the values of tags have, of entities of the type; each once.
    pub(crate) fn tag_types(&self, types: &Types, ty: Ty) -> Vec<Ty> {
        let mut tags: Vec<Ty> = match types.entity_types(ty) {
            Some(entity_types) => {
                entity_types.iter().filter_map(|ty| self.entity_types.get(ty.position())?.tags).collect()
            }
            None if ty == Ty::ANY_ENTITY => self.entity_types.iter().filter_map(|ty| ty.tags).collect(),
            None => Vec::new(),
        };
        tags.sort_unstable();
        tags.dedup();
        tags
    }
}

fn attributes(record: &RecordShape, converted: &[Ty]) -> impl Iterator<Item = (SmolStr, Attribute)> {
    let convert = |(name, attribute): (&SmolStr, &AttributeShape)| {
        let ty = converted.get(attribute.ty.index()).copied().unwrap_or(Ty::NEVER);
        (name.clone(), Attribute { ty, required: attribute.required })
    };
    record.attributes.iter().map(convert)
}
