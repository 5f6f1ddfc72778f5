//! Every input is a case: policies, entities and requests on which Deodar and the reference must agree.
//!
//! `cargo fuzz run differential -s none` in `tests/fuzz` runs it; a crash is a difference, printed as a case.
#![no_main]

use deodar_tests::{differential::check_case, oracle::on_big_stack, run::Reduce, subject::Deodar};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let outcome = on_big_stack(|| check_case(bytes, &Deodar, Reduce::Yes));
    if let Err(difference) = outcome {
        panic!("{difference}");
    }
});
