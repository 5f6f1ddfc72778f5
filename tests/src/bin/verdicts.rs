//! Compares the verdicts of Deodar's type checker with those of the reference on generated cases.
//!
//! `verdicts [--cases N] [--first N] [--seed S] [--threads T] [--engine deodar|reference] [--fault NAME|all]
//! [--property verdict|soundness]` prints the distribution of the cases and each difference, and `N passed, N failed` on
//! the last line. With `--fault` the checker has that planted fault, and the run succeeds if a difference is found. With
//! `--property soundness`, what validates is evaluated.

use std::{error::Error, process::ExitCode};

use deodar_tests::{
    command::{self, Arguments, conclude, find_faults},
    run::{Plan, Reduce},
    subject::{Deodar, Reference},
    verdict::{
        Checker,
        compare::check_case,
        fault::{FAULTS, Faulty},
        soundness,
    },
};

const USAGE: &str = "usage: verdicts [--cases N] [--first N] [--seed S] [--threads T] \
    [--engine deodar|reference] [--fault NAME|all] [--property verdict|soundness]";

fn main() -> ExitCode {
    command::main(USAGE, run)
}

fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let Arguments { plan, reference, fault, property } = arguments;
    match (fault, property.as_deref()) {
        (None, Some("soundness")) => Ok(evaluate(plan, *reference)),
        (Some(name), None | Some("verdict")) => find(plan, name, *reference),
        (None, None | Some("verdict")) => Ok(compare(plan, checker(*reference))),
        _ => Err(USAGE.into()),
    }
}

fn checker(reference: bool) -> &'static dyn Checker {
    if reference { &Reference } else { &Deodar }
}

fn compare(plan: &Plan, checker: &dyn Checker) -> bool {
    let (statistics, differences) = plan.run(|bytes, reduce| check_case(bytes, checker, reduce));
    conclude(plan, &statistics, &statistics.shortcomings(), &differences)
}

fn evaluate(plan: &Plan, reference: bool) -> bool {
    let (evaluated, violations) = plan.run(|bytes, _| match reference {
        true => soundness::check_case(bytes, &Reference, &Reference),
        false => soundness::check_case(bytes, &Deodar, &Deodar),
    });
    conclude(plan, &evaluated, &[], &violations)
}

fn find(plan: &Plan, name: &str, reference: bool) -> Result<bool, Box<dyn Error>> {
    find_faults(
        plan,
        name,
        FAULTS,
        |fault, bytes| match reference {
            true => check_case(bytes, &Faulty { checker: Reference, fault }, Reduce::No),
            false => check_case(bytes, &Faulty { checker: Deodar, fault }, Reduce::No),
        },
        |bytes| check_case(bytes, checker(reference), Reduce::No),
    )
}
