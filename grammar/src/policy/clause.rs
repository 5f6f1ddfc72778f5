//! Policies and their parts outside the scope: annotations, effect, conditions.

use smol_str::SmolStr;

use super::{
    operand::Operand,
    reader::Reader,
    scope::{self, Element},
};
use crate::{
    ast::{Annotation, Condition, ConditionKind, Effect, ExprId, Policy, PolicyKind, Spanned},
    report,
    source::Span,
};

/// A policy without its id, unless its head or a keyword was reported. What is wrong inside conditions is kept as error
/// nodes.
pub(crate) fn policy(
    reader: &mut Reader,
    annotations: Vec<Option<Annotation>>,
    (word, word_span): (&str, Span),
    elements: Vec<Element>,
    parentheses: (u32, u32),
    clauses: Vec<Option<Condition>>,
    place: (u32, u32),
) -> Option<Policy> {
    let effect = Effect::ALL.into_iter().find(|effect| effect.keyword() == word);
    if effect.is_none() {
        reader.report(report::policy::unknown_effect(word_span, word));
    }
    let annotations = distinct(reader, annotations);
    let scope = scope::scope(reader, elements, parentheses);
    let scope = scope?;
    Some(Policy {
        id: SmolStr::default(),
        kind: PolicyKind::of(&scope),
        annotations,
        effect: Spanned::new(effect?, word_span),
        scope,
        conditions: clauses.into_iter().collect::<Option<_>>()?,
        span: reader.span(place),
    })
}

fn distinct(reader: &mut Reader, annotations: Vec<Option<Annotation>>) -> Vec<Annotation> {
    let mut first_places = std::collections::HashMap::new();
    let mut kept = Vec::with_capacity(annotations.len());
    for annotation in annotations.into_iter().flatten() {
        let key = annotation.key.value.clone();
        if let Some(first) = first_places.get(&key) {
            reader.report(report::syntax::duplicate_annotation(annotation.key.span, &key, *first));
        } else {
            first_places.insert(key, annotation.key.span);
            kept.push(annotation);
        }
    }
    kept
}

pub(crate) fn annotation(
    reader: &mut Reader,
    (key, key_span): (&str, Span),
    value: Option<(&str, Span)>,
    place: (u32, u32),
) -> Option<Annotation> {
    let value = match value {
        Some((body, span)) => Some(Spanned::new(reader.unescape(body, span)?, span)),
        None => None,
    };
    Some(Annotation { key: Spanned::new(SmolStr::new(key), key_span), value, span: reader.span(place) })
}

pub(crate) fn clause(
    reader: &mut Reader,
    word: (&str, Span),
    body: Operand<'_>,
    place: (u32, u32),
) -> Option<Condition> {
    let body = body.into_expr(reader);
    condition(reader, word, body, place)
}

pub(crate) fn empty_clause(reader: &mut Reader, word: (&str, Span), place: (u32, u32)) -> Option<Condition> {
    let span = reader.span(place);
    let body = reader.push_error(span);
    let condition = condition(reader, word, body, place)?;
    reader.report(report::policy::empty_condition(span, condition.kind));
    Some(condition)
}

fn condition(
    reader: &mut Reader,
    (word, word_span): (&str, Span),
    body: ExprId,
    place: (u32, u32),
) -> Option<Condition> {
    let slots = core::mem::take(&mut reader.slots);
    let Some(kind) = ConditionKind::ALL.into_iter().find(|kind| kind.keyword() == word) else {
        reader.report(report::policy::unknown_condition(word_span, word));
        return None;
    };
    for (slot, span) in slots {
        reader.report(report::policy::slot_in_condition(span, slot, kind));
    }
    Some(Condition { kind, body, span: reader.span(place) })
}
