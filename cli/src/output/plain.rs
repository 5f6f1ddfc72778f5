//! One line for each finding, as compilers write them: `file:line:column: severity: message [code]`.

use super::{Results, failure_to_text, summary_to_text};
use crate::{finding::Finding, suite::CaseOutcome};

pub(super) fn write(results: &Results<'_>) -> String {
    let findings = results.findings.iter().map(finding);
    let tests = results.tests.iter().flat_map(|run| &run.cases);
    let tests = tests.filter_map(|case| match &case.outcome {
        CaseOutcome::Passed => None,
        CaseOutcome::Unreadable => {
            let place = &case.place;
            Some(format!("{}:{}:{}: failed: {}: it could not run\n", place.file, place.line, place.column, case.name))
        }
        CaseOutcome::Failed(failure) => {
            let (place, name) = (&case.place, &case.name);
            let (file, line, column) = (&place.file, place.line, place.column);
            Some(format!("{file}:{line}:{column}: failed: {name}\n{}", failure_to_text(failure, "  ")))
        }
        CaseOutcome::Skipped(reason) => {
            let place = &case.place;
            Some(format!("{}:{}:{}: skipped: {}: {reason}\n", place.file, place.line, place.column, case.name))
        }
    });
    let lines: String = findings.chain(tests).collect();
    format!("{lines}{}\n", summary_to_text(results))
}

fn finding(finding: &Finding) -> String {
    let place = finding.places.first();
    let place = place.map(|place| format!("{}:{}:{}: ", place.file, place.line, place.column)).unwrap_or_default();
    let message = finding.message.replace('\n', " ");
    let mut text = format!("{place}{}: {message} [{}]\n", finding.severity.name(), finding.code);
    for advice in finding.note.iter().chain(&finding.help) {
        text.extend(advice.lines().map(|line| format!("  {line}\n")));
    }
    text
}
