//! Diagnostics as a terminal shows them, for tests.

use core::fmt::Write as _;

use crate::{
    diagnostic::{Diagnostic, Label},
    source::Sources,
};

/// The text with line numbers, then what is wrong with it.
pub(crate) fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let _ = writeln!(out, "{}: {}", diagnostic.code().name, diagnostic.message());
        for label in diagnostic.labels() {
            render_label(&mut out, sources, label);
        }
        if let Some(help) = diagnostic.help() {
            let _ = writeln!(out, "     = {help}");
        }
        out.push('\n');
    }
    out
}

fn render_label(out: &mut String, sources: &Sources, label: &Label) {
    let place = sources.position(label.span);
    let text = sources.text(label.span.source);
    let line = text.lines().nth(place.line as usize - 1).unwrap_or_default();
    let covered = sources.slice(label.span).lines().next().unwrap_or_default().chars().count().max(1);
    let _ = writeln!(out, "{:>4} | {line}", place.line);
    let indent = " ".repeat(place.column as usize - 1);
    let _ = writeln!(out, "     | {indent}{} {}", "^".repeat(covered), label.text);
}
