//! Validating: policies that are read already, against a schema that is resolved already, for both engines.
//!
//! `cargo bench -p deodar-benches --bench validate`. The policies of the workloads, and 1,000 generated policies over
//! schemas of 4, 22 and 202 actions; both engines must accept them before anything is timed.

use std::hint::black_box;

use cedar_policy as reference;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deodar_benches::{families, workloads};
use deodar_compiler::{CheckOptions, Schema, check};
use deodar_grammar::{
    Sources,
    ast::{Dialect, PolicySet},
    parse_policies, parse_schema, schema_from_json,
};

/// The generated set.
const POLICIES: usize = 1_000;

/// How often the policies of a workload are repeated, so that the set has a real size.
const COPIES: usize = 50;

struct Case {
    name: String,
    policies: PolicySet,
    schema: Schema,
    reference_policies: reference::PolicySet,
    reference_schema: reference::Schema,
}

enum SchemaText {
    Cedar(String),
    Json(String),
}

impl Case {
    fn new(name: String, policies: &str, schema: &SchemaText) -> Result<Self, String> {
        let mut sources = Sources::new();
        let source = sources.add("policies.cedar", policies);
        let (set, diagnostics) = parse_policies(&sources, source, Dialect::Cedar);
        if !diagnostics.is_empty() {
            return Err(format!("{name}: {diagnostics:?}"));
        }
        let (tree, reference_schema) = match schema {
            SchemaText::Cedar(text) => {
                let source = sources.add("schema", text);
                let reference = reference::Schema::from_cedarschema_str(text).map(|(schema, _)| schema);
                (parse_schema(&sources, source).0, reference.map_err(|error| format!("{name}: {error:?}"))?)
            }
            SchemaText::Json(text) => {
                let source = sources.add("schema", text);
                let reference = reference::Schema::from_json_str(text);
                (schema_from_json(&sources, source).0, reference.map_err(|error| format!("{name}: {error:?}"))?)
            }
        };
        let (schema, diagnostics) = Schema::resolve(&[tree]);
        let schema = schema.ok_or_else(|| format!("{name}: {diagnostics:?}"))?;
        let reference_policies = policies.parse().map_err(|error| format!("{name}: {error:?}"))?;
        let case = Self { name, policies: set, schema, reference_policies, reference_schema };
        if case.check() && case.check_reference(&case.validator()) {
            Ok(case)
        } else {
            Err(format!("{}: an engine rejects the policies", case.name))
        }
    }

    fn check(&self) -> bool {
        check(&[&self.policies], &self.schema, CheckOptions::default()).passed()
    }

    fn validator(&self) -> reference::Validator {
        reference::Validator::new(self.reference_schema.clone())
    }

    fn check_reference(&self, validator: &reference::Validator) -> bool {
        validator.validate(&self.reference_policies, reference::ValidationMode::Strict).validation_passed()
    }
}

fn cases() -> Result<Vec<Case>, String> {
    let workloads = workloads("n50").map_err(|error| error.to_string())?;
    let applications = workloads.into_iter().map(|workload| {
        let name = workload.name.replace("/n50", "");
        Case::new(name, &workload.policies.repeat(COPIES), &SchemaText::Json(workload.schema))
    });
    let families = [4, 22, 202].into_iter().map(|n_actions| {
        let policies = families::policies(POLICIES, n_actions);
        Case::new(format!("{POLICIES}x{n_actions}"), &policies, &SchemaText::Cedar(families::schema(n_actions)))
    });
    applications.chain(families).collect()
}

fn validate(criterion: &mut Criterion) {
    let cases = cases().unwrap_or_else(|error| {
        eprintln!("error: {error}");
        std::process::exit(1)
    });
    for case in cases {
        let mut group = criterion.benchmark_group(format!("validate/{}", case.name));
        group.throughput(Throughput::Elements(case.policies.policies.len() as u64));
        group.bench_function("deodar", |b| b.iter(|| black_box(&case).check()));
        let validator = case.validator();
        group.bench_function("cedar-policy", |b| b.iter(|| black_box(&case).check_reference(&validator)));
        group.finish();
    }
}

criterion_group! {
    name = group;
    config = Criterion::default().sample_size(10);
    targets = validate
}
criterion_main!(group);
