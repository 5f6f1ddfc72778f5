//! Any text is read as a request, a context and the name of an entity.

#![no_main]

use deodar_runtime::{Context, EntityUid, Request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Request::from_json(text, None);
    if let Ok(context) = Context::from_json(text, None) {
        assert!(!context.to_string().is_empty());
    }
    if let Ok(uid) = text.parse::<EntityUid>() {
        assert_eq!(uid.to_string().parse(), Ok(uid));
    }
});
