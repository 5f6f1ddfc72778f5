//! Hand-written cases: what generated cases and Cedar's own tests do not show, or do not state.
//!
//! A file of `tests/cases` holds cases, each introduced by `=== name` and made of sections. A section starts with a
//! line `--- kind`, which may end with `rejected`:
//!
//! ```text
//! === a link takes its own id
//! --- policies
//! permit(principal == ?principal, action, resource);
//! --- link policy0 as link0 ?principal=U::"a"
//! --- schema
//! --- entities
//! [{ "uid": { "type": "U", "id": "a" }, "attrs": {}, "parents": [] }]
//! --- request U::"a" Action::"v" R::"r" {}
//! allow by link0; errors policy1
//! --- expressions
//! principal in U::"a"  =  true
//! ```
//!
//! Every expectation is checked with our engine and with the reference, so a wrong expectation fails as well.

use std::{collections::BTreeSet, fs, path::Path};

use deodar_runtime::EntityUid;
use deodar_tests::{
    oracle,
    question::{Acceptance, Document, Evaluation, Link, Question, Request, Response, Uid},
    subject::{Deodar, Reference, Subject},
};

/// A section: its kind, what stands behind it, whether it is rejected, and its text.
struct Section<'t> {
    kind: &'t str,
    rest: &'t str,
    rejected: bool,
    text: String,
}

#[test]
fn hand_written_cases_hold_for_both_engines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a folder of cases").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no cases");
    let mut failures = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert!(text.contains("\n=== ") && !text.starts_with("=== "), "{name}: the first case follows a line");
        for case in text.split("\n=== ").skip(1) {
            let (title, body) = case.split_once('\n').unwrap_or((case, ""));
            for (engine, subject) in [("reference", &Reference as &dyn Subject), ("deodar", &Deodar)] {
                let found = oracle::on_big_stack(|| run_case(&sections(body), subject));
                failures.extend(found.into_iter().map(|failure| format!("{name}: {title}: {engine}: {failure}")));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn sections(body: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in body.lines() {
        if let Some(header) = line.strip_prefix("--- ") {
            let (header, rejected) = header.strip_suffix(" rejected").map_or((header, false), |header| (header, true));
            let (kind, rest) = header.split_once(' ').unwrap_or((header, ""));
            sections.push(Section { kind, rest, rejected, text: String::new() });
        } else if let Some(section) = sections.last_mut() {
            section.text.push_str(line);
            section.text.push('\n');
        }
    }
    sections
}

fn run_case(sections: &[Section<'_>], engine: &dyn Subject) -> Vec<String> {
    let mut found = Vec::new();
    let question = question(sections);
    let answers = engine.answer(&question);
    let mut links = answers.links.iter();
    let mut requests = answers.requests.iter();
    for section in sections {
        match section.kind {
            "policies" | "json" => check_acceptance(section, &answers.policies, &mut found),
            "schema" | "json-schema" => check_acceptance(section, &answers.schema, &mut found),
            "entities" => check_acceptance(section, &answers.entities, &mut found),
            "link" => match links.next() {
                Some(link) => check_acceptance(section, link, &mut found),
                None => found.push("no answer to a link".into()),
            },
            "request" => match requests.next() {
                Some(answer) => check_response(section, answer, &mut found),
                None => found.push("no answer to a request".into()),
            },
            "expressions" => check_expressions(&section.text, &question, engine, &mut found),
            other => found.push(format!("unknown section `{other}`")),
        }
    }
    found
}

fn question(sections: &[Section<'_>]) -> Question {
    let mut question = Question {
        policies: Document::cedar(""),
        links: Vec::new(),
        schema: None,
        entities: "[]".into(),
        requests: Vec::new(),
        verdict: false,
    };
    for section in sections {
        match section.kind {
            "policies" => question.policies = Document::cedar(&section.text),
            "json" => question.policies = Document::json(&section.text),
            "schema" => question.schema = Some(Document::cedar(&section.text)),
            "json-schema" => question.schema = Some(Document::json(&section.text)),
            "entities" => question.entities.clone_from(&section.text),
            "link" => question.links.push(link(section.rest)),
            "request" => question.requests.push(request(section.rest)),
            _ => {}
        }
    }
    question
}

/// `template as id ?slot=Type::"id" …`
fn link(text: &str) -> Link {
    let mut words = text.split(' ');
    let template = words.next().unwrap_or_default().to_owned();
    let id = words.nth(1).unwrap_or_default().to_owned();
    let values = words.map(|word| {
        let (slot, entity) = word.split_once('=').expect("a slot and an entity");
        (slot.to_owned(), uid(entity))
    });
    Link { template, id, values: values.collect() }
}

/// `principal action resource context`; ids have no spaces.
fn request(text: &str) -> Request {
    let mut words = text.splitn(4, ' ');
    let mut entity = || uid(words.next().expect("an entity"));
    let (principal, action, resource) = (entity(), entity(), entity());
    let context = words.next().unwrap_or("{}").to_owned();
    Request { principal, action, resource, context, validate: true }
}

fn uid(text: &str) -> Uid {
    let uid: EntityUid = text.parse().unwrap_or_else(|error| panic!("{error}"));
    Uid::new(uid.entity_type().as_str(), uid.id())
}

fn check_acceptance(section: &Section<'_>, got: &Acceptance, found: &mut Vec<String>) {
    match (section.rejected, got) {
        (false, Err(error)) => found.push(format!("{} {}: rejected: {error}", section.kind, section.rest)),
        (true, Ok(())) => found.push(format!("{} {}: accepted", section.kind, section.rest)),
        (true, Err(_)) | (false, Ok(())) => {}
    }
}

/// `decision [by id, …] [; errors id, …]`
fn check_response(section: &Section<'_>, got: &Result<Response, String>, found: &mut Vec<String>) {
    let expected = section.text.trim();
    let got = match got {
        Ok(_) if section.rejected => "accepted".to_owned(),
        Err(_) if section.rejected => return,
        Err(error) => format!("rejected: {error}"),
        Ok(response) => summary(response),
    };
    let normal = |text: &str| -> Vec<BTreeSet<String>> {
        let words = |part: &str| part.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        text.split(';').map(words).collect()
    };
    if normal(expected) != normal(&got) {
        found.push(format!("request {}: expected `{expected}`; got `{got}`", section.rest));
    }
}

fn summary(response: &Response) -> String {
    let mut text = response.decision.word().to_owned();
    if !response.reasons.is_empty() {
        text.push_str(" by ");
        text.push_str(&response.reasons.iter().cloned().collect::<Vec<_>>().join(", "));
    }
    if !response.errors.is_empty() {
        text.push_str("; errors ");
        text.push_str(&response.errors.keys().cloned().collect::<Vec<_>>().join(", "));
    }
    text
}

/// What an expression is expected to give.
enum Expectation<'t> {
    Rejected,
    Value(&'t str),
    Failed(&'t str),
}

impl Expectation<'_> {
    fn is_met(&self, got: &Evaluation) -> bool {
        match (self, got) {
            (Self::Rejected, Evaluation::Rejected(_)) => true,
            (Self::Value(expected), Evaluation::Value(got)) => oracle::equal_values(expected, got),
            (Self::Failed(expected), Evaluation::Failed(got)) => got.name() == *expected,
            _ => false,
        }
    }
}

/// `expression  =  value`, `expression  !!  kind of error`, or `expression  rejected`
fn expectation(line: &str) -> Option<(&str, Expectation<'_>)> {
    if let Some(expression) = line.strip_suffix("  rejected") {
        return Some((expression, Expectation::Rejected));
    }
    let value = line.split_once("  =  ").map(|(expression, value)| (expression, Expectation::Value(value)));
    value.or_else(|| line.split_once("  !!  ").map(|(expression, kind)| (expression, Expectation::Failed(kind))))
}

fn check_expressions(text: &str, question: &Question, engine: &dyn Subject, found: &mut Vec<String>) {
    let request = question.requests.first().cloned().unwrap_or_else(|| request(r#"U::"a" Action::"v" R::"r" {}"#));
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("// ")) {
        let Some((expression, expected)) = expectation(line) else {
            found.push(format!("not an expectation: {line}"));
            continue;
        };
        match engine.evaluate(expression, &question.entities, &request) {
            Ok(got) if expected.is_met(&got) => {}
            got => found.push(format!("expected `{line}`; got {got:?}")),
        }
    }
}
