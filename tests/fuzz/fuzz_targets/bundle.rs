//! Any bytes are read as a bundle, as they are and with a length and a digest that fit; what is read is written as the
//! same bytes, and decides.

#![no_main]

use deodar_runtime::{
    Bundle, Context, Engine, Entities, Request,
    bundle::{Digest, MAGIC, VERSION},
};
use libfuzzer_sys::fuzz_target;

/// The input as everything behind the digest.
fn signed(rest: &[u8]) -> Vec<u8> {
    let length = u64::try_from(MAGIC.len() + 4 + 8 + 32 + rest.len()).expect("a length");
    let head = [&MAGIC[..], &VERSION.to_le_bytes(), &length.to_le_bytes()].concat();
    let digest = Digest::of(&[&head, rest].concat()).bytes();
    [&head[..], &digest, rest].concat()
}

fuzz_target!(|bytes: &[u8]| {
    let _ = Bundle::read(bytes);
    // A bundle of the corpus is taken behind its header.
    let rest = if bytes.starts_with(&MAGIC) { bytes.get(52..).unwrap_or_default() } else { bytes };
    let bytes = signed(rest);
    let Ok(bundle) = Bundle::read(&bytes) else { return };
    assert_eq!(bundle.write(), bytes);
    let engine = Engine::new(bundle.into_program(), Entities::new());
    let uid = |text: &str| text.parse().expect("an entity");
    let request = Request::new(uid("U::\"a\""), uid("Action::\"a\""), uid("R::\"a\""), Context::empty());
    assert_eq!(engine.explain(&request).response(), &engine.authorize(&request));
});
