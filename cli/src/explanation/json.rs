//! Explanations for programs.

use deodar_runtime::Decision;
use serde_json::{Map, Value, json};

use super::{Asked, Because, Explanation, Failure, Found, Location, Mismatch, Named, Nearest, Obstacle};

impl Explanation {
    /// Everything that is known about the decision.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "decision": if self.decision == Decision::Allow { "allow" } else { "deny" },
            "limit": self.limit,
            "determining": self.determining.iter().map(named).collect::<Vec<_>>(),
            "errors": self.errors.iter().map(failure).collect::<Vec<_>>(),
            "nearest": self.nearest.as_ref().map(nearest),
        })
    }

    /// The same, with the policies that somebody asked about.
    pub(crate) fn to_json_with_asked(&self) -> Value {
        let mut value = self.to_json();
        if let Some(object) = value.as_object_mut() {
            object.insert("expected".to_owned(), self.asked.iter().map(asked).collect());
        }
        value
    }
}

fn asked(Asked { id, found }: &Asked) -> Value {
    match found {
        Found::Nowhere(similar) => json!({ "id": id, "found": false, "similar": similar }),
        Found::Outweighed(policy) => json!({ "id": id, "found": true, "outweighed": true, "policy": named(policy) }),
        Found::Kept(kept) => json!({ "id": id, "found": true, "outweighed": false, "kept": nearest(kept) }),
    }
}

pub(super) fn location(location: &Location) -> Map<String, Value> {
    let Location { file, line, column } = location;
    [("file", json!(file)), ("line", json!(line)), ("column", json!(column))]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

pub(super) fn named(policy: &Named) -> Value {
    let mut object = location(&policy.location);
    object.insert("id".to_owned(), json!(policy.id));
    object.insert("effect".to_owned(), json!(policy.effect));
    Value::Object(object)
}

pub(super) fn failure(failure: &Failure) -> Value {
    json!({
        "policy": named(&failure.policy),
        "code": failure.code,
        "message": failure.message,
        "help": failure.help,
        "at": failure.at.as_ref().map(location),
    })
}

fn nearest(nearest: &Nearest) -> Value {
    let policy = named(&nearest.policy);
    match &nearest.obstacle {
        Obstacle::Scope(mismatches) => {
            let scope = mismatches.iter().map(
                |Mismatch { part, expected, found }| json!({ "part": part, "expected": expected, "found": found }),
            );
            json!({ "policy": policy, "obstacle": "scope", "scope": scope.collect::<Vec<_>>() })
        }
        Obstacle::Condition { keyword, location: at, because: reasons } => json!({
            "policy": policy, "obstacle": "condition", "keyword": keyword, "at": location(at),
            "because": reasons.iter().map(because).collect::<Vec<_>>(),
        }),
        Obstacle::Error => json!({ "policy": policy, "obstacle": "error" }),
    }
}

fn because(because: &Because) -> Value {
    json!({
        "at": location(&because.location),
        "expression": because.text,
        "value": because.value,
        "operands": because.operands,
    })
}
