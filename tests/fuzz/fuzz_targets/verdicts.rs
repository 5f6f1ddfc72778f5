//! Every input is a case: a schema and policies on whose verdict Deodar and the reference must agree.
//!
//! `cargo fuzz run verdicts -s none` in `tests/fuzz` runs it; a crash is a difference, printed as a case.
#![no_main]

use deodar_tests::{oracle::on_big_stack, run::Reduce, subject::Deodar, verdict::compare::check_case};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let outcome = on_big_stack(|| check_case(bytes, &Deodar, Reduce::Yes));
    if let Err(difference) = outcome {
        panic!("{difference}");
    }
});
