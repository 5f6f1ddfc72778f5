//! What a name in a schema means.
//!
//! A qualified name means itself. An unqualified one is looked for in the namespace around it, then outside all
//! namespaces; at each step a common type comes before an entity type (Cedar RFCs 24 and 70). The builtin types are
//! common types of the namespace `__cedar`, and of no namespace unless the schema declares the name there (RFC 64).

use deodar_grammar::{
    Diagnostic, Span,
    ast::{
        TypeName,
        schema::{ActionRef, Primitive},
    },
    closest,
};
use deodar_lexicon::{builtin::ExtensionType, name};
use deodar_runtime::{EntityTypeName, EntityUid, shape::Type};
use smol_str::SmolStr;

use super::declare::{Definitions, qualify};
use crate::report::schema::{self as report, Expected};

/// Up to how many diagnostics name what is similar: each costs a comparison with all names.
const SUGGESTIONS: usize = 100;

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A builtin type, with the name that was found.
    Builtin(Builtin, SmolStr),
    /// The common type of that qualified name.
    CommonType(SmolStr),
    /// An entity type, or the type of the actions of a namespace.
    EntityType(EntityTypeName),
}

/// A type that every schema has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    Primitive(Primitive),
    Extension(ExtensionType),
}

impl Builtin {
    /// All builtin types.
    const ALL: [Self; 7] = [
        Self::Primitive(Primitive::Bool),
        Self::Primitive(Primitive::Long),
        Self::Primitive(Primitive::String),
        Self::Extension(ExtensionType::Decimal),
        Self::Extension(ExtensionType::IpAddr),
        Self::Extension(ExtensionType::Datetime),
        Self::Extension(ExtensionType::Duration),
    ];

    fn name(&self) -> &str {
        match self {
            Self::Primitive(ty) => ty.name(),
            Self::Extension(ty) => ty.name(),
        }
    }

    /// The builtin type of that name, without a namespace.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|builtin| builtin.name() == name)
    }

    pub(crate) fn ty(self) -> Type {
        match self {
            Self::Primitive(Primitive::Bool) => Type::Bool,
            Self::Primitive(Primitive::Long) => Type::Long,
            Self::Primitive(Primitive::String) => Type::String,
            Self::Extension(ty) => Type::Extension(ty),
        }
    }
}

/// The names that a written name may stand for, the first one that is declared first.
fn candidates(namespace: Option<&str>, written: &str) -> impl Iterator<Item = SmolStr> {
    let inner = namespace.filter(|_| !written.contains("::")).map(|_| qualify(namespace, written));
    inner.into_iter().chain([SmolStr::new(written)])
}

impl Definitions<'_> {
    /// What the name means at a place in the namespace.
    pub(crate) fn resolve(&self, namespace: Option<&str>, written: &str, expected: Expected) -> Option<Target> {
        candidates(namespace, written).find_map(|candidate| match expected {
            Expected::Entity => self.find_entity_type(&candidate),
            Expected::Common => self.find_common_type(&candidate),
            Expected::Either => self.find_common_type(&candidate).or_else(|| self.find_entity_type(&candidate)),
        })
    }

    fn find_common_type(&self, full: &str) -> Option<Target> {
        if self.common_types.contains_key(full) {
            return Some(Target::CommonType(SmolStr::new(full)));
        }
        let unqualified = full.strip_prefix("__cedar::");
        if unqualified.is_none() && self.entity_type(full).is_some() {
            return None;
        }
        let builtin = Builtin::from_name(unqualified.unwrap_or(full))?;
        Some(Target::Builtin(builtin, SmolStr::new(full)))
    }

    fn find_entity_type(&self, full: &str) -> Option<Target> {
        let name = EntityTypeName::new(full).ok()?;
        let exists = self.entity_types.contains_key(&name) || self.action_types.contains(&name);
        exists.then_some(Target::EntityType(name))
    }

    /// [`Self::resolve`], with a diagnostic if the name means nothing.
    pub(crate) fn resolve_or_report(
        &self,
        namespace: Option<&str>,
        written: &TypeName,
        expected: Expected,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Target> {
        let target = self.resolve(namespace, &written.name, expected);
        if target.is_none() {
            let suggests = diagnostics.len() < SUGGESTIONS;
            diagnostics.push(self.unresolved(namespace, written, expected, suggests));
        }
        target
    }

    /// An entity type whose entities can be principals, resources and parents: not the type of actions.
    pub(crate) fn resolve_entity_type(
        &self,
        namespace: Option<&str>,
        written: &TypeName,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<EntityTypeName> {
        let found = self.find_member_type(namespace, written);
        // A type of actions is the only target that is refused.
        if found.is_none() && self.resolve_or_report(namespace, written, Expected::Entity, diagnostics).is_some() {
            diagnostics.push(report::action_as_entity_type(written));
        }
        found
    }

    /// [`Self::resolve_entity_type`] without a diagnostic.
    pub(crate) fn find_member_type(&self, namespace: Option<&str>, written: &TypeName) -> Option<EntityTypeName> {
        match self.resolve(namespace, &written.name, Expected::Entity)? {
            Target::EntityType(name) => (!name.is_action()).then_some(name),
            Target::Builtin(..) | Target::CommonType(_) => None,
        }
    }

    /// The group that an action names.
    pub(crate) fn resolve_action(
        &self,
        namespace: Option<&str>,
        group: &ActionRef,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<EntityUid> {
        let found = self.find_action(namespace, group);
        if found.is_none() {
            let written = written_type(group);
            let text = format!("{written}::\"{}\"", deodar_lexicon::escape::escape(&group.id.value));
            let similar = (diagnostics.len() < SUGGESTIONS).then(|| self.similar_action(&group.id.value)).flatten();
            diagnostics.push(report::undeclared_action(&text, group.span, similar));
        }
        found
    }

    /// [`Self::resolve_action`] without a diagnostic.
    pub(crate) fn find_action(&self, namespace: Option<&str>, group: &ActionRef) -> Option<EntityUid> {
        candidates(namespace, written_type(group))
            .filter_map(|ty| Some(EntityUid::new(EntityTypeName::new(&ty).ok()?, group.id.value.clone())))
            .find(|action| self.actions.contains_key(action))
    }

    fn unresolved(
        &self,
        namespace: Option<&str>,
        written: &TypeName,
        expected: Expected,
        suggests: bool,
    ) -> Diagnostic {
        let other = self.resolve(namespace, &written.name, Expected::Either);
        match (expected, other) {
            (Expected::Entity, Some(target @ (Target::CommonType(_) | Target::Builtin(..)))) => {
                report::not_an_entity_type(written, self.declaration(&target))
            }
            (Expected::Common, Some(target @ Target::EntityType(_))) => {
                report::not_a_common_type(written, self.declaration(&target))
            }
            (Expected::Entity | Expected::Common | Expected::Either, _) => {
                let similar = suggests.then(|| self.similar_type(&written.name, expected)).flatten();
                report::undeclared_type(written, expected, similar.as_deref())
            }
        }
    }

    fn declaration(&self, target: &Target) -> Option<Span> {
        match target {
            Target::Builtin(..) => None,
            Target::CommonType(full) => self.common_types.get(full).map(|declared| declared.name.span),
            Target::EntityType(full) => self.entity_types.get(full).map(|declared| declared.name.span),
        }
    }

    /// A declared name that may be meant: the same one in another namespace, or one that is spelt alike.
    fn similar_type(&self, written: &str, expected: Expected) -> Option<String> {
        let entity_types = self.entity_types.keys().map(EntityTypeName::as_str);
        let common_types = self.common_types.keys().map(SmolStr::as_str);
        let names: Vec<&str> = match expected {
            Expected::Entity => entity_types.collect(),
            Expected::Common => common_types.collect(),
            Expected::Either => {
                entity_types.chain(common_types).chain(Builtin::ALL.iter().map(Builtin::name)).collect()
            }
        };
        let same = names.iter().find(|name| name::basename(name) == name::basename(written));
        same.copied().or_else(|| spelt_alike(written, names)).map(str::to_owned)
    }

    fn similar_action(&self, id: &str) -> Option<String> {
        let best = spelt_alike(id, self.actions.keys().map(EntityUid::id))?;
        self.actions.keys().find(|action| action.id() == best).map(ToString::to_string)
    }
}

/// The type of an action as it is written, or meant where it is not.
fn written_type(action: &ActionRef) -> &str {
    action.ty.as_ref().map_or("Action", |ty| ty.name.as_str())
}

/// [`closest`], if the name is long enough for a likeness to mean something.
fn spelt_alike<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    (written.len() > 2).then(|| closest(written, names)).flatten()
}
