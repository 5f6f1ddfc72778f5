//! Verdicts: what a type checker says about policies, compared with what the reference says.
//!
//! A [`Question`] is policies, links and a schema, and the modes and levels to check them in; the answer to each of
//! those is a [`Verdict`]: the kinds of errors and warnings of each policy. Messages and positions are not compared,
//! the set of (policy, kind) is, so a checker that rejects a policy for another reason differs.
//!
//! | module | job |
//! |---|---|
//! | [`kind`] | the kinds of errors and warnings, as one table |
//! | [`tree`], [`policy`] | policies as trees, so that they can be broken and made smaller, and their text |
//! | [`schema`] | generated schemas, their request environments, and the types of attributes in them |
//! | [`generate`] | policies that are well-typed by construction |
//! | [`mutate`] | changes that break one thing |
//! | [`world`] | a generated case |
//! | [`compare`] | compares a checker with the reference on a case |
//! | [`statistics`] | what the cases were like |
//! | [`fault`] | checkers with a planted fault |
//! | [`soundness`] | what validates does not fail at run time |

pub mod compare;
pub mod fault;
pub mod generate;
pub mod kind;
pub mod mutate;
pub mod policy;
pub mod schema;
pub mod soundness;
pub mod statistics;
pub mod tree;
pub mod world;

use std::{collections::BTreeSet, fmt};

pub use self::kind::Kind;
use crate::{
    engine, oracle,
    question::{Acceptance, Document, Link, compare_acceptance},
    subject::{Ability, Deodar, Reference},
};

/// How strictly types must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// As the documentation recommends.
    Strict,
    /// With least upper bounds of different types.
    Permissive,
}

/// How policies are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Options {
    /// How strictly.
    pub mode: Mode,
    /// The greatest number of entity dereferences, if there is one.
    pub level: Option<u32>,
}

impl Options {
    /// The way policies are checked if nothing is said.
    pub const STRICT: Self = Self { mode: Mode::Strict, level: None };
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.mode {
            Mode::Strict => "strict",
            Mode::Permissive => "permissive",
        })?;
        self.level.map_or(Ok(()), |level| write!(f, ", level {level}"))
    }
}

/// Policies to check against a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The policies and templates.
    pub policies: Document,
    /// Links to make once the policies are read.
    pub links: Vec<Link>,
    /// The schema.
    pub schema: Document,
    /// The ways to check them.
    pub options: Vec<Options>,
}

/// A policy, template or link, and a kind of error or warning in it.
pub type Finding = (String, Kind);

/// What a checker says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Whether there is no error of any kind, also of those that are not compared.
    pub passed: bool,
    /// The errors.
    pub errors: BTreeSet<Finding>,
    /// The warnings.
    pub warnings: BTreeSet<Finding>,
}

/// The answers to a question. What comes after a rejected input is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Whether the policies are well-formed.
    pub policies: Acceptance,
    /// Whether the schema is well-formed and resolves.
    pub schema: Acceptance,
    /// Whether each link can be made.
    pub links: Vec<Acceptance>,
    /// A verdict for each of the options.
    pub verdicts: Vec<Verdict>,
}

impl Answers {
    /// How these answers differ from the expected ones, one line each; empty if they agree.
    pub fn differences(&self, expected: &Self, options: &[Options]) -> Vec<String> {
        let mut found = Vec::new();
        compare_acceptance("policies", &expected.policies, &self.policies, &mut found);
        compare_acceptance("schema", &expected.schema, &self.schema, &mut found);
        for (index, (expected, got)) in expected.links.iter().zip(&self.links).enumerate() {
            compare_acceptance(&format!("link {index}"), expected, got, &mut found);
        }
        for ((options, expected), got) in options.iter().zip(&expected.verdicts).zip(&self.verdicts) {
            let lines = expected.differences(got);
            found.extend(lines.into_iter().map(|line| format!("{options}: {line}")));
        }
        found
    }
}

impl Verdict {
    /// How the verdict `got` differs from this one.
    fn differences(&self, got: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.passed != got.passed {
            let word = |passed| if passed { "to pass" } else { "to fail" };
            found.push(format!("expected {}; it is {}", word(self.passed), word(got.passed)));
        }
        for (what, expected, got) in [("error", &self.errors, &got.errors), ("warning", &self.warnings, &got.warnings)]
        {
            let missing = expected.difference(got).map(|(id, kind)| format!("{id}: the {what} {kind} is missing"));
            found.extend(missing);
            let excess = got.difference(expected).map(|(id, kind)| format!("{id}: the {what} {kind} is not expected"));
            found.extend(excess);
        }
        found
    }
}

/// A type checker under test.
pub trait Checker: Sync {
    /// What it says. Inputs that are rejected leave the verdicts out.
    fn check(&self, question: &Question) -> Answers;
}

impl Checker for Reference {
    fn check(&self, question: &Question) -> Answers {
        oracle::verdict::check(question)
    }
}

impl Checker for Deodar {
    fn check(&self, question: &Question) -> Answers {
        engine::verdict::check(question)
    }
}

/// Whether our engine has a type checker.
pub fn is_connected() -> bool {
    !engine::MISSING.contains(&Ability::Verdict)
}
