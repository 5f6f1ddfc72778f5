//! Types, environments and declarations in words.

use std::collections::BTreeSet;

use deodar_grammar::{
    Span,
    ast::{ActionConstraintKind, EntityConstraint, EntityConstraintKind, EntityOrSlot, ExprId, Exprs, Scope},
    print_expression,
};
use smol_str::SmolStr;

use super::list;
use crate::{
    check::{ActionIndex, EntityTypeIndex, Model, Ty, Types},
    schema::Declaration,
};

/// What descriptions are made from.
pub(crate) struct Describe<'d> {
    pub(crate) model: &'d Model<'d>,
    pub(crate) types: &'d Types,
    pub(crate) exprs: &'d Exprs,
}

/// One request environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Where {
    pub(crate) principal: EntityTypeIndex,
    pub(crate) action: ActionIndex,
    pub(crate) resource: EntityTypeIndex,
}

/// Principal, action and resource: which of them to name, few before many.
const PARTS: [[bool; 3]; 7] = [
    [true, false, false],
    [false, true, false],
    [false, false, true],
    [true, true, false],
    [true, false, true],
    [false, true, true],
    [true, true, true],
];

/// The longest expression that is repeated in a text.
const LONGEST_EXPRESSION: usize = 60;

impl Describe<'_> {
    /// The type, in the words of the schema.
    pub(super) fn ty(&self, ty: Ty) -> String {
        self.types.display(ty, &|entity_type| self.model.name(entity_type))
    }

    /// The type with its article, as in «a `Long`».
    pub(super) fn a(&self, ty: Ty) -> String {
        let text = self.ty(ty);
        if ty == Ty::ANY_ENTITY {
            return "an entity".to_owned();
        }
        let vowel = text.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']);
        format!("{} `{text}`", if vowel { "an" } else { "a" })
    }

    /// The expression as text, if it is short.
    pub(super) fn expression(&self, expr: ExprId) -> Option<String> {
        let text = print_expression(self.exprs, expr);
        (text.len() <= LONGEST_EXPRESSION).then_some(text)
    }

    /// The declaration of an entity type.
    pub(super) fn declaration(&self, ty: EntityTypeIndex) -> Option<&Declaration> {
        let name = self.model.name(ty);
        let (name, _) = self.model.schema.shapes().entity_types.iter().find(|(other, _)| other.as_str() == name)?;
        self.model.schema.entity_type(name)
    }

    /// The declaration of an action.
    pub(super) fn action_declaration(&self, action: ActionIndex) -> Option<&Declaration> {
        self.model.schema.action(self.model.action(action)?.uid)
    }

    /// In which of all environments something is wrong, unless it is in all of them.
    pub(super) fn environments(&self, failing: &[Where], all: &[Where]) -> Option<String> {
        let failing: BTreeSet<Where> = failing.iter().copied().collect();
        let all: BTreeSet<Where> = all.iter().copied().collect();
        if failing.is_empty() || failing.len() == all.len() {
            return None;
        }
        let principals = Dimension::new(&failing, |place| place.principal);
        let actions = Dimension::new(&failing, |place| place.action);
        let resources = Dimension::new(&failing, |place| place.resource);
        // The fewest parts that say it: a type of principal often implies actions and resources.
        let tells = |[principal, action, resource]: &[bool; 3]| {
            let holds = |place: &&Where| {
                (!principal || principals.has(place.principal))
                    && (!action || actions.has(place.action))
                    && (!resource || resources.has(place.resource))
            };
            all.iter().filter(holds).count() == failing.len()
        };
        if let Some([principal, action, resource]) = PARTS.iter().find(|parts| tells(parts)) {
            let mut parts = Vec::new();
            if *principal {
                parts.push(format!("the principal is {}", self.one_of_types(&principals.failing)));
            }
            if *action {
                let failing = actions.failing.iter();
                let names: Vec<String> =
                    failing.filter_map(|action| Some(self.model.action(*action)?.uid.to_string())).collect();
                parts.push(format!("the action is {}", list(names.iter().map(String::as_str))?));
            }
            if *resource {
                parts.push(format!("the resource is {}", self.one_of_types(&resources.failing)));
            }
            return Some(format!("this is wrong when {}", parts.join(" and ")));
        }
        Some(format!("this is wrong in {} of {} kinds of requests, e.g. {}", failing.len(), all.len(), {
            failing.first().map(|place| self.place(*place)).unwrap_or_default()
        }))
    }

    fn one_of_types(&self, types: &BTreeSet<EntityTypeIndex>) -> String {
        let names: Vec<_> = types.iter().map(|ty| self.model.name(*ty)).collect();
        list(names.iter().map(SmolStr::as_str)).unwrap_or_default()
    }

    fn place(&self, place: Where) -> String {
        let action = self.model.action(place.action).map(|action| action.uid.to_string()).unwrap_or_default();
        let (principal, resource) = (self.model.name(place.principal), self.model.name(place.resource));
        format!("when a `{principal}` asks for `{action}` on a `{resource}`")
    }

    /// Why a scope does not apply, or what would make it: `in` in the place of `==`.
    pub(super) fn would_fit(&self, scope: &Scope) -> Option<String> {
        let actions = match &scope.action.kind {
            ActionConstraintKind::Equal(action) => vec![self.model.find_action(action)?],
            ActionConstraintKind::All | ActionConstraintKind::In(_) | ActionConstraintKind::InSet(_) => return None,
        };
        let mut actions = actions.iter().filter_map(|action| self.model.action(*action));
        let action = actions.next()?;
        let sides =
            [("principal", &scope.principal, &action.principals), ("resource", &scope.resource, &action.resources)];
        sides.into_iter().find_map(|(variable, constraint, types)| {
            if let Some(group) = self.group_type(constraint)
                && !types.iter().any(|ty| self.model.may_be_in(*ty, group))
            {
                let name = self.model.name(group);
                return Some(format!("the schema lets no {variable} of this action be in a `{name}`"));
            }
            let asked = self.equal_type(constraint)?;
            let is_group = !types.contains(&asked) && types.iter().any(|ty| self.model.may_be_in(*ty, asked));
            is_group.then(|| format!("did you mean `{variable} in` instead of `{variable} ==`?"))
        })
    }

    /// The type of the entity behind `in`.
    fn group_type(&self, constraint: &EntityConstraint) -> Option<EntityTypeIndex> {
        match &constraint.kind {
            EntityConstraintKind::In(EntityOrSlot::Entity(entity))
            | EntityConstraintKind::IsIn(_, EntityOrSlot::Entity(entity)) => self.model.entity_type(&entity.ty.name),
            EntityConstraintKind::In(EntityOrSlot::Slot(_))
            | EntityConstraintKind::IsIn(_, EntityOrSlot::Slot(_))
            | EntityConstraintKind::Equal(_)
            | EntityConstraintKind::All
            | EntityConstraintKind::Is(_) => None,
        }
    }

    fn equal_type(&self, constraint: &EntityConstraint) -> Option<EntityTypeIndex> {
        match &constraint.kind {
            EntityConstraintKind::Equal(EntityOrSlot::Entity(entity)) => self.model.entity_type(&entity.ty.name),
            EntityConstraintKind::Equal(EntityOrSlot::Slot(_))
            | EntityConstraintKind::All
            | EntityConstraintKind::In(_)
            | EntityConstraintKind::Is(_)
            | EntityConstraintKind::IsIn(..) => None,
        }
    }

    /// Where the action is declared and what it applies to, if the scope names one.
    pub(super) fn applies_to(&self, scope: &Scope) -> Option<(Span, String)> {
        let ActionConstraintKind::Equal(action) = &scope.action.kind else { return None };
        let index = self.model.find_action(action)?;
        let (action, declaration) = (self.model.action(index)?, self.action_declaration(index)?);
        let names = |types: &[EntityTypeIndex]| {
            let names: Vec<_> = types.iter().map(|ty| self.model.name(*ty)).collect();
            list(names.iter().map(SmolStr::as_str))
        };
        let text = match (names(&action.principals), names(&action.resources)) {
            (Some(principals), Some(resources)) => {
                format!("`{}` applies to the principals {principals} and the resources {resources}", action.uid)
            }
            (_, _) => format!("`{}` applies to nothing: it has no `appliesTo`", action.uid),
        };
        Some((declaration.name, text))
    }
}

/// The values of one part of the environments in which something is wrong.
struct Dimension<T> {
    failing: BTreeSet<T>,
}

impl<T: Ord + Copy> Dimension<T> {
    fn new(failing: &BTreeSet<Where>, part: impl Fn(&Where) -> T) -> Self {
        Self { failing: failing.iter().map(&part).collect() }
    }

    fn has(&self, value: T) -> bool {
        self.failing.contains(&value)
    }
}
