//! Diagnostics of lints on how policies are written: what a project may have agreed on.
//!
//! They report on demand only: no rule of Cedar says any of this.

use deodar_grammar::{
    Diagnostic, Span,
    ast::{Policy, Variable},
    codes,
};
use deodar_lexicon::escape::escape;

codes! {
    /// Everybody may do everything.
    pub(crate) OVER_BROAD_PERMIT = Warning "over-broad-permit", "a permit for everybody, everything and every action";
    /// A permit for a whole type, without conditions.
    pub(crate) UNCONDITIONAL_PERMIT = Warning "unconditional-permit", "a permit names no principal and has no condition";
    /// A policy that the index cannot find by a name.
    pub(crate) UNINDEXABLE_POLICY = Warning "unindexable-policy", "a policy is looked at for every request";
    /// A policy without a name.
    pub(crate) MISSING_ID = Warning "missing-id", "a policy has no `@id`";
    /// A name in another style.
    pub(crate) ID_NAMING = Warning "id-naming", "an `@id` is not in lower case";
    /// A template that nothing links.
    pub(crate) UNLINKED_TEMPLATE = Warning "unlinked-template", "a template has no link";
    /// People and machines alike.
    pub(crate) UNTYPED_PRINCIPAL = Warning "untyped-principal", "a permit leaves open which type of principal it is about";
    /// A test that belongs into the scope.
    pub(crate) SCOPE_TEST_IN_CONDITION = Warning "scope-test-in-condition", "a condition says what the scope could say";
}

fn at(code: deodar_grammar::Code, policy: &Policy, message: &str) -> Diagnostic {
    Diagnostic::new(code, policy.effect.span, message)
}

#[cold]
pub(crate) fn over_broad_permit(policy: &Policy) -> Diagnostic {
    at(OVER_BROAD_PERMIT, policy, "this permits everything to everybody")
        .with_label("neither scope nor conditions restrict it")
        .with_help("name the principals, actions or resources, or add a condition")
}

#[cold]
pub(crate) fn unconditional_permit(policy: &Policy) -> Diagnostic {
    at(UNCONDITIONAL_PERMIT, policy, "this permit names no principal, and no condition restricts it")
        .with_label("permitted to all of them")
        .with_help("name a principal or group in the scope, or add a condition")
}

#[cold]
pub(crate) fn unindexable_policy(policy: &Policy) -> Diagnostic {
    at(UNINDEXABLE_POLICY, policy, "this policy is looked at for every request")
        .with_label("its scope names no entity")
        .with_help("name the action, or a principal or resource, in the scope rather than in a condition")
}

#[cold]
pub(crate) fn missing_id(policy: &Policy) -> Diagnostic {
    at(MISSING_ID, policy, "this policy has no name of its own").with_label("no `@id`").with_help(
        "add `@id(\"…\")`: decisions and tests call the policy by it, and it stays when others come before it",
    )
}

#[cold]
pub(crate) fn id_naming(span: Span, id: &str) -> Diagnostic {
    let message = format!("the id `{}` is not in lower case", escape(id));
    Diagnostic::new(ID_NAMING, span, message).with_help(
        "use lower-case letters and digits, with `.`, `-`, `_`, `:` or `/` between words, as in `agents.close`",
    )
}

#[cold]
pub(crate) fn unlinked_template(policy: &Policy) -> Diagnostic {
    at(UNLINKED_TEMPLATE, policy, "nothing links this template, so it decides nothing")
        .with_label("no link among the policies")
        .with_help("link it, or leave it out; links that are made at run time are not known here")
}

#[cold]
pub(crate) fn untyped_principal(policy: &Policy) -> Diagnostic {
    Diagnostic::new(UNTYPED_PRINCIPAL, policy.scope.principal.span, "people and machines may both be permitted by this")
        .with_label("of any type")
        .with_help("say which type is meant, as in `principal is Agent`; write one policy for each type")
}

#[cold]
pub(crate) fn scope_test_in_condition(span: Span, variable: Variable, scope: Span) -> Diagnostic {
    let message = format!("the scope could say this of `{}`", variable.name());
    Diagnostic::new(SCOPE_TEST_IN_CONDITION, span, message)
        .with_label("a test that a scope can make")
        .with_place(scope, "here")
        .with_help("policies are found by their scopes, conditions are evaluated")
}
