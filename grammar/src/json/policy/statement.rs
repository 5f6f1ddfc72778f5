//! One static policy or template.

use deodar_lexicon::{
    json::{Object, Value},
    name,
};
use smol_str::SmolStr;

use super::{fields::Shape, reader::Reader};
use crate::{
    ast::{Annotation, Condition, ConditionKind, Effect, Policy, PolicyKind, Scope, Slot, Spanned},
    report::json as report,
};

/// The keys of a policy.
pub(super) const POLICY: Shape<6> =
    Shape::new("a policy", ["effect", "principal", "action", "resource", "conditions", "annotations"]).or_array(5);

impl Reader {
    /// The policy; `None` if it cannot be represented, after all of its mistakes are reported.
    pub(super) fn policy(&mut self, id: SmolStr, value: Value<'_>) -> Option<Policy> {
        let fields = self.fields(value, &POLICY)?;
        let [effect, principal, action, resource, conditions, annotations] = fields;
        let mut given = |field, key| self.required(value, field, key, POLICY.what);
        let effect = given(effect, "effect");
        let principal = given(principal, "principal");
        let action = given(action, "action");
        let resource = given(resource, "resource");
        let conditions = given(conditions, "conditions");

        let annotations = annotations.map_or(Some(Vec::new()), |value| self.annotations(value));
        let effect = effect.and_then(|value| self.effect(value));
        let principal = principal.and_then(|value| self.entity_constraint(value, Slot::Principal));
        let action = action.and_then(|value| self.action_constraint(value));
        let resource = resource.and_then(|value| self.entity_constraint(value, Slot::Resource));
        let conditions = conditions.and_then(|value| self.conditions(value));

        let (principal, action, resource) = (principal?, action?, resource?);
        let span = principal.span.to(action.span).to(resource.span);
        let scope = Scope { principal, action, resource, span };
        Some(Policy {
            id,
            kind: PolicyKind::of(&scope),
            annotations: annotations?,
            effect: effect?,
            scope,
            conditions: conditions?,
            span: self.span(value),
        })
    }

    fn effect(&mut self, value: Value<'_>) -> Option<Spanned<Effect>> {
        let effects = Effect::ALL.map(|effect| (effect.keyword(), effect));
        let effect = self.choice(value, "an effect", &effects)?;
        Some(Spanned::new(effect, self.span(value)))
    }

    fn annotations(&mut self, value: Value<'_>) -> Option<Vec<Annotation>> {
        let object = self.object(value, "an object of annotations")?;
        let annotations: Vec<_> = object.iter().map(|(key, value)| self.annotation(key, value)).collect();
        annotations.into_iter().collect()
    }

    fn annotation(&mut self, key: Value<'_>, value: Value<'_>) -> Option<Annotation> {
        let name = key.as_str().unwrap_or_default();
        if !name::has_identifier_form(name) {
            self.report(report::bad_annotation(&self.place(key), name));
            return None;
        }
        let text = match value.source() {
            "null" => None,
            _ => Some(self.spanned(value, "a string or null as the value of an annotation")?),
        };
        let key = Spanned::new(SmolStr::new(name), self.span(key));
        let span = key.span.to(self.span(value));
        Some(Annotation { key, value: text, span })
    }

    fn conditions(&mut self, value: Value<'_>) -> Option<Vec<Condition>> {
        let elements = self.elements(value, "an array of conditions")?;
        let conditions: Vec<_> = elements.iter().map(|element| self.condition(*element)).collect();
        conditions.into_iter().collect()
    }

    fn condition(&mut self, value: Value<'_>) -> Option<Condition> {
        const CONDITION: Shape<2> = Shape::new("a condition", ["kind", "body"]).or_array(2);
        let [kind, body] = self.all_fields(value, &CONDITION)?;
        let kinds = ConditionKind::ALL.map(|kind| (kind.keyword(), kind));
        let kind = self.choice(kind, "a kind of condition", &kinds);
        let body = self.condition_body(body);
        Some(Condition { kind: kind?, body, span: self.span(value) })
    }
}

/// Whether the object has any of the keys.
pub(super) fn has_any(object: &Object<'_>, keys: &[&str]) -> bool {
    object.members().any(|(name, _)| keys.contains(&name))
}
