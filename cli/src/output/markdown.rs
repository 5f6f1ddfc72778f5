//! Markdown for a comment on a pull request: the summary, a table of findings, and what became of failed tests.

use std::fmt::Write;

use super::{
    Results,
    escape::{fence, markdown as escape, summary},
    failure_to_text, summary_to_text,
};
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
            let fence = fence(&why);
            let place = format!("{}:{}", case.place.file, case.place.line);
            let name = summary(&case.name);
            let _ = write!(
                text,
                "\n<details><summary>test failed: {name} ({})</summary>\n\n{fence}text\n{why}{fence}\n\n</details>\n",
                summary(&place)
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
