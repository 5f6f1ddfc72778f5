//! Policies in plain words.
//!
//! Every scope and every expression has its words, and the same one always has the same. The words follow the structure:
//! nothing is left out, weakened or guessed. What nests deeper than [`LEVELS`], where sentences stop helping anybody, is
//! quoted as it is written.
//!
//! Quoted code stands between [`OPEN`] and [`CLOSE`], so that each format can mark it in its own way.

mod noun;
mod scope;
mod test;

use deodar_grammar::{
    ast::{ConditionKind, ExprId, Exprs, Policy, PolicySet},
    print_expression,
};

/// Opens quoted code; no text that people write has it.
pub(crate) const OPEN: char = '\u{1}';
/// Closes quoted code.
pub(crate) const CLOSE: char = '\u{2}';

/// How deep the words follow an expression.
const LEVELS: usize = 8;

/// What a policy does, for whom and with what: one sentence without its end.
pub(crate) fn scope(policy: &Policy) -> String {
    scope::sentence(policy)
}

/// When it applies: a clause for each condition.
pub(crate) fn conditions(set: &PolicySet, policy: &Policy) -> Vec<String> {
    let clause = |condition: &deodar_grammar::ast::Condition| {
        let test = test::clause(&set.exprs, condition.body, true, LEVELS);
        match condition.kind {
            ConditionKind::When => format!("when {test}"),
            ConditionKind::Unless => format!("unless {test}"),
        }
    };
    policy.conditions.iter().map(clause).collect()
}

/// Quoted code.
fn code(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c != OPEN && *c != CLOSE).collect();
    format!("{OPEN}{text}{CLOSE}")
}

fn quoted(exprs: &Exprs, id: ExprId) -> String {
    code(&print_expression(exprs, id))
}

/// `a, b and c`.
fn list(parts: &[String], last: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
