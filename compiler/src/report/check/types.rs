//! Problems of types to diagnostics.

use std::collections::BTreeSet;

use deodar_grammar::{
    Diagnostic, Span,
    ast::{BinaryOperator, ExprId, ExprKind, UnaryOperator, Variable},
    closest,
};
use deodar_lexicon::{Builtin, builtin::CallStyle, escape::escape};
use deodar_runtime::ExtensionProblem;
use smol_str::SmolStr;

use super::{
    EMPTY_SET, INVALID_EXTENSION_ARGUMENT, NO_TAGS, NON_LITERAL_ARGUMENT, OPTIONAL_ATTRIBUTE, UNCHECKED_TAG,
    UNEXPECTED_TYPE, UNKNOWN_ATTRIBUTE, WRONG_NUMBER_OF_ARGUMENTS,
    advice::advice,
    agreement::{Disagreement, incompatible_types},
    describe::{Describe, Where},
    list,
};
use crate::check::{EntityTypeIndex, Expected, Found, Problem, Role, Ty};

/// The diagnostic for a problem that was found in the environments `failing` of `all`.
#[cold]
pub(crate) fn problem(describe: &Describe<'_>, found: &Found, failing: &[Where], all: &[Where]) -> Diagnostic {
    let span = found.span;
    let diagnostic = match &found.problem {
        Problem::UnexpectedType { expected, found, role } => unexpected_type(describe, span, *expected, *found, *role),
        Problem::IncompatibleTypes { types, exprs, mismatch, meeting } => {
            incompatible_types(describe, span, &Disagreement { types, exprs, mismatch: *mismatch, meeting: *meeting })
        }
        Problem::UnknownAttribute { on, name, base, may_exist } => {
            unknown_attribute(describe, span, &Access { on: *on, name, base: *base, failing, all }, *may_exist)
        }
        Problem::OptionalAttribute { on, name, base } => {
            optional_attribute(describe, span, &Access { on: *on, name, base: *base, failing, all })
        }
        Problem::UncheckedTag { on, base, key } => unchecked_tag(describe, span, *on, *base, *key),
        Problem::NoTags { on } => no_tags(describe, span, *on),
        Problem::ArgumentCount { builtin, found } => wrong_number_of_arguments(span, *builtin, *found),
        Problem::InvalidArgument { builtin, text, reason } => invalid_argument(span, *builtin, text, *reason),
        Problem::NonLiteralArgument { builtin } => non_literal_argument(span, *builtin),
        Problem::EmptySet => empty_set(span),
    };
    diagnostic.with_optional_note(describe.environments(failing, all))
}

fn unexpected_type(describe: &Describe<'_>, span: Span, expected: Expected, found: Ty, role: Role) -> Diagnostic {
    let message = format!("{} {}, not {}", role_words(role), expected_words(describe, expected), describe.a(found));
    Diagnostic::new(UNEXPECTED_TYPE, span, message)
        .with_label(format!("this is {}", describe.a(found)))
        .with_optional_help(advice(describe, role, expected, found))
}

fn expected_words(describe: &Describe<'_>, expected: Expected) -> String {
    match expected {
        Expected::Bool => "a `Bool`".to_owned(),
        Expected::Long => "a `Long`".to_owned(),
        Expected::String => "a `String`".to_owned(),
        Expected::Entity => "an entity".to_owned(),
        Expected::EntityOrRecord => "an entity or a record".to_owned(),
        Expected::EntityOrEntities => "an entity or a set of entities".to_owned(),
        Expected::Set => "a set".to_owned(),
        Expected::Extension(extension) => format!("a value of the type `{}`", extension.name()),
        Expected::Comparable => "a `Long`, a `datetime` or a `duration`".to_owned(),
        Expected::LikeOther(ty) => format!("{}, as the other side is", describe.a(ty)),
    }
}

/// The place of the expression, up to what it takes.
fn role_words(role: Role) -> String {
    match role {
        Role::Truth => "a condition must be".to_owned(),
        Role::Term(symbol) => format!("`{symbol}` takes"),
        Role::Operand(UnaryOperator::Negate) => "`-` takes".to_owned(),
        Role::Operand(UnaryOperator::Not) => "`!` takes".to_owned(),
        Role::Operand(UnaryOperator::IsEmpty) => "`isEmpty` is a method of".to_owned(),
        Role::Left(operator) if is_method(operator) => format!("`{}` is a method of", operator.symbol()),
        Role::Right(operator) if is_method(operator) => format!("`{}` takes", operator.symbol()),
        Role::Left(operator) => format!("`{}` takes on its left", operator.symbol()),
        Role::Right(operator) => format!("`{}` takes on its right", operator.symbol()),
        Role::AttributeBase => "an attribute can be read of".to_owned(),
        Role::HasBase => "`has` takes on its left".to_owned(),
        Role::LikeBase => "`like` takes on its left".to_owned(),
        Role::IsBase => "`is` takes on its left".to_owned(),
        Role::Argument(builtin) => match builtin.signature().style {
            CallStyle::Function => format!("`{}` takes", builtin.name()),
            CallStyle::Method => format!("the method `{}` takes", builtin.name()),
        },
    }
}

pub(super) fn is_method(operator: BinaryOperator) -> bool {
    operator.style() == deodar_grammar::ast::OperatorStyle::Method
}

/// Which attribute of what is read.
struct Access<'a> {
    on: Ty,
    name: &'a SmolStr,
    base: ExprId,
    failing: &'a [Where],
    all: &'a [Where],
}

impl Access<'_> {
    fn is_context(&self, describe: &Describe<'_>) -> bool {
        matches!(describe.exprs.kind(self.base), ExprKind::Variable(Variable::Context))
    }

    /// How to ask for the types of the principal or resource that have the attribute, if it may be of several types.
    fn other_types_have_it(&self, describe: &Describe<'_>) -> Option<String> {
        let ExprKind::Variable(variable) = describe.exprs.kind(self.base) else { return None };
        let type_of = |place: &Where| match variable {
            Variable::Principal => Some(place.principal),
            Variable::Resource => Some(place.resource),
            Variable::Action | Variable::Context => None,
        };
        let has_it = |ty: &EntityTypeIndex| {
            let ty = describe.model.entity_ty(*ty);
            describe.model.may_have_attribute(describe.types, ty, self.name)
        };
        let types: BTreeSet<EntityTypeIndex> = self.all.iter().filter_map(type_of).filter(has_it).collect();
        let names: Vec<SmolStr> = types.iter().map(|ty| describe.model.name(*ty)).collect();
        let (first, variable) = (names.first()?, variable.name());
        let have = if names.len() == 1 { "has" } else { "have" };
        let names = list(names.iter().map(SmolStr::as_str))?;
        Some(format!("{names} {have} it; ask first: `{variable} is {first} && …`, or say so in the scope"))
    }

    /// What is read of, as the subject of a sentence.
    fn owner(&self, describe: &Describe<'_>) -> String {
        if self.is_context(describe) {
            return "the context".to_owned();
        }
        match (describe.types.entity_types(self.on), describe.expression(self.base)) {
            (Some(_), _) => format!("`{}`", describe.ty(self.on)),
            (None, Some(text)) => format!("the record `{text}`"),
            (None, None) => "this record".to_owned(),
        }
    }
}

fn unknown_attribute(describe: &Describe<'_>, span: Span, access: &Access<'_>, may_exist: bool) -> Diagnostic {
    let (owner, name) = (access.owner(describe), access.name);
    let names = describe.model.attribute_names(describe.types, access.on);
    let candidates = || names.iter().map(SmolStr::as_str).filter(|candidate| candidate != name);
    let help = match (may_exist, closest(name, candidates())) {
        (true, _) => Some("not all of these types have it; ask with `has` or `is` first".to_owned()),
        (false, Some(similar)) => Some(format!("did you mean `{similar}`?")),
        (false, None) => list(candidates()).map(|names| format!("its attributes are {names}")),
    };
    let help = access.other_types_have_it(describe).or(help);
    let help = help.or_else(|| Some(format!("{owner} has no attributes")));
    let message = format!("{owner} has no attribute `{}`", escape(name));
    let diagnostic =
        Diagnostic::new(UNKNOWN_ATTRIBUTE, span, message).with_label("not declared").with_optional_help(help);
    at_owner(describe, diagnostic, access)
}

/// Points at the declaration of what has no such attribute.
fn at_owner(describe: &Describe<'_>, diagnostic: Diagnostic, access: &Access<'_>) -> Diagnostic {
    if access.is_context(describe) {
        let action = access.failing.first().and_then(|place| {
            Some((describe.model.action(place.action)?.uid, describe.action_declaration(place.action)?))
        });
        return match action {
            Some((uid, declaration)) => {
                diagnostic.with_place(declaration.name, format!("the context of `{uid}` is declared here"))
            }
            None => diagnostic,
        };
    }
    let entity_type = describe.types.entity_types(access.on).and_then(<[_]>::first);
    match entity_type.and_then(|ty| Some((describe.model.name(*ty), describe.declaration(*ty)?))) {
        Some((name, declaration)) => diagnostic.with_place(declaration.name, format!("`{name}` is declared here")),
        None => diagnostic,
    }
}

fn optional_attribute(describe: &Describe<'_>, span: Span, access: &Access<'_>) -> Diagnostic {
    let (owner, name) = (access.owner(describe), access.name);
    let message = format!("the attribute `{}` of {owner} is optional and may be missing here", escape(name));
    let asked = match describe.expression(access.base) {
        Some(base) => format!("ask first: `{base} has {} && …`", has_operand(name)),
        None => "ask with `has` first".to_owned(),
    };
    let help = format!("{asked}; what `has` shows holds for the rest of an `&&`, and for the `then` of an `if`");
    let diagnostic = Diagnostic::new(OPTIONAL_ATTRIBUTE, span, message).with_label("may be missing").with_help(help);
    match attribute_declaration(describe, access) {
        Some(declared) => diagnostic.with_place(declared, "declared as optional here"),
        None => diagnostic,
    }
}

fn has_operand(name: &str) -> String {
    if deodar_lexicon::name::is_identifier(name) { name.to_owned() } else { format!("\"{}\"", escape(name)) }
}

fn attribute_declaration(describe: &Describe<'_>, access: &Access<'_>) -> Option<Span> {
    let declaration = if access.is_context(describe) {
        describe.action_declaration(access.failing.first()?.action)?
    } else {
        describe.declaration(*describe.types.entity_types(access.on)?.first()?)?
    };
    Some(declaration.attributes.get(access.name)?.name)
}

fn unchecked_tag(describe: &Describe<'_>, span: Span, on: Ty, base: ExprId, key: ExprId) -> Diagnostic {
    if describe.model.tag_types(describe.types, on).is_empty() {
        let message = format!("a tag is read that no `{}` has", describe.ty(on));
        return without_tags(describe, Diagnostic::new(UNCHECKED_TAG, span, message).with_label("never there"), on);
    }
    let help = match (describe.expression(base), describe.expression(key)) {
        (Some(base), Some(key)) => format!("ask first: `{base}.hasTag({key}) && …`, with the same key"),
        (_, _) => "ask with `hasTag` first, with the same key".to_owned(),
    };
    let message = format!("this tag of {} may be missing here", describe.a(on));
    Diagnostic::new(UNCHECKED_TAG, span, message).with_label("may be missing").with_help(help)
}

fn no_tags(describe: &Describe<'_>, span: Span, on: Ty) -> Diagnostic {
    let message = format!("entities of the type `{}` have no tags", describe.ty(on));
    without_tags(describe, Diagnostic::new(NO_TAGS, span, message), on)
}

/// How tags are declared, and where.
fn without_tags(describe: &Describe<'_>, diagnostic: Diagnostic, on: Ty) -> Diagnostic {
    let diagnostic = diagnostic.with_help(
        "read an attribute instead, or declare tags with the type of their values, as in `entity File tags String;`",
    );
    let entity_type = describe.types.entity_types(on).and_then(<[_]>::first);
    match entity_type.and_then(|ty| Some((describe.model.name(*ty), describe.declaration(*ty)?))) {
        Some((name, declaration)) => {
            diagnostic.with_place(declaration.name, format!("`{name}` is declared here, without `tags`"))
        }
        None => diagnostic,
    }
}

fn wrong_number_of_arguments(span: Span, builtin: Builtin, found: usize) -> Diagnostic {
    let (name, signature) = (builtin.name(), builtin.signature());
    // The receiver of a method is no argument to the author.
    let receiver = usize::from(signature.style == CallStyle::Method);
    let expected = signature.parameters.len().saturating_sub(receiver);
    let found = found.saturating_sub(receiver);
    let arguments = if expected == 1 { "argument" } else { "arguments" };
    Diagnostic::new(
        WRONG_NUMBER_OF_ARGUMENTS,
        span,
        format!("`{name}` takes {expected} {arguments}, and is called with {found}"),
    )
}

fn invalid_argument(span: Span, builtin: Builtin, text: &str, reason: ExtensionProblem) -> Diagnostic {
    let message = format!("`{}` does not take the text \"{}\"", builtin.name(), escape(text));
    Diagnostic::new(INVALID_EXTENSION_ARGUMENT, span, message).with_help(reason.to_string())
}

fn non_literal_argument(span: Span, builtin: Builtin) -> Diagnostic {
    let name = builtin.name();
    let ty = builtin.constructs().map_or("value", |ty| ty.name());
    Diagnostic::new(NON_LITERAL_ARGUMENT, span, format!("`{name}` must be called with a string literal"))
        .with_label("not a literal")
        .with_help(format!(
            "a text that is computed may be wrong when a request is decided; declare an attribute of the type `{ty}` \
             and read that"
        ))
}

fn empty_set(span: Span) -> Diagnostic {
    Diagnostic::new(EMPTY_SET, span, "a set without elements has no type")
        .with_help("use `isEmpty` to ask whether a set is empty; leave out what an empty set never matches")
}
