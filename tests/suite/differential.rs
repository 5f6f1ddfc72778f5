//! Generated cases, a bounded number of them; the `differential` binary runs as many as there is time for.

use std::{env, thread};

use arbitrary::Unstructured;
use deodar_tests::{
    differential::{check_case, find, run},
    fault::{FAULTS, Faulty},
    oracle::on_big_stack,
    subject::{Deodar, Reference},
};

/// The number of cases of a run, unless `DEODAR_CASES` says otherwise.
const CASES: usize = 5_000;
const SEED: u64 = 20;

fn cases() -> usize {
    env::var("DEODAR_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[test]
fn generated_questions_get_the_answers_of_the_reference() {
    let (statistics, differences) = run(cases(), SEED, threads(), &Deodar);
    let shown: Vec<_> = differences.iter().take(5).map(|(case, found)| format!("case {case}: {found}")).collect();
    assert!(differences.is_empty(), "{} differences of seed {SEED}:\n{}", differences.len(), shown.join("\n"));
    assert!(statistics.shortcomings().is_empty(), "{:?}\n{statistics}", statistics.shortcomings());
}

#[test]
fn arbitrary_bytes_are_a_question() {
    arbtest::arbtest(|bytes: &mut Unstructured<'_>| {
        on_big_stack(|| check_case(bytes, &Deodar)).map(drop).unwrap_or_else(|found| panic!("{found}"));
        Ok(())
    })
    .budget_ms(2_000);
}

#[test]
fn planted_faults_are_found() {
    for fault in FAULTS {
        let found = find(10_000, SEED, threads(), &Faulty { engine: Reference, fault }, &Reference);
        assert!(found.is_some(), "{} is not found: {}", fault.name, fault.what);
    }
}
