//! One decision: everything prepared, request in, full response out, for both engines; ours with handles of entities
//! (`handles`), with names (`names`), and with a response that owns what it says (`owned`).
//!
//! `cargo bench -p deodar-benches --bench decide`. Read the ratio of the two lines of a workload; absolute times hold
//! for one machine.

use std::{error::Error, hint::black_box};

use cedar_policy as reference;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use deodar_benches::{Request, Workload, workloads};
use deodar_runtime as deodar;

/// Both engines with their requests.
struct Prepared {
    deodar: (deodar::Engine, Vec<deodar::Request>),
    reference: (reference::PolicySet, reference::Entities, Vec<reference::Request>),
}

fn prepare(workload: &Workload) -> Result<Prepared, Box<dyn Error>> {
    let program = deodar_compiler::compile_text(&workload.name, &workload.policies)?;
    let schema = resolve(&workload.schema)?;
    let entities = deodar::Entities::from_json(&workload.entities, Some(schema.shapes()))?;
    let requests = workload.requests.iter().map(deodar_request).collect::<Result<_, _>>()?;
    let schema_of_reference = reference::Schema::from_json_str(&workload.schema)?;
    let entities_of_reference = reference::Entities::from_json_str(&workload.entities, Some(&schema_of_reference))?;
    let requests_of_reference = workload.requests.iter().map(reference_request).collect::<Result<_, _>>()?;
    Ok(Prepared {
        deodar: (deodar::Engine::new(program, entities), requests),
        reference: (workload.policies.parse()?, entities_of_reference, requests_of_reference),
    })
}

fn resolve(text: &str) -> Result<deodar_compiler::Schema, Box<dyn Error>> {
    let mut sources = deodar_grammar::Sources::new();
    let source = sources.add("schema", text);
    let (fragment, mut problems) = deodar_grammar::schema_from_json(&sources, source);
    let (schema, more) = deodar_compiler::Schema::resolve(&[fragment]);
    problems.extend(more);
    schema.ok_or_else(|| problems.first().map_or_else(String::new, ToString::to_string).into())
}

fn deodar_request(request: &Request) -> Result<deodar::Request, Box<dyn Error>> {
    let uid =
        |e: &deodar_benches::Entity| Ok::<_, Box<dyn Error>>(deodar::EntityUid::new(e.ty.parse()?, e.id.as_str()));
    let context = deodar::Context::from_json(&request.context.to_string(), None)?;
    Ok(deodar::Request::new(uid(&request.principal)?, uid(&request.action)?, uid(&request.resource)?, context))
}

fn reference_request(request: &Request) -> Result<reference::Request, Box<dyn Error>> {
    let uid = |e: &deodar_benches::Entity| {
        let ty = e.ty.parse()?;
        Ok::<_, Box<dyn Error>>(reference::EntityUid::from_type_name_and_id(ty, reference::EntityId::new(&e.id)))
    };
    let context = reference::Context::from_json_value(request.context.clone(), None)?;
    let (principal, action, resource) = (uid(&request.principal)?, uid(&request.action)?, uid(&request.resource)?);
    Ok(reference::Request::new(principal, action, resource, context, None)?)
}

/// Compares all answers before anything is timed.
fn compare(workload: &Workload, prepared: &Prepared) -> Result<(), String> {
    let (engine, requests) = &prepared.deodar;
    let (policies, entities, reference_requests) = &prepared.reference;
    let authorizer = reference::Authorizer::new();
    for ((ours, theirs), expected) in requests.iter().zip(reference_requests).zip(&workload.requests) {
        let ours = engine.authorize(ours);
        let theirs = authorizer.is_authorized(theirs, policies, entities);
        let allows = [ours.decision() == deodar::Decision::Allow, theirs.decision() == reference::Decision::Allow];
        if allows != [expected.decision == "Allow"; 2]
            || ours.determining().len() != theirs.diagnostics().reason().count()
        {
            return Err(format!("{}: the engines disagree on {expected:?}", workload.name));
        }
    }
    Ok(())
}

fn decide(group: &mut BenchmarkGroup<'_, WallTime>, prepared: &Prepared) {
    let (engine, requests) = &prepared.deodar;
    let (policies, entities, reference_requests) = &prepared.reference;
    let authorizer = reference::Authorizer::new();
    group.throughput(Throughput::Elements(requests.len() as u64));
    let handles: Option<Vec<_>> = requests.iter().map(|request| handle_request(engine, request)).collect();
    let mut scratch = deodar::Scratch::new();
    if let Some(handles) = handles {
        group.bench_function("deodar handles", |b| {
            b.iter(|| handles.iter().map(|request| determining(engine.decide(&mut scratch, *request))).sum::<usize>());
        });
    }
    group.bench_function("deodar names", |b| {
        b.iter(|| requests.iter().map(|request| determining(engine.decide(&mut scratch, request))).sum::<usize>());
    });
    group.bench_function("deodar owned", |b| {
        b.iter(|| requests.iter().for_each(|request| drop(black_box(engine.authorize(black_box(request))))));
    });
    group.bench_function("cedar-policy", |b| {
        b.iter(|| {
            for request in reference_requests {
                drop(black_box(authorizer.is_authorized(black_box(request), policies, entities)));
            }
        });
    });
}

/// The request with handles, if all entities are known.
fn handle_request<'r>(engine: &deodar::Engine, request: &'r deodar::Request) -> Option<deodar::HandleRequest<'r>> {
    Some(deodar::HandleRequest {
        principal: engine.handle(request.principal())?,
        action: engine.handle(request.action())?,
        resource: engine.handle(request.resource())?,
        context: request.context(),
    })
}

/// Looks at all of the answer but the names.
fn determining(answer: deodar::Answer<'_>) -> usize {
    let allows = answer.decision() == deodar::Decision::Allow;
    usize::from(black_box(allows)) + black_box(answer.determining().count()) + black_box(answer.errors().count())
}

fn benches(criterion: &mut Criterion) {
    let workloads = workloads("n50").unwrap_or_else(|error| stop(&error.to_string()));
    for workload in &workloads {
        let prepared = prepare(workload).unwrap_or_else(|error| stop(&error.to_string()));
        compare(workload, &prepared).unwrap_or_else(|error| stop(&error));
        let mut group = criterion.benchmark_group(format!("decide/{}", workload.name));
        decide(&mut group, &prepared);
        group.finish();
    }
}

fn stop(error: &str) -> ! {
    eprintln!("error: {error}");
    std::process::exit(1)
}

criterion_group! {
    name = group;
    config = Criterion::default().sample_size(20);
    targets = benches
}
criterion_main!(group);
