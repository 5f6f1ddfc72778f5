//! Printing, formatting, JSON, order and explanations keep the meaning.
//!
//! The policies are those of Cedar's integration tests and of our own cases.

use std::collections::BTreeSet;

use deodar_compiler::compile;
use deodar_grammar::{
    FormatOptions, Sources,
    ast::{Dialect, PolicySet},
};
use deodar_runtime::{Context, Engine, Entities, EntityTypeName, EntityUid, Request, Response};
use deodar_tests::archive::Archive;
use serde_json::Value;

use crate::shared::{repository, shared};

/// The texts of all policies; how many there are at least is part of each test.
fn texts() -> Vec<(String, String)> {
    let mut found = cases();
    for path in ["conformance/cedar/corpus.tar.gz", "conformance/cedar/handwritten"] {
        let Some(root) = shared(path) else { continue };
        let archive = Archive::open(&root).expect("an archive");
        let policies = archive.paths().filter(|path| path.ends_with(".cedar"));
        found.extend(policies.map(|path| (path.to_owned(), archive.text(path).expect("text").to_owned())));
    }
    found
}

/// The policies of our own cases.
fn cases() -> Vec<(String, String)> {
    let cases = Archive::open(&repository().join("tests/cases")).expect("the cases");
    let mut found = Vec::new();
    for path in cases.paths() {
        for section in cases.text(path).expect("text").split("\n--- policies").skip(1) {
            let end = section.find("\n--- ").or(section.find("\n=== ")).unwrap_or(section.len());
            if let Some(text) = section[..end].strip_prefix('\n') {
                found.push((path.to_owned(), text.to_owned()));
            }
        }
    }
    found
}

fn parse(text: &str) -> Option<(Sources, PolicySet)> {
    let mut sources = Sources::new();
    let source = sources.add("policies", text);
    let (set, diagnostics) = deodar_grammar::parse_policies(&sources, source, Dialect::Cedar);
    (!diagnostics.iter().any(deodar_grammar::Diagnostic::is_error)).then_some((sources, set))
}

/// Runs the check on each text that is well-formed.
fn for_each(at_least: usize, check: impl Fn(&str, &str, &Sources, &PolicySet)) {
    let texts = texts();
    let mut checked = 0;
    for (name, text) in &texts {
        if let Some((sources, set)) = parse(text) {
            check(name, text, &sources, &set);
            checked += 1;
        }
    }
    assert!(checked >= at_least && checked * 10 >= texts.len() * 8, "{checked} of {}", texts.len());
    println!("{checked} texts checked");
}

#[test]
fn what_is_printed_is_what_was_parsed() {
    for_each(40, |name, _, _, set| {
        let printed = deodar_grammar::print_policies(set);
        let (_, again) = parse(&printed).unwrap_or_else(|| panic!("{name}: does not parse:\n{printed}"));
        assert_eq!(deodar_grammar::print_policies(&again), printed, "{name}");
        assert_eq!(deodar_grammar::policies_to_json(&again), deodar_grammar::policies_to_json(set), "{name}");
    });
}

#[test]
fn text_to_json_to_text_keeps_the_meaning() {
    for_each(40, |name, _, _, set| {
        let json = deodar_grammar::policies_to_json(set);
        let mut sources = Sources::new();
        let source = sources.add("json", json.clone());
        let (read, diagnostics) = deodar_grammar::policy_set_from_json(&sources, source);
        assert!(diagnostics.is_empty(), "{name}: {diagnostics:?}");
        assert_eq!(deodar_grammar::policies_to_json(&read), json, "{name}");
        let printed = deodar_grammar::print_policies(&read);
        let (_, again) = parse(&printed).unwrap_or_else(|| panic!("{name}: does not parse:\n{printed}"));
        assert_eq!(bodies(&again), bodies(set), "{name}:\n{printed}");
    });
}

/// The JSON of the policies without their ids, which text does not have.
fn bodies(set: &PolicySet) -> BTreeSet<String> {
    let json: Value = serde_json::from_str(&deodar_grammar::policies_to_json(set)).expect("JSON");
    let policies = ["staticPolicies", "templates"].into_iter().filter_map(|key| json[key].as_object());
    policies.flatten().map(|(_, policy)| policy.to_string()).collect()
}

#[test]
fn the_layout_is_stable_and_keeps_comments_and_meaning() {
    for_each(40, |name, text, sources, set| {
        // A comment at every place where a line ends.
        let mut commented = String::new();
        for (number, line) in text.lines().enumerate() {
            commented += line;
            let in_string = line.matches('"').count() % 2 == 1;
            commented += &if in_string { "\n".to_owned() } else { format!(" // comment {number}\n") };
        }
        for (text, sources, set) in [Some((text.to_owned(), sources.clone(), set.clone()))]
            .into_iter()
            .chain([parse(&commented).map(|(sources, set)| (commented.clone(), sources, set))])
            .flatten()
        {
            let formatted = deodar_grammar::format_policies(&sources, &set, FormatOptions::default());
            let formatted = formatted.unwrap_or_else(|| panic!("{name}: no layout of\n{text}"));
            let (new_sources, again) =
                parse(&formatted).unwrap_or_else(|| panic!("{name}: does not parse:\n{formatted}"));
            assert_eq!(deodar_grammar::policies_to_json(&again), deodar_grammar::policies_to_json(&set), "{name}");
            assert_eq!(comments(&new_sources, &again), comments(&sources, &set), "{name}:\n{formatted}");
            let twice = deodar_grammar::format_policies(&new_sources, &again, FormatOptions::default());
            assert_eq!(twice.as_deref(), Some(formatted.as_str()), "{name}");
        }
    });
}

fn comments(sources: &Sources, set: &PolicySet) -> Vec<String> {
    let mut texts: Vec<_> = set.comments.iter().map(|c| sources.slice(c.span).trim_end().to_owned()).collect();
    texts.sort();
    texts
}

/// What the answer to a request is, apart from the order of policies.
fn answer(response: &Response) -> (bool, BTreeSet<String>, BTreeSet<String>) {
    let allowed = response.decision() == deodar_runtime::Decision::Allow;
    let errors = response.errors().iter().map(|error| error.policy.to_string());
    (allowed, response.determining().iter().map(ToString::to_string).collect(), errors.collect())
}

/// A few requests about entities that the policies name.
fn requests(set: &PolicySet) -> Vec<Request> {
    let json: Value = serde_json::from_str(&deodar_grammar::policies_to_json(set)).expect("JSON");
    let mut uids = Vec::new();
    let mut values = vec![&json];
    while let Some(value) = values.pop() {
        if let (Some(ty), Some(id)) = (value["type"].as_str(), value["id"].as_str())
            && let Ok(ty) = EntityTypeName::new(ty)
        {
            uids.push(EntityUid::new(ty, id));
        }
        values.extend(value.as_object().into_iter().flat_map(|object| object.values()));
        values.extend(value.as_array().into_iter().flatten());
    }
    let fallback: EntityUid = "U::\"a\"".parse().expect("an entity");
    let actions: Vec<_> = uids.iter().filter(|uid| uid.entity_type().is_action()).cloned().collect();
    let others: Vec<_> = uids.iter().filter(|uid| !uid.entity_type().is_action()).chain([&fallback]).cloned().collect();
    let action = actions.first().cloned().unwrap_or_else(|| "Action::\"a\"".parse().expect("an action"));
    let pairs = others.iter().take(3).flat_map(|one| others.iter().rev().take(3).map(move |other| (one, other)));
    let request = |(one, other): (&EntityUid, &EntityUid)| {
        Request::new(one.clone(), action.clone(), other.clone(), Context::empty())
    };
    pairs.map(request).collect()
}

#[test]
fn the_order_of_policies_does_not_matter() {
    for_each(40, |name, _, sources, set| {
        let mut shuffled = set.clone();
        shuffled.policies.reverse();
        let middle = shuffled.policies.len() / 2;
        shuffled.policies.rotate_left(middle);
        let [one, other] = [set, &shuffled].map(|set| compile(&[set], sources));
        let (Ok(one), Ok(other)) = (one, other) else { panic!("{name}: does not compile") };
        let (one, other) = (Engine::new(one, Entities::new()), Engine::new(other, Entities::new()));
        for request in requests(set) {
            assert_eq!(answer(&one.authorize(&request)), answer(&other.authorize(&request)), "{name}: {request:?}");
        }
    });
}

#[test]
fn explanations_agree_with_decisions() {
    for_each(40, |name, _, sources, set| {
        let program = compile(&[set], sources).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let engine = Engine::new(program, Entities::new());
        for request in requests(set) {
            let (response, explanation) = (engine.authorize(&request), engine.explain(&request));
            assert_eq!(explanation.response(), &response, "{name}: {request:?}");
            assert_eq!(explanation.policies().len(), engine.program().policies().len(), "{name}");
            if response.decision() == deodar_runtime::Decision::Allow {
                assert!(explanation.nearest_permit().is_none(), "{name}");
            }
        }
    });
}
