//! Texts that are deep, wide or full of mistakes: they cost time in proportion to their length, and no stack.

use deodar_lexicon::limits;

use super::{Syntax, accept, codes};
use crate::{json::schema::schema_to_json, schema::print::print_schema};

const DEEPEST: usize = limits::NESTING.as_usize();

/// Runs on the stack of a small thread.
fn on_a_small_stack(job: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(job).expect("a thread");
    thread.join().expect("no panic");
}

fn sets(depth: usize) -> String {
    format!("type T = {}Long{};", "Set<".repeat(depth), ">".repeat(depth))
}

fn json_sets(depth: usize) -> String {
    let open = r#"{"type":"Set","element":"#.repeat(depth);
    let ty = format!(r#"{open}{{"type":"Long"}}{}"#, "}".repeat(depth));
    format!(r#"{{"":{{"commonTypes":{{"T":{ty}}},"entityTypes":{{}},"actions":{{}}}}}}"#)
}

#[test]
fn the_deepest_types_are_read_and_written_on_a_small_stack() {
    on_a_small_stack(|| {
        let schema = accept(Syntax::Cedar, &sets(DEEPEST - 1));
        assert_eq!(schema_to_json(&accept(Syntax::Json, &schema_to_json(&schema))), schema_to_json(&schema));
        assert!(print_schema(&schema).expect("a form").contains(&"Set<".repeat(DEEPEST - 1)));
        let records =
            format!("entity A {}{};", "{ a?: ".repeat(DEEPEST - 1), "{}".to_owned() + &"}".repeat(DEEPEST - 1));
        let schema = accept(Syntax::Cedar, &records);
        accept(Syntax::Json, &schema_to_json(&schema));
        accept(Syntax::Cedar, &print_schema(&schema).expect("a form"));
    });
}

#[test]
fn deeper_types_are_reported_once_in_each_declaration() {
    on_a_small_stack(|| {
        assert_eq!(codes(Syntax::Cedar, &sets(DEEPEST)), ["limit-exceeded"]);
        let text = format!("{}\nentity A;\n{}", sets(100_000), sets(5_000).replace('T', "U"));
        assert_eq!(codes(Syntax::Cedar, &text), ["limit-exceeded"; 2]);
        assert_eq!(codes(Syntax::Json, &json_sets(100_000)), ["limit-exceeded"]);
        accept(Syntax::Json, &json_sets(DEEPEST - 1));
    });
}

#[test]
fn brackets_without_an_end_are_one_mistake() {
    on_a_small_stack(|| {
        assert_eq!(codes(Syntax::Cedar, &format!("type T = {}", "Set<".repeat(100_000))), ["unexpected-end"]);
        assert_eq!(codes(Syntax::Cedar, &format!("type T = {}", "{a:".repeat(100_000))), ["unexpected-end"]);
        assert_eq!(codes(Syntax::Cedar, &format!("type T = {};", "Set<".repeat(100_000))), ["unexpected-token"]);
        let closed = format!("type T = {}1{};", "Set<".repeat(100_000), ">".repeat(100_000));
        assert_eq!(codes(Syntax::Cedar, &closed), ["unexpected-token"]);
    });
}

#[test]
fn wide_schemas_take_linear_time() {
    let names: Vec<String> = (0..100_000).map(|index| format!("a{index}")).collect();
    let text = format!(
        "entity {}; action a in [{}] appliesTo {{ principal: [{}], resource: a0, context: {{ {}: Long }} }};",
        names.join(","),
        names.join(","),
        names.join(","),
        names.join(": Long,"),
    );
    let schema = accept(Syntax::Cedar, &text);
    assert_eq!(schema.namespaces.len(), 1);
    accept(Syntax::Json, &schema_to_json(&schema));
    let path = format!("type T = {};", names.join("::"));
    accept(Syntax::Cedar, &path);
    accept(Syntax::Cedar, &format!("@{} entity A;", names.join(" @")));
}

#[test]
fn more_mistakes_than_the_limit_are_counted() {
    let most = limits::DIAGNOSTICS.as_usize();
    let found = codes(Syntax::Cedar, &"entity 1;".repeat(20_000));
    assert_eq!((found.len(), found.last()), (most + 1, Some(&"too-many-errors")));
    let types: Vec<String> = (0..20_000).map(|index| format!(r#""T{index}":{{}}"#)).collect();
    let text = format!(r#"{{"":{{"commonTypes":{{{}}},"entityTypes":{{}},"actions":{{}}}}}}"#, types.join(","));
    let found = codes(Syntax::Json, &text);
    assert_eq!((found.len(), found.last()), (most + 1, Some(&"too-many-errors")));
}
