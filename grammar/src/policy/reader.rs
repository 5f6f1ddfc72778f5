//! What the actions of the grammar share: the arena, the diagnostics, and the parts of the policy that is being read.
//!
//! Parts of one kind are a stack. Where they nest, the inner ones are taken off before the outer go on, as the parser
//! does with its symbols; so a symbol of the parser is only how many there are. The stacks are kept for the next policy.

use std::vec::Drain;

use deodar_lexicon::{
    Pattern,
    escape::{self, EscapeError},
    limits, name,
};
use smol_str::{SmolStr, SmolStrBuilder};

use super::{
    chain::Chains,
    expr::Tail,
    infix::Step,
    operand::{self, Place},
    scope::Head,
};
use crate::{
    ast::{Annotation, Condition, ExprId, ExprKind, Exprs, Policy, RecordEntry, Slot, Spanned},
    diagnostic::Diagnostic,
    lexer::Lexer,
    report::{self, Collector},
    source::{self, SourceId, Span, offset},
    token::{self, Token},
};

/// How much text there is to a node and to a policy, at least mostly: the lists of them need not grow.
const BYTES_PER_NODE: usize = 12;
const BYTES_PER_POLICY: usize = 128;

/// The state of reading one source.
#[derive(Debug)]
pub(crate) struct Reader<'t> {
    source: SourceId,
    text: &'t str,
    pub(crate) exprs: Exprs,
    pub(crate) collector: Collector,
    pub(crate) policies: Vec<Policy>,
    /// Slots outside the scope, until the condition around them is complete.
    pub(crate) slots: Vec<(Slot, Span)>,
    pub(crate) annotations: Vec<Annotation>,
    pub(crate) head: Head,
    pub(crate) conditions: Vec<Condition>,
    /// Whether the policy cannot be kept, which was reported.
    pub(crate) is_broken: bool,
    pub(crate) chains: Chains,
    /// Operands with operators between them.
    pub(crate) row: Vec<Step>,
    /// What follows the first operands of relations.
    pub(crate) tails: Vec<(Place, Tail)>,
    /// The signs before operands.
    pub(crate) signs: Vec<Place>,
    /// The elements of sets and the arguments of calls.
    pub(crate) elements: Vec<ExprId>,
    /// The entries of records; absent if reported.
    pub(crate) entries: Vec<Option<RecordEntry>>,
    /// The attributes behind `has`.
    pub(crate) path: Vec<Spanned<SmolStr>>,
    /// How many policies there were before this one, kept or not.
    number: usize,
    /// How many nodes there were before this policy.
    floor: usize,
    /// Whether this policy was reported to nest too deeply.
    too_deep: bool,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(source: SourceId, text: &'t str) -> Self {
        Self {
            source,
            text,
            exprs: Exprs::with_capacity(text.len() / BYTES_PER_NODE),
            collector: Collector::default(),
            policies: Vec::with_capacity(text.len() / BYTES_PER_POLICY),
            slots: Vec::new(),
            annotations: Vec::new(),
            head: Head::default(),
            conditions: Vec::new(),
            is_broken: false,
            chains: Chains::default(),
            row: Vec::new(),
            tails: Vec::new(),
            signs: Vec::new(),
            elements: Vec::new(),
            entries: Vec::new(),
            path: Vec::new(),
            number: 0,
            floor: 0,
            too_deep: false,
        }
    }

    pub(crate) fn source(&self) -> SourceId {
        self.source
    }

    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Goes on to the next policy; this one is kept, or was reported.
    pub(crate) fn finish_policy(&mut self, is_kept: bool) {
        if !is_kept {
            self.drop_nodes();
        }
        self.head.clear();
        self.chains.reset();
        self.number += 1;
        self.floor = self.exprs.len();
        self.slots.clear();
        self.conditions.clear();
        self.is_broken = false;
        self.too_deep = false;
    }

    /// Leaves the policy out: an error ended it anywhere.
    pub(crate) fn skip_policy(&mut self) {
        self.annotations.clear();
        self.row.clear();
        self.tails.clear();
        self.signs.clear();
        self.elements.clear();
        self.entries.clear();
        self.path.clear();
        self.finish_policy(false);
    }

    /// The id of this policy: `policy` and its number.
    pub(crate) fn policy_id(&self) -> SmolStr {
        let mut digits = [0; 20];
        let mut id = SmolStrBuilder::new();
        id.push_str("policy");
        id.push_str(decimal(self.number, &mut digits));
        id.finish()
    }

    /// Drops the nodes of this policy: it is not kept, or only its scope was read.
    pub(crate) fn drop_nodes(&mut self) {
        self.exprs.truncate(self.floor);
        self.slots.clear();
    }

    pub(crate) fn span(&self, (start, end): Place) -> Span {
        Span { source: self.source, start, end }
    }

    /// What is written at the place.
    pub(crate) fn slice(&self, (start, end): Place) -> &'t str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// What the string literal at the place has between its quotes.
    pub(crate) fn string_body(&self, (start, end): Place) -> &'t str {
        source::string_body(self.text, start, end)
    }

    /// The name that is written at the place, without white space and comments.
    pub(crate) fn name(&self, place: Place, is_qualified: bool) -> SmolStr {
        let text = self.slice(place);
        if !is_qualified || text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':')) {
            return SmolStr::new(text);
        }
        let mut name = SmolStrBuilder::new();
        for (start, token, end) in Lexer::new(text, self.source, &token::POLICIES) {
            if token.is_word() || token == Token::PathSeparator {
                name.push_str(text.get(start as usize..end as usize).unwrap_or_default());
            }
        }
        name.finish()
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
    pub(crate) fn unescape(&mut self, literal: Place) -> Option<SmolStr> {
        let body = self.string_body(literal);
        escape::unescape(body).map_err(|errors| self.report_escapes(body, literal, errors)).ok()
    }

    /// The pattern of a string literal, unless bad escapes were reported.
    pub(crate) fn unescape_pattern(&mut self, literal: Place) -> Option<Pattern> {
        let body = self.string_body(literal);
        escape::unescape_pattern(body).map_err(|errors| self.report_escapes(body, literal, errors)).ok()
    }

    #[cold]
    fn report_escapes(&mut self, body: &str, (start, _): Place, errors: Vec<EscapeError>) {
        for error in errors {
            // The body starts behind the opening quote.
            let at = |position: usize| start.saturating_add(1).saturating_add(offset(position));
            let span = self.span((at(error.range.start), at(error.range.end)));
            let text = body.get(error.range).unwrap_or_default();
            self.report(report::syntax::invalid_escape(span, text, error.problem));
        }
    }

    /// The name of an attribute that stands unquoted, unless it is reserved, which is reported.
    pub(crate) fn attribute_name(&mut self, place: Place) -> Option<Spanned<SmolStr>> {
        (!self.report_reserved(place)).then(|| operand::word(self, place))
    }

    /// Reports an unquoted attribute whose name is reserved; says whether it is.
    pub(crate) fn report_reserved(&mut self, place: Place) -> bool {
        let word = self.slice(place);
        let is_reserved = name::is_reserved(word);
        if is_reserved {
            self.report(report::expression::reserved_attribute(self.span(place), word));
        }
        is_reserved
    }
}

/// The number in decimal digits, for each policy has one, and formatting costs as much as several tokens.
fn decimal(mut number: usize, digits: &mut [u8; 20]) -> &str {
    let mut unused = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        unused -= 1;
        if number == 0 {
            break;
        }
    }
    digits.get(unused..).and_then(|digits| core::str::from_utf8(digits).ok()).unwrap_or_default()
}

/// Takes the last parts off their stack.
pub(crate) fn take<T>(stack: &mut Vec<T>, count: u32) -> Drain<'_, T> {
    let kept = stack.len().saturating_sub(count as usize);
    stack.drain(kept..)
}
