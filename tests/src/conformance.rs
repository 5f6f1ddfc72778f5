//! Runs test cases in the format of Cedar's integration tests.
//!
//! A case names policies, a schema and entities, and lists requests with the decision, the determining policies and the
//! failing policies that are expected. All three are compared exactly. What is counted is the request: it passes if
//! everything it depends on is accepted and its answer is the expected one. A case whose policies, schema or entities
//! are rejected fails all of its requests. The verdict of the type checker counts as one more, and fails with them.

use std::{
    collections::{BTreeSet, HashSet},
    fmt, fs, io,
    path::Path,
    thread,
};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    archive::Archive,
    question::{Answers, Decision, Document, Format, Question, Request, Response, Uid},
    subject::Subject,
};

/// One test case, as it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CaseFile {
    policies: String,
    #[serde(default)]
    policy_format: FormatName,
    entities: String,
    schema: String,
    #[serde(default)]
    schema_format: FormatName,
    should_validate: bool,
    requests: Vec<CaseRequest>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CaseRequest {
    #[serde(default)]
    description: String,
    principal: CaseUid,
    action: CaseUid,
    resource: CaseUid,
    context: Value,
    #[serde(default = "validated")]
    validate_request: bool,
    decision: DecisionName,
    reason: Vec<String>,
    errors: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct CaseUid {
    #[serde(rename = "type")]
    ty: String,
    id: String,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormatName {
    #[default]
    Cedar,
    Json,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum DecisionName {
    #[serde(rename = "allow", alias = "Allow")]
    Allow,
    #[serde(rename = "deny", alias = "Deny")]
    Deny,
}

fn validated() -> bool {
    true
}

/// A case whose files were read.
#[derive(Debug)]
struct Case {
    name: String,
    question: Question,
    expected: Vec<Expected>,
    should_validate: bool,
}

/// What a request is expected to give.
#[derive(Debug)]
struct Expected {
    description: String,
    decision: Decision,
    reasons: BTreeSet<String>,
    errors: BTreeSet<String>,
}

/// The outcome of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// How many cases were run.
    pub cases: usize,
    /// How many requests and verdicts were as expected.
    pub passed: usize,
    /// How many were not.
    pub failed: usize,
    /// How many verdicts were expected but not given, for want of a type checker.
    pub unchecked_verdicts: usize,
    /// Each difference, with its case and request.
    pub differences: Vec<String>,
}

impl Report {
    /// Whether something was checked and all of it was as expected.
    pub fn is_success(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    fn merge(&mut self, other: Self) {
        self.cases += other.cases;
        self.passed += other.passed;
        self.failed += other.failed;
        self.unchecked_verdicts += other.unchecked_verdicts;
        self.differences.extend(other.differences);
    }

    fn fail(&mut self, difference: impl fmt::Display) {
        self.failed += 1;
        self.differences.push(difference.to_string());
    }
}

/// The differences, what was counted, and the totals on the last line.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "{difference}")?;
        }
        if self.cases == 0 {
            writeln!(f, "no test case was found")?;
        }
        writeln!(f, "{} cases; counted below: each request, and each verdict that was checked", self.cases)?;
        if self.unchecked_verdicts > 0 {
            writeln!(f, "{} verdicts were not checked", self.unchecked_verdicts)?;
        }
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The names of the cases whose verdict is `true`, whatever the case says: one a line, `#` starts a comment.
pub fn read_verdict_overrides(text: &str) -> HashSet<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The overrides that lie beside an archive or folder of cases, or inside of it, as `verdict-overrides.txt`.
///
/// # Errors
/// If there is such a file but it cannot be read.
pub fn find_verdict_overrides(path: &Path) -> io::Result<HashSet<String>> {
    const NAME: &str = "verdict-overrides.txt";
    let path = path.canonicalize()?;
    let folders = [Some(path.as_path()), path.parent()].into_iter().flatten();
    let mut found = HashSet::new();
    for file in folders.map(|folder| folder.join(NAME)).filter(|file| file.is_file()) {
        found.extend(read_verdict_overrides(&fs::read_to_string(file)?));
    }
    Ok(found)
}

/// Runs every case of a folder or archive.
///
/// A case is a JSON file with an object that has `requests`; entities and JSON policies have none.
///
/// # Errors
/// If the path cannot be read.
pub fn run(path: &Path, overrides: &HashSet<String>, engine: &dyn Subject) -> io::Result<Report> {
    let archive = Archive::open(path)?;
    let names: Vec<_> = archive.paths().filter(|path| path.ends_with(".json")).collect();
    let workers = thread::available_parallelism()?.get();
    let run_share = |share: &[&str]| {
        let mut report = Report::default();
        for name in share {
            run_file(&archive, name, overrides, engine, &mut report);
        }
        report
    };
    let mut report = Report::default();
    thread::scope(|scope| {
        let shares = names.chunks(names.len().div_ceil(workers).max(1));
        let workers: Vec<_> =
            shares.map(|share| scope.spawn(move || crate::oracle::on_big_stack(|| run_share(share)))).collect();
        for worker in workers {
            report.merge(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    });
    Ok(report)
}

fn run_file(archive: &Archive, path: &str, overrides: &HashSet<String>, engine: &dyn Subject, report: &mut Report) {
    match read_case(archive, path, overrides) {
        Ok(Some(case)) => run_case(&case, &engine.answer(&case.question), report),
        Ok(None) => {}
        Err(error) => {
            report.cases += 1;
            report.fail(format_args!("{path}: {error}"));
        }
    }
}

fn read_case(archive: &Archive, path: &str, overrides: &HashSet<String>) -> Result<Option<Case>, String> {
    let text = archive.text(path)?;
    let json: Value = match serde_json::from_str(text) {
        Ok(json) => json,
        // Inputs of cases may be malformed on purpose; a malformed case still names its requests.
        Err(error) if text.contains("\"requests\"") => return Err(format!("malformed case: {error}")),
        Err(_) => return Ok(None),
    };
    if json.get("requests").is_none() {
        return Ok(None);
    }
    let file: CaseFile = serde_json::from_value(json).map_err(|error| format!("malformed case: {error}"))?;
    let name = path.strip_suffix(".json").unwrap_or(path).to_owned();
    let stem = name.rsplit('/').next().unwrap_or(&name);
    let requests = file.requests.iter().map(|request| Request {
        principal: uid(&request.principal),
        action: uid(&request.action),
        resource: uid(&request.resource),
        context: request.context.to_string(),
        validate: request.validate_request,
    });
    let question = Question {
        policies: document(archive, &file.policies, file.policy_format)?,
        links: Vec::new(),
        schema: Some(document(archive, &file.schema, file.schema_format)?),
        entities: archive.text(&file.entities)?.to_owned(),
        requests: requests.collect(),
        verdict: true,
    };
    let should_validate = file.should_validate || overrides.contains(stem);
    Ok(Some(Case { question, should_validate, expected: file.requests.into_iter().map(expected).collect(), name }))
}

fn expected(request: CaseRequest) -> Expected {
    Expected {
        description: request.description,
        decision: match request.decision {
            DecisionName::Allow => Decision::Allow,
            DecisionName::Deny => Decision::Deny,
        },
        reasons: request.reason.into_iter().collect(),
        errors: request.errors.into_iter().collect(),
    }
}

fn document(archive: &Archive, path: &str, format: FormatName) -> Result<Document, String> {
    let text = archive.text(path)?.to_owned();
    let format = match format {
        FormatName::Cedar => Format::Cedar,
        FormatName::Json => Format::Json,
    };
    Ok(Document { text, format })
}

fn uid(uid: &CaseUid) -> Uid {
    Uid::new(&uid.ty, &uid.id)
}

fn run_case(case: &Case, answers: &Answers, report: &mut Report) {
    report.cases += 1;
    let inputs = [("policies", &answers.policies), ("schema", &answers.schema), ("entities", &answers.entities)];
    for (what, acceptance) in inputs {
        if let Err(error) = acceptance {
            let difference = format!("{}: {what} should be accepted: {error}", case.name);
            // Its verdict counts too.
            report.failed += case.expected.len() + 1;
            report.differences.push(difference);
            return;
        }
    }
    match answers.verdict {
        None => report.unchecked_verdicts += 1,
        Some(verdict) if verdict == case.should_validate => report.passed += 1,
        Some(verdict) => report.fail(format_args!(
            "{}: the policies should {}validate; got the verdict {verdict}",
            case.name,
            if case.should_validate { "" } else { "not " }
        )),
    }
    for (index, expected) in case.expected.iter().enumerate() {
        match answers.requests.get(index) {
            Some(Ok(response)) if agrees(expected, response) => report.passed += 1,
            answer => report.fail(describe(&case.name, index, expected, answer)),
        }
    }
}

fn agrees(expected: &Expected, got: &Response) -> bool {
    expected.decision == got.decision && expected.reasons == got.reasons && expected.errors.iter().eq(got.errors.keys())
}

fn describe(name: &str, index: usize, expected: &Expected, got: Option<&Result<Response, String>>) -> String {
    let got = match got {
        Some(Ok(response)) => response.to_string(),
        Some(Err(error)) => format!("rejection: {error}"),
        None => "no answer".to_owned(),
    };
    format!(
        "{name}: request {index} ({}): expected {}, reasons {:?}, errors {:?}; got {got}",
        expected.description,
        expected.decision.word(),
        expected.reasons,
        expected.errors,
    )
}
