//! Coverage for people: a line for each policy, and below it a line for each gap.

use deodar_grammar::Sources;

use super::{Coverage, Part, PartKind, PolicyCoverage, noun};
use crate::io::{Colour, Io};

/// The longest text of an expression in a line, in characters.
const LONGEST: usize = 80;

pub(crate) fn to_text(coverage: &Coverage, sources: &Sources, io: &Io<'_>) -> String {
    let width = coverage.policies.iter().map(|policy| policy.id.chars().count()).max().unwrap_or_default();
    coverage.policies.iter().map(|policy| policy_to_text(policy, width, sources, io)).collect()
}

fn policy_to_text(policy: &PolicyCoverage, width: usize, sources: &Sources, io: &Io<'_>) -> String {
    let count = policy.count();
    let colour = if count.covered == count.all { Colour::Green } else { Colour::Red };
    let percent = io.paint(colour, &format!("{:>6}", count.percent()));
    let mut text = format!("{percent}  {:width$}  {} of {}, {}\n", policy.id, count.covered, count.all, noun(policy));
    text.extend(policy.gaps().map(|part| gap_to_text(part, sources)));
    text
}

fn gap_to_text(part: &Part, sources: &Sources) -> String {
    let at = sources.position(part.span);
    let file = sources.name(part.span.source);
    format!("        {}: {} ({file}:{}:{})\n", subject(part), part.gap().unwrap_or_default(), at.line, at.column)
}

/// What a line is about.
pub(super) fn subject(part: &Part) -> String {
    match &part.kind {
        PartKind::Policy => "the policy".to_owned(),
        PartKind::Link(id) => format!("the link `{id}`"),
        PartKind::Clause(_) | PartKind::Atom(_) => format!("`{}`", shorten(&part.text)),
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
