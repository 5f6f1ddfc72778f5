//! A program's names and constants as handles of one pool.
//!
//! Programs are symbolic; the VM compares handles. Linking interns everything that a program mentions, so that while
//! requests run every name of the program has its handle, and equal ones the same.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::{
    pool::{EntityId, Interner, StringId, TypeId, Word},
    program::{ActionConstraint, Constant, EntityConstraint, EntityOrSlot, ProgramParts, Scope},
};

/// The tables of a program, position by position, in handles.
#[derive(Debug, Clone, Default)]
pub(crate) struct Linked {
    pub(crate) constants: Vec<Word>,
    pub(crate) names: Vec<StringId>,
    pub(crate) types: Vec<TypeId>,
    pub(crate) layouts: Vec<Box<[StringId]>>,
}

impl Linked {
    pub(crate) fn new(parts: &ProgramParts, interner: &mut impl Interner) -> Self {
        Self {
            constants: parts.constants.iter().map(|constant| link_constant(constant, interner)).collect(),
            names: parts.names.iter().map(|name| interner.intern_string(name)).collect(),
            types: parts.type_names.iter().map(|ty| interner.intern_type(ty)).collect(),
            layouts: parts.layouts.iter().map(|names| link_layout(names, interner)).collect(),
        }
    }
}

fn link_layout(names: &[SmolStr], interner: &mut impl Interner) -> Box<[StringId]> {
    names.iter().map(|name| interner.intern_string(name)).collect()
}

fn link_constant(constant: &Constant, interner: &mut impl Interner) -> Word {
    match constant {
        Constant::Bool(value) => Word::Bool(*value),
        Constant::Long(value) => Word::Long(*value),
        Constant::String(text) => Word::String(interner.intern_string(text)),
        Constant::Entity(uid) => Word::Entity(interner.intern_entity(uid)),
    }
}

/// The scope of a policy in handles.
#[derive(Debug, Clone)]
pub(crate) struct LinkedScope {
    pub(crate) principal: LinkedConstraint,
    pub(crate) action: LinkedActions,
    pub(crate) resource: LinkedConstraint,
}

/// What a scope says of the principal or the resource.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LinkedConstraint {
    Any,
    Equal(EntityId),
    In(EntityId),
    Is(TypeId),
    IsIn(TypeId, EntityId),
    /// A slot that was not filled matches nothing; only templates have one, and they decide nothing.
    Nothing,
}

/// What a scope says of the action.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum LinkedActions {
    Any,
    Equal(EntityId),
    In(Arc<[EntityId]>),
}

impl LinkedScope {
    pub(crate) fn new(scope: &Scope, interner: &mut impl Interner) -> Self {
        Self {
            principal: link_constraint(&scope.principal, interner),
            action: match &scope.action {
                ActionConstraint::Any => LinkedActions::Any,
                ActionConstraint::Equal(action) => LinkedActions::Equal(interner.intern_entity(action)),
                ActionConstraint::In(groups) => {
                    LinkedActions::In(groups.iter().map(|group| interner.intern_entity(group)).collect())
                }
            },
            resource: link_constraint(&scope.resource, interner),
        }
    }
}

fn link_constraint(constraint: &EntityConstraint, interner: &mut impl Interner) -> LinkedConstraint {
    let entity = match constraint.entity() {
        Some(EntityOrSlot::Entity(uid)) => Some(interner.intern_entity(uid)),
        Some(EntityOrSlot::Slot(_)) | None => None,
    };
    match (constraint, entity) {
        (EntityConstraint::Any, _) => LinkedConstraint::Any,
        (EntityConstraint::Is(ty), _) => LinkedConstraint::Is(interner.intern_type(ty)),
        (EntityConstraint::Equal(_), Some(entity)) => LinkedConstraint::Equal(entity),
        (EntityConstraint::In(_), Some(entity)) => LinkedConstraint::In(entity),
        (EntityConstraint::IsIn(ty, _), Some(entity)) => LinkedConstraint::IsIn(interner.intern_type(ty), entity),
        (EntityConstraint::Equal(_) | EntityConstraint::In(_) | EntityConstraint::IsIn(..), None) => {
            LinkedConstraint::Nothing
        }
    }
}
