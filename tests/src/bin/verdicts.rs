//! Compares the verdicts of Deodar's type checker with those of the reference on generated cases.
//!
//! `verdicts [--cases N] [--seed S] [--threads T] [--engine deodar|reference] [--fault NAME|all]
//! [--property verdict|soundness]` prints the distribution of the cases and each difference, and `N passed, N failed` on
//! the last line. With `--fault` the checker has that planted fault, and the run succeeds if a difference is found. With
//! `--property soundness`, what validates is evaluated.

use std::{env, error::Error, process::ExitCode, thread};

use deodar_tests::{
    oracle,
    subject::{Deodar, Reference},
    verdict::{
        Checker,
        fault::{FAULTS, Fault, Faulty},
        run::{self, Differences},
        soundness,
    },
};

const USAGE: &str = "usage: verdicts [--cases N] [--seed S] [--threads T] \
    [--engine deodar|reference] [--fault NAME|all] [--property verdict|soundness]";

/// How many differences are printed in full.
const SHOWN: usize = 20;

struct Arguments {
    cases: usize,
    seed: u64,
    threads: usize,
    reference: bool,
    fault: Option<String>,
    soundness: bool,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Box<dyn Error>> {
    let arguments = read_arguments(env::args().skip(1))?;
    match arguments.fault.as_deref() {
        None if arguments.soundness => Ok(evaluate(&arguments)),
        None => Ok(compare(&arguments)),
        Some("all") => Ok(find_faults(&arguments, FAULTS)),
        Some(name) => {
            let known: Vec<_> = FAULTS.iter().map(|fault| fault.name).collect();
            let fault = FAULTS.iter().find(|fault| fault.name == name);
            let fault = fault.ok_or_else(|| format!("no fault `{name}`; there are: {}", known.join(", ")))?;
            Ok(find_faults(&arguments, std::slice::from_ref(fault)))
        }
    }
}

fn read_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Arguments, Box<dyn Error>> {
    let threads = thread::available_parallelism()?.get();
    let mut read = Arguments { cases: 10_000, seed: 1, threads, reference: false, fault: None, soundness: false };
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match argument.as_str() {
            "--cases" => read.cases = value.replace('_', "").parse()?,
            "--seed" => read.seed = value.parse()?,
            "--threads" => read.threads = value.parse::<usize>()?.max(1),
            "--engine" => read.reference = value == "reference",
            "--property" => read.soundness = value == "soundness",
            "--fault" => read.fault = Some(value),
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
    conclude(arguments, &differences)
}

fn evaluate(arguments: &Arguments) -> bool {
    let Arguments { cases, seed, threads, .. } = *arguments;
    let (evaluated, violations) = if arguments.reference {
        soundness::run(cases, seed, threads, &Reference, &Reference)
    } else {
        soundness::run(cases, seed, threads, &Deodar, &Deodar)
    };
    println!("{evaluated}");
    conclude(arguments, &violations)
}

fn conclude(arguments: &Arguments, differences: &Differences) -> bool {
    for (case, difference) in differences.iter().take(SHOWN) {
        println!("=== case {case} of seed {}\n{difference}", arguments.seed);
    }
    println!("{} passed, {} failed", arguments.cases - differences.len(), differences.len());
    differences.is_empty()
}

/// Runs each fault until it is found; one that is not found fails.
fn find_faults(arguments: &Arguments, faults: &'static [Fault]) -> bool {
    let mut missed = 0;
    for fault in faults {
        let (faulty, honest): (&dyn Checker, &dyn Checker) = if arguments.reference {
            (&Faulty { checker: Reference, fault }, &Reference)
        } else {
            (&Faulty { checker: Deodar, fault }, &Deodar)
        };
        let Arguments { cases, seed, threads, .. } = *arguments;
        let found = run::find(cases, seed, threads, faulty, honest);
        let place = found.map_or_else(|| "not found  ".to_owned(), |case| format!("case {case:6}"));
        println!("{place}  {:32} {}", fault.name, fault.what);
        if let (Some(case), [_]) = (found, faults)
            && let Err(difference) = oracle::on_big_stack(|| run::run_case(seed, case, faulty))
        {
            println!("{difference}");
        }
        missed += usize::from(found.is_none());
    }
    println!("{} passed, {missed} failed", faults.len() - missed);
    missed == 0
}
