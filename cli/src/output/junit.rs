//! JUnit XML: one test case for each test, and one for each finding.
//!
//! The form is the one that CI services agree on: `testsuites`, `testsuite`, `testcase`, with `failure`, `error` and
//! `skipped` in it.

use std::fmt::Write;

use super::{Results, failure_to_text};
use crate::{
    finding::Finding,
    suite::{CaseOutcome, CaseResult},
};

pub(super) fn write(results: &Results<'_>) -> String {
    let mut suites = String::new();
    let findings: Vec<String> = results.findings.iter().map(|found| finding(results, found)).collect();
    let failures = results.summary().errors;
    let mut total = Counts { tests: findings.len().max(1), failures, ..Counts::default() };
    if results.findings.is_empty() {
        let name = results.command;
        suites += &suite(
            &format!("deodar {name}"),
            total,
            &format!("    <testcase name=\"{name}\" classname=\"deodar\"/>\n"),
        );
    } else {
        suites += &suite(&format!("deodar {}", results.command), total, &findings.concat());
    }
    let cases: &[CaseResult] = results.tests.map_or(&[], |run| &run.cases);
    for cases in cases.chunk_by(|one, other| one.place.file == other.place.file) {
        let counts = Counts::of(cases);
        total = total.and(counts);
        let name = cases.first().map(|case| case.place.file.as_str()).unwrap_or_default();
        suites += &suite(name, counts, &cases.iter().map(case).collect::<String>());
    }
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"deodar\" {total}>\n{suites}</testsuites>\n")
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    micros: u128,
}

impl Counts {
    fn of(cases: &[CaseResult]) -> Self {
        cases.iter().fold(Self::default(), |counts, case| {
            let counts = Self { tests: counts.tests + 1, micros: counts.micros + case.micros, ..counts };
            match case.outcome {
                CaseOutcome::Passed => counts,
                CaseOutcome::Failed(_) => Self { failures: counts.failures + 1, ..counts },
                CaseOutcome::Unreadable => Self { errors: counts.errors + 1, ..counts },
                CaseOutcome::Skipped(_) => Self { skipped: counts.skipped + 1, ..counts },
            }
        })
    }

    fn and(self, other: Self) -> Self {
        Self {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
            micros: self.micros + other.micros,
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tests, failures, errors, skipped, micros } = self;
        let time = seconds(*micros);
        write!(f, "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{time}\"")
    }
}

fn suite(name: &str, counts: Counts, cases: &str) -> String {
    format!("  <testsuite name=\"{}\" {counts}>\n{cases}  </testsuite>\n", escape(name))
}

fn seconds(micros: u128) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

fn case(case: &CaseResult) -> String {
    let (name, file, time) = (escape(&case.name), escape(&case.place.file), seconds(case.micros));
    let head = format!(
        "    <testcase name=\"{name}\" classname=\"{file}\" file=\"{file}\" line=\"{}\" time=\"{time}\"",
        case.place.line
    );
    match &case.outcome {
        CaseOutcome::Passed => format!("{head}/>\n"),
        CaseOutcome::Skipped(reason) => {
            format!("{head}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", escape(reason))
        }
        CaseOutcome::Unreadable => {
            format!(
                "{head}>\n      <error message=\"the test could not run; the findings say why\"/>\n    </testcase>\n"
            )
        }
        CaseOutcome::Failed(failure) => {
            let message = failure.differences.first().map(String::as_str).unwrap_or_default();
            let text = format!("{}:{}\n{}", case.place.file, case.place.line, failure_to_text(failure, ""));
            format!(
                "{head}>\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                escape(message),
                escape(&text)
            )
        }
    }
}

fn finding(results: &Results<'_>, finding: &Finding) -> String {
    let mut text = String::new();
    let place = finding.places.first();
    let at = place.map(|place| format!("{}:{}:{}", place.file, place.line, place.column)).unwrap_or_default();
    let name = format!("{} {at}", finding.code);
    let attributes = place.map(|place| format!(" file=\"{}\" line=\"{}\"", escape(&place.file), place.line));
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "    <testcase name=\"{}\" classname=\"deodar.{}\"{}>\n      ",
        escape(name.trim_end()),
        results.command,
        attributes.unwrap_or_default()
    );
    let advice: String = finding.note.iter().chain(&finding.help).flat_map(|advice| ["\n", advice]).collect();
    let body = escape(&format!("{at}\n{}{advice}", finding.message));
    let _ = if finding.is_error() {
        let message = escape(&finding.message);
        write!(text, "<failure message=\"{message}\" type=\"{}\">{body}</failure>", finding.code)
    } else {
        write!(text, "<system-out>{body}</system-out>")
    };
    text + "\n    </testcase>\n"
}

/// Text in XML 1.0, which has no way to write most control characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\r' => escaped.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
