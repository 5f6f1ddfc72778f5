//! Every input is a case: a schema and policies on whose verdict Deodar and the reference must agree.
//!
//! `cargo fuzz run verdicts -s none` in `tests/fuzz` runs it; a crash is a difference, printed as a case.
#![no_main]

use arbitrary::Unstructured;
use deodar_tests::{oracle::on_big_stack, subject::Deodar, verdict::run::check_case};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let outcome = on_big_stack(|| check_case(&mut Unstructured::new(bytes), &Deodar));
    if let Err(difference) = outcome {
        panic!("{difference}");
    }
});
