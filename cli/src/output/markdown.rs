//! Markdown for a comment on a pull request: the summary, a table of findings, and what became of failed tests.

use std::fmt::Write;

use super::{Results, failure_to_text, summary_to_text};
use crate::{finding::Finding, suite::CaseOutcome};

/// A comment has a limit; what is beyond these rows is counted.
const ROWS: usize = 100;

pub(super) fn write(results: &Results<'_>) -> String {
    let verdict = if results.ok { "passed" } else { "failed" };
    let mut text = format!("### deodar {}: {verdict}\n\n{}\n", results.command, escape(&summary_to_text(results)));
    if !results.findings.is_empty() {
        text += "\n| | where | what | code |\n|---|---|---|---|\n";
        text.extend(results.findings.iter().take(ROWS).map(row));
        let rest = results.findings.len().saturating_sub(ROWS);
        if rest > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, "\nand {rest} more\n");
        }
    }
    for case in results.tests.iter().flat_map(|run| &run.cases) {
        if let CaseOutcome::Failed(failure) = &case.outcome {
            let why = failure_to_text(failure, "");
            let fence = "`".repeat(longest_run(&why).max(2) + 1);
            let place = format!("{}:{}", case.place.file, case.place.line);
            let name = escape(&case.name);
            let _ = write!(
                text,
                "\n<details><summary>test failed: {name} ({})</summary>\n\n{fence}text\n{why}{fence}\n\n</details>\n",
                escape(&place)
            );
        }
    }
    text
}

fn row(finding: &Finding) -> String {
    let place = finding.places.first().map(|place| format!("{}:{}", place.file, place.line)).unwrap_or_default();
    let advice = finding.note.iter().chain(&finding.help).map(|advice| format!("<br>{}", escape(advice)));
    let sign = if finding.is_error() { "❌" } else { "⚠️" };
    let message = escape(&finding.message) + &advice.collect::<String>();
    format!("| {sign} | {} | {message} | `{}` |\n", escape(&place), finding.code)
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// Text in a cell of a table: neither HTML nor a mention, and on one line. Code in backticks stays code.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let has_code = text.matches('`').count().is_multiple_of(2) && !text.contains("``");
    let mut in_code = false;
    for c in text.chars() {
        in_code ^= c == '`' && has_code;
        match c {
            '&' | '<' | '>' | '@' if in_code => escaped.push(c),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' => escaped.push_str("\\|"),
            '@' => escaped.push_str("&#64;"),
            '\n' | '\r' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
