//! Coverage beside the source: each line with a sign, and below it what no test shows of it.
//!
//! `+` is a line all of whose parts are covered, `!` one with a gap.

use std::fmt::Write;

use deodar_grammar::Sources;

use super::{Coverage, Part, PolicyCoverage, by_file};

pub(crate) fn to_source(coverage: &Coverage, sources: &Sources) -> String {
    let files = by_file(coverage, sources);
    files.into_iter().map(|(name, text, policies)| file_to_source(name, text, policies, sources)).collect()
}

fn file_to_source(name: &str, text: &str, policies: &[PolicyCoverage], sources: &Sources) -> String {
    let parts: Vec<(u32, u32, &Part)> = policies
        .iter()
        .flat_map(|policy| &policy.parts)
        .map(|part| {
            let at = sources.position(part.span);
            (at.line, at.column, part)
        })
        .collect();
    let mut out = format!("{name}\n");
    for (number, line) in (1_u32..).zip(text.lines()) {
        let here: Vec<_> = parts.iter().filter(|(at, ..)| *at == number).collect();
        let sign = match here.iter().any(|(.., part)| part.is_gap()) {
            true => '!',
            false if here.is_empty() => ' ',
            false => '+',
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", format!("{sign} {number:>4} | {line}").trim_end());
        for (_, column, part) in here.iter().filter(|(.., part)| part.is_gap()) {
            let (indent, width) = marked(line, *column, &part.text);
            let signs = "^".repeat(width);
            let gap = part.gap().unwrap_or_default();
            let _ = writeln!(out, "       | {indent}{signs} {}{gap}", of_link(part));
        }
    }
    out + "\n"
}

/// What stands before the marked text, as white space, and how many characters of the line it has.
fn marked(line: &str, column: u32, text: &str) -> (String, usize) {
    let before = (column.saturating_sub(1)) as usize;
    let indent = line.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let rest = line.chars().count().saturating_sub(before);
    (indent, text.chars().count().clamp(1, rest.max(1)))
}

fn of_link(part: &Part) -> String {
    match &part.kind {
        super::PartKind::Link(id) => format!("the link `{id}` is "),
        super::PartKind::Policy | super::PartKind::Clause(_) | super::PartKind::Atom(_) => String::new(),
    }
}
