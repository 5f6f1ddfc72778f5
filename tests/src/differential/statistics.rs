//! What the generated cases were like: the evidence that the comparison compares something.

use std::{collections::BTreeMap, fmt};

use crate::{
    question::{Answers, Decision, ErrorKind},
    run::Tally,
    world::{
        World,
        coverage::{self, Group},
    },
};

/// Counts over the cases of a run.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    /// Cases.
    pub cases: usize,
    decisions: usize,
    allowed: usize,
    denied_by_forbid: usize,
    erring: usize,
    /// Cases with each kind of error.
    errors: BTreeMap<ErrorKind, usize>,
    /// Cases with each feature.
    features: BTreeMap<(Group, &'static str), usize>,
    /// Cases with each outcome of reading inputs.
    inputs: BTreeMap<&'static str, usize>,
}

impl Tally for Statistics {
    fn merge(&mut self, other: &Self) {
        self.cases += other.cases;
        self.decisions += other.decisions;
        self.allowed += other.allowed;
        self.denied_by_forbid += other.denied_by_forbid;
        self.erring += other.erring;
        for (kind, count) in &other.errors {
            *self.errors.entry(*kind).or_default() += count;
        }
        for (feature, count) in &other.features {
            *self.features.entry(*feature).or_default() += count;
        }
        for (name, count) in &other.inputs {
            *self.inputs.entry(name).or_default() += count;
        }
    }
}

impl Statistics {
    /// Counts one case, with the reference's answers to its questions.
    pub(super) fn count(&mut self, world: &World, answers: &[&Answers]) {
        self.cases += 1;
        for feature in world.seen.iter() {
            *self.features.entry(feature).or_default() += 1;
        }
        let mut kinds: Vec<ErrorKind> = Vec::new();
        for answers in answers {
            for response in answers.requests.iter().flatten() {
                self.decisions += 1;
                self.allowed += usize::from(response.decision == Decision::Allow);
                self.denied_by_forbid +=
                    usize::from(response.decision == Decision::Deny && !response.reasons.is_empty());
                self.erring += usize::from(!response.errors.is_empty());
                kinds.extend(response.errors.values());
            }
        }
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            *self.errors.entry(kind).or_default() += 1;
        }
        self.count_inputs(answers);
    }

    fn count_inputs(&mut self, answers: &[&Answers]) {
        let outcomes = [
            ("policies rejected", answers.iter().any(|a| a.policies.is_err())),
            ("schema rejected", answers.iter().any(|a| a.schema.is_err())),
            ("entities rejected", answers.iter().any(|a| a.entities.is_err())),
            ("link rejected", answers.iter().any(|a| a.links.iter().any(Result::is_err))),
            ("request rejected", answers.iter().any(|a| a.requests.iter().any(Result::is_err))),
            ("policies validate", answers.iter().any(|a| a.verdict == Some(true))),
            ("policies do not validate", answers.iter().any(|a| a.verdict == Some(false))),
        ];
        for (name, _) in outcomes.iter().filter(|(_, holds)| *holds) {
            *self.inputs.entry(name).or_default() += 1;
        }
    }

    /// Counts a damaged text.
    pub(super) fn count_damaged(&mut self, answers: &Answers) {
        let accepted = answers.policies.is_ok() && answers.schema.is_ok() && answers.entities.is_ok();
        let name = if accepted { "damaged and accepted" } else { "damaged and rejected" };
        *self.inputs.entry(name).or_default() += 1;
    }

    /// What is rarer than it should be: the decisions, the errors, and every operator, builtin and scope form.
    pub fn shortcomings(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut require = |name: &str, count: usize, of: usize, percent: usize| {
            if count * 100 < percent * of {
                found.push(format!("{name}: {} instead of {percent} %", share(count, of).trim()));
            }
        };
        require("allow", self.allowed, self.decisions, 25);
        require("deny", self.decisions - self.allowed, self.decisions, 25);
        require("with an error", self.erring, self.decisions, 10);
        for kind in ErrorKind::USUAL {
            require(kind.name(), self.errors.get(&kind).copied().unwrap_or(0), self.cases, 1);
        }
        for feature in coverage::expected() {
            require(feature.1, self.features.get(&feature).copied().unwrap_or(0), self.cases, 1);
        }
        found
    }
}

fn share(count: usize, of: usize) -> String {
    let permille = (count * 1000).checked_div(of).unwrap_or(0);
    format!("{:4}.{} %", permille / 10, permille % 10)
}

/// The distribution as a table.
impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} cases, {} decisions", self.cases, self.decisions)?;
        writeln!(f, "of the decisions:")?;
        let denied = self.decisions - self.allowed;
        let rows = [
            ("allow", self.allowed),
            ("deny", denied),
            ("deny by a forbid", self.denied_by_forbid),
            ("with an erring policy", self.erring),
        ];
        for (name, count) in rows {
            writeln!(f, "  {} {name}", share(count, self.decisions))?;
        }
        writeln!(f, "of the cases, error kinds:")?;
        for (kind, count) in &self.errors {
            writeln!(f, "  {} {}", share(*count, self.cases), kind.name())?;
        }
        writeln!(f, "of the cases, outcomes of reading:")?;
        for (name, count) in &self.inputs {
            writeln!(f, "  {} {name}", share(*count, self.cases))?;
        }
        for group in Group::ALL {
            writeln!(f, "of the cases, {}:", group.title())?;
            for ((_, name), count) in self.features.iter().filter(|((of, _), _)| *of == group) {
                writeln!(f, "  {} {name}", share(*count, self.cases))?;
            }
        }
        Ok(())
    }
}
