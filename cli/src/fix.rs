//! `check --fix`: what can be mended without changing a decision.
//!
//! All or nothing: a file is written only if every file could be mended, and each result is read again before it is
//! written.

mod edits;

use std::fs;

use deodar_grammar::{
    Diagnostic, FormatOptions, SourceId, Sources,
    ast::{Dialect, PolicySet},
    format_policies, parse_policies,
};

use crate::{
    args::{PoliciesArgs, TextFormat},
    check::layout,
    input::{LinksFile, read_policies, text_format},
    report,
    session::{Exit, Outcome, Session, Stop},
};

/// A file with its text mended.
struct Mended {
    source: SourceId,
    text: String,
}

/// A file with what can be mended in it, if that is anything: edits first, since the layout follows from them.
fn mend(sources: &Sources, set: &PolicySet, options: FormatOptions) -> Option<Mended> {
    if text_format(sources.name(set.source), None) == TextFormat::Json {
        return None;
    }
    let before = sources.text(set.source);
    let edited = edits::apply(before, &edits::of(sources, set));
    let mut again = Sources::new();
    let source = again.add(sources.name(set.source), edited.as_str());
    let (edited_set, diagnostics) = parse_policies(&again, source, set.dialect);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return None;
    }
    let text = format_policies(&again, &edited_set, options).unwrap_or(edited);
    (text != before).then_some(Mended { source: set.source, text })
}

/// Mends the policies of the project, or shows what would change.
pub(crate) fn run(session: &mut Session<'_>, dry_run: bool) -> Outcome {
    let args = PoliciesArgs { policies: Vec::new(), policy_format: None, links: None };
    let policies = read_policies(session, &args, LinksFile::Required);
    if session.has_errors() {
        return Err(Stop::CannotRun);
    }
    let options = layout::options(session);
    let mended: Vec<Mended> = policies.sets.iter().filter_map(|set| mend(&session.sources, set, options)).collect();
    for Mended { source, text } in &mended {
        let name = session.sources.name(*source).to_owned();
        let again = session.sources.add(&*name, text.as_str());
        let (_, diagnostics) = parse_policies(&session.sources, again, Dialect::Cedar);
        if diagnostics.iter().any(Diagnostic::is_error) {
            session.report(report::cannot_format(&name));
            return Err(Stop::CannotRun);
        }
    }
    if dry_run { show(session, &mended) } else { write(session, &mended) }
}

fn write(session: &mut Session<'_>, mended: &[Mended]) -> Outcome {
    for Mended { source, text } in mended {
        let name = session.sources.name(*source).to_owned();
        if let Err(error) = fs::write(session.io.path(&name), text) {
            session.report(report::cannot_write(&name, &error));
            return Err(Stop::CannotRun);
        }
        session.people(&format!("mended {name}\n"))?;
    }
    Ok(Exit::Success)
}

fn show(session: &mut Session<'_>, mended: &[Mended]) -> Outcome {
    for Mended { source, text } in mended {
        let name = session.sources.name(*source).to_owned();
        let diff = difference(&name, session.sources.text(*source), text);
        session.io.stdout(&diff)?;
    }
    Ok(if mended.is_empty() { Exit::Success } else { Exit::Failure })
}

/// The lines that differ, as one hunk between what is the same at both ends.
fn difference(name: &str, before: &str, after: &str) -> String {
    let Hunk { line, removed, added, lines } = hunk(before, after);
    format!("--- {name}\n+++ {name}\n@@ -{line},{removed} +{line},{added} @@\n{lines}")
}

/// The part of a text in which two versions differ.
#[derive(Debug)]
pub(crate) struct Hunk {
    /// Its first line.
    line: usize,
    removed: usize,
    added: usize,
    /// Every line behind `-` or `+`.
    pub(crate) lines: String,
}

/// What is between the lines that are the same at both ends.
pub(crate) fn hunk(before: &str, after: &str) -> Hunk {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let rest = before.len().min(after.len()) - head;
    let tail = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
    let part = |lines: &[&str], sign: &'static str| {
        let lines = lines.get(head..lines.len() - tail).unwrap_or_default().iter();
        lines.flat_map(|line| [sign, line, "\n"]).collect::<String>()
    };
    Hunk {
        line: head + 1,
        removed: before.len() - tail - head,
        added: after.len() - tail - head,
        lines: part(&before, "-") + &part(&after, "+"),
    }
}
