//! What policies use of a schema.
//!
//! The types that the checker found say whose attribute is read. Where they say nothing (an expression with an error, or
//! one that is never evaluated), an attribute counts as read of everything that has one of that name; so does every
//! attribute of a record that is used as a whole. What is reported as unused is unused.

use deodar_grammar::ast::{
    ActionConstraintKind, BinaryOperator, EntityConstraint, EntityConstraintKind, EntityOrSlot, EntityRef, ExprId,
    ExprKind, Policy, PolicySet, Spanned, Variable,
};
use hashbrown::HashSet;
use smol_str::SmolStr;

use super::Subject;
use crate::check::{ActionIndex, ConditionClass, EntityTypeIndex, Kind, Model, PolicyCheck, Ty, Types, Typing};

/// What policies use.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// Entity types by name.
    entity_types: HashSet<SmolStr>,
    /// Actions that conditions name.
    actions: HashSet<ActionIndex>,
    attributes: HashSet<(EntityTypeIndex, SmolStr)>,
    context_attributes: HashSet<(ActionIndex, SmolStr)>,
    /// Attributes of records, whichever.
    record_attributes: HashSet<SmolStr>,
    /// Attributes of whatever has them.
    any_attributes: HashSet<SmolStr>,
    tags: HashSet<EntityTypeIndex>,
    all_tags: bool,
    /// Types whose values are used as a whole.
    whole: HashSet<Ty>,
}

impl Usage {
    pub(super) fn of(sets: &[&PolicySet], subjects: &[Subject<'_>], model: &Model<'_>, types: &mut Types) -> Self {
        let mut usage = Self::default();
        for (_, entity) in sets.iter().flat_map(|set| &set.links).flat_map(|link| &link.values) {
            usage.entity(model, entity);
        }
        for subject in subjects {
            usage.scope(model, subject.policy);
            if let Some(check) = subject.check {
                Walk { usage: &mut usage, subject, check, model, types: &mut *types }.conditions();
            }
        }
        usage
    }

    pub(super) fn names_entity_type(&self, name: &str) -> bool {
        self.entity_types.contains(name)
    }

    pub(super) fn names_action(&self, action: ActionIndex) -> bool {
        self.actions.contains(&action)
    }

    pub(super) fn reads_tags(&self, ty: EntityTypeIndex) -> bool {
        self.all_tags || self.tags.contains(&ty)
    }

    pub(super) fn reads_anywhere(&self, name: &SmolStr) -> bool {
        self.any_attributes.contains(name)
    }

    pub(super) fn reads_of_entity(&self, ty: EntityTypeIndex, name: &SmolStr) -> bool {
        self.attributes.contains(&(ty, name.clone()))
    }

    pub(super) fn reads_of_context(&self, action: ActionIndex, name: &SmolStr) -> bool {
        self.context_attributes.contains(&(action, name.clone()))
    }

    pub(super) fn reads_of_record(&self, name: &SmolStr) -> bool {
        self.record_attributes.contains(name)
    }

    fn scope(&mut self, model: &Model<'_>, policy: &Policy) {
        self.constraint(model, &policy.scope.principal);
        self.constraint(model, &policy.scope.resource);
        // The actions of scopes are looked at apart: a scope may match an action without naming it.
        match &policy.scope.action.kind {
            ActionConstraintKind::All | ActionConstraintKind::Equal(_) => {}
            ActionConstraintKind::In(group) => self.entity(model, group),
            ActionConstraintKind::InSet(groups) => groups.iter().for_each(|group| self.entity(model, group)),
        }
    }

    fn constraint(&mut self, model: &Model<'_>, constraint: &EntityConstraint) {
        if let EntityConstraintKind::Is(ty) | EntityConstraintKind::IsIn(ty, _) = &constraint.kind {
            self.entity_types.insert(ty.name.clone());
        }
        if let Some(EntityOrSlot::Entity(entity)) = constraint.entity() {
            self.entity(model, entity);
        }
    }

    fn entity(&mut self, model: &Model<'_>, entity: &EntityRef) {
        match model.find_action(entity) {
            Some(action) => {
                self.actions.insert(action);
            }
            None => {
                self.entity_types.insert(entity.ty.name.clone());
            }
        }
    }
}

/// The conditions of one policy.
struct Walk<'w> {
    usage: &'w mut Usage,
    subject: &'w Subject<'w>,
    check: &'w PolicyCheck,
    model: &'w Model<'w>,
    types: &'w mut Types,
}

impl Walk<'_> {
    fn conditions(&mut self) {
        let subject = self.subject;
        let mut bases = HashSet::new();
        for expr in &subject.all {
            let kind = subject.exprs.kind(*expr);
            if let ExprKind::Entity(entity) = kind {
                self.usage.entity(self.model, entity);
            } else if let ExprKind::Is { ty, .. } = kind {
                self.usage.entity_types.insert(ty.name.clone());
            } else if let ExprKind::Attribute { base, name } = kind {
                bases.insert(*base);
                self.read(*base, core::slice::from_ref(name));
            } else if let ExprKind::Has { base, path } = kind {
                bases.insert(*base);
                self.read(*base, path);
            } else if let ExprKind::Binary { operator: BinaryOperator::HasTag | BinaryOperator::GetTag, left, .. } =
                kind
            {
                self.tags(*left);
            }
        }
        for expr in subject.all.iter().filter(|expr| !bases.contains(*expr)) {
            self.whole(*expr);
        }
    }

    /// Attributes that are read of the value of an expression, each of the one before.
    fn read(&mut self, base: ExprId, path: &[Spanned<SmolStr>]) {
        let check = self.check;
        let mut known = false;
        for class in &check.classes {
            match class.table.get(base) {
                Typing::Dead => {}
                Typing::Unknown => self.anywhere(path),
                Typing::Known(ty) => {
                    self.path(class, base, ty, path);
                    known = true;
                }
            }
        }
        if !known {
            self.anywhere(path);
        }
    }

    fn anywhere(&mut self, path: &[Spanned<SmolStr>]) {
        self.usage.any_attributes.extend(path.iter().map(|name| name.value.clone()));
    }

    fn path(&mut self, class: &ConditionClass, base: ExprId, ty: Ty, path: &[Spanned<SmolStr>]) {
        let is_context = matches!(self.subject.exprs.kind(base), ExprKind::Variable(Variable::Context));
        let mut on = ty;
        for (step, name) in path.iter().enumerate() {
            if let Some(entity_types) = self.types.entity_types(on) {
                self.usage.attributes.extend(entity_types.iter().map(|ty| (*ty, name.value.clone())));
            } else if is_context && step == 0 {
                let actions = actions(self.check, class);
                self.usage.context_attributes.extend(actions.map(|action| (action, name.value.clone())));
            } else if on == Ty::ANY_ENTITY {
                self.usage.any_attributes.insert(name.value.clone());
            } else {
                self.usage.record_attributes.insert(name.value.clone());
            }
            let Some(attribute) = self.model.attribute(self.types, on, &name.value) else {
                return self.anywhere(path.get(step + 1..).unwrap_or_default());
            };
            on = attribute.ty;
        }
    }

    fn tags(&mut self, entity: ExprId) {
        let mut known = false;
        for class in &self.check.classes {
            let types = class.table.ty(entity).and_then(|ty| self.types.entity_types(ty));
            known |= types.is_some();
            self.usage.tags.extend(types.into_iter().flatten());
        }
        self.usage.all_tags |= !known;
    }

    /// A value that is compared, passed on or put somewhere: all of it counts as read.
    fn whole(&mut self, expr: ExprId) {
        let mut open: Vec<Ty> = self.check.classes.iter().filter_map(|class| class.table.ty(expr)).collect();
        while let Some(ty) = open.pop() {
            if let Kind::Set(element) = self.types.kind(ty) {
                open.push(*element);
            } else if let Kind::Record(record) = self.types.kind(ty)
                && self.usage.whole.insert(ty)
            {
                self.usage.any_attributes.extend(record.attributes.iter().map(|(name, _)| name.clone()));
                open.extend(record.attributes.iter().map(|(_, attribute)| attribute.ty));
            }
        }
    }
}

/// The actions of the requests of a class.
pub(super) fn actions<'c>(
    check: &'c PolicyCheck,
    class: &'c ConditionClass,
) -> impl Iterator<Item = ActionIndex> + use<'c> {
    let groups = class.places.iter().filter_map(|place| check.groups.get(place.group));
    groups.flatten().copied()
}
