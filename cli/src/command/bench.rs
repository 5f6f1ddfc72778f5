//! `bench`: how fast the policies decide the requests of the project.
//!
//! Requests are decided in each form that a program may use: with names, with handles, and only whether they are
//! allowed. The forms take turns, so that what slows the machine down slows all of them. Times are of one machine at one
//! moment: there is nothing here that fails because of them. Nothing is allocated once the memory of the decisions has
//! seen the requests (invariant I14), so there are no allocations to count.

use std::fmt::Write as _;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use deodar_runtime::{Engine, HandleRequest, Looks, Request, Scratch};
use serde_json::{Value, json};

use super::cannot_run;
use crate::{
    args::{BenchArgs, Format},
    output::counted,
    report,
    session::{Exit, Outcome, Session},
    setting::{Questions, Setting},
};

/// The forms of requests.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Names, and the answer in full.
    Names,
    /// Handles of the engine, and the answer in full.
    Handles,
    /// Names, and only whether it is allowed.
    Allowed,
}

impl Form {
    const ALL: [Self; 3] = [Self::Names, Self::Handles, Self::Allowed];

    const fn name(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Handles => "handles",
            Self::Allowed => "allowed",
        }
    }

    const fn describe(self) -> &'static str {
        match self {
            Self::Names => "names, full answer",
            Self::Handles => "handles, full answer",
            Self::Allowed => "names, allowed or not",
        }
    }
}

/// The times of one form.
#[derive(Debug, Clone, Copy)]
struct Times {
    decisions: usize,
    per_second: f64,
    median: f64,
    p99: f64,
}

/// A request, ready to be decided.
struct Ready<'q> {
    engine: usize,
    request: &'q Request,
    handles: HandleRequest<'q>,
}

pub(super) fn run(args: &BenchArgs, session: &mut Session<'_>) -> Outcome {
    measure(args, session).map_err(cannot_run)
}

fn measure(args: &BenchArgs, session: &mut Session<'_>) -> Outcome {
    let setting = Setting::read(session, &args.setting)?;
    let questions = match &args.requests {
        Some(path) => setting.of_file(session, path, true)?,
        None => setting.of_tests(session, &args.tests, None)?,
    };
    if questions.requests.is_empty() {
        return session.stop(report::no_requests());
    }
    let mut engines: Vec<Engine> = questions.stores.iter().map(|store| setting.engine(store)).collect();
    let ready = prepare(&questions, &mut engines);
    let looks = looks(&ready, &engines);
    let budget = Duration::from_secs_f64(args.seconds.max(0.01));
    let times = time(&ready, &engines, budget);
    match session.format {
        Format::Text => session.io.stdout(&to_text(&setting, ready.len(), &looks, &times))?,
        Format::Json => session.print_json(&to_json(&setting, ready.len(), &looks, &times))?,
    }
    Ok(Exit::Success)
}

fn prepare<'q>(questions: &'q Questions, engines: &mut [Engine]) -> Vec<Ready<'q>> {
    let mut ready = Vec::new();
    for (named, store) in &questions.requests {
        let Some(engine) = engines.get_mut(*store) else { continue };
        let request = &named.request;
        let handles = HandleRequest {
            principal: engine.intern(request.principal()),
            action: engine.intern(request.action()),
            resource: engine.intern(request.resource()),
            context: request.context(),
        };
        ready.push(Ready { engine: *store, request, handles });
    }
    ready
}

fn looks(ready: &[Ready<'_>], engines: &[Engine]) -> Vec<Looks> {
    let mut scratch = Scratch::new();
    let look = |question: &Ready<'_>| engines.get(question.engine)?.looks(&mut scratch, question.request);
    ready.iter().filter_map(look).collect()
}

/// Decides the requests over and over until the time is up, a tenth of it to warm up.
fn time(ready: &[Ready<'_>], engines: &[Engine], budget: Duration) -> Vec<(Form, Times)> {
    let mut scratch = Scratch::new();
    let start = Instant::now();
    while start.elapsed() < budget / 10 {
        for form in Form::ALL {
            pass(form, ready, engines, &mut scratch);
        }
    }
    // A single decision is shorter than a clock can tell, so a sample is so many of one request.
    let repeats = repeats(ready, engines, &mut scratch);
    let mut samples: [Vec<f64>; 3] = Default::default();
    let mut rounds = 0_usize;
    let start = Instant::now();
    while rounds == 0 || start.elapsed() < budget {
        for (form, samples) in Form::ALL.into_iter().zip(&mut samples) {
            for question in ready {
                let Some(engine) = engines.get(question.engine) else { continue };
                let start = Instant::now();
                for _ in 0..repeats {
                    decide(form, question, engine, &mut scratch);
                }
                samples.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(repeats));
            }
        }
        rounds += 1;
    }
    let times = samples.into_iter().map(|samples| summarise(samples, repeats));
    Form::ALL.into_iter().zip(times).collect()
}

fn pass(form: Form, ready: &[Ready<'_>], engines: &[Engine], scratch: &mut Scratch) {
    for question in ready {
        if let Some(engine) = engines.get(question.engine) {
            decide(form, question, engine, scratch);
        }
    }
}

fn decide(form: Form, question: &Ready<'_>, engine: &Engine, scratch: &mut Scratch) {
    match form {
        Form::Names => black_box(engine.decide(scratch, black_box(question.request)).decision() as u8),
        Form::Handles => black_box(engine.decide(scratch, black_box(question.handles)).decision() as u8),
        Form::Allowed => black_box(u8::from(engine.is_allowed(scratch, black_box(question.request)))),
    };
}

/// So many decisions that a sample takes about 20 µs.
fn repeats(ready: &[Ready<'_>], engines: &[Engine], scratch: &mut Scratch) -> u32 {
    let start = Instant::now();
    pass(Form::Names, ready, engines, scratch);
    let each = start.elapsed().as_nanos() / u128::try_from(ready.len().max(1)).unwrap_or(1);
    u32::try_from(20_000 / each.max(1)).unwrap_or(1).clamp(1, 1_000)
}

#[expect(clippy::cast_precision_loss, reason = "counts of samples are far below 2^52")]
fn summarise(mut samples: Vec<f64>, repeats: u32) -> Times {
    samples.sort_unstable_by(f64::total_cmp);
    let at = |part: usize| samples.get((samples.len() * part / 100).min(samples.len().saturating_sub(1))).copied();
    let mean = samples.iter().sum::<f64>() / samples.len().max(1) as f64;
    Times {
        decisions: samples.len() * repeats as usize,
        per_second: if mean > 0.0 { 1e9 / mean } else { 0.0 },
        median: at(50).unwrap_or_default(),
        p99: at(99).unwrap_or_default(),
    }
}

/// The mean and the most of a count.
#[expect(clippy::cast_precision_loss, reason = "counts of policies are far below 2^52")]
fn spread(counts: &[usize]) -> (f64, usize) {
    let sum: usize = counts.iter().sum();
    (sum as f64 / counts.len().max(1) as f64, counts.iter().copied().max().unwrap_or_default())
}

fn counts(looks: &[Looks]) -> [(f64, usize); 2] {
    let of = |count: fn(&Looks) -> usize| spread(&looks.iter().map(count).collect::<Vec<_>>());
    [of(|looks| looks.found), of(|looks| looks.evaluated)]
}

fn to_text(setting: &Setting, n_requests: usize, looks: &[Looks], times: &[(Form, Times)]) -> String {
    let [(found, most_found), (evaluated, most_evaluated)] = counts(looks);
    let mut text = format!(
        "{}, {}; per decision the index finds {found:.1} policies (at most {most_found}), {evaluated:.1} are evaluated (at most {most_evaluated})\n\n{:<24} {:>16} {:>12} {:>12} {:>12}\n",
        counted(setting.policies.count(), "policy"),
        counted(n_requests, "request"),
        "form",
        "decisions/s",
        "median ns",
        "p99 ns",
        "decisions"
    );
    for (form, times) in times {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{:<24} {:>16.0} {:>12.0} {:>12.0} {:>12}",
            form.describe(),
            times.per_second,
            times.median,
            times.p99,
            times.decisions
        );
    }
    text
}

fn to_json(setting: &Setting, n_requests: usize, looks: &[Looks], times: &[(Form, Times)]) -> Value {
    let [(found, most_found), (evaluated, most_evaluated)] = counts(looks);
    let forms = times.iter().map(|(form, times)| {
        json!({
            "form": form.name(),
            "decisions": times.decisions,
            "per_second": times.per_second,
            "median_ns": times.median,
            "p99_ns": times.p99,
        })
    });
    json!({
        "version": 1,
        "policies": setting.policies.count(),
        "requests": n_requests,
        "looks": {
            "found": { "mean": found, "most": most_found },
            "evaluated": { "mean": evaluated, "most": most_evaluated },
        },
        "forms": forms.collect::<Vec<_>>(),
    })
}
