//! What a store says of its memory is what the allocator says: [`Entities::bytes`] within 3 %.
#![expect(clippy::expect_used, reason = "a test ends where its premises do not hold")]

use std::{alloc::System, fmt::Write as _};

use deodar_runtime::Entities;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Entities with attributes of every kind, tags, and a hierarchy of two levels.
fn entities(count: usize) -> String {
    let mut text = String::from("[");
    for at in 0..count {
        let (group, top) = (at % 100, at % 10);
        write!(
            text,
            r#"{{"uid": {{"type": "App::User", "id": "user-{at}"}}, "attrs": {{"n": {at}, "name": "a name that is too long to lie in place {at}",
               "roles": ["r{top}", "common"], "home": {{"zone": {group}, "of": {{"__entity": {{"type": "App::User", "id": "user-{at}"}}}}}},
               "friends": [{{"__entity": {{"type": "App::User", "id": "user-{group}"}}}}], "ip": {{"__extn": {{"fn": "ip", "arg": "10.0.{top}.{group}"}}}}}},
               "tags": {{"t": "tag {at}"}}, "parents": [{{"type": "App::Group", "id": "{group}"}}]}},"#
        )
        .expect("a string");
    }
    for group in 0..100 {
        write!(
            text,
            r#"{{"uid": {{"type": "App::Group", "id": "{group}"}}, "attrs": {{}}, "parents": [{{"type": "App::Group", "id": "top"}}]}},"#
        )
        .expect("a string");
    }
    text.push_str(r#"{"uid": {"type": "App::Group", "id": "top"}, "attrs": {}, "parents": []}]"#);
    text
}

/// One test, because the counter counts for the whole process.
#[test]
fn a_store_knows_its_bytes() {
    for count in [1_000, 20_000] {
        let text = entities(count);
        let region = Region::new(ALLOCATOR);
        let store = Entities::from_json(&text, None).expect("entities");
        let change = region.change();
        let (allocated, said) = (change.bytes_allocated - change.bytes_deallocated, store.bytes());
        assert!(allocated.abs_diff(said) * 100 <= allocated * 3, "{count}: {allocated} bytes allocated, {said} said");
    }
}
