//! Whole documents: a policy, a template, or a policy set with its links.

use std::collections::HashMap;

use deodar_lexicon::{
    json::{Document, Value},
    limits,
};
use smol_str::SmolStr;

use super::{
    fields::Shape,
    reader::Reader,
    statement::{POLICY, has_any},
};
use crate::{
    ast::{Dialect, EntityRef, Policy, PolicyKind, PolicySet, Slot, Spanned, TemplateLink},
    diagnostic::Diagnostic,
    report::json as report,
    source::{SourceId, Sources, Span, offset},
};

/// The id of a policy that is a document of its own, as in the reference.
const LONE_POLICY: SmolStr = SmolStr::new_static("JSON policy");

const SET: Shape<3> = Shape::new("a policy set", ["templates", "staticPolicies", "templateLinks"]).or_array(3);

/// Which document is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// Whatever the keys say.
    Any,
    Policy,
    Template,
    PolicySet,
}

/// Reads a policy, a template or a policy set; its keys tell which.
pub fn policies_from_json(sources: &Sources, source: SourceId) -> (PolicySet, Vec<Diagnostic>) {
    read(sources, source, Expected::Any)
}

/// Reads one static policy.
pub fn policy_from_json(sources: &Sources, source: SourceId) -> (PolicySet, Vec<Diagnostic>) {
    read(sources, source, Expected::Policy)
}

/// Reads one template.
pub fn template_from_json(sources: &Sources, source: SourceId) -> (PolicySet, Vec<Diagnostic>) {
    read(sources, source, Expected::Template)
}

/// Reads a policy set.
pub fn policy_set_from_json(sources: &Sources, source: SourceId) -> (PolicySet, Vec<Diagnostic>) {
    read(sources, source, Expected::PolicySet)
}

fn read(sources: &Sources, source: SourceId, expected: Expected) -> (PolicySet, Vec<Diagnostic>) {
    let text = sources.text(source);
    let mut reader = Reader::new(source);
    let (policies, links) = if text.len() > limits::SOURCE_BYTES.as_usize() {
        reader.report(report::too_long(Span { source, start: 0, end: 0 }));
        (Vec::new(), Vec::new())
    } else {
        match Document::parse(text) {
            Ok(document) => reader.document(document.root(), expected),
            Err(error) => {
                let start = offset(error.offset.min(text.len()));
                reader.report(report::syntax(Span { source, start, end: start }, &error));
                (Vec::new(), Vec::new())
            }
        }
    };
    let (exprs, diagnostics) = reader.finish();
    let set = PolicySet { source, dialect: Dialect::Cedar, policies, links, exprs, comments: Vec::new() };
    (set, diagnostics)
}

impl Reader {
    fn document(&mut self, root: Value<'_>, expected: Expected) -> (Vec<Policy>, Vec<TemplateLink>) {
        let expected = match expected {
            Expected::Any => match self.detect(root) {
                Some(expected) => expected,
                None => return (Vec::new(), Vec::new()),
            },
            Expected::Policy | Expected::Template | Expected::PolicySet => expected,
        };
        if expected == Expected::PolicySet {
            return self.policy_set(root);
        }
        let policy = self.policy(LONE_POLICY, root);
        if let Some(policy) = &policy {
            match expected {
                Expected::Policy => self.expect_static(policy),
                Expected::Template => self.expect_template(policy, root),
                Expected::Any | Expected::PolicySet => {}
            }
        }
        (policy.into_iter().collect(), Vec::new())
    }

    /// Tells a single policy, for which [`Expected::Any`] stands, from a policy set.
    fn detect(&mut self, root: Value<'_>) -> Option<Expected> {
        let object = self.object(root, "a policy or a policy set")?;
        // `annotations` is optional and tells nothing.
        let [policy_keys @ .., _] = POLICY.keys;
        match (has_any(&object, &SET.keys), has_any(&object, &policy_keys)) {
            (true, false) => Some(Expected::PolicySet),
            (false, true) => Some(Expected::Any),
            (both, _) => {
                self.report(report::unclear_document(&self.place(root), both, &policy_keys, &SET.keys));
                None
            }
        }
    }

    fn expect_static(&mut self, policy: &Policy) {
        if let Some((slot, span)) = policy.slots().next() {
            self.report(report::slot_in_static_policy(span, slot, &policy.id));
        }
    }

    fn expect_template(&mut self, policy: &Policy, value: Value<'_>) {
        if !policy.is_template() {
            self.report(report::template_without_slot(&self.place(value), &policy.id));
        }
    }

    fn policy_set(&mut self, root: Value<'_>) -> (Vec<Policy>, Vec<TemplateLink>) {
        let Some([templates, statics, links]) = self.all_fields(root, &SET) else { return (Vec::new(), Vec::new()) };
        let mut ids = Ids::default();
        let mut policies = Vec::new();
        self.policies(statics, PolicyKind::Static, &mut ids, &mut policies);
        self.policies(templates, PolicyKind::Template, &mut ids, &mut policies);
        // The order of the source, which lists its members in any order.
        policies.sort_by_key(|policy| policy.span.start);
        let Some(elements) = self.elements(links, "an array of template links") else { return (policies, Vec::new()) };
        let links = elements.iter().filter_map(|element| self.link(*element, &mut ids)).collect();
        (policies, links)
    }

    /// The members of `staticPolicies` or `templates`.
    fn policies(&mut self, value: Value<'_>, kind: PolicyKind, ids: &mut Ids, policies: &mut Vec<Policy>) {
        let Some(object) = self.object(value, "an object of policies by their ids") else { return };
        for (key, member) in object.iter() {
            let id = SmolStr::new(key.as_str().unwrap_or_default());
            self.claim(key, &id, ids);
            let mut policy = self.policy(id.clone(), member);
            match kind {
                PolicyKind::Static => policy.iter().for_each(|policy| self.expect_static(policy)),
                PolicyKind::Template => {
                    // It is one by its place, even without a slot, as in the reference.
                    if let Some(policy) = &mut policy {
                        policy.kind = kind;
                    }
                    let slots = policy.as_ref().map(|policy| policy.slots().map(|(slot, _)| slot).collect());
                    ids.templates.insert(id, slots);
                }
            }
            policies.extend(policy);
        }
    }

    /// Reports an id that is taken.
    fn claim(&mut self, value: Value<'_>, id: &SmolStr, ids: &mut Ids) {
        if let Some(first) = ids.taken.get(id) {
            self.report(report::repeated_id(&self.place(value), id, *first));
        } else {
            ids.taken.insert(id.clone(), self.span(value));
        }
    }

    fn link(&mut self, value: Value<'_>, ids: &mut Ids) -> Option<TemplateLink> {
        const LINK: Shape<3> = Shape::new("a template link", ["templateId", "newId", "values"]).or_array(3);
        let [template, id, values] = self.all_fields(value, &LINK)?;
        let filled = self.link_values(values);
        let name = self.spanned(template, "the id of a template");
        let new = self.spanned(id, "the id of the new policy");
        if let Some(new) = &new {
            self.claim(id, &new.value, ids);
        }
        let name = name?;
        let Some(slots) = ids.templates.get(&name.value) else {
            let known = ids.templates.keys().map(SmolStr::as_str);
            self.report(report::unknown_template(&self.place(template), &name.value, known));
            return None;
        };
        let filled = filled?;
        // A template with mistakes of its own has no slots to compare with.
        if let Some(slots) = slots {
            self.check_slots(values, slots, &filled, &name.value);
        }
        Some(TemplateLink { template: name, id: new?, values: filled, span: self.span(value) })
    }

    /// The entities by the slots that they fill.
    fn link_values(&mut self, value: Value<'_>) -> Option<Vec<(Spanned<Slot>, EntityRef)>> {
        let object = self.object(value, "an object of entities by slots")?;
        let values: Vec<_> = object.iter().map(|(key, value)| self.link_value(key, value)).collect();
        values.into_iter().collect()
    }

    fn link_value(&mut self, key: Value<'_>, value: Value<'_>) -> Option<(Spanned<Slot>, EntityRef)> {
        let slot = self.slot(key).map(|slot| Spanned::new(slot, self.span(key)));
        let entity = self.entity(value);
        Some((slot?, entity?))
    }

    /// Reports slots of the template without a value, and values for slots that it does not have.
    fn check_slots(&mut self, place: Value<'_>, slots: &[Slot], values: &[(Spanned<Slot>, EntityRef)], template: &str) {
        for slot in slots {
            if !values.iter().any(|(filled, _)| filled.value == *slot) {
                self.report(report::missing_slot(&self.place(place), *slot, template));
            }
        }
        for (slot, _) in values {
            if !slots.contains(&slot.value) {
                self.report(report::extra_slot(slot.span, slot.value, template));
            }
        }
    }
}

/// The ids of a policy set.
#[derive(Debug, Default)]
struct Ids {
    /// Where each id was given first.
    taken: HashMap<SmolStr, Span>,
    /// The slots of each template; `None` for one with mistakes.
    templates: HashMap<SmolStr, Option<Vec<Slot>>>,
}
