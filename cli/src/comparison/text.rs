//! A comparison for people.

use std::fmt::Write as _;

use deodar_runtime::{Decision, Entities};
use serde_json::json;

use super::{Changed, Comparison, Direction, Flip, Named, PolicyChanges, Verdict};
use crate::{fix::hunk, output::counted};

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` ({}:{}:{})", self.id, self.file, self.line, self.column)
    }
}

/// Everything, the widened decisions first.
pub(crate) fn write(comparison: &Comparison) -> String {
    let mut text = String::new();
    for flip in &comparison.flips {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", flip_to_text(flip));
    }
    text += &policies_to_text(&comparison.policies);
    if comparison.schema_differs {
        text += "the schema differs\n";
    }
    text += &summary(comparison);
    text
}

/// What was compared, and the counts, a line each.
pub(super) fn summary(comparison: &Comparison) -> String {
    let changes = &comparison.policies;
    let counts = [
        (changes.added.len(), "added"),
        (changes.removed.len(), "removed"),
        (changes.changed.len(), "changed"),
        (changes.renamed.len(), "renamed"),
        (changes.unchanged, "the same"),
    ];
    let counts: Vec<_> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, how)| format!("{count} {how}")).collect();
    let policies = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
    let [widened, narrowed] = [Direction::Widened, Direction::Narrowed].map(|direction| comparison.count(direction));
    let decisions = match (widened, narrowed) {
        (0, 0) => "no decision differs".to_owned(),
        (widened, narrowed) => {
            format!("{widened} allowed now that were denied, {narrowed} denied now that were allowed")
        }
    };
    format!(
        "{} → {}\npolicies: {policies}\ndecisions: {decisions}\n{}\n",
        comparison.old,
        comparison.new,
        asked(comparison)
    )
}

fn asked(comparison: &Comparison) -> String {
    let asked = comparison.asked;
    let of_tests = counted(asked.tests, "request") + " of tests";
    match (asked.has_schema, asked.environments) {
        (false, _) => format!("compared: {of_tests}; without a schema none is made up"),
        (true, 0) => format!("compared: {of_tests}; no kind of request concerns a policy that differs"),
        (true, environments) => {
            let kinds = counted(environments, "kind");
            format!("compared: {of_tests}, {} made up of {kinds}, with the seed {}", asked.samples, asked.seed)
        }
    }
}

fn policies_to_text(changes: &PolicyChanges) -> String {
    let PolicyChanges { added, removed, changed, renamed, .. } = changes;
    let line = |how: &str, named: &Named| format!("{how:<8} {} {named}\n", named.effect);
    let mut lines: Vec<String> = added.iter().map(|named| line("added", named)).collect();
    lines.extend(removed.iter().map(|named| line("removed", named)));
    lines.extend(renamed.iter().map(|(old, new)| format!("renamed  {} `{}` to {new}\n", new.effect, old.id)));
    lines.extend(changed.iter().map(|changed| line("changed", &changed.new) + &changed_lines(changed, "    ")));
    let text: String = lines.concat();
    if text.is_empty() { text } else { text + "\n" }
}

pub(super) fn changed_lines(changed: &Changed, indentation: &str) -> String {
    let hunk = hunk(&changed.old_text, &changed.new_text);
    hunk.lines.lines().flat_map(|line| [indentation, line, "\n"]).collect()
}

fn flip_to_text(flip: &Flip) -> String {
    let mut text = format!("{}  {}", flip.direction.words(), kind(flip));
    if flip.count > 1 {
        let _ = write!(text, " ({} of this kind)", counted(flip.count, "request"));
    }
    let _ = write!(text, "\n  before: {}\n  now:    {}\n", reason(&flip.before), reason(&flip.after));
    text + &example(flip, "  ")
}

/// What kind of requests a flip is about.
pub(crate) fn kind(flip: &Flip) -> String {
    let request = &flip.request;
    let [principal, resource] = [request.principal(), request.resource()].map(deodar_runtime::EntityUid::entity_type);
    format!("{principal} {} {resource}", request.action())
}

/// Who is responsible for a decision.
pub(crate) fn reason(verdict: &Verdict) -> String {
    let verb = if verdict.decision == Decision::Allow { "permitted" } else { "forbidden" };
    let names: Vec<_> = verdict.determining.iter().map(ToString::to_string).collect();
    let mut text = match (names.is_empty(), &verdict.nearest) {
        (false, _) => format!("{verb} by {}", names.join(", ")),
        (true, Some(nearest)) => format!("no permit applies; the nearest is {nearest}"),
        (true, None) => "no permit applies".to_owned(),
    };
    if !verdict.errors.is_empty() {
        let _ = write!(text, "; fails: {}", verdict.errors.join(", "));
    }
    text
}

/// The request as a test of the new version: YAML, whose values are JSON.
pub(crate) fn example(flip: &Flip, indentation: &str) -> String {
    let request = &flip.request;
    let uid = |uid: &deodar_runtime::EntityUid| json!(uid.to_string());
    let context = request.context().as_value().to_json().unwrap_or_else(|_| "{}".to_owned());
    let word = |decision| if decision == Decision::Allow { "allow" } else { "deny" };
    let mut lines = vec![
        format!(
            "- name: {}",
            json!(flip.test.clone().unwrap_or_else(|| format!("{}: {}", flip.direction.name(), kind(flip))))
        ),
        format!("  principal: {}", uid(request.principal())),
        format!("  action: {}", uid(request.action())),
        format!("  resource: {}", uid(request.resource())),
    ];
    if context != "{}" {
        lines.push(format!("  context: {context}"));
    }
    if let Some(entities) = entities(flip) {
        lines.push(format!("  entities: {entities}"));
    }
    lines.push(format!("  decision: {} # it was {}", word(flip.after.decision), word(flip.before.decision)));
    lines.iter().flat_map(|line| [indentation, line, "\n"]).collect()
}

/// The entities that an example brings along, as JSON.
pub(super) fn entities(flip: &Flip) -> Option<String> {
    if flip.entities.is_empty() {
        return None;
    }
    Entities::from_entities(flip.entities.iter().cloned(), None).ok()?.to_json().ok().map(|json| one_line(&json))
}

/// JSON without its line breaks, which stand between tokens only.
fn one_line(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json).map_or_else(|_| json.to_owned(), |value| value.to_string())
}
