//! Checkers with a planted fault: what the comparison of verdicts must find.
//!
//! A fault wraps a checker from outside. It rewrites what the checker reads, or what it answers, the way a checker would
//! behave that got one typing rule wrong; shipped code has no switch for it. Rewriting policies changes more than the rule
//! at fault, so a fault says which kinds of findings it may add or take back ([`Effect`]); all others stay what they are
//! without it, and the fault cannot be found by a side effect.

mod rules;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use self::table::FAULTS;
use super::{Answers, Checker, Finding, Kind, Options, Question, Verdict};
use crate::{
    command::Named,
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
    effect: Effect,
    kinds: &'static [Kind],
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

/// What a fault may do to findings of its kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Take some back.
    Fewer,
    /// Add some.
    More,
    /// Both.
    Other,
    /// Whatever it does, to findings of every kind.
    Any,
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

impl Fault {
    /// What the checker would answer with this fault, given what it answers without.
    pub fn answers(&self, checker: &dyn Checker, question: &Question, honest: &Answers) -> Answers {
        let changed = self.changed(checker, question, honest);
        if self.effect == Effect::Any {
            return changed;
        }
        let mut answers = honest.clone();
        for (verdict, changed) in answers.verdicts.iter_mut().zip(&changed.verdicts) {
            self.restrict(verdict, changed);
        }
        answers
    }

    /// The answers for policies in their JSON form, changed.
    fn rewritten(
        checker: &dyn Checker,
        question: &Question,
        honest: &Answers,
        rewrite: impl FnOnce(&mut Value),
    ) -> Answers {
        let Some(mut policies) = policy_json(question, honest) else { return honest.clone() };
        rewrite(&mut policies);
        let changed =
            Question { policies: Document::json(policies.to_string()), links: Vec::new(), ..question.clone() };
        Answers { links: honest.links.clone(), ..checker.check(&changed) }
    }

    /// The answers without care for side effects.
    fn changed(&self, checker: &dyn Checker, question: &Question, honest: &Answers) -> Answers {
        match self.kind {
            FaultKind::Expression(f) => {
                Self::rewritten(checker, question, honest, |policies| each_expression(policies, &f))
            }
            FaultKind::Typed(f) => {
                let facts = Facts::new(&schema_json(question).unwrap_or_default());
                Self::rewritten(checker, question, honest, |policies| {
                    each_expression(policies, &|node| f(node, &facts))
                })
            }
            FaultKind::Policies(f) => Self::rewritten(checker, question, honest, f),
            FaultKind::Schema(f) => {
                let Some(mut schema) = schema_json(question) else { return honest.clone() };
                f(&mut schema);
                checker.check(&Question { schema: Document::json(schema.to_string()), ..question.clone() })
            }
            FaultKind::Answers(f) => {
                let mut answers = honest.clone();
                f(&mut answers, &question.options);
                answers
            }
            FaultKind::Options(f) => {
                let options = question.options.iter().map(|options| f(*options)).collect();
                checker.check(&Question { options, ..question.clone() })
            }
        }
    }

    /// Changes findings as the other verdict does, where the fault may.
    fn restrict(&self, verdict: &mut Verdict, changed: &Verdict) {
        let before = verdict.errors.len();
        self.restrict_findings(&mut verdict.errors, &changed.errors);
        self.restrict_findings(&mut verdict.warnings, &changed.warnings);
        if verdict.errors.len() != before {
            verdict.passed = verdict.errors.is_empty();
        }
    }

    fn restrict_findings(&self, findings: &mut BTreeSet<Finding>, changed: &BTreeSet<Finding>) {
        if self.effect != Effect::More {
            findings.retain(|finding| !self.kinds.contains(&finding.1) || changed.contains(finding));
        }
        if self.effect != Effect::Fewer {
            findings.extend(changed.iter().filter(|finding| self.kinds.contains(&finding.1)).cloned());
        }
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
        self.fault.answers(&self.checker, question, &self.checker.check(question))
    }
}
