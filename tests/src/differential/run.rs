//! Runs many cases, each from a seed and its number, so that any of them can be run again alone.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use arbitrary::Unstructured;

use super::{
    Difference, Statistics, check,
    minimise::{Reduce, minimise},
};
use crate::{oracle::on_big_stack, subject::Subject, world::World};

/// The bytes of a case; generation of a large case uses about half of them.
const BYTES: usize = 6 << 10;

/// How many differences each thread makes smaller.
const MINIMISED: usize = 10;

/// Runs one case.
///
/// # Errors
/// What differs; a panic is a difference.
pub fn run_case(seed: u64, case: usize, engine: &dyn Subject) -> Result<Statistics, Box<Difference>> {
    run_with(seed, case, engine, minimise)
}

fn run_with(seed: u64, case: usize, engine: &dyn Subject, reduce: Reduce) -> Result<Statistics, Box<Difference>> {
    let bytes = bytes_of(seed, case);
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| check(&mut Unstructured::new(&bytes), engine, reduce)));
    outcome.unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let message = message.or_else(|| panic.downcast_ref::<&str>().map(|message| (*message).to_owned()));
        let found = vec![format!("panicked: {}", message.unwrap_or_default())];
        Err(Box::new(Difference { found, case: String::new() }))
    })
}

/// Runs the cases numbered from 0 on that many threads: what they were like, and which differ.
pub fn run(
    cases: usize,
    seed: u64,
    threads: usize,
    engine: &dyn Subject,
) -> (Statistics, Vec<(usize, Box<Difference>)>) {
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
            match run_with(seed, case, engine, reduce) {
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
pub fn find(cases: usize, seed: u64, threads: usize, faulty: &dyn Subject, honest: &dyn Subject) -> Option<usize> {
    let (next, first) = (AtomicUsize::new(0), AtomicUsize::new(cases));
    let worker = || {
        loop {
            let case = next.fetch_add(1, Ordering::Relaxed);
            if case >= first.load(Ordering::Relaxed) {
                return None;
            }
            let differs = |engine| run_with(seed, case, engine, |world, _| world).is_err();
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

/// The bytes of a case, by the `SplitMix64` generator.
pub(crate) fn bytes_of(seed: u64, case: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ (case as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut bytes = Vec::with_capacity(BYTES);
    while bytes.len() < BYTES {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend((word ^ (word >> 31)).to_le_bytes());
    }
    bytes
}
