//! Engines with a planted fault: what the differential run must find.
//!
//! A fault wraps an engine from outside. It rewrites what the engine reads, or what it answers, the way an engine would
//! behave that got one point of the language wrong; shipped code has no switch for it. There is a fault for each point
//! where an implementation easily goes wrong, so finding all of them shows that the comparison looks at all of them.

mod rewrite;
mod table;

use std::collections::BTreeSet;

use serde_json::Value;

pub use self::{
    rewrite::{each_expression, each_node, each_policy},
    table::FAULTS,
};
use crate::{
    command::Named,
    oracle,
    question::{Answers, Document, Evaluation, Link, Question, Request, Response},
    subject::{Ability, Subject},
};

/// One point of the language, got wrong.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name on the command line.
    pub name: &'static str,
    /// What an engine with this fault does.
    pub what: &'static str,
    kind: FaultKind,
}

impl Named for Fault {
    fn name(&self) -> &'static str {
        self.name
    }

    fn what(&self) -> &'static str {
        self.what
    }
}

/// Where a fault sits.
#[derive(Debug, Clone, Copy)]
enum FaultKind {
    /// Every expression of the policies is replaced, innermost first, in their JSON form.
    Expression(fn(&mut Value)),
    /// The response is changed.
    Response(fn(&mut Response, &Decided<'_>)),
    /// Policies are refused for a reason.
    RefusePolicies(fn(&str) -> bool),
    /// Entities are refused for a reason.
    RefuseEntities(fn(&Value) -> bool),
    /// The schema is replaced, in its JSON form.
    Schema(fn(&mut Value)),
    /// The request is changed.
    Request(fn(&mut Request)),
    /// The JSON form of policies is changed.
    PolicyJson(fn(&mut Value)),
}

/// What a faulty response may depend on.
struct Decided<'d> {
    /// The JSON form of the policies.
    policies: &'d Value,
    /// The response of the permits alone.
    permits: &'d Response,
}

impl Decided<'_> {
    fn is_forbid(&self, id: &str) -> bool {
        let statics = &self.policies["staticPolicies"];
        let links = self.policies["templateLinks"].as_array().into_iter().flatten();
        let template = links.into_iter().find(|link| link["newId"] == id).and_then(|link| link["templateId"].as_str());
        let policy = template.map_or(&statics[id], |template| &self.policies["templates"][template]);
        policy["effect"] == "forbid"
    }

    fn templates(&self) -> BTreeSet<&str> {
        self.policies["templates"].as_object().into_iter().flatten().map(|(id, _)| id.as_str()).collect()
    }
}

/// An engine with a fault.
#[derive(Debug, Clone, Copy)]
pub struct Faulty<E> {
    /// The engine.
    pub engine: E,
    /// The fault.
    pub fault: &'static Fault,
}

impl<E: Subject> Faulty<E> {
    fn answer_rewritten(&self, question: &Question, rewrite: impl FnOnce(&mut Value)) -> Answers {
        let honest = self.engine.answer(question);
        let Some(mut policies) = policy_json(question, &honest) else { return honest };
        rewrite(&mut policies);
        let rewritten =
            Question { policies: Document::json(policies.to_string()), links: Vec::new(), ..question.clone() };
        Answers { links: honest.links, ..self.engine.answer(&rewritten) }
    }

    fn answer_changed(&self, question: &Question, change: fn(&mut Response, &Decided<'_>)) -> Answers {
        let mut honest = self.engine.answer(question);
        let Some(policies) = policy_json(question, &honest) else { return honest };
        let permits = self.answer_rewritten(question, rewrite::remove_forbids);
        for (response, permits) in honest.requests.iter_mut().zip(&permits.requests) {
            if let (Ok(response), Ok(permits)) = (response, permits) {
                change(response, &Decided { policies: &policies, permits });
            }
        }
        honest
    }
}

fn policy_json(question: &Question, honest: &Answers) -> Option<Value> {
    let links = question.links.iter().zip(&honest.links).filter(|(_, made)| made.is_ok());
    let links: Vec<_> = links.map(|(link, _)| link.clone()).collect();
    honest.policies.as_ref().ok()?;
    oracle::policies_to_json(&question.policies, &links).ok()
}

impl<E: Subject> Subject for Faulty<E> {
    fn missing(&self) -> &'static [Ability] {
        self.engine.missing()
    }

    fn answer(&self, question: &Question) -> Answers {
        match self.fault.kind {
            FaultKind::Expression(f) => self.answer_rewritten(question, |json| rewrite::each_expression(json, &f)),
            FaultKind::Response(f) => self.answer_changed(question, f),
            FaultKind::RefusePolicies(f) if f(&question.policies.text) => {
                Answers { policies: Err("refused".into()), ..Answers::none() }
            }
            FaultKind::RefuseEntities(f)
                if serde_json::from_str(&question.entities).is_ok_and(|entities: Value| f(&entities)) =>
            {
                Answers { entities: Err("refused".into()), requests: Vec::new(), ..self.engine.answer(question) }
            }
            FaultKind::Schema(f) => {
                let schema = question.schema.as_ref().and_then(|schema| oracle::schema_to_json(schema).ok());
                let Some(mut schema) = schema else { return self.engine.answer(question) };
                f(&mut schema);
                let schema = Some(Document::json(schema.to_string()));
                self.engine.answer(&Question { schema, ..question.clone() })
            }
            FaultKind::Request(f) => {
                let mut question = question.clone();
                if question.schema.is_some() {
                    question.requests.iter_mut().for_each(f);
                }
                self.engine.answer(&question)
            }
            FaultKind::RefusePolicies(_) | FaultKind::RefuseEntities(_) | FaultKind::PolicyJson(_) => {
                self.engine.answer(question)
            }
        }
    }

    fn policies_to_json(&self, document: &Document, links: &[Link]) -> Result<Value, String> {
        let mut json = self.engine.policies_to_json(document, links)?;
        if let FaultKind::PolicyJson(f) = self.fault.kind {
            f(&mut json);
        }
        Ok(json)
    }

    fn format_policies(&self, document: &Document) -> Result<String, String> {
        self.engine.format_policies(document)
    }

    fn entities_to_json(&self, entities: &str, schema: Option<&Document>) -> Result<Value, String> {
        self.engine.entities_to_json(entities, schema)
    }

    fn schema_to_json(&self, document: &Document) -> Result<Value, String> {
        self.engine.schema_to_json(document)
    }

    fn format_schema(&self, document: &Document) -> Result<String, String> {
        self.engine.format_schema(document)
    }

    fn evaluate(&self, expression: &str, entities: &str, request: &Request) -> Result<Evaluation, String> {
        self.engine.evaluate(expression, entities, request)
    }
}
