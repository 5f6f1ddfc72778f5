//! Diagnostics of the lints: what is valid and probably not intended.
//!
//! A lint is about meaning, so its message says what happens, and its help what the author may have wanted.

use deodar_grammar::{
    Code, Diagnostic, Span,
    ast::{Annotation, ConditionKind, Policy, schema::AttributeDeclaration},
    closest, codes,
};
use deodar_lexicon::{Builtin, escape::escape, name};
use deodar_runtime::{EntityTypeName, EntityUid};
use smol_str::SmolStr;

use super::{habit, shape};

codes! {
    /// A truth value that decides nothing.
    pub(crate) ALWAYS_TRUE_CONDITION = Warning "always-true-condition", "a condition, or an operand of one, decides nothing because it is always true";
    /// A truth value that decides nothing.
    pub(crate) ALWAYS_FALSE_CONDITION = Warning "always-false-condition", "a condition, or an operand of one, decides nothing because it is always false";
    /// Code that nothing leads to.
    pub(crate) UNREACHABLE_EXPRESSION = Warning "unreachable-expression", "a part of a condition is never evaluated";
    /// A policy that stands twice.
    pub(crate) DUPLICATE_POLICY = Warning "duplicate-policy", "two policies have the same effect, scope and conditions";
    /// A policy that changes nothing.
    pub(crate) IMPLIED_POLICY = Warning "implied-policy", "another policy applies whenever this one does";
    /// Arithmetic that always fails.
    pub(crate) CONSTANT_OVERFLOW = Warning "constant-overflow", "arithmetic on constants gives a number that does not fit a `Long`";
    /// A forbid that a failure skips.
    pub(crate) FALLIBLE_FORBID = Warning "fallible-forbid", "the evaluation of a forbid can fail, and then it does not forbid";
    /// An entity type that nobody uses.
    pub(crate) UNUSED_ENTITY_TYPE = Warning "unused-entity-type", "neither the schema nor a policy uses an entity type";
    /// An attribute that nobody reads.
    pub(crate) UNUSED_ATTRIBUTE = Warning "unused-attribute", "no policy reads an attribute";
    /// Tags that nobody reads.
    pub(crate) UNUSED_TAGS = Warning "unused-tags", "no policy reads the tags of an entity type";
    /// A common type that nobody uses.
    pub(crate) UNUSED_COMMON_TYPE = Warning "unused-common-type", "nothing in the schema uses a common type";
    /// An action that no policy is about.
    pub(crate) UNUSED_ACTION = Warning "unused-action", "no policy is about an action";
    /// An action that nobody may take.
    pub(crate) UNPERMITTED_ACTION = Warning "unpermitted-action", "no policy permits an action";
    /// An attribute that does not count.
    pub(crate) OVERWRITTEN_ATTRIBUTE = Warning "overwritten-attribute", "an attribute is declared twice in a record, and only the last one counts";
    /// A word in `@allow` that is no lint.
    pub(crate) UNKNOWN_LINT = Warning "unknown-lint", "an `@allow` names a lint that does not exist";
}

/// The codes of all lints.
pub(crate) fn all_codes() -> impl Iterator<Item = Code> {
    [CODES, shape::CODES, habit::CODES].into_iter().flatten().copied()
}

/// Whether a lint reports only if it is asked for.
pub(crate) fn is_on_demand(code: Code) -> bool {
    habit::CODES.contains(&code) || code == shape::CHAINED_HAS
}

/// How many places of one kind a report shows.
const PLACES: usize = 4;

/// Where a truth value is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// It is all of a condition.
    Condition(ConditionKind),
    /// An operand of `&&`.
    And,
    /// An operand of `||`.
    Or,
    /// The guard of an `if`.
    Guard,
}

impl Place {
    fn words(self) -> &'static str {
        match self {
            Self::Condition(ConditionKind::When) => "this `when`",
            Self::Condition(ConditionKind::Unless) => "this `unless`",
            Self::And => "this operand of `&&`",
            Self::Or => "this operand of `||`",
            Self::Guard => "this guard",
        }
    }

    /// What follows if the value is always the same.
    fn consequence(self, value: bool) -> &'static str {
        match (self, value) {
            (Self::Condition(ConditionKind::When), true) => "the condition is always met; leave it out, or correct it",
            (Self::Condition(ConditionKind::When), false) => "the condition is never met, so the policy never applies",
            (Self::Condition(ConditionKind::Unless), false) => {
                "this `unless` excludes nothing; leave it out, or correct it"
            }
            (Self::Condition(ConditionKind::Unless), true) => {
                "this `unless` excludes everything, so the policy never applies"
            }
            (Self::And, true) | (Self::Or, false) => {
                "it makes no difference to the result; leave it out, or correct it"
            }
            (Self::And, false) | (Self::Or, true) => "it decides the result alone; leave the rest out, or correct it",
            (Self::Guard, _) => "one branch is never taken; leave the `if` out, or correct the guard",
        }
    }
}

#[cold]
pub(crate) fn always_true(span: Span, place: Place) -> Diagnostic {
    let message = format!("{} is always true", place.words());
    Diagnostic::new(ALWAYS_TRUE_CONDITION, span, message)
        .with_label("true for every request that gets here")
        .with_help(place.consequence(true))
}

#[cold]
pub(crate) fn always_false(span: Span, place: Place) -> Diagnostic {
    let message = format!("{} is always false", place.words());
    Diagnostic::new(ALWAYS_FALSE_CONDITION, span, message)
        .with_label("false for every request that gets here")
        .with_help(place.consequence(false))
}

/// Why something is not evaluated.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cause {
    /// One expression always has this value.
    One { span: Span, value: bool },
    /// In each kind of request one of several expressions has this value.
    Several { span: Span, value: bool },
}

#[cold]
pub(crate) fn unreachable_expression(span: Span, cause: Cause) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(UNREACHABLE_EXPRESSION, span, "this is never evaluated").with_label("never evaluated");
    let diagnostic = match cause {
        Cause::One { span, value } => diagnostic.with_place(span, format!("because this is always {value}")),
        Cause::Several { span, value } => {
            diagnostic.with_place(span, format!("because one of these is {value} in every kind of request"))
        }
    };
    diagnostic.with_help("leave it out, or correct what comes before it; compare with the scope and with the schema")
}

/// The name that its author gave a policy, or its id.
fn name_of(policy: &Policy) -> &str {
    policy.annotation("id").map(Annotation::text).filter(|name| !name.is_empty()).unwrap_or(&policy.id)
}

/// `others` repeat the first one too.
#[cold]
pub(crate) fn duplicate_policy(repeat: &Policy, first: &Policy, others: &[&Policy]) -> Diagnostic {
    let (name, first_name) = (name_of(repeat), name_of(first));
    let message = match others.len() {
        0 => format!("`{name}` is the same policy as `{first_name}`"),
        n => format!("`{name}` and {n} more are the same policy as `{first_name}`"),
    };
    let diagnostic = Diagnostic::new(DUPLICATE_POLICY, repeat.effect.span, message)
        .with_label("the same effect, scope and conditions")
        .with_place(first.effect.span, format!("as `{first_name}`"));
    let shown = others.iter().take(PLACES - 2);
    shown
        .fold(diagnostic, |diagnostic, other| diagnostic.with_place(other.effect.span, format!("`{}`", name_of(other))))
        .with_help("leave all but one out; decisions report the ids and annotations of each")
}

#[cold]
pub(crate) fn implied_policy(implied: &Policy, weaker: &Policy) -> Diagnostic {
    let message = format!("this policy changes no decision: `{}` applies whenever it does", name_of(weaker));
    let label = match weaker.conditions.len() {
        0 => "this has the same scope, and no conditions",
        _ => "this has the same scope, and a part of the conditions",
    };
    Diagnostic::new(IMPLIED_POLICY, implied.effect.span, message)
        .with_label(format!("`{}` is redundant", name_of(implied)))
        .with_place(weaker.effect.span, label)
        .with_help("leave it out, or leave out the other one if that is too broad")
}

#[cold]
pub(crate) fn constant_overflow(span: Span) -> Diagnostic {
    Diagnostic::new(CONSTANT_OVERFLOW, span, "the result does not fit a `Long`, so evaluating this always fails")
        .with_label("not between -9223372036854775808 and 9223372036854775807")
        .with_help("a policy whose evaluation fails does not apply")
}

/// A place at which the evaluation can fail.
#[derive(Debug)]
pub(crate) struct Fallible {
    pub(crate) span: Span,
    pub(crate) reason: Reason,
}

/// Why it can fail.
#[derive(Debug)]
pub(crate) enum Reason {
    /// The entity may be missing from the store.
    MissingEntity { entity: String, attribute: SmolStr },
    /// The number may not fit a `Long`.
    Overflow,
    /// The extension function may have no result.
    Extension(Builtin),
}

impl Reason {
    fn label(&self) -> String {
        match self {
            Self::MissingEntity { entity, .. } if entity.len() <= LONGEST_EXPRESSION => {
                format!("fails if the entity `{entity}` is not in the store")
            }
            Self::MissingEntity { .. } => "fails if the entity is not in the store".to_owned(),
            Self::Overflow => "fails if the result does not fit a `Long`".to_owned(),
            Self::Extension(builtin) => match builtin.constructs() {
                Some(ty) => format!("fails if the text is no `{}`", ty.name()),
                None => format!("fails if the result of `{}` is out of range", builtin.name()),
            },
        }
    }

    /// How the forbid forbids in that case too; `others` are the other reasons.
    fn help(&self, condition: ConditionKind, others: &[Fallible]) -> String {
        match self {
            Self::MissingEntity { entity, attribute } => match (guard(entity, attribute, others), condition) {
                (None, _) => "ask with `has` before the attribute is read".to_owned(),
                (Some(guard), ConditionKind::Unless) => format!("to forbid in that case too, write `{guard} && …`"),
                (Some(guard), ConditionKind::When) => format!(
                    "to forbid in that case too, write `if {guard} then … else true`; to exempt it, `{guard} && …`"
                ),
            },
            Self::Extension(builtin) if builtin.constructs().is_some() => {
                "declare an attribute of that type, and read it instead of a text".to_owned()
            }
            Self::Overflow | Self::Extension(_) => {
                "compare the operands with bounds first, and forbid beyond them".to_owned()
            }
        }
    }
}

/// The longest expression that is repeated in a text.
const LONGEST_EXPRESSION: usize = 60;

/// The question that shows that the entity is there, together with those that are reached through it; if it is short.
fn guard(entity: &str, attribute: &str, others: &[Fallible]) -> Option<String> {
    if !name::is_identifier(attribute) {
        return Some(format!("{entity} has \"{}\"", escape(attribute))).filter(|text| text.len() <= LONGEST_EXPRESSION);
    }
    let (mut reached, mut path) = (format!("{entity}.{attribute}"), attribute.to_owned());
    for other in others {
        if let Reason::MissingEntity { entity, attribute } = &other.reason
            && *entity == reached
            && name::is_identifier(attribute)
        {
            reached = format!("{reached}.{attribute}");
            path = format!("{path}.{attribute}");
        }
    }
    Some(format!("{entity} has {path}")).filter(|text| text.len() <= LONGEST_EXPRESSION)
}

/// `condition` is the kind of the condition in which the first place lies.
#[cold]
pub(crate) fn fallible_forbid(first: &Fallible, others: &[Fallible], condition: ConditionKind) -> Diagnostic {
    let message = "the evaluation of this forbid can fail, and then it does not forbid";
    let diagnostic = Diagnostic::new(FALLIBLE_FORBID, first.span, message).with_label(first.reason.label());
    let shown = others.iter().take(PLACES - 1);
    let diagnostic =
        shown.fold(diagnostic, |diagnostic, place| diagnostic.with_place(place.span, place.reason.label()));
    let hidden = others.len().saturating_sub(PLACES - 1);
    diagnostic
        .with_optional_note((hidden > 0).then(|| format!("{hidden} more places can fail")))
        .with_help(first.reason.help(condition, others))
}

#[cold]
pub(crate) fn unused_entity_type(ty: &EntityTypeName, span: Span) -> Diagnostic {
    Diagnostic::new(UNUSED_ENTITY_TYPE, span, format!("nothing uses the entity type `{ty}`"))
        .with_label("in no `appliesTo`, no attribute, no hierarchy and no policy")
        .with_help("leave it out, or allow it: `@allow(\"unused-entity-type\")`")
}

#[cold]
pub(crate) fn unused_tags(ty: &EntityTypeName, name: Span, tags: Span) -> Diagnostic {
    Diagnostic::new(UNUSED_TAGS, tags, format!("no policy reads the tags of `{ty}`"))
        .with_label("never asked for with `hasTag` or `getTag`")
        .with_place(name, format!("`{ty}` is declared here"))
}

#[cold]
pub(crate) fn unused_common_type(ty: &str, span: Span) -> Diagnostic {
    Diagnostic::new(UNUSED_COMMON_TYPE, span, format!("nothing uses the common type `{ty}`"))
        .with_label("in no other declaration")
        .with_help("leave it out, or allow it: `@allow(\"unused-common-type\")`")
}

#[cold]
pub(crate) fn unused_action(action: &EntityUid, span: Span) -> Diagnostic {
    Diagnostic::new(UNUSED_ACTION, span, format!("no policy is about `{action}`"))
        .with_label("in no scope, so it is always denied")
        .with_help("permit it, leave it out, or allow it: `@allow(\"unused-action\")`")
}

#[cold]
pub(crate) fn unpermitted_action(action: &EntityUid, span: Span) -> Diagnostic {
    Diagnostic::new(UNPERMITTED_ACTION, span, format!("no policy permits `{action}`"))
        .with_label("always denied: no `permit` can apply to it")
        .with_help("permit it, leave it out, or allow it: `@allow(\"unpermitted-action\")`")
}

/// What attributes belong to.
#[derive(Debug)]
pub(crate) struct Owner {
    names: Vec<SmolStr>,
    kind: OwnerKind,
}

/// How attributes belong to it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OwnerKind {
    /// They are its own.
    Type,
    /// They are those of its context.
    Context,
}

impl Owner {
    /// An owner by its names, if there are any.
    pub(crate) fn new(names: Vec<SmolStr>, kind: OwnerKind) -> Option<Self> {
        (!names.is_empty()).then_some(Self { names, kind })
    }

    fn words(&self) -> String {
        let names: Vec<String> = self.names.iter().map(|name| format!("`{name}`")).collect();
        let names = names.join(", ");
        match self.kind {
            OwnerKind::Type => names,
            OwnerKind::Context => format!("the context of {names}"),
        }
    }
}

/// An attribute that no policy reads.
#[derive(Debug)]
pub(crate) struct UnusedAttribute {
    /// From the declaration on, as in `address.zip`.
    pub(crate) path: SmolStr,
    /// Its name.
    pub(crate) span: Span,
}

#[cold]
pub(crate) fn unused_attributes(owner: &Owner, first: &UnusedAttribute, others: &[UnusedAttribute]) -> Diagnostic {
    let owner = owner.words();
    let message = match others.len() {
        0 => format!("no policy reads the attribute `{}` of {owner}", first.path),
        n => format!("no policy reads {} attributes of {owner}", n + 1),
    };
    let diagnostic = Diagnostic::new(UNUSED_ATTRIBUTE, first.span, message).with_label("never read");
    let diagnostic = others.iter().fold(diagnostic, |diagnostic, other| diagnostic.with_place(other.span, ""));
    diagnostic
        .with_help("leave it out, or allow it: `@allow(\"unused-attribute\")` before the attribute or declaration")
}

#[cold]
pub(crate) fn overwritten_attribute(attribute: &AttributeDeclaration, last: Span) -> Diagnostic {
    let name = &attribute.name;
    let message = format!("the attribute `{}` is declared twice in this record", escape(&name.value));
    Diagnostic::new(OVERWRITTEN_ATTRIBUTE, name.span, message)
        .with_label("this declaration does not count")
        .with_place(last, "because of this one")
        .with_help("leave one of them out; the last one counts")
}

#[cold]
pub(crate) fn unknown_lint(word: &str, annotation: &Annotation) -> Diagnostic {
    let span = annotation.value.as_ref().map_or(annotation.span, |value| value.span);
    let names = || all_codes().map(|code| code.name);
    let longer = names().find(|name| name.strip_prefix(word).is_some_and(|rest| rest.starts_with('-')));
    let help = if let Some(similar) = longer.or_else(|| closest(word, names())) {
        format!("did you mean `{similar}`?")
    } else {
        let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        format!("the lints are {}", names.join(", "))
    };
    Diagnostic::new(UNKNOWN_LINT, span, format!("there is no lint `{}`", escape(word))).with_help(help)
}
