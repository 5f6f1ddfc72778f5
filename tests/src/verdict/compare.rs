//! Compares a checker with the reference on generated cases.
//!
//! [`check_case`] is the one function behind the property test, the fuzz target and the `verdicts` binary.

mod minimise;

use std::fmt::Write;

use self::minimise::minimise;
use super::{Checker, fault::Fault, statistics::Statistics, world::World};
use crate::{
    oracle::on_big_stack,
    run::{Difference, Outcome, Reduce, bytes_of},
    subject::Reference,
};

/// Generates a case from the bytes and compares the checker with the reference on it.
///
/// The reference needs a deep stack: call this inside [`on_big_stack`].
///
/// # Errors
/// What differs, with the case.
pub fn check_case(bytes: &[u8], checker: &dyn Checker, reduce: Reduce) -> Outcome<Statistics> {
    let world = World::generate(bytes);
    let question = world.question();
    let expected = Reference.check(&question);
    let found = checker.check(&question).differences(&expected, &question.options);
    if found.is_empty() {
        let mut statistics = Statistics::default();
        statistics.count(&world, &expected);
        return Ok(statistics);
    }
    let differs = |world: &World| !compare(world, checker).is_empty();
    let small = if reduce == Reduce::Yes { minimise(world, &differs) } else { world };
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

/// The faults that none of the first cases shows, each case checked for all faults that are left.
pub fn missed(cases: usize, seed: u64, faults: impl IntoIterator<Item = &'static Fault>) -> Vec<&'static Fault> {
    let mut left: Vec<_> = faults.into_iter().collect();
    on_big_stack(|| {
        for case in 0..cases {
            if left.is_empty() {
                break;
            }
            let world = World::generate(&bytes_of(seed, case));
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
