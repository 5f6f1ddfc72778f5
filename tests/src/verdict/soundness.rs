//! What validates does not fail at run time.
//!
//! A policy that passes strict checking is evaluated for requests and entities that conform to the schema. It may fail by
//! overflow, by an entity that is not in the store, and inside of an extension function; nothing else.
//!
//! Also, for every type that our checker gives an expression, the value has that type ([`engine::types`]).
//!
//! The checker and the evaluator are given apart, so that the property can be shown of the reference, of ours, and of a
//! checker with a planted fault, which must break it.

use std::fmt::{self, Write};

use super::{Checker, Options, world::World};
use crate::{
    engine,
    question::{self as authorization, Document, ErrorKind},
    run::{Difference, Outcome, Tally, halves},
    subject::Subject,
    world::{Random, coverage::Seen, data},
};

/// How much was evaluated.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evaluated {
    /// Policies and links that validate.
    pub valid: usize,
    /// Those that do not.
    pub invalid: usize,
    /// Requests that were answered with valid policies.
    pub requests: usize,
    /// Answers in which a valid policy fails by overflow, a missing entity or an extension function.
    pub allowed_errors: usize,
    /// Values that were held against the type of their expression.
    pub values: usize,
}

impl Tally for Evaluated {
    fn merge(&mut self, other: &Self) {
        self.valid += other.valid;
        self.invalid += other.invalid;
        self.requests += other.requests;
        self.allowed_errors += other.allowed_errors;
        self.values += other.values;
    }
}

impl Evaluated {
    /// Whether enough was evaluated for the property to mean something.
    pub fn says_something(&self) -> bool {
        self.valid * 4 > self.invalid && self.requests > 0 && self.allowed_errors > 0 && self.values > self.requests
    }
}

impl fmt::Display for Evaluated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { valid, invalid, requests, allowed_errors, values } = self;
        write!(
            f,
            "{valid} valid and {invalid} invalid policies; {requests} requests, {allowed_errors} with errors; {values} values"
        )
    }
}

/// Whether a policy that validates may fail so.
fn is_allowed(error: ErrorKind) -> bool {
    match error {
        ErrorKind::MissingEntity | ErrorKind::Overflow | ErrorKind::Extension | ErrorKind::Limit => true,
        ErrorKind::MissingAttribute
        | ErrorKind::MissingRecordAttribute
        | ErrorKind::Type
        | ErrorKind::Arity
        | ErrorKind::UnlinkedSlot
        | ErrorKind::Other => false,
    }
}

/// Evaluates the policies of a case that validate.
///
/// # Errors
/// An error that none of them may have.
pub fn check_case(bytes: &[u8], checker: &dyn Checker, evaluator: &dyn Subject) -> Outcome<Evaluated> {
    let [mut shared, mut own] = halves(bytes);
    let (mut world, schema) = World::generate_with_schema(&mut shared, &mut own);
    world.options = vec![Options::STRICT];
    let (shared, own) = (&mut Random::new(&mut shared), &mut Random::new(&mut own));
    let data = data::generate(shared, own, &schema, &mut Seen::default());
    let mut evaluated = Evaluated::default();
    keep_valid(&mut world, checker, &mut evaluated);
    let question = authorization::Question {
        policies: Document::cedar(world.policy_text()),
        links: world.links.clone(),
        schema: Some(Document::cedar(world.schema.clone())),
        entities: serde_json::Value::Array(data.entities).to_string(),
        requests: data.requests.into_iter().map(|r| authorization::Request { validate: true, ..r }).collect(),
        verdict: false,
    };
    let mut found = Vec::new();
    for (index, answer) in evaluator.answer(&question).requests.iter().enumerate() {
        // What does not conform to the schema promises nothing.
        let Ok(response) = answer else { continue };
        evaluated.requests += 1;
        evaluated.allowed_errors += usize::from(!response.errors.is_empty());
        for (policy, kind) in response.errors.iter().filter(|(_, kind)| !is_allowed(**kind)) {
            found.push(format!("request {index}: {policy} validates but fails: {}", kind.name()));
        }
    }
    match engine::types::compare(&question) {
        Ok(typed) => evaluated.values += typed.values,
        Err(wrong) => found.extend(wrong),
    }
    if found.is_empty() { Ok(evaluated) } else { Err(Box::new(Difference { found, case: describe(&question) })) }
}

/// The case as text.
fn describe(question: &authorization::Question) -> String {
    let schema = question.schema.as_ref().map_or("", |schema| schema.text.as_str());
    let mut text = format!("--- policies\n{}--- schema\n{schema}\n", question.policies.text);
    for link in &question.links {
        let _ = writeln!(text, "--- link {link:?}");
    }
    let _ = writeln!(text, "--- entities\n{}", question.entities);
    for authorization::Request { principal, action, resource, context, validate: _ } in &question.requests {
        let _ = writeln!(text, "--- request {principal} {action} {resource} {context}");
    }
    text
}

/// Leaves out what does not validate; a policy that stays keeps its number.
fn keep_valid(world: &mut World, checker: &dyn Checker, evaluated: &mut Evaluated) {
    (world.json_policies, world.json_schema) = (false, false);
    let answers = checker.check(&world.question());
    let Some(verdict) = answers.verdicts.first() else { return world.policies.clear() };
    let fails = |id: &str| verdict.errors.iter().any(|(policy, _)| policy == id);
    world.links.retain(|link| !fails(&link.template) && !fails(&link.id));
    for (index, policy) in world.policies.iter_mut().enumerate() {
        if fails(&format!("policy{index}")) {
            evaluated.invalid += 1;
            policy.conditions.clear();
        } else {
            evaluated.valid += 1;
        }
    }
}
