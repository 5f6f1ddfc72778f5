//! The rules of the checker, one condition each; the cases stand in `tests/check/rules.txt`, beside their schema.

use std::{collections::BTreeSet, thread};

use deodar_grammar::{Sources, ast::Dialect, parse_policies, parse_schema};

use super::{Analysis, CheckOptions, Level, Mode, check};
use crate::Schema;

const SCHEMA: &str = include_str!("../../tests/check/schema.cedarschema");
const RULES: &str = include_str!("../../tests/check/rules.txt");

fn schema(text: &str) -> Schema {
    let mut sources = Sources::new();
    let source = sources.add("schema.cedarschema", text);
    let (tree, diagnostics) = parse_schema(&sources, source);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let (schema, diagnostics) = Schema::resolve(&[tree]);
    schema.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

fn analyse(schema: &Schema, policies: &str, options: CheckOptions) -> Analysis {
    let mut sources = Sources::new();
    let source = sources.add("policies.cedar", policies);
    let (set, diagnostics) = parse_policies(&sources, source, Dialect::Cedar);
    assert!(diagnostics.is_empty(), "{policies}: {diagnostics:?}");
    check(&[&set], schema, options)
}

fn codes(analysis: &Analysis) -> BTreeSet<&'static str> {
    analysis.diagnostics().map(|diagnostic| diagnostic.code().name).collect()
}

#[test]
fn each_rule_holds() {
    let schema = schema(SCHEMA);
    let (mut options, mut scope) = (CheckOptions::default(), "");
    let mut wrong = Vec::new();
    for line in RULES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some((name, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            let (mode, level) = name.split_once(", level ").map_or((name, None), |(mode, level)| (mode, Some(level)));
            options.mode = if mode == "strict" { Mode::Strict } else { Mode::Permissive };
            options.level = level.map(|level| level.parse().expect("a level"));
            scope = rest;
            continue;
        }
        let (condition, expected) = line.rsplit_once(" => ").expect("a condition and codes");
        let expected: BTreeSet<&str> = expected.split(' ').filter(|code| *code != "ok").collect();
        let policy = format!("permit({scope}) when {{ {condition} }};");
        let analysis = analyse(&schema, &policy, options);
        if codes(&analysis) != expected {
            wrong.push(format!("{policy}\n  expected {expected:?}, got {:?}", codes(&analysis)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn check_level(policy: &str, expected: Level) {
    let schema = schema(SCHEMA);
    let analysis = analyse(&schema, policy, CheckOptions::default());
    assert!(analysis.passed(), "{policy}: {:?}", codes(&analysis));
    assert_eq!(analysis.level(), expected, "{policy}");
    // The smallest level is enough, and one less is not.
    let passes =
        |level| analyse(&schema, policy, CheckOptions { level: Some(level), ..CheckOptions::default() }).passed();
    match expected {
        Level::Steps(level) => {
            assert!(passes(level), "{policy}");
            assert!(level == 0 || !passes(level - 1), "{policy}");
        }
        Level::Unbounded => assert!(!passes(1_000), "{policy}"),
    }
}

#[test]
fn levels_count_the_steps_from_the_request() {
    let write = |condition: &str| {
        format!("permit(principal is User, action == Action::\"write\", resource is Doc) when {{ {condition} }};")
    };
    let level = |condition: &str, level| check_level(&write(condition), Level::Steps(level));
    level("true", 0);
    level("context.mfa && action == Action::\"write\"", 0);
    level("principal is User", 0);
    level("principal.age > 1", 1);
    level("principal has nickname", 1);
    level("resource.owner == principal", 1);
    level("resource.owner.name == \"a\"", 2);
    level("principal.boss.boss.boss.age > 1", 4);
    level("principal in Group::\"g\"", 1);
    level("resource.owner in Group::\"g\"", 2);
    level("Group::\"g\" == Group::\"h\" || principal in [Group::\"g\"]", 1);
    level("principal has manager.nickname", 2);
    level("context has ticket.by && context.ticket.by.age > 1", 1);
    level("context has ticket.by", 0);
    level("principal.address.street == \"a\"", 1);
    level("{a: principal.boss, b: principal.boss.boss.boss}.a.age > 1", 3);
    level("{a: principal, b: 1}.a.age > 1", 1);
    level("(if principal.admin then principal else principal.boss).age > 1", 2);
    level("principal.hasTag(\"k\") && principal.getTag(\"k\") == \"v\"", 1);
    level("principal.hasTag(resource.owner.name)", 2);
    level("if true then true else principal.boss.boss.admin", 0);
    level("principal is User in Group::\"g\"", 1);
    check_level(&write("User::\"a\".age > 1"), Level::Unbounded);
    check_level(&write("User::\"a\" in Group::\"g\""), Level::Unbounded);
    check_level(&write("Action::\"write\" in Action::\"write\""), Level::Steps(1));
    check_level(&write("Action::\"read\" in Action::\"readers\""), Level::Unbounded);
    check_level("permit(principal in Group::\"g\", action, resource);", Level::Steps(1));
    check_level("permit(principal is Bot in ?principal, action, resource);", Level::Steps(1));
    check_level("permit(principal is Folder in ?principal, action, resource) when { true };", Level::Steps(0));
    check_level("permit(principal in ?principal, action, resource == ?resource);", Level::Steps(1));
    check_level("permit(principal, action in [Action::\"readers\"], resource);", Level::Steps(1));
    check_level("permit(principal == User::\"a\", action, resource);", Level::Steps(0));
}

#[test]
fn actions_that_are_alike_are_checked_once() {
    let action = |n: usize| {
        let context = format!("{{ x{}: Long, y: Bool }}", n % 7);
        format!("action a{n} appliesTo {{ principal: U, resource: [U, R], context: {context} }};\n")
    };
    let actions = (0..200).map(action).collect::<Vec<_>>().concat();
    let schema = schema(&format!("entity U {{ n: Long }}; entity R; {actions}"));
    let classes = |policy| {
        let analysis = analyse(&schema, policy, CheckOptions::default());
        assert!(analysis.passed(), "{policy}: {:?}", codes(&analysis));
        let environments = analysis.environments(&analysis.policies()[0]);
        environments.map(|class| class.requests().count()).collect::<Vec<_>>()
    };
    assert_eq!(classes("permit(principal, action, resource) when { principal.n > 1 };"), [400]);
    assert_eq!(classes("permit(principal, action, resource is R) when { context.y };"), [200]);
    assert_eq!(classes("permit(principal, action, resource) when { resource has n };"), [200, 200]);
    assert_eq!(classes("permit(principal, action, resource) when { context == context };").len(), 7);
    assert_eq!(classes("permit(principal, action == Action::\"a3\", resource) when { action == action };"), [2]);
}

/// The same on a small stack as on a large one.
#[test]
fn depth_and_length_do_not_matter() {
    let nested = (0..500).fold("principal.n > 1".to_owned(), |inner, _| format!("!({inner} || false)"));
    let long = vec!["principal has m && principal.m > 1"; 20_000].join(" && ");
    let wide = format!("[{}].contains(1)", (0..50_000).map(|n| n.to_string()).collect::<Vec<_>>().join(", "));
    let record = (0..1_000).fold("1".to_owned(), |inner, _| format!("{{a: {inner}}}"));
    let record = format!("{record} == {}", record.replace('1', "true"));
    let run = move || {
        let schema = schema("entity U { n: Long, m?: Long }; action a appliesTo { principal: U, resource: U };");
        [&nested, &long, &wide, &record].map(|condition| {
            let policy = format!("permit(principal, action, resource) when {{ {condition} }};");
            let analysis = analyse(&schema, &policy, CheckOptions { level: Some(1), ..CheckOptions::default() });
            codes(&analysis)
        })
    };
    let on_stack = |size| thread::Builder::new().stack_size(size).spawn(run.clone()).expect("a thread").join();
    let small = on_stack(512 << 10).expect("no overflow");
    assert_eq!(small, on_stack(64 << 20).expect("no overflow"));
    assert_eq!(small, [BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::from(["incompatible-types"])]);
}

#[test]
fn a_schema_with_external_declarations_checks_no_policy() {
    let schema = schema("external entity E; entity U; action a appliesTo { principal: U, resource: U };");
    let analysis = analyse(&schema, "permit(principal, action, resource) when { 1 };", CheckOptions::default());
    assert_eq!(codes(&analysis), BTreeSet::from(["incomplete-schema"]));
}

/// Every environment that gets to the `in` has a type error, so nothing is said of its level, as in the reference.
#[test]
fn the_scope_costs_nothing_where_only_errors_reach_it() {
    let schema = schema(SCHEMA);
    let policy = "permit(principal is Bot in ?principal, action, resource) unless { \"1h\" };";
    let analysis = analyse(&schema, policy, CheckOptions { level: Some(0), ..CheckOptions::default() });
    assert_eq!(codes(&analysis), BTreeSet::from(["unexpected-type"]));
}
