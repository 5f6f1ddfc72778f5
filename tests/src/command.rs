//! What the commands that run generated cases share: their arguments and what they print.

use std::{env, error::Error, fmt, process::ExitCode, thread};

use crate::{
    oracle,
    run::{Differences, Outcome, Plan, Tally, run_case},
};

/// How many differences are printed in full.
const SHOWN: usize = 20;

/// The arguments.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// Which cases.
    pub plan: Plan,
    /// Whether the reference is compared with itself, to show the faults of a harness.
    pub reference: bool,
    /// The planted fault, or `all`.
    pub fault: Option<String>,
    /// What is compared, if there is a choice.
    pub property: Option<String>,
}

/// A fault that can be planted.
pub trait Named {
    /// Its name on the command line.
    fn name(&self) -> &'static str;
    /// What an engine with this fault does.
    fn what(&self) -> &'static str;
}

/// Runs a command with its arguments.
pub fn main(usage: &'static str, command: impl Fn(&Arguments) -> Result<bool, Box<dyn Error>>) -> ExitCode {
    match read(usage, env::args().skip(1)).and_then(|arguments| command(&arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn read(usage: &'static str, mut arguments: impl Iterator<Item = String>) -> Result<Arguments, Box<dyn Error>> {
    let threads = thread::available_parallelism()?.get();
    let (mut first, mut cases) = (0, 10_000);
    let plan = Plan { cases: 0..0, seed: 1, threads };
    let mut read = Arguments { plan, reference: false, fault: None, property: None };
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or(usage)?;
        match argument.as_str() {
            "--cases" => cases = value.replace('_', "").parse()?,
            "--first" => first = value.replace('_', "").parse()?,
            "--seed" => read.plan.seed = value.parse()?,
            "--threads" => read.plan.threads = value.parse::<usize>()?.max(1),
            "--engine" if value == "reference" => read.reference = true,
            "--engine" if value == "deodar" => read.reference = false,
            "--fault" => read.fault = Some(value),
            "--property" => read.property = Some(value),
            _ => return Err(usage.into()),
        }
    }
    read.plan.cases = first..first + cases;
    Ok(read)
}

/// Prints what the cases were like and which differ; says whether none does.
pub fn conclude(plan: &Plan, tally: &dyn fmt::Display, shortcomings: &[String], differences: &Differences) -> bool {
    println!("{tally}");
    for shortcoming in shortcomings {
        println!("too rare: {shortcoming}");
    }
    for (number, difference) in differences.iter().take(SHOWN) {
        println!("=== case {number} of seed {}\n{difference}", plan.seed);
    }
    println!("{} passed, {} failed", plan.cases.len() - differences.len(), differences.len());
    differences.is_empty()
}

/// Runs the named fault, or all, until each is found; one that is not found fails.
///
/// # Errors
/// No fault has that name.
pub fn find_faults<F: Named + Sync, T: Tally>(
    plan: &Plan,
    name: &str,
    faults: &'static [F],
    faulty: impl Fn(&'static F, &[u8]) -> Outcome<T> + Sync,
    honest: impl Fn(&[u8]) -> Outcome<T> + Sync,
) -> Result<bool, Box<dyn Error>> {
    let planted: Vec<&F> = faults.iter().filter(|fault| name == "all" || fault.name() == name).collect();
    if planted.is_empty() {
        let known: Vec<_> = faults.iter().map(Named::name).collect();
        return Err(format!("no fault `{name}`; there are: {}", known.join(", ")).into());
    }
    let mut missed = 0;
    for fault in &planted {
        let found = plan.find(|bytes| faulty(fault, bytes), &honest);
        let place = found.map_or_else(|| "not found  ".to_owned(), |number| format!("case {number:6}"));
        println!("{place}  {:34} {}", fault.name(), fault.what());
        if let (Some(number), [_]) = (found, planted.as_slice())
            && let Err(difference) =
                oracle::on_big_stack(|| run_case(plan.seed, number, |bytes| faulty(fault, bytes)).map(drop))
        {
            println!("{difference}");
        }
        missed += usize::from(found.is_none());
    }
    println!("{} passed, {missed} failed", planted.len() - missed);
    Ok(missed == 0)
}
