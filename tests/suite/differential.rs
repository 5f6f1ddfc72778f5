//! Generated cases, a bounded number of them; the `differential` binary runs as many as there is time for.

use arbitrary::Unstructured;
use deodar_tests::{
    differential::check_case,
    fault::{FAULTS, Faulty},
    oracle::on_big_stack,
    question::{Document, Link, Question, Request, Uid},
    run::{Plan, Reduce},
    subject::{Deodar, Reference, Subject},
};

/// The number of cases of a run, unless `DEODAR_CASES` says otherwise.
const CASES: usize = 5_000;
const SEED: u64 = 20;

#[test]
fn generated_questions_get_the_answers_of_the_reference() {
    let (statistics, differences) = Plan::bounded(CASES, SEED).run(|bytes, reduce| check_case(bytes, &Deodar, reduce));
    let shown: Vec<_> = differences.iter().take(5).map(|(case, found)| format!("case {case}: {found}")).collect();
    assert!(differences.is_empty(), "{} differences of seed {SEED}:\n{}", differences.len(), shown.join("\n"));
    assert!(statistics.shortcomings().is_empty(), "{:?}\n{statistics}", statistics.shortcomings());
}

#[test]
fn arbitrary_bytes_are_a_question() {
    arbtest::arbtest(|bytes: &mut Unstructured<'_>| {
        let bytes = bytes.bytes(bytes.len())?;
        on_big_stack(|| check_case(bytes, &Deodar, Reduce::Yes)).map(drop).unwrap_or_else(|found| panic!("{found}"));
        Ok(())
    })
    .budget_ms(2_000);
}

#[test]
fn planted_faults_are_found() {
    for fault in FAULTS {
        let faulty = Faulty { engine: Reference, fault };
        let found = Plan { cases: 0..10_000, ..Plan::bounded(CASES, SEED) }
            .find(|bytes| check_case(bytes, &faulty, Reduce::No), |bytes| check_case(bytes, &Reference, Reduce::No));
        assert!(found.is_some(), "{} is not found: {}", fault.name, fault.what);
    }
}

/// The reference escapes ids when it prints them.
#[test]
fn ids_are_compared_as_they_were_given() {
    let uid = |ty, id: &str| Uid::new(ty, id);
    let question = Question {
        policies: Document::cedar("permit(principal == ?principal, action, resource) when { 1 < principal.a };"),
        links: ["fails\0", "gr\u{7f}"]
            .map(|id| Link {
                template: "policy0".into(),
                id: id.into(),
                values: vec![("?principal".into(), uid("U", id))],
            })
            .into(),
        schema: None,
        entities: r#"[{"uid": {"type": "U", "id": "gr\u007f"}, "attrs": {"a": 2}, "parents": []}]"#.into(),
        requests: ["fails\0", "gr\u{7f}"]
            .map(|id| Request {
                principal: uid("U", id),
                action: uid("Action", "a"),
                resource: uid("R", "r"),
                context: "{}".into(),
                validate: false,
            })
            .into(),
        verdict: false,
    };
    let expected = on_big_stack(|| Reference.answer(&question));
    let [Ok(fails), Ok(grants)] = expected.requests.as_slice() else { panic!("{expected:?}") };
    assert_eq!(fails.errors.keys().collect::<Vec<_>>(), ["fails\0"]);
    assert_eq!(grants.reasons.iter().collect::<Vec<_>>(), ["gr\u{7f}"]);
    assert_eq!(Deodar.answer(&question).differences(&expected), Vec::<String>::new());
}
