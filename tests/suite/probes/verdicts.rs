//! The recorded verdicts: policies with what the validator of the reference said of them, and at which level.

use std::collections::BTreeSet;

use deodar_tests::{
    oracle,
    question::Document,
    subject::{Deodar, Reference},
    verdict::{Checker, Kind, Mode, Options, Question, Verdict},
};

use super::{
    Tally, ok_if,
    recording::{section, strings},
    recordings,
};

/// The schema that the verdicts were recorded with.
const SCHEMA: &str = r#"
    entity G, X;
    entity R {owner: U, s?: String};
    entity C enum ["red"];
    entity U in [G] {n: Long, f?: U, ip?: ipaddr, d?: decimal, s?: Set<String>, r?: {z: Long}, c?: C} tags String;
    action all, noapply;
    action view, edit in [all] appliesTo {principal: U, resource: R, context: {mfa: Bool, o?: Long}};
    action list in [all] appliesTo {principal: [U, G], resource: R};
"#;

/// The kind of an error or warning of the reference, by its message.
fn kind(message: &str) -> Kind {
    let kinds = [
        ("unrecognized entity type", Kind::UnknownEntityType),
        ("unrecognized action", Kind::UnknownAction),
        ("unable to find an applicable action", Kind::InapplicableAction),
        ("policy is impossible", Kind::ImpossiblePolicy),
        ("empty set literals", Kind::EmptySet),
        ("access to optional attribute", Kind::OptionalAttribute),
        ("access to tag", Kind::UncheckedTag),
        ("not found", Kind::UnknownAttribute),
        ("are not compatible", Kind::IncompatibleTypes),
        ("unexpected type", Kind::UnexpectedType),
        ("extension function argument validation", Kind::InvalidExtensionArgument),
        ("non-literal expressions", Kind::NonLiteralArgument),
        ("wrong number of arguments", Kind::WrongNumberOfArguments),
        ("enumerated entity type", Kind::InvalidEnumEntity),
        ("contains mixed scripts", Kind::MixedScriptString),
        ("requires level", Kind::Level),
        ("cannot be dereferenced", Kind::Level),
    ];
    let found = kinds.iter().find(|(part, _)| message.contains(part));
    found.unwrap_or_else(|| panic!("an unknown message: {message}")).1
}

fn kinds(messages: &str) -> BTreeSet<Kind> {
    strings(messages).iter().map(|message| kind(message)).collect()
}

/// Whether a checker says what was recorded.
fn agrees(checker: &dyn Checker, policy: &str, options: Options, expected: &Recorded) -> Result<(), String> {
    let question = Question {
        policies: Document::cedar(policy),
        links: Vec::new(),
        schema: Document::cedar(SCHEMA),
        options: vec![options],
    };
    let answers = checker.check(&question);
    let [Verdict { passed, errors, warnings }] = answers.verdicts.as_slice() else {
        return Err(format!("{answers:?}"));
    };
    let of = |findings: &BTreeSet<(String, Kind)>| findings.iter().map(|(_, kind)| *kind).collect::<BTreeSet<_>>();
    let same = *passed == expected.passed
        && of(errors) == expected.errors
        && expected.warnings.as_ref().is_none_or(|expected| of(warnings) == *expected);
    ok_if(&format!("expected {expected:?}; got {passed}, {errors:?}, {warnings:?}"))(same)
}

/// What the reference said.
#[derive(Debug)]
struct Recorded {
    passed: bool,
    errors: BTreeSet<Kind>,
    /// Not recorded with levels.
    warnings: Option<BTreeSet<Kind>>,
}

fn check(tally: &mut Tally, policy: &str, options: Options, expected: &Recorded) {
    let reference = agrees(&Reference, policy, options, expected).map_err(|error| format!("the reference: {error}"));
    tally.check(policy, reference.and_then(|()| agrees(&Deodar, policy, options, expected)));
}

#[test]
fn policies_have_the_recorded_verdicts() {
    let Some(text) = recordings("probe2.out") else { return };
    let tally = oracle::on_big_stack(|| {
        let mut tally = Tally::default();
        let lines: Vec<_> = section(&text, "validation").lines().collect();
        for pair in lines.windows(2) {
            let passed = pair[0].starts_with("PASS ");
            if !passed && !pair[0].starts_with("FAIL ") {
                continue;
            }
            let (errors, warnings) = pair[1].split_once("] W=[").expect("errors and warnings");
            let expected = Recorded { passed, errors: kinds(errors), warnings: Some(kinds(warnings)) };
            check(&mut tally, &pair[0]["PASS ".len()..], Options::STRICT, &expected);
        }
        tally
    });
    tally.finish("verdicts", 50);
}

#[test]
fn policies_have_the_recorded_levels() {
    let Some(text) = recordings("probe2.out") else { return };
    let tally = oracle::on_big_stack(|| {
        let mut tally = Tally::default();
        for line in section(&text, "validation").lines().filter_map(|line| line.strip_prefix("level ")) {
            let (level, rest) = line.split_once(' ').expect("a level");
            let (passed, rest) = rest.split_once(' ').expect("whether it passes");
            let (policy, errors) = rest.split_once(" E=[").expect("errors");
            let options = Options { mode: Mode::Strict, level: Some(level.parse().expect("a number")) };
            let expected = Recorded { passed: passed == "true", errors: kinds(errors), warnings: None };
            check(&mut tally, policy, options, &expected);
        }
        tally
    });
    tally.finish("levels", 10);
}
