//! The index against a scan of all policies, in random worlds that change.

use smol_str::SmolStr;

use crate::{
    Context, Decision, Engine, Entities, Entity, EntityTypeName, EntityUid, HandleRequest, ProgramParts, Request,
    Scratch, Value,
    entities::update::tests::Random,
    instruction::{CodeAddress, ConstantId, Instruction as I, NameId, Register, Slot, Variable},
    program::{
        ActionConstraint, Code, Condition, ConditionKind, Constant, Effect, EntityConstraint, EntityOrSlot, Place,
        Policy, Program, Scope,
    },
};

const R0: Register = Register(0);
const PLACE: Place = Place { source: 0, start: 0, end: 0, line: 1, column: 1 };

fn ty(name: &str) -> EntityTypeName {
    EntityTypeName::new(name).expect("a type")
}

/// One of a few entities; the types have names in common.
fn thing(random: &mut Random) -> EntityUid {
    let name = ["U", "G", "R"][random.below(3)];
    EntityUid::new(ty(name), random.below(6).to_string())
}

fn action(random: &mut Random) -> EntityUid {
    EntityUid::new(ty("Action"), random.below(5).to_string())
}

fn constraint(random: &mut Random, slot: Option<Slot>) -> EntityConstraint {
    let entity = |random: &mut Random| slot.map_or_else(|| EntityOrSlot::Entity(thing(random)), EntityOrSlot::Slot);
    let is = ty(["U", "G", "R"][random.below(3)]);
    match random.below(if slot.is_some() { 3 } else { 6 }) {
        0 => EntityConstraint::Equal(entity(random)),
        1 => EntityConstraint::In(entity(random)),
        2 => EntityConstraint::IsIn(is, entity(random)),
        3 => EntityConstraint::Is(is),
        _ => EntityConstraint::Any,
    }
}

fn actions(random: &mut Random) -> ActionConstraint {
    match random.below(4) {
        0 => ActionConstraint::Any,
        1 => ActionConstraint::Equal(action(random)),
        _ => ActionConstraint::In((0..random.below(4)).map(|_| action(random)).collect()),
    }
}

/// Two copies of true, of a value that is no boolean, and of `principal.flag`, which may be absent.
fn code() -> (Vec<I>, Vec<Code>) {
    let done = I::Return { from: R0 };
    let load = |constant| I::Constant { into: R0, constant: ConstantId(constant) };
    let one = vec![
        vec![load(0), done],
        vec![load(1), done],
        vec![
            I::Variable { into: R0, variable: Variable::Principal },
            I::Attribute { into: R0, base: R0, name: NameId(0) },
            done,
        ],
    ];
    let (mut code, mut codes) = (Vec::new(), Vec::new());
    for piece in one.iter().chain(&one) {
        let at = |code: &Vec<I>| CodeAddress(u32::try_from(code.len()).expect("short code"));
        let start = at(&code);
        code.extend_from_slice(piece);
        codes.push(Code { start, end: at(&code), registers: 1 });
    }
    (code, codes)
}

fn policy(random: &mut Random, id: String, codes: &[Code], slots: [bool; 2]) -> Policy {
    let kind = |random: &mut Random| [ConditionKind::When, ConditionKind::Unless][random.below(2)];
    let conditions = (0..random.below(3)).map(|_| Condition {
        kind: kind(random),
        code: codes[random.below(codes.len())],
        place: PLACE,
    });
    let conditions = conditions.collect();
    let [principal, resource] = slots;
    Policy {
        id: id.into(),
        effect: [Effect::Permit, Effect::Permit, Effect::Forbid][random.below(3)],
        scope: Scope {
            principal: constraint(random, principal.then_some(Slot::Principal)),
            action: actions(random),
            resource: constraint(random, resource.then_some(Slot::Resource)),
        },
        conditions,
        annotations: [].into(),
        place: PLACE,
        template: None,
    }
}

fn program(random: &mut Random) -> Program {
    let (code, codes) = code();
    let count = random.below(40);
    let policies = (0..count).map(|at| policy(random, format!("policy{at}"), &codes, [false, false])).collect();
    let slots = [[true, false], [false, true], [true, true]];
    let templates = slots.into_iter().enumerate();
    let templates = templates.map(|(at, slots)| policy(random, format!("template{at}"), &codes, slots)).collect();
    let parts = ProgramParts {
        sources: vec!["test".into()],
        policies,
        templates,
        places: (0..code.len()).map(|_| PLACE).collect(),
        code,
        constants: vec![Constant::Bool(true), Constant::Long(1)],
        names: vec!["flag".into()],
        ..ProgramParts::default()
    };
    Program::new(parts).expect("a valid program")
}

fn entity(random: &mut Random) -> Entity {
    let is_action = random.below(3) == 0;
    let name = |random: &mut Random| if is_action { action(random) } else { thing(random) };
    let parents: Vec<_> = (0..random.below(3)).map(|_| name(random)).collect();
    let flag = (random.below(2) == 0).then(|| ("flag", Value::from(random.below(2) == 0)));
    Entity::new(name(random), flag, parents)
}

fn check(engine: &Engine, random: &mut Random, scratch: &mut Scratch) {
    for _ in 0..30 {
        let (principal, action, resource) = (thing(random), action(random), thing(random));
        let request = Request::new(principal.clone(), action.clone(), resource.clone(), Context::empty());
        let scanned = engine.authorize_by_scan(&request);
        let answer = engine.decide(scratch, &request);
        assert_eq!(answer.to_response(), scanned, "{request:?}");
        assert_eq!(answer.decision(), scanned.decision());
        assert_eq!(engine.explain(&request).response(), &scanned);
        assert_eq!(engine.is_allowed(scratch, &request), scanned.decision());
        let handles = [&principal, &action, &resource].map(|uid| engine.handle(uid));
        if let [Some(principal), Some(action), Some(resource)] = handles {
            let request = HandleRequest { principal, action, resource, context: &Context::empty() };
            assert_eq!(engine.decide(scratch, request).to_response(), scanned);
        }
    }
}

fn change(engine: &mut Engine, random: &mut Random) {
    match random.below(4) {
        0 => {
            // A cycle is refused, and leaves the engine as it was.
            let _ = engine.upsert(&entity(random), None);
        }
        1 => {
            engine.remove(entity(random).uid()).expect("room");
        }
        2 => {
            let values = [(Slot::Principal, thing(random)), (Slot::Resource, thing(random))];
            let template = random.below(3);
            let values = match template {
                0 => &values[..1],
                1 => &values[1..],
                _ => &values,
            };
            let id: SmolStr = format!("link{}", random.below(30)).into();
            let known = engine.explain(&Request::new(thing(random), action(random), thing(random), Context::empty()));
            let is_known = known.policies().iter().any(|policy| policy.policy == id);
            assert_eq!(engine.link(&format!("template{template}"), &id, values).is_err(), is_known);
        }
        _ => {
            let _ = engine.unlink(&format!("link{}", random.below(30)));
        }
    }
}

#[test]
fn the_index_gives_what_a_scan_gives() {
    let mut random = Random(7);
    let mut scratch = Scratch::new();
    for _ in 0..60 {
        let mut engine = Engine::new(program(&mut random), Entities::new());
        for _ in 0..40 {
            let snapshot = engine.clone();
            let request = Request::new(thing(&mut random), action(&mut random), thing(&mut random), Context::empty());
            let before = snapshot.authorize(&request);
            for _ in 0..3 {
                change(&mut engine, &mut random);
            }
            check(&engine, &mut random, &mut scratch);
            assert_eq!(snapshot.authorize(&request), before, "a snapshot changed");
        }
    }
}

#[test]
fn handles_of_another_engine_are_a_deny() {
    let mut engine = Engine::new(Program::default(), Entities::new());
    let mut other = engine.clone();
    let known = engine.intern(&"U::\"a\"".parse().expect("an entity"));
    let context = Context::empty();
    let request = HandleRequest { principal: known, action: known, resource: known, context: &context };
    assert!(engine.decide(&mut Scratch::new(), request).is_complete());
    let answer = other.decide(&mut Scratch::new(), request).to_response();
    assert_eq!((answer.decision(), answer.is_complete(), answer.limit()), (Decision::Deny, false, None));
    assert_eq!(other.intern(&"U::\"a\"".parse().expect("an entity")), known);
}
