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

/// Names joined by commas: `a0, a1, …`.
fn names(letter: &str, n: usize) -> String {
    (0..n).map(|at| format!("{letter}{at}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn many_actions_in_shallow_groups_are_a_schema() {
    on_a_small_stack(|| {
        let mut text = format!("entity U; entity {}; action all; action {} in all;\n", names("R", 50), names("g", 100));
        for at in 0..10_000 {
            let (group, other) = (at % 100, (at + 7) % 100);
            let _ = writeln!(
                text,
                "action a{at} in [g{group}, g{other}] appliesTo {{ principal: U, resource: R{}, context: {{ a: Long }} }};",
                at % 50
            );
        }
        check(&text, &[]);
    });
}

#[test]
fn what_is_declared_together_and_grows_too_large_states_the_limit() {
    on_a_small_stack(|| {
        let too_large: &[&str] = &["schema-too-large"];
        let (many, others) = (names("A", 5_000), names("B", 5_000));
        check(&format!("entity {others}; entity {many} in [{others}];"), too_large);
        check(&format!("action {others}; action {many} in [{others}];"), too_large);
        check(
            &format!("entity {others}; action {many} appliesTo {{ principal: [{others}], resource: [{others}] }};"),
            too_large,
        );
        let attributes = others.replace(',', ": Long,");
        check(&format!("entity {many} {{ {attributes}: Long }};"), too_large);
        check(
            &format!(
                "entity E; type T = {{ {attributes}: Long }}; action {many} appliesTo {{ principal: E, resource: E, context: T }};"
            ),
            too_large,
        );
        let annotations = format!("@{}\n", others.replace(", ", "\n@"));
        check(&format!("{annotations}entity {many};"), too_large);
    });
}

#[test]
fn long_chains_of_members_state_the_limit() {
    on_a_small_stack(|| {
        let chain = |line: fn(usize) -> String| -> String { (1..10_000).map(line).collect() };
        let types = chain(|at| format!("entity E{at} in E{};\n", at - 1));
        check(&format!("entity E0;\n{types}"), &["schema-too-large"]);
        let actions = chain(|at| format!("action a{at} in a{};\n", at - 1));
        check(&format!("action a0;\n{actions}"), &["schema-too-large"]);
        check(&format!("entity E0 in E9999;\n{types}"), &["schema-too-large"]);
        check(&format!("action a0 in a9999;\n{actions}"), &["cyclic-action-groups"]);
    });
}

/// Each path to an ancestor counts, since each is followed.
#[test]
fn dense_hierarchies_state_the_limit() {
    on_a_small_stack(|| {
        let layer = |at: usize| names(&format!("L{at}x"), 300);
        let layers: Vec<String> = (1..10).map(|at| format!("entity {} in [{}];\n", layer(at), layer(at - 1))).collect();
        check(&format!("entity {};\n{}", layer(0), layers.concat()), &["schema-too-large"]);
    });
}

#[test]
fn names_that_are_undeclared_for_many_are_looked_for_once() {
    on_a_small_stack(|| {
        let (many, unknown) = (names("Known", 3_000), names("Unknown", 50));
        let (_, _, diagnostics) = resolve(&format!("entity {many} in [{unknown}];"));
        assert_eq!(diagnostics.len(), 50);
        let (_, _, diagnostics) = resolve(&format!("action {many} in [{unknown}];"));
        assert_eq!(diagnostics.len(), 50);
    });
}

/// Many ways back to what precedes a cycle must not cost a walk each.
#[test]
fn many_edges_back_are_followed_in_linear_time() {
    on_a_small_stack(|| {
        let n = 20_000;
        let mut text = String::new();
        for at in 0..n {
            let _ = writeln!(text, "action a{at:05} in [a{:05}, a00000];", (at + 1) % n);
        }
        check(&text, &["cyclic-action-groups"]);
        let mut text = "action a0 in [a1]; action a1 in [a0, b00000];\n".to_owned();
        for at in 0..n {
            let _ = writeln!(text, "action b{at:05} in [a0, b{:05}];", (at + 1).min(n));
        }
        let _ = writeln!(text, "action b{n:05};");
        check(&text, &["cyclic-action-groups"]);
    });
}
