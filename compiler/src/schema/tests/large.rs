//! Large schemas: on the stack of a small thread, in time that grows with the text.

use std::fmt::Write as _;

use deodar_lexicon::limits;
use deodar_runtime::shape::TypeIndex;

use super::{check, resolve};

/// Runs the test on the smallest stack that is promised to suffice.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(test).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn nested_common_types_stay_as_small_as_they_are_written() {
    let mut text = "type T0 = Long;\n".to_owned();
    for level in 1..=200 {
        let _ = writeln!(text, "type T{level} = {{ a: T{0}, b: T{0} }};", level - 1);
    }
    let (_, schema, _) = resolve(&text);
    let schema = schema.expect("a schema");
    let types: std::collections::BTreeSet<TypeIndex> = schema.common_types().values().map(|common| common.ty).collect();
    assert_eq!(types.len(), 201);
}

#[test]
fn equal_types_have_equal_indices() {
    let (_, schema, _) = resolve(
        "type A = { a: Set<Long>, b?: B }; type B = { c: Long }; type C = { b?: { c: Long }, a: Set<__cedar::Long> };",
    );
    let schema = schema.expect("a schema");
    let ty = |name: &str| schema.common_types().get(name).expect("a common type").ty;
    assert_eq!(ty("A"), ty("C"));
    assert_ne!(ty("A"), ty("B"));
}

#[test]
fn types_nest_up_to_the_limit() {
    on_a_small_stack(|| {
        let nested = |levels: u64| {
            let types: Vec<String> =
                (1..levels).map(|level| format!("type T{level} = Set<T{}>;\n", level - 1)).collect();
            format!("type T0 = Long;\n{}", types.concat())
        };
        check(&nested(limits::NESTING.value), &[]);
        check(&nested(limits::NESTING.value + 1), &["type-too-deep"]);
        // Whatever contains the type is not reported too.
        check(&nested(limits::NESTING.value + 500), &["type-too-deep"]);
    });
}

#[test]
fn chains_of_names_need_no_deep_stack() {
    on_a_small_stack(|| {
        let mut text = "type T0 = Long;\nentity E0;\naction a0;\n".to_owned();
        for at in 1..10_000 {
            let before = at - 1;
            let _ = writeln!(text, "type T{at} = T{before};");
            let _ = writeln!(text, "entity E{at} {{ x: T{before}, y: E{before} }};");
        }
        for at in 1..500 {
            let before = at - 1;
            let _ = writeln!(text, "entity F{at} in [E{before}]; action a{at} in [a{before}];");
        }
        check(&text, &[]);
    });
}

#[test]
fn a_cycle_of_many_common_types_is_reported_once() {
    on_a_small_stack(|| {
        let text: Vec<String> = (0..3_000).map(|at| format!("type T{at} = T{};\n", (at + 1) % 3_000)).collect();
        check(&text.concat(), &["cyclic-common-types"]);
        let (_, _, diagnostics) = resolve(&text.concat());
        let cycle = diagnostics.first().expect("a diagnostic");
        let shown = "`T1`, `T2`, `T3`, `T4`, `T5`, `T6`, `T7`, `T8`, `T9`, `T10`, and 2989 more";
        assert_eq!(cycle.message(), format!("the common type `T0` contains itself through {shown}"));
        assert_eq!(cycle.labels().len(), 11);
    });
}
