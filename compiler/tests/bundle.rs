//! Bundles as bytes: what is written is read again, and nothing else is.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test ends where its premises do not hold")]

use deodar_compiler::{Schema, bundle};
use deodar_grammar::{Sources, ast::Dialect, parse_policies, parse_schema};
use deodar_runtime::{
    Bundle, BundleCode, Context, Engine, Entities, Request, Response,
    bundle::{Digest, MAGIC, SourceText, VERSION, Validity},
};

const POLICIES: &str = include_str!("../../tests/golden/v1/policies.cedar");
const SCHEMA: &str = include_str!("../../tests/golden/v1/schema.cedarschema");

/// Where the length and the digest stand.
const LENGTH: core::ops::Range<usize> = 12..20;
const DIGEST: core::ops::Range<usize> = 20..52;
const TABLE: usize = 56;
const ROW: usize = 20;

/// A bundle of everything but links.
fn made() -> Bundle {
    let mut sources = Sources::new();
    let (policies, schema) = (sources.add("p.cedar", POLICIES), sources.add("s.cedarschema", SCHEMA));
    let (set, diagnostics) = parse_policies(&sources, policies, Dialect::Cedar);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let fragments = [parse_schema(&sources, schema).0];
    let schema = Schema::resolve(&fragments).0.expect("a schema");
    bundle(&[&set], Some((&schema, &fragments)), &sources).expect("a program")
}

/// A small one, for tests that read it many times.
fn small() -> Vec<u8> {
    let text = r#"@id("p") permit (principal == ?principal, action, resource) when { {a: [1, "x"]} == {a: context.b} && "x" like "*y" };"#;
    let mut sources = Sources::new();
    let policies = sources.add("p", text);
    let schema = sources.add(
        "s",
        "entity U; entity R in [U] = { n?: Set<Long> } tags U; action x appliesTo { principal: U, resource: R };",
    );
    let (set, _) = parse_policies(&sources, policies, Dialect::Cedar);
    let fragments = [parse_schema(&sources, schema).0];
    let schema = Schema::resolve(&fragments).0.expect("a schema");
    bundle(&[&set], Some((&schema, &fragments)), &sources).expect("a program").write()
}

/// Makes length and digest fit again.
fn sign(bytes: &mut [u8]) {
    let length = u64::try_from(bytes.len()).expect("a length");
    bytes[LENGTH].copy_from_slice(&length.to_le_bytes());
    let rest = [&bytes[..DIGEST.start], &bytes[DIGEST.end..]].concat();
    bytes[DIGEST].copy_from_slice(&Digest::of(&rest).bytes());
}

fn code(bytes: &[u8]) -> Option<BundleCode> {
    Bundle::read(bytes).err().map(|error| error.code())
}

fn decide(bundle: Bundle) -> Response {
    let uid = |text: &str| text.parse().expect("an entity");
    let request = Request::new(uid("U::\"a\""), uid("Action::\"x\""), uid("R::\"r\""), Context::empty());
    let mut engine = Engine::new(bundle.into_program(), Entities::new());
    for template in engine.program().templates().iter().map(|template| template.id.clone()).collect::<Vec<_>>() {
        let _ = engine.link(&template, "link", &[(deodar_runtime::instruction::Slot::Principal, uid("U::\"a\""))]);
    }
    let response = engine.authorize(&request);
    assert_eq!(engine.explain(&request).response().decision(), engine.authorize_by_scan(&request).decision());
    response
}

#[test]
fn what_is_written_is_read_again() {
    let bundle = made();
    let bytes = bundle.write();
    let again = Bundle::read(&bytes).expect("what was written");
    assert_eq!(again.program().parts(), bundle.program().parts());
    assert_eq!(again.validity(), Validity::Valid);
    let text = |name: &str, text: &str| SourceText { name: name.into(), text: text.to_owned() };
    assert_eq!(again.policy_texts(), [text("p.cedar", POLICIES)]);
    assert_eq!(again.schema_texts(), [text("s.cedarschema", SCHEMA)]);
    let (shapes, before) = (again.shapes().expect("shapes"), bundle.shapes().expect("shapes"));
    assert!(shapes.types().eq(before.types()));
    assert_eq!((&shapes.entity_types, &shapes.actions), (&before.entity_types, &before.actions));
    assert_eq!(again.write(), bytes);
    let tested = bundle.with_tests(Digest::of(b"tests"));
    assert_eq!(Bundle::read(&tested.write()).expect("with tests").tests(), Some(Digest::of(b"tests")));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(made().write(), made().write());
}

#[test]
fn a_byte_that_changed_is_an_error() {
    let bytes = small();
    for at in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            assert!(code(&changed).is_some(), "byte {at}");
        }
    }
}

#[test]
fn a_byte_that_changed_with_its_digest_is_an_error_or_another_bundle() {
    let bytes = small();
    let (mut refused, mut read) = (0, 0);
    for at in (0..bytes.len()).filter(|at| !DIGEST.contains(at)) {
        for change in [1, 2, 0x10, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            sign(&mut changed);
            match Bundle::read(&changed) {
                Err(_) => refused += 1,
                Ok(bundle) => {
                    read += 1;
                    // What is read is all that is there.
                    assert_eq!(bundle.write() == changed, !LENGTH.contains(&at) || changed == bytes, "byte {at}");
                    decide(bundle);
                }
            }
        }
    }
    assert!(refused > 1_000 && read > 100, "{refused} refused, {read} read");
}

#[test]
fn a_bundle_that_ends_too_early_is_an_error() {
    let bytes = small();
    for length in 0..bytes.len() {
        let found = code(&bytes[..length]);
        let expected = if length < MAGIC.len() { BundleCode::NotABundle } else { BundleCode::WrongLength };
        assert_eq!(found, Some(expected), "{length} bytes");
        let mut cut = bytes[..length].to_vec();
        if length > TABLE {
            sign(&mut cut);
            assert_eq!(code(&cut), Some(BundleCode::Malformed), "{length} bytes");
        }
    }
    assert_eq!(code(&[bytes, vec![0]].concat()), Some(BundleCode::WrongLength));
}

#[test]
fn newer_versions_are_said_to_be_newer() {
    let mut bytes = small();
    bytes[8..12].copy_from_slice(&(VERSION + 1).to_le_bytes());
    assert_eq!(code(&bytes), Some(BundleCode::NewerVersion));
    bytes[8..12].copy_from_slice(&0u32.to_le_bytes());
    sign(&mut bytes);
    assert_eq!(code(&bytes), Some(BundleCode::NotABundle));
    assert_eq!(code(POLICIES.as_bytes()), Some(BundleCode::NotABundle));
}

/// Changes a row of the table: kind, offset, length.
fn with_row(row: usize, change: impl Fn(&mut u64, &mut u64)) -> Vec<u8> {
    let mut bytes = small();
    let at = TABLE + ROW * row + 4;
    let number = |at: usize, bytes: &[u8]| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
    let (mut offset, mut length) = (number(at, &bytes), number(at + 8, &bytes));
    change(&mut offset, &mut length);
    bytes[at..at + 8].copy_from_slice(&offset.to_le_bytes());
    bytes[at + 8..at + 16].copy_from_slice(&length.to_le_bytes());
    sign(&mut bytes);
    bytes
}

#[test]
fn sections_lie_one_behind_the_other() {
    for row in 0..17 {
        for bytes in [
            with_row(row, |offset, _| *offset -= 1),
            with_row(row, |offset, _| *offset = 0),
            with_row(row, |offset, _| *offset = u64::MAX),
            with_row(row, |_, length| *length += 1),
            with_row(row, |_, length| *length = u64::MAX),
            with_row(row, |offset, length| (*offset, *length) = (u64::MAX - 1, u64::MAX - 1)),
        ] {
            assert_eq!(code(&bytes), Some(BundleCode::Malformed), "row {row}");
        }
    }
}

#[test]
fn counts_beyond_the_file_reserve_nothing() {
    let bytes = small();
    for row in 0..17 {
        let at = TABLE + ROW * row + 4;
        let offset = u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let offset = usize::try_from(offset).expect("an offset");
        let mut changed = bytes.clone();
        changed[offset..(offset + 4).min(bytes.len())].fill(0xff);
        sign(&mut changed);
        assert_eq!(code(&changed), Some(BundleCode::Malformed), "row {row}");
    }
}
