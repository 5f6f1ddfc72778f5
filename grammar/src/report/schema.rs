//! Diagnostics about schemas, in either syntax.

use super::json::Place;
use crate::{codes, diagnostic::Diagnostic, source::Span};

codes! {
    /// A declaration without its semicolon.
    pub(crate) MISSING_SEMICOLON = Error "declaration-without-semicolon", "a declaration does not end in a semicolon";
    /// A declaration that ends too early.
    pub(crate) UNFINISHED = Error "unfinished-declaration", "a declaration ends too early";
    /// A comma that ends a list which may not end so.
    pub(crate) TRAILING_COMMA = Error "schema-trailing-comma", "a list in a schema ends in a comma where it may not";
    /// A list that must have elements.
    pub(crate) EMPTY_LIST = Error "schema-empty-list", "a list in a schema is empty and may not be";
    /// A common type with the name of a form of types.
    pub(crate) TYPE_KEYWORD = Error "schema-type-keyword", "a common type has a name that JSON schemas use for types";
    /// An entity type with the name of the type of actions.
    pub(crate) ACTION_ENTITY_TYPE = Error "entity-type-named-action", "an entity type has the name of the type of actions";
    /// A namespace in a namespace.
    pub(crate) NESTED_NAMESPACE = Error "nested-namespace", "a namespace stands in another one";
    /// A namespace without its closing brace.
    pub(crate) UNCLOSED_NAMESPACE = Error "unclosed-namespace", "a namespace is not closed";
    /// A brace that closes nothing.
    pub(crate) UNMATCHED_BRACE = Error "schema-unmatched-brace", "a closing brace in a schema closes nothing";
    /// Two namespaces of one name in one file.
    pub(crate) DUPLICATE_NAMESPACE = Error "duplicate-namespace", "a namespace is declared twice in one file";
    /// A name that is declared twice.
    pub(crate) DUPLICATE_DECLARATION = Error "duplicate-declaration", "a namespace declares a name twice";
    /// A part of `appliesTo` that stands twice.
    pub(crate) DUPLICATE_PART = Error "duplicate-applies-to-part", "an `appliesTo` has a part twice";
    /// A part of `appliesTo` that is not there.
    pub(crate) MISSING_PART = Error "missing-applies-to-part", "an `appliesTo` lacks the principal or the resource";
    /// Attributes of an action.
    pub(crate) ACTION_ATTRIBUTES = Error "action-attributes", "an action has attributes, which Cedar does not support";
    /// A declaration that hides a builtin type.
    pub(crate) SHADOWED_BUILTIN = Warning "shadowed-builtin", "a declaration hides a builtin type";
    /// A common type that hides an entity type.
    pub(crate) SHADOWED_ENTITY_TYPE = Warning "shadowed-entity-type", "a common type hides an entity type";
    /// A key that does not go together with others of its object.
    pub(crate) MISPLACED_KEY = Error "schema-misplaced-key", "a key of a JSON schema that does not fit the others of its object";
    /// A text that is no name.
    pub(crate) JSON_NAME = Error "schema-json-name", "a text in a JSON schema is not a name";
    /// Annotations of the namespace without a name.
    pub(crate) JSON_ANNOTATIONS = Error "schema-json-annotations", "the namespace without a name has annotations";
    /// An entity type that the Cedar syntax cannot express.
    pub(crate) INEXPRESSIBLE_SHAPE = Error "inexpressible-shape",
        "the attributes of an entity type are not a record, as the Cedar syntax demands";
    /// A name that the Cedar syntax cannot tell apart.
    pub(crate) NAME_COLLISION = Error "schema-name-collision",
        "an entity type and a common type share a name, which the Cedar syntax cannot tell apart";
}

/// The attributes of an entity type are always written out.
pub(crate) const HELP_INLINE_RECORD: &str =
    "write the attributes as a record, as in `{ name: String }`; only the JSON syntax can refer to a common type here";
/// Braces without their keyword.
pub(crate) const HELP_APPLIES_TO: &str = "write `appliesTo` before the `{`";
/// A comma after the last name.
pub(crate) const HELP_LAST_COMMA: &str = "remove the comma before it";
/// A reserved word as a name.
pub(crate) const HELP_QUOTES: &str = "only attributes and actions can have such a name, between double quotes";
/// A semicolon alone.
pub(crate) const HELP_LONE_SEMICOLON: &str = "remove it; a namespace has no `;` after its `}`";

#[cold]
pub(crate) fn missing_semicolon(span: Span) -> Diagnostic {
    Diagnostic::new(MISSING_SEMICOLON, span, "this declaration does not end with `;`")
        .with_label("expected `;` after this")
}

#[cold]
pub(crate) fn unfinished_declaration(span: Span, expected: &str) -> Diagnostic {
    Diagnostic::new(UNFINISHED, span, format!("this declaration is not complete, expected {expected}"))
        .with_label("the declaration breaks off here")
}

#[cold]
pub(crate) fn trailing_comma(span: Span) -> Diagnostic {
    Diagnostic::new(TRAILING_COMMA, span, "this list cannot end in a comma")
        .with_help("remove the comma; in a schema only records and `appliesTo` may end in one")
}

#[cold]
pub(crate) fn empty_list(keyword: &str, span: Span) -> Diagnostic {
    Diagnostic::new(EMPTY_LIST, span, format!("the list of `{keyword}` is empty, and needs at least one element"))
}

#[cold]
pub(crate) fn type_keyword(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(TYPE_KEYWORD, span, format!("a common type cannot have the name `{name}`"))
        .with_help("`Bool`, `Boolean`, `Entity`, `Extension`, `Long`, `Record`, `Set` and `String` are taken")
}

#[cold]
pub(crate) fn action_entity_type(span: Span) -> Diagnostic {
    Diagnostic::new(ACTION_ENTITY_TYPE, span, "an entity type cannot have the name `Action`")
        .with_help("`Action` is the type of the actions of the namespace; declare them with `action`")
}

#[cold]
pub(crate) fn nested_namespace(span: Span) -> Diagnostic {
    Diagnostic::new(NESTED_NAMESPACE, span, "a namespace cannot stand in another one")
        .with_help("close the other one first, and write the whole name, as in `namespace Outer::Inner`")
}

#[cold]
pub(crate) fn unclosed_namespace(span: Span, end: Span) -> Diagnostic {
    Diagnostic::new(UNCLOSED_NAMESPACE, end, "expected `}`, found the end of the text")
        .with_place(span, "this namespace is not closed")
}

#[cold]
pub(crate) fn unmatched_brace(span: Span) -> Diagnostic {
    Diagnostic::new(UNMATCHED_BRACE, span, "this `}` closes nothing: no namespace is open here")
}

#[cold]
pub(crate) fn duplicate_namespace(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(DUPLICATE_NAMESPACE, span, format!("the namespace `{name}` is declared twice"))
        .with_label("the second time")
        .with_place(first, "the first time")
        .with_help("put all its declarations into one block")
}

#[cold]
pub(crate) fn duplicate_declaration(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(DUPLICATE_DECLARATION, span, format!("`{name}` is declared twice"))
        .with_label("the second time")
        .with_place(first, "the first time")
}

#[cold]
pub(crate) fn duplicate_part(keyword: &str, action: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(DUPLICATE_PART, span, format!("the `appliesTo` of the action `{action}` has `{keyword}` twice"))
        .with_label("the second time")
        .with_place(first, "the first time")
}

#[cold]
pub(crate) fn missing_part(keyword: &str, action: &str, span: Span) -> Diagnostic {
    Diagnostic::new(MISSING_PART, span, format!("the `appliesTo` of the action `{action}` lacks `{keyword}`"))
        .with_help(
            "an `appliesTo` names the types of both `principal` and `resource`; without it, the action is a group",
        )
}

#[cold]
pub(crate) fn action_attributes(span: Span) -> Diagnostic {
    Diagnostic::new(ACTION_ATTRIBUTES, span, "actions cannot have attributes")
        .with_help("remove them; pass what the decision needs in the context")
}

#[cold]
pub(crate) fn shadowed_builtin(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(SHADOWED_BUILTIN, span, format!("`{name}` hides the builtin type of that name"))
        .with_help(format!("the builtin type can still be written as `__cedar::{name}`"))
}

#[cold]
pub(crate) fn shadowed_entity_type(name: &str, common: Span, entity: Span) -> Diagnostic {
    Diagnostic::new(
        SHADOWED_ENTITY_TYPE,
        common,
        format!("the common type `{name}` hides the entity type of that name"),
    )
    .with_label("wherever both fit, the common type is meant")
    .with_place(entity, "the entity type")
}

#[cold]
pub(crate) fn misplaced_key(place: &Place, key: &str, owner: &str) -> Diagnostic {
    Diagnostic::new(MISPLACED_KEY, place.span, format!("{owner} cannot have the key `{key}`")).with_label(place.label())
}

#[cold]
pub(crate) fn json_name(place: &Place, text: &str, what: &str) -> Diagnostic {
    Diagnostic::new(JSON_NAME, place.span, format!("`{text}` is not {what}"))
        .with_label(place.label())
        .with_help("a name is made of ASCII letters, digits and `_`, and is not a reserved word")
}

#[cold]
pub(crate) fn json_annotations(place: &Place) -> Diagnostic {
    Diagnostic::new(JSON_ANNOTATIONS, place.span, "the namespace without a name cannot have annotations")
        .with_label(place.label())
}

#[cold]
pub(crate) fn inexpressible_shape(name: &str, span: Span) -> Diagnostic {
    let message = format!("the Cedar syntax cannot express the attributes of the entity type `{name}`");
    Diagnostic::new(INEXPRESSIBLE_SHAPE, span, message)
        .with_help("the attributes of an entity type must be a record there, not the name of a common type")
}

#[cold]
pub(crate) fn name_collision(name: &str, common: Span, entity: Span) -> Diagnostic {
    let message = format!("the Cedar syntax cannot tell the common type `{name}` from the entity type of that name");
    Diagnostic::new(NAME_COLLISION, common, message)
        .with_label("the common type")
        .with_place(entity, "the entity type")
        .with_help("rename one of them")
}

#[cold]
pub(crate) fn did_you_mean(candidate: &str) -> String {
    format!("did you mean `{candidate}`?")
}
