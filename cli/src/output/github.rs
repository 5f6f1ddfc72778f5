//! Workflow commands of GitHub: each becomes an annotation on its line.
//!
//! A command ends with its line, and its properties with commas and colons, so these are escaped; nothing in a policy
//! or test can make a command of its own.

use super::{Results, failure_to_text, summary_to_text};
use crate::{
    finding::{Finding, Place},
    suite::{CaseOutcome, CaseResult},
};

pub(super) fn write(results: &Results<'_>) -> String {
    let findings = results.findings.iter().map(finding);
    let tests = results.tests.iter().flat_map(|run| &run.cases).filter_map(test);
    let commands: String = findings.chain(tests).collect();
    format!("{commands}{}\n", summary_to_text(results))
}

fn finding(finding: &Finding) -> String {
    let advice = finding.note.iter().chain(&finding.help).map(|advice| format!("\n{advice}"));
    let message = format!("{}{}", finding.message, advice.collect::<String>());
    command(finding.severity.name(), finding.places.first(), finding.code, &message)
}

fn test(case: &CaseResult) -> Option<String> {
    match &case.outcome {
        CaseOutcome::Passed | CaseOutcome::Unreadable => None,
        CaseOutcome::Failed(failure) => {
            let title = format!("test failed: {}", case.name);
            Some(command("error", Some(&case.place), &title, failure_to_text(failure, "").trim_end()))
        }
        CaseOutcome::Skipped(reason) => {
            let title = format!("test skipped: {}", case.name);
            Some(command("notice", Some(&case.place), &title, reason))
        }
    }
}

fn command(level: &str, place: Option<&Place>, title: &str, message: &str) -> String {
    let place = place.map(|place| {
        let file = property(&place.file);
        // GitHub ignores columns if the lines differ.
        let columns = if place.line == place.end_line {
            format!(",col={},endColumn={}", place.column, place.end_column)
        } else {
            String::new()
        };
        format!("file={file},line={},endLine={}{columns},", place.line, place.end_line)
    });
    format!("::{level} {}title={}::{}\n", place.unwrap_or_default(), property(title), data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
