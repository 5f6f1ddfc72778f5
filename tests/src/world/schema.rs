//! Generated schemas: few entity types with attributes of all types, actions that apply to them, and their text.

use std::fmt::Write;

use deodar_lexicon::builtin::ExtensionType;

use super::{
    random::Random,
    text::{self, NAMES},
};
use crate::question::Uid;

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    /// `Bool`
    Bool,
    /// `Long`
    Long,
    /// `String`
    String,
    /// An entity of that index.
    Entity(usize),
    /// `Set<T>`
    Set(Box<Self>),
    /// `{ a: T }`
    Record(Vec<Attribute>),
    /// An extension type.
    Extension(ExtensionType),
}

/// An attribute of an entity type or record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// Whether it is always there.
    pub required: bool,
}

/// An entity type.
#[derive(Debug, Clone)]
pub struct EntityType {
    /// Its namespace, empty if it has none.
    pub namespace: &'static str,
    /// Its name inside the namespace.
    pub basename: &'static str,
    /// The types its entities may be members of.
    pub parents: Vec<usize>,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// The type of its tags, if it has any.
    pub tags: Option<Ty>,
    /// All ids, if they are declared.
    pub ids: Option<Vec<&'static str>>,
}

impl EntityType {
    /// The name with its namespace.
    pub fn name(&self) -> String {
        qualified(self.namespace, self.basename)
    }
}

/// An action.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its namespace, empty if it has none.
    pub namespace: &'static str,
    /// Its id.
    pub id: &'static str,
    /// The groups it is a member of, all declared before it.
    pub groups: Vec<usize>,
    /// Types of principals.
    pub principals: Vec<usize>,
    /// Types of resources.
    pub resources: Vec<usize>,
    /// Attributes of the context.
    pub context: Vec<Attribute>,
}

impl Action {
    /// The entity.
    pub fn uid(&self) -> Uid {
        Uid::new(qualified(self.namespace, "Action"), self.id)
    }
}

/// A schema.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The entity types.
    pub types: Vec<EntityType>,
    /// The actions; the first two are groups that apply to nothing.
    pub actions: Vec<Action>,
}

impl Schema {
    /// The actions that apply to something.
    pub fn applicable(&self) -> impl Iterator<Item = (usize, &Action)> {
        self.actions.iter().enumerate().filter(|(_, action)| !action.principals.is_empty())
    }
}

fn qualified(namespace: &str, basename: &str) -> String {
    if namespace.is_empty() { basename.to_owned() } else { format!("{namespace}::{basename}") }
}

const BASENAMES: &[&str] = &["User", "Group", "Doc", "principal", "Team", "_x9"];
const NAMESPACES: &[&str] = &["App", "A::B"];
const ACTIONS: &[&str] = &["all", "some", "view", "edit it", "", "é"];

/// A schema with at least one action that applies to something.
pub fn generate(random: &mut Random<'_, '_>) -> Schema {
    let named = *random.pick(NAMESPACES);
    let n_types = random.between(2, 5);
    let mut types: Vec<EntityType> = (0..n_types)
        .map(|index| EntityType {
            namespace: if random.percent(40) { named } else { "" },
            basename: BASENAMES[index],
            parents: (0..n_types).filter(|_| random.percent(45)).collect(),
            attributes: Vec::new(),
            tags: None,
            ids: (index > 1 && random.percent(12)).then(|| vec!["a", "b", "é"]),
        })
        .collect();
    for entity_type in &mut types {
        if entity_type.ids.is_some() {
            entity_type.parents.clear();
            continue;
        }
        entity_type.attributes = attributes(random, n_types, 6);
        entity_type.tags = random.percent(50).then(|| ty(random, n_types, 1));
    }
    let n_actions = random.between(3, ACTIONS.len());
    let actions = (0..n_actions).map(|index| {
        let namespace = if index > 0 && random.percent(30) { named } else { "" };
        // The first two are groups.
        let applies = index >= 2;
        Action {
            namespace,
            id: ACTIONS[index],
            groups: (0..index.min(2)).filter(|_| random.percent(60)).collect(),
            principals: if applies { some_types(random, n_types) } else { Vec::new() },
            resources: if applies { some_types(random, n_types) } else { Vec::new() },
            context: if applies { attributes(random, n_types, 4) } else { Vec::new() },
        }
    });
    let actions = actions.collect();
    Schema { types, actions }
}

fn some_types(random: &mut Random<'_, '_>, n_types: usize) -> Vec<usize> {
    let first = random.below(n_types);
    (0..n_types).filter(|index| *index == first || random.percent(25)).collect()
}

fn attributes(random: &mut Random<'_, '_>, n_types: usize, most: usize) -> Vec<Attribute> {
    let mut found: Vec<Attribute> = Vec::new();
    for _ in 0..random.between(0, most) {
        let name = *random.pick(NAMES);
        if found.iter().all(|attribute| attribute.name != name) {
            found.push(Attribute { name: name.into(), ty: ty(random, n_types, 2), required: random.percent(60) });
        }
    }
    found
}

/// A type whose nesting is at most `depth`.
pub fn ty(random: &mut Random<'_, '_>, n_types: usize, depth: usize) -> Ty {
    let nested = if depth > 0 { 12 } else { 0 };
    match random.weighted(&[12, 16, 14, 20, nested, nested, 16]) {
        0 => Ty::Bool,
        1 => Ty::Long,
        2 => Ty::String,
        3 => Ty::Entity(random.below(n_types)),
        4 => Ty::Set(Box::new(ty(random, n_types, depth - 1))),
        5 => {
            let mut record: Vec<Attribute> = Vec::new();
            for _ in 0..random.between(0, 3) {
                let name = *random.pick(NAMES);
                if record.iter().all(|attribute| attribute.name != name) {
                    let ty = ty(random, n_types, depth - 1);
                    record.push(Attribute { name: name.into(), ty, required: random.percent(60) });
                }
            }
            Ty::Record(record)
        }
        _ => Ty::Extension(*random.pick(&ExtensionType::ALL)),
    }
}

/// The schema in the Cedar syntax.
pub fn print(random: &mut Random<'_, '_>, schema: &Schema) -> String {
    let mut namespaces: Vec<&str> = schema.types.iter().map(|ty| ty.namespace).collect();
    namespaces.extend(schema.actions.iter().map(|action| action.namespace));
    namespaces.sort_unstable();
    namespaces.dedup();
    let mut text = String::new();
    for namespace in namespaces {
        let body = Printer { random: &mut *random, schema, namespace, aliases: Vec::new() }.body();
        if namespace.is_empty() {
            text.push_str(&body);
        } else {
            let annotation = if random.percent(10) { "@doc(\"x\") " } else { "" };
            let _ = writeln!(text, "{annotation}namespace {namespace} {{\n{body}}}");
        }
    }
    text
}

/// Writes one namespace; types may become common types on the way.
struct Printer<'p, 'r, 'b> {
    random: &'p mut Random<'r, 'b>,
    schema: &'p Schema,
    namespace: &'static str,
    aliases: Vec<String>,
}

impl Printer<'_, '_, '_> {
    fn body(mut self) -> String {
        let (schema, namespace) = (self.schema, self.namespace);
        let mut text = String::new();
        for ty in schema.types.iter().filter(|ty| ty.namespace == namespace) {
            self.entity_type(ty, &mut text);
        }
        for action in schema.actions.iter().filter(|action| action.namespace == namespace) {
            self.action(action, &mut text);
        }
        self.aliases.join("") + &text
    }

    fn entity_type(&mut self, ty: &EntityType, text: &mut String) {
        if self.random.percent(8) {
            text.push_str("@note @if(\"y\")\n");
        }
        let _ = write!(text, "entity {}", ty.basename);
        if let Some(ids) = &ty.ids {
            let ids: Vec<_> = ids.iter().map(|id| text::quote(self.random, id)).collect();
            let _ = writeln!(text, " enum [{}];", ids.join(", "));
            return;
        }
        if !ty.parents.is_empty() {
            let _ = write!(text, " in {}", self.type_names(&ty.parents));
        }
        if !ty.attributes.is_empty() || self.random.percent(30) {
            let equals = if self.random.percent(30) { "= " } else { "" };
            let _ = write!(text, " {equals}{}", self.record(&ty.attributes));
        }
        if let Some(tags) = &ty.tags {
            let _ = write!(text, " tags {}", self.ty(tags));
        }
        text.push_str(";\n");
    }

    fn action(&mut self, action: &Action, text: &mut String) {
        let _ = write!(text, "action {}", self.name(action.id));
        if !action.groups.is_empty() {
            let groups: Vec<_> = action.groups.iter().map(|group| self.group(*group)).collect();
            let _ = write!(text, " in [{}]", groups.join(", "));
        }
        if !action.principals.is_empty() {
            let (principals, resources) = (self.type_names(&action.principals), self.type_names(&action.resources));
            let _ = write!(text, " appliesTo {{ principal: {principals}, resource: {resources}");
            if !action.context.is_empty() || self.random.percent(20) {
                let context = self.record(&action.context);
                let context = if self.random.percent(20) { self.alias(context) } else { context };
                let _ = write!(text, ", context: {context}");
            }
            text.push_str(if self.random.percent(20) { ", }" } else { " }" });
        }
        text.push_str(";\n");
    }

    fn group(&mut self, index: usize) -> String {
        let group = &self.schema.actions[index];
        if group.namespace == self.namespace && self.random.percent(50) {
            return self.name(group.id);
        }
        format!("{}::{}", group.uid().ty, text::quote(self.random, group.id))
    }

    fn type_name(&mut self, index: usize) -> String {
        let ty = &self.schema.types[index];
        let near = ty.namespace.is_empty() || ty.namespace == self.namespace;
        if near && self.random.percent(70) { ty.basename.to_owned() } else { ty.name() }
    }

    fn type_names(&mut self, indices: &[usize]) -> String {
        let names: Vec<_> = indices.iter().map(|index| self.type_name(*index)).collect();
        if names.len() == 1 && self.random.percent(50) { names.join("") } else { format!("[{}]", names.join(", ")) }
    }

    fn record(&mut self, attributes: &[Attribute]) -> String {
        let attributes = attributes.iter().map(|attribute| {
            let annotation = if self.random.percent(4) { "@a " } else { "" };
            let optional = if attribute.required { "" } else { "?" };
            format!("{annotation}{}{optional}: {}", self.name(&attribute.name), self.ty(&attribute.ty))
        });
        let mut attributes: Vec<_> = attributes.collect();
        if !attributes.is_empty() && self.random.percent(1) {
            // Allowed: the last one counts.
            let name = attributes[0].split(':').next().unwrap_or_default().to_owned();
            attributes.insert(0, format!("{name}: Bool"));
        }
        let comma = if !attributes.is_empty() && self.random.percent(20) { "," } else { "" };
        format!("{{ {}{comma} }}", attributes.join(", "))
    }

    fn ty(&mut self, ty: &Ty) -> String {
        let text = match ty {
            Ty::Bool => self.builtin("Bool"),
            Ty::Long => self.builtin("Long"),
            Ty::String => self.builtin("String"),
            Ty::Extension(ty) => self.builtin(ty.name()),
            Ty::Entity(index) => return self.type_name(*index),
            Ty::Set(element) => format!("Set<{}>", self.ty(element)),
            Ty::Record(attributes) => self.record(attributes),
        };
        if self.random.percent(12) { self.alias(text) } else { text }
    }

    fn builtin(&mut self, name: &str) -> String {
        if self.random.percent(4) { format!("__cedar::{name}") } else { name.to_owned() }
    }

    fn alias(&mut self, definition: String) -> String {
        // Namespaced definitions must not shadow those of the empty namespace.
        let prefix = if self.namespace.is_empty() { "T" } else { "N" };
        let name = format!("{prefix}{}", self.aliases.len());
        self.aliases.push(format!("type {name} = {definition};\n"));
        name
    }

    fn name(&mut self, name: &str) -> String {
        if text::is_plain(name) && self.random.percent(90) { name.to_owned() } else { text::quote(self.random, name) }
    }
}
