//! Links of templates: the file of `--template-linked`, and the slots of `link --arguments`.

use deodar_grammar::{
    SourceId, Span,
    ast::{Dialect, EntityRef, Exprs, PolicySet, Slot, Spanned, TemplateLink, TypeName},
};
use deodar_lexicon::json::{Document, Object, Value};
use deodar_runtime::{EntityUid, instruction};
use smol_str::SmolStr;

use crate::{report, session::Session};

/// The links of a file, as a set without policies: `[{"template_id": …, "link_id": …, "args": {"?principal": …}}]`; an
/// empty file has none.
pub(crate) fn read_links(session: &mut Session<'_>, path: &str) -> Option<PolicySet> {
    let source = session.read_source(path, "links of templates")?;
    let text = session.sources.text(source).to_owned();
    let links = if text.is_empty() { Some(Vec::new()) } else { links(session, &text, source) };
    Some(PolicySet {
        source,
        dialect: Dialect::Cedar,
        policies: Vec::new(),
        links: links?,
        exprs: Exprs::default(),
        comments: Vec::new(),
    })
}

fn links(session: &mut Session<'_>, text: &str, source: SourceId) -> Option<Vec<TemplateLink>> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            session.report(report::invalid_json(&error, source));
            return None;
        }
    };
    let Some(array) = document.root().as_array() else {
        session.report(report::unexpected_json(document.root(), source, "an array of links"));
        return None;
    };
    Some(array.iter().filter_map(|value| link(session, value, source)).collect())
}

fn link(session: &mut Session<'_>, value: Value<'_>, source: SourceId) -> Option<TemplateLink> {
    let Some(object) = value.as_object() else {
        session.report(report::unexpected_json(value, source, "an object with a link"));
        return None;
    };
    let template = text_member(session, value, &object, source, "template_id");
    let id = text_member(session, value, &object, source, "link_id");
    let values = if let Some(args) = object.get("args") {
        slots(session, args, source)
    } else {
        session.report(report::missing_member(value, source, "args", "link"));
        None
    };
    let values = values?.iter().map(SlotValue::to_node).collect();
    Some(TemplateLink { template: template?, id: id?, values, span: report::span(value, source) })
}

fn text_member(
    session: &mut Session<'_>,
    value: Value<'_>,
    object: &Object<'_>,
    source: SourceId,
    name: &str,
) -> Option<Spanned<SmolStr>> {
    let Some(member) = object.get(name) else {
        session.report(report::missing_member(value, source, name, "link"));
        return None;
    };
    let text = member.as_str();
    if text.is_none() {
        session.report(report::unexpected_json(member, source, "a string"));
    }
    text.map(|text| Spanned::new(text.into(), report::span(member, source)))
}

/// An entity for a slot.
#[derive(Debug, Clone)]
pub(crate) struct SlotValue {
    slot: Spanned<Slot>,
    entity: EntityUid,
    /// Where the entity is written.
    span: Span,
}

impl SlotValue {
    /// As a part of a policy set.
    pub(crate) fn to_node(&self) -> (Spanned<Slot>, EntityRef) {
        let (uid, span) = (&self.entity, self.span);
        let ty = TypeName { name: uid.entity_type().as_str().into(), span };
        (self.slot.clone(), EntityRef { ty, id: Spanned::new(uid.id().into(), span), span })
    }

    /// As a program takes it.
    pub(crate) fn to_operand(&self) -> (instruction::Slot, EntityUid) {
        let slot = match self.slot.value {
            Slot::Principal => instruction::Slot::Principal,
            Slot::Resource => instruction::Slot::Resource,
        };
        (slot, self.entity.clone())
    }
}

/// The entities for slots: `{"?principal": "User::\"alice\""}`.
fn slots(session: &mut Session<'_>, value: Value<'_>, source: SourceId) -> Option<Vec<SlotValue>> {
    let Some(object) = value.as_object() else {
        session.report(report::unexpected_json(value, source, "an object with the entities for the slots"));
        return None;
    };
    let slots = object.iter().map(|(key, value)| {
        let name = key.as_str().unwrap_or_default();
        let Some(slot) = Slot::from_name(name) else {
            session.report(report::not_a_slot(key, source));
            return None;
        };
        let entity = super::entity_member(session, value, source)?;
        let slot = Spanned::new(slot, report::span(key, source));
        Some(SlotValue { slot, entity, span: report::span(value, source) })
    });
    slots.collect()
}

/// The slots of `link --arguments`, and where they stand.
pub(crate) fn parse_arguments(session: &mut Session<'_>, text: &str) -> Option<(Span, Vec<SlotValue>)> {
    let source = session.add_source("<--arguments>", text);
    match Document::parse(text) {
        Ok(document) => Some((report::span(document.root(), source), slots(session, document.root(), source)?)),
        Err(error) => {
            session.report(report::invalid_json(&error, source));
            None
        }
    }
}
