//! Swaps under load.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::*;
use crate::{
    Context, Decision, Entity, EntityTypeName, Program, ProgramParts, Request, Shapes,
    program::{ActionConstraint, Effect, Place, Policy, Scope},
    shape::{EntityShape, EntityShapeKind, RecordShape},
};

fn uid(ty: &str, id: impl Into<SmolStr>) -> EntityUid {
    EntityUid::new(EntityTypeName::new(ty).expect("a type"), id)
}

/// A program of one policy: what is in the group of that number is permitted.
fn program(resource: EntityOrSlot) -> Program {
    let place = Place { source: 0, start: 0, end: 0, line: 1, column: 1 };
    let scope = Scope {
        principal: EntityConstraint::Any,
        action: ActionConstraint::Any,
        resource: EntityConstraint::In(resource),
    };
    let is_template = scope.slots().next().is_some();
    let policy = Policy {
        id: "p".into(),
        effect: Effect::Permit,
        scope,
        conditions: Box::default(),
        annotations: Box::default(),
        place,
        template: None,
    };
    let parts = ProgramParts { sources: vec!["t".into()], ..ProgramParts::default() };
    let parts = if is_template {
        ProgramParts { templates: vec![policy], ..parts }
    } else {
        ProgramParts { policies: vec![policy], ..parts }
    };
    Program::new(parts).expect("a program")
}

fn version(number: usize) -> (Vec<u8>, Entities) {
    let group = uid("G", number.to_string());
    let bytes = Bundle::new(program(EntityOrSlot::Entity(group.clone())), Vec::new()).write();
    (bytes, entities(group))
}

fn entities(group: EntityUid) -> Entities {
    let nothing: [(&str, crate::Value); 0] = [];
    Entities::from_entities([Entity::new(uid("R", "r"), nothing, [group])], None).expect("entities")
}

fn request() -> Request {
    Request::new(uid("U", "u"), uid("Action", "a"), uid("R", "r"), Context::empty())
}

fn live(number: usize) -> LiveEngine {
    let (bytes, entities) = version(number);
    LiveEngine::new(Engine::new(Bundle::read(&bytes).expect("a bundle").into_program(), entities))
}

#[test]
fn no_request_sees_policies_of_one_version_with_entities_of_another() {
    let live = live(0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let request = request();
                while !done.load(Ordering::Relaxed) {
                    // The group of one version has nothing in it in another.
                    assert_eq!(live.current().authorize(&request).decision(), Decision::Allow);
                    assert_eq!(live.with(|engine| engine.authorize(&request).decision()), Decision::Allow);
                }
            });
        }
        for number in 1..300 {
            let (bytes, entities) = version(number);
            live.load_with(&bytes, &entities).expect("a version that fits");
        }
        done.store(true, Ordering::Relaxed);
    });
    let (bytes, _) = version(7);
    live.load(&bytes).expect("a bundle");
    assert_eq!(live.current().authorize(&request()).decision(), Decision::Deny, "the pair above was no coincidence");
}

#[test]
fn the_old_engine_is_freed_when_its_last_request_ends() {
    let live = live(0);
    let running = live.current();
    let old = Arc::downgrade(&running);
    live.replace(live.current().as_ref().clone());
    assert!(old.upgrade().is_some(), "a request runs");
    drop(running);
    assert!(old.upgrade().is_none());
}

#[test]
fn a_bundle_that_cannot_be_read_leaves_the_engine() {
    let live = live(0);
    let before = live.current();
    let (mut bytes, _) = version(1);
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    assert!(matches!(live.load(&bytes), Err(SwapError::Bundle(_))));
    assert!(matches!(live.load(b"text"), Err(SwapError::Bundle(_))));
    assert!(Arc::ptr_eq(&before, &live.current()));
}

#[test]
fn a_schema_that_the_entities_do_not_fit_leaves_the_engine() {
    let live = live(0);
    let before = live.current();
    let mut shapes = Shapes::default();
    let kind = EntityShapeKind::Standard { attributes: RecordShape::default(), tags: None };
    let shape = |above: &[&str]| EntityShape {
        kind: kind.clone(),
        ancestor_types: above.iter().map(|ty| EntityTypeName::new(ty).expect("a type")).collect(),
    };
    shapes.entity_types.insert(EntityTypeName::new("R").expect("a type"), shape(&[]));
    let bundle = |shapes: &Shapes| {
        let program = program(EntityOrSlot::Entity(uid("G", "0")));
        Bundle::new(program, Vec::new()).with_schema(shapes.clone(), Vec::new()).write()
    };
    let error = live.load(&bundle(&shapes)).expect_err("no parent may be there");
    assert!(matches!(&error, SwapError::Entities(_)), "{error}");
    assert!(Arc::ptr_eq(&before, &live.current()));
    shapes.entity_types.insert(EntityTypeName::new("R").expect("a type"), shape(&["G"]));
    shapes.entity_types.insert(EntityTypeName::new("G").expect("a type"), shape(&[]));
    live.load(&bundle(&shapes)).expect("a schema that fits");
    assert_eq!(live.current().authorize(&request()).decision(), Decision::Allow);
}

#[test]
fn links_of_the_running_engine_are_made_again() {
    let template = Bundle::new(program(EntityOrSlot::Slot(Slot::Resource)), Vec::new()).write();
    let live = LiveEngine::new(Engine::new(
        Bundle::read(&template).expect("a bundle").into_program(),
        entities(uid("G", "0")),
    ));
    live.update(|engine| engine.link("p", "l", &[(Slot::Resource, uid("G", "0"))])).expect("a link");
    assert_eq!(live.current().authorize(&request()).determining(), ["l"]);
    live.load(&template).expect("the same templates");
    assert_eq!(live.current().authorize(&request()).determining(), ["l"]);
    let (bytes, _) = version(0);
    let error = live.load(&bytes).expect_err("the template is gone");
    assert_eq!(error, SwapError::Link { link: "l".into(), error: LinkError::UnknownTemplate("p".into()) });
    assert_eq!(live.current().authorize(&request()).determining(), ["l"]);
}

#[test]
fn a_change_that_fails_leaves_the_engine() {
    let live = live(0);
    let before = live.current();
    assert!(live.update(|engine| engine.unlink("nothing")).is_err());
    assert!(Arc::ptr_eq(&before, &live.current()));
}
