//! Cedar's integration tests pass, and the run notices when one does not.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use deodar_tests::{
    conformance::{self, Report},
    subject::Deodar,
};
use serde_json::{Value, json};

use crate::shared::shared;

#[test]
fn the_generated_corpus_passes() {
    let Some(path) = shared("conformance/cedar/corpus.tar.gz") else { return };
    let report = run(&path);
    assert!(report.is_success(), "{report}");
    assert!(report.cases > 1_500 && report.passed > 12_000, "{report}");
}

#[test]
fn the_handwritten_tests_pass() {
    let Some(path) = shared("conformance/cedar/handwritten") else { return };
    let report = run(&path);
    assert!(report.is_success(), "{report}");
    assert!(report.cases >= 12 && report.passed >= 30, "{report}");
}

#[test]
fn an_empty_folder_is_no_success() {
    let copy = Copy::new("empty");
    let report = conformance::run(&copy.root, &HashSet::new(), &Deodar).expect("a folder");
    assert!(!report.is_success() && report.to_string().contains("no test case was found"), "{report}");
}

#[test]
fn verdicts_count_and_the_overrides_beside_the_archive_hold() {
    let Some(path) = shared("conformance/cedar/corpus.tar.gz") else { return };
    let with = run(&path);
    assert_eq!(with.unchecked_verdicts, 0, "{with}");
    let without = conformance::run(&path, &HashSet::new(), &Deodar).expect("a readable path");
    let overridden = conformance::find_verdict_overrides(&path).expect("a readable file").len();
    assert!(overridden > 0 && without.failed == overridden, "{overridden} overrides: {without}");
    assert_eq!(without.passed + without.failed, with.passed, "each request and each verdict");
}

type Flip = fn(&mut Value);

#[test]
fn a_wrong_expectation_is_a_failure() {
    let Some(path) = shared("conformance/cedar/handwritten") else { return };
    let Report { cases: verdicts, passed, .. } = run(&path);
    let requests = passed - verdicts;
    let flips: [(&str, Flip); 4] = [
        ("decisions", |request| {
            let allow = request["decision"] == "allow";
            request["decision"] = json!(if allow { "deny" } else { "allow" });
        }),
        ("missing-reason", |request| {
            let reason = request["reason"].as_array_mut().expect("reasons");
            if reason.pop().is_none() {
                reason.push(json!("policy0"));
            }
        }),
        ("additional-reason", |request| request["reason"].as_array_mut().expect("reasons").push(json!("nobody"))),
        ("additional-error", |request| request["errors"].as_array_mut().expect("errors").push(json!("nobody"))),
    ];
    for (name, flip) in flips {
        let copy = Copy::new(name);
        copy_with(&path, &copy.root, |case| each_request(case, flip));
        let report = run_with(&copy.root, &path);
        assert_eq!((report.passed, report.failed), (verdicts, requests), "{name}: {report}");
        assert_eq!(report.differences.len(), requests, "{name}: {report}");
    }
}

#[test]
fn a_wrong_verdict_is_a_failure() {
    let Some(path) = shared("conformance/cedar/handwritten") else { return };
    let Report { cases: verdicts, passed, .. } = run(&path);
    let copy = Copy::new("verdicts");
    copy_with(&path, &copy.root, |case| {
        let validates = case["shouldValidate"] == true;
        case["shouldValidate"] = json!(!validates);
    });
    let report = run_with(&copy.root, &path);
    assert_eq!((report.passed, report.failed), (passed - verdicts, verdicts), "{report}");
}

#[test]
fn a_rejected_input_fails_every_request_and_the_verdict_of_its_case() {
    let Some(path) = shared("conformance/cedar/handwritten") else { return };
    let total = run(&path).passed;
    let copy = Copy::new("rejected");
    copy_with(&path, &copy.root, |_| {});
    for file in files(&copy.root).into_iter().filter(|file| file.extension().is_some_and(|name| name == "cedar")) {
        fs::write(file, "permit (principal, action, resource)").expect("a file");
    }
    let report = run(&copy.root);
    assert_eq!((report.passed, report.failed), (0, total), "{report}");
}

fn run(path: &Path) -> Report {
    run_with(path, path)
}

fn run_with(path: &Path, original: &Path) -> Report {
    let overrides = conformance::find_verdict_overrides(original).expect("a readable file");
    conformance::run(path, &overrides, &Deodar).expect("a readable path")
}

/// A folder that is gone when the test is.
struct Copy {
    root: PathBuf,
}

impl Copy {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("deodar-conformance-{name}-{}", std::process::id()));
        fs::create_dir_all(&root).expect("a temporary folder");
        Self { root }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn files(root: &Path) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![root.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn each_request(case: &mut Value, change: fn(&mut Value)) {
    case["requests"].as_array_mut().expect("requests").iter_mut().for_each(change);
}

/// Copies the folder and changes every case.
fn copy_with(from: &Path, to: &Path, change: impl Fn(&mut Value)) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).expect("a file of the folder"));
        fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        let mut bytes = fs::read(&file).expect("a file");
        if let Ok(mut json) = serde_json::from_slice::<Value>(&bytes)
            && json.get("requests").is_some()
        {
            change(&mut json);
            bytes = json.to_string().into_bytes();
        }
        fs::write(target, bytes).expect("a file");
    }
}
