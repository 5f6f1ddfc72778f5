//! Compares an engine with the reference on generated cases.
//!
//! [`check_case`] is the one function behind the property test, the fuzz target and the `differential` binary. It
//! compares whatever two engines can be asked: which texts are accepted, the decision, the determining and the failing
//! policies of every request with and without the schema, the kinds of evaluation errors, values of expressions, the
//! JSON forms, what formatting does, and all of that again after a trip through the other engine's JSON form.

mod damaged;
mod json;
mod minimise;
mod statistics;

use std::fmt;

pub use self::statistics::Statistics;
use self::{damaged::Damaged, minimise::minimise};
use crate::{
    oracle,
    question::{Answers, Document, Evaluation, Format, Request},
    run::{Difference, Outcome, Reduce, halves},
    subject::{Ability, Reference, Subject},
    world::{Random, World},
};

/// Generates a case from the bytes and compares the engine with the reference on it.
///
/// The reference needs a deep stack: call this inside [`oracle::on_big_stack`].
///
/// # Errors
/// What differs, with the case.
pub fn check_case(bytes: &[u8], engine: &dyn Subject, reduce: Reduce) -> Outcome<Statistics> {
    let [mut shared, mut own] = halves(bytes);
    let world = World::generate(&mut shared, &mut own);
    let damaged = Damaged::generate(&world, &mut Random::new(&mut own), can(engine, Ability::Verdict));
    let mut statistics = Statistics::default();
    let mut found = compare_world(&world, engine, Some(&mut statistics));
    if !found.is_empty() {
        let differs = |world: &World| !compare_world(world, engine, None).is_empty();
        let small = if reduce == Reduce::Yes { minimise(world, &differs) } else { world };
        found = compare_world(&small, engine, None);
        return Err(Box::new(Difference { found, case: describe(&small) }));
    }
    damaged.compare(engine, &mut statistics, &mut found);
    if found.is_empty() { Ok(statistics) } else { Err(Box::new(Difference { found, case: damaged.describe() })) }
}

/// Everything that is compared on an undamaged case.
fn compare_world(world: &World, engine: &dyn Subject, statistics: Option<&mut Statistics>) -> Vec<String> {
    let mut found = Vec::new();
    let without = compare_answers("without a schema", world, false, engine, &mut found);
    let with_schema =
        can(engine, Ability::Schema).then(|| compare_answers("with the schema", world, true, engine, &mut found));
    if let Some(statistics) = statistics {
        let answers: Vec<_> = [Some(&without), with_schema.as_ref()].into_iter().flatten().collect();
        statistics.count(world, &answers);
    }
    if world.compare_policy_forms && without.policies.is_ok() {
        compare_formatting(&Document::cedar(world.policy_text()), engine, &mut found);
        compare_policy_forms(world, &without, engine, &mut found);
    }
    if world.compare_schema_forms {
        compare_entities(&world.entities_text(), None, engine, &mut found);
        compare_entities(&world.entities_text(), Some(&Document::cedar(world.schema.clone())), engine, &mut found);
        compare_schema_forms(&Document::cedar(world.schema.clone()), engine, &mut found);
    }
    compare_expressions(world, engine, &mut found);
    found
}

fn can(engine: &dyn Subject, ability: Ability) -> bool {
    !engine.missing().contains(&ability)
}

fn compare_answers(
    what: &str,
    world: &World,
    with_schema: bool,
    engine: &dyn Subject,
    found: &mut Vec<String>,
) -> Answers {
    let question = world.question(with_schema, can(engine, Ability::Verdict));
    let expected = oracle::answer(&question);
    let differences = engine.answer(&question).differences(&expected);
    found.extend(differences.into_iter().map(|difference| format!("{what}: {difference}")));
    expected
}

/// The JSON form, reading each other's JSON form, and formatting that.
fn compare_policy_forms(world: &World, expected: &Answers, engine: &dyn Subject, found: &mut Vec<String>) {
    if !can(engine, Ability::PolicyJson) {
        return;
    }
    let mut question = world.question(false, can(engine, Ability::Verdict));
    // Rejected links were compared already.
    let made = question.links.iter().zip(&expected.links).filter(|(_, made)| made.is_ok());
    let links: Vec<_> = made.map(|(link, _)| link.clone()).collect();
    let Ok(reference) = oracle::policies_to_json(&question.policies, &links) else { return };
    match engine.policies_to_json(&question.policies, &links) {
        Ok(ours) if ours == reference => {}
        Ok(ours) => found.push(format!("JSON of the policies: expected {reference}; got {ours}")),
        Err(error) => found.push(format!("JSON of the policies: {error}")),
    }
    let json = Document::json(reference.to_string());
    question.policies = json.clone();
    question.links.clear();
    let differences = engine.answer(&question).differences(&Answers { links: Vec::new(), ..expected.clone() });
    found.extend(differences.into_iter().map(|difference| format!("after reading the reference's JSON: {difference}")));
    if json.text.contains("\"templateLinks\":[]") {
        compare_formatting(&json, engine, found);
    }
}

/// Formatting keeps the meaning, and formatting again changes nothing.
fn compare_formatting(document: &Document, engine: &dyn Subject, found: &mut Vec<String>) {
    if !can(engine, Ability::FormatPolicies) {
        return;
    }
    let formatted = match engine.format_policies(document) {
        Ok(formatted) => Document::cedar(formatted),
        Err(error) => return found.push(format!("formatting: {error}")),
    };
    // What is printed from JSON is not laid out yet.
    if document.format == Format::Cedar {
        match engine.format_policies(&formatted) {
            Ok(again) if again == formatted.text => {}
            Ok(again) => found.push(format!("formatting again: expected\n{}\ngot\n{again}", formatted.text)),
            Err(error) => found.push(format!("formatting again: {error}:\n{}", formatted.text)),
        }
    }
    // The names of the policies of a JSON set are not in its text.
    let meaning = |document: &Document| {
        oracle::policies_to_json(document, &[]).map(|mut json| {
            json::normalise(&mut json);
            ["templates", "staticPolicies"].map(|key| {
                let mut policies: Vec<_> =
                    json[key].as_object().into_iter().flatten().map(|(_, p)| p.clone()).collect();
                policies.sort_by_key(ToString::to_string);
                policies
            })
        })
    };
    let (before, after) = (meaning(document), meaning(&formatted));
    if before != after && has_text(document) {
        found.push(format!("formatting changes the meaning: {}\n{after:?}\ninstead of\n{before:?}", formatted.text));
    }
}

/// Whether there is a text for the policies. A call of a method without a receiver, and a path of attributes that are no
/// identifiers, can be written in JSON only; what is printed for them is refused.
fn has_text(document: &Document) -> bool {
    document.format == Format::Cedar
        || oracle::format_policies(document).is_ok_and(|text| oracle::accepts_policies(&Document::cedar(text)).is_ok())
}

fn compare_schema_forms(document: &Document, engine: &dyn Subject, found: &mut Vec<String>) {
    let Ok(reference) = oracle::schema_to_json(document) else { return };
    match engine.schema_to_json(document) {
        Ok(ours) if ours == reference => {}
        Ok(ours) => found.push(format!("JSON of the schema: expected {reference}; got {ours}")),
        Err(error) => found.push(format!("JSON of the schema: {error}")),
    }
    let formatted = match engine.format_schema(document) {
        Ok(formatted) => Document::cedar(formatted),
        Err(error) => return found.push(format!("formatting the schema: {error}")),
    };
    let (before, after) = (oracle::resolved_schema(document), oracle::resolved_schema(&formatted));
    match (before, after) {
        (Ok(before), Ok(after)) if before == after => {}
        (Err(_), Err(_)) => {}
        (before, after) => {
            found.push(format!("formatting changes the schema: {}\n{after:?}\ninstead of\n{before:?}", formatted.text))
        }
    }
    match engine.format_schema(&formatted) {
        Ok(again) if again == formatted.text => {}
        Ok(again) => found.push(format!("formatting the schema again: expected\n{}\ngot\n{again}", formatted.text)),
        Err(error) => found.push(format!("formatting the schema again: {error}:\n{}", formatted.text)),
    }
}

/// What entities are written as after they were read.
fn compare_entities(entities: &str, schema: Option<&Document>, engine: &dyn Subject, found: &mut Vec<String>) {
    if schema.is_some() && !can(engine, Ability::Schema) {
        return;
    }
    let forms = [oracle::entities_to_json(entities, schema), engine.entities_to_json(entities, schema)];
    match forms {
        // The reference lists all ancestors as parents and repeats the spelling of extension values.
        [Ok(_), Ok(got)] => match oracle::equal_entities(entities, &got.to_string(), schema) {
            Ok(true) => {}
            outcome => found.push(format!("writing the entities changes them: {got} ({outcome:?})")),
        },
        [Err(_), Err(_)] => {}
        [expected, got] => found.push(format!("JSON of the entities: expected {expected:?}; got {got:?}")),
    }
}

fn compare_expressions(world: &World, engine: &dyn Subject, found: &mut Vec<String>) {
    let Some(request) = world.requests.first() else { return };
    let entities = world.entities_text();
    for expression in &world.expressions {
        let expected = Reference.evaluate(expression, &entities, request);
        let got = engine.evaluate(expression, &entities, request);
        if !same_evaluation(&expected, &got) {
            found.push(format!("`{expression}`: expected {expected:?}; got {got:?}"));
        }
    }
}

fn same_evaluation(one: &Result<Evaluation, String>, other: &Result<Evaluation, String>) -> bool {
    match (one, other) {
        (Ok(Evaluation::Value(one)), Ok(Evaluation::Value(other))) => oracle::equal_values(one, other),
        (Ok(Evaluation::Failed(one)), Ok(Evaluation::Failed(other))) => one == other,
        (Ok(Evaluation::Rejected(_)), Ok(Evaluation::Rejected(_))) | (Err(_), Err(_)) => true,
        _ => false,
    }
}

/// The JSON form and formatting of a document that need not be of a generated case.
fn compare_forms(policies: &Document, engine: &dyn Subject, found: &mut Vec<String>) {
    compare_formatting(policies, engine, found);
    if !can(engine, Ability::PolicyJson) {
        return;
    }
    let mut forms = [oracle::policies_to_json(policies, &[]), engine.policies_to_json(policies, &[])];
    if policies.format == Format::Json {
        forms.iter_mut().flatten().for_each(json::normalise);
    }
    let [expected, got] = forms;
    match (expected, got) {
        (Ok(expected), Ok(got)) if expected == got => {}
        (Err(_), Err(_)) => {}
        (expected, got) => found.push(format!("JSON of the policies: expected {expected:?}; got {got:?}")),
    }
}

/// The case as text, ready to be made a test.
fn describe(world: &World) -> String {
    use fmt::Write;
    let mut text = format!("--- policies\n{}", world.policy_text());
    for link in &world.links {
        let _ = writeln!(text, "--- link {link:?}");
    }
    let _ = writeln!(text, "--- schema\n{}--- entities\n{}", world.schema, world.entities_text());
    for request in &world.requests {
        let Request { principal, action, resource, context, validate } = request;
        let _ = writeln!(text, "--- request {principal} {action} {resource} {context} validate={validate}");
    }
    for expression in &world.expressions {
        let _ = writeln!(text, "--- expression {expression}");
    }
    text
}
