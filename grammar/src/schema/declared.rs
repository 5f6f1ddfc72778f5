//! Which names a namespace declares, and whether it may.
//!
//! An entity type and a common type may share a name; then the common type is meant wherever both fit, so there is a
//! warning. Names that hide a builtin type get one too.

use std::collections::HashMap;

use deodar_lexicon::{builtin::ExtensionType, name};
use smol_str::SmolStr;

use super::build::Builder;
use crate::{
    ast::{
        Spanned,
        schema::{Declaration, Primitive},
    },
    diagnostic::Diagnostic,
    report,
    source::Span,
};

/// Names that no common type may have: JSON writes types with them.
const TYPE_KEYWORDS: [&str; 8] = ["Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String"];

/// The declarations of one namespace, by kind, each with its first place.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    entity_types: HashMap<SmolStr, Span>,
    common_types: HashMap<SmolStr, Span>,
    actions: HashMap<SmolStr, Span>,
}

impl Declared {
    /// Adds the names of a declaration.
    pub(crate) fn add(&mut self, declaration: &Declaration, builder: &mut Builder<'_>) {
        match declaration {
            Declaration::Entity(entity) => entity.names.iter().for_each(|name| self.add_entity_type(name, builder)),
            Declaration::Action(action) => {
                action.names.iter().for_each(|name| add_name(&mut self.actions, name, builder));
            }
            Declaration::CommonType(common) => self.add_common_type(&common.name, builder),
        }
    }

    fn add_entity_type(&mut self, name: &Spanned<SmolStr>, builder: &mut Builder<'_>) {
        if let Some(problem) = entity_type_problem(name) {
            return builder.report(problem);
        }
        add_name(&mut self.entity_types, name, builder);
        if let Some(common) = self.common_types.get(&name.value) {
            builder.report(report::schema::shadowed_entity_type(&name.value, *common, name.span));
        }
        warn_of_builtin(name, builder);
    }

    fn add_common_type(&mut self, name: &Spanned<SmolStr>, builder: &mut Builder<'_>) {
        if let Some(problem) = common_type_problem(name) {
            return builder.report(problem);
        }
        add_name(&mut self.common_types, name, builder);
        if let Some(entity) = self.entity_types.get(&name.value) {
            builder.report(report::schema::shadowed_entity_type(&name.value, name.span, *entity));
        }
        warn_of_builtin(name, builder);
    }
}

/// Why no entity type may have this name.
pub(crate) fn entity_type_problem(name: &Spanned<SmolStr>) -> Option<Diagnostic> {
    match name.value.as_str() {
        "__cedar" => Some(report::syntax::internal_name(name.span, &name.value)),
        "Action" => Some(report::schema::action_entity_type(name.span)),
        _ => None,
    }
}

/// Why no common type may have this name.
pub(crate) fn common_type_problem(name: &Spanned<SmolStr>) -> Option<Diagnostic> {
    if name.value == "__cedar" {
        return Some(report::syntax::internal_name(name.span, &name.value));
    }
    TYPE_KEYWORDS.contains(&name.value.as_str()).then(|| report::schema::type_keyword(&name.value, name.span))
}

/// Whether the word may stand for no name at all. Unlike in policies, `__cedar` may stand in names: it is where the
/// builtin types live.
pub(crate) fn is_keyword(word: &str) -> bool {
    name::is_reserved(word) && word != "__cedar"
}

fn add_name(names: &mut HashMap<SmolStr, Span>, name: &Spanned<SmolStr>, builder: &mut Builder<'_>) {
    match names.get(&name.value) {
        Some(first) => builder.report(report::schema::duplicate_declaration(&name.value, name.span, *first)),
        None => drop(names.insert(name.value.clone(), name.span)),
    }
}

fn warn_of_builtin(name: &Spanned<SmolStr>, builder: &mut Builder<'_>) {
    let primitives = Primitive::ALL.into_iter().map(Primitive::name);
    let mut builtins = primitives.chain(ExtensionType::ALL.into_iter().map(ExtensionType::name));
    if builtins.any(|builtin| builtin == name.value) {
        builder.report(report::schema::shadowed_builtin(&name.value, name.span));
    }
}
