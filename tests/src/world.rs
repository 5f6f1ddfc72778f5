//! Generated cases: a schema, entities, requests and policies that have to do with each other.
//!
//! Generation is directed by types and by the requests: policies are written for one of the requests, with attributes
//! that its principal, resource and context have, so that scopes match, conditions reach their ends, and decisions
//! depend on them. A few percent of everything is wrong on purpose: missing entities, operands of the wrong type,
//! malformed literals, overflows.

pub mod broken;
pub mod coverage;
pub(crate) mod data;
mod expression;
pub(crate) mod literal;
mod policy;
mod random;
pub(crate) mod schema;
pub(crate) mod text;

use arbitrary::Unstructured;
use serde_json::Value;

use self::coverage::Seen;
pub use self::{policy::Policy, random::Random};
use crate::question::{Document, Link, Question, Request};

/// A generated case.
#[derive(Debug, Clone)]
pub struct World {
    /// The schema in the Cedar syntax.
    pub schema: String,
    /// The entities, each a JSON object.
    pub entities: Vec<Value>,
    /// The requests.
    pub requests: Vec<Request>,
    /// The policies and templates.
    pub policies: Vec<Policy>,
    /// Links of the templates.
    pub links: Vec<Link>,
    /// Expressions to evaluate against the first request.
    pub expressions: Vec<String>,
    /// Whether the other forms of the policies are compared; it takes longer than to decide.
    pub compare_policy_forms: bool,
    /// Whether the forms of the schema are compared; it takes as long as all of the rest.
    pub compare_schema_forms: bool,
    /// What the case contains.
    pub seen: Seen,
}

impl World {
    /// The case that these bytes stand for: those of the schema and the entities, and those of all else.
    pub fn generate(shared: &mut Unstructured<'_>, own: &mut Unstructured<'_>) -> Self {
        let mut seen = Seen::default();
        let (shared, random) = (&mut Random::new(shared), &mut Random::new(own));
        let schema = schema::generate(shared);
        let text = schema::print(shared, &schema);
        let data = data::generate(shared, random, &schema, &mut seen);
        let (policies, links) = policy::generate(random, &schema, &data, &mut seen);
        let expressions = expression::lone(random, &schema, &data, &mut seen);
        let compare_policy_forms = random.percent(40);
        let compare_schema_forms = random.percent(15);
        Self {
            schema: text,
            entities: data.entities,
            requests: data.requests,
            policies,
            links,
            expressions,
            compare_policy_forms,
            compare_schema_forms,
            seen,
        }
    }

    /// The text of all policies.
    pub fn policy_text(&self) -> String {
        self.policies.iter().map(Policy::text).collect()
    }

    /// The entities as one JSON array.
    pub fn entities_text(&self) -> String {
        Value::Array(self.entities.clone()).to_string()
    }

    /// The question that the case asks, with its schema or without, and the verdict of the type checker or not.
    pub fn question(&self, with_schema: bool, verdict: bool) -> Question {
        Question {
            policies: Document::cedar(self.policy_text()),
            links: self.links.clone(),
            schema: with_schema.then(|| Document::cedar(self.schema.clone())),
            entities: self.entities_text(),
            requests: self.requests.clone(),
            verdict,
        }
    }
}
