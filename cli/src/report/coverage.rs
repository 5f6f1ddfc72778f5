//! Problems with tests as a whole: what they do not show of the policies.

use deodar_grammar::{Diagnostic, Span, codes};

use crate::{mutate::Killer, problem::PlainProblem};

codes! {
    /// A part of a policy of which tests do not show everything.
    pub(crate) UNCOVERED = Warning "uncovered", "no test shows all that a part of a policy does";
    /// Coverage is below what is asked for.
    pub(crate) COVERAGE_TOO_LOW = Error "coverage-too-low", "the tests show less of the policies than is asked for";
    /// A mistake that no test notices.
    pub(crate) SURVIVING_MUTANT = Warning "surviving-mutant", "no test would notice a mistake in a policy";
    /// The mutation score is below what is asked for.
    pub(crate) MUTATION_SCORE_TOO_LOW = Error "mutation-score-too-low", "the tests notice fewer mistakes than is asked for";
    /// There is nothing to make a mistake in.
    pub(crate) NO_MUTANTS = Error "no-mutants", "there is no policy to make a mistake in";
    /// Some tests fail.
    pub(crate) TESTS_FAIL = Error "tests-fail", "tests fail that should pass before mistakes are made";
}

pub(crate) fn uncovered(span: Span, what: &str, help: &str) -> Diagnostic {
    Diagnostic::new(UNCOVERED, span, what).with_help(help)
}

pub(crate) fn coverage_too_low(found: &str, wanted: u8) -> PlainProblem {
    PlainProblem::new(COVERAGE_TOO_LOW, format!("the coverage is {found}, and {wanted}% is asked for"))
        .with_help("`deodar cover` lists what no test shows; `--html FILE` shows it in the sources")
}

/// The same, where the manifest asks for it.
pub(crate) fn coverage_below_manifest(span: Span, found: &str, wanted: u8) -> Diagnostic {
    Diagnostic::new(COVERAGE_TOO_LOW, span, format!("the coverage is {found}, and {wanted}% is asked for"))
        .with_label("asked for here")
        .with_help("`deodar cover` lists what no test shows")
}

/// `change` is the mistake, as in «if … were …», `killer` a request that would notice it.
pub(crate) fn surviving_mutant(span: Span, change: &str, killer: &Killer) -> Diagnostic {
    Diagnostic::new(SURVIVING_MUTANT, span, format!("no test would notice {change}"))
        .with_optional_note(Some(killer.difference.clone()))
        .with_help(format!("this test would:\n{}", killer.case.trim_end()))
}

pub(crate) fn mutation_score_too_low(found: &str, wanted: u8) -> PlainProblem {
    PlainProblem::new(MUTATION_SCORE_TOO_LOW, format!("the mutation score is {found}, and {wanted}% is asked for"))
        .with_help("add the tests that `deodar mutate` shows for the mutants that survived")
}

/// The same, where the manifest asks for it.
pub(crate) fn mutation_score_below_manifest(span: Span, found: &str, wanted: u8) -> Diagnostic {
    Diagnostic::new(MUTATION_SCORE_TOO_LOW, span, format!("the mutation score is {found}, and {wanted}% is asked for"))
        .with_label("asked for here")
        .with_help("add the tests that `deodar mutate` shows for the mutants that survived")
}

/// `names` are those of some of the tests.
pub(crate) fn tests_fail(count: usize, names: &[&str]) -> PlainProblem {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let more = if count > names.len() { " and others" } else { "" };
    let verb = if count == 1 { "1 test fails".to_owned() } else { format!("{count} tests fail") };
    PlainProblem::new(TESTS_FAIL, format!("{verb}: {}{more}", names.join(", ")))
        .with_help("mistakes are noticed by tests that pass without them; `deodar test` says why these do not")
}

pub(crate) fn no_mutants() -> PlainProblem {
    PlainProblem::new(NO_MUTANTS, "there is no policy to make a mistake in")
        .with_help("arguments are parts of the ids of policies; templates without links decide nothing")
}
