//! Sentences that several formats share.

use crate::{
    output::{Results, counted},
    suite::Failure,
};

/// Everything that was found, in one line.
pub(crate) fn summary_to_text(results: &Results<'_>) -> String {
    let summary = results.summary();
    let mut parts = Vec::new();
    let mut count = |count: usize, noun: &str| {
        if count > 0 {
            parts.push(counted(count, noun));
        }
    };
    count(summary.errors, "error");
    count(summary.warnings, "warning");
    count(results.accepted, "accepted finding");
    // A command that says what it has measured need not say that it finds no fault.
    let is_silent = parts.is_empty() && !results.notes.is_empty() && results.command != "check";
    let problems = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
    let tests = results.tests.map(|_| {
        let skipped = if summary.skipped > 0 { format!(", {} skipped", summary.skipped) } else { String::new() };
        format!("tests: {} passed, {} failed{skipped}", summary.passed, summary.failed)
    });
    let not_run = || (results.command == "check").then(|| "the tests did not run".to_owned());
    let parts = [(!is_silent).then_some(problems), tests.or_else(not_run)].into_iter().flatten();
    parts.chain(results.notes.iter().cloned()).collect::<Vec<_>>().join("; ")
}

/// What differs, a line each, and then why.
pub(crate) fn failure_to_text(failure: &Failure, indentation: &str) -> String {
    let lines = failure.differences.iter().flat_map(|line| [indentation, line, "\n"]);
    lines.collect::<String>() + &failure.because.to_text(indentation)
}
