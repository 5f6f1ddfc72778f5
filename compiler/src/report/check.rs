//! Diagnostics of the type checker: policies that do not fit their schema.
//!
//! Types are named in the words of the schema. Each report marks the smallest place that shows the mistake and the
//! declaration that it conflicts with, and says in which kinds of requests it occurs unless it occurs in all of them.

mod advice;
mod agreement;
mod describe;
mod impossible;
mod types;

use std::collections::BTreeSet;

use deodar_grammar::{
    Diagnostic, Span,
    ast::{EntityRef, Policy, Scope, TypeName},
    closest, codes,
};
use deodar_lexicon::{escape::escape, name};
use deodar_runtime::EntityTypeName;
use smol_str::SmolStr;

pub(crate) use self::{
    describe::{Describe, Where},
    impossible::reason,
    types::problem,
};
use crate::Schema;

codes! {
    /// An entity type that no schema declares.
    pub(crate) UNKNOWN_ENTITY_TYPE = Error "unknown-entity-type", "a policy names an entity type that is not declared";
    /// An action that no schema declares.
    pub(crate) UNKNOWN_ACTION = Error "unknown-action", "a policy names an action that is not declared";
    /// An id that an enumerated entity type does not have.
    pub(crate) INVALID_ENUM_ENTITY = Error "invalid-enum-entity", "a policy names an entity that its enumerated type does not have";
    /// An operand of a type that its operator does not take.
    pub(crate) UNEXPECTED_TYPE = Error "unexpected-type", "an expression has a type that cannot stand in its place";
    /// Types that meet and do not agree.
    pub(crate) INCOMPATIBLE_TYPES = Error "incompatible-types", "two expressions must have types that agree and have not";
    /// An attribute that is not declared.
    pub(crate) UNKNOWN_ATTRIBUTE = Error "unknown-attribute", "a policy reads an attribute that is not declared";
    /// An optional attribute that is read without asking.
    pub(crate) OPTIONAL_ATTRIBUTE = Error "optional-attribute", "an optional attribute is read where it may be missing";
    /// A tag that is read without asking.
    pub(crate) UNCHECKED_TAG = Error "unchecked-tag", "a tag is read where it may be missing";
    /// A tag of an entity type without tags.
    pub(crate) NO_TAGS = Error "no-tags", "a tag is read of an entity type without tags";
    /// An extension function with too many or too few arguments.
    pub(crate) WRONG_NUMBER_OF_ARGUMENTS = Error "wrong-number-of-arguments", "an extension function is called with a wrong number of arguments";
    /// A text that a constructor does not take.
    pub(crate) INVALID_EXTENSION_ARGUMENT = Error "invalid-extension-argument", "a constructor is called with a text that it does not take";
    /// A constructor whose argument is computed.
    pub(crate) NON_LITERAL_ARGUMENT = Error "non-literal-argument", "a constructor is called with something that is no literal";
    /// `[]`
    pub(crate) EMPTY_SET = Error "empty-set", "a set without elements, whose type is unknown";
    /// Entities further away than the level allows.
    pub(crate) LEVEL_EXCEEDED = Error "level-exceeded", "a policy follows entities further than the level allows";
    /// Something is read of an entity literal although levels are limited.
    pub(crate) LITERAL_DEREFERENCED = Error "literal-dereferenced", "a policy reads of an entity literal, which no level allows";
    /// A schema with declarations that no schema defines.
    pub(crate) INCOMPLETE_SCHEMA = Error "incomplete-schema", "policies cannot be checked against a schema that is incomplete";
    /// A policy that cannot apply.
    pub(crate) IMPOSSIBLE_POLICY = Warning "impossible-policy", "a policy applies to no request that the schema allows";
    /// A scope that no action fits.
    pub(crate) INAPPLICABLE_ACTION = Warning "inapplicable-action", "no action of the scope applies to the principals and resources of the scope";
    /// A string in several scripts.
    pub(crate) MIXED_SCRIPT_STRING = Warning "mixed-script-string", "a string mixes scripts";
    /// A string with characters that turn the direction of writing.
    pub(crate) BIDI_CHARACTERS_IN_STRING = Warning "bidi-characters-in-string", "a string has characters that change the direction of writing";
    /// A name with characters that turn the direction of writing.
    pub(crate) BIDI_CHARACTERS_IN_IDENTIFIER = Warning "bidi-characters-in-identifier", "a name has characters that change the direction of writing";
    /// A name in several scripts.
    pub(crate) MIXED_SCRIPT_IDENTIFIER = Warning "mixed-script-identifier", "a name mixes scripts";
    /// A name with a character that Unicode does not allow in identifiers.
    pub(crate) CONFUSABLE_IDENTIFIER = Warning "confusable-identifier", "a name has a character that may be taken for another";
}

/// How many names a list shows.
const LISTED: usize = 6;

#[cold]
pub(crate) fn unknown_entity_type(schema: &Schema, ty: &TypeName) -> Diagnostic {
    let declared = schema.shapes().entity_types.keys().map(EntityTypeName::as_str);
    let same_name = declared.clone().find(|other| name::basename(other) == name::basename(&ty.name));
    let help = match (same_name, closest(&ty.name, declared.clone())) {
        (Some(full), _) => Some(format!("write the name in full: `{full}`")),
        (None, Some(similar)) => Some(format!("did you mean `{similar}`?")),
        (None, None) => list(declared).map(|names| format!("the declared entity types are {names}")),
    };
    Diagnostic::new(
        UNKNOWN_ENTITY_TYPE,
        ty.span,
        format!("the entity type `{}` is not declared in the schema", ty.name),
    )
    .with_label("not declared")
    .with_optional_help(help)
}

#[cold]
pub(crate) fn unknown_action(schema: &Schema, action: &EntityRef) -> Diagnostic {
    let written = display(action);
    let declared: Vec<(String, &str)> =
        schema.shapes().actions.keys().map(|action| (action.to_string(), action.id())).collect();
    let same_id = declared.iter().find(|(_, id)| *id == action.id.value).map(|(full, _)| full.as_str());
    let similar = || closest(&written, declared.iter().map(|(full, _)| full.as_str()));
    let help = match same_id.or_else(similar) {
        Some(similar) => Some(format!("did you mean `{similar}`?")),
        None => list(declared.iter().map(|(full, _)| full.as_str()))
            .map(|names| format!("the declared actions are {names}")),
    };
    Diagnostic::new(UNKNOWN_ACTION, action.span, format!("the action `{written}` is not declared in the schema"))
        .with_label("not declared")
        .with_optional_help(help)
}

#[cold]
pub(crate) fn invalid_enum_entity(schema: &Schema, entity: &EntityRef, ids: &BTreeSet<SmolStr>) -> Diagnostic {
    let ty = &entity.ty.name;
    let help = match closest(&entity.id.value, ids.iter().map(SmolStr::as_str)) {
        Some(similar) => Some(format!("did you mean `{ty}::\"{}\"`?", escape(similar))),
        None => list(ids.iter().map(SmolStr::as_str)).map(|ids| format!("the ids of `{ty}` are {ids}")),
    };
    let message = format!("`{}` is not one of the entities of the enumerated type `{ty}`", display(entity));
    let diagnostic = Diagnostic::new(INVALID_ENUM_ENTITY, entity.id.span, message).with_optional_help(help);
    at_declaration(diagnostic, schema, ty)
}

/// Points at the declaration of the entity type.
fn at_declaration(diagnostic: Diagnostic, schema: &Schema, ty: &str) -> Diagnostic {
    let declarations = schema.shapes().entity_types.keys().find(|name| name.as_str() == ty);
    match declarations.and_then(|name| schema.entity_type(name)) {
        Some(declaration) => diagnostic.with_place(declaration.name, format!("`{ty}` is declared here")),
        None => diagnostic,
    }
}

#[cold]
pub(crate) fn level_exceeded(needed: u32, allowed: u32, span: Span) -> Diagnostic {
    let message = format!("this needs entities {} from the request, and the level allows {allowed}", steps(needed));
    Diagnostic::new(LEVEL_EXCEEDED, span, message).with_label(format!("level {needed}")).with_help(format!(
        "pass what is needed in the context or as an attribute of the principal or resource, or raise the level to \
         {needed}"
    ))
}

fn steps(n: u32) -> String {
    if n == 1 { "1 step".to_owned() } else { format!("{n} steps") }
}

#[cold]
pub(crate) fn literal_dereferenced(span: Span) -> Diagnostic {
    Diagnostic::new(LITERAL_DEREFERENCED, span, "nothing can be read of an entity literal where levels are limited")
        .with_label("this entity may be any number of steps from the request")
        .with_help("reach the entity from the principal, the resource or the context, by an attribute")
}

#[cold]
pub(crate) fn incomplete_schema(schema: &Schema, policy: &Policy) -> Diagnostic {
    let entity_types = schema.external_entity_types().map(|name| (name.to_string(), schema.entity_type(name)));
    let actions = schema.external_actions().map(|action| (action.to_string(), schema.action(action)));
    let missing: Vec<_> = entity_types.chain(actions).collect();
    let names = list(missing.iter().map(|(name, _)| name.as_str())).unwrap_or_default();
    let message =
        format!("the schema is incomplete: {names} {} defined nowhere", if missing.len() == 1 { "is" } else { "are" });
    let diagnostic = Diagnostic::new(INCOMPLETE_SCHEMA, policy.effect.span, message)
        .with_label("policies cannot be checked")
        .with_help("add the schema that defines what is declared `external` (Cedar RFC 116)");
    match missing.first() {
        Some((_, Some(declaration))) => diagnostic.with_place(declaration.name, "declared `external` here"),
        Some((_, None)) | None => diagnostic,
    }
}

/// A part of a condition whose value is always the same.
#[derive(Debug, Clone)]
pub(crate) struct Decided {
    pub(crate) span: Span,
    pub(crate) value: bool,
    /// What makes it so.
    pub(crate) reason: Option<String>,
}

#[cold]
pub(crate) fn impossible_policy(policy: &Policy, part: Option<Decided>) -> Diagnostic {
    let effect = policy.effect.value.keyword();
    let message = format!("this {effect} applies to no request that the schema allows");
    let Some(Decided { span, value, reason }) = part else {
        return Diagnostic::new(IMPOSSIBLE_POLICY, policy.effect.span, message)
            .with_label("this policy never applies")
            .with_help("compare the scope and the conditions with what the schema says of the action");
    };
    let label = match &reason {
        Some(reason) => format!("always {value}: {reason}"),
        None => format!("this is always {value}"),
    };
    let help = reason
        .map_or("compare the types of both sides with the schema", |_| "correct the condition, or remove the policy");
    Diagnostic::new(IMPOSSIBLE_POLICY, span, message)
        .with_label(label)
        .with_place(policy.effect.span, "so this policy never applies")
        .with_help(help)
}

#[cold]
pub(crate) fn inapplicable_action(describe: &Describe<'_>, scope: &Scope) -> Diagnostic {
    let span = scope.action.span;
    let message = "no action of this scope applies to its principals and resources";
    let diagnostic =
        Diagnostic::new(INAPPLICABLE_ACTION, span, message).with_label("does not fit the rest of the scope");
    let diagnostic = diagnostic.with_optional_help(describe.would_fit(scope));
    match describe.applies_to(scope) {
        Some((declaration, text)) => diagnostic.with_place(declaration, text),
        None if diagnostic.help().is_some() => diagnostic,
        None => diagnostic.with_help("see in the schema which principals and resources the action applies to"),
    }
}

#[cold]
pub(crate) fn inapplicable_link(span: Span) -> Diagnostic {
    Diagnostic::new(
        INAPPLICABLE_ACTION,
        span,
        "with these entities no action of the template applies to its principals and resources",
    )
    .with_help("see in the schema which principals and resources the action applies to")
}

#[cold]
pub(crate) fn mixed_script_string(text: &str, span: Span) -> Diagnostic {
    Diagnostic::new(MIXED_SCRIPT_STRING, span, format!("the string `{}` mixes scripts", text.escape_debug()))
        .with_label("letters that look alike may be different characters")
        .with_help("write it in one script, or with `\\u{…}` escapes where the mixture is meant")
}

#[cold]
pub(crate) fn bidi_characters_in_string(span: Span) -> Diagnostic {
    Diagnostic::new(BIDI_CHARACTERS_IN_STRING, span, "this string has characters that change the direction of writing")
        .with_label("what is shown may differ from what is compared")
        .with_help("remove them; they have the codes U+202A to U+202E and U+2066 to U+2069")
}

#[cold]
pub(crate) fn bidi_characters_in_identifier(span: Span) -> Diagnostic {
    let message = "this name has characters that change the direction of writing";
    Diagnostic::new(BIDI_CHARACTERS_IN_IDENTIFIER, span, message)
        .with_label("what is shown may differ from what is compared")
        .with_help("remove them; they have the codes U+202A to U+202E and U+2066 to U+2069")
}

#[cold]
pub(crate) fn mixed_script_identifier(text: &str, span: Span) -> Diagnostic {
    Diagnostic::new(MIXED_SCRIPT_IDENTIFIER, span, format!("the name `{}` mixes scripts", text.escape_debug()))
        .with_label("letters that look alike may be different characters")
        .with_help("write it in one script")
}

#[cold]
pub(crate) fn confusable_identifier(text: &str, c: char, span: Span) -> Diagnostic {
    let message = format!("the name `{}` has the character U+{:04X}", text.escape_debug(), u32::from(c));
    Diagnostic::new(CONFUSABLE_IDENTIFIER, span, message)
        .with_label("this character is not meant for names and may be taken for another")
        .with_help("leave it out, or use a character that Unicode allows in identifiers")
}

/// An entity as it is written.
fn display(entity: &EntityRef) -> String {
    format!("{}::\"{}\"", entity.ty.name, escape(&entity.id.value))
}

/// Names in backticks, the first few of many.
fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let shown = names.get(..LISTED).unwrap_or(&names).join(", ");
    match names.len() {
        0 => None,
        n if n > LISTED => Some(format!("{shown} and {} more", n - LISTED)),
        _ => Some(shown),
    }
}
