//! Coverage as JSON, of the form that `docs/results.schema.json` describes under `coverage`.

use deodar_compiler::check::FailureKind;
use deodar_grammar::{Sources, ast::Effect};
use serde_json::{Value, json};

use super::{Aspect, Count, Coverage, Exemption, Part, PartKind, PolicyCoverage, Status};
use crate::finding::Place;

pub(crate) fn to_json(coverage: &Coverage, sources: &Sources) -> Value {
    json!({
        "tests": coverage.tests,
        "points": count(coverage.count()),
        "policies": coverage.policies.iter().map(|policy| policy_to_json(policy, sources)).collect::<Vec<_>>(),
    })
}

fn count(count: Count) -> Value {
    json!({ "covered": count.covered, "all": count.all, "permille": count.per_mille() })
}

fn policy_to_json(policy: &PolicyCoverage, sources: &Sources) -> Value {
    json!({
        "id": policy.id,
        "effect": match policy.effect { Effect::Permit => "permit", Effect::Forbid => "forbid" },
        "template": policy.is_template,
        "points": count(policy.count()),
        "parts": policy.parts.iter().map(|part| part_to_json(part, sources)).collect::<Vec<_>>(),
    })
}

fn part_to_json(part: &Part, sources: &Sources) -> Value {
    let (kind, of) = match &part.kind {
        PartKind::Policy => ("policy", None),
        PartKind::Link(id) => ("link", Some(id.as_str())),
        PartKind::Clause(scope) => ("scope", Some(scope.name())),
        PartKind::Atom(condition) => ("atom", Some(condition.keyword())),
    };
    let points = part.points.iter().map(|point| (aspect(point.aspect).to_owned(), status(point.status)));
    json!({
        "kind": kind,
        "of": of,
        "place": Place::of(sources, part.span, "").to_json(),
        "text": part.text,
        "held": part.seen.held,
        "not_held": part.seen.not_held,
        "failed": part.seen.failed,
        "held_alone": part.seen.held_alone,
        "not_held_alone": part.seen.not_held_alone,
        "may_fail": part.failures.iter().map(|failure| failure_name(*failure)).collect::<Vec<_>>(),
        "points": points.collect::<serde_json::Map<_, _>>(),
        "gap": part.gap(),
    })
}

const fn aspect(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Holds => "holds",
        Aspect::HoldsNot => "holds_not",
        Aspect::Alone => "alone",
        Aspect::Fails => "fails",
    }
}

fn status(status: Status) -> Value {
    match status {
        Status::Covered => "covered",
        Status::Missing => "missing",
        Status::Exempt(Exemption::Always(true)) => "always-true",
        Status::Exempt(Exemption::Always(false)) => "always-false",
        Status::Exempt(Exemption::Unreachable) => "unreachable",
    }
    .into()
}

/// Why an evaluation may fail.
const fn failure_name(failure: FailureKind) -> &'static str {
    match failure {
        FailureKind::Overflow => "overflow",
        FailureKind::MissingEntity => "missing-entity",
        FailureKind::Extension => "extension",
    }
}
