//! A request that tells a mutant from its original, as a test to paste.
//!
//! The test expects what the policies say as they are: the decision, the policies that determine it, and, where that
//! is the difference, those that fail. It is YAML in the form of test files; values are JSON, which YAML contains.

use deodar_runtime::{Decision, EntityUid, Value as RuntimeValue};
use serde_json::{Map, Value, json};

use super::{
    Killer,
    scenario::{Entry, Members, Scenario},
};
use crate::suite::Verdict;

/// How plainly two decisions differ; the plainest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Decision,
    Policies,
    Errors,
}

/// How the decisions differ, if a test can tell.
pub(super) fn rank(original: &Verdict<'_>, mutated: &Verdict<'_>) -> Option<Rank> {
    if !original.is_complete {
        return None;
    }
    if original.decision != mutated.decision {
        Some(Rank::Decision)
    } else if sorted(&original.determining) != sorted(&mutated.determining) {
        Some(Rank::Policies)
    } else {
        (sorted(&original.failing) != sorted(&mutated.failing)).then_some(Rank::Errors)
    }
}

fn sorted<'i>(ids: &[&'i str]) -> Vec<&'i str> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids
}

/// The test, and what is different, in words.
pub(super) fn killer(name: &str, scenario: &Scenario, original: &Verdict<'_>, mutated: &Verdict<'_>) -> Killer {
    let difference = match rank(original, mutated) {
        None | Some(Rank::Decision) => format!("the decision is {}, and {} with it", word(original), word(mutated)),
        Some(Rank::Policies) => format!(
            "{} is determined by {}, and by {} with it",
            word(original),
            list(&original.determining),
            list(&mutated.determining)
        ),
        Some(Rank::Errors) => {
            format!("{} cannot be evaluated, and {} with it", list(&original.failing), list(&mutated.failing))
        }
    };
    Killer { case: case(name, scenario, original, rank(original, mutated)), difference }
}

fn word(verdict: &Verdict<'_>) -> &'static str {
    match verdict.decision {
        Decision::Allow => "allow",
        Decision::Deny => "deny",
    }
}

fn list(ids: &[&str]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| format!("`{id}`")).collect();
    if ids.is_empty() { "no policy".to_owned() } else { ids.join(", ") }
}

fn case(name: &str, scenario: &Scenario, original: &Verdict<'_>, rank: Option<Rank>) -> String {
    let mut lines = vec![
        format!("- name: {}", scalar(name)),
        format!("  principal: {}", scalar(&scenario.principal.to_string())),
        format!("  action: {}", scalar(&scenario.action.to_string())),
        format!("  resource: {}", scalar(&scenario.resource.to_string())),
    ];
    if !scenario.context.is_empty() {
        lines.push(format!("  context: {}", members(&scenario.context)));
    }
    if !scenario.changed.is_empty() {
        lines.push("  entities:".to_owned());
        lines.extend(scenario.changed.iter().map(|(uid, entry)| format!("    - {}", entity(uid, entry))));
    }
    lines.push(format!("  decision: {}", word(original)));
    if !original.determining.is_empty() || rank == Some(Rank::Policies) {
        lines.push(format!("  policies: {}", json!(original.determining)));
    }
    if rank == Some(Rank::Errors) {
        lines.push(format!("  errors: {}", json!(original.failing)));
    }
    lines.join("\n") + "\n"
}

/// A text that no YAML reader takes for something else.
fn scalar(text: &str) -> String {
    let is_plain = !text.contains('\'') && !text.chars().any(char::is_control);
    if is_plain { format!("'{text}'") } else { json!(text).to_string() }
}

fn members(members: &Members) -> Value {
    members.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect::<Map<_, _>>().into()
}

/// What cannot be written, a record with a reserved key, was not made by a search.
fn to_json(value: &RuntimeValue) -> Value {
    value.to_json().ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn entity(uid: &EntityUid, entry: &Entry) -> Value {
    let name = |uid: &EntityUid| json!({ "type": uid.entity_type().as_str(), "id": uid.id() });
    let mut entity = json!({
        "uid": name(uid),
        "attrs": members(&entry.attributes),
        "parents": entry.parents.iter().map(name).collect::<Vec<_>>(),
    });
    if let Some(object) = entity.as_object_mut().filter(|_| !entry.tags.is_empty()) {
        object.insert("tags".to_owned(), members(&entry.tags));
    }
    entity
}
