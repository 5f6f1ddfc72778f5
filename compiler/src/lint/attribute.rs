//! Attributes that no policy reads, and attributes that another one of the same name overwrites.
//!
//! A record is used in one or more roles: as the shape of entity types, as the context of actions, or as a value inside
//! something else. In the first two roles it is known precisely which attribute is read of what; inside other values an
//! attribute counts as read if one of that name is read of any record.

use deodar_grammar::ast::schema::{AttributeDeclaration, Declaration, EntityKind, Schema, TypeExprId, TypeExprKind};
use deodar_runtime::{EntityTypeName, EntityUid};
use hashbrown::HashMap;
use smol_str::{SmolStr, format_smolstr};

use super::{
    Findings, Ground,
    allow::{Allowed, allowed_in},
    declaration::Unused,
};
use crate::{
    check::{ActionIndex, EntityTypeIndex},
    report::lint::{self as report, Owner, OwnerKind, UnusedAttribute},
    schema::{Target, attributes_by_name, qualify},
};

/// Reports every attribute that does not count because another one of the same name follows.
pub(super) fn check_overwritten(fragments: &[Schema], findings: &mut Findings<'_>) {
    for schema in fragments {
        for namespace in &schema.namespaces {
            for declaration in &namespace.declarations {
                let allowed = allowed_in(namespace, declaration);
                let mut open: Vec<TypeExprId> = roots(declaration);
                while let Some(id) = open.pop() {
                    match &schema.types.get(id).kind {
                        TypeExprKind::Set(element) => open.push(*element),
                        TypeExprKind::Record { attributes, .. } => {
                            report_overwritten(attributes, &allowed, findings);
                            open.extend(attributes.iter().map(|attribute| attribute.ty));
                        }
                        TypeExprKind::Error
                        | TypeExprKind::Name(_)
                        | TypeExprKind::CommonType(_)
                        | TypeExprKind::Entity(_)
                        | TypeExprKind::Extension(_)
                        | TypeExprKind::Primitive(_) => {}
                    }
                }
            }
        }
    }
}

fn report_overwritten(attributes: &[AttributeDeclaration], allowed: &Allowed<'_>, findings: &mut Findings<'_>) {
    let counting = attributes_by_name(attributes);
    for attribute in attributes {
        if let Some(last) = counting.get(&attribute.name.value)
            && last.span != attribute.span
        {
            let allowed = allowed.and(&attribute.annotations);
            findings.push(&allowed, report::overwritten_attribute(attribute, last.name.span));
        }
    }
}

/// The type expressions of a declaration.
fn roots(declaration: &Declaration) -> Vec<TypeExprId> {
    match declaration {
        Declaration::Entity(entity) => match &entity.kind {
            EntityKind::Standard { shape, tags, .. } => shape.iter().chain(tags).copied().collect(),
            EntityKind::Enum(_) => Vec::new(),
        },
        Declaration::Action(action) => action.applies_to.iter().filter_map(|applies_to| applies_to.context).collect(),
        Declaration::CommonType(common) => vec![common.definition],
    }
}

/// Reports the attributes that no policy reads, those of one declaration together.
pub(super) fn check_unused(ground: &Ground<'_>, unused: &Unused<'_>, findings: &mut Findings<'_>) {
    let roles = Roles::of(ground);
    for (fragment, schema) in ground.fragments.iter().enumerate() {
        let search = Search { ground, roles: &roles, fragment, schema };
        for namespace in &schema.namespaces {
            let name = namespace.name.as_ref().map(|name| name.name.as_str());
            for declaration in &namespace.declarations {
                let Some(owner) = owner(name, declaration, unused) else { continue };
                let attributes = search.unused(roots(declaration));
                if let Some((first, others)) = attributes.split_first() {
                    let allowed = allowed_in(namespace, declaration);
                    findings.push(&allowed, report::unused_attributes(&owner, first, others));
                }
            }
        }
    }
}

/// What a declaration declares, unless it is unused as a whole.
fn owner(namespace: Option<&str>, declaration: &Declaration, unused: &Unused<'_>) -> Option<Owner> {
    let names = match declaration {
        Declaration::Entity(entity) => &entity.names,
        Declaration::Action(action) => &action.names,
        Declaration::CommonType(common) => core::slice::from_ref(&common.name),
    };
    let full = names.iter().map(|name| qualify(namespace, &name.value));
    match declaration {
        Declaration::Entity(_) => {
            let names = full.filter(|name| !unused.entity_types.contains(name.as_str())).collect();
            Owner::new(names, OwnerKind::Type)
        }
        Declaration::CommonType(_) => {
            Owner::new(full.filter(|name| !unused.common_types.contains(name.as_str())).collect(), OwnerKind::Type)
        }
        Declaration::Action(_) => {
            let ty = EntityTypeName::new(&qualify(namespace, "Action")).ok()?;
            let actions = names.iter().map(|name| EntityUid::new(ty.clone(), name.value.clone()));
            let used = actions.filter(|action| !unused.actions.contains(action));
            Owner::new(used.map(|action| format_smolstr!("{action}")).collect(), OwnerKind::Context)
        }
    }
}

/// A record type of the schema, as it is written.
type Place = (usize, TypeExprId);

/// What a record type is used as.
#[derive(Debug, Default)]
struct Role {
    shape_of: Vec<EntityTypeIndex>,
    context_of: Vec<ActionIndex>,
    inside: bool,
}

/// The roles of all record types.
struct Roles(HashMap<Place, Role>);

impl Roles {
    fn of(ground: &Ground<'_>) -> Self {
        let mut roles = Self(HashMap::new());
        for (name, declared) in &ground.definitions.entity_types {
            if let EntityKind::Standard { shape, tags, .. } = &declared.declaration.kind {
                let shape = shape.and_then(|shape| roles.role(ground, (declared.site.fragment, shape)));
                if let (Some(role), Some(ty)) = (shape, ground.model.entity_type(name.as_str())) {
                    role.shape_of.push(ty);
                }
                if let Some(tags) = tags {
                    roles.inside(ground, (declared.site.fragment, *tags));
                }
            }
        }
        let contexts: HashMap<&EntityUid, Place> = (ground.definitions.actions.iter())
            .filter_map(|(name, action)| {
                Some((name, (action.site.fragment, action.declaration.applies_to.as_ref()?.context?)))
            })
            .collect();
        for (index, action) in ground.model.actions() {
            if let Some(role) = contexts.get(action.uid).and_then(|context| roles.role(ground, *context)) {
                role.context_of.push(index);
            }
        }
        for (fragment, schema) in ground.fragments.iter().enumerate() {
            for (_, node) in schema.types.iter() {
                if let TypeExprKind::Record { attributes, .. } = &node.kind {
                    for attribute in attributes {
                        roles.inside(ground, (fragment, attribute.ty));
                    }
                } else if let TypeExprKind::Set(element) = &node.kind {
                    roles.inside(ground, (fragment, *element));
                }
            }
        }
        roles
    }

    fn inside(&mut self, ground: &Ground<'_>, place: Place) {
        if let Some(role) = self.role(ground, place) {
            role.inside = true;
        }
    }

    /// The role of the record that the expression is, directly or by the name of a common type.
    fn role(&mut self, ground: &Ground<'_>, mut place: Place) -> Option<&mut Role> {
        // No common type contains itself.
        while let Some(Target::CommonType(name)) = ground.references.target(place.0, place.1) {
            let common = ground.definitions.common_types.get(name)?;
            place = (common.site.fragment, common.declaration.definition);
        }
        let node = ground.fragments.get(place.0)?.types.get(place.1);
        matches!(node.kind, TypeExprKind::Record { .. }).then(|| self.0.entry(place).or_default())
    }
}

/// Looks for unused attributes in one fragment.
struct Search<'s> {
    ground: &'s Ground<'s>,
    roles: &'s Roles,
    fragment: usize,
    schema: &'s Schema,
}

impl Search<'_> {
    /// The attributes below these expressions that no policy reads; not those inside of another one.
    fn unused(&self, roots: Vec<TypeExprId>) -> Vec<UnusedAttribute> {
        let mut unused = Vec::new();
        if roots.iter().any(|root| self.is_unread_part(*root)) {
            return unused;
        }
        let mut open: Vec<(TypeExprId, SmolStr)> = roots.into_iter().map(|root| (root, SmolStr::default())).collect();
        while let Some((id, path)) = open.pop() {
            let kind = &self.schema.types.get(id).kind;
            if let TypeExprKind::Set(element) = kind {
                open.push((*element, path));
            } else if let TypeExprKind::Record { attributes, .. } = kind {
                for (name, attribute) in attributes_by_name(attributes) {
                    if Allowed::by(&attribute.annotations).allows(report::UNUSED_ATTRIBUTE) {
                        continue;
                    }
                    let path = if path.is_empty() { name.clone() } else { format_smolstr!("{path}.{name}") };
                    if self.is_used(id, name) {
                        open.push((attribute.ty, path));
                    } else {
                        unused.push(UnusedAttribute { path, span: attribute.name.span });
                    }
                }
            }
        }
        unused.sort_unstable_by_key(|attribute| attribute.span);
        unused
    }

    /// Whether the record is only used inside of something else, and nothing of it is read: then what it is inside of is
    /// reported.
    fn is_unread_part(&self, record: TypeExprId) -> bool {
        let TypeExprKind::Record { attributes, .. } = &self.schema.types.get(record).kind else { return false };
        let Some(role) = self.roles.0.get(&(self.fragment, record)) else { return false };
        let is_part = role.shape_of.is_empty() && role.context_of.is_empty();
        is_part && !attributes.iter().any(|attribute| self.is_used(record, &attribute.name.value))
    }

    /// Whether a policy reads the attribute in some role of the record; one without a role is part of something unused.
    fn is_used(&self, record: TypeExprId, name: &SmolStr) -> bool {
        let usage = self.ground.usage;
        let Some(role) = self.roles.0.get(&(self.fragment, record)) else { return true };
        usage.reads_anywhere(name)
            || role.shape_of.iter().any(|ty| usage.reads_of_entity(*ty, name))
            || role.context_of.iter().any(|action| usage.reads_of_context(*action, name))
            || (role.inside && usage.reads_of_record(name))
    }
}
