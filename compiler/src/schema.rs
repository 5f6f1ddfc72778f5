//! Schemas: from declarations to shapes.
//!
//! A schema may be written in several fragments, in either syntax, and any of them may refer to what another declares.
//! So resolution sees all of them at once, in this order: what is declared ([`declare`]), what names mean ([`names`]),
//! what types are ([`types`]), and what entity types and actions are ([`members`]). What comes out is the run time's
//! [`Shapes`], with a side table of where each name was declared, for messages.

mod declare;
mod graph;
mod link;
mod members;
mod names;
mod resolved;
mod size;
mod tables;
mod types;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use deodar_grammar::{
    Diagnostic, Span,
    ast::{Annotation, schema as ast},
};
use deodar_lexicon::limits;
use deodar_runtime::{
    EntityTypeName, EntityUid, Shapes,
    shape::{EntityShapeKind, RecordShape, TypeIndex},
};
use smol_str::SmolStr;

pub use self::resolved::resolve_schema_names;
pub(crate) use self::{
    declare::{Definitions, Site, qualify},
    members::all_roots,
    names::Target,
    types::{References, attributes_by_name},
};

/// A schema without errors.
///
/// Types with equal indices are equal, and equal types have equal indices. No type nests deeper than
/// [`limits::NESTING`].
#[derive(Debug, Clone)]
pub struct Schema {
    shapes: Shapes,
    entity_types: BTreeMap<EntityTypeName, Declaration>,
    actions: BTreeMap<EntityUid, Declaration>,
    common_types: BTreeMap<SmolStr, CommonType>,
    /// For every action with members, all of them.
    action_descendants: BTreeMap<EntityUid, Vec<EntityUid>>,
    /// For every entity type with members, the types that they may have.
    descendant_types: BTreeMap<EntityTypeName, Vec<EntityTypeName>>,
    /// `Action` of every namespace with an action.
    action_types: BTreeSet<EntityTypeName>,
}

impl AsRef<Shapes> for Schema {
    fn as_ref(&self) -> &Shapes {
        &self.shapes
    }
}

/// Where and how a name was declared.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The name itself.
    pub name: Span,
    /// All of the declaration, which may declare other names too.
    pub span: Span,
    /// The annotations of the declaration.
    pub annotations: Vec<Annotation>,
    /// The attributes of the entities, of the action's context, or of the record that a common type stands for.
    pub attributes: Arc<BTreeMap<SmolStr, AttributeDeclaration>>,
}

/// Where and how an attribute was declared.
#[derive(Debug, Clone)]
pub struct AttributeDeclaration {
    /// The name itself.
    pub name: Span,
    /// All of the declaration.
    pub span: Span,
    /// The annotations of the declaration.
    pub annotations: Vec<Annotation>,
}

/// A common type.
#[derive(Debug, Clone)]
pub struct CommonType {
    /// What it stands for.
    pub ty: TypeIndex,
    /// Where it was declared.
    pub declaration: Declaration,
}

/// One kind of request that a schema allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestEnvironment<'a> {
    /// The type of the principal.
    pub principal: &'a EntityTypeName,
    /// The action.
    pub action: &'a EntityUid,
    /// The type of the resource.
    pub resource: &'a EntityTypeName,
    /// The type of the context.
    pub context: &'a RecordShape,
}

impl Schema {
    /// Resolves the fragments of a schema.
    ///
    /// Fragments may refer to what others declare. No name is defined twice, but any fragment may declare it `external`
    /// (Cedar RFC 116): a definition satisfies such declarations if it has all the ancestors that they name, and adds
    /// none to what another fragment defines.
    ///
    /// There is no schema if a diagnostic is an error, or if a fragment has an error of names that its reader reported,
    /// which is not repeated. Fragments with errors of syntax are better not resolved: a declaration that could not be
    /// read is missing, and so would be reported wherever it is used.
    pub fn resolve(fragments: &[ast::Schema]) -> (Option<Self>, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let schema = members::resolve(fragments, &mut diagnostics);
        let schema = schema.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
        sort(&mut diagnostics);
        (schema, diagnostics)
    }

    /// What the schema says about data.
    pub fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// The declaration of an entity type.
    pub fn entity_type(&self, name: &EntityTypeName) -> Option<&Declaration> {
        self.entity_types.get(name)
    }

    /// The declaration of an action.
    pub fn action(&self, action: &EntityUid) -> Option<&Declaration> {
        self.actions.get(action)
    }

    /// The common types, by qualified name.
    pub fn common_types(&self) -> &BTreeMap<SmolStr, CommonType> {
        &self.common_types
    }

    /// The types of the actions of the schema: `Action` of every namespace with an action.
    pub fn action_types(&self) -> &BTreeSet<EntityTypeName> {
        &self.action_types
    }

    /// The members of an action group and of its members.
    pub fn action_descendants(&self, action: &EntityUid) -> impl Iterator<Item = &EntityUid> {
        self.action_descendants.get(action).into_iter().flatten()
    }

    /// The actions that are groups: those with members.
    pub fn action_groups(&self) -> impl Iterator<Item = &EntityUid> {
        self.action_descendants.keys()
    }

    /// The types whose entities may be below entities of the type; the type itself only if the hierarchy has a cycle.
    pub fn descendant_types(&self, name: &EntityTypeName) -> impl Iterator<Item = &EntityTypeName> {
        self.descendant_types.get(name).into_iter().flatten()
    }

    /// Every kind of request that the schema allows, in the order of actions, principal types and resource types.
    pub fn request_environments(&self) -> impl Iterator<Item = RequestEnvironment<'_>> {
        self.shapes.actions.iter().flat_map(|(action, shape)| {
            shape.principals.iter().flat_map(move |principal| {
                let context = &shape.context;
                shape.resources.iter().map(move |resource| RequestEnvironment { principal, action, resource, context })
            })
        })
    }

    /// The entity types that are only declared to exist (Cedar RFC 116).
    pub fn external_entity_types(&self) -> impl Iterator<Item = &EntityTypeName> {
        let is_external = |kind: &EntityShapeKind| match kind {
            EntityShapeKind::External => true,
            EntityShapeKind::Standard { .. } | EntityShapeKind::Enum(_) => false,
        };
        self.shapes.entity_types.iter().filter(move |(_, shape)| is_external(&shape.kind)).map(|(name, _)| name)
    }

    /// The actions that are only declared to exist (Cedar RFC 116).
    pub fn external_actions(&self) -> impl Iterator<Item = &EntityUid> {
        self.shapes.actions.iter().filter(|(_, shape)| shape.external).map(|(action, _)| action)
    }

    /// Whether nothing is external: only then policies can be validated.
    pub fn is_complete(&self) -> bool {
        self.external_entity_types().next().is_none() && self.external_actions().next().is_none()
    }
}

/// Brings diagnostics into the order of the sources, and drops those over the limit.
fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by_key(Diagnostic::span);
    diagnostics.truncate(limits::DIAGNOSTICS.as_usize());
}
