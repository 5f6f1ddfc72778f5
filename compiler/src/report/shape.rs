//! Diagnostics of lints on the shape of expressions: what could be said shorter, or cannot be what was meant.

use deodar_grammar::{Diagnostic, Span, ast::Variable, codes};

codes! {
    /// `x == true`
    pub(crate) COMPARED_WITH_BOOL = Warning "compared-with-bool", "a comparison with `true` or `false`";
    /// `!!x`
    pub(crate) DOUBLE_NEGATION = Warning "double-negation", "a negation of a negation";
    /// `x == x`
    pub(crate) SELF_COMPARISON = Warning "self-comparison", "an expression is compared with itself";
    /// `x like "abc"`
    pub(crate) LIKE_WITHOUT_WILDCARD = Warning "like-without-wildcard", "a pattern of `like` has no wildcard";
    /// `[].contains(x)`
    pub(crate) EMPTY_SET = Warning "membership-in-empty-set", "a test for membership in the empty set";
    /// `if c then true else false`
    pub(crate) BOOLEAN_IF = Warning "boolean-if", "an `if` whose branches are `true` and `false`";
    /// `a && b && a`
    pub(crate) REPEATED_OPERAND = Warning "repeated-operand", "an operand stands twice in a chain of `&&` or `||`";
    /// `a && !a`
    pub(crate) CONTRADICTING_OPERANDS = Warning "contradicting-operands", "an operand stands in a chain with its negation";
    /// `x has a && x has a.b`
    pub(crate) REDUNDANT_HAS = Warning "redundant-has", "a `has` that a longer one implies";
    /// The scope says it.
    pub(crate) REDUNDANT_IS = Warning "redundant-is", "an `is` that the scope has said";
    /// `x has a && x.a has b`
    pub(crate) CHAINED_HAS = Warning "chained-has", "a chain of `has` that one `has` can say";
}

#[cold]
pub(crate) fn compared_with_bool(span: Span, is_true: bool) -> Diagnostic {
    let help = if is_true { "write the expression itself" } else { "write `!` before the expression" };
    Diagnostic::new(COMPARED_WITH_BOOL, span, "this comparison gives what the expression itself says")
        .with_label("compared with `true` or `false`")
        .with_help(help)
}

#[cold]
pub(crate) fn double_negation(span: Span) -> Diagnostic {
    Diagnostic::new(DOUBLE_NEGATION, span, "the two negations cancel out")
        .with_label("negated twice")
        .with_help("leave both out")
}

#[cold]
pub(crate) fn self_comparison(span: Span, value: bool) -> Diagnostic {
    Diagnostic::new(SELF_COMPARISON, span, format!("both sides are the same, so this is always {value}"))
        .with_label("compared with itself")
        .with_help("one of the sides was probably meant to be something else")
}

#[cold]
pub(crate) fn like_without_wildcard(span: Span) -> Diagnostic {
    Diagnostic::new(LIKE_WITHOUT_WILDCARD, span, "this pattern matches one text only")
        .with_label("no `*` in it")
        .with_help("write `==`, or a `*` where any text may stand")
}

#[cold]
pub(crate) fn empty_set(span: Span, value: bool) -> Diagnostic {
    Diagnostic::new(EMPTY_SET, span, format!("this is always {value}: the set is empty"))
        .with_label(format!("always {value}"))
        .with_help("put into the set what belongs to it, or leave the test out")
}

#[cold]
pub(crate) fn boolean_if(span: Span, instead: &str) -> Diagnostic {
    Diagnostic::new(BOOLEAN_IF, span, "this `if` says what its guard says")
        .with_label("the branches are `true` and `false`")
        .with_help(format!("write {instead}"))
}

#[cold]
pub(crate) fn repeated_operand(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(REPEATED_OPERAND, span, "this operand stands twice in the chain")
        .with_label("again")
        .with_place(first, "as here")
        .with_help("leave one out, or correct it")
}

#[cold]
pub(crate) fn contradicting_operands(span: Span, first: Span, value: bool) -> Diagnostic {
    Diagnostic::new(CONTRADICTING_OPERANDS, span, format!("with its negation in it, the chain is always {value}"))
        .with_label("one of the two")
        .with_place(first, "is the negation of the other")
        .with_help("one of the two was probably meant to be something else")
}

#[cold]
pub(crate) fn redundant_has(span: Span, longer: Span) -> Diagnostic {
    Diagnostic::new(REDUNDANT_HAS, span, "this `has` says nothing that the longer one does not say")
        .with_label("implied")
        .with_place(longer, "by this one")
        .with_help("leave the shorter one out")
}

#[cold]
pub(crate) fn redundant_is(span: Span, variable: Variable, scope: Span) -> Diagnostic {
    let message = format!("the scope has said which type `{}` has", variable.name());
    Diagnostic::new(REDUNDANT_IS, span, message)
        .with_label("said twice")
        .with_place(scope, "said here")
        .with_help("leave it out")
}

#[cold]
pub(crate) fn chained_has(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(CHAINED_HAS, span, "one `has` can ask for the whole path")
        .with_label("goes on")
        .with_place(first, "from here")
        .with_help("write the path behind one `has`, as in `context has a.b`")
}
