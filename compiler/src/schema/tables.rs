//! Side tables of a schema: where each name was declared, and with which annotations.

use std::{collections::BTreeMap, sync::Arc};

use deodar_grammar::{
    Span,
    ast::{
        Annotation,
        schema::{self as ast, ActionDeclaration, EntityDeclaration, EntityKind, TypeExprId, TypeExprKind},
    },
};
use deodar_runtime::{EntityTypeName, EntityUid, shape::TypeIndex};
use hashbrown::HashMap;
use smol_str::SmolStr;

use super::{
    AttributeDeclaration, CommonType, Declaration,
    declare::{Declared, Definitions, Site},
    names::Target,
    types::{References, attributes_by_name},
};

/// The attributes that a record type declares.
type Attributes = Arc<BTreeMap<SmolStr, AttributeDeclaration>>;

/// Builds the tables of a schema without cycles.
pub(crate) struct DeclarationTables<'d, 'a> {
    pub(crate) definitions: &'d Definitions<'a>,
    pub(crate) references: &'d References,
    /// Of each expression that was looked at, since many declarations may use one record.
    pub(crate) attributes: HashMap<(usize, TypeExprId), Attributes>,
}

impl<'a> DeclarationTables<'_, 'a> {
    pub(crate) fn entity_types(&mut self) -> BTreeMap<EntityTypeName, Declaration> {
        let entity_types = self.definitions.entity_types.iter();
        entity_types.map(|(name, entity)| (name.clone(), self.entity_type(entity))).collect()
    }

    pub(crate) fn actions(&mut self) -> BTreeMap<EntityUid, Declaration> {
        let actions = self.definitions.actions.iter();
        actions.map(|(name, action)| (name.clone(), self.action(action))).collect()
    }

    pub(crate) fn common_types(&mut self, types: &BTreeMap<SmolStr, TypeIndex>) -> BTreeMap<SmolStr, CommonType> {
        let common_types = self.definitions.common_types.iter().filter_map(|(name, common)| {
            let ast::CommonTypeDeclaration { annotations, span, definition, .. } = common.declaration;
            let declaration = self.declaration(common.site, common.name.span, *span, annotations, Some(*definition));
            Some((name.clone(), CommonType { ty: *types.get(name)?, declaration }))
        });
        common_types.collect()
    }

    fn entity_type(&mut self, entity: &Declared<'a, EntityDeclaration>) -> Declaration {
        let shape = match &entity.declaration.kind {
            EntityKind::Standard { shape, .. } => *shape,
            EntityKind::Enum(_) => None,
        };
        let EntityDeclaration { annotations, span, .. } = entity.declaration;
        self.declaration(entity.site, entity.name.span, *span, annotations, shape)
    }

    fn action(&mut self, action: &Declared<'a, ActionDeclaration>) -> Declaration {
        let context = action.declaration.applies_to.as_ref().and_then(|applies_to| applies_to.context);
        let ActionDeclaration { annotations, span, .. } = action.declaration;
        self.declaration(action.site, action.name.span, *span, annotations, context)
    }

    fn declaration(
        &mut self,
        site: Site<'a>,
        name: Span,
        span: Span,
        annotations: &[Annotation],
        record: Option<TypeExprId>,
    ) -> Declaration {
        let attributes = record.map_or_else(Attributes::default, |record| self.attributes(site, record));
        Declaration { name, span, annotations: annotations.to_vec(), attributes }
    }

    /// The attributes of the record that the expression stands for, possibly through common types.
    fn attributes(&mut self, site: Site<'a>, root: TypeExprId) -> Attributes {
        let (mut site, mut root) = (site, root);
        let mut path = Vec::new();
        let attributes = loop {
            if let Some(known) = self.attributes.get(&(site.fragment, root)) {
                break Arc::clone(known);
            }
            path.push((site.fragment, root));
            let Some(Target::CommonType(name)) = self.references.target(site.fragment, root) else {
                break record_attributes(&site.types.get(root).kind);
            };
            let Some(common) = self.definitions.common_types.get(name) else { break Attributes::default() };
            (site, root) = (common.site, common.declaration.definition);
        };
        // Names on a long chain of common types are looked through once.
        self.attributes.extend(path.into_iter().map(|place| (place, Arc::clone(&attributes))));
        attributes
    }
}

fn record_attributes(kind: &TypeExprKind) -> Attributes {
    match kind {
        TypeExprKind::Record { attributes, .. } => {
            let attributes = attributes_by_name(attributes).into_iter();
            Arc::new(attributes.map(|(name, attribute)| (name.clone(), attribute_declaration(attribute))).collect())
        }
        TypeExprKind::Error
        | TypeExprKind::Name(_)
        | TypeExprKind::CommonType(_)
        | TypeExprKind::Entity(_)
        | TypeExprKind::Extension(_)
        | TypeExprKind::Primitive(_)
        | TypeExprKind::Set(_) => Attributes::default(),
    }
}

fn attribute_declaration(attribute: &ast::AttributeDeclaration) -> AttributeDeclaration {
    let annotations = attribute.annotations.clone();
    AttributeDeclaration { name: attribute.name.span, span: attribute.span, annotations }
}
