//! How much each finding counts: as the manifest and the flags say, and otherwise as the code says.

use std::collections::BTreeMap;

use deodar_compiler::LintOptions;
use deodar_grammar::{Code, Diagnostic, Severity};

use crate::problem::Problem;

/// How much a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// It is not reported.
    Off,
    /// It is reported.
    Warn,
    /// It fails the check.
    Error,
}

impl Level {
    pub(crate) const ALL: [(&str, Self); 3] = [("off", Self::Off), ("warn", Self::Warn), ("error", Self::Error)];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(word, _)| *word == name).map(|(_, level)| level)
    }
}

/// The levels that are not those of the codes. Errors have none: they always count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Levels(BTreeMap<&'static str, Level>);

impl Levels {
    pub(crate) fn set(&mut self, code: Code, level: Level) {
        self.0.insert(code.name, level);
    }

    /// Whether it is an error only because the levels say so.
    pub(crate) fn raises(&self, code: &str) -> bool {
        self.0.get(code) == Some(&Level::Error)
    }

    /// These levels, and those codes off.
    pub(crate) fn without(&self, codes: &[Code]) -> Self {
        let mut levels = self.clone();
        for code in codes {
            levels.set(*code, Level::Off);
        }
        levels
    }

    /// What is said of the lints to their rules.
    pub(crate) fn to_options(&self) -> LintOptions {
        let at = |wanted: fn(Level) -> bool| {
            let named = self.0.iter().filter(move |(_, level)| wanted(**level));
            named.filter_map(|(name, _)| deodar_compiler::find_lint(name)).collect()
        };
        LintOptions { allowed: at(|level| level == Level::Off), enabled: at(|level| level != Level::Off) }
    }

    /// The problem as it counts; nothing if it does not.
    pub(crate) fn apply_to(&self, problem: Problem) -> Option<Problem> {
        match problem {
            Problem::Text(diagnostic) => self.apply(diagnostic).map(Problem::Text),
            Problem::Policy(policy, diagnostic) => Some(Problem::Policy(policy, self.apply(diagnostic)?)),
            Problem::Plain(plain) => Some(Problem::Plain(plain)),
        }
    }

    /// The diagnostic as it counts; nothing if it does not.
    pub(crate) fn apply(&self, diagnostic: Diagnostic) -> Option<Diagnostic> {
        if diagnostic.is_error() {
            return Some(diagnostic);
        }
        match self.0.get(diagnostic.code().name) {
            Some(Level::Off) => None,
            Some(Level::Error) => Some(diagnostic.at_severity(Severity::Error)),
            Some(Level::Warn) | None => Some(diagnostic),
        }
    }
}
