//! A schema with every name written out: qualified, and said to be an entity type or a common type.

use deodar_grammar::{
    Diagnostic,
    ast::{
        TypeName,
        schema::{Declaration, EntityKind, Namespace, Schema, TypeExprKind, TypeExprs},
    },
};
use smol_str::SmolStr;

use super::{declare::Definitions, members, names::Target, sort, types::References};
use crate::report::schema::Expected;

/// The schema with its names resolved: each qualified, types marked as entity types or common types. Names of builtin
/// types stay as they are written, as common types.
///
/// Only names are looked at: no hierarchy and no shape is checked, as in the reference implementation.
pub fn resolve_schema_names(schema: &Schema) -> (Option<Schema>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let fragments = core::slice::from_ref(schema);
    let definitions = Definitions::collect(fragments, &mut diagnostics);
    let mut references = References::default();
    for (site, root) in members::all_roots(&definitions) {
        references.find(&definitions, site, root, &mut diagnostics);
    }
    let mut resolved = schema.clone();
    resolved.types = resolve_types(&schema.types, &references);
    for namespace in &mut resolved.namespaces {
        resolve_namespace(namespace, &definitions, &mut diagnostics);
    }
    sort(&mut diagnostics);
    let is_fine = !definitions.broken && !diagnostics.iter().any(Diagnostic::is_error);
    (is_fine.then_some(resolved), diagnostics)
}

/// The same expressions under the same ids, with resolved names.
fn resolve_types(types: &TypeExprs, references: &References) -> TypeExprs {
    let mut resolved = TypeExprs::default();
    for (id, node) in types.iter() {
        let kind = match references.target(0, id) {
            Some(target) => resolved_kind(target, &node.kind),
            None => node.kind.clone(),
        };
        // Nothing nests deeper than before.
        if resolved.push(kind, node.span).is_err() {
            resolved.push_error(node.span);
        }
    }
    resolved
}

fn resolved_kind(target: &Target, written: &TypeExprKind) -> TypeExprKind {
    let renamed = |name: &SmolStr| match written {
        TypeExprKind::Name(old) | TypeExprKind::CommonType(old) | TypeExprKind::Entity(old) => {
            Some(TypeName { name: name.clone(), span: old.span })
        }
        TypeExprKind::Error
        | TypeExprKind::Extension(_)
        | TypeExprKind::Primitive(_)
        | TypeExprKind::Set(_)
        | TypeExprKind::Record { .. } => None,
    };
    let kind = match target {
        Target::Builtin(_, name) | Target::CommonType(name) => renamed(name).map(TypeExprKind::CommonType),
        Target::EntityType(name) => renamed(&SmolStr::new(name.as_str())).map(TypeExprKind::Entity),
    };
    kind.unwrap_or_else(|| written.clone())
}

fn resolve_namespace(namespace: &mut Namespace, definitions: &Definitions<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let name = namespace.name.as_ref().map(|name| name.name.clone());
    for declaration in &mut namespace.declarations {
        match declaration {
            Declaration::Entity(entity) => match &mut entity.kind {
                EntityKind::Standard { member_of, .. } => {
                    qualify_entity_types(member_of, name.as_deref(), definitions, diagnostics);
                }
                EntityKind::Enum(_) => {}
            },
            Declaration::Action(action) => {
                for group in &mut action.member_of {
                    let Some(target) = definitions.resolve_action(name.as_deref(), group, diagnostics) else {
                        continue;
                    };
                    let span = group.ty.as_ref().map_or(group.span, |ty| ty.span);
                    group.ty = Some(TypeName { name: SmolStr::new(target.entity_type().as_str()), span });
                }
                if let Some(applies_to) = &mut action.applies_to {
                    qualify_entity_types(&mut applies_to.principals, name.as_deref(), definitions, diagnostics);
                    qualify_entity_types(&mut applies_to.resources, name.as_deref(), definitions, diagnostics);
                }
            }
            Declaration::CommonType(_) => {}
        }
    }
}

fn qualify_entity_types(
    names: &mut [TypeName],
    namespace: Option<&str>,
    definitions: &Definitions<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for name in names {
        let target = definitions.resolve_or_report(namespace, name, Expected::Entity, diagnostics);
        if let Some(Target::EntityType(target)) = target {
            name.name = SmolStr::new(target.as_str());
        }
    }
}
