//! What the scope of a policy says in each request environment.
//!
//! A scope is a conjunction of three constraints, checked from left to right like `&&`: where one is always false the
//! rest of the policy is not checked. The constraint on the action is decided by the hierarchy of actions; those on the
//! principal and the resource depend on one entity type each.

use deodar_grammar::ast::{
    ActionConstraint, ActionConstraintKind, EntityConstraint, EntityConstraintKind, EntityOrSlot, EntityRef,
};
use deodar_lexicon::name;

use super::{
    finding::{Found, Meeting, Problem},
    model::{ActionIndex, EntityTypeIndex, Model},
    types::{Mode, Ty, Types},
};

/// What a constraint gives for an entity type: a type of truth values, and whether there is no problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) ty: Ty,
    pub(crate) ok: bool,
}

impl Verdict {
    const fn of(ty: Ty) -> Self {
        Self { ty, ok: true }
    }

    /// Whether no entity of the type satisfies the constraint.
    pub(crate) fn is_false(self) -> bool {
        self.ty == Ty::FALSE
    }
}

/// What the constraint on the principal or the resource says of entities of the type.
pub(crate) fn entity_verdict(model: &Model<'_>, constraint: &EntityConstraint, ty: EntityTypeIndex) -> Verdict {
    match &constraint.kind {
        EntityConstraintKind::All => Verdict::of(Ty::TRUE),
        EntityConstraintKind::Equal(other) => compared(model, other, |other| other == ty),
        EntityConstraintKind::In(other) => compared(model, other, |other| model.may_be_in(ty, other)),
        EntityConstraintKind::Is(name) => Verdict::of(Ty::of_bool(model.entity_type(&name.name) == Some(ty))),
        EntityConstraintKind::IsIn(name, _) if model.entity_type(&name.name) != Some(ty) => Verdict::of(Ty::FALSE),
        EntityConstraintKind::IsIn(_, other) => compared(model, other, |other| model.may_be_in(ty, other)),
    }
}

/// A comparison with an entity. One that is not declared is reported elsewhere; a link fills a slot with one that fits.
fn compared(model: &Model<'_>, other: &EntityOrSlot, fits: impl FnOnce(EntityTypeIndex) -> bool) -> Verdict {
    let entity = match other {
        EntityOrSlot::Slot(_) => return Verdict::of(Ty::BOOL),
        EntityOrSlot::Entity(entity) => entity,
    };
    match declared_type(model, entity) {
        Some(ty) if fits(ty) => Verdict::of(Ty::BOOL),
        Some(_) => Verdict::of(Ty::FALSE),
        None => Verdict { ty: Ty::BOOL, ok: false },
    }
}

fn declared_type(model: &Model<'_>, entity: &EntityRef) -> Option<EntityTypeIndex> {
    if name::is_action_type(&entity.ty.name) {
        return Some(model.action(model.find_action(entity)?)?.ty);
    }
    model.entity_type(&entity.ty.name).filter(|_| model.is_known_entity_type(&entity.ty.name))
}

/// Whether the schema allows that an entity of the type satisfies the constraint.
pub(crate) fn admits(model: &Model<'_>, constraint: &EntityConstraint, ty: EntityTypeIndex) -> bool {
    let verdict = entity_verdict(model, constraint, ty);
    verdict.ok && !verdict.is_false()
}

/// The actions that satisfy the constraint; absent means all. None do if it names one that is not declared.
pub(crate) fn matching_actions(model: &Model<'_>, constraint: &ActionConstraint) -> Option<Vec<ActionIndex>> {
    let groups = match &constraint.kind {
        ActionConstraintKind::All => return None,
        ActionConstraintKind::Equal(action) => return Some(model.find_action(action).into_iter().collect()),
        ActionConstraintKind::In(group) => core::slice::from_ref(group),
        ActionConstraintKind::InSet(groups) => groups,
    };
    let groups: Option<Vec<_>> = groups.iter().map(|group| model.find_action(group)).collect();
    Some(groups.map_or_else(Vec::new, |groups| members(model, &groups)))
}

/// The actions that are in one of the groups.
fn members(model: &Model<'_>, groups: &[ActionIndex]) -> Vec<ActionIndex> {
    let mut members: Vec<ActionIndex> =
        groups.iter().flat_map(|group| model.members(*group).iter().copied().collect::<Vec<_>>()).collect();
    members.sort_unstable();
    members.dedup();
    members
}

/// What the constraint on the action says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ActionScope {
    All,
    /// Exactly these, in the order of the schema.
    Only(Vec<ActionIndex>),
    /// Something is wrong with it, so the rest is checked with every action.
    Wrong(Vec<Found>),
}

/// Decides the constraint on the action.
pub(crate) fn action_scope(
    model: &Model<'_>,
    types: &mut Types,
    mode: Mode,
    constraint: &ActionConstraint,
) -> ActionScope {
    match &constraint.kind {
        ActionConstraintKind::All => ActionScope::All,
        ActionConstraintKind::Equal(action) => ActionScope::Only(model.find_action(action).into_iter().collect()),
        ActionConstraintKind::In(group) => in_groups(model, types, mode, core::slice::from_ref(group), constraint),
        ActionConstraintKind::InSet(groups) => in_groups(model, types, mode, groups, constraint),
    }
}

fn in_groups(
    model: &Model<'_>,
    types: &mut Types,
    mode: Mode,
    written: &[EntityRef],
    constraint: &ActionConstraint,
) -> ActionScope {
    let found = |problem| ActionScope::Wrong(vec![Found { problem, span: constraint.span }]);
    if written.is_empty() && mode == Mode::Strict {
        return found(Problem::EmptySet);
    }
    let groups: Option<Vec<_>> = written.iter().map(|group| model.find_action(group)).collect();
    let Some(groups) = groups else { return ActionScope::Wrong(Vec::new()) };
    let of_group = |group: &ActionIndex| model.action(*group).map(|action| model.entity_ty(action.ty));
    let element_types: Vec<Ty> = groups.iter().filter_map(of_group).collect();
    if let Err(mismatch) = types.bound_of_all(element_types.iter().copied(), mode) {
        let types = element_types.into();
        return found(Problem::IncompatibleTypes {
            types,
            exprs: Box::default(),
            mismatch,
            meeting: Meeting::Elements,
        });
    }
    ActionScope::Only(members(model, &groups))
}
