//! Any text is read as entities; what can be written can be read again and is the same.

#![no_main]

use deodar_runtime::Entities;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(entities) = Entities::from_json(text, None) else { return };
    let Ok(json) = entities.to_json() else { return };
    let again = Entities::from_json(&json, None).expect("what was written");
    assert_eq!(again.to_json().ok(), Some(json));
});
