//! The conditions by which the checker is specified, one a line, asked of the reference: it says the same of each.

use std::{collections::BTreeSet, fs};

use deodar_tests::{
    oracle::{self, on_big_stack},
    question::Document,
    verdict::{Kind, Mode, Options, Question},
};

use crate::shared::repository;

#[test]
fn the_reference_says_the_same_of_each_rule() {
    let read = |name: &str| fs::read_to_string(repository().join("compiler/tests/check").join(name)).expect("a file");
    let (schema, rules) = (Document::cedar(read("schema.cedarschema")), read("rules.txt"));
    let wrong = on_big_stack(|| differences(&schema, &rules));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(schema: &Document, rules: &str) -> Vec<String> {
    let (mut options, mut scope) = (Options::STRICT, "");
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for line in rules.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some((name, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            let (mode, level) = name.split_once(", level ").map_or((name, None), |(mode, level)| (mode, Some(level)));
            options.mode = if mode == "strict" { Mode::Strict } else { Mode::Permissive };
            options.level = level.map(|level| level.parse().expect("a level"));
            scope = rest;
            continue;
        }
        asked += 1;
        let (condition, expected) = line.rsplit_once(" => ").expect("a condition and codes");
        let expected: BTreeSet<Kind> = expected.split(' ').filter_map(Kind::from_code).collect();
        let policy = format!("permit({scope}) when {{ {condition} }};");
        let question = Question {
            policies: Document::cedar(policy.clone()),
            links: Vec::new(),
            schema: schema.clone(),
            options: vec![options],
        };
        let answers = oracle::verdict::check(&question);
        let verdict = answers.verdicts.first();
        let got: Option<BTreeSet<Kind>> =
            verdict.map(|verdict| verdict.errors.iter().chain(&verdict.warnings).map(|(_, kind)| *kind).collect());
        if got.as_ref() != Some(&expected) {
            wrong.push(format!("{policy}\n  expected {expected:?}, the reference says {got:?}"));
        }
    }
    assert!(asked > 150, "{asked} rules");
    wrong
}
