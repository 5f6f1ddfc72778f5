//! The index against a scan of all policies, in random worlds that change.

use smol_str::SmolStr;

use crate::{
    Context, Decision, Engine, Entities, Entity, EntityTypeName, EntityUid, HandleRequest, ProgramParts, Request,
    Scratch, Value,
    entities::update::tests::Random,
    instruction::{CodeAddress, ConstantId, Instruction as I, NameId, Register, Slot, TypeNameId, Variable},
    program::{
        ActionConstraint, Code, Condition, ConditionKind, Constant, Effect, EntityConstraint, EntityOrSlot, Place,
        Policy, Program, Scope,
    },
};

const R0: Register = Register(0);
const R1: Register = Register(1);
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

const NAMES: [&str; 3] = ["flag", "level", "owner"];

/// Booleans, numbers and a text, then every thing.
fn constants() -> Vec<Constant> {
    let things = ["U", "G", "R"].into_iter().flat_map(|name| (0..6).map(move |id| (name, id)));
    let things = things.map(|(name, id)| Constant::Entity(EntityUid::new(ty(name), id.to_string())));
    let others = [Constant::Bool(true), Constant::Bool(false), Constant::String("text".into())];
    others.into_iter().chain((0..3).map(Constant::Long)).chain(things).collect()
}

/// What stands before a comparison with a constant: it needs something, guards something, or says nothing of failures.
#[derive(Debug, Clone, Copy)]
enum Front {
    Flag(Variable),
    FlagIs(Variable),
    FlagOfOwner(Variable),
    OwnersAreEqual(Variable, Variable),
    OwnersDiffer(Variable, Variable),
    IsLow(Variable),
    HasLevel(Variable),
    HasNoLevel(Variable),
}

impl Front {
    /// Whether policies can be found by it.
    fn is_equality(self) -> bool {
        matches!(self, Self::FlagIs(_))
    }

    /// Whether the index cannot say what it needs, so that it looks at no comparison behind it.
    fn may_fail_in_two_ways(self) -> bool {
        matches!(self, Self::OwnersAreEqual(..) | Self::OwnersDiffer(..) | Self::IsLow(_))
    }
}

/// Each for itself; families have one or two of them.
const FRONTS: [Front; 12] = [
    Front::Flag(Variable::Context),
    Front::Flag(Variable::Resource),
    Front::FlagIs(Variable::Resource),
    Front::FlagIs(Variable::Context),
    Front::FlagOfOwner(Variable::Principal),
    Front::OwnersAreEqual(Variable::Principal, Variable::Resource),
    Front::OwnersDiffer(Variable::Context, Variable::Principal),
    Front::OwnersDiffer(Variable::Resource, Variable::Context),
    Front::IsLow(Variable::Context),
    Front::HasLevel(Variable::Principal),
    Front::HasNoLevel(Variable::Principal),
    Front::HasLevel(Variable::Resource),
];

/// Code that is written condition by condition.
#[derive(Default)]
struct Writer(Vec<I>);

impl Writer {
    fn address(&self) -> CodeAddress {
        CodeAddress(u32::try_from(self.0.len()).expect("short code"))
    }

    /// Tests joined by `&&` or `||`, as the compiler writes them; mostly of the forms that the index knows.
    fn condition(&mut self, random: &mut Random) -> Code {
        let start = self.address();
        let or = random.below(5) == 0;
        let mut jumps = Vec::new();
        let count = 1 + random.below(3);
        for at in 0..count {
            self.test(random);
            if at + 1 < count {
                jumps.push(self.0.len());
                self.0.push(I::Return { from: R0 });
            } else if count > 1 {
                self.0.push(I::AssertBool { from: R0 });
            }
        }
        let target = self.address();
        for jump in jumps {
            self.0[jump] =
                if or { I::JumpIfTrue { condition: R0, target } } else { I::JumpIfFalse { condition: R0, target } };
        }
        self.0.push(I::Return { from: R0 });
        Code { start, end: self.address(), registers: 2 }
    }

    /// Tests that may fail or guard what follows, and then an equality with one of a few constants.
    fn family(&mut self, fronts: &[Front], constant: usize) -> Code {
        let start = self.address();
        let mut jumps = Vec::new();
        for front in fronts {
            self.front(*front);
            jumps.push(self.0.len());
            self.0.push(I::Return { from: R0 });
        }
        self.attribute(R0, Variable::Principal, 1);
        self.constant(R1, constant);
        self.0.extend([I::Equal { into: R0, left: R0, right: R1 }, I::AssertBool { from: R0 }]);
        let target = self.address();
        for jump in jumps {
            self.0[jump] = I::JumpIfFalse { condition: R0, target };
        }
        self.0.push(I::Return { from: R0 });
        Code { start, end: self.address(), registers: 2 }
    }

    fn front(&mut self, front: Front) {
        match front {
            Front::Flag(variable) => self.attribute(R0, variable, 0),
            Front::FlagIs(variable) => {
                self.attribute(R0, variable, 0);
                self.constant(R1, 0);
                self.0.push(I::Equal { into: R0, left: R0, right: R1 });
            }
            Front::OwnersAreEqual(one, other) => {
                self.attribute(R0, one, 2);
                self.attribute(R1, other, 2);
                self.0.push(I::Equal { into: R0, left: R0, right: R1 });
            }
            Front::OwnersDiffer(one, other) => {
                self.front(Front::OwnersAreEqual(one, other));
                self.0.push(I::Not { into: R0, from: R0 });
            }
            Front::FlagOfOwner(variable) => {
                self.attribute(R0, variable, 2);
                self.0.push(I::Attribute { into: R0, base: R0, name: NameId(0) });
            }
            Front::IsLow(variable) => {
                self.attribute(R0, variable, 1);
                self.constant(R1, 5);
                self.0.push(I::Less { into: R0, left: R0, right: R1 });
            }
            Front::HasLevel(variable) => {
                self.0.push(I::Variable { into: R0, variable });
                self.0.push(I::HasAttribute { into: R0, base: R0, name: NameId(1) });
            }
            Front::HasNoLevel(variable) => {
                self.front(Front::HasLevel(variable));
                self.0.push(I::Not { into: R0, from: R0 });
            }
        }
    }

    fn constant(&mut self, into: Register, constant: usize) {
        self.0.push(I::Constant { into, constant: ConstantId(u32::try_from(constant).expect("few")) });
    }

    fn attribute(&mut self, into: Register, variable: Variable, name: u32) {
        self.0.push(I::Variable { into, variable });
        self.0.push(I::Attribute { into, base: into, name: NameId(name) });
    }

    fn test(&mut self, random: &mut Random) {
        let party = |random: &mut Random| [Variable::Principal, Variable::Resource][random.below(2)];
        let holder =
            |random: &mut Random| [Variable::Principal, Variable::Resource, Variable::Context][random.below(3)];
        let thing = |random: &mut Random| 6 + random.below(18);
        let (left, right) = if random.below(4) == 0 { (R1, R0) } else { (R0, R1) };
        match random.below(16) {
            0..6 => {
                self.attribute(left, holder(random), 1);
                self.constant(right, random.below(6));
                self.0.push(I::Equal { into: R0, left, right });
            }
            6 => self.attribute(R0, holder(random), 0),
            7 => {
                let name = NameId(u32::try_from(random.below(3)).expect("few"));
                self.0.push(I::Variable { into: R0, variable: holder(random) });
                self.0.push(I::HasAttribute { into: R0, base: R0, name });
            }
            8 => {
                self.0.push(I::Variable { into: R0, variable: party(random) });
                self.constant(R1, if random.below(4) == 0 { random.below(6) } else { thing(random) });
                self.0.push(I::In { into: R0, left: R0, right: R1 });
            }
            9 => {
                self.0.push(I::Variable { into: left, variable: party(random) });
                self.constant(right, thing(random));
                self.0.push(I::Equal { into: R0, left, right });
            }
            10 => {
                let is = TypeNameId(u32::try_from(random.below(3)).expect("few"));
                self.0.push(I::Variable { into: R0, variable: party(random) });
                self.0.push(I::Is { into: R0, from: R0, ty: is });
            }
            11 => {
                self.attribute(R0, holder(random), 2);
                self.0.push(I::Variable { into: R1, variable: party(random) });
                self.0.push(I::Equal { into: R0, left: R0, right: R1 });
            }
            12 => {
                self.0.push(I::Variable { into: R0, variable: party(random) });
                self.attribute(R1, holder(random), 2);
                self.0.push(I::In { into: R0, left: R0, right: R1 });
            }
            13 => {
                self.attribute(R0, holder(random), 2);
                self.0.push(I::Attribute { into: R0, base: R0, name: NameId(1) });
                self.constant(R1, 3 + random.below(3));
                self.0.push(I::Less { into: R0, left: R0, right: R1 });
            }
            14 => self.constant(R0, random.below(6)),
            _ => {
                // A value that is read and not used, which the compiler does not write.
                self.attribute(R1, holder(random), 1);
                self.constant(R0, 0);
            }
        }
        if random.below(6) == 0 {
            self.0.push(I::Not { into: R0, from: R0 });
        }
    }
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
    let mut writer = Writer::default();
    let codes: Vec<Code> = (0..20).map(|_| writer.condition(random)).collect();
    let fronts = [FRONTS[random.below(FRONTS.len())]];
    let family: Vec<Code> = (0..6).map(|constant| writer.family(&fronts, constant)).collect();
    let code = writer.0;
    let count = random.below(60);
    let mut policies: Vec<_> =
        (0..count).map(|at| policy(random, format!("policy{at}"), &codes, [false, false])).collect();
    if random.below(2) == 0 {
        // Policies that are told apart by their conditions only.
        for policy in &mut policies {
            policy.scope.principal = EntityConstraint::Any;
            policy.scope.resource = EntityConstraint::Any;
            if random.below(4) > 0 {
                policy.scope.action = ActionConstraint::Any;
            }
            if random.below(2) == 0 {
                let code = family[random.below(family.len())];
                policy.conditions = [Condition { kind: ConditionKind::When, code, place: PLACE }].into();
            }
        }
    }
    let slots = [[true, false], [false, true], [true, true]];
    let templates = slots.into_iter().enumerate();
    let templates = templates.map(|(at, slots)| policy(random, format!("template{at}"), &codes, slots)).collect();
    verified(code, policies, templates)
}

/// Policies with one scope that compare one operand with constants, all behind the same tests.
fn family_program(random: &mut Random, fronts: &[Front], principal: &EntityConstraint) -> Program {
    let mut writer = Writer::default();
    let family: Vec<Code> = (0..6).map(|constant| writer.family(fronts, constant)).collect();
    let policies = (0..12).map(|at| {
        let mut policy = policy(random, format!("policy{at}"), &family, [false, false]);
        policy.scope.principal = principal.clone();
        policy.scope.action = ActionConstraint::Any;
        policy.scope.resource = EntityConstraint::Any;
        policy.conditions =
            [Condition { kind: ConditionKind::When, code: family[at % family.len()], place: PLACE }].into();
        policy
    });
    let policies = policies.collect();
    verified(writer.0, policies, Vec::new())
}

fn verified(code: Vec<I>, policies: Vec<Policy>, templates: Vec<Policy>) -> Program {
    let parts = ProgramParts {
        sources: vec!["test".into()],
        policies,
        templates,
        places: (0..code.len()).map(|_| PLACE).collect(),
        code,
        constants: constants(),
        names: NAMES.map(Into::into).to_vec(),
        type_names: ["U", "G", "R"].map(ty).to_vec(),
        ..ProgramParts::default()
    };
    Program::new(parts).expect("a valid program")
}

/// Some of the members that conditions read, mostly of the kinds that they expect.
fn members(random: &mut Random) -> Vec<(&'static str, Value)> {
    let mut members = Vec::new();
    for (at, name) in NAMES.into_iter().enumerate() {
        let kind = if random.below(8) == 0 { random.below(3) } else { at };
        let value = match kind {
            0 => Value::from(random.below(2) == 0),
            1 => Value::from(i64::try_from(random.below(3)).expect("few")),
            _ => Value::from(thing(random)),
        };
        if random.below(4) > 0 {
            members.push((name, value));
        }
    }
    members
}

fn entity(random: &mut Random) -> Entity {
    let is_action = random.below(3) == 0;
    let name = |random: &mut Random| if is_action { action(random) } else { thing(random) };
    let mut parents: Vec<_> = (0..random.below(3)).map(|_| name(random)).collect();
    if random.below(8) == 0 {
        // Nothing keeps other entities from being below an action, and from being asked for as one.
        parents.push(action(random));
    }
    let attributes = members(random);
    Entity::new(name(random), attributes, parents)
}

fn json(request: &Request) -> String {
    let [principal, action, resource] = [request.principal(), request.action(), request.resource()]
        .map(|uid| format!(r#"{{"type": "{}", "id": "{}"}}"#, uid.entity_type(), uid.id()));
    let context = request.context().as_value().to_json().expect("no reserved keys");
    format!(r#"{{"principal": {principal}, "action": {action}, "resource": {resource}, "context": {context}}}"#)
}

fn check(engine: &Engine, random: &mut Random, scratch: &mut Scratch) {
    for _ in 0..30 {
        // Any entity may be the action.
        let action = if random.below(8) == 0 { thing(random) } else { action(random) };
        let (principal, resource) = (thing(random), thing(random));
        let context = if random.below(3) == 0 {
            Context::empty()
        } else {
            Context::from_pairs(members(random)).expect("a context")
        };
        let request = Request::new(principal.clone(), action.clone(), resource.clone(), context.clone());
        let scanned = engine.authorize_by_scan(&request);
        let answer = engine.decide(scratch, &request);
        assert_eq!(answer.to_response(), scanned, "{request:?}");
        assert_eq!(answer.decision(), scanned.decision());
        assert_eq!(engine.explain(&request).response(), &scanned);
        assert_eq!(engine.is_allowed(scratch, &request), scanned.decision() == Decision::Allow);
        assert_eq!(
            engine.decide_json(scratch, &json(&request)).map(|answer| answer.to_response()),
            Ok(scanned.clone())
        );
        let handles = [&principal, &action, &resource].map(|uid| engine.handle(uid));
        if let [Some(principal), Some(action), Some(resource)] = handles {
            let request = HandleRequest { principal, action, resource, context: &context };
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

/// What the index knows of the tests before a comparison, one sort after the other: where what they need is missing, or
/// is there and of another kind, every policy of the family may fail.
#[test]
fn what_stands_before_a_comparison_counts() {
    let mut random = Random(11);
    let mut scratch = Scratch::new();
    let group = EntityUid::new(ty("G"), "0");
    let anchored = EntityConstraint::In(EntityOrSlot::Entity(group.clone()));
    for front in FRONTS {
        for principal in [&EntityConstraint::Any, &anchored] {
            let fronts = [front, FRONTS[random.below(FRONTS.len())]];
            let fronts = &fronts[..=random.below(2)];
            let mut engine = Engine::new(family_program(&mut random, fronts, principal), Entities::new());
            let decides = fronts.iter().find(|front| front.is_equality() || front.may_fail_in_two_ways());
            let by_constant = decides.is_none_or(|front| front.is_equality());
            let index = engine.statistics().index;
            let is_anchored = *principal != EntityConstraint::Any;
            let expected = if is_anchored { (0, 12) } else { (if by_constant { 12 } else { 0 }, 0) };
            assert_eq!((index.constant, index.principal), expected, "{fronts:?}");
            for _ in 0..12 {
                for _ in 0..6 {
                    let uid = thing(&mut random);
                    let attributes = members(&mut random);
                    let parents = [&group].into_iter().filter(|group| **group != uid).cloned();
                    engine.upsert(&Entity::new(uid.clone(), attributes, parents), None).expect("no cycle");
                }
                check(&engine, &mut random, &mut scratch);
            }
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
