//! Compares Deodar with the reference on generated cases.
//!
//! `differential [--cases N] [--first N] [--seed S] [--threads T] [--engine deodar|reference] [--fault NAME|all]`
//! prints the distribution of the cases and each difference, and `N passed, N failed` on the last line. With `--fault`
//! the engine has that planted fault, and the run succeeds if a difference is found.

use std::{error::Error, process::ExitCode};

use deodar_tests::{
    command::{self, Arguments, conclude, find_faults},
    differential::check_case,
    fault::{FAULTS, Faulty},
    run::Reduce,
    subject::{Deodar, Reference, Subject},
};

const USAGE: &str = "usage: differential [--cases N] [--first N] [--seed S] [--threads T] \
    [--engine deodar|reference] [--fault NAME|all]";

fn main() -> ExitCode {
    command::main(USAGE, run)
}

fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let Arguments { plan, reference, fault, property: None } = arguments else { return Err(USAGE.into()) };
    let honest: &dyn Subject = if *reference { &Reference } else { &Deodar };
    if let Some(name) = fault {
        return find_faults(
            plan,
            name,
            FAULTS,
            |fault, bytes| match reference {
                true => check_case(bytes, &Faulty { engine: Reference, fault }, Reduce::No),
                false => check_case(bytes, &Faulty { engine: Deodar, fault }, Reduce::No),
            },
            |bytes| check_case(bytes, honest, Reduce::No),
        );
    }
    let (statistics, differences) = plan.run(|bytes, reduce| check_case(bytes, honest, reduce));
    Ok(conclude(plan, &statistics, &statistics.shortcomings(), &differences))
}
