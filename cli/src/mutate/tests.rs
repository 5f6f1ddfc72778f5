//! That a mutant in a batch decides as a program does in which the mistake was made.

use std::collections::{BTreeSet, HashMap, HashSet};

use deodar_compiler::compile;
use deodar_grammar::{
    Sources,
    ast::{Dialect, PolicySet, TemplateLink},
    parse_policies, policy_set_from_json,
};
use deodar_runtime::{Context, Decision, Engine, Entities, Request, Scratch, Value};

use super::{
    batch::{Batch, Originals, Record},
    plan::{Plan, plan},
    space::Numbers,
};

/// Random conditions over a few attributes of the context, some of which are missing now and then.
fn condition(numbers: &mut Numbers) -> String {
    let atom = |numbers: &mut Numbers| match numbers.below(4) {
        0 => format!("context.a{}", numbers.below(3)),
        1 => format!("context.n < {}", numbers.below(3)),
        2 => format!("{} <= context.n", numbers.below(3)),
        _ => "principal == resource.owner".to_owned(),
    };
    let chain = |numbers: &mut Numbers| {
        let sign = [" && ", " || "][numbers.below(2)];
        let operands: Vec<_> = (0..=numbers.below(3)).map(|_| atom(numbers)).collect();
        format!("({})", operands.join(sign))
    };
    format!("{} && !{} || {}", chain(numbers), chain(numbers), chain(numbers))
}

fn policies(numbers: &mut Numbers) -> String {
    let policy = |_| {
        let effect = ["permit", "permit", "forbid"][numbers.below(3)];
        let principal = ["principal", "principal == U::\"u0\"", "principal in G::\"g\""][numbers.below(3)];
        let action = ["action", "action == Action::\"a\""][numbers.below(2)];
        let keyword = ["when", "unless"][numbers.below(2)];
        format!("{effect} ({principal}, {action}, resource) {keyword} {{ {} }};\n", condition(numbers))
    };
    (0..5).map(policy).collect()
}

fn requests(numbers: &mut Numbers) -> Vec<Request> {
    let request = |_| {
        let mut members = vec![("n", Value::from(i64::try_from(numbers.below(4)).expect("small")))];
        for name in ["a0", "a1", "a2"] {
            members
                .extend([Some(true), Some(false), Some(true), None][numbers.below(4)].map(|v| (name, Value::from(v))));
        }
        let uid = |text: String| text.parse().expect("an entity");
        Request::new(
            uid(format!("U::\"u{}\"", numbers.below(3))),
            uid(format!("Action::\"{}\"", ["a", "b"][numbers.below(2)])),
            uid("R::\"r\"".to_owned()),
            Context::from_pairs(members).expect("a context"),
        )
    };
    (0..20).map(request).collect()
}

const ENTITIES: &str = r#"[
    {"uid": {"type": "R", "id": "r"}, "attrs": {"owner": {"__entity": {"type": "U", "id": "u1"}}}, "parents": []},
    {"uid": {"type": "U", "id": "u2"}, "attrs": {}, "parents": [{"type": "G", "id": "g"}]}
]"#;

/// Compares decisions, determining and failing policies of each mutant on each request.
#[track_caller]
fn check(sources: &Sources, set: &PolicySet, requests: &[Request]) -> usize {
    let ids: HashSet<&str> = set.policies.iter().map(|policy| policy.id.as_str()).collect();
    let (planned, _) = plan(std::slice::from_ref(set), None, &ids, Plan { budget: None, seed: 0 });
    let program = compile(&[set], sources).expect("a program");
    let mut positions: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, policy) in program.policies().iter().enumerate() {
        positions.entry(policy.template.as_ref().unwrap_or(&policy.id)).or_default().push(at);
    }
    let links: Vec<&TemplateLink> = set.links.iter().collect();
    let originals = Originals { sources, schema: None, program: &program, links: &links, positions: &positions };
    let batch = Batch::new(originals, &planned).expect("a batch");
    let engine = |program| Engine::new(program, Entities::from_json(ENTITIES, None).expect("entities"));
    let (original, mutated) = (engine(program.clone()), engine(batch.program.clone()));
    let mut scratch = Scratch::new();
    let mut changed = 0;
    for (number, planned) in planned.iter().enumerate() {
        let mut rest = set.clone();
        rest.policies.remove(planned.mutation.policy);
        rest.links.retain(|link| planned.mutation.operator != "drop-policy" || link.template.value != planned.policy);
        let whole =
            engine(compile(&[&rest, &planned.mutation.apply().expect("a policy")], sources).expect("a program"));
        for request in requests {
            let before = Record::new(&original, &mut scratch, request);
            let now = batch.outcomes(&mutated, &mut scratch, request);
            let found = batch.members[number].verdict(program.policies(), &before, &now);
            changed += usize::from(found.is_some());
            let found = found.unwrap_or_else(|| before.verdict(program.policies()));
            let response = whole.authorize(request);
            let expected: BTreeSet<&str> = response.determining().iter().map(AsRef::as_ref).collect();
            let failing: BTreeSet<&str> = response.errors().iter().map(|error| error.policy.as_ref()).collect();
            let context = format!("{} {:?} {request:?}", planned.mutation.operator, planned.mutation.texts());
            assert_eq!(found.decision, response.decision(), "{context}");
            assert_eq!(found.determining.iter().copied().collect::<BTreeSet<_>>(), expected, "{context}");
            assert_eq!(found.failing.iter().copied().collect::<BTreeSet<_>>(), failing, "{context}");
        }
    }
    changed
}

#[test]
fn a_mutant_decides_as_a_program_with_the_mistake() {
    let mut numbers = Numbers::new(11);
    let mut changed = 0;
    for _ in 0..12 {
        let mut sources = Sources::new();
        let source = sources.add("p.cedar", policies(&mut numbers));
        let (set, problems) = parse_policies(&sources, source, Dialect::Cedar);
        assert!(problems.is_empty(), "{problems:?}");
        changed += check(&sources, &set, &requests(&mut numbers));
    }
    assert!(changed > 1000, "only {changed} decisions had another part");
}

#[test]
fn a_mutated_template_takes_its_links_along() {
    let mut sources = Sources::new();
    let text = r#"{
        "staticPolicies": {"all": {"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"}, "resource": {"op": "All"}, "conditions": []}},
        "templates": {"t": {"effect": "forbid", "principal": {"op": "==", "slot": "?principal"}, "action": {"op": "All"}, "resource": {"op": "All"},
            "conditions": [{"kind": "when", "body": {"&&": {"left": {".": {"left": {"Var": "context"}, "attr": "a0"}}, "right": {".": {"left": {"Var": "context"}, "attr": "a1"}}}}}]}},
        "templateLinks": [
            {"templateId": "t", "newId": "one", "values": {"?principal": {"type": "U", "id": "u0"}}},
            {"templateId": "t", "newId": "two", "values": {"?principal": {"type": "U", "id": "u1"}}}
        ]}"#;
    let source = sources.add("p.json", text);
    let (set, problems) = policy_set_from_json(&sources, source);
    assert!(problems.is_empty(), "{problems:?}");
    let mut numbers = Numbers::new(3);
    let changed = check(&sources, &set, &requests(&mut numbers));
    assert!(changed > 50, "only {changed} decisions had another part");
}

#[test]
fn a_sample_depends_on_the_seed_and_stays_when_other_policies_change() {
    let planned = |text: &str, seed| {
        let mut sources = Sources::new();
        let source = sources.add("p.cedar", text);
        let (set, _) = parse_policies(&sources, source, Dialect::Cedar);
        let ids: HashSet<&str> = set.policies.iter().map(|policy| policy.id.as_str()).collect();
        let (planned, possible) = plan(std::slice::from_ref(&set), None, &ids, Plan { budget: Some(5), seed });
        let names =
            planned.iter().map(|planned| (planned.policy.clone(), planned.mutation.operator, planned.mutation.span));
        (names.collect::<Vec<_>>(), possible)
    };
    let text = "permit (principal == U::\"u\", action, resource) when { context.a && context.b < 3 && context.c };\n\
                forbid (principal, action, resource) when { context.d || context.e };";
    let (first, possible) = planned(text, 1);
    assert_eq!(first.len(), 5);
    assert!(possible > 15, "{possible}");
    assert_eq!(planned(text, 1), (first.clone(), possible));
    assert!((2..9).any(|seed| planned(text, seed).0 != first));
}

/// The texts of requests, so that `Decision` is compared above and not only its name.
#[test]
fn random_requests_are_allowed_and_denied() {
    let mut numbers = Numbers::new(11);
    let mut sources = Sources::new();
    let source = sources.add("p.cedar", policies(&mut numbers));
    let (set, _) = parse_policies(&sources, source, Dialect::Cedar);
    let program = compile(&[&set], &sources).expect("a program");
    let engine = Engine::new(program, Entities::from_json(ENTITIES, None).expect("entities"));
    let decisions: Vec<Decision> =
        requests(&mut numbers).iter().map(|request| engine.authorize(request).decision()).collect();
    assert!(decisions.contains(&Decision::Allow) && decisions.contains(&Decision::Deny), "{decisions:?}");
}
