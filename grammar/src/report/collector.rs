//! The diagnostics of one source, in the order of the text and no more than the limit.

use deodar_lexicon::limits;

use crate::diagnostic::Diagnostic;

/// Diagnostics on the way to the caller.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    kept: Vec<Diagnostic>,
    /// How many were found beyond the limit.
    dropped: usize,
}

impl Collector {
    /// Whether the next diagnostic will be kept.
    pub(crate) fn has_room(&self) -> bool {
        self.kept.len() < limits::DIAGNOSTICS.as_usize()
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.has_room() {
            self.kept.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// Everything, in the order of the text; last, how many were left out.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.kept.sort_by_key(|diagnostic| (diagnostic.span().start, diagnostic.span().end));
        if let Some(last) = self.kept.last().filter(|_| self.dropped > 0) {
            let summary = super::syntax::too_many(last.span(), self.dropped);
            self.kept.push(summary);
        }
        self.kept
    }
}
