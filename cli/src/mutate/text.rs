//! Mutants that survived, for people: the line, the change, and the test that would notice it.

use std::fmt::Write;

use deodar_grammar::Sources;

use super::{Mutant, MutationRun, Outcome};
use crate::{
    io::{Colour, Io},
    output::counted,
};

// Writing to a string cannot fail.
pub(crate) fn to_text(run: &MutationRun, sources: &Sources, io: &Io<'_>) -> String {
    let mut text = String::new();
    for mutant in &run.mutants {
        match &mutant.outcome {
            Outcome::Killed(_) | Outcome::Invalid(_) => {}
            Outcome::Survived(killer) => {
                let _ = writeln!(text, "{} {}", io.paint(Colour::Red, "survived"), head(mutant, sources));
                change(mutant, &mut text);
                let _ = writeln!(text, "    no test notices; {}. This test does:", killer.difference);
                // Ready to be pasted.
                lines("  ", &killer.case, &mut text);
                text.push('\n');
            }
            Outcome::Equivalent(tried) => {
                let tried = counted(*tried, "request");
                let _ = writeln!(text, "equivalent as far as searched ({tried}): {}", head(mutant, sources));
                change(mutant, &mut text);
                text.push('\n');
            }
        }
    }
    let score = run.score();
    let out_of = if run.possible > run.mutants.len() { format!(" of {}", run.possible) } else { String::new() };
    let _ = writeln!(
        text,
        "{}{out_of} on {}: {} killed, {} survived, {} equivalent as far as searched, {} not valid",
        counted(run.mutants.len(), "mutant"),
        counted(run.tests, "test"),
        score.killed,
        score.survived,
        score.equivalent,
        score.invalid,
    );
    text
}

fn head(mutant: &Mutant, sources: &Sources) -> String {
    let at = sources.position(mutant.mutation.span);
    let file = sources.name(mutant.mutation.span.source);
    format!("{} in `{}` ({file}:{}:{})", mutant.mutation.operator, mutant.policy, at.line, at.column)
}

fn change(mutant: &Mutant, text: &mut String) {
    let (before, after) = mutant.mutation.texts();
    lines("    - ", &before, text);
    lines("    + ", &after.unwrap_or_default(), text);
}

fn lines(prefix: &str, lines: &str, text: &mut String) {
    text.extend(lines.lines().flat_map(|line| [prefix, line, "\n"]));
}
