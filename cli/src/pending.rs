//! Stand-ins for library functions that are being built; each says that it is not there yet.

use deodar_grammar::{Diagnostic, SourceId, Sources, Span, ast::Dialect, codes};

codes! {
    /// Not there yet.
    PENDING = Error "pending", "not there yet";
}

#[derive(Clone, Copy)]
pub(crate) struct FormatOptions {
    pub(crate) line_width: usize,
    pub(crate) indent_width: usize,
}

pub(crate) fn format_policies(
    _: &Sources,
    source: SourceId,
    _: Dialect,
    options: FormatOptions,
) -> Result<String, Vec<Diagnostic>> {
    let _ = (options.line_width, options.indent_width);
    Err(vec![Diagnostic::new(PENDING, Span { source, start: 0, end: 0 }, "`format` is not in Deodar yet")])
}
