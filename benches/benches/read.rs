//! Reading: policy text to a tree and to a program, entities in JSON to a store, for both engines.
//!
//! `cargo bench -p deodar-benches --bench read`. In `read/parse` both engines parse; in `read/compile` Deodar compiles as
//! well, and the reference, which has nothing to compile to, only parses.

use std::hint::black_box;

use cedar_policy as reference;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deodar_benches::{Workload, families, workloads};
use deodar_grammar::{Sources, ast::Dialect, parse_policies};
use deodar_runtime as deodar;

/// Each copy of the policies is a policy of its own, so the size is that of a real set.
const COPIES: usize = 200;

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read/parse");
    for (name, text) in texts() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new("deodar", &name), |b| {
            b.iter(|| {
                let mut sources = Sources::new();
                let source = sources.add("bench", black_box(text.as_str()));
                parse_policies(&sources, source, Dialect::Cedar)
            });
        });
        group.bench_function(BenchmarkId::new("cedar-policy", &name), |b| {
            b.iter(|| black_box(&text).parse::<reference::PolicySet>().map_err(Box::new));
        });
    }
    group.finish();
}

/// The policies of every application, as sets of a real size, and a generated set.
fn texts() -> Vec<(String, String)> {
    let applications = workloads_or_exit().into_iter();
    let mut texts: Vec<_> = applications.map(|workload| (workload.name, workload.policies.repeat(COPIES))).collect();
    texts.push(("1000 generated".to_owned(), families::policies(1_000, 22)));
    texts
}

fn compile(criterion: &mut Criterion) {
    let Some(workload) = workload() else { return };
    let text = workload.policies.repeat(COPIES);
    let mut group = criterion.benchmark_group("read/compile");
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

fn workload() -> Option<Workload> {
    workloads_or_exit().into_iter().next()
}

fn workloads_or_exit() -> Vec<Workload> {
    workloads("n50").unwrap_or_else(|error| {
        eprintln!("error: {error}");
        std::process::exit(1)
    })
}

criterion_group! {
    name = group;
    config = Criterion::default().sample_size(10);
    targets = parse, compile, entities
}
criterion_main!(group);
