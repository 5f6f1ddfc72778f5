//! Mutation testing: small mistakes are made in the policies, and those that no test notices are reported, each with a
//! request that would have noticed it.
//!
//! A mutant changes one policy. So the tests are decided once with the policies as they are, and what becomes of each
//! policy is noted; then all mutated policies together are the policies of one more program, which decides each test
//! once, and the outcome of a mutated policy takes the place of that of its original. Thousands of mutants cost little
//! more than a few runs of the tests. That the result is the one of a program in which the mistake was made is tested
//! on random mutants.
//!
//! | module | job |
//! |---|---|
//! | `plan` | which mutants: all, or a sample that a seed gives |
//! | `batch` | mutated policies as one program, and what becomes of a request |
//! | `scenario` | a request with entities of its own |
//! | `pool`, `vary`, `space` | requests to try: those of the tests and their neighbours |
//! | `search` | tests, and then requests, until a mutant is noticed |
//! | `case` | a request as a test to paste |
//! | `text`, `json` | the forms of the result |

mod batch;
mod case;
mod json;
mod plan;
mod pool;
mod scenario;
mod search;
mod space;
mod text;
mod vary;

#[cfg(test)]
mod tests;

use deodar_compiler::mutate::Mutation;

pub(crate) use self::{
    json::to_json,
    plan::{Plan, plan},
    search::{Subject, run},
    text::to_text,
};
use crate::{problem::Problem, report};

/// What became of mutants.
#[derive(Debug)]
pub(crate) struct MutationRun {
    pub(crate) mutants: Vec<Mutant>,
    /// How many there are in all; a budget may leave some out.
    pub(crate) possible: usize,
    pub(crate) tests: usize,
}

/// A policy with a mistake, and what became of it.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// The policy that it was made of.
    pub(crate) policy: String,
    pub(crate) mutation: Mutation,
    pub(crate) outcome: Outcome,
}

/// What became of a mutant.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The test of this name fails.
    Killed(String),
    /// The policies are not valid with it, for this reason.
    Invalid(String),
    /// No test fails; this request shows the difference.
    Survived(Box<Killer>),
    /// No test fails, and none of so many requests shows a difference.
    Equivalent(usize),
}

/// A request that tells a mutant from its original.
#[derive(Debug)]
pub(crate) struct Killer {
    /// As a test to paste.
    pub(crate) case: String,
    /// What is different, in words.
    pub(crate) difference: String,
}

/// How many mutants ended in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Score {
    pub(crate) killed: usize,
    pub(crate) survived: usize,
    pub(crate) equivalent: usize,
    pub(crate) invalid: usize,
}

impl Score {
    /// Tenths of a percent, rounded down: killed mutants of those that something tells from their original.
    pub(crate) fn per_mille(self) -> usize {
        (self.killed * 1000).checked_div(self.killed + self.survived).unwrap_or(1000)
    }

    pub(crate) fn percent(self) -> String {
        format!("{}.{}%", self.per_mille() / 10, self.per_mille() % 10)
    }
}

impl MutationRun {
    pub(crate) fn score(&self) -> Score {
        self.mutants.iter().fold(Score::default(), |score, mutant| match mutant.outcome {
            Outcome::Killed(_) => Score { killed: score.killed + 1, ..score },
            Outcome::Survived(_) => Score { survived: score.survived + 1, ..score },
            Outcome::Equivalent(_) => Score { equivalent: score.equivalent + 1, ..score },
            Outcome::Invalid(_) => Score { invalid: score.invalid + 1, ..score },
        })
    }

    pub(crate) fn is_below(&self, percent: u8) -> bool {
        self.score().per_mille() < usize::from(percent) * 10
    }

    /// All of it in a few words.
    pub(crate) fn summary(&self) -> String {
        let score = self.score();
        let told = score.killed + score.survived;
        format!("mutation score: {} ({} of {told} mutants killed)", score.percent(), score.killed)
    }

    /// A finding for each mutant that survived.
    pub(crate) fn findings(&self) -> impl Iterator<Item = Problem> {
        self.mutants.iter().filter_map(|mutant| {
            let Outcome::Survived(killer) = &mutant.outcome else { return None };
            let diagnostic = report::surviving_mutant(mutant.mutation.span, &mutant.change(), killer);
            Some(Problem::Policy(mutant.policy.as_str().into(), diagnostic))
        })
    }
}

impl Mutant {
    /// The mistake, on one line, as the end of a sentence.
    pub(crate) fn change(&self) -> String {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        match self.mutation.texts() {
            (before, Some(after)) => format!("if `{}` were `{}`", line(&before), line(&after)),
            (before, None) => format!("if `{}` were left out", line(&before)),
        }
    }
}
