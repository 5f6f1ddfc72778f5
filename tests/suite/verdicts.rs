//! Verdicts of generated policies, a bounded number of them; the `verdicts` binary runs as many as there is time for.

use arbitrary::Unstructured;
use deodar_tests::{
    oracle::on_big_stack,
    run::{Plan, Reduce},
    subject::Deodar,
    verdict::{
        compare::{check_case, missed},
        fault::FAULTS,
        soundness,
    },
};

/// The number of cases of a run, unless `DEODAR_CASES` says otherwise.
const CASES: usize = 1_000;
const SEED: u64 = 30;

#[test]
fn generated_policies_get_the_verdict_of_the_reference() {
    let (statistics, differences) = Plan::bounded(CASES, SEED).run(|bytes, reduce| check_case(bytes, &Deodar, reduce));
    let shown: Vec<_> = differences.iter().take(5).map(|(case, found)| format!("case {case}: {found}")).collect();
    assert!(differences.is_empty(), "{} differences of seed {SEED}:\n{}", differences.len(), shown.join("\n"));
    assert!(statistics.shortcomings().is_empty(), "{:?}\n{statistics}", statistics.shortcomings());
}

#[test]
fn arbitrary_bytes_have_a_verdict() {
    arbtest::arbtest(|bytes: &mut Unstructured<'_>| {
        let bytes = bytes.bytes(bytes.len())?;
        on_big_stack(|| check_case(bytes, &Deodar, Reduce::Yes)).map(drop).unwrap_or_else(|found| panic!("{found}"));
        Ok(())
    })
    .budget_ms(1_500);
}

/// A fault that few cases show; the `verdicts` binary finds it with more.
const RARE: &[&str] = &["records-hide-nothing"];

#[test]
fn planted_faults_of_type_checkers_are_found() {
    assert!(RARE.iter().all(|name| FAULTS.iter().any(|fault| fault.name == *name)), "a rare fault is none");
    let usual = FAULTS.iter().filter(|fault| !RARE.contains(&fault.name));
    assert!(usual.clone().count() >= 30);
    let missed: Vec<_> = missed(1_500, SEED, usual).iter().map(|fault| fault.name).collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
}

#[test]
fn what_validates_does_not_fail() {
    let (statistics, violations) =
        Plan::bounded(CASES, SEED).run(|bytes, _| soundness::check_case(bytes, &Deodar, &Deodar));
    let shown: Vec<_> = violations.iter().take(5).map(|(case, found)| format!("case {case}: {found}")).collect();
    assert!(violations.is_empty(), "{} violations of seed {SEED}:\n{}", violations.len(), shown.join("\n"));
    assert!(statistics.says_something(), "{statistics}");
}
