//! Verdicts for programs; `docs/why.schema.json` describes them.

use deodar_runtime::Decision;
use serde_json::{Value, json};

use super::{
    ConditionVerdict, Need, Verdict, Why,
    text::on_one_line,
    tree::{CameTo, Node},
};
use crate::explanation::{
    Mismatch,
    json::{failure, location, named},
};

impl Why {
    /// Everything that is known about the decision.
    pub(crate) fn to_json(&self) -> Value {
        let [permits, forbids] = self.folded;
        let nearest = self.nearest.and_then(|nearest| self.verdicts.get(nearest));
        json!({
            "decision": if self.explanation.decision == Decision::Allow { "allow" } else { "deny" },
            "limit": self.explanation.limit,
            "determining": self.explanation.determining.iter().map(|policy| &policy.id).collect::<Vec<_>>(),
            "nearest": nearest.map(|verdict| &verdict.policy.id),
            "policies": self.verdicts.iter().map(verdict).collect::<Vec<_>>(),
            "scope_mismatches": { "permits": permits, "forbids": forbids },
        })
    }
}

fn verdict(verdict: &Verdict) -> Value {
    let scope = verdict
        .mismatches
        .iter()
        .map(|Mismatch { part, expected, found }| json!({ "part": part, "expected": expected, "found": found }));
    json!({
        "policy": named(&verdict.policy),
        "template": verdict.template,
        "verdict": verdict.outcome.name(),
        "scope": scope.collect::<Vec<_>>(),
        "conditions": verdict.conditions.iter().map(condition).collect::<Vec<_>>(),
        "error": verdict.failure.as_ref().map(failure),
        "declared": verdict.declared,
        "needs": verdict.needs.as_ref().map(need),
    })
}

fn condition(condition: &ConditionVerdict) -> Value {
    json!({
        "keyword": condition.keyword,
        "at": location(&condition.location),
        "state": condition.state.name(),
        "tree": condition.tree.as_ref().map(node),
    })
}

/// The depth of trees is bounded, so the stack is.
fn node(node_: &Node) -> Value {
    let (state, value) = match &node_.came_to {
        CameTo::Bool(value) => ("value", json!(value)),
        CameTo::Value(value) => ("value", json!(value)),
        CameTo::Failed(message) => ("failed", json!(message)),
        CameTo::PassedOver => ("not-needed", Value::Null),
    };
    json!({
        "kind": node_.kind.name(),
        "expression": node_.text,
        "at": location(&node_.location),
        "state": state,
        "value": value,
        "decides": node_.decides,
        "parts": node_.children.iter().map(node).collect::<Vec<_>>(),
    })
}

fn need(needs: &Need) -> Value {
    let parts = |needs: &[Need]| needs.iter().map(need).collect::<Vec<_>>();
    match needs {
        Need::One(_) => json!({ "if": on_one_line(needs) }),
        Need::All(all) => json!({ "if": on_one_line(needs), "all": parts(all) }),
        Need::Any(any) => json!({ "if": on_one_line(needs), "any": parts(any) }),
    }
}
