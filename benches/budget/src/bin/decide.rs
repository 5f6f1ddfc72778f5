//! Decides the requests of one workload again and again, for `callgrind` and other profilers.
//!
//! `decide WORKLOAD FORM PASSES`, where the form is `owned`, `names`, `handles`, `settled` or `json`; only the function
//! [`measured`] should be counted:
//!
//! ```sh
//! valgrind --tool=callgrind --toggle-collect='*measured*' target/release/decide gdrive/n50 handles 10
//! ```

use std::{error::Error, hint::black_box, time::Instant};

use deodar_budget::{archive, handle_requests, workload};
use deodar_runtime::{Decision, Engine, HandleRequest, Request, Scratch};

/// How requests are given, and what is asked.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Names; the answer has memory of its own.
    Owned,
    /// Names.
    Names,
    /// Handles.
    Handles,
    /// Handles, and only the decision.
    Settled,
    /// JSON.
    Json,
}

/// The same requests in every form.
struct Requests<'r> {
    named: &'r [Request],
    handles: Vec<HandleRequest<'r>>,
    json: Vec<String>,
}

impl Form {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "owned" => Some(Self::Owned),
            "names" => Some(Self::Names),
            "handles" => Some(Self::Handles),
            "settled" => Some(Self::Settled),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Decides all requests; gives how many are allowed.
#[inline(never)]
fn measured(form: Form, engine: &Engine, scratch: &mut Scratch, requests: &Requests<'_>) -> usize {
    let Requests { named, handles, json } = requests;
    let allows = |decision| usize::from(decision == Decision::Allow);
    match form {
        Form::Owned => named.iter().map(|request| allows(engine.authorize(black_box(request)).decision())).sum(),
        Form::Names => named.iter().map(|request| allows(engine.decide(scratch, black_box(request)).decision())).sum(),
        Form::Handles => {
            handles.iter().map(|request| allows(engine.decide(scratch, black_box(request)).decision())).sum()
        }
        Form::Settled => {
            handles.iter().map(|request| usize::from(engine.is_allowed(scratch, black_box(request)))).sum()
        }
        Form::Json => {
            let decide = |request: &String| engine.decide_json(scratch, black_box(request)).map(|a| a.decision()).ok();
            json.iter().map(decide).map(|decision| decision.map_or(0, allows)).sum()
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, form, passes] = arguments.as_slice() else { return Err("usage: decide WORKLOAD FORM PASSES".into()) };
    let form = Form::from_name(form).ok_or("no such form")?;
    let passes: usize = passes.parse()?;
    let workload = workload(&archive()?, name)?;
    let (mut engine, named) = workload.prepare()?;
    let handles = handle_requests(&mut engine, &named);
    let requests = Requests { named: &named, handles, json: workload.json_requests() };
    let mut scratch = Scratch::new();
    measured(form, &engine, &mut scratch, &requests);
    let mut times = Vec::new();
    for _ in 0..passes {
        let start = Instant::now();
        black_box(measured(form, &engine, &mut scratch, &requests));
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let each = median.as_nanos() / u128::try_from(named.len().max(1))?;
    let entities = engine.entities();
    let bytes = entities.bytes().checked_div(entities.len()).unwrap_or(0);
    eprintln!(
        "{name} {form:?}: {} decisions, {each} ns each (median of {passes} passes); {bytes} bytes for each of {} entities",
        named.len() * (passes + 1),
        entities.len()
    );
    Ok(())
}
