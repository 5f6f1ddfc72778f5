//! The order in which schemas are written.
//!
//! A declaration of several names is written once for each, sorted by name within its kind; of an attribute that
//! stands twice, the last one counts. Namespaces are sorted by the last component of their names first, which is the
//! order of the reference implementation; the one without a name comes first.

use std::collections::BTreeMap;

use crate::ast::{
    Annotation,
    schema::{
        ActionDeclaration, AttributeDeclaration, CommonTypeDeclaration, Declaration, EntityDeclaration, Namespace,
        Schema, TypeExprId, TypeExprKind, TypeExprs,
    },
};

/// The declarations of a namespace, sorted.
#[derive(Debug, Default)]
pub(crate) struct Sorted<'s> {
    pub(crate) name: Option<&'s str>,
    pub(crate) annotations: BTreeMap<&'s str, Option<&'s str>>,
    pub(crate) common_types: BTreeMap<&'s str, &'s CommonTypeDeclaration>,
    pub(crate) entity_types: BTreeMap<&'s str, &'s EntityDeclaration>,
    pub(crate) actions: BTreeMap<&'s str, &'s ActionDeclaration>,
}

impl Sorted<'_> {
    /// How many names it declares.
    pub(crate) fn len(&self) -> usize {
        self.common_types.len() + self.entity_types.len() + self.actions.len()
    }
}

/// The namespaces of a schema in order.
pub(crate) fn sorted(schema: &Schema) -> Vec<Sorted<'_>> {
    let mut namespaces: Vec<Sorted<'_>> = schema.namespaces.iter().map(sort).collect();
    namespaces.sort_by_cached_key(|namespace| {
        namespace.name.map(|name| {
            let mut components: Vec<&str> = name.split("::").collect();
            (components.pop(), components)
        })
    });
    namespaces
}

fn sort(namespace: &Namespace) -> Sorted<'_> {
    let name = namespace.name.as_ref().map(|name| name.name.as_str());
    let mut sorted = Sorted { name, annotations: annotations(&namespace.annotations), ..Sorted::default() };
    for declaration in &namespace.declarations {
        match declaration {
            Declaration::Entity(entity) => {
                sorted.entity_types.extend(entity.names.iter().map(|name| (name.value.as_str(), entity)));
            }
            Declaration::Action(action) => {
                sorted.actions.extend(action.names.iter().map(|name| (name.value.as_str(), action)));
            }
            Declaration::CommonType(common) => drop(sorted.common_types.insert(&common.name.value, common)),
        }
    }
    sorted
}

/// Annotations by key.
pub(crate) fn annotations(annotations: &[Annotation]) -> BTreeMap<&str, Option<&str>> {
    annotations.iter().map(|a| (a.key.value.as_str(), a.value.as_ref().map(|value| value.value.as_str()))).collect()
}

/// Attributes by name.
pub(crate) fn attributes(attributes: &[AttributeDeclaration]) -> BTreeMap<&str, &AttributeDeclaration> {
    attributes.iter().map(|attribute| (attribute.name.value.as_str(), attribute)).collect()
}

/// The type, unless it is the record without attributes, which is as good as no type.
pub(crate) fn unless_empty(types: &TypeExprs, ty: Option<TypeExprId>) -> Option<TypeExprId> {
    ty.filter(
        |ty| !matches!(&types.get(*ty).kind, TypeExprKind::Record { attributes, open: false } if attributes.is_empty()),
    )
}
