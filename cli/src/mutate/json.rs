//! Mutants as JSON, of the form that `docs/results.schema.json` describes under `mutation`.

use deodar_grammar::Sources;
use serde_json::{Value, json};

use super::{Mutant, MutationRun, Outcome};
use crate::finding::Place;

pub(crate) fn to_json(run: &MutationRun, sources: &Sources) -> Value {
    let score = run.score();
    json!({
        "tests": run.tests,
        "possible": run.possible,
        "permille": score.per_mille(),
        "killed": score.killed,
        "survived": score.survived,
        "equivalent": score.equivalent,
        "invalid": score.invalid,
        "mutants": run.mutants.iter().map(|mutant| mutant_to_json(mutant, sources)).collect::<Vec<_>>(),
    })
}

fn mutant_to_json(mutant: &Mutant, sources: &Sources) -> Value {
    let (before, after) = mutant.mutation.texts();
    let mut value = json!({
        "policy": mutant.policy,
        "operator": mutant.mutation.operator,
        "place": Place::of(sources, mutant.mutation.span, "").to_json(),
        "before": before,
        "after": after,
    });
    let outcome = match &mutant.outcome {
        Outcome::Killed(test) => json!({ "outcome": "killed", "test": test }),
        Outcome::Invalid(reason) => json!({ "outcome": "invalid", "reason": reason }),
        Outcome::Survived(killer) => {
            json!({ "outcome": "survived", "difference": killer.difference, "case": killer.case })
        }
        Outcome::Equivalent(requests) => json!({ "outcome": "equivalent", "requests": requests }),
    };
    if let (Some(object), Value::Object(outcome)) = (value.as_object_mut(), outcome) {
        object.extend(outcome);
    }
    value
}
