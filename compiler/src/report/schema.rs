//! Diagnostics about schemas: names, hierarchies and shapes.
//!
//! What is wrong with one declaration or one namespace by itself is reported by the grammar (`report::schema` there);
//! these need all declarations of all fragments.

use deodar_grammar::{Diagnostic, Span, ast::TypeName, codes};
use deodar_lexicon::{builtin::ExtensionType, limits::Limit};

codes! {
    /// A name that no declaration and no builtin type has.
    pub(crate) UNDECLARED_TYPE = Error "undeclared-type", "a schema names a type that is not declared";
    /// A common type in place of an entity type.
    pub(crate) NOT_AN_ENTITY_TYPE = Error "not-an-entity-type", "a schema uses a common type where only an entity type can stand";
    /// An entity type in place of a common type.
    pub(crate) NOT_A_COMMON_TYPE = Error "not-a-common-type", "a schema uses an entity type where only a common type can stand";
    /// `Action` among principals, resources or parents.
    pub(crate) ACTION_AS_ENTITY_TYPE = Error "action-as-entity-type", "a schema uses the type of actions where only other entity types can stand";
    /// A group that is not declared.
    pub(crate) UNDECLARED_ACTION = Error "undeclared-action", "a schema names an action that is not declared";
    /// One name declared in two sources.
    pub(crate) DECLARED_TWICE = Error "declared-in-two-schemas", "two schemas declare the same name";
    /// Cedar RFC 70 for types.
    pub(crate) TYPE_SHADOWING = Error "type-shadowing", "a type in a namespace has the name of a type outside all namespaces";
    /// Cedar RFC 70 for actions.
    pub(crate) ACTION_SHADOWING = Error "action-shadowing", "an action in a namespace has the id of an action outside all namespaces";
    /// Common types that contain themselves.
    pub(crate) CYCLIC_COMMON_TYPES = Error "cyclic-common-types", "a common type contains itself";
    /// Action groups that contain themselves.
    pub(crate) CYCLIC_ACTION_GROUPS = Error "cyclic-action-groups", "an action group contains itself";
    /// A context or a shape that is no record.
    pub(crate) NOT_A_RECORD = Error "not-a-record", "a context or the attributes of an entity type are no record";
    /// An extension type that does not exist.
    pub(crate) UNKNOWN_EXTENSION_TYPE = Error "unknown-extension-type", "a schema names an extension type that does not exist";
    /// `"additionalAttributes": true`
    pub(crate) OPEN_RECORD = Error "open-record", "a schema has a record type with unknown attributes";
    /// An external entity type below an enumerated one.
    pub(crate) EXTERNAL_IN_ENUM = Error "external-in-enum", "an external entity type has an enumerated entity type as an ancestor";
    /// An external entity type that is an enumerated one.
    pub(crate) EXTERNAL_IS_ENUM = Error "external-is-enum", "an external entity type is defined as an enumerated entity type";
    /// An external declaration says more than the definition.
    pub(crate) EXTERNAL_ADDS_ANCESTOR = Error "external-adds-ancestor", "an external declaration has an ancestor that the definition does not have";
    /// A definition relies on an external declaration that says too little.
    pub(crate) DEFINITION_GAINS_ANCESTOR = Error "definition-gains-ancestor", "other schemas give an entity type more ancestors than its own";
    /// Declarations of one action with different groups.
    pub(crate) EXTERNAL_ACTION_GROUPS = Error "external-action-groups", "an external declaration of an action has other groups than the definition";
    /// Types nested beyond the limit through common types.
    pub(crate) TYPE_TOO_DEEP = Error "type-too-deep", "a type nests too deep";
    /// More names than the limit once all is spelt out.
    pub(crate) SCHEMA_TOO_LARGE = Error "schema-too-large", "a schema becomes too large when all of it is spelt out";
}

/// What a name may stand for at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Only an entity type.
    Entity,
    /// Only a common type.
    Common,
    /// Either, the common type first.
    Either,
}

impl Expected {
    fn description(self) -> &'static str {
        match self {
            Self::Entity => "an entity type",
            Self::Common => "a common type",
            Self::Either => "an entity type or a common type",
        }
    }

    /// How to declare a name.
    fn advice(self) -> &'static str {
        match self {
            Self::Entity => "declare it with `entity`, or with `external entity` if another schema defines it",
            Self::Common => "declare it with `type`",
            Self::Either => {
                "declare it with `entity` or `type`, or with `external entity` if another schema defines it"
            }
        }
    }
}

#[cold]
pub(crate) fn undeclared_type(name: &TypeName, expected: Expected, similar: Option<&str>) -> Diagnostic {
    let message = format!("`{}` is not declared; expected {}", name.name, expected.description());
    Diagnostic::new(UNDECLARED_TYPE, name.span, message).with_label("not declared").with_help(
        match (similar, name.name.as_str()) {
            (_, "Boolean") => "the type of `true` and `false` is `Bool`".to_owned(),
            (_, "Record") => "a record type is written out, as in `{ name: String }`".to_owned(),
            (_, "Set") => "a set type names the type of its elements, as in `Set<String>`".to_owned(),
            (Some(similar), _) => format!("did you mean `{similar}`?"),
            (None, _) => expected.advice().to_owned(),
        },
    )
}

#[cold]
pub(crate) fn not_an_entity_type(name: &TypeName, declaration: Option<Span>) -> Diagnostic {
    let message = format!("`{}` is a common type; expected an entity type", name.name);
    at_declaration(
        Diagnostic::new(NOT_AN_ENTITY_TYPE, name.span, message),
        declaration,
        "declared as a common type here",
    )
    .with_help("name an entity type itself; a common type cannot stand for one here")
}

#[cold]
pub(crate) fn not_a_common_type(name: &TypeName, declaration: Option<Span>) -> Diagnostic {
    let message = format!("`{}` is an entity type; expected a common type", name.name);
    at_declaration(
        Diagnostic::new(NOT_A_COMMON_TYPE, name.span, message),
        declaration,
        "declared as an entity type here",
    )
}

#[cold]
pub(crate) fn action_as_entity_type(name: &TypeName) -> Diagnostic {
    let message = format!("`{}` is the type of actions; expected another entity type", name.name);
    Diagnostic::new(ACTION_AS_ENTITY_TYPE, name.span, message)
        .with_help("an action can be the type of an attribute, but no principal, resource or parent of an entity")
}

#[cold]
pub(crate) fn undeclared_action(written: &str, span: Span, similar: Option<String>) -> Diagnostic {
    Diagnostic::new(UNDECLARED_ACTION, span, format!("the action `{written}` is not declared"))
        .with_label("not declared")
        .with_optional_help(similar.map(|similar| format!("did you mean `{similar}`?")))
}

/// A name that two schemas declare; `noun` says what it is.
#[cold]
pub(crate) fn declared_twice(noun: &str, name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(DECLARED_TWICE, span, format!("the {noun} `{name}` is declared in another schema already"))
        .with_label("the second declaration")
        .with_place(first, "the first declaration")
}

#[cold]
pub(crate) fn type_shadowing(name: &str, span: Span, outer: &str, shadowed: Span) -> Diagnostic {
    Diagnostic::new(
        TYPE_SHADOWING,
        span,
        format!("`{name}` shadows `{outer}`, which is declared outside all namespaces"),
    )
    .with_place(shadowed, format!("`{outer}` is declared here"))
    .with_help("give one of them another name, or move the outer one into a namespace (Cedar RFC 70)")
}

#[cold]
pub(crate) fn action_shadowing(action: &str, span: Span, outer: &str, shadowed: Span) -> Diagnostic {
    let message = format!("`{action}` shadows `{outer}`, which is declared outside all namespaces");
    Diagnostic::new(ACTION_SHADOWING, span, message)
        .with_place(shadowed, format!("`{outer}` is declared here"))
        .with_help("give one of them another id, or move the outer one into a namespace (Cedar RFC 70)")
}

/// A name on a cycle, with the place of its declaration.
pub(crate) type OnCycle = (String, Span);

#[cold]
pub(crate) fn cyclic_common_types(cycle: &[OnCycle], span: Span) -> Diagnostic {
    let help = "a type must be finite; refer to an entity type to make a recursive structure";
    through(Diagnostic::new(CYCLIC_COMMON_TYPES, span, cycle_message("the common type", "contains", cycle)), cycle)
        .with_help(help)
}

#[cold]
pub(crate) fn cyclic_action_groups(cycle: &[OnCycle], span: Span) -> Diagnostic {
    through(Diagnostic::new(CYCLIC_ACTION_GROUPS, span, cycle_message("the action", "is a member of", cycle)), cycle)
}

/// How many names of a cycle a message shows: enough to follow it, however long it is.
const SHOWN_OF_CYCLE: usize = 10;

fn cycle_message(noun: &str, verb: &str, cycle: &[OnCycle]) -> String {
    let mut names = cycle.iter().map(|(name, _)| format!("`{name}`"));
    let first = names.next().unwrap_or_default();
    let mut others: Vec<String> = names.by_ref().take(SHOWN_OF_CYCLE).collect();
    match names.count() {
        0 if others.is_empty() => return format!("{noun} {first} {verb} itself"),
        0 => {}
        more => others.push(format!("and {more} more")),
    }
    format!("{noun} {first} {verb} itself through {}", others.join(", "))
}

/// Points at the other declarations on a cycle.
fn through(diagnostic: Diagnostic, cycle: &[OnCycle]) -> Diagnostic {
    let others = cycle.iter().skip(1).take(SHOWN_OF_CYCLE);
    others.fold(diagnostic, |diagnostic, (name, span)| diagnostic.with_place(*span, format!("through `{name}`")))
}

#[cold]
pub(crate) fn context_not_a_record(action: &str, span: Span) -> Diagnostic {
    Diagnostic::new(NOT_A_RECORD, span, format!("the context of the action `{action}` is not a record"))
        .with_help("a context is a record type, or a common type that stands for one")
}

#[cold]
pub(crate) fn shape_not_a_record(entity_type: &str, span: Span) -> Diagnostic {
    Diagnostic::new(NOT_A_RECORD, span, format!("the shape of the entity type `{entity_type}` is not a record"))
        .with_help("a shape is a record type, or a common type that stands for one")
}

#[cold]
pub(crate) fn unknown_extension_type(name: &str, span: Span) -> Diagnostic {
    let known: Vec<String> = ExtensionType::ALL.into_iter().map(|ty| format!("`{}`", ty.name())).collect();
    Diagnostic::new(UNKNOWN_EXTENSION_TYPE, span, format!("there is no extension type `{name}`"))
        .with_help(format!("the extension types are {}", known.join(", ")))
}

#[cold]
pub(crate) fn open_record(span: Span) -> Diagnostic {
    Diagnostic::new(OPEN_RECORD, span, "a record type with unknown attributes is not supported")
        .with_help("list all attributes and leave `additionalAttributes` out, or set it to `false`")
}

#[cold]
pub(crate) fn external_in_enum(name: &str, span: Span, ancestor: &str, declaration: Span) -> Diagnostic {
    let message =
        format!("the external entity type `{name}` has the enumerated entity type `{ancestor}` as an ancestor");
    Diagnostic::new(EXTERNAL_IN_ENUM, span, message).with_place(declaration, format!("`{ancestor}` is declared here"))
}

#[cold]
pub(crate) fn external_is_enum(name: &str, span: Span, definition: Span) -> Diagnostic {
    let message = format!("the external entity type `{name}` is defined as an enumerated entity type");
    Diagnostic::new(EXTERNAL_IS_ENUM, span, message)
        .with_place(definition, "defined here")
        .with_help("an external entity type stands for one with attributes; repeat nothing of an enumerated one")
}

#[cold]
pub(crate) fn external_adds_ancestor(name: &str, span: Span, ancestor: &str, definition: Span) -> Diagnostic {
    let message =
        format!("the external declaration of `{name}` puts it below `{ancestor}`, which its definition does not");
    Diagnostic::new(EXTERNAL_ADDS_ANCESTOR, span, message)
        .with_place(definition, "defined here")
        .with_help("the definition says what an entity type is a member of; name no more than that")
}

#[cold]
pub(crate) fn definition_gains_ancestor(name: &str, span: Span, ancestor: &str) -> Diagnostic {
    let message = format!("other schemas put the entity type `{name}` below `{ancestor}`, and this schema does not");
    Diagnostic::new(DEFINITION_GAINS_ANCESTOR, span, message)
        .with_help(format!("say in this schema which external entity type is a member of `{ancestor}`"))
}

#[cold]
pub(crate) fn external_action_groups(action: &str, span: Span, group: &str, first: Span) -> Diagnostic {
    let message = format!("the declarations of the action `{action}` disagree on whether it is below `{group}`");
    Diagnostic::new(EXTERNAL_ACTION_GROUPS, span, message)
        .with_place(first, "the other declaration")
        .with_help("every declaration of an action has the same groups, with all that is above them")
}

#[cold]
pub(crate) fn type_too_deep(limit: Limit, span: Span) -> Diagnostic {
    Diagnostic::new(TYPE_TOO_DEEP, span, format!("this type nests deeper than the limit {limit}"))
        .with_help("no value of the type could be read; refer to an entity type instead")
}

/// The name at which the limit is exceeded.
#[cold]
pub(crate) fn schema_too_large(limit: Limit, span: Span) -> Diagnostic {
    let message = format!("with this name, the schema becomes larger than the limit {limit}");
    Diagnostic::new(SCHEMA_TOO_LARGE, span, message)
        .with_label("exceeds the limit")
        .with_help("each entity type and action counts its parents, ancestors, principals, resources and attributes; shorten the chains of `in`, or split the lists of names that are declared together")
}

fn at_declaration(diagnostic: Diagnostic, declaration: Option<Span>, text: &str) -> Diagnostic {
    match declaration {
        Some(span) => diagnostic.with_place(span, text),
        None => diagnostic,
    }
}
