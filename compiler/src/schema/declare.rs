//! What the fragments of a schema declare, by qualified name.
//!
//! Definitions are collected before any reference is looked at: a name may be declared behind its use, in another
//! namespace or in another fragment. The rules that concern declarations alone are checked here: no name in two
//! fragments, unless all but one only say that it exists (Cedar RFC 116), no shadowing of what stands outside all namespaces (Cedar RFC 70).
//!
//! What the grammar reports about one fragment (a name that stands twice, a reserved name, an entity type `Action`) is
//! left out silently, and marks the definitions as [broken](Definitions::broken).

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use deodar_grammar::{
    Diagnostic, Span,
    ast::{
        Spanned,
        schema::{
            ActionDeclaration, CommonTypeDeclaration, Declaration, EntityDeclaration, EntityKind, Namespace, Schema,
            TypeExprs,
        },
    },
};
use deodar_lexicon::name;
use deodar_runtime::{EntityTypeName, EntityUid};
use smol_str::{SmolStr, format_smolstr};

use super::size::{Size, TooLarge};
use crate::report::schema as report;

/// Where a declaration stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'a> {
    /// The index of the fragment.
    pub(crate) fragment: usize,
    /// The type expressions of the fragment.
    pub(crate) types: &'a TypeExprs,
    /// The namespace around it.
    pub(crate) namespace: Option<&'a str>,
}

/// One name that a declaration declares.
#[derive(Debug)]
pub(crate) struct Declared<'a, T> {
    pub(crate) site: Site<'a>,
    pub(crate) name: &'a Spanned<SmolStr>,
    pub(crate) declaration: &'a T,
}

/// What may be only declared to exist.
trait MayBeExternal {
    fn is_external(&self) -> bool;
}

impl MayBeExternal for EntityDeclaration {
    fn is_external(&self) -> bool {
        self.external
    }
}

impl MayBeExternal for ActionDeclaration {
    fn is_external(&self) -> bool {
        self.external
    }
}

impl MayBeExternal for CommonTypeDeclaration {
    fn is_external(&self) -> bool {
        false
    }
}

/// External declarations of names that another fragment declares too.
pub(crate) type Externals<'a, K, T> = BTreeMap<K, Vec<Declared<'a, T>>>;

/// All declarations of all fragments; of duplicates the first, and of external declarations and a definition the latter.
#[derive(Debug, Default)]
pub(crate) struct Definitions<'a> {
    pub(crate) entity_types: BTreeMap<EntityTypeName, Declared<'a, EntityDeclaration>>,
    pub(crate) common_types: BTreeMap<SmolStr, Declared<'a, CommonTypeDeclaration>>,
    pub(crate) actions: BTreeMap<EntityUid, Declared<'a, ActionDeclaration>>,
    /// Other declarations of entity types.
    pub(crate) external_entity_types: Externals<'a, EntityTypeName, EntityDeclaration>,
    /// Other declarations of actions.
    pub(crate) external_actions: Externals<'a, EntityUid, ActionDeclaration>,
    /// `Action` of every namespace that has an action.
    pub(crate) action_types: BTreeSet<EntityTypeName>,
    /// Whether something was left out.
    pub(crate) broken: bool,
}

/// Adds a declaration, unless the name is taken. Only a name of another fragment is reported here.
fn declare<'a, K: Ord + Clone, T: MayBeExternal>(
    table: &mut BTreeMap<K, Declared<'a, T>>,
    externals: &mut Externals<'a, K, T>,
    name: K,
    mut declared: Declared<'a, T>,
    report: impl FnOnce(Span, Span),
) -> bool {
    let mut entry = match table.entry(name) {
        Entry::Vacant(entry) => {
            entry.insert(declared);
            return true;
        }
        Entry::Occupied(entry) => entry,
    };
    let of_this_fragment = |other: &Declared<'a, T>| other.site.fragment == declared.site.fragment;
    if of_this_fragment(entry.get()) || externals.get(entry.key()).into_iter().flatten().any(of_this_fragment) {
        return false;
    }
    if !declared.declaration.is_external() {
        if !entry.get().declaration.is_external() {
            report(declared.name.span, entry.get().name.span);
            return false;
        }
        declared = entry.insert(declared);
    }
    externals.entry(entry.key().clone()).or_default().push(declared);
    true
}

/// The name inside the namespace.
pub(crate) fn qualify(namespace: Option<&str>, name: &str) -> SmolStr {
    match namespace {
        Some(namespace) => format_smolstr!("{namespace}::{name}"),
        None => SmolStr::new(name),
    }
}

impl<'a> Definitions<'a> {
    /// Collects the declarations of all fragments.
    pub(crate) fn collect(fragments: &'a [Schema], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut definitions = Self::default();
        for (fragment, schema) in fragments.iter().enumerate() {
            for namespace in &schema.namespaces {
                let name = namespace.name.as_ref().map(|name| name.name.as_str());
                let site = Site { fragment, types: &schema.types, namespace: name };
                definitions.collect_namespace(site, namespace, diagnostics);
            }
        }
        definitions
    }

    fn collect_namespace(&mut self, site: Site<'a>, namespace: &'a Namespace, diagnostics: &mut Vec<Diagnostic>) {
        if site.namespace.is_some_and(|name| !name::is_qualified_name(name)) {
            self.broken = true;
            return;
        }
        for declaration in &namespace.declarations {
            match declaration {
                Declaration::Entity(declaration) => self.declare_entity_types(site, declaration, diagnostics),
                Declaration::Action(declaration) => self.declare_actions(site, declaration, diagnostics),
                Declaration::CommonType(declaration) => self.declare_common_type(site, declaration, diagnostics),
            }
        }
    }

    fn declare_entity_types(
        &mut self,
        site: Site<'a>,
        declaration: &'a EntityDeclaration,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for name in &declaration.names {
            let Some(full) = EntityTypeName::new(&qualify(site.namespace, &name.value)).ok().filter(|n| !n.is_action())
            else {
                self.broken = true;
                continue;
            };
            let text = full.to_string();
            let declared = Declared { site, name, declaration };
            self.broken |=
                !declare(&mut self.entity_types, &mut self.external_entity_types, full, declared, |span, first| {
                    diagnostics.push(report::declared_twice("entity type", &text, span, first));
                });
        }
    }

    fn declare_common_type(
        &mut self,
        site: Site<'a>,
        declaration: &'a CommonTypeDeclaration,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let name = &declaration.name;
        if !name::is_identifier(&name.value) {
            self.broken = true;
            return;
        }
        let full = qualify(site.namespace, &name.value);
        let text = full.clone();
        self.broken |= !declare(
            &mut self.common_types,
            &mut Externals::new(),
            full,
            Declared { site, name, declaration },
            |span, first| {
                diagnostics.push(report::declared_twice("common type", &text, span, first));
            },
        );
    }

    fn declare_actions(
        &mut self,
        site: Site<'a>,
        declaration: &'a ActionDeclaration,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        // The namespace was checked, so the name of its action type is one.
        let Ok(ty) = EntityTypeName::new(&qualify(site.namespace, "Action")) else { return };
        self.action_types.insert(ty.clone());
        for name in &declaration.names {
            let action = EntityUid::new(ty.clone(), name.value.clone());
            let text = action.to_string();
            self.broken |= !declare(
                &mut self.actions,
                &mut self.external_actions,
                action,
                Declared { site, name, declaration },
                |span, first| {
                    diagnostics.push(report::declared_twice("action", &text, span, first));
                },
            );
        }
    }

    /// Checks that nothing in a namespace has the name of something outside all namespaces (Cedar RFC 70).
    pub(crate) fn check_shadowing(&self, diagnostics: &mut Vec<Diagnostic>) {
        for (full, declared) in &self.entity_types {
            self.check_type_shadowing(full.as_str(), declared.site, declared.name, diagnostics);
        }
        for (full, declared) in &self.common_types {
            self.check_type_shadowing(full, declared.site, declared.name, diagnostics);
        }
        for (action, declared) in &self.actions {
            self.check_action_shadowing(action, declared, diagnostics);
        }
    }

    /// Counts what is declared for each name, as it is written.
    ///
    /// # Errors
    /// The name at which the limit is exceeded.
    pub(crate) fn count_names(&self, size: &mut Size) -> Result<(), TooLarge<Option<Span>>> {
        let entity_types = self.entity_types.values().map(|entity| {
            let members = match &entity.declaration.kind {
                EntityKind::Standard { member_of, .. } => member_of.len(),
                EntityKind::Enum(ids) => ids.len(),
            };
            (entity.name.span, members + entity.declaration.annotations.len())
        });
        let actions = self.actions.values().map(|action| {
            let declaration = action.declaration;
            let members = declaration.member_of.len() + declaration.annotations.len();
            let applies_to = declaration.applies_to.as_ref();
            (action.name.span, members + applies_to.map_or(0, |to| to.principals.len() + to.resources.len()))
        });
        for (name, n_names) in entity_types.chain(actions) {
            if !size.add(n_names) {
                return Err(TooLarge(Some(name)));
            }
        }
        Ok(())
    }

    /// The declaration of the entity type of that qualified name.
    pub(crate) fn entity_type(&self, full: &str) -> Option<&Declared<'a, EntityDeclaration>> {
        self.entity_types.get(&EntityTypeName::new(full).ok()?)
    }

    fn check_type_shadowing(
        &self,
        full: &str,
        site: Site<'a>,
        name: &'a Spanned<SmolStr>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if site.namespace.is_none() {
            return;
        }
        let entity_type = self.entity_type(&name.value).map(|outer| outer.name.span);
        let outer = entity_type.or_else(|| self.common_types.get(&name.value).map(|outer| outer.name.span));
        if let Some(outer) = outer {
            diagnostics.push(report::type_shadowing(full, name.span, &name.value, outer));
        }
    }

    fn check_action_shadowing(
        &self,
        action: &EntityUid,
        declared: &Declared<'a, ActionDeclaration>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Ok(ty) = EntityTypeName::new("Action") else { return };
        let outer_action = EntityUid::new(ty, action.id());
        if declared.site.namespace.is_some()
            && let Some(outer) = self.actions.get(&outer_action)
        {
            let (name, outer_name) = (action.to_string(), outer_action.to_string());
            diagnostics.push(report::action_shadowing(&name, declared.name.span, &outer_name, outer.name.span));
        }
    }
}
