//! Links of templates: the file of `--template-linked`, and the slots of `link --arguments`.

use deodar_grammar::{SourceId, Span};
use deodar_lexicon::json::{Document, Object, Value};
use deodar_runtime::{EntityUid, instruction::Slot};

use crate::{report, session::Session};

/// A policy to be made from a template.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) template: String,
    pub(crate) id: String,
    pub(crate) values: Vec<(Slot, EntityUid)>,
    /// Where it is written.
    pub(crate) span: Span,
}

/// The links of a file: `[{"template_id": …, "link_id": …, "args": {"?principal": …}}]`; an empty file has none.
pub(crate) fn read_links(session: &mut Session<'_>, path: &str) -> Vec<Link> {
    let Some(source) = session.read_source(path, "links of templates") else { return Vec::new() };
    let text = session.sources.text(source).to_owned();
    if text.is_empty() {
        return Vec::new();
    }
    let document = match Document::parse(&text) {
        Ok(document) => document,
        Err(error) => {
            session.report(report::invalid_json(&error, source));
            return Vec::new();
        }
    };
    let Some(array) = document.root().as_array() else {
        session.report(report::unexpected_json(document.root(), source, "an array of links"));
        return Vec::new();
    };
    array.iter().filter_map(|value| link(session, value, source)).collect()
}

fn link(session: &mut Session<'_>, value: Value<'_>, source: SourceId) -> Option<Link> {
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
    let (start, end) = (value.span().start, value.span().end);
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span { source, start: offset(start), end: offset(end) };
    Some(Link { template: template?, id: id?, values: values?, span })
}

fn text_member(
    session: &mut Session<'_>,
    value: Value<'_>,
    object: &Object<'_>,
    source: SourceId,
    name: &str,
) -> Option<String> {
    let Some(member) = object.get(name) else {
        session.report(report::missing_member(value, source, name, "link"));
        return None;
    };
    let text = member.as_str();
    if text.is_none() {
        session.report(report::unexpected_json(member, source, "a string"));
    }
    text.map(str::to_owned)
}

/// The entities for slots: `{"?principal": "User::\"alice\""}`.
pub(crate) fn slots(session: &mut Session<'_>, value: Value<'_>, source: SourceId) -> Option<Vec<(Slot, EntityUid)>> {
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
        Some((slot, entity))
    });
    slots.collect()
}

/// The slots of `link --arguments`.
pub(crate) fn parse_arguments(session: &mut Session<'_>, text: &str) -> Option<Vec<(Slot, EntityUid)>> {
    let source = session.add_source("<--arguments>", text);
    match Document::parse(text) {
        Ok(document) => slots(session, document.root(), source),
        Err(error) => {
            session.report(report::invalid_json(&error, source));
            None
        }
    }
}
