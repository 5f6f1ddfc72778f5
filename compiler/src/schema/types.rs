//! Type expressions to types.
//!
//! Equal types get equal indices, and a common type is expanded once, wherever it is used: a schema of nested common
//! types stays as small as it was written, and two types are equal exactly if their indices are.
//!
//! Two steps: [`References`] finds what each name means, so that common types can be put in order, and [`Expansion`]
//! builds types from the leaves up. Both look at each expression once, without recursion.

use std::collections::BTreeMap;

use deodar_grammar::{
    Diagnostic,
    ast::schema::{AttributeDeclaration, Primitive, TypeExpr, TypeExprId, TypeExprKind, TypeExprs},
};
use deodar_lexicon::{builtin::ExtensionType, limits};
use deodar_runtime::{
    Shapes,
    shape::{AttributeShape, RecordShape, Type, TypeIndex},
};
use hashbrown::{HashMap, HashSet};
use smol_str::SmolStr;

use super::{
    declare::{Definitions, Site},
    names::Target,
};
use crate::report::schema::{self as report, Expected};

/// A type expression of one of the fragments.
type Place = (usize, TypeExprId);

/// The attributes of a record type that count: of a name that stands twice the last.
pub(crate) fn attributes_by_name(attributes: &[AttributeDeclaration]) -> BTreeMap<&SmolStr, &AttributeDeclaration> {
    attributes.iter().map(|attribute| (&attribute.name.value, attribute)).collect()
}

/// The expression and all that it is made of, parts before wholes.
fn parts(types: &TypeExprs, root: TypeExprId) -> Vec<(TypeExprId, &TypeExpr)> {
    let mut found = Vec::new();
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        let node = types.get(id);
        found.push((id, node));
        match &node.kind {
            TypeExprKind::Set(element) => stack.push(*element),
            TypeExprKind::Record { attributes, .. } => {
                stack.extend(attributes_by_name(attributes).into_values().map(|attribute| attribute.ty));
            }
            TypeExprKind::Error
            | TypeExprKind::Name(_)
            | TypeExprKind::CommonType(_)
            | TypeExprKind::Entity(_)
            | TypeExprKind::Extension(_)
            | TypeExprKind::Primitive(_) => {}
        }
    }
    // I2 of the grammar: the id of a part is smaller than that of the whole.
    found.sort_unstable_by_key(|(id, _)| *id);
    found
}

/// What the names in type expressions mean.
#[derive(Debug, Default)]
pub(crate) struct References {
    targets: HashMap<Place, Target>,
    seen: HashSet<Place>,
}

impl References {
    /// Finds what the names in the expression mean, and gives the common types among them.
    pub(crate) fn find(
        &mut self,
        definitions: &Definitions<'_>,
        site: Site<'_>,
        root: TypeExprId,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<SmolStr> {
        // Entity types that are declared together share their expressions.
        if !self.seen.insert((site.fragment, root)) {
            return Vec::new();
        }
        let mut common_types = Vec::new();
        for (id, node) in parts(site.types, root) {
            let (name, expected) = match &node.kind {
                TypeExprKind::Name(name) => (name, Expected::Either),
                TypeExprKind::CommonType(name) => (name, Expected::Common),
                TypeExprKind::Entity(name) => (name, Expected::Entity),
                TypeExprKind::Error
                | TypeExprKind::Extension(_)
                | TypeExprKind::Primitive(_)
                | TypeExprKind::Set(_)
                | TypeExprKind::Record { .. } => continue,
            };
            let target = definitions.resolve_or_report(site.namespace, name, expected, diagnostics);
            if let Some(Target::CommonType(name)) = &target {
                common_types.push(name.clone());
            }
            self.targets.extend(target.map(|target| ((site.fragment, id), target)));
        }
        common_types
    }

    /// What the name at the place means.
    pub(crate) fn target(&self, fragment: usize, id: TypeExprId) -> Option<&Target> {
        self.targets.get(&(fragment, id))
    }
}

/// Types under construction.
#[derive(Debug)]
pub(crate) struct Expansion<'r> {
    references: &'r References,
    pub(crate) shapes: Shapes,
    /// The index of each type, so that none has two.
    indices: HashMap<Type, TypeIndex>,
    /// The levels of each type.
    levels: HashMap<TypeIndex, u64>,
    /// The types of expressions; without one are those with a mistake.
    done: HashMap<Place, Option<TypeIndex>>,
    common_types: BTreeMap<SmolStr, TypeIndex>,
    /// Whether some expression has no type.
    pub(crate) broken: bool,
}

impl<'r> Expansion<'r> {
    /// Without types.
    pub(crate) fn new(references: &'r References) -> Self {
        Self {
            references,
            shapes: Shapes::default(),
            indices: HashMap::new(),
            levels: HashMap::new(),
            done: HashMap::new(),
            common_types: BTreeMap::new(),
            broken: false,
        }
    }

    /// Expands a common type after all that it refers to.
    pub(crate) fn define(
        &mut self,
        name: &SmolStr,
        site: Site<'_>,
        definition: TypeExprId,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if let Some(ty) = self.expand(site, definition, diagnostics) {
            self.common_types.insert(name.clone(), ty);
        }
    }

    /// The common types that are defined.
    pub(crate) fn common_types(&self) -> &BTreeMap<SmolStr, TypeIndex> {
        &self.common_types
    }

    /// The type of an expression, unless it has a mistake.
    pub(crate) fn expand(
        &mut self,
        site: Site<'_>,
        root: TypeExprId,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<TypeIndex> {
        if !self.done.contains_key(&(site.fragment, root)) {
            for (id, node) in parts(site.types, root) {
                let ty = self.expand_node(site.fragment, id, node, diagnostics);
                self.broken |= ty.is_none();
                self.done.insert((site.fragment, id), ty);
            }
        }
        self.done.get(&(site.fragment, root)).copied().flatten()
    }

    /// The record that the expression stands for.
    pub(crate) fn record(&self, ty: TypeIndex) -> Option<&RecordShape> {
        match self.shapes.ty(ty) {
            Type::Record(record) => Some(record),
            Type::Bool | Type::Long | Type::String | Type::Entity(_) | Type::Extension(_) | Type::Set(_) => None,
        }
    }

    fn expand_node(
        &mut self,
        fragment: usize,
        id: TypeExprId,
        node: &TypeExpr,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<TypeIndex> {
        let ty = match &node.kind {
            TypeExprKind::Error => return None,
            TypeExprKind::Name(_) | TypeExprKind::CommonType(_) | TypeExprKind::Entity(_) => {
                match self.references.target(fragment, id)? {
                    // A common type on a cycle is not defined.
                    Target::CommonType(name) => return self.common_types.get(name).copied(),
                    Target::Builtin(builtin, _) => builtin.ty(),
                    Target::EntityType(name) => Type::Entity(name.clone()),
                }
            }
            TypeExprKind::Extension(name) => {
                let Some(extension) = ExtensionType::from_name(&name.value) else {
                    diagnostics.push(report::unknown_extension_type(&name.value, name.span));
                    return None;
                };
                Type::Extension(extension)
            }
            TypeExprKind::Primitive(Primitive::Bool) => Type::Bool,
            TypeExprKind::Primitive(Primitive::Long) => Type::Long,
            TypeExprKind::Primitive(Primitive::String) => Type::String,
            TypeExprKind::Set(element) => Type::Set(self.done.get(&(fragment, *element)).copied().flatten()?),
            TypeExprKind::Record { open: true, .. } => {
                diagnostics.push(report::open_record(node.span));
                return None;
            }
            TypeExprKind::Record { attributes, open: false } => Type::Record(self.record_shape(fragment, attributes)?),
        };
        self.intern(ty).or_else(|| {
            diagnostics.push(report::type_too_deep(limits::NESTING, node.span));
            None
        })
    }

    fn record_shape(&self, fragment: usize, attributes: &[AttributeDeclaration]) -> Option<RecordShape> {
        let shape = |(name, attribute): (&SmolStr, &AttributeDeclaration)| {
            let ty = self.done.get(&(fragment, attribute.ty)).copied().flatten()?;
            Some((name.clone(), AttributeShape { ty, required: attribute.required }))
        };
        let attributes: Option<_> = attributes_by_name(attributes).into_iter().map(shape).collect();
        Some(RecordShape { attributes: attributes? })
    }

    /// The index of the type, unless it nests too deep.
    fn intern(&mut self, ty: Type) -> Option<TypeIndex> {
        if let Some(index) = self.indices.get(&ty) {
            return Some(*index);
        }
        let level_of = |ty: &TypeIndex| self.levels.get(ty).copied().unwrap_or(0);
        let inner = match &ty {
            Type::Set(element) => level_of(element),
            Type::Record(record) => record.attributes.values().map(|a| level_of(&a.ty)).max().unwrap_or(0),
            Type::Bool | Type::Long | Type::String | Type::Entity(_) | Type::Extension(_) => 0,
        };
        if inner >= limits::NESTING.value {
            return None;
        }
        let index = self.shapes.push_type(ty.clone());
        self.levels.insert(index, inner + 1);
        self.indices.insert(ty, index);
        Some(index)
    }
}
