//! Runs many generated cases, each from a seed and its number, so that any of them can be run again alone.

use std::{
    env, fmt,
    ops::Range,
    panic::{self, AssertUnwindSafe},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use arbitrary::Unstructured;

use crate::oracle::on_big_stack;

/// The bytes of a case: one half for what it shares with others, one for what is its own. A large case uses about half
/// of them.
const BYTES: usize = 6 << 10;

/// How many cases share what takes long to read, the schema and the entities. They are run by one thread.
const SHARING: usize = 4;

/// How many differences each thread makes smaller.
const MINIMISED: usize = 10;

/// A case on which two engines disagree.
#[derive(Debug, Clone)]
pub struct Difference {
    /// What differs, one line each.
    pub found: Vec<String>,
    /// The case, as small as it was made.
    pub case: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.found {
            writeln!(f, "{line}")?;
        }
        f.write_str(&self.case)
    }
}

/// What a case gives: what it was like, or what differs.
pub type Outcome<T> = Result<T, Box<Difference>>;

/// The cases that differ, with their numbers.
pub type Differences = Vec<(usize, Box<Difference>)>;

/// Whether a case that differs is made smaller, which takes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduce {
    /// It is.
    Yes,
    /// It is shown as it was generated.
    No,
}

/// What the cases of a run add up to.
pub trait Tally: Default + Send {
    /// Adds what other cases were like.
    fn merge(&mut self, other: &Self);
}

/// Which cases are run, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The numbers of the cases.
    pub cases: Range<usize>,
    /// Where their bytes come from.
    pub seed: u64,
    /// How many run at once.
    pub threads: usize,
}

impl Plan {
    /// The plan of a test: so many cases, unless `DEODAR_CASES` says otherwise.
    pub fn bounded(cases: usize, seed: u64) -> Self {
        let cases = env::var("DEODAR_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
        let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { cases: 0..cases, seed, threads }
    }

    /// Runs the cases: what they were like, and which differ.
    pub fn run<T: Tally>(&self, case: impl Fn(&[u8], Reduce) -> Outcome<T> + Sync) -> (T, Differences) {
        let next = AtomicUsize::new(self.cases.start / SHARING);
        let worker = || {
            let (mut tally, mut differences) = (T::default(), Vec::new());
            loop {
                let first = next.fetch_add(1, Ordering::Relaxed) * SHARING;
                if first >= self.cases.end {
                    return (tally, differences);
                }
                for number in (first..first + SHARING).filter(|number| self.cases.contains(number)) {
                    // A few small cases are enough to read.
                    let reduce = if differences.len() < MINIMISED { Reduce::Yes } else { Reduce::No };
                    match run_case(self.seed, number, |bytes| case(bytes, reduce)) {
                        Ok(of_case) => tally.merge(&of_case),
                        Err(difference) => differences.push((number, difference)),
                    }
                }
            }
        };
        let (mut tally, mut differences) = (T::default(), Vec::new());
        thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads).map(|_| scope.spawn(|| on_big_stack(worker))).collect();
            for worker in workers {
                let (of_worker, found) = worker.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
                tally.merge(&of_worker);
                differences.extend(found);
            }
        });
        differences.sort_by_key(|(number, _)| *number);
        (tally, differences)
    }

    /// The first of the cases on which `faulty` differs although `honest` does not.
    pub fn find<T>(
        &self,
        faulty: impl Fn(&[u8]) -> Outcome<T> + Sync,
        honest: impl Fn(&[u8]) -> Outcome<T> + Sync,
    ) -> Option<usize> {
        let (next, first) = (AtomicUsize::new(self.cases.start), AtomicUsize::new(self.cases.end));
        let worker = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= first.load(Ordering::Relaxed) {
                    return None;
                }
                if run_case(self.seed, number, &faulty).is_err() && run_case(self.seed, number, &honest).is_ok() {
                    first.fetch_min(number, Ordering::Relaxed);
                    return Some(number);
                }
            }
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads).map(|_| scope.spawn(|| on_big_stack(worker))).collect();
            workers.into_iter().filter_map(|worker| worker.join().ok().flatten()).min()
        })
    }
}

/// Runs one case; a panic is a difference.
///
/// # Errors
/// What differs.
pub fn run_case<T>(seed: u64, number: usize, case: impl Fn(&[u8]) -> Outcome<T>) -> Outcome<T> {
    let bytes = bytes_of(seed, number);
    panic::catch_unwind(AssertUnwindSafe(|| case(&bytes))).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let message = message.or_else(|| panic.downcast_ref::<&str>().map(|message| (*message).to_owned()));
        let found = vec![format!("panicked: {}", message.unwrap_or_default())];
        Err(Box::new(Difference { found, case: String::new() }))
    })
}

/// What a case shares with its neighbours, and what is its own.
pub(crate) fn halves(bytes: &[u8]) -> [Unstructured<'_>; 2] {
    let (shared, own) = bytes.split_at(bytes.len() / 2);
    [shared, own].map(Unstructured::new)
}

/// The bytes of a case.
pub(crate) fn bytes_of(seed: u64, number: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BYTES);
    fill(&mut bytes, BYTES / 2, !seed, number / SHARING);
    fill(&mut bytes, BYTES, seed, number);
    bytes
}

/// Adds bytes by the `SplitMix64` generator.
fn fill(bytes: &mut Vec<u8>, len: usize, seed: u64, number: usize) {
    let mut state = seed.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    while bytes.len() < len {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend((word ^ (word >> 31)).to_le_bytes());
    }
}
