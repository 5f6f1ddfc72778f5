//! Cases, decided on all cores, in the order in which they are written.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    num::NonZero,
    panic::resume_unwind,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use deodar_runtime::{Decision, Engine, Program, Response};

use super::{Case, Expected, ExpectedPolicies, Suites, case::Errors};
use crate::{
    explanation::{Explanation, Texts, error_text},
    finding::Place,
};

/// What became of the tests.
#[derive(Debug, Default)]
pub(crate) struct TestRun {
    pub(crate) cases: Vec<CaseResult>,
}

/// What became of one test.
#[derive(Debug)]
pub(crate) struct CaseResult {
    pub(crate) name: String,
    /// Where it is written.
    pub(crate) place: Place,
    pub(crate) micros: u128,
    pub(crate) outcome: CaseOutcome,
}

/// How a test ended.
#[derive(Debug)]
pub(crate) enum CaseOutcome {
    Passed,
    Failed(Box<Failure>),
    /// With the reason.
    Skipped(String),
    /// It cannot be read, or the policies are not valid; what is wrong is among the problems.
    Unreadable,
}

/// Why a test failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What differs from what is expected.
    pub(crate) differences: Vec<String>,
    pub(crate) because: Explanation,
}

/// How many tests ended in which way; those that cannot be read have failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TestCounts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl TestRun {
    pub(crate) fn counts(&self) -> TestCounts {
        self.cases.iter().fold(TestCounts::default(), |counts, case| match case.outcome {
            CaseOutcome::Passed => TestCounts { passed: counts.passed + 1, ..counts },
            CaseOutcome::Failed(_) | CaseOutcome::Unreadable => TestCounts { failed: counts.failed + 1, ..counts },
            CaseOutcome::Skipped(_) => TestCounts { skipped: counts.skipped + 1, ..counts },
        })
    }
}

/// How many failures are explained in full, which takes a look at all policies. Nobody reads more of them.
const EXPLAINED: usize = 200;

/// Whether somebody watches a long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Shown,
    Hidden,
}

/// How often progress is shown, and how long a run is without.
const TICK: Duration = Duration::from_millis(250);

/// Shows how many cases are taken, until the run ends.
fn show_progress(next: &AtomicUsize, done: &AtomicBool, total: usize) {
    let start = Instant::now();
    let mut shown = false;
    while !done.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(20));
        if start.elapsed() > TICK * if shown { 1 } else { 4 } {
            shown = true;
            // Progress that cannot be written is not missed.
            let _ = write!(io::stderr(), "\r{} of {total} tests", next.load(Ordering::Relaxed).min(total));
        }
    }
    if shown {
        let _ = write!(io::stderr(), "\r{:40}\r", "");
    }
}

/// Says that the run has ended, when it is dropped.
struct Ends<'d>(&'d AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Decides the cases.
pub(crate) fn run(program: &Program, suites: &Suites, texts: Texts<'_>, progress: Progress) -> TestRun {
    let engines: Vec<Engine> = suites.stores.iter().map(|store| Engine::new(program.clone(), store.clone())).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((index, case)) = take(&next, &suites.cases) {
            done.push((index, run_case(case, engines.get(case.store))));
        }
        done
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(suites.cases.len().div_ceil(64)).max(1);
    let done = AtomicBool::new(false);
    let mut results: Vec<(usize, CaseResult)> = if threads == 1 {
        work()
    } else {
        thread::scope(|scope| {
            if progress == Progress::Shown {
                scope.spawn(|| show_progress(&next, &done, suites.cases.len()));
            }
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            // Decisions do not panic. If one does, its cases must not be missing in silence.
            let join =
                |worker: thread::ScopedJoinHandle<'_, _>| worker.join().unwrap_or_else(|panic| resume_unwind(panic));
            // Also if a worker panics: nothing waits for the progress of what has ended.
            let _ends = Ends(&done);
            workers.into_iter().flat_map(join).collect()
        })
    };
    results.sort_unstable_by_key(|(index, _)| *index);
    let failures = results.iter_mut().filter_map(|(index, result)| match &mut result.outcome {
        CaseOutcome::Failed(failure) => Some((suites.cases.get(*index)?, failure)),
        CaseOutcome::Passed | CaseOutcome::Skipped(_) | CaseOutcome::Unreadable => None,
    });
    for (case, failure) in failures.take(EXPLAINED) {
        explain(case, engines.get(case.store), texts, failure);
    }
    TestRun { cases: results.into_iter().map(|(_, result)| result).collect() }
}

/// Says also what the policies lack that do not apply.
fn explain(case: &Case, engine: Option<&Engine>, texts: Texts<'_>, failure: &mut Failure) {
    if let (Some(request), Some(engine)) = (&case.request, engine) {
        let missing = missing(&engine.authorize(request), &case.expected);
        failure.because = Explanation::new(engine, request, texts).with_obstacles(engine, request, texts, &missing);
    }
}

fn take<'c>(next: &AtomicUsize, cases: &'c [Case]) -> Option<(usize, &'c Case)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    cases.get(index).map(|case| (index, case))
}

fn run_case(case: &Case, engine: Option<&Engine>) -> CaseResult {
    let start = Instant::now();
    let outcome = match (&case.skip, &case.request, engine) {
        (Some(reason), ..) => CaseOutcome::Skipped(reason.clone()),
        (None, Some(request), Some(engine)) => {
            let response = engine.authorize(request);
            if Verdict::of(&response).meets(&case.expected) {
                CaseOutcome::Passed
            } else {
                let differences = differences(&response, &case.expected);
                let because = Explanation::brief(engine.program(), &response);
                CaseOutcome::Failed(Box::new(Failure { differences, because }))
            }
        }
        (None, _, _) => CaseOutcome::Unreadable,
    };
    CaseResult { name: case.name.clone(), place: case.place.clone(), micros: start.elapsed().as_micros(), outcome }
}

/// A decision, as far as tests can ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict<'r> {
    pub(crate) is_complete: bool,
    pub(crate) decision: Decision,
    pub(crate) determining: Vec<&'r str>,
    pub(crate) failing: Vec<&'r str>,
}

impl<'r> Verdict<'r> {
    fn of(response: &'r Response) -> Self {
        Self {
            is_complete: response.is_complete(),
            decision: response.decision(),
            determining: response.determining().iter().map(AsRef::as_ref).collect(),
            failing: response.errors().iter().map(|error| error.policy.as_ref()).collect(),
        }
    }

    /// Whether it is what a test expects.
    pub(crate) fn meets(&self, expected: &Expected) -> bool {
        let among = |ids: &[String], found: &[&str]| ids.iter().all(|id| found.contains(&id.as_str()));
        let exactly = |ids: &[String], found: &[&str]| {
            among(ids, found) && found.iter().all(|found| ids.iter().any(|id| id == found))
        };
        let policies = match &expected.policies {
            ExpectedPolicies::Any => true,
            ExpectedPolicies::Among(ids) => among(ids, &self.determining),
            ExpectedPolicies::Exactly(ids) => exactly(ids, &self.determining),
        };
        let errors = match &expected.errors {
            Errors::Any => true,
            Errors::Count(count) => *count == self.failing.len(),
            Errors::Exactly(ids) => exactly(ids, &self.failing),
        };
        self.is_complete && self.decision == expected.decision && policies && errors
    }
}

/// The policies that should determine the decision, and do not.
fn missing(response: &Response, expected: &Expected) -> Vec<String> {
    let ids: &[String] = match &expected.policies {
        ExpectedPolicies::Any => &[],
        ExpectedPolicies::Among(ids) | ExpectedPolicies::Exactly(ids) => ids,
    };
    let determining = response.determining();
    ids.iter().filter(|id| !determining.iter().any(|other| other == id.as_str())).cloned().collect()
}

fn quoted<'i>(ids: impl IntoIterator<Item = &'i str>) -> String {
    let ids: Vec<_> = ids.into_iter().map(|id| format!("`{id}`")).collect();
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}

/// That a decision was not completed. It is Deny then, also where that is what is expected.
pub(crate) fn not_completed(response: &Response) -> Option<String> {
    let limit = response.limit().map_or_else(String::new, |limit| format!(" exceeds the limit {limit}, and"));
    (!response.is_complete()).then(|| format!("the decision{limit} was not completed"))
}

/// What the response has that the case does not expect, or the other way round.
fn differences(response: &Response, expected: &Expected) -> Vec<String> {
    let mut differences = Vec::new();
    if let Some(reason) = not_completed(response) {
        return vec![reason];
    }
    if response.decision() != expected.decision {
        let [wanted, found] = [expected.decision, response.decision()].map(word);
        differences.push(format!("expected {wanted}, got {found}"));
        // Which policies determine the other decision is what the explanation says.
        return differences;
    }
    let determining: BTreeSet<&str> = response.determining().iter().map(AsRef::as_ref).collect();
    match &expected.policies {
        ExpectedPolicies::Any => {}
        ExpectedPolicies::Among(ids) => {
            let missing: Vec<_> = ids.iter().map(String::as_str).filter(|id| !determining.contains(id)).collect();
            if !missing.is_empty() {
                differences.push(format!("{} should determine the decision, too", quoted(missing)));
            }
        }
        ExpectedPolicies::Exactly(ids) => {
            let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
            let missing: Vec<_> = wanted.difference(&determining).copied().collect();
            let surplus: Vec<_> = determining.difference(&wanted).copied().collect();
            if !missing.is_empty() {
                differences.push(format!("expected to determine the decision, and does not: {}", quoted(missing)));
            }
            if !surplus.is_empty() {
                differences.push(format!("determines the decision, and is not expected to: {}", quoted(surplus)));
            }
        }
    }
    let failing: BTreeSet<&str> = response.errors().iter().map(|error| error.policy.as_ref()).collect();
    match &expected.errors {
        Errors::Any => {}
        Errors::Count(count) if *count == response.errors().len() => {}
        Errors::Count(count) => {
            let errors: Vec<_> = response.errors().iter().map(error_text).collect();
            let list = if errors.is_empty() { String::new() } else { format!(": {}", errors.join(", ")) };
            differences.push(format!("expected {count} policies to fail, and {} do{list}", errors.len()));
        }
        Errors::Exactly(ids) => {
            let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
            if wanted != failing {
                let (wanted, failing) = (quoted(wanted), quoted(failing));
                differences.push(format!("expected to fail: {wanted}; fails: {failing}"));
            }
        }
    }
    differences
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allow",
        Decision::Deny => "deny",
    }
}
