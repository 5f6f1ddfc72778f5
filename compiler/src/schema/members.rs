//! What entity types and actions are: attributes, hierarchy, and which requests an action appears in.

use std::collections::{BTreeMap, BTreeSet};

use deodar_grammar::{
    Diagnostic, Span,
    ast::{
        Spanned, TypeName,
        schema::{self as ast, ActionDeclaration, EntityDeclaration, EntityKind, TypeExprId},
    },
};
use deodar_runtime::{
    EntityTypeName, EntityUid,
    shape::{ActionShape, EntityShape, EntityShapeKind, RecordShape},
};
use hashbrown::HashMap;
use smol_str::SmolStr;

use super::{
    Schema,
    declare::{Declared, Definitions, Site},
    graph::Graph,
    tables::DeclarationTables,
    types::{Expansion, References},
};
use crate::report::schema as report;

/// The parents of each entity type or action.
type Hierarchy<K> = BTreeMap<K, BTreeSet<K>>;

/// Resolves all fragments; there is no schema if something is broken.
pub(crate) fn resolve(fragments: &[ast::Schema], diagnostics: &mut Vec<Diagnostic>) -> Option<Schema> {
    let definitions = Definitions::collect(fragments, diagnostics);
    definitions.check_shadowing(diagnostics);

    let mut references = References::default();
    let order = order_common_types(&definitions, &mut references, diagnostics);
    for (site, root) in roots(&definitions) {
        references.find(&definitions, site, root, diagnostics);
    }
    let mut resolver = Resolver { definitions: &definitions, expansion: Expansion::new(&references), diagnostics };
    for name in &order {
        resolver.define_common_type(name);
    }
    let entity_types = resolver.entity_types();
    let actions = resolver.actions();
    let expansion = resolver.expansion;
    if definitions.broken || expansion.broken {
        return None;
    }
    Some(assemble(&definitions, &references, expansion, entity_types, actions))
}

/// The common types, each behind those that it refers to. Reports those that contain themselves.
fn order_common_types(
    definitions: &Definitions<'_>,
    references: &mut References,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<SmolStr> {
    let edges: BTreeMap<SmolStr, Vec<SmolStr>> = (definitions.common_types.iter())
        .map(|(name, common)| {
            let targets = references.find(definitions, common.site, common.declaration.definition, diagnostics);
            (name.clone(), targets)
        })
        .collect();
    let walk = Graph::new(&edges).walk();
    for cycle in walk.cycles {
        let place = |name: &SmolStr| definitions.common_types.get(name).map(|common| common.name.span);
        let cycle: Vec<_> = cycle.into_iter().filter_map(|name| Some((name.to_string(), place(name)?))).collect();
        if let Some((_, span)) = cycle.first() {
            diagnostics.push(report::cyclic_common_types(&cycle, *span));
        }
    }
    walk.order.into_iter().cloned().collect()
}

/// All type expressions.
pub(crate) fn all_roots<'d, 'a>(
    definitions: &'d Definitions<'a>,
) -> impl Iterator<Item = (Site<'a>, TypeExprId)> + use<'d, 'a> {
    let common_types = definitions.common_types.values().map(|common| (common.site, common.declaration.definition));
    common_types.chain(roots(definitions))
}

/// The type expressions of entity types and actions.
fn roots<'d, 'a>(definitions: &'d Definitions<'a>) -> impl Iterator<Item = (Site<'a>, TypeExprId)> + use<'d, 'a> {
    let entity_types = definitions.entity_types.values().flat_map(|entity| {
        let (shape, tags) = match &entity.declaration.kind {
            EntityKind::Standard { shape, tags, .. } => (*shape, *tags),
            EntityKind::Enum(_) => (None, None),
        };
        shape.into_iter().chain(tags).map(|root| (entity.site, root))
    });
    let contexts = definitions
        .actions
        .values()
        .filter_map(|action| Some((action.site, action.declaration.applies_to.as_ref()?.context?)));
    entity_types.chain(contexts)
}

struct Resolver<'d, 'a, 'r> {
    definitions: &'d Definitions<'a>,
    expansion: Expansion<'r>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'a> Resolver<'_, 'a, '_> {
    fn define_common_type(&mut self, name: &SmolStr) {
        if let Some(common) = self.definitions.common_types.get(name) {
            self.expansion.define(name, common.site, common.declaration.definition, self.diagnostics);
        }
    }

    fn entity_types(&mut self) -> BTreeMap<EntityTypeName, EntityShape> {
        let parents: Hierarchy<EntityTypeName> = (self.definitions.entity_types.iter())
            .map(|(name, entity)| (name.clone(), self.parent_types(entity)))
            .collect();
        let ancestors: BTreeMap<_, _> = Graph::new(&parents).closure().collect();
        self.check_external(&ancestors);
        let mut entity_types = BTreeMap::new();
        for (name, entity) in &self.definitions.entity_types {
            let ancestor_types = ancestors.get(name).into_iter().flatten().copied().cloned().collect();
            if let Some(kind) = self.entity_shape(name, entity) {
                entity_types.insert(name.clone(), EntityShape { kind, ancestor_types });
            }
        }
        entity_types
    }

    fn parent_types(&mut self, entity: &Declared<'a, EntityDeclaration>) -> BTreeSet<EntityTypeName> {
        match &entity.declaration.kind {
            // Names that are declared together have their parents in common; one of them reports.
            EntityKind::Standard { member_of, .. } => {
                self.resolve_entity_types(entity.site, member_of, is_first(entity.name, &entity.declaration.names))
            }
            EntityKind::Enum(_) => BTreeSet::new(),
        }
    }

    fn resolve_entity_types(&mut self, site: Site<'a>, names: &[TypeName], reports: bool) -> BTreeSet<EntityTypeName> {
        let mut unreported = Vec::new();
        let diagnostics = if reports { &mut *self.diagnostics } else { &mut unreported };
        let definitions = self.definitions;
        names.iter().filter_map(|name| definitions.resolve_entity_type(site.namespace, name, diagnostics)).collect()
    }

    /// Nothing is known of an external entity type, so it cannot be known to have no parents like an enumerated one;
    /// Cedar excludes them from each other's hierarchies.
    fn check_external(&mut self, ancestors: &BTreeMap<&EntityTypeName, Vec<&EntityTypeName>>) {
        for (name, entity) in &self.definitions.entity_types {
            if !entity.declaration.external {
                continue;
            }
            for ancestor in ancestors.get(name).into_iter().flatten() {
                let Some(declared) = self.definitions.entity_types.get(*ancestor) else { continue };
                if let EntityKind::Enum(_) = declared.declaration.kind {
                    let (external, enumerated) = (name.as_str(), ancestor.as_str());
                    let diagnostic =
                        report::external_in_enum(external, entity.name.span, enumerated, declared.name.span);
                    self.diagnostics.push(diagnostic);
                }
            }
        }
    }

    fn entity_shape(
        &mut self,
        name: &EntityTypeName,
        entity: &Declared<'a, EntityDeclaration>,
    ) -> Option<EntityShapeKind> {
        if entity.declaration.external {
            return Some(EntityShapeKind::External);
        }
        let (shape, tags) = match &entity.declaration.kind {
            EntityKind::Enum(ids) => {
                return Some(EntityShapeKind::Enum(ids.iter().map(|id| id.value.clone()).collect()));
            }
            EntityKind::Standard { shape, tags, .. } => (*shape, *tags),
        };
        let tags = tags.map(|tags| self.expansion.expand(entity.site, tags, self.diagnostics));
        let attributes = match shape {
            Some(shape) => {
                self.record(entity.site, shape, |span| Some(report::shape_not_a_record(name.as_str(), span)))?
            }
            None => RecordShape::default(),
        };
        Some(EntityShapeKind::Standard { attributes, tags: tags.unwrap_or_default() })
    }

    fn record(
        &mut self,
        site: Site<'a>,
        root: TypeExprId,
        not_a_record: impl FnOnce(Span) -> Option<Diagnostic>,
    ) -> Option<RecordShape> {
        let ty = self.expansion.expand(site, root, self.diagnostics)?;
        let record = self.expansion.record(ty).cloned();
        if record.is_none() {
            self.diagnostics.extend(not_a_record(site.types.get(root).span));
        }
        record
    }

    fn actions(&mut self) -> BTreeMap<EntityUid, ActionShape> {
        let parents: Hierarchy<EntityUid> =
            (self.definitions.actions.iter()).map(|(name, action)| (name.clone(), self.groups(action))).collect();
        let graph = Graph::new(&parents);
        self.report_cyclic_groups(&graph);
        let mut actions = BTreeMap::new();
        for (name, ancestors) in graph.closure() {
            let Some(action) = self.definitions.actions.get(name) else { continue };
            let parents = parents.get(name).cloned().unwrap_or_default();
            let ancestors = ancestors.into_iter().cloned().collect();
            if let Some(shape) = self.action_shape(name, action, parents, ancestors) {
                actions.insert(name.clone(), shape);
            }
        }
        actions
    }

    fn groups(&mut self, action: &Declared<'a, ActionDeclaration>) -> BTreeSet<EntityUid> {
        let mut unreported = Vec::new();
        let reports = is_first(action.name, &action.declaration.names);
        let diagnostics = if reports { &mut *self.diagnostics } else { &mut unreported };
        let (definitions, site) = (self.definitions, action.site);
        let groups = action.declaration.member_of.iter();
        groups.filter_map(|group| definitions.resolve_action(site.namespace, group, diagnostics)).collect()
    }

    fn report_cyclic_groups(&mut self, graph: &Graph<'_, EntityUid>) {
        for cycle in graph.walk().cycles {
            let place = |action: &EntityUid| self.definitions.actions.get(action).map(|declared| declared.name.span);
            let cycle: Vec<_> =
                cycle.into_iter().filter_map(|action| Some((action.to_string(), place(action)?))).collect();
            if let Some((_, span)) = cycle.first() {
                self.diagnostics.push(report::cyclic_action_groups(&cycle, *span));
            }
        }
    }

    fn action_shape(
        &mut self,
        name: &EntityUid,
        action: &Declared<'a, ActionDeclaration>,
        parents: BTreeSet<EntityUid>,
        ancestors: BTreeSet<EntityUid>,
    ) -> Option<ActionShape> {
        let mut shape = ActionShape {
            parents,
            ancestors,
            principals: BTreeSet::new(),
            resources: BTreeSet::new(),
            context: RecordShape::default(),
            external: action.declaration.external,
        };
        let Some(applies_to) = &action.declaration.applies_to else { return Some(shape) };
        let reports = is_first(action.name, &action.declaration.names);
        shape.principals = self.resolve_entity_types(action.site, &applies_to.principals, reports);
        shape.resources = self.resolve_entity_types(action.site, &applies_to.resources, reports);
        if let Some(context) = applies_to.context {
            let not_a_record = |span| reports.then(|| report::context_not_a_record(&name.to_string(), span));
            shape.context = self.record(action.site, context, not_a_record)?;
        }
        Some(shape)
    }
}

/// Whether the name is the first of its declaration.
fn is_first(name: &Spanned<SmolStr>, names: &[Spanned<SmolStr>]) -> bool {
    names.first().is_some_and(|first| first.span == name.span)
}

/// Joins the shapes with the side tables of declarations.
fn assemble(
    definitions: &Definitions<'_>,
    references: &References,
    expansion: Expansion<'_>,
    entity_types: BTreeMap<EntityTypeName, EntityShape>,
    actions: BTreeMap<EntityUid, ActionShape>,
) -> Schema {
    let mut tables = DeclarationTables { definitions, references, attributes: HashMap::new() };
    let declared_entity_types = tables.entity_types();
    let declared_actions = tables.actions();
    let common_types = tables.common_types(expansion.common_types());
    let mut shapes = expansion.shapes;
    shapes.entity_types = entity_types;
    shapes.actions = actions;
    Schema {
        entity_types: declared_entity_types,
        actions: declared_actions,
        common_types,
        action_descendants: invert(shapes.actions.iter().map(|(name, action)| (name, &action.ancestors))),
        descendant_types: invert(shapes.entity_types.iter().map(|(name, entity)| (name, &entity.ancestor_types))),
        action_types: definitions.action_types.clone(),
        shapes,
    }
}

/// From ancestors to descendants.
fn invert<'k, K: Ord + Clone + 'k>(ancestors: impl Iterator<Item = (&'k K, &'k BTreeSet<K>)>) -> Hierarchy<K> {
    let mut descendants = Hierarchy::new();
    for (name, ancestors) in ancestors {
        for ancestor in ancestors {
            descendants.entry(ancestor.clone()).or_insert_with(BTreeSet::new).insert(name.clone());
        }
    }
    descendants
}
