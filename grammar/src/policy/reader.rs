//! What the actions of the grammar share: the arena, the diagnostics, the slots that conditions mention.

use deodar_lexicon::{
    Pattern,
    escape::{self, EscapeError},
    limits, name,
};
use smol_str::SmolStr;

use crate::{
    ast::{ExprId, ExprKind, Exprs, Slot, Spanned},
    diagnostic::Diagnostic,
    report::{self, Collector},
    source::{SourceId, Span, offset},
};

/// The state of reading one source.
#[derive(Debug)]
pub(crate) struct Reader {
    source: SourceId,
    pub(crate) exprs: Exprs,
    pub(crate) collector: Collector,
    /// Slots outside the scope, until the condition around them is complete.
    pub(crate) slots: Vec<(Slot, Span)>,
    /// How many nodes there were before this policy.
    floor: usize,
    /// Whether this policy was reported to nest too deeply.
    too_deep: bool,
}

impl Reader {
    pub(crate) fn new(source: SourceId) -> Self {
        Self {
            source,
            exprs: Exprs::default(),
            collector: Collector::default(),
            slots: Vec::new(),
            floor: 0,
            too_deep: false,
        }
    }

    /// Forgets what belongs to one policy only.
    pub(crate) fn start_policy(&mut self) {
        self.floor = self.exprs.len();
        self.slots.clear();
        self.too_deep = false;
    }

    /// Drops the nodes of this policy: it is not kept, or only its scope was read.
    pub(crate) fn drop_nodes(&mut self) {
        self.exprs.truncate(self.floor);
        self.slots.clear();
    }

    pub(crate) fn span(&self, (start, end): (u32, u32)) -> Span {
        Span { source: self.source, start, end }
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.collector.push(diagnostic);
    }

    /// Reports, and stands in for the node that cannot be.
    pub(crate) fn reject(&mut self, diagnostic: Diagnostic) -> ExprKind {
        self.report(diagnostic);
        ExprKind::Error
    }

    pub(crate) fn push(&mut self, kind: ExprKind, span: Span) -> ExprId {
        if let Ok(id) = self.exprs.push(kind, span) {
            return id;
        }
        if !self.too_deep {
            self.too_deep = true;
            let opening = Span { end: span.start.saturating_add(1).min(span.end), ..span };
            self.report(report::syntax::limit(opening, limits::NESTING));
        }
        self.push_error(span)
    }

    pub(crate) fn push_error(&mut self, span: Span) -> ExprId {
        self.exprs.push_error(span)
    }

    /// Turns the nodes and everything below them into error nodes. Each node is visited once, as error nodes have no
    /// children.
    pub(crate) fn discard(&mut self, mut ids: Vec<ExprId>) {
        while let Some(id) = ids.pop() {
            self.exprs.kind(id).for_each_child(|child| ids.push(child));
            self.exprs.mark_error(id);
        }
    }

    /// The text of a string literal, unless bad escapes were reported.
    pub(crate) fn unescape(&mut self, body: &str, literal: Span) -> Option<SmolStr> {
        escape::unescape(body).map_err(|errors| self.report_escapes(body, literal, errors)).ok()
    }

    /// The pattern of a string literal, unless bad escapes were reported.
    pub(crate) fn unescape_pattern(&mut self, body: &str, literal: Span) -> Option<Pattern> {
        escape::unescape_pattern(body).map_err(|errors| self.report_escapes(body, literal, errors)).ok()
    }

    fn report_escapes(&mut self, body: &str, literal: Span, errors: Vec<EscapeError>) {
        for error in errors {
            // The body starts behind the opening quote.
            let at = |position: usize| literal.start.saturating_add(1).saturating_add(offset(position));
            let span = Span { start: at(error.range.start), end: at(error.range.end), ..literal };
            let text = body.get(error.range).unwrap_or_default();
            self.report(report::syntax::invalid_escape(span, text, error.problem));
        }
    }

    /// The name of an attribute that stands unquoted, unless it is reserved, which is reported.
    pub(crate) fn attribute_name(&mut self, (word, span): (&str, Span)) -> Option<Spanned<SmolStr>> {
        if name::is_reserved(word) {
            self.report(report::expression::reserved_attribute(span, word));
            return None;
        }
        Some(Spanned::new(SmolStr::new(word), span))
    }
}
