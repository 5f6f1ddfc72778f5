//! A comparison for programs; `docs/diff.schema.json` describes it.

use deodar_runtime::Decision;
use serde_json::{Value, json};

use super::{Changed, Comparison, Direction, Flip, Named, Verdict, text};

impl Comparison {
    /// Everything that was found.
    pub(crate) fn to_json(&self) -> Value {
        let changes = &self.policies;
        let list = |named: &[Named]| named.iter().map(name).collect::<Vec<_>>();
        let renamed = changes.renamed.iter().map(|(old, new)| json!({ "old": name(old), "new": name(new) }));
        json!({
            "version": 1,
            "old": self.old,
            "new": self.new,
            "policies": {
                "added": list(&changes.added),
                "removed": list(&changes.removed),
                "changed": changes.changed.iter().map(changed).collect::<Vec<_>>(),
                "renamed": renamed.collect::<Vec<_>>(),
                "unchanged": changes.unchanged,
            },
            "schema_differs": self.schema_differs,
            "widened": self.count(Direction::Widened),
            "narrowed": self.count(Direction::Narrowed),
            "flips": self.flips.iter().map(flip).collect::<Vec<_>>(),
            "compared": {
                "tests": self.asked.tests,
                "samples": self.asked.samples,
                "environments": self.asked.environments,
                "seed": self.asked.seed,
            },
        })
    }
}

fn name(named: &Named) -> Value {
    json!({
        "id": named.id, "effect": named.effect,
        "file": named.file, "line": named.line, "column": named.column,
    })
}

fn changed(changed: &Changed) -> Value {
    json!({
        "old": name(&changed.old), "new": name(&changed.new),
        "only_annotations": changed.only_annotations,
        "difference": text::changed_lines(changed, ""),
    })
}

fn flip(flip: &Flip) -> Value {
    let request = &flip.request;
    let parsed = |text: Option<String>| text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    json!({
        "direction": flip.direction.name(),
        "request": {
            "principal": request.principal().to_string(),
            "action": request.action().to_string(),
            "resource": request.resource().to_string(),
            "context": parsed(request.context().as_value().to_json().ok()),
        },
        "entities": parsed(text::entities(flip)).unwrap_or_else(|| json!([])),
        "test": flip.test,
        "count": flip.count,
        "before": verdict(&flip.before),
        "after": verdict(&flip.after),
    })
}

fn verdict(verdict: &Verdict) -> Value {
    json!({
        "decision": if verdict.decision == Decision::Allow { "allow" } else { "deny" },
        "determining": verdict.determining.iter().map(name).collect::<Vec<_>>(),
        "errors": verdict.errors,
        "nearest": verdict.nearest.as_ref().map(name),
    })
}
