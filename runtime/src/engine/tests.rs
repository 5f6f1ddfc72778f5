//! Hand-made programs: what the compiler would not make, and what must hold of every engine.

use deodar_lexicon::{Builtin, Pattern, PatternElement, limits};
use smol_str::SmolStr;

use super::*;
use crate::{
    EntityTypeName, EvalErrorKind, ProgramParts, Value,
    entities::Entity,
    explain::{Outcome, ScopePart},
    instruction::{CodeAddress, ConstantId, Instruction as I, LayoutId, NameId, PatternId, Register, Slot, Variable},
    program::{ActionConstraint, Code, Constant, Effect, EntityConstraint, EntityOrSlot, Place, Policy, Scope},
    request::Context,
    response::{Decision, PolicyError},
};

const R0: Register = Register(0);
const R1: Register = Register(1);

fn uid(text: &str) -> EntityUid {
    text.parse().expect("an entity")
}

fn request() -> Request {
    Request::new(uid(r#"U::"a""#), uid(r#"Action::"v""#), uid(r#"R::"r""#), Context::empty())
}

fn entities() -> Entities {
    let user = Entity::new(uid(r#"U::"a""#), [("level", Value::from(3))], [uid(r#"G::"g""#)]);
    let group = Entity::new::<SmolStr>(uid(r#"G::"g""#), [], [uid(r#"G::"top""#)]);
    Entities::from_entities([user, group], None).expect("entities")
}

/// The place of the instruction at an address; its column is the address.
fn place(at: usize) -> Place {
    let column = u32::try_from(at).expect("a small address");
    Place { source: 0, start: 0, end: 0, line: 1, column }
}

fn parts(code: Vec<I>) -> ProgramParts {
    ProgramParts {
        sources: vec!["test".into()],
        places: (0..code.len()).map(place).collect(),
        code,
        constants: vec![
            Constant::Bool(true),
            Constant::Bool(false),
            Constant::Long(1),
            Constant::Long(i64::MAX),
            Constant::String("text".into()),
            Constant::Entity(uid(r#"G::"top""#)),
        ],
        names: vec!["level".into(), "levle".into()],
        patterns: vec![Pattern::new([PatternElement::Wildcard, PatternElement::Char('t')])],
        layouts: vec![["a".into(), "b".into()].into()],
        ..ProgramParts::default()
    }
}

const TRUE: ConstantId = ConstantId(0);
const FALSE: ConstantId = ConstantId(1);
const ONE: ConstantId = ConstantId(2);
const MAX: ConstantId = ConstantId(3);
const TEXT: ConstantId = ConstantId(4);
const TOP: ConstantId = ConstantId(5);

fn whole(code: &[I]) -> Code {
    let end = u32::try_from(code.len()).expect("short code");
    Code { start: CodeAddress(0), end: CodeAddress(end), registers: 2 }
}

fn load(into: Register, constant: ConstantId) -> I {
    I::Constant { into, constant }
}

fn evaluate(code: &[I], request: Option<&Request>) -> Result<Value, EvaluateError> {
    let engine = Engine::new(Program::default(), entities());
    let expression = Expression::new(parts(code.to_vec()), whole(code)).expect("a valid expression");
    engine.evaluate(&expression, request)
}

#[track_caller]
fn check(code: &[I], expected: &str) {
    let shown = match evaluate(code, Some(&request())) {
        Ok(value) => value.to_string(),
        Err(EvaluateError::Eval(error)) => {
            let place = error.place.expect("a place").column;
            let help = error.kind.help().map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{} at {place}: {error}{help}", error.kind.code())
        }
        Err(EvaluateError::Limit(limit)) => format!("limit {limit}"),
        Err(EvaluateError::Defect) => "defect".to_owned(),
    };
    assert_eq!(shown, expected);
}

#[test]
fn instructions_compute_and_say_where_they_fail() {
    let done = I::Return { from: R0 };
    check(&[load(R0, ONE), done], "1");
    check(&[load(R0, ONE), load(R1, ONE), I::Add { into: R0, left: R0, right: R1 }, done], "2");
    check(
        &[load(R0, MAX), load(R1, ONE), I::Add { into: R0, left: R0, right: R1 }, done],
        "integer-overflow at 2: `9223372036854775807 + 1` overflows a 64-bit integer",
    );
    check(
        &[load(R0, TEXT), load(R1, TRUE), I::Multiply { into: R0, left: R0, right: R1 }, done],
        "operand-type at 2: expected long, found string",
    );
    check(
        &[load(R0, TRUE), load(R1, FALSE), I::Less { into: R0, left: R0, right: R1 }, done],
        "operand-type at 2: expected long, datetime or duration, found bool",
    );
    check(&[load(R0, TEXT), I::Like { into: R0, from: R0, pattern: PatternId(0) }, done], "true");
    check(&[I::Slot { slot: Slot::Resource }, done], "unlinked-slot at 0: the slot `?resource` was not linked");
}

#[test]
fn attributes_of_missing_entities_and_missing_attributes_are_told_apart() {
    let variable = |variable| I::Variable { into: R0, variable };
    let read = |name| I::Attribute { into: R0, base: R0, name: NameId(name) };
    let has = |name| I::HasAttribute { into: R0, base: R0, name: NameId(name) };
    let done = I::Return { from: R0 };
    check(&[variable(Variable::Principal), read(0), done], "3");
    check(
        &[variable(Variable::Principal), read(1), done],
        "entity-attribute-does-not-exist at 1: the entity `U::\"a\"` has no attribute `levle` (did you mean `level`?)",
    );
    check(
        &[variable(Variable::Resource), read(0), done],
        "entity-does-not-exist at 1: the entity `R::\"r\"` does not exist \
         (test with `has` or `hasTag` first, which are false for an entity that does not exist)",
    );
    check(&[variable(Variable::Resource), has(0), done], "false");
    check(&[variable(Variable::Principal), has(0), done], "true");
    check(&[variable(Variable::Principal), has(1), done], "false");
    check(
        &[variable(Variable::Context), read(0), done],
        "record-attribute-does-not-exist at 1: the record has no attribute `level`",
    );
    check(&[load(R0, ONE), has(0), done], "operand-type at 1: expected record or entity, found long");
}

#[test]
fn every_element_of_a_set_behind_in_must_be_an_entity() {
    let set_of = |constants: &[ConstantId]| {
        let mut code = vec![I::Variable { into: R0, variable: Variable::Principal }];
        code.extend(constants.iter().flat_map(|constant| [load(R1, *constant), I::Push { from: R1 }]));
        code.push(I::MakeSet { into: R1, count: u32::try_from(constants.len()).expect("few") });
        code.extend([I::In { into: R0, left: R0, right: R1 }, I::Return { from: R0 }]);
        code
    };
    check(&set_of(&[TOP]), "true");
    check(&set_of(&[]), "false");
    check(&set_of(&[TOP, ONE]), "operand-type at 6: expected entity, found long");
}

#[track_caller]
fn check_invalid(code: &[I], expected: &str) {
    let invalid = Expression::new(parts(code.to_vec()), whole(code)).expect_err("an invalid expression");
    assert_eq!(invalid.to_string(), expected);
}

#[test]
fn operands_and_registers_are_there_on_every_way() {
    let (done, push) = (I::Return { from: R0 }, I::Push { from: R0 });
    let skip = |target| I::JumpIfTrue { condition: R0, target: CodeAddress(target) };
    let make = |count| I::MakeSet { into: R0, count };
    check_invalid(&[make(7), done], "V8: the operands that 0 takes are not on every way to it");
    let record = I::MakeRecord { into: R0, layout: LayoutId(0) };
    check_invalid(&[load(R0, ONE), push, record, done], "V8: the operands that 2 takes are not on every way to it");
    let call = I::Call { into: R0, builtin: Builtin::IsInRange, count: u32::MAX };
    check_invalid(&[call, done], "V8: the operands that 0 takes are not on every way to it");
    check_invalid(
        &[load(R0, TRUE), skip(3), push, make(0), done],
        "V8: the operands that 3 takes are not on every way to it",
    );
    check(&[load(R0, TRUE), push, skip(4), load(R0, FALSE), make(1), done], "[true]");
    check_invalid(&[done], "V9: the instruction at 0 reads a register too early");
    check_invalid(
        &[load(R0, TRUE), skip(3), load(R1, TRUE), I::Not { into: R0, from: R1 }, done],
        "V9: the instruction at 3 reads a register too early",
    );
    // What no way leads to is not looked at.
    let over = I::Jump { target: CodeAddress(3) };
    check(&[load(R0, ONE), over, I::Not { into: R0, from: R1 }, done], "1");
}

#[test]
fn a_layout_has_each_name_once() {
    let layouts = vec![["a".into(), "a".into()].into()];
    let invalid = Program::new(ProgramParts { layouts, ..parts(Vec::new()) }).expect_err("an invalid program");
    assert_eq!(invalid.to_string(), "V10: a record layout has the name `a` twice");
}

#[test]
fn without_a_request_a_variable_has_no_value() {
    let code = [I::Variable { into: R0, variable: Variable::Action }, I::Return { from: R0 }];
    let error = evaluate(&code, None).expect_err("no request");
    assert_eq!(error.to_string(), "`action` has no value, because no request was given");
    assert!(evaluate(&[load(R0, ONE), I::Return { from: R0 }], None).is_ok());
}

fn policy(id: &str, effect: Effect, principal: EntityConstraint, conditions: &[Code]) -> Policy {
    let scope = Scope { principal, action: ActionConstraint::Any, resource: EntityConstraint::Any };
    let conditions =
        conditions.iter().map(|code| Condition { kind: ConditionKind::When, code: *code, place: place(0) });
    Policy {
        id: id.into(),
        effect,
        scope,
        conditions: conditions.collect(),
        annotations: [].into(),
        place: place(0),
        template: None,
    }
}

fn group(id: &str) -> EntityConstraint {
    EntityConstraint::In(EntityOrSlot::Entity(EntityUid::new(EntityTypeName::new("G").expect("a type"), id)))
}

fn engine(policies: Vec<Policy>, code: Vec<I>) -> Engine {
    let program = Program::new(ProgramParts { policies, ..parts(code) }).expect("a valid program");
    Engine::new(program, entities())
}

fn ids(ids: &[SmolStr]) -> Vec<&str> {
    ids.iter().map(SmolStr::as_str).collect()
}

#[test]
fn satisfied_forbids_determine_a_deny_and_errors_are_listed_all_the_same() {
    let code = vec![load(R0, ONE), I::Return { from: R0 }];
    let not_a_bool = [whole(&code)];
    let policies = vec![
        policy("permit", Effect::Permit, EntityConstraint::Any, &[]),
        policy("forbid", Effect::Forbid, group("top"), &[]),
        policy("error", Effect::Forbid, EntityConstraint::Any, &not_a_bool),
        policy("elsewhere", Effect::Forbid, group("other"), &not_a_bool),
    ];
    let response = engine(policies.clone(), code.clone()).authorize(&request());
    assert_eq!((response.decision(), ids(response.determining())), (Decision::Deny, vec!["forbid"]));
    let [PolicyError { policy, error }] = response.errors() else { panic!("one error: {response:?}") };
    assert_eq!((policy.as_str(), error.place), ("error", Some(place(1))));
    assert!(matches!(error.kind, EvalErrorKind::Type { .. }));

    let without_forbid = policies.into_iter().filter(|policy| policy.id != "forbid").collect();
    let response = engine(without_forbid, code).authorize(&request());
    assert_eq!((response.decision(), ids(response.determining())), (Decision::Allow, vec!["permit"]));
    assert_eq!(response.errors().len(), 1);
}

#[test]
fn without_a_satisfied_permit_nothing_determines_the_deny() {
    let code = vec![load(R0, FALSE), I::Return { from: R0 }];
    let policies = vec![policy("permit", Effect::Permit, EntityConstraint::Any, &[whole(&code)])];
    let response = engine(policies, code).authorize(&request());
    assert_eq!((response.decision(), response.determining().len(), response.limit()), (Decision::Deny, 0, None));
}

#[test]
fn a_decision_over_the_limit_of_steps_is_a_deny_without_reasons() {
    let done = I::Return { from: R0 };
    let mut code = vec![load(R0, TRUE), done, I::Variable { into: R0, variable: Variable::Context }];
    code.push(I::Attribute { into: R0, base: R0, name: NameId(0) });
    code.push(I::MakeSet { into: R1, count: 0 });
    // Each test counts as many steps as the set of the context has elements, though the first one decides it.
    code.extend(
        (0..10_000)
            .map(|_| I::ContainsAll { into: R1, left: R1, right: R0 })
            .flat_map(|test| [test, I::MakeSet { into: R1, count: 0 }]),
    );
    code.extend([load(R0, TRUE), done]);
    let end = u32::try_from(code.len()).expect("short code");
    let expensive = Code { start: CodeAddress(2), end: CodeAddress(end), registers: 2 };
    let policies = vec![
        policy("cheap", Effect::Permit, EntityConstraint::Any, &[]),
        policy("expensive", Effect::Permit, EntityConstraint::Any, &[expensive]),
    ];
    let engine = engine(policies, code);
    let with_set = |length| {
        let set = Value::set((0..length).map(Value::from));
        let context = Context::from_pairs([("level", set)]).expect("a context");
        Request::new(uid(r#"U::"a""#), uid(r#"Action::"v""#), uid(r#"R::"r""#), context)
    };
    let response = engine.authorize(&with_set(100));
    assert_eq!((response.decision(), response.limit()), (Decision::Allow, None));
    let response = engine.authorize(&with_set(10_000));
    assert_eq!((response.decision(), response.limit()), (Decision::Deny, Some(limits::STEPS)));
    assert!(response.determining().is_empty() && response.errors().is_empty());
}

#[test]
fn values_nested_deeper_than_any_input_need_no_stack() {
    let mut code = vec![load(R0, ONE), load(R1, ONE)];
    for _ in 0..20_000 {
        for register in [R0, R1] {
            code.extend([I::Push { from: register }, I::MakeSet { into: register, count: 1 }]);
            code.extend([I::Push { from: register }, I::Push { from: register }]);
            code.push(I::MakeRecord { into: register, layout: LayoutId(0) });
        }
    }
    let mut equal = code.clone();
    equal.extend([I::Equal { into: R0, left: R0, right: R1 }, I::Return { from: R0 }]);
    code.push(I::Return { from: R0 });
    let run = move || {
        assert_eq!(evaluate(&equal, None), Ok(Value::from(true)));
        let nested = evaluate(&code, None).expect("a value");
        assert!(nested.member("a").is_some());
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(run).expect("a thread");
    thread.join().expect("no overflow");
}

#[test]
fn an_explanation_names_the_smallest_expressions_that_decided() {
    let (done, end) = (I::Return { from: R0 }, CodeAddress(9));
    // 1 == 1 && (text == 1 || 1 < 1)
    let code = vec![
        load(R0, ONE),
        load(R1, ONE),
        I::Equal { into: R0, left: R0, right: R1 },
        I::JumpIfFalse { condition: R0, target: end },
        load(R0, TEXT),
        I::Equal { into: R0, left: R0, right: R1 },
        I::JumpIfTrue { condition: R0, target: end },
        load(R0, ONE),
        I::Less { into: R0, left: R1, right: R0 },
        I::AssertBool { from: R0 },
        I::Not { into: R0, from: R0 },
        I::Not { into: R0, from: R0 },
        done,
    ];
    let code_of_condition = whole(&code);
    let policies = vec![
        policy("elsewhere", Effect::Permit, group("other"), &[]),
        policy("near", Effect::Permit, group("top"), &[code_of_condition]),
        policy("far", Effect::Permit, EntityConstraint::Is(EntityTypeName::new("T").expect("a type")), &[]),
    ];
    let engine = engine(policies, code);
    let explanation = engine.explain(&request());
    assert_eq!(explanation.response(), &engine.authorize(&request()));
    let nearest = explanation.nearest_permit().expect("a permit");
    assert_eq!(nearest.policy, "near");
    let Outcome::ConditionFailed { condition: 0, because } = &nearest.outcome else { panic!("{nearest:?}") };
    let shown: Vec<_> = because
        .iter()
        .map(|reason| {
            let operands: Vec<_> = explanation.operands(reason).map(|operand| operand.to_string()).collect();
            format!("{} {} {}", reason.place.column, reason.value, operands.join(" "))
        })
        .collect();
    assert_eq!(shown, ["5 false \"text\" 1", "8 false 1 1"]);
    let outcomes: Vec<_> = explanation.policies().iter().map(|policy| &policy.outcome).collect();
    assert!(matches!(outcomes.as_slice(), [
        Outcome::ScopeMismatch(first), _, Outcome::ScopeMismatch(third)
    ] if *first == [ScopePart::Principal] && *third == [ScopePart::Principal]));
}

#[test]
fn threads_share_an_engine() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&engine(Vec::new(), Vec::new()));
}
