//! The result as JSON, of the form that `docs/results.schema.json` describes.

use serde_json::{Value, json};

use super::{Results, Summary};
use crate::{
    finding::Finding,
    suite::{CaseOutcome, CaseResult},
};

/// The version of the form; it changes when a program that reads the form would have to.
const VERSION: u32 = 1;

/// The commands whose result has this form; the schema lists them, too.
pub(crate) const RESULTS_OF: [&str; 4] = ["check", "test", "cover", "mutate"];

pub(crate) fn to_json(results: &Results<'_>) -> Value {
    let Summary { errors, warnings, passed, failed, skipped } = results.summary();
    let mut value = json!({
        "version": VERSION,
        "command": results.command,
        "ok": results.ok,
        "summary": {
            "errors": errors, "warnings": warnings, "accepted": results.accepted,
            "passed": passed, "failed": failed, "skipped": skipped,
        },
        "findings": results.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
    });
    if let Some(object) = value.as_object_mut() {
        object.extend(results.tests.map(|run| ("tests".to_owned(), run.cases.iter().map(case).collect())));
        object.extend(results.members.iter().map(|(name, member)| ((*name).to_owned(), member.clone())));
    }
    value
}

fn case(case: &CaseResult) -> Value {
    let mut value = json!({
        "name": case.name, "file": case.place.file, "line": case.place.line, "column": case.place.column,
    });
    let outcome = match &case.outcome {
        CaseOutcome::Passed => json!({ "outcome": "passed" }),
        CaseOutcome::Unreadable => json!({ "outcome": "error" }),
        CaseOutcome::Skipped(reason) => json!({ "outcome": "skipped", "reason": reason }),
        CaseOutcome::Failed(failure) => json!({
            "outcome": "failed", "differences": failure.differences, "response": failure.because.to_json_with_asked(),
        }),
    };
    if let (Some(object), Value::Object(outcome)) = (value.as_object_mut(), outcome) {
        object.extend(outcome);
    }
    value
}
