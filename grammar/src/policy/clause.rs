//! Policies and their parts outside the scope: annotations, effect, conditions.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::{
    operand::{self, Operand, Place},
    reader::Reader,
    scope,
};
use crate::{
    ast::{Annotation, Condition, ConditionKind, Effect, ExprId, Policy, PolicyKind, Spanned},
    report,
    source::Span,
};

/// How many annotations of a policy are compared with each other.
const FEW_ANNOTATIONS: usize = 8;

/// Completes a policy. It is not kept if its head or a keyword was reported; what is wrong inside conditions is kept as
/// error nodes. If it has no semicolon, the place of its last token is given.
pub(crate) fn policy(reader: &mut Reader<'_>, word: Place, parentheses: Place, unclosed: Option<Place>, place: Place) {
    let effect = Effect::ALL.into_iter().find(|effect| effect.keyword() == reader.slice(word));
    if effect.is_none() {
        reader.report(report::policy::unknown_effect(reader.span(word), reader.slice(word)));
    }
    let annotations = distinct(reader);
    let in_order = scope::check_order(reader, parentheses);
    match effect {
        Some(effect) if in_order && !reader.is_broken => keep(reader, annotations, effect, word, parentheses, place),
        _ => reader.finish_policy(false),
    }
    // Last, so that of two remarks on one place this comes second.
    if let Some(last) = unclosed {
        reader.report(report::policy::missing_semicolon(reader.span(last)));
    }
}

/// Adds the policy, unless its scope was reported.
fn keep(
    reader: &mut Reader<'_>,
    annotations: Vec<Annotation>,
    effect: Effect,
    word: Place,
    parentheses: Place,
    place: Place,
) {
    let scope = scope::scope(reader, parentheses);
    let is_kept = scope.is_some();
    if let Some(scope) = scope {
        let policy = Policy {
            id: reader.policy_id(),
            kind: PolicyKind::of(&scope),
            annotations,
            effect: Spanned::new(effect, reader.span(word)),
            scope,
            conditions: reader.conditions.drain(..).collect(),
            span: reader.span(place),
        };
        reader.policies.push(policy);
    }
    reader.finish_policy(is_kept);
}

/// The annotations of this policy, those aside that stand twice, which is reported.
fn distinct(reader: &mut Reader<'_>) -> Vec<Annotation> {
    if reader.annotations.is_empty() {
        return Vec::new();
    }
    let mut kept: Vec<Annotation> = Vec::with_capacity(reader.annotations.len());
    let mut first_places: HashMap<SmolStr, Span> = HashMap::new();
    let annotations = core::mem::take(&mut reader.annotations);
    let few = annotations.len() <= FEW_ANNOTATIONS;
    for annotation in annotations {
        let key = &annotation.key;
        let first = if few {
            kept.iter().find(|other| other.key.value == key.value).map(|other| other.key.span)
        } else {
            first_places.get(&key.value).copied()
        };
        if let Some(first) = first {
            reader.report(report::syntax::duplicate_annotation(key.span, &key.value, first));
            continue;
        }
        if !few {
            first_places.insert(key.value.clone(), key.span);
        }
        kept.push(annotation);
    }
    kept
}

pub(crate) fn annotation(reader: &mut Reader<'_>, key: Place, value: Option<Place>, place: Place) {
    let value = match value {
        Some(literal) => match reader.unescape(literal) {
            Some(text) => Some(Spanned::new(text, reader.span(literal))),
            None => return,
        },
        None => None,
    };
    let annotation = Annotation { key: operand::word(reader, key), value, span: reader.span(place) };
    reader.annotations.push(annotation);
}

pub(crate) fn clause(reader: &mut Reader<'_>, word: Place, body: Operand, place: Place) {
    let body = body.into_expr(reader);
    condition(reader, word, body, place);
}

pub(crate) fn empty_clause(reader: &mut Reader<'_>, word: Place, place: Place) {
    let span = reader.span(place);
    let body = reader.push_error(span);
    if let Some(kind) = condition(reader, word, body, place) {
        reader.report(report::policy::empty_condition(span, kind));
    }
}

fn condition(reader: &mut Reader<'_>, word: Place, body: ExprId, place: Place) -> Option<ConditionKind> {
    let keyword = reader.slice(word);
    let kind = ConditionKind::ALL.into_iter().find(|kind| kind.keyword() == keyword);
    let Some(kind) = kind else {
        reader.slots.clear();
        reader.is_broken = true;
        reader.report(report::policy::unknown_condition(reader.span(word), keyword));
        return None;
    };
    for (slot, span) in reader.slots.drain(..) {
        reader.collector.push(report::policy::slot_in_condition(span, slot, kind));
    }
    reader.conditions.push(Condition { kind, body, span: reader.span(place) });
    Some(kind)
}
