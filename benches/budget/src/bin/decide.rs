//! Decides the requests of one workload again and again, for `callgrind` and other profilers.
//!
//! `decide WORKLOAD FORM PASSES`; the function [`measured`] is all that should be counted:
//!
//! ```sh
//! valgrind --tool=callgrind --toggle-collect='*measured*' target/release/decide gdrive/n50 owned 10
//! ```

use std::{error::Error, hint::black_box, time::Instant};

use deodar_budget::{archive, workload};
use deodar_runtime::{Decision, Engine, Request};

#[inline(never)]
fn measured(engine: &Engine, requests: &[Request]) -> usize {
    let decide = |request| engine.authorize(black_box(request)).decision() == Decision::Allow;
    requests.iter().filter(|request| decide(request)).count()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, form, passes] = arguments.as_slice() else { return Err("usage: decide WORKLOAD FORM PASSES".into()) };
    let passes: usize = passes.parse()?;
    let (engine, requests) = workload(&archive()?, name)?.prepare()?;
    let mut times = Vec::new();
    for _ in 0..passes {
        let start = Instant::now();
        match form.as_str() {
            "owned" => black_box(measured(&engine, &requests)),
            other => return Err(format!("no form {other}").into()),
        };
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let each = median.as_nanos() / u128::try_from(requests.len().max(1))?;
    eprintln!("{name} {form}: {} decisions, {each} ns each", requests.len() * passes);
    Ok(())
}
