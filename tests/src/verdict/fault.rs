//! Checkers with a planted fault: what the comparison of verdicts must find.
//!
//! A fault wraps a checker from outside. It rewrites what the checker reads, or what it answers, the way a checker would
//! behave that got one typing rule wrong; shipped code has no switch for it. A fault of levels takes only the level
//! violations from the rewritten policies, so that it cannot be found by another difference of the rewriting.

mod rules;
mod table;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::table::FAULTS;
use super::{Answers, Checker, Kind, Options, Question};
use crate::{
    fault::each_expression,
    oracle,
    question::{Document, Format},
};

/// One typing rule, got wrong.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name on the command line.
    pub name: &'static str,
    /// What a checker with this fault does.
    pub what: &'static str,
    kind: FaultKind,
}

/// Where a fault sits.
#[derive(Debug, Clone, Copy)]
enum FaultKind {
    /// Every expression of the conditions is replaced, innermost first, in its JSON form.
    Expression(fn(&mut Value)),
    /// The same with what the schema declares.
    Typed(fn(&mut Value, &Facts)),
    /// The policies are changed, in their JSON form.
    Policies(fn(&mut Value)),
    /// The policies are changed, but only level violations are found in them.
    Levels(fn(&mut Value)),
    /// The schema is changed, in its JSON form.
    Schema(fn(&mut Value)),
    /// The findings are changed.
    Answers(fn(&mut Answers, &[Options])),
    /// The policies are checked in another way.
    Options(fn(Options) -> Options),
}

/// What a faulty rule may look up: the entity types that have an attribute, and whether always.
struct Facts {
    attributes: BTreeMap<String, Vec<(String, bool)>>,
}

impl Facts {
    fn new(schema: &Value) -> Self {
        let mut attributes: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
        for (namespace, fragment) in schema.as_object().into_iter().flatten() {
            for (name, ty) in fragment["entityTypes"].as_object().into_iter().flatten() {
                let name = if namespace.is_empty() { name.clone() } else { format!("{namespace}::{name}") };
                for (attribute, declared) in ty["shape"]["attributes"].as_object().into_iter().flatten() {
                    let required = declared["required"].as_bool().unwrap_or(true);
                    attributes.entry(attribute.clone()).or_default().push((name.clone(), required));
                }
            }
        }
        Self { attributes }
    }

    /// The entity types that always have the attribute.
    fn requiring(&self, attribute: &str) -> Vec<&str> {
        let types = self.attributes.get(attribute).into_iter().flatten();
        types.filter(|(_, required)| *required).map(|(ty, _)| ty.as_str()).collect()
    }
}

/// A checker with a fault.
#[derive(Debug, Clone, Copy)]
pub struct Faulty<C> {
    /// The checker.
    pub checker: C,
    /// The fault.
    pub fault: &'static Fault,
}

impl<C: Checker> Faulty<C> {
    /// The answers for policies in their JSON form, changed.
    fn rewritten(&self, question: &Question, rewrite: impl FnOnce(&mut Value)) -> Answers {
        let honest = self.checker.check(question);
        let Some(mut policies) = policy_json(question, &honest) else { return honest };
        rewrite(&mut policies);
        let changed =
            Question { policies: Document::json(policies.to_string()), links: Vec::new(), ..question.clone() };
        Answers { links: honest.links, ..self.checker.check(&changed) }
    }

    /// The honest answers, with the level violations of changed policies.
    fn with_levels(&self, question: &Question, rewrite: fn(&mut Value)) -> Answers {
        let mut honest = self.checker.check(question);
        let changed = self.rewritten(question, rewrite);
        for (honest, changed) in honest.verdicts.iter_mut().zip(changed.verdicts) {
            honest.errors.retain(|(_, kind)| *kind != Kind::Level);
            honest.errors.extend(changed.errors.into_iter().filter(|(_, kind)| *kind == Kind::Level));
            honest.passed = honest.errors.is_empty();
        }
        honest
    }
}

fn policy_json(question: &Question, honest: &Answers) -> Option<Value> {
    honest.policies.as_ref().ok()?;
    let links = question.links.iter().zip(&honest.links).filter(|(_, made)| made.is_ok());
    let links: Vec<_> = links.map(|(link, _)| link.clone()).collect();
    oracle::policies_to_json(&question.policies, &links).ok()
}

fn schema_json(question: &Question) -> Option<Value> {
    match question.schema.format {
        Format::Json => serde_json::from_str(&question.schema.text).ok(),
        Format::Cedar => oracle::schema_to_json(&question.schema).ok(),
    }
}

impl<C: Checker> Checker for Faulty<C> {
    fn check(&self, question: &Question) -> Answers {
        match self.fault.kind {
            FaultKind::Expression(f) => self.rewritten(question, |policies| each_expression(policies, &f)),
            FaultKind::Typed(f) => {
                let facts = Facts::new(&schema_json(question).unwrap_or_default());
                self.rewritten(question, |policies| each_expression(policies, &|node| f(node, &facts)))
            }
            FaultKind::Policies(f) => self.rewritten(question, f),
            FaultKind::Levels(f) => self.with_levels(question, f),
            FaultKind::Schema(f) => {
                let Some(mut schema) = schema_json(question) else { return self.checker.check(question) };
                f(&mut schema);
                self.checker.check(&Question { schema: Document::json(schema.to_string()), ..question.clone() })
            }
            FaultKind::Answers(f) => {
                let mut answers = self.checker.check(question);
                f(&mut answers, &question.options);
                answers
            }
            FaultKind::Options(f) => {
                let options = question.options.iter().map(|options| f(*options)).collect();
                self.checker.check(&Question { options, ..question.clone() })
            }
        }
    }
}
