//! An engine under test: whatever can answer questions and convert documents.
//!
//! Deodar is one, the reference is another, and so is an engine with a planted fault; the differential run takes any.

use serde_json::Value;

use crate::{
    engine, oracle,
    question::{Answers, Document, Evaluation, Link, Question, Request},
};

/// What an engine may lack; the comparison leaves it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    /// Schemas that entities and requests conform to.
    Schema,
    /// Policies in the JSON syntax.
    PolicyJson,
    /// A formatter of policies that keeps their form.
    FormatPolicies,
    /// A type checker.
    Verdict,
}

/// What the differential run asks of an engine. Everything is text or plain data.
pub trait Subject: Sync {
    /// What it cannot be asked.
    fn missing(&self) -> &'static [Ability];

    /// Answers all of the question.
    fn answer(&self, question: &Question) -> Answers;

    /// The JSON form of a policy set, with these links made.
    ///
    /// # Errors
    /// If the policies or links are rejected.
    fn policies_to_json(&self, document: &Document, links: &[Link]) -> Result<Value, String>;

    /// The policies in the Cedar syntax, formatted.
    ///
    /// # Errors
    /// If the policies are rejected.
    fn format_policies(&self, document: &Document) -> Result<String, String>;

    /// The entities as JSON, as they were understood.
    ///
    /// # Errors
    /// If the schema or the entities are rejected, or have no JSON form.
    fn entities_to_json(&self, entities: &str, schema: Option<&Document>) -> Result<Value, String>;

    /// The JSON form of a schema; its names need not resolve.
    ///
    /// # Errors
    /// If the schema is rejected.
    fn schema_to_json(&self, document: &Document) -> Result<Value, String>;

    /// The schema in the Cedar syntax, formatted.
    ///
    /// # Errors
    /// If the schema is rejected.
    fn format_schema(&self, document: &Document) -> Result<String, String>;

    /// The value of an expression, without a schema.
    ///
    /// # Errors
    /// If the entities or the request are rejected.
    fn evaluate(&self, expression: &str, entities: &str, request: &Request) -> Result<Evaluation, String>;
}

/// Our engine.
#[derive(Debug, Clone, Copy)]
pub struct Deodar;

/// The reference implementation.
#[derive(Debug, Clone, Copy)]
pub struct Reference;

macro_rules! delegate {
    ($subject:ident to $module:ident) => {
        impl Subject for $subject {
            fn missing(&self) -> &'static [Ability] {
                $module::MISSING
            }

            fn answer(&self, question: &Question) -> Answers {
                $module::answer(question)
            }

            fn policies_to_json(&self, document: &Document, links: &[Link]) -> Result<Value, String> {
                $module::policies_to_json(document, links)
            }

            fn format_policies(&self, document: &Document) -> Result<String, String> {
                $module::format_policies(document)
            }

            fn entities_to_json(&self, entities: &str, schema: Option<&Document>) -> Result<Value, String> {
                $module::entities_to_json(entities, schema)
            }

            fn schema_to_json(&self, document: &Document) -> Result<Value, String> {
                $module::schema_to_json(document)
            }

            fn format_schema(&self, document: &Document) -> Result<String, String> {
                $module::format_schema(document)
            }

            fn evaluate(&self, expression: &str, entities: &str, request: &Request) -> Result<Evaluation, String> {
                $module::evaluate(expression, entities, request)
            }
        }
    };
}

delegate!(Deodar to engine);
delegate!(Reference to oracle);
