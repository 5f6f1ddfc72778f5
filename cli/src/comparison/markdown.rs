//! A comparison as a comment on a pull request: the decisions first, each with its request to unfold, then the policies.

use std::fmt::Write as _;

use super::{Comparison, Direction, Flip, Named, PolicyChanges, text};
use crate::output::{
    escape::{fence, summary},
    escape_markdown,
};

/// A comment has a limit; what is beyond is counted.
const SHOWN: usize = 30;

pub(crate) fn write(comparison: &Comparison) -> String {
    let [widened, narrowed] = [Direction::Widened, Direction::Narrowed].map(|direction| comparison.count(direction));
    let head = match (widened, narrowed) {
        (0, 0) if comparison.differs() => "policies differ, no decision does",
        (0, 0) => "nothing differs",
        (0, _) => "requests are denied that were allowed",
        (_, _) => "requests are allowed that were denied",
    };
    let lines: Vec<String> = text::summary(comparison).lines().map(escape_markdown).collect();
    let mut out = format!("### deodar diff: {head}\n\n{}\n", lines.join("<br>\n"));
    for flip in comparison.flips.iter().take(SHOWN) {
        out += &flip_to_markdown(flip);
    }
    let rest = comparison.flips.len().saturating_sub(SHOWN);
    if rest > 0 {
        // Writing to a string does not fail.
        let _ = write!(out, "\nand {rest} more kinds of requests\n");
    }
    out += &policies(&comparison.policies);
    if comparison.schema_differs {
        out += "\nThe schema differs.\n";
    }
    out
}

fn flip_to_markdown(flip: &Flip) -> String {
    let sign = match flip.direction {
        Direction::Widened => "⚠️",
        Direction::Narrowed => "🔒",
    };
    let count = if flip.count > 1 { format!(", {} requests", flip.count) } else { String::new() };
    let head = format!("{sign} {}: {}{count}", flip.direction.words(), text::kind(flip));
    let example = text::example(flip, "");
    let fence = fence(&example);
    format!(
        "\n<details><summary>{}</summary>\n\n- before: {}\n- now: {}\n\n{fence}yaml\n{example}{fence}\n\n</details>\n",
        summary(&head),
        escape_markdown(&text::reason(&flip.before)),
        escape_markdown(&text::reason(&flip.after)),
    )
}

fn policies(changes: &PolicyChanges) -> String {
    let PolicyChanges { added, removed, changed, renamed, .. } = changes;
    let row = |how: &str, named: &Named, note: &str| {
        let place = format!("{}:{}", named.file, named.line);
        let what = escape_markdown(&format!("`{}`", named.id));
        format!("| {how} | {} {what} | {}{note} |\n", named.effect, escape_markdown(&place))
    };
    let mut rows: Vec<String> = added.iter().map(|named| row("added", named, "")).collect();
    rows.extend(removed.iter().map(|named| row("removed", named, "")));
    rows.extend(
        changed.iter().map(|changed| {
            row("changed", &changed.new, if changed.only_annotations { ", annotations only" } else { "" })
        }),
    );
    rows.extend(renamed.iter().map(|(old, new)| row("renamed", new, &escape_markdown(&format!(", was `{}`", old.id)))));
    if rows.is_empty() {
        return String::new();
    }
    let mut out = format!("\n| | policy | where |\n|---|---|---|\n{}", rows.concat());
    for changed in changed.iter().filter(|changed| !changed.only_annotations).take(SHOWN) {
        let lines = text::changed_lines(changed, "");
        let fence = fence(&lines);
        let id = summary(&changed.new.id);
        let _ = write!(
            out,
            "\n<details><summary><code>{id}</code></summary>\n\n{fence}diff\n{lines}{fence}\n\n</details>\n"
        );
    }
    out
}
