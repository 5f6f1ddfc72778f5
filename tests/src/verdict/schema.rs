//! Generated schemas for verdicts, their request environments, and the types of attributes in them.
//!
//! The same names have mostly the same types everywhere, so that a policy can be well-typed in several environments at
//! once, and not quite the same everywhere, so that it need not be.

use crate::{
    question::Uid,
    world::{
        Random,
        schema::{self, Action, Attribute, EntityType, Schema, Ty},
    },
};

/// The types of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Environment {
    /// The principal's type.
    pub principal: usize,
    /// The action.
    pub action: usize,
    /// The resource's type.
    pub resource: usize,
}

/// Every environment of the schema.
pub fn environments(schema: &Schema) -> Vec<Environment> {
    let mut found = Vec::new();
    for (index, action) in schema.applicable() {
        for principal in &action.principals {
            for resource in &action.resources {
                found.push(Environment { principal: *principal, action: index, resource: *resource });
            }
        }
    }
    found
}

/// The types that entities of the type may be in, itself included.
pub fn ancestors(schema: &Schema, ty: usize) -> Vec<usize> {
    let mut found = vec![ty];
    let mut at = 0;
    while at < found.len() {
        let parents = &schema.types[found[at]].parents;
        let new: Vec<_> = parents.iter().filter(|parent| !found.contains(parent)).copied().collect();
        found.extend(new);
        at += 1;
    }
    found
}

/// The groups that an action is in, itself included.
pub fn groups(schema: &Schema, action: usize) -> Vec<usize> {
    let mut found = vec![action];
    let mut at = 0;
    while at < found.len() {
        let new: Vec<_> =
            schema.actions[found[at]].groups.iter().filter(|group| !found.contains(group)).copied().collect();
        found.extend(new);
        at += 1;
    }
    found
}

/// An attribute of a type.
pub fn attribute<'s>(schema: &'s Schema, ty: &'s Ty, name: &str) -> Option<&'s Attribute> {
    let attributes = match ty {
        Ty::Entity(index) => &schema.types[*index].attributes,
        Ty::Record(attributes) => attributes,
        Ty::Bool | Ty::Long | Ty::String | Ty::Set(_) | Ty::Extension(_) => return None,
    };
    attributes.iter().find(|attribute| attribute.name == name)
}

/// The type of a variable; none for the action, whose type no schema of ours names.
pub fn variable(schema: &Schema, environment: Environment, name: &str) -> Option<Ty> {
    match name {
        "principal" => Some(Ty::Entity(environment.principal)),
        "resource" => Some(Ty::Entity(environment.resource)),
        "context" => Some(Ty::Record(schema.actions[environment.action].context.clone())),
        _ => None,
    }
}

const NAMES: &[&str] =
    &["n", "m", "s", "flag", "owner", "parent", "r", "set", "when", "kind", "ext", "a b", "principal", "team"];
const BASENAMES: &[&str] = &["User", "Group", "Doc", "Team", "Kind"];
const NAMESPACES: &[&str] = &["App", "A::B"];
const ACTIONS: &[&str] = &["all", "some", "view", "edit it", "delete", "share"];
/// The ids of enumerated entity types.
pub const ENUM_IDS: &[&str] = &["a", "b", "red"];

/// A schema with at least one action that applies to something.
pub fn generate(random: &mut Random<'_, '_>) -> Schema {
    let named = *random.pick(NAMESPACES);
    let n_types = random.between(2, 5);
    let dictionary = dictionary(random, n_types);
    let types = (0..n_types).map(|index| entity_type(random, &dictionary, n_types, index, named)).collect();
    let n_actions = random.between(3, ACTIONS.len());
    let actions = (0..n_actions).map(|index| action(random, &dictionary, n_types, index, named)).collect();
    Schema { types, actions }
}

/// What the names mostly mean.
fn dictionary(random: &mut Random<'_, '_>, n_types: usize) -> Vec<Attribute> {
    let mut found: Vec<Attribute> = Vec::new();
    for name in NAMES {
        let ty = match *name {
            "owner" | "parent" | "team" => Ty::Entity(random.below(n_types)),
            "n" => Ty::Long,
            "s" => Ty::String,
            "flag" => Ty::Bool,
            _ => schema::ty(random, n_types, 2),
        };
        found.push(Attribute { name: (*name).into(), ty, required: random.percent(55) });
    }
    found
}

fn entity_type(
    random: &mut Random<'_, '_>,
    dictionary: &[Attribute],
    n_types: usize,
    index: usize,
    named: &'static str,
) -> EntityType {
    let namespace = if random.percent(35) { named } else { "" };
    let mut ty = EntityType {
        namespace,
        basename: BASENAMES[index],
        parents: Vec::new(),
        attributes: Vec::new(),
        tags: None,
        ids: (index > 1 && random.percent(25)).then(|| ENUM_IDS.to_vec()),
    };
    if ty.ids.is_none() {
        ty.parents = (0..n_types).filter(|_| random.percent(30)).collect();
        ty.attributes = attributes(random, dictionary, n_types, 45);
        ty.tags = random.percent(55).then(|| schema::ty(random, n_types, 1));
    }
    ty
}

fn attributes(random: &mut Random<'_, '_>, dictionary: &[Attribute], n_types: usize, share: usize) -> Vec<Attribute> {
    let mut found = Vec::new();
    for attribute in dictionary {
        if !random.percent(share) {
            continue;
        }
        let mut attribute = attribute.clone();
        if random.percent(8) {
            attribute.required = !attribute.required;
        }
        if random.percent(5) {
            attribute.ty = schema::ty(random, n_types, 1);
        }
        found.push(attribute);
    }
    found
}

fn action(
    random: &mut Random<'_, '_>,
    dictionary: &[Attribute],
    n_types: usize,
    index: usize,
    named: &'static str,
) -> Action {
    // The first two are groups.
    let applies = index >= 2;
    let namespace = if index > 0 && random.percent(25) { named } else { "" };
    let some = |random: &mut Random<'_, '_>| -> Vec<usize> {
        let first = random.below(n_types);
        (0..n_types).filter(|ty| *ty == first || random.percent(15)).collect()
    };
    Action {
        namespace,
        id: ACTIONS[index],
        groups: (0..index.min(2)).filter(|_| random.percent(50)).collect(),
        principals: if applies { some(random) } else { Vec::new() },
        resources: if applies { some(random) } else { Vec::new() },
        context: if applies { attributes(random, dictionary, n_types, 25) } else { Vec::new() },
    }
}

/// An entity of the type, mostly one that may exist.
pub fn entity(random: &mut Random<'_, '_>, schema: &Schema, ty: usize) -> Uid {
    let ty = &schema.types[ty];
    let id = match &ty.ids {
        Some(ids) => ids[random.below(ids.len())],
        None => crate::world::data::entity_id(random, ty),
    };
    Uid::new(ty.name(), id)
}
