//! `run-tests`: requests with the decisions that they should have.
//!
//! A test that cannot be read is reported and counted as failed; the others still run. With a schema the policies must
//! be valid without errors or warnings, or every test fails, as with `cedar`; what is wrong with them is reported once.

use std::path::Path;

use deodar_compiler::{CheckOptions, Schema};
use deodar_grammar::{SourceId, Span};
use deodar_lexicon::json::{Document, Kind, Value};
use deodar_runtime::{Decision, Engine, Entities, Program, Request, Response};
use serde_json::json;

use crate::{
    args::{Format, RunTestsArgs},
    explanation::{Explanation, Texts},
    finding::Place,
    input::{LinksFile, Policies, read_entities, read_policies, read_request_value, read_schema, validated},
    io::Colour,
    project::Levels,
    report,
    session::{Exit, Outcome, Session, Stop},
    suite::{CaseOutcome, CaseResult, Failure, TestRun, not_completed},
    validation::{Denied, check_policies},
};

/// What the tests of one run share.
struct Suite<'a> {
    program: Program,
    policies: Policies,
    schema: Option<Schema>,
    /// Whether the policies are valid, if there is a schema.
    valid: bool,
    source: SourceId,
    /// The path of the file of tests; files of entities are named relative to it.
    path: &'a str,
}

/// One test, read.
struct Test {
    request: Request,
    entities: Entities,
    decision: Decision,
    reason: Vec<String>,
    n_errors: usize,
}

/// How a test ended.
enum Verdict {
    Passed,
    /// With what differs, and why the decision is what it is.
    Failed(String, Box<Explanation>),
    /// The problems went to the session.
    Unreadable,
    /// The policies are not valid.
    NotValid,
}

pub(super) fn run(args: &RunTestsArgs, session: &mut Session<'_>) -> Outcome {
    let policies = read_policies(session, &args.policies, LinksFile::Required);
    let source = session.read_source(&args.tests, "the tests");
    let schema = read_schema(session, &args.schema);
    session.stop_on_errors()?;
    let (Some(source), Some(program)) = (source, policies.compile(session)) else { return Err(Stop::Problems) };
    let valid = schema.as_ref().is_none_or(|schema| {
        let (_, counts) = check_policies(session, &policies, schema, CheckOptions::default(), &Levels::default());
        counts.passed(Denied { warnings: true, lints: false })
    });
    let suite = Suite { program, policies, schema, valid, source, path: &args.tests };
    let text = session.sources.text(source).to_owned();
    let document = match Document::parse(&text) {
        Ok(document) => document,
        Err(error) => return session.stop(report::invalid_json(&error, source)),
    };
    let Some(tests) = document.root().as_array() else {
        return session.stop(report::unexpected_json(document.root(), source, "an array of tests"));
    };
    let tests: Vec<Value<'_>> = tests.iter().collect();
    match session.format {
        Format::Text => run_as_text(session, &suite, &tests),
        Format::Json => run_as_json(session, &suite, &tests),
    }
}

/// What `cedar` says of every test of a policy set that does not pass validation.
const NOT_VALID: &str = "policy set validation failed";

fn run_as_text(session: &mut Session<'_>, suite: &Suite<'_>, tests: &[Value<'_>]) -> Outcome {
    let mut failed = 0;
    let mut run = TestRun::default();
    session.io.stdout(&format!("running {} test(s)\n", tests.len()))?;
    for value in tests {
        session.io.stdout(&format!("  test {} ... ", name(*value).unwrap_or("(unnamed)")))?;
        let mark = session.mark();
        let outcome = match run_test(session, suite, *value) {
            Verdict::Passed => {
                let ok = session.io.paint(Colour::Green, "ok");
                session.io.stdout(&format!("{ok}\n"))?;
                CaseOutcome::Passed
            }
            Verdict::Failed(difference, explanation) => {
                failed += 1;
                let fail = session.io.paint(Colour::Red, "fail");
                session.io.stdout(&format!("{fail}: {difference}\n"))?;
                session.io.flush()?;
                session.people(&explanation.to_text("    "))?;
                CaseOutcome::Failed(Box::new(Failure { differences: vec![difference], because: *explanation }))
            }
            Verdict::Unreadable => {
                failed += 1;
                let error = session.io.paint(Colour::Red, "error");
                let reports = session.take_reports_for_text(mark);
                session.io.stdout(&format!("{error}:\n{reports}"))?;
                CaseOutcome::Unreadable
            }
            Verdict::NotValid => {
                failed += 1;
                let error = session.io.paint(Colour::Red, "error");
                session.io.stdout(&format!("{error}: {NOT_VALID}\n"))?;
                CaseOutcome::Unreadable
            }
        };
        let name = name(*value).unwrap_or("(unnamed)").replace(|c: char| c.is_control(), " ");
        let start = report::span(*value, suite.source).start;
        let place = Place::of(&session.sources, Span { source: suite.source, start, end: start }, "");
        run.cases.push(CaseResult { name, place, micros: 0, outcome });
    }
    session.tests = Some(run);
    let paint = |when: bool, colour, text: &str| if when { session.io.paint(colour, text) } else { text.to_owned() };
    let passed_text = paint(failed == 0, Colour::Green, "passed");
    let failed_text = paint(failed != 0, Colour::Red, "failed");
    session.io.stdout(&format!("results: {} {passed_text}, {failed} {failed_text}\n", tests.len() - failed))?;
    Ok(if failed == 0 { Exit::Success } else { Exit::Failure })
}

fn run_as_json(session: &mut Session<'_>, suite: &Suite<'_>, tests: &[Value<'_>]) -> Outcome {
    let mut failed = 0;
    let mut results = Vec::new();
    for value in tests {
        let mark = session.mark();
        let name = name(*value);
        let verdict = run_test(session, suite, *value);
        failed += usize::from(!matches!(verdict, Verdict::Passed));
        results.push(match verdict {
            Verdict::Passed => json!({ "name": name, "outcome": "passed" }),
            Verdict::Failed(difference, explanation) => json!({
                "name": name, "outcome": "failed", "difference": difference, "response": explanation.to_json(),
            }),
            Verdict::Unreadable => {
                json!({ "name": name, "outcome": "error", "problems": session.take_problems_as_json(mark) })
            }
            Verdict::NotValid => json!({ "name": name, "outcome": "error", "difference": NOT_VALID, "problems": [] }),
        });
    }
    let passed = tests.len() - failed;
    let problems = session.problems_to_json();
    session.print_json(&json!({ "tests": results, "passed": passed, "failed": failed, "problems": problems }))?;
    Ok(if failed == 0 { Exit::Success } else { Exit::Failure })
}

fn name(value: Value<'_>) -> Option<&str> {
    value.as_object()?.get("name")?.as_str()
}

fn run_test(session: &mut Session<'_>, suite: &Suite<'_>, value: Value<'_>) -> Verdict {
    let Some(test) = read_test(session, suite, value) else { return Verdict::Unreadable };
    if !suite.valid {
        return Verdict::NotValid;
    }
    let engine = Engine::new(suite.program.clone(), test.entities);
    let response = engine.authorize(&test.request);
    match difference(&response, test.decision, &test.reason, test.n_errors) {
        None => Verdict::Passed,
        Some(difference) => {
            let texts = Texts { sources: &session.sources, sets: &suite.policies.sets };
            Verdict::Failed(difference, Box::new(Explanation::new(&engine, &test.request, texts)))
        }
    }
}

/// What the response has that the test does not expect, or the other way round; in the words of `cedar`.
fn difference(response: &Response, decision: Decision, reason: &[String], n_errors: usize) -> Option<String> {
    if let Some(reason) = not_completed(response) {
        return Some(reason);
    }
    if response.decision() != decision {
        return Some(format!("expected {decision:?}, got {:?}", response.decision()));
    }
    let mut differences = Vec::new();
    let determining = response.determining();
    let missing: Vec<_> = reason.iter().filter(|id| !determining.iter().any(|d| d == id.as_str())).collect();
    if !missing.is_empty() {
        let ids: Vec<_> = missing.into_iter().map(|id| format!("`{id}`")).collect();
        differences.push(format!("missing reason(s): {}", ids.join(", ")));
    }
    if response.errors().len() != n_errors {
        let errors: Vec<_> = response.errors().iter().map(crate::explanation::error_text).collect();
        let list = if errors.is_empty() { String::new() } else { format!(": {}", errors.join(", ")) };
        let n_actual = errors.len();
        differences.push(format!("expected {n_errors} error(s), but got {n_actual} runtime error(s){list}"));
    }
    (!differences.is_empty()).then(|| differences.join("; "))
}

fn read_test(session: &mut Session<'_>, suite: &Suite<'_>, value: Value<'_>) -> Option<Test> {
    let Some(object) = value.as_object() else {
        session.report(report::unexpected_json(value, suite.source, "an object with a test"));
        return None;
    };
    let mut member = |name: &str| {
        let found = object.get(name);
        if found.is_none() {
            session.report(report::missing_member(value, suite.source, name, "test"));
        }
        found
    };
    let (request, entities) = (member("request"), member("entities"));
    let (decision, reason, n_errors) = (member("decision"), member("reason"), member("num_errors"));
    let decision = read_decision(session, suite, decision?);
    let reason = read_reason(session, suite, reason?);
    let n_errors = read_count(session, suite, n_errors?);
    let request = read_request(session, suite, request?);
    let entities = read_test_entities(session, suite, entities?);
    Some(Test { request: request?, entities: entities?, decision: decision?, reason: reason?, n_errors: n_errors? })
}

fn read_decision(session: &mut Session<'_>, suite: &Suite<'_>, value: Value<'_>) -> Option<Decision> {
    match value.as_str() {
        Some("allow") => Some(Decision::Allow),
        Some("deny") => Some(Decision::Deny),
        Some(_) | None => {
            session.report(report::unexpected_json(value, suite.source, "`\"allow\"` or `\"deny\"`"));
            None
        }
    }
}

fn read_reason(session: &mut Session<'_>, suite: &Suite<'_>, value: Value<'_>) -> Option<Vec<String>> {
    let ids = value.as_array().and_then(|ids| ids.iter().map(|id| id.as_str().map(str::to_owned)).collect());
    if ids.is_none() {
        session.report(report::unexpected_json(value, suite.source, "an array of policy ids"));
    }
    ids
}

fn read_count(session: &mut Session<'_>, suite: &Suite<'_>, value: Value<'_>) -> Option<usize> {
    let count = if let Kind::Number(digits) = value.kind() { digits.parse().ok() } else { None };
    if count.is_none() {
        session.report(report::unexpected_json(value, suite.source, "a count of errors"));
    }
    count
}

fn read_request(session: &mut Session<'_>, suite: &Suite<'_>, value: Value<'_>) -> Option<Request> {
    let request = read_request_value(session, value, suite.source, suite.schema.as_ref())?;
    validated(request, suite.schema.as_ref())
        .map_err(|error| session.report(report::input(&error, suite.source, value.span().start)))
        .ok()
}

fn read_test_entities(session: &mut Session<'_>, suite: &Suite<'_>, value: Value<'_>) -> Option<Entities> {
    let shapes = suite.schema.as_ref().map(Schema::shapes);
    if let Some(file) = value.as_str() {
        let Some(path) = entities_path(session, suite, file) else {
            session.report(report::outside_of_tests(value, suite.source));
            return None;
        };
        return read_entities(session, &path, shapes);
    }
    Entities::from_json(value.source(), shapes)
        .map_err(|error| session.report(report::input(&error, suite.source, value.span().start)))
        .ok()
}

/// The path of a file that a test names: next to the tests or below, as files of tests may come from elsewhere.
fn entities_path(session: &Session<'_>, suite: &Suite<'_>, file: &str) -> Option<String> {
    let folder = Path::new(suite.path).parent().unwrap_or(Path::new(""));
    let path = folder.join(file);
    let full = session.io.path(&path);
    let full_folder = session.io.path(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    // A file that is not there is reported when it is read.
    let inside = match (full.canonicalize(), full_folder.canonicalize()) {
        (Ok(full), Ok(folder)) => full.starts_with(folder),
        (Err(_), _) | (_, Err(_)) => true,
    };
    inside.then(|| path.to_string_lossy().into_owned())
}
