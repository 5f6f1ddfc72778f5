//! Whether policies are in the usual layout.

use deodar_grammar::{
    Diagnostic, FormatOptions, SourceId, Sources, Span, ast::PolicySet, format_policies, parse_policies,
};

use crate::{args::TextFormat, input::text_format, report, session::Session};

/// The layout of the project.
pub(crate) fn options(session: &Session<'_>) -> FormatOptions {
    let layout = session.project.as_ref().map(|project| project.manifest.layout).unwrap_or_default();
    FormatOptions { line_width: layout.line_width, indent_width: layout.indent_width }
}

/// The text of a set in its layout, if it is another one than it has. JSON has none.
pub(crate) fn formatted(sources: &Sources, set: &PolicySet, options: FormatOptions) -> Option<String> {
    if text_format(sources.name(set.source), None) == TextFormat::Json {
        return None;
    }
    // The formatter compares what it made with the policies as they were read, before they got their ids.
    let (set, _) = parse_policies(sources, set.source, set.dialect);
    format_policies(sources, &set, options).filter(|text| text != sources.text(set.source))
}

/// The sets that are in another layout.
pub(crate) fn check(sources: &Sources, sets: &[PolicySet], options: FormatOptions) -> Vec<Diagnostic> {
    let check = |set: &PolicySet| {
        let text = formatted(sources, set, options)?;
        Some(unformatted(sources, set.source, &text))
    };
    sets.iter().filter_map(check).collect()
}

/// What is said of a file that has another layout than this.
pub(crate) fn unformatted(sources: &Sources, source: SourceId, formatted: &str) -> Diagnostic {
    report::unformatted(first_difference(sources, source, formatted))
}

/// The first line that differs.
fn first_difference(sources: &Sources, source: SourceId, formatted: &str) -> Span {
    let text = sources.text(source);
    let same = text.lines().zip(formatted.lines()).take_while(|(one, other)| one == other).count();
    let before: usize = text.split_inclusive('\n').take(same).map(str::len).sum();
    let line = text.get(before..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let offset = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
    let start = before + line.len() - line.trim_start().len();
    Span { source, start: offset(start), end: offset(before + line.trim_end().len()) }
}
