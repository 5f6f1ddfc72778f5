//! Compares a checker with the reference on many cases, each from a seed and its number.
//!
//! [`check_case`] is the one function behind the property test, the fuzz target and the `verdicts` binary.

mod minimise;

use std::{
    fmt::Write,
    panic::{self, AssertUnwindSafe},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use arbitrary::Unstructured;

use self::minimise::minimise;
use super::{Checker, fault::Fault, statistics::Statistics, world::World};
use crate::{
    differential::{Difference, bytes_of},
    oracle::on_big_stack,
    subject::Reference,
};

/// How many differences each thread makes smaller.
const MINIMISED: usize = 10;

/// A way to make a case smaller that keeps a property.
type Reduce = fn(World, &dyn Fn(&World) -> bool) -> World;

/// Generates a case from the bytes and compares the checker with the reference on it.
///
/// The reference needs a deep stack: call this inside [`on_big_stack`].
///
/// # Errors
/// What differs, with the case.
pub fn check_case(bytes: &mut Unstructured<'_>, checker: &dyn Checker) -> Result<Statistics, Box<Difference>> {
    check(bytes, checker, minimise)
}

fn check(bytes: &mut Unstructured<'_>, checker: &dyn Checker, reduce: Reduce) -> Result<Statistics, Box<Difference>> {
    let world = World::generate(bytes);
    let question = world.question();
    let expected = Reference.check(&question);
    let found = checker.check(&question).differences(&expected, &question.options);
    if found.is_empty() {
        let mut statistics = Statistics::default();
        statistics.count(&world, &expected);
        return Ok(statistics);
    }
    let small = reduce(world, &|world| !compare(world, checker).is_empty());
    Err(Box::new(Difference { found: compare(&small, checker), case: describe(&small) }))
}

fn compare(world: &World, checker: &dyn Checker) -> Vec<String> {
    let question = world.question();
    checker.check(&question).differences(&Reference.check(&question), &question.options)
}

/// The case as text, ready to be made a test.
fn describe(world: &World) -> String {
    let mut text = format!("--- policies\n{}", world.policy_text());
    for link in &world.links {
        let _ = writeln!(text, "--- link {link:?}");
    }
    let _ = writeln!(text, "--- schema\n{}", world.schema);
    for options in &world.options {
        let _ = writeln!(text, "--- {options}");
    }
    if world.json_policies || world.json_schema {
        let _ = writeln!(text, "--- JSON policies: {}, JSON schema: {}", world.json_policies, world.json_schema);
    }
    text
}

/// Runs one case.
///
/// # Errors
/// What differs; a panic is a difference.
pub fn run_case(seed: u64, case: usize, checker: &dyn Checker) -> Result<Statistics, Box<Difference>> {
    run_with(seed, case, checker, minimise)
}

fn run_with(seed: u64, case: usize, checker: &dyn Checker, reduce: Reduce) -> Result<Statistics, Box<Difference>> {
    let bytes = bytes_of(seed, case);
    guarded(|| check(&mut Unstructured::new(&bytes), checker, reduce))
}

/// What the function says; a panic is a difference.
pub(super) fn guarded<T>(f: impl FnOnce() -> Result<T, Box<Difference>>) -> Result<T, Box<Difference>> {
    panic::catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let message = message.or_else(|| panic.downcast_ref::<&str>().map(|message| (*message).to_owned()));
        let found = vec![format!("panicked: {}", message.unwrap_or_default())];
        Err(Box::new(Difference { found, case: String::new() }))
    })
}

/// The cases that differ, with their numbers.
pub type Differences = Vec<(usize, Box<Difference>)>;

/// Runs the cases numbered from 0 on that many threads: what they were like, and which differ.
pub fn run(cases: usize, seed: u64, threads: usize, checker: &dyn Checker) -> (Statistics, Differences) {
    let next = AtomicUsize::new(0);
    let worker = || {
        let (mut statistics, mut differences) = (Statistics::default(), Vec::new());
        loop {
            let case = next.fetch_add(1, Ordering::Relaxed);
            if case >= cases {
                return (statistics, differences);
            }
            // Making cases small takes long; a few are enough to read.
            let reduce =
                if differences.len() < MINIMISED { minimise } else { |world, _: &dyn Fn(&World) -> bool| world };
            match run_with(seed, case, checker, reduce) {
                Ok(of_case) => statistics.merge(&of_case),
                Err(difference) => differences.push((case, difference)),
            }
        }
    };
    let (mut statistics, mut differences) = (Statistics::default(), Vec::new());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| on_big_stack(worker))).collect();
        for worker in workers {
            let (of_worker, found) = worker.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
            statistics.merge(&of_worker);
            differences.extend(found);
        }
    });
    differences.sort_by_key(|(case, _)| *case);
    (statistics, differences)
}

/// The first case below `cases` on which `faulty` differs although `honest` does not.
pub fn find(cases: usize, seed: u64, threads: usize, faulty: &dyn Checker, honest: &dyn Checker) -> Option<usize> {
    let (next, first) = (AtomicUsize::new(0), AtomicUsize::new(cases));
    let worker = || {
        loop {
            let case = next.fetch_add(1, Ordering::Relaxed);
            if case >= first.load(Ordering::Relaxed) {
                return None;
            }
            let differs = |checker| run_with(seed, case, checker, |world, _| world).is_err();
            if differs(faulty) && !differs(honest) {
                first.fetch_min(case, Ordering::Relaxed);
                return Some(case);
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| on_big_stack(worker))).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok().flatten()).min()
    })
}

/// The faults that none of the first cases shows, each case checked for all faults that are left.
pub fn missed(cases: usize, seed: u64, faults: impl IntoIterator<Item = &'static Fault>) -> Vec<&'static Fault> {
    let mut left: Vec<_> = faults.into_iter().collect();
    on_big_stack(|| {
        for case in 0..cases {
            if left.is_empty() {
                break;
            }
            let world = World::generate(&mut Unstructured::new(&bytes_of(seed, case)));
            let question = world.question();
            let honest = Reference.check(&question);
            left.retain(|fault| {
                let faulty = fault.answers(&Reference, &question, &honest);
                faulty.differences(&honest, &question.options).is_empty()
            });
        }
    });
    left
}
