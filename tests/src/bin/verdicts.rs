//! Compares the verdicts of Deodar's type checker with those of the reference on generated cases.
//!
//! `verdicts [--cases N] [--seed S] [--threads T] [--engine deodar|reference]` prints the distribution of the cases and
//! each difference, and `N passed, N failed` on the last line.

use std::{env, error::Error, process::ExitCode, thread};

use deodar_tests::{
    subject::{Deodar, Reference},
    verdict::{Checker, run},
};

const USAGE: &str = "usage: verdicts [--cases N] [--seed S] [--threads T] [--engine deodar|reference]";

/// How many differences are printed in full.
const SHOWN: usize = 20;

struct Arguments {
    cases: usize,
    seed: u64,
    threads: usize,
    reference: bool,
}

fn main() -> ExitCode {
    match read_arguments(env::args().skip(1)).map(|arguments| compare(&arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn read_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Arguments, Box<dyn Error>> {
    let threads = thread::available_parallelism()?.get();
    let mut read = Arguments { cases: 10_000, seed: 1, threads, reference: false };
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match argument.as_str() {
            "--cases" => read.cases = value.replace('_', "").parse()?,
            "--seed" => read.seed = value.parse()?,
            "--threads" => read.threads = value.parse::<usize>()?.max(1),
            "--engine" => read.reference = value == "reference",
            _ => return Err(USAGE.into()),
        }
    }
    Ok(read)
}

fn compare(arguments: &Arguments) -> bool {
    let checker: &dyn Checker = if arguments.reference { &Reference } else { &Deodar };
    let (statistics, differences) = run::run(arguments.cases, arguments.seed, arguments.threads, checker);
    println!("{statistics}");
    for shortcoming in statistics.shortcomings() {
        println!("too rare: {shortcoming}");
    }
    for (case, difference) in differences.iter().take(SHOWN) {
        println!("=== case {case} of seed {}\n{difference}", arguments.seed);
    }
    println!("{} passed, {} failed", arguments.cases - differences.len(), differences.len());
    differences.is_empty()
}
