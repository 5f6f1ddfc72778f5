//! Diagnostics about policy sets as a whole.

use deodar_grammar::{Diagnostic, Span, ast::Slot, codes};
use deodar_lexicon::limits::Limit;
use deodar_runtime::verify::InvalidProgram;

codes! {
    /// Two policies or templates with one id.
    pub(crate) DUPLICATE_POLICY_ID = Error "duplicate-policy-id", "two policies or templates have the same id";
    /// An expression that was reported as an error, or never resolved.
    pub(crate) UNRESOLVED_EXPRESSION = Error "unresolved-expression", "an expression with errors cannot be compiled";
    /// A link of a template that is not there.
    pub(crate) UNKNOWN_TEMPLATE = Error "unknown-template", "a link names a template that does not exist";
    /// A link without a value for a slot.
    pub(crate) MISSING_SLOT_VALUE = Error "missing-slot-value", "a link gives no entity for a slot of its template";
    /// A link with a value for a slot that the template lacks.
    pub(crate) EXTRA_SLOT_VALUE = Error "extra-slot-value", "a link gives an entity for a slot that its template lacks";
    /// The compiler made a program that its own verifier rejects.
    pub(crate) INVALID_PROGRAM = Error "invalid-program", "the compiler has a defect";
    /// A policy over a limit.
    pub(crate) POLICY_TOO_LARGE = Error "policy-too-large", "a policy exceeds a limit of the compiler";
}

pub(crate) fn duplicate_policy_id(id: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(DUPLICATE_POLICY_ID, span, format!("a policy or template with the id `{id}` exists already"))
        .with_label("the second one")
        .with_place(first, format!("the first one with the id `{id}`"))
        .with_help("give each policy an `@id` of its own, or rename one of them")
}

pub(crate) fn unresolved_expression(span: Span) -> Diagnostic {
    Diagnostic::new(UNRESOLVED_EXPRESSION, span, "this expression has errors and cannot be compiled")
}

pub(crate) fn unknown_template(template: &str, span: Span) -> Diagnostic {
    Diagnostic::new(UNKNOWN_TEMPLATE, span, format!("there is no template with the id `{template}`"))
        .with_help("a template is a policy with `?principal` or `?resource` in its scope")
}

pub(crate) fn missing_slot_value(slot: Slot, span: Span) -> Diagnostic {
    Diagnostic::new(MISSING_SLOT_VALUE, span, format!("the template needs an entity for the slot `{}`", slot.name()))
}

pub(crate) fn extra_slot_value(slot: Slot, span: Span) -> Diagnostic {
    Diagnostic::new(EXTRA_SLOT_VALUE, span, format!("the template has no slot `{}`", slot.name()))
}

pub(crate) fn invalid_program(invalid: &InvalidProgram, span: Span) -> Diagnostic {
    Diagnostic::new(INVALID_PROGRAM, span, format!("the compiled program is invalid: {invalid}"))
        .with_help("this is a defect of the compiler; please report it with the policies")
}

pub(crate) fn policy_too_large(limit: Limit, span: Span) -> Diagnostic {
    Diagnostic::new(POLICY_TOO_LARGE, span, format!("this exceeds the limit {limit}"))
        .with_help("split the policy into several")
}
