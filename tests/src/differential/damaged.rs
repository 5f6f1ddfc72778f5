//! Inputs of a case with small defects.
//!
//! The engines must agree on whether such an input is accepted, and on what it means if it is.

use super::{Statistics, can, compare_entities, compare_forms, json};
use crate::{
    oracle,
    question::{Acceptance, Document, Format, Link, Question, compare_acceptance},
    subject::{Ability, Subject},
    world::{
        Random, World,
        broken::{self, JSON_TOKENS, POLICY_TOKENS, SCHEMA_TOKENS},
    },
};

/// Which input is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Policies,
    Schema,
    Entities,
    Context,
}

/// A question with one damaged input, or none.
#[derive(Debug)]
pub(super) struct Damaged {
    part: Option<Part>,
    question: Question,
}

impl Damaged {
    /// Damages one input in half of the cases.
    pub(super) fn generate(world: &World, random: &mut Random<'_, '_>, verdict: bool) -> Self {
        let with_schema = random.percent(40);
        let mut question = world.question(with_schema, verdict);
        let part = match random.weighted(&[46, 20, 8, 10, 8, 8]) {
            0 => None,
            1 => {
                question.policies.text = broken::damage(random, &question.policies.text, POLICY_TOKENS);
                Some(Part::Policies)
            }
            2 => {
                let schema = broken::damage(random, &world.schema, SCHEMA_TOKENS);
                question.schema = Some(Document::cedar(schema));
                Some(Part::Schema)
            }
            3 => damage_policy_json(random, &mut question, &world.links),
            4 => damage_schema_json(random, &mut question, &world.schema),
            _ => Some(damage_data(random, &mut question)),
        };
        if part == Some(Part::Policies) {
            question.links.clear();
        }
        Self { part, question }
    }

    /// Adds how the engine differs from the reference.
    pub(super) fn compare(&self, engine: &dyn Subject, statistics: &mut Statistics, found: &mut Vec<String>) {
        let Some(part) = self.part else { return };
        let question = &self.question;
        let json = question.policies.format == Format::Json;
        if json && !can(engine, Ability::PolicyJson) || question.schema.is_some() && !can(engine, Ability::Schema) {
            return;
        }
        let expected = oracle::answer(question);
        statistics.count_damaged(&expected);
        found.extend(engine.answer(question).differences(&expected));
        match (part, &question.schema) {
            (Part::Policies, _) if expected.policies.is_ok() => compare_forms(&question.policies, engine, found),
            (Part::Schema, Some(schema)) => compare_schemas(schema, engine, found),
            (Part::Entities, schema) => compare_entities(&question.entities, schema.as_ref(), engine, found),
            _ => {}
        }
    }

    /// The damaged input.
    pub(super) fn describe(&self) -> String {
        let question = &self.question;
        match self.part {
            Some(Part::Policies) => question.policies.text.clone(),
            Some(Part::Schema) => question.schema.as_ref().map_or_else(String::new, |schema| schema.text.clone()),
            Some(Part::Entities) => format!("{}\n--- schema {:?}", question.entities, question.schema),
            Some(Part::Context) => format!("{:?}\n--- schema {:?}", question.requests, question.schema),
            None => String::new(),
        }
    }
}

fn damage_policy_json(random: &mut Random<'_, '_>, question: &mut Question, links: &[Link]) -> Option<Part> {
    let json = oracle::policies_to_json(&question.policies, links);
    let json = json.or_else(|_| oracle::policies_to_json(&question.policies, &[])).ok()?;
    question.policies = Document::json(damage_any_json(random, &json));
    Some(Part::Policies)
}

fn damage_schema_json(random: &mut Random<'_, '_>, question: &mut Question, schema: &str) -> Option<Part> {
    let json = oracle::schema_to_json(&Document::cedar(schema)).ok()?;
    question.schema = Some(Document::json(damage_any_json(random, &json)));
    Some(Part::Schema)
}

fn damage_data(random: &mut Random<'_, '_>, question: &mut Question) -> Part {
    let (part, text) = match question.requests.first_mut() {
        Some(request) if random.percent(30) => (Part::Context, &mut request.context),
        _ => (Part::Entities, &mut question.entities),
    };
    if let Ok(json) = serde_json::from_str(text) {
        *text = damage_any_json(random, &json);
    }
    part
}

fn damage_any_json(random: &mut Random<'_, '_>, json: &serde_json::Value) -> String {
    if random.percent(70) {
        broken::damage_json(random, json)
    } else {
        broken::damage(random, &json.to_string(), JSON_TOKENS)
    }
}

fn compare_schemas(schema: &Document, engine: &dyn Subject, found: &mut Vec<String>) {
    let outcome = |json: &Result<_, String>| -> Acceptance { json.as_ref().map(|_| ()).map_err(Clone::clone) };
    let mut forms = [oracle::schema_to_json(schema), engine.schema_to_json(schema)];
    if schema.format == Format::Json {
        forms.iter_mut().flatten().for_each(json::normalise_schema);
    }
    let [expected, got] = forms;
    compare_acceptance("syntax of the schema", &outcome(&expected), &outcome(&got), found);
    if let (Ok(expected), Ok(got)) = (expected, got)
        && expected != got
    {
        found.push(format!("JSON of the schema: expected {expected}; got {got}"));
    }
}
