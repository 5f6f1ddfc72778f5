//! The scope of a policy: what `principal`, `action` and `resource` hold.

use deodar_lexicon::{json::Value, name};

use super::{
    fields::{Extra, Shape},
    reader::Reader,
};
use crate::{
    ast::{
        ActionConstraint, ActionConstraintKind, EntityConstraint, EntityConstraintKind, EntityOrSlot, EntityRef, Slot,
        Spanned,
    },
    report::json as report,
};

/// The operators of a constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    All,
    Equal,
    In,
    Is,
}

const OPERATORS: [(&str, Operator); 5] = [
    ("All", Operator::All),
    ("all", Operator::All),
    ("==", Operator::Equal),
    ("in", Operator::In),
    ("is", Operator::Is),
];

const ENTITY_OR_SLOT: Shape<2> = Shape {
    extra: Extra::Ignored,
    tag: Some("op"),
    ..Shape::new("an object with `entity` or `slot`", ["entity", "slot"])
};

impl Reader {
    /// The constraint of the principal or the resource, whose slot is given.
    pub(super) fn entity_constraint(&mut self, value: Value<'_>, own: Slot) -> Option<EntityConstraint> {
        let kind = match self.scope_operator(value, &OPERATORS)? {
            Operator::All => self.unconstrained(value).map(|()| EntityConstraintKind::All)?,
            Operator::Equal => EntityConstraintKind::Equal(self.entity_or_slot(value, own, &ENTITY_OR_SLOT)?),
            Operator::In => EntityConstraintKind::In(self.entity_or_slot(value, own, &ENTITY_OR_SLOT)?),
            Operator::Is => self.is_constraint(value, own)?,
        };
        Some(EntityConstraint { kind, span: self.span(value) })
    }

    /// Nothing but the operator may stand in an array; an object may have any other keys.
    fn unconstrained(&mut self, value: Value<'_>) -> Option<()> {
        const ALL: Shape<0> = Shape { extra: Extra::Ignored, tag: Some("op"), ..Shape::new("`All`", []).or_array(0) };
        self.fields(value, &ALL).map(|[]| ())
    }

    fn is_constraint(&mut self, value: Value<'_>, own: Slot) -> Option<EntityConstraintKind> {
        const IS: Shape<2> =
            Shape { tag: Some("op"), ..Shape::new("an `is` constraint", ["entity_type", "in"]).or_array(2) };
        const WITHIN: Shape<2> = Shape { tag: None, ..ENTITY_OR_SLOT };
        let [ty, within] = self.fields(value, &IS)?;
        let ty = self.required(value, ty, "entity_type", IS.what).and_then(|ty| self.type_name(ty));
        match within.filter(|within| within.source() != "null") {
            Some(within) => {
                let within = self.entity_or_slot(within, own, &WITHIN)?;
                Some(EntityConstraintKind::IsIn(ty?, within))
            }
            None => Some(EntityConstraintKind::Is(ty?)),
        }
    }

    /// The entity, which wins over the slot if both are there.
    fn entity_or_slot(&mut self, value: Value<'_>, own: Slot, shape: &Shape<2>) -> Option<EntityOrSlot> {
        let (entity, slot) = match self.fields(value, shape)? {
            [Some(entity), _] => (entity, None),
            [None, Some(slot)] => (value, Some(slot)),
            [None, None] => {
                return self.neither(value, shape);
            }
        };
        let Some(slot) = slot else { return self.entity(entity).map(EntityOrSlot::Entity) };
        let found = self.slot(slot)?;
        if found != own {
            self.report(report::wrong_slot(&self.place(slot), found, own));
            return None;
        }
        Some(EntityOrSlot::Slot(Spanned::new(found, self.span(slot))))
    }

    /// Reports that none of two keys is there.
    fn neither<T>(&mut self, value: Value<'_>, shape: &Shape<2>) -> Option<T> {
        let known = |name: &&str| Some(*name) != shape.tag;
        let found = value.as_object().into_iter().flat_map(|object| object.members().map(|(name, _)| name));
        self.report(report::missing_either(&self.place(value), shape.keys, found.filter(known)));
        None
    }

    /// The constraint of the action.
    pub(super) fn action_constraint(&mut self, value: Value<'_>) -> Option<ActionConstraint> {
        const EQUAL: Shape<2> = ENTITY_OR_SLOT;
        const IN: Shape<2> = Shape {
            extra: Extra::Ignored,
            tag: Some("op"),
            ..Shape::new("an object with `entity` or `entities`", ["entity", "entities"])
        };
        let [all, all_small, equal, within, _] = OPERATORS;
        let kind = match self.scope_operator(value, &[all, all_small, equal, within])? {
            Operator::All | Operator::Is => self.unconstrained(value).map(|()| ActionConstraintKind::All)?,
            Operator::Equal => match self.fields(value, &EQUAL)? {
                [Some(entity), _] => ActionConstraintKind::Equal(self.action(entity)?),
                [None, Some(slot)] => {
                    self.report(report::action_slot(&self.place(slot)));
                    return None;
                }
                [None, None] => {
                    return self.neither(value, &EQUAL);
                }
            },
            Operator::In => match self.fields(value, &IN)? {
                [Some(entity), _] => ActionConstraintKind::In(self.action(entity)?),
                [None, Some(entities)] => ActionConstraintKind::InSet(self.actions(entities)?),
                [None, None] => {
                    return self.neither(value, &IN);
                }
            },
        };
        Some(ActionConstraint { kind, span: self.span(value) })
    }

    fn actions(&mut self, value: Value<'_>) -> Option<Vec<EntityRef>> {
        let elements = self.elements(value, "an array of actions")?;
        let actions: Vec<_> = elements.iter().map(|element| self.action(*element)).collect();
        actions.into_iter().collect()
    }

    /// An entity whose type is one of actions.
    fn action(&mut self, value: Value<'_>) -> Option<EntityRef> {
        let entity = self.entity(value)?;
        if !name::is_action_type(&entity.ty.name) {
            self.report(report::not_an_action(&self.place(value), &entity.ty.name));
            return None;
        }
        Some(entity)
    }

    /// The value of `op`.
    fn scope_operator(&mut self, value: Value<'_>, operators: &[(&'static str, Operator)]) -> Option<Operator> {
        let op = match value.as_array() {
            Some(array) => array.iter().next(),
            None => self.object(value, "a scope constraint")?.get("op"),
        };
        let op = self.required(value, op, "op", "a scope constraint")?;
        let word = self.text(op, "an operator")?;
        let found = operators.iter().find(|(name, _)| *name == word).map(|(_, operator)| *operator);
        if found.is_none() {
            let names = operators.iter().map(|(name, _)| *name).filter(|name| *name != "all");
            self.report(report::unknown_word(&self.place(op), word, "an operator", names));
        }
        found
    }
}
