//! Entities, requests and contexts as JSON: what is accepted, what it becomes, and what is said about the rest.
//!
//! The cases stand in `data/*.txt`, one a line, `# ` lines name what they show. Each runs without a schema and with
//! the one below; the snapshots show every outcome. Whether the reference accepts the same was established case by
//! case when the table was written.

#![expect(clippy::expect_used, reason = "a helper of a test fails as the test does")]

use std::collections::BTreeSet;

use deodar_lexicon::{builtin::ExtensionType, limits};
use deodar_runtime::{
    Context, Entities, Entity, EntityRef, EntityTypeName, EntityUid, InputCode, InputError, Request, Shapes, Value,
    ValueRef,
    shape::{ActionShape, AttributeShape, EntityShape, EntityShapeKind, RecordShape, Type, TypeIndex},
};

/// The shapes of this schema:
///
/// ```cedarschema
/// entity U in [G] = { n: Long, f?: U, ip?: ipaddr, d?: decimal, t?: datetime, s?: Set<String>, r?: {z: Long, e?: C} }
///     tags decimal;
/// entity G in [H];
/// entity H tags String;
/// entity C enum ["red", "blue"];
/// external entity X;
/// action root;
/// action all in [root];
/// action view in [all] appliesTo { principal: U, resource: G, context: { mfa: Bool, ip?: ipaddr, who?: U, c?: C } };
/// external action later;
/// ```
fn shapes() -> Shapes {
    let mut shapes = Shapes::default();
    let [bool, long, string] = [Type::Bool, Type::Long, Type::String].map(|ty| shapes.push_type(ty));
    let [u, c] = ["U", "C"].map(|name| shapes.push_type(Type::Entity(entity_type(name))));
    let extensions = [ExtensionType::IpAddr, ExtensionType::Decimal, ExtensionType::Datetime];
    let [ip, decimal, datetime] = extensions.map(|ty| shapes.push_type(Type::Extension(ty)));
    let strings = shapes.push_type(Type::Set(string));
    let r = shapes.push_type(Type::Record(record(&[("z", long, true), ("e", c, false)])));
    let attributes = record(&[
        ("n", long, true),
        ("f", u, false),
        ("ip", ip, false),
        ("d", decimal, false),
        ("t", datetime, false),
        ("s", strings, false),
        ("r", r, false),
    ]);
    let standard = |attributes, tags| EntityShapeKind::Standard { attributes, tags };
    let kinds = [
        ("U", standard(attributes, Some(decimal)), &["G", "H"][..]),
        ("G", standard(RecordShape::default(), None), &["H"]),
        ("H", standard(RecordShape::default(), Some(string)), &[]),
        ("C", EntityShapeKind::Enum(["red", "blue"].map(Into::into).into()), &[]),
        ("X", EntityShapeKind::External, &[]),
    ];
    for (name, kind, ancestors) in kinds {
        let ancestor_types = ancestors.iter().map(|name| entity_type(name)).collect();
        shapes.entity_types.insert(entity_type(name), EntityShape { kind, ancestor_types });
    }
    let context = record(&[("mfa", bool, true), ("ip", ip, false), ("who", u, false), ("c", c, false)]);
    let actions = [
        ("root", &[][..], &[][..], false),
        ("all", &["root"], &["root"], false),
        ("view", &["all"], &["all", "root"], false),
        ("later", &[], &[], true),
    ];
    for (id, parents, ancestors, external) in actions {
        let types = |name| if id == "view" { BTreeSet::from([entity_type(name)]) } else { BTreeSet::new() };
        let actions = |ids: &[&str]| ids.iter().map(|id| action(id)).collect();
        let shape = ActionShape {
            parents: actions(parents),
            ancestors: actions(ancestors),
            principals: types("U"),
            resources: types("G"),
            context: if id == "view" { context.clone() } else { RecordShape::default() },
            external,
        };
        shapes.actions.insert(action(id), shape);
    }
    shapes
}

fn entity_type(name: &str) -> EntityTypeName {
    EntityTypeName::new(name).expect("an entity type")
}

fn action(id: &str) -> EntityUid {
    EntityUid::new(entity_type("Action"), id)
}

fn uid(text: &str) -> EntityUid {
    text.parse().expect("an entity")
}

fn record(attributes: &[(&str, TypeIndex, bool)]) -> RecordShape {
    let attributes = attributes.iter();
    let attributes =
        attributes.map(|(name, ty, required)| ((*name).into(), AttributeShape { ty: *ty, required: *required }));
    RecordShape { attributes: attributes.collect() }
}

/// Runs the cases of a file without and with the schema; shows both outcomes under each case.
fn outcomes(cases: &str, read: impl Fn(&str, Option<&Shapes>) -> Result<String, InputError>) -> String {
    let shapes = shapes();
    let mut shown = String::new();
    for case in cases.lines() {
        shown.push_str(case);
        shown.push('\n');
        if case.is_empty() || case.starts_with("# ") {
            continue;
        }
        let [without, with] = [None, Some(&shapes)].map(|shapes| match read(case, shapes) {
            Ok(result) => result,
            Err(error) => format!("{}: {error}", error.code().name()),
        });
        if without == with {
            shown.push_str(&indented("    ", &without));
        } else {
            shown.push_str(&indented("  - ", &without));
            shown.push_str(&indented("  + ", &with));
        }
    }
    shown
}

fn indented(prefix: &str, text: &str) -> String {
    text.lines().flat_map(|line| [prefix, line, "\n"]).collect()
}

fn entities_outcome(text: &str, shapes: Option<&Shapes>) -> Result<String, InputError> {
    let entities = Entities::from_json(text, shapes)?;
    let mut shown: Vec<String> = entities.iter().map(|entity| show(&entity)).collect();
    shown.sort();
    // The actions of the schema are the same in every case; one case shows them.
    if text != "[]" {
        shown.retain(|entity| !entity.starts_with("Action::") || text.contains("Action"));
    }
    round_trip(&entities, shapes);
    Ok(if shown.is_empty() { "ok".to_owned() } else { shown.join("\n") })
}

fn show(entity: &EntityRef<'_>) -> String {
    let members = |members: &mut dyn Iterator<Item = (&str, ValueRef<'_>)>| {
        members.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", ")
    };
    let attributes = members(&mut entity.attributes());
    let tags = members(&mut entity.tags());
    let tags = if tags.is_empty() { tags } else { format!(" tags {{{tags}}}") };
    let ancestors: Vec<String> = entity.ancestors().map(|uid| uid.to_string()).collect();
    format!("{} in [{}] {{{attributes}}}{tags}", entity.uid(), ancestors.join(", "))
}

/// What is written reads back as the same, unless a record has a reserved key.
#[track_caller]
fn round_trip(entities: &Entities, shapes: Option<&Shapes>) {
    let Ok(json) = entities.to_json() else { return };
    for shapes in [None, shapes] {
        let again = Entities::from_json(&json, shapes).expect("reads back");
        assert_eq!(again.to_json().expect("no reserved key"), json);
    }
}

fn request_outcome(text: &str, shapes: Option<&Shapes>) -> Result<String, InputError> {
    let request = Request::from_json(text, shapes)?;
    if let Some(shapes) = shapes {
        request.validate(shapes)?;
    }
    Ok(format!("{} {} {} {}", request.principal(), request.action(), request.resource(), request.context()))
}

#[test]
fn entities_become_rows_or_an_error() {
    insta::assert_snapshot!(outcomes(include_str!("data/entities.txt"), entities_outcome));
}

#[test]
fn values_are_read_with_and_without_their_type() {
    let read = |value: &str, shapes: Option<&Shapes>| {
        let attributes = value.strip_prefix("n ").map_or_else(|| value.to_owned(), |value| format!("\"n\":{value}"));
        let attributes = if attributes.contains("\"n\":") { attributes } else { format!("\"n\":1,{attributes}") };
        entities_outcome(
            &format!(r#"[{{"uid":{{"type":"U","id":"a"}},"attrs":{{{attributes}}},"parents":[]}}]"#),
            shapes,
        )
    };
    insta::assert_snapshot!(outcomes(include_str!("data/values.txt"), read));
}

#[test]
fn requests_and_contexts_are_read_and_validated() {
    insta::assert_snapshot!(outcomes(include_str!("data/requests.txt"), request_outcome));
}

#[test]
fn every_code_is_shown_by_a_case() {
    let shapes = shapes();
    let mut seen = BTreeSet::new();
    let mut note = |result: Result<String, InputError>| seen.extend(result.err().map(|error| error.code()));
    for case in include_str!("data/entities.txt").lines() {
        note(entities_outcome(case, None));
        note(entities_outcome(case, Some(&shapes)));
    }
    for case in include_str!("data/requests.txt").lines() {
        note(request_outcome(case, None));
        note(request_outcome(case, Some(&shapes)));
    }
    let degraded = Value::record([("__entity", Value::from(1))]).expect("one key");
    note(degraded.to_json());
    note(Entities::from_json(&nested(limits::VALUE_NESTING.as_usize() + 1), None).map(|_| String::new()));
    // The closure's own tests show this one: it takes half a billion ancestors.
    seen.insert(InputCode::HierarchyTooLarge);
    let missing: Vec<_> = InputCode::ALL.iter().filter(|code| !seen.contains(*code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// One entity with an attribute of so many levels of sets.
fn nested(levels: usize) -> String {
    let value = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    format!(r#"[{{"uid":{{"type":"U","id":"a"}},"attrs":{{"v":{value}}},"parents":[]}}]"#)
}

#[test]
fn depth_costs_no_stack() {
    let run = || {
        let deepest = limits::VALUE_NESTING.as_usize();
        let entities = Entities::from_json(&nested(deepest), None).expect("deep, but allowed");
        let value = entities.get(&uid(r#"U::"a""#)).and_then(|entity| entity.attribute("v")).expect("an attribute");
        assert_eq!(value.to_string().len(), 2 * deepest + 1);
        assert_eq!(value.to_value(), value.to_value());
        let json = entities.to_json().expect("no reserved key");
        assert_eq!(Entities::from_json(&json, None).expect("reads back").to_json().expect("no reserved key"), json);
        for too_deep in [nested(deepest + 1), nested(3_000_000), nested(5_000_000)] {
            let error = Entities::from_json(&too_deep, None).expect_err("too deep");
            assert_eq!(error.code(), InputCode::TooDeep, "{error}");
        }
        let mut built = Value::from(1);
        for _ in 0..100_000 {
            built = Value::set([built]);
        }
        assert_eq!(built, built.clone());
        assert!(built.to_string().len() > 200_000 && built.to_json().is_ok());
        let chain = (0..2_000).map(|index| {
            let name = |index| EntityUid::new(entity_type("T"), format!("{index}"));
            Entity::new::<&str>(name(index), [], [name(index + 1)])
        });
        let chain = Entities::from_entities(chain, None).expect("no cycle");
        assert!(chain.is_ancestor(&uid(r#"T::"2000""#), &uid(r#"T::"0""#)));
        assert!(!chain.is_ancestor(&uid(r#"T::"0""#), &uid(r#"T::"0""#)));
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(run).expect("starts");
    thread.join().expect("no overflow");
}

#[test]
fn values_are_shown_by_content_whatever_the_order_of_making() {
    let parts = || {
        vec![
            Value::from(2),
            Value::from("b"),
            Value::from(true),
            Value::set([Value::from(1), Value::from("x")]),
            Value::set([Value::from(1)]),
            Value::record([("b c", Value::from(1)), ("a", Value::from(2))]).expect("two keys"),
            Value::decimal("01.50").expect("a decimal"),
            Value::ip("10.0.0.0/8").expect("a range"),
            Value::datetime("2024-01-01T00:00:00Z").expect("a point in time"),
            Value::duration("90m").expect("a span of time"),
            Value::from(uid(r#"U::"a\"b""#)),
            Value::from(-1),
        ]
    };
    let forward = Value::set(parts());
    let backward = Value::set(parts().into_iter().rev().chain(parts()));
    assert_eq!(forward, backward);
    assert_eq!(forward.to_string(), backward.to_string());
    insta::assert_snapshot!(format!("{forward}\n{}", forward.to_json().expect("no reserved key")));
}

#[test]
fn parts_of_a_value_can_be_read() {
    let value = Value::record([("a", Value::set([Value::from(2), Value::from(1)])), ("b", Value::from("x"))]);
    let value = value.expect("two keys");
    let elements: Vec<_> = value.member("a").and_then(ValueRef::elements).expect("a set").collect();
    assert_eq!(elements.iter().filter_map(|element| element.as_long()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(value.members().expect("a record").map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(value.member("b").and_then(ValueRef::as_str), Some("x"));
    assert_eq!((value.as_bool(), value.as_long(), value.as_str(), value.as_entity()), (None, None, None, None));
    let repeated = Value::record([("a", Value::from(1)), ("a", Value::from(1))]);
    assert_eq!(repeated.expect_err("a repeated key").code(), InputCode::RepeatedKey);
}

#[test]
fn contexts_are_merged_unless_they_share_a_key() {
    let context = |text| Context::from_json(text, None).expect("a context");
    let merged = context(r#"{"a":1}"#).merge(&context(r#"{"b":[2]}"#)).expect("different keys");
    assert_eq!(merged, context(r#"{"b":[2],"a":1}"#));
    let error = merged.merge(&context(r#"{"a":1}"#)).expect_err("a shared key");
    assert_eq!(error.code(), InputCode::RepeatedKey);
    assert_eq!(Context::empty().to_string(), "{}");
}

#[test]
fn entities_that_are_built_are_checked_as_those_that_are_read() {
    let shapes = shapes();
    let alice = |n: Value| Entity::new(uid(r#"U::"alice""#), [("n", n)], [uid(r#"G::"g""#)]);
    let tagged = alice(Value::from(1)).with_tags([("k", Value::decimal("1.0").expect("a decimal"))]);
    let store = Entities::from_entities([tagged], Some(&shapes)).expect("conforms");
    // Four actions come from the schema.
    assert_eq!((store.len(), store.is_empty()), (5, false));
    assert!(store.contains(&action("later")));
    assert_eq!(store.ancestors(&action("view")).expect("an action").count(), 2);
    let error = Entities::from_entities([alice(Value::from("x"))], Some(&shapes)).expect_err("a string");
    assert_eq!((error.code(), error.offset()), (InputCode::TypeMismatch, None));
    let error = Entities::from_entities([alice(Value::from(1)), alice(Value::from(2))], None).expect_err("differ");
    assert_eq!(error.code(), InputCode::DuplicateEntity);
}
