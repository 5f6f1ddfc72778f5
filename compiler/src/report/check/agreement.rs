//! Types that must agree and do not, to diagnostics.

use deodar_grammar::{
    Diagnostic, Span,
    ast::{ExprId, ExprKind},
};
use deodar_lexicon::escape::escape;

use super::{INCOMPATIBLE_TYPES, LISTED, advice::constructed, describe::Describe, list};
use crate::check::{Meeting, Mismatch, Ty};

/// What does not agree.
pub(super) struct Disagreement<'a> {
    pub(super) types: &'a [Ty],
    /// The expressions that have these types, if they are known.
    pub(super) exprs: &'a [ExprId],
    pub(super) mismatch: Mismatch,
    pub(super) meeting: Meeting,
}

/// `whole` is the expression in which they meet. The marks are on its parts, if they are known.
pub(super) fn incompatible_types(describe: &Describe<'_>, whole: Span, found: &Disagreement<'_>) -> Diagnostic {
    let mut parts = found.exprs.iter().zip(found.types).take(LISTED).enumerate().map(|(index, (expr, ty))| {
        let text = match (found.meeting, index) {
            (Meeting::Contains, 0) => format!("a set of `{}`", describe.ty(*ty)),
            (_, _) => format!("this is {}", describe.a(*ty)),
        };
        (describe.exprs.span(*expr), text)
    });
    let diagnostic = match parts.next() {
        Some((span, text)) => Diagnostic::new(INCOMPATIBLE_TYPES, span, message(describe, found)).with_label(text),
        None => Diagnostic::new(INCOMPATIBLE_TYPES, whole, message(describe, found)),
    };
    let diagnostic = parts.fold(diagnostic, |diagnostic, (span, text)| diagnostic.with_place(span, text));
    let help = value_advice(describe, found).or_else(|| mismatch_advice(found.mismatch).map(str::to_owned));
    diagnostic.with_optional_help(help)
}

fn message(describe: &Describe<'_>, found: &Disagreement<'_>) -> String {
    let names: Vec<String> = found.types.iter().map(|ty| describe.ty(*ty)).collect();
    let all = list(names.iter().map(String::as_str)).unwrap_or_default();
    match (found.meeting, &*names) {
        (Meeting::Branches, [one, other]) => {
            format!("both branches of `if` must have one type, and these are `{one}` and `{other}`")
        }
        (Meeting::Equality, [one, other]) => {
            format!("`==` and `!=` compare values of one type, and these are `{one}` and `{other}`")
        }
        (Meeting::Contains, [set, element]) => {
            format!("a set of `{set}` is asked for a `{element}`, which it cannot contain")
        }
        (Meeting::ContainsSet, [one, other]) => {
            format!("both sets must have elements of one type, and these are `{one}` and `{other}`")
        }
        (Meeting::Tags, _) => format!("the tags of these entities have different types: {all}"),
        (Meeting::Branches | Meeting::Equality | Meeting::Contains | Meeting::ContainsSet | Meeting::Elements, _) => {
            format!("all elements of a set must have one type, and these are {all}")
        }
    }
}

fn mismatch_advice(mismatch: Mismatch) -> Option<&'static str> {
    match mismatch {
        Mismatch::Kinds => None,
        Mismatch::EntityTypes => {
            Some("entities of different types never agree; ask with `is` first, or compare one type")
        }
        Mismatch::RecordAttributes => Some("records agree only if they have the same attributes"),
        Mismatch::Optionality => Some("an attribute must be optional in both records or in none"),
        Mismatch::EntityAndRecord => Some("an entity and a record never agree, even with the same attributes"),
    }
}

/// What the author may have had in mind.
fn value_advice(describe: &Describe<'_>, found: &Disagreement<'_>) -> Option<String> {
    if let Some(text) = found.types.iter().position(|ty| *ty == Ty::STRING) {
        let other = found.types.iter().find(|ty| **ty != Ty::STRING)?;
        return text_advice(describe, *other, found.exprs.get(text).copied());
    }
    let condition = found.types.iter().position(|ty| *ty == Ty::BOOL)?;
    let condition = describe.expression(*found.exprs.get(condition)?)?;
    let is_compared = found.meeting == Meeting::Equality;
    is_compared.then(|| format!("a `Bool` is a condition by itself: `{condition}`, or `!` before it"))
}

/// How a value of the type is written in the place of a text.
fn text_advice(describe: &Describe<'_>, ty: Ty, text: Option<ExprId>) -> Option<String> {
    if let Some(extension) = describe.types.extension_type(ty) {
        return Some(constructed(extension));
    }
    let entity_type = describe.model.name(*describe.types.entity_types(ty)?.first()?);
    match text.map(|expr| describe.exprs.kind(expr)) {
        Some(ExprKind::String(id)) => {
            Some(format!("an entity is no string; did you mean the entity `{entity_type}::\"{}\"`?", escape(id)))
        }
        Some(_) | None => Some("an entity is no string, not even its id".to_owned()),
    }
}
