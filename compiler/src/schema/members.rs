//! What entity types and actions are: attributes, hierarchy, and which requests an action appears in.

use std::collections::{BTreeMap, BTreeSet};

use deodar_grammar::{
    Diagnostic, Span,
    ast::{
        Spanned, TypeName,
        schema::{self as ast, ActionDeclaration, EntityDeclaration, EntityKind, TypeExprId},
    },
};
use deodar_lexicon::limits;
use deodar_runtime::{
    EntityTypeName, EntityUid,
    shape::{ActionShape, EntityShape, EntityShapeKind, RecordShape},
};
use hashbrown::HashMap;
use smol_str::SmolStr;

use super::{
    Schema,
    declare::{Declared, Definitions, Externals, Site},
    graph::{Closure, Graph, Hierarchy},
    link::{Difference, Statement, Statements},
    size::{Size, TooLarge},
    tables::DeclarationTables,
    types::{Expansion, References},
};
use crate::report::schema as report;

/// A result, unless the schema exceeds the limit.
type Counted<T> = Result<T, TooLarge<Option<Span>>>;

/// The entity types or the actions.
struct Members<K, S> {
    shapes: BTreeMap<K, S>,
    /// For each that has members, all of them.
    descendants: BTreeMap<K, Vec<K>>,
}

/// Resolves all fragments; there is no schema if something is broken.
pub(crate) fn resolve(fragments: &[ast::Schema], diagnostics: &mut Vec<Diagnostic>) -> Option<Schema> {
    resolve_within_limits(fragments, diagnostics).unwrap_or_else(|TooLarge(span)| {
        diagnostics.extend(span.map(|span| report::schema_too_large(limits::SCHEMA_NAMES, span)));
        None
    })
}

fn resolve_within_limits(fragments: &[ast::Schema], diagnostics: &mut Vec<Diagnostic>) -> Counted<Option<Schema>> {
    let definitions = Definitions::collect(fragments, diagnostics);
    definitions.check_shadowing(diagnostics);
    let mut size = Size::new();
    definitions.count_names(&mut size)?;

    let mut references = References::default();
    let order = order_common_types(&definitions, &mut references, diagnostics);
    for (site, root) in roots(&definitions) {
        references.find(&definitions, site, root, diagnostics);
    }
    let expansion = Expansion::new(&references);
    let mut resolver = Resolver { definitions: &definitions, expansion, size, diagnostics };
    for name in &order {
        resolver.define_common_type(name);
    }
    let entity_types = resolver.entity_types()?;
    let actions = resolver.actions()?;
    let expansion = resolver.expansion;
    if definitions.broken || expansion.broken {
        return Ok(None);
    }
    Ok(Some(assemble(&definitions, &references, expansion, entity_types, actions)))
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
        let place = |name: &SmolStr| place_of(&definitions.common_types, name);
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
    size: Size,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'a> Resolver<'_, 'a, '_> {
    fn define_common_type(&mut self, name: &SmolStr) {
        if let Some(common) = self.definitions.common_types.get(name) {
            self.expansion.define(name, common.site, common.declaration.definition, self.diagnostics);
        }
    }

    fn entity_types(&mut self) -> Counted<Members<EntityTypeName, EntityShape>> {
        let definitions = self.definitions;
        let statements = statements(&definitions.entity_types, &definitions.external_entity_types, |entity| {
            self.parent_types(entity)
        });
        let parents = statements.hierarchy(|name| is_external(definitions, name));
        let closure = Graph::new(&parents).closure(&mut self.size);
        let closure = closure.map_err(|TooLarge(name)| TooLarge(place_of(&self.definitions.entity_types, name)))?;
        self.check_external(&closure);
        self.check_linked_entity_types(&statements, &parents, &closure)?;
        let mut shapes = BTreeMap::new();
        for (name, ancestors) in closure.iter() {
            let Some(entity) = self.definitions.entity_types.get(name) else { continue };
            if let Some(kind) = self.entity_shape(name, entity)? {
                shapes.insert(name.clone(), EntityShape { kind, ancestor_types: ancestors.cloned().collect() });
            }
        }
        Ok(Members { shapes, descendants: closure.inverted() })
    }

    fn parent_types(&mut self, entity: &Declared<'a, EntityDeclaration>) -> BTreeSet<EntityTypeName> {
        match &entity.declaration.kind {
            EntityKind::Standard { member_of, .. } => {
                self.resolve_entity_types(entity.site, member_of, is_first(entity.name, &entity.declaration.names))
            }
            EntityKind::Enum(_) => BTreeSet::new(),
        }
    }

    fn resolve_entity_types(&mut self, site: Site<'a>, names: &[TypeName], reports: bool) -> BTreeSet<EntityTypeName> {
        let (definitions, namespace) = (self.definitions, site.namespace);
        let resolved = names.iter().filter_map(|name| {
            if reports {
                definitions.resolve_entity_type(namespace, name, self.diagnostics)
            } else {
                definitions.find_member_type(namespace, name)
            }
        });
        resolved.collect()
    }

    /// Nothing is known of an external entity type, so it cannot be known to have no parents like an enumerated one;
    /// Cedar excludes them from each other's hierarchies.
    fn check_external(&mut self, closure: &Closure<'_, EntityTypeName>) {
        for (name, ancestors) in closure.iter() {
            let Some(entity) = self.definitions.entity_types.get(name) else { continue };
            if !entity.declaration.external {
                continue;
            }
            for ancestor in ancestors {
                let Some(declared) = self.definitions.entity_types.get(ancestor) else { continue };
                if let EntityKind::Enum(_) = declared.declaration.kind {
                    let (external, enumerated) = (name.as_str(), ancestor.as_str());
                    let diagnostic =
                        report::external_in_enum(external, entity.name.span, enumerated, declared.name.span);
                    self.diagnostics.push(diagnostic);
                }
            }
        }
    }

    /// Checks the external declarations of entity types that another fragment declares too.
    fn check_linked_entity_types(
        &mut self,
        statements: &Statements<EntityTypeName>,
        parents: &Hierarchy<EntityTypeName>,
        closure: &Closure<'_, EntityTypeName>,
    ) -> Counted<()> {
        let definitions = self.definitions;
        let definition =
            |name: &EntityTypeName| definitions.entity_types.get(name).filter(|entity| !entity.declaration.external);
        for other in &statements.others {
            if let Some(defined) = definition(&other.name)
                && let EntityKind::Enum(_) = defined.declaration.kind
            {
                let diagnostic = report::external_is_enum(other.name.as_str(), other.span, defined.name.span);
                self.diagnostics.push(diagnostic);
            }
        }
        let differences = statements.differences(parents, closure);
        let differences = differences.map_err(|TooLarge(name)| TooLarge(place_of(&definitions.entity_types, &name)))?;
        for Difference { name, fragment, lost, gained } in differences {
            let Some(defined) = definition(&name) else { continue };
            let (name, at) = (name.as_str(), defined.name.span);
            let external =
                statements.others.iter().find(|other| other.fragment == fragment && other.name.as_str() == name);
            self.diagnostics.extend(match external {
                Some(external) => {
                    lost.map(|lost| report::external_adds_ancestor(name, external.span, lost.as_str(), at))
                }
                None => gained.map(|gained| report::definition_gains_ancestor(name, at, gained.as_str())),
            });
        }
        Ok(())
    }

    fn entity_shape(
        &mut self,
        name: &EntityTypeName,
        entity: &Declared<'a, EntityDeclaration>,
    ) -> Counted<Option<EntityShapeKind>> {
        if entity.declaration.external {
            return Ok(Some(EntityShapeKind::External));
        }
        let (shape, tags) = match &entity.declaration.kind {
            EntityKind::Enum(ids) => {
                return Ok(Some(EntityShapeKind::Enum(ids.iter().map(|id| id.value.clone()).collect())));
            }
            EntityKind::Standard { shape, tags, .. } => (*shape, *tags),
        };
        let tags = tags.map(|tags| self.expansion.expand(entity.site, tags, self.diagnostics));
        let attributes = match shape {
            Some(shape) => {
                let not_a_record = |span| Some(report::shape_not_a_record(name.as_str(), span));
                self.record(entity.site, entity.name.span, shape, not_a_record)?
            }
            None => Some(RecordShape::default()),
        };
        Ok(attributes.map(|attributes| EntityShapeKind::Standard { attributes, tags: tags.unwrap_or_default() }))
    }

    /// The record that the expression stands for, as part of what the name declares.
    fn record(
        &mut self,
        site: Site<'a>,
        name: Span,
        root: TypeExprId,
        not_a_record: impl FnOnce(Span) -> Option<Diagnostic>,
    ) -> Counted<Option<RecordShape>> {
        let Some(ty) = self.expansion.expand(site, root, self.diagnostics) else { return Ok(None) };
        let Some(record) = self.expansion.record(ty) else {
            self.diagnostics.extend(not_a_record(site.types.get(root).span));
            return Ok(None);
        };
        if !self.size.add(record.attributes.len()) {
            return Err(TooLarge(Some(name)));
        }
        Ok(Some(record.clone()))
    }

    fn actions(&mut self) -> Counted<Members<EntityUid, ActionShape>> {
        let definitions = self.definitions;
        let statements = statements(&definitions.actions, &definitions.external_actions, |action| self.groups(action));
        let parents = statements.hierarchy(|_| false);
        let mut graph = Graph::new(&parents);
        let is_cyclic = self.report_cyclic_groups(&graph);
        if is_cyclic {
            graph = graph.without_edges();
        }
        let closure = graph.closure(&mut self.size);
        let closure = closure.map_err(|TooLarge(name)| TooLarge(place_of(&self.definitions.actions, name)))?;
        if !is_cyclic {
            self.check_linked_actions(&statements, &parents, &closure)?;
        }
        let mut shapes = BTreeMap::new();
        for (name, ancestors) in closure.iter() {
            let Some(action) = self.definitions.actions.get(name) else { continue };
            let parents = parents.get(name).cloned().unwrap_or_default();
            if let Some(shape) = self.action_shape(name, action, parents, ancestors.cloned().collect())? {
                shapes.insert(name.clone(), shape);
            }
        }
        Ok(Members { shapes, descendants: closure.inverted() })
    }

    fn groups(&mut self, action: &Declared<'a, ActionDeclaration>) -> BTreeSet<EntityUid> {
        let (definitions, namespace) = (self.definitions, action.site.namespace);
        let reports = is_first(action.name, &action.declaration.names);
        let groups = action.declaration.member_of.iter().filter_map(|group| {
            if reports {
                definitions.resolve_action(namespace, group, self.diagnostics)
            } else {
                definitions.find_action(namespace, group)
            }
        });
        groups.collect()
    }

    /// Checks that all declarations of an action agree on its groups.
    fn check_linked_actions(
        &mut self,
        statements: &Statements<EntityUid>,
        parents: &Hierarchy<EntityUid>,
        closure: &Closure<'_, EntityUid>,
    ) -> Counted<()> {
        let differences = statements.differences(parents, closure);
        let actions = &self.definitions.actions;
        let differences = differences.map_err(|TooLarge(name)| TooLarge(place_of(actions, &name)))?;
        let mut reported = BTreeSet::new();
        for Difference { name, lost, gained, .. } in differences {
            let Some(other) = statements.others.iter().find(|other| other.name == name) else { continue };
            let (Some(first), Some(group)) = (place_of(actions, &name), lost.or(gained)) else { continue };
            // Each fragment that declares the action may differ from the whole.
            if !reported.insert(name.clone()) {
                continue;
            }
            self.diagnostics.push(report::external_action_groups(
                &name.to_string(),
                other.span,
                &group.to_string(),
                first,
            ));
        }
        Ok(())
    }

    /// Whether there are any.
    fn report_cyclic_groups(&mut self, graph: &Graph<'_, EntityUid>) -> bool {
        let cycles = graph.walk().cycles;
        for cycle in &cycles {
            let place = |action: &EntityUid| place_of(&self.definitions.actions, action);
            let cycle: Vec<_> = cycle.iter().filter_map(|action| Some((action.to_string(), place(action)?))).collect();
            if let Some((_, span)) = cycle.first() {
                self.diagnostics.push(report::cyclic_action_groups(&cycle, *span));
            }
        }
        !cycles.is_empty()
    }

    fn action_shape(
        &mut self,
        name: &EntityUid,
        action: &Declared<'a, ActionDeclaration>,
        parents: BTreeSet<EntityUid>,
        ancestors: BTreeSet<EntityUid>,
    ) -> Counted<Option<ActionShape>> {
        let mut shape = ActionShape {
            parents,
            ancestors,
            principals: BTreeSet::new(),
            resources: BTreeSet::new(),
            context: RecordShape::default(),
            external: action.declaration.external,
        };
        let Some(applies_to) = &action.declaration.applies_to else { return Ok(Some(shape)) };
        let reports = is_first(action.name, &action.declaration.names);
        shape.principals = self.resolve_entity_types(action.site, &applies_to.principals, reports);
        shape.resources = self.resolve_entity_types(action.site, &applies_to.resources, reports);
        if let Some(context) = applies_to.context {
            let not_a_record = |span| reports.then(|| report::context_not_a_record(&name.to_string(), span));
            match self.record(action.site, action.name.span, context, not_a_record)? {
                Some(record) => shape.context = record,
                None => return Ok(None),
            }
        }
        Ok(Some(shape))
    }
}

/// The declarations of a hierarchy, with the parents that each names.
fn statements<'d, 'a, K: Ord + Clone, T>(
    first: &'d BTreeMap<K, Declared<'a, T>>,
    others: &'d Externals<'a, K, T>,
    mut parents: impl FnMut(&'d Declared<'a, T>) -> BTreeSet<K>,
) -> Statements<K> {
    let mut statement = |name: &K, declared: &'d Declared<'a, T>| {
        let (fragment, span) = (declared.site.fragment, declared.name.span);
        Statement { name: name.clone(), fragment, span, parents: parents(declared) }
    };
    Statements {
        first: first.iter().map(|(name, declared)| (name.clone(), statement(name, declared))).collect(),
        others: others
            .iter()
            .flat_map(|(name, all)| all.iter().map(move |one| (name, one)))
            .map(|(name, one)| statement(name, one))
            .collect(),
    }
}

fn is_external(definitions: &Definitions<'_>, name: &EntityTypeName) -> bool {
    definitions.entity_types.get(name).is_some_and(|entity| entity.declaration.external)
}

/// Where the name is declared.
fn place_of<K: Ord, T>(table: &BTreeMap<K, Declared<'_, T>>, name: &K) -> Option<Span> {
    table.get(name).map(|declared| declared.name.span)
}

/// Whether the name is the first of its declaration: the one that reports what is wrong with what they share.
fn is_first(name: &Spanned<SmolStr>, names: &[Spanned<SmolStr>]) -> bool {
    names.first().is_some_and(|first| first.span == name.span)
}

/// Joins the shapes with the side tables of declarations.
fn assemble(
    definitions: &Definitions<'_>,
    references: &References,
    expansion: Expansion<'_>,
    entity_types: Members<EntityTypeName, EntityShape>,
    actions: Members<EntityUid, ActionShape>,
) -> Schema {
    let mut tables = DeclarationTables { definitions, references, attributes: HashMap::new() };
    let declared_entity_types = tables.entity_types();
    let declared_actions = tables.actions();
    let common_types = tables.common_types(expansion.common_types());
    let mut shapes = expansion.shapes;
    shapes.entity_types = entity_types.shapes;
    shapes.actions = actions.shapes;
    Schema {
        entity_types: declared_entity_types,
        actions: declared_actions,
        common_types,
        action_descendants: actions.descendants,
        descendant_types: entity_types.descendants,
        action_types: definitions.action_types.clone(),
        shapes,
    }
}
