//! SARIF 2.1.0 (OASIS), as code scanning services read it.
//!
//! A failed test is a result, too: its place is where the test is written.

use serde_json::{Value, json};

use super::{Results, failure_to_text};
use crate::{
    finding::{Finding, Place},
    report,
    suite::{CaseOutcome, CaseResult, Failure},
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The rule of failed tests.
const TEST_FAILED: &str = "test-failed";

pub(super) fn write(results: &Results<'_>) -> String {
    let mut rules: Vec<&str> = results.findings.iter().map(|finding| finding.code).collect();
    let failed: Vec<(&CaseResult, &Failure)> = results
        .tests
        .iter()
        .flat_map(|run| &run.cases)
        .filter_map(
            |case| if let CaseOutcome::Failed(failure) = &case.outcome { Some((case, &**failure)) } else { None },
        )
        .collect();
    rules.extend((!failed.is_empty()).then_some(TEST_FAILED));
    rules.sort_unstable();
    rules.dedup();
    let index = |code: &str| rules.iter().position(|rule| *rule == code);
    let findings = results.findings.iter().map(|finding| result(finding, index(finding.code)));
    let tests = failed.iter().map(|(case, failure)| test_result(case, failure, index(TEST_FAILED)));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "deodar",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|rule| rule_to_json(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": results.has_run }],
            "results": findings.chain(tests).collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}

fn rule_to_json(name: &str) -> Value {
    let page = report::pages().into_iter().find(|page| page.code.name == name);
    match page {
        Some(page) => json!({
            "id": name,
            "shortDescription": { "text": page.code.title },
            "help": { "text": page.text, "markdown": page.text },
        }),
        None => json!({
            "id": name,
            "shortDescription": { "text": "a test of the policies fails" },
        }),
    }
}

fn result(finding: &Finding, rule: Option<usize>) -> Value {
    let advice = finding.note.iter().chain(&finding.help).map(|advice| format!("\n{advice}"));
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity.name(),
        "message": { "text": format!("{}{}", finding.message, advice.collect::<String>()) },
        "partialFingerprints": { "deodar/v1": finding.fingerprint },
    });
    if let Some(object) = result.as_object_mut() {
        let mut places = finding.places.iter();
        object.insert("locations".to_owned(), places.next().map(location).into_iter().collect());
        let related = places.enumerate().map(|(id, place)| related_location(id, place));
        object.insert("relatedLocations".to_owned(), related.collect());
    }
    result
}

fn test_result(case: &CaseResult, failure: &Failure, rule: Option<usize>) -> Value {
    json!({
        "ruleId": TEST_FAILED,
        "ruleIndex": rule,
        "level": "error",
        "message": { "text": format!("the test `{}` fails\n{}", case.name, failure_to_text(failure, "")) },
        "locations": [location(&case.place)],
    })
}

fn location(place: &Place) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&place.file) },
        "region": {
            "startLine": place.line, "startColumn": place.column,
            "endLine": place.end_line, "endColumn": place.end_column,
        },
    }})
}

fn related_location(id: usize, place: &Place) -> Value {
    let mut location = location(place);
    if let Some(object) = location.as_object_mut() {
        object.insert("id".to_owned(), json!(id));
        object.insert("message".to_owned(), json!({ "text": place.label }));
    }
    location
}

/// A path as a relative reference.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
