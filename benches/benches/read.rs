//! Reading: policy text to a program, entities in JSON to a store, for both engines.
//!
//! `cargo bench -p deodar-benches --bench read`. Deodar's policies are compiled, the reference's only parsed.

use std::hint::black_box;

use cedar_policy as reference;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deodar_benches::workloads;
use deodar_runtime as deodar;

fn policies(criterion: &mut Criterion) {
    let Some(workload) = workload() else { return };
    // Each copy of the policies is a policy of its own, so the size is that of a real set.
    let text = workload.policies.repeat(200);
    let mut group = criterion.benchmark_group("read/policies");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("deodar", |b| b.iter(|| deodar_compiler::compile_text("bench", black_box(&text)).is_ok()));
    group.bench_function("cedar-policy", |b| b.iter(|| black_box(&text).parse::<reference::PolicySet>().is_ok()));
    group.finish();
}

fn entities(criterion: &mut Criterion) {
    let Some(workload) = workload() else { return };
    let text = &workload.entities;
    let mut group = criterion.benchmark_group("read/entities");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("deodar", |b| b.iter(|| deodar::Entities::from_json(black_box(text), None).is_ok()));
    group.bench_function("cedar-policy", |b| {
        b.iter(|| reference::Entities::from_json_str(black_box(text), None).is_ok());
    });
    group.finish();
}

fn workload() -> Option<deodar_benches::Workload> {
    let workloads = workloads("n50").unwrap_or_else(|error| {
        eprintln!("error: {error}");
        std::process::exit(1)
    });
    workloads.into_iter().next()
}

criterion_group! {
    name = group;
    config = Criterion::default().sample_size(10);
    targets = policies, entities
}
criterion_main!(group);
