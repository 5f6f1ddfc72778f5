//! What is wrong with policies in the JSON form.
//!
//! Every diagnostic names the place twice: as a span, and as the path from the root of the document, which people see
//! when a program wrote the document.

use deodar_lexicon::{json::JsonError, limits::Limit};

use super::alternatives;
use crate::{ast::Slot, diagnostic::Diagnostic, source::Span, suggest};

crate::codes! {
    /// The text is not JSON.
    pub(crate) SYNTAX = Error "json-syntax", "a text that is not JSON";
    /// A value of another kind than the format has at this place.
    pub(crate) WRONG_KIND = Error "json-wrong-kind", "a JSON value of the wrong kind";
    /// A key that the object does not have.
    pub(crate) UNKNOWN_KEY = Error "json-unknown-key", "a key that the object does not have";
    /// A key that is missing.
    pub(crate) MISSING_KEY = Error "json-missing-key", "a key that is missing";
    /// A key that stands twice in one object.
    pub(crate) REPEATED_KEY = Error "json-repeated-key", "a key that stands twice";
    /// A string that is none of the words of its place.
    pub(crate) UNKNOWN_WORD = Error "json-unknown-word", "a word that has no meaning at its place";
    /// An expression with an operator or function that does not exist.
    pub(crate) UNKNOWN_OPERATOR = Error "json-unknown-operator", "an operator or function that does not exist";
    /// An expression without an operator, or with several.
    pub(crate) OPERATOR_COUNT = Error "json-operator-count", "an expression that has not exactly one operator";
    /// A string that is no name of an entity type.
    pub(crate) BAD_TYPE_NAME = Error "json-bad-type-name", "a string that is not the name of an entity type";
    /// A key that is no annotation.
    pub(crate) BAD_ANNOTATION = Error "json-bad-annotation", "a key that cannot be an annotation";
    /// A value in the place of an entity.
    pub(crate) NOT_AN_ENTITY = Error "json-not-an-entity", "something in the place of an entity";
    /// An entity that is no action in the scope of actions.
    pub(crate) NOT_AN_ACTION = Error "json-not-an-action", "an entity that is no action in the place of one";
    /// A number that is no 64-bit integer.
    pub(crate) BAD_NUMBER = Error "json-bad-number", "a number that is not a 64-bit integer";
    /// `null` as a value.
    pub(crate) NULL = Error "json-null", "a null value";
    /// The `__expr` escape of old versions.
    pub(crate) EXPRESSION_ESCAPE = Error "json-expression-escape", "an `__expr` escape";
    /// An attribute path without attributes.
    pub(crate) EMPTY_PATH = Error "json-empty-path", "an attribute test without attributes";
    /// A slot where there can be none, or the other one.
    pub(crate) MISPLACED_SLOT = Error "json-misplaced-slot", "a slot at the wrong place";
    /// A document that is neither a policy nor a policy set.
    pub(crate) UNCLEAR_DOCUMENT = Error "json-unclear-document", "a document that is neither a policy nor a policy set";
    /// A static policy with a slot, or a template without one.
    pub(crate) TEMPLATE = Error "json-template", "a template in the place of a static policy, or the reverse";
    /// An id that two policies have.
    pub(crate) REPEATED_ID = Error "json-repeated-id", "an id that two policies have";
    /// A link of a template that does not exist.
    pub(crate) UNKNOWN_TEMPLATE = Error "json-unknown-template", "a link of a template that does not exist";
    /// A link that does not fill the slots of its template.
    pub(crate) LINK_SLOTS = Error "json-link-slots", "a link that does not fill exactly the slots of its template";
    /// Expressions nest beyond the limit.
    pub(crate) LIMIT = Error "json-limit-exceeded", "a document beyond a limit";
}

/// Where something stands in a document.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The bytes.
    pub(crate) span: Span,
    /// The path from the root.
    pub(crate) path: String,
}

impl Place {
    pub(super) fn label(&self) -> String {
        if self.path.is_empty() { "the document".to_owned() } else { format!("at `{}`", self.path) }
    }
}

#[cold]
fn at(place: &Place, code: crate::Code, message: String) -> Diagnostic {
    Diagnostic::new(code, place.span, message).with_label(place.label())
}

fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    suggest::closest(word, known).map(|word| format!("did you mean `{word}`?"))
}

/// The text is not JSON.
#[cold]
pub(crate) fn syntax(span: Span, error: &JsonError) -> Diagnostic {
    Diagnostic::new(SYNTAX, span, error.problem.to_string()).with_label("the JSON text is wrong here")
}

/// A text beyond the limit of bytes.
#[cold]
pub(crate) fn too_long(span: Span) -> Diagnostic {
    limit(span, deodar_lexicon::limits::SOURCE_BYTES)
}

/// Expressions beyond the limit of nesting.
#[cold]
pub(crate) fn too_deep(span: Span, exceeded: Limit) -> Diagnostic {
    limit(span, exceeded)
}

fn limit(span: Span, limit: Limit) -> Diagnostic {
    Diagnostic::new(LIMIT, span, format!("this exceeds the limit {limit}"))
}

/// A value of another kind than expected.
#[cold]
pub(crate) fn wrong_kind(place: &Place, found: &str, expected: &str) -> Diagnostic {
    at(place, WRONG_KIND, format!("found {found}, expected {expected}"))
}

/// A key that the object does not have.
#[cold]
pub(crate) fn unknown_key(place: &Place, key: &str, what: &str, known: &[&str]) -> Diagnostic {
    let expected = alternatives(known.iter().copied());
    at(place, UNKNOWN_KEY, format!("`{key}` is not a key of {what}, expected {expected}"))
        .with_optional_help(did_you_mean(key, known.iter().copied()))
}

/// A key that is missing.
#[cold]
pub(crate) fn missing_key(place: &Place, key: &str, what: &str) -> Diagnostic {
    at(place, MISSING_KEY, format!("{what} needs the key `{key}`, which is missing"))
}

/// None of two keys, of which one must be there.
#[cold]
pub(crate) fn missing_either<'a>(
    place: &Place,
    keys: [&str; 2],
    mut found: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let meant = found.find_map(|word| suggest::closest(word, keys).map(|key| (word, key)));
    at(place, MISSING_KEY, format!("found neither the key `{}` nor `{}`, expected one of them", keys[0], keys[1]))
        .with_optional_help(meant.map(|(word, key)| format!("did you mean `{key}` where you wrote `{word}`?")))
}

/// A key that stands twice.
#[cold]
pub(crate) fn repeated_key(place: &Place, key: &str) -> Diagnostic {
    at(place, REPEATED_KEY, format!("the key `{key}` stands twice in this object"))
}

/// A word that is none of those of its place.
#[cold]
pub(crate) fn unknown_word<'a>(
    place: &Place,
    word: &str,
    expected: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let message = format!("`{word}` is not {expected}, expected {}", alternatives(known.clone()));
    at(place, UNKNOWN_WORD, message).with_optional_help(did_you_mean(word, known))
}

/// An operator that does not exist.
#[cold]
pub(crate) fn unknown_operator<'a>(place: &Place, word: &str, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let message = format!("`{word}` is not an operator or function, expected the key of an expression");
    at(place, UNKNOWN_OPERATOR, message).with_optional_help(did_you_mean(word, known))
}

/// An extension function that does not exist.
#[cold]
pub(crate) fn unknown_function<'a>(place: &Place, word: &str, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    at(place, UNKNOWN_OPERATOR, format!("`{word}` is not an extension function"))
        .with_optional_help(did_you_mean(word, known))
}

/// `{}` as an expression.
#[cold]
pub(crate) fn empty_expression(place: &Place) -> Diagnostic {
    at(place, OPERATOR_COUNT, "this object is empty, expected an expression, an object with one key".to_owned())
}

/// An expression with a second key.
#[cold]
pub(crate) fn second_operator(place: &Place, key: &str) -> Diagnostic {
    at(place, OPERATOR_COUNT, format!("`{key}` is the second key of this expression, expected one"))
        .with_help("an expression is an object whose one key is its operator")
}

/// A string that is no name of an entity type.
#[cold]
pub(crate) fn bad_type_name(place: &Place, text: &str) -> Diagnostic {
    at(place, BAD_TYPE_NAME, format!("`{text}` is not the name of an entity type, expected identifiers joined by `::`"))
}

/// A key that is no annotation.
#[cold]
pub(crate) fn bad_annotation(place: &Place, text: &str) -> Diagnostic {
    at(place, BAD_ANNOTATION, format!("`{text}` cannot be an annotation, expected letters, digits and `_`"))
}

/// Something else in the place of an entity.
#[cold]
pub(crate) fn not_an_entity(place: &Place, found: &str) -> Diagnostic {
    at(place, NOT_AN_ENTITY, format!("found {found} that is not an entity, expected an object with `type` and `id`"))
        .with_help("write an entity as `{\"type\": \"User\", \"id\": \"alice\"}`")
}

/// An entity that is no action.
#[cold]
pub(crate) fn not_an_action(place: &Place, ty: &str) -> Diagnostic {
    at(place, NOT_AN_ACTION, format!("`{ty}` is not a type of actions, expected `Action`, possibly in a namespace"))
}

/// A number that is no 64-bit integer.
#[cold]
pub(crate) fn bad_number(place: &Place, text: &str) -> Diagnostic {
    let help = text.contains('.').then(|| {
        let literal = format!("{{\"decimal\": [{{\"Value\": \"{text}\"}}]}}");
        format!("for a fraction, use the `decimal` extension: `{literal}`")
    });
    at(place, BAD_NUMBER, format!("`{text}` is not a 64-bit integer")).with_optional_help(help)
}

/// `null` as a value.
#[cold]
pub(crate) fn null_value(place: &Place) -> Diagnostic {
    at(
        place,
        NULL,
        "null is not a value of Cedar, expected a boolean, an integer, a string, an array or an object".into(),
    )
}

/// `{"__expr": "…"}`
#[cold]
pub(crate) fn expression_escape(place: &Place) -> Diagnostic {
    at(place, EXPRESSION_ESCAPE, "the `__expr` escape is not supported, expected `__entity` or `__extn`".to_owned())
}

/// `"attr": []`
#[cold]
pub(crate) fn empty_path(place: &Place) -> Diagnostic {
    at(place, EMPTY_PATH, "this array is empty, expected the names of attributes".to_owned())
}

/// A slot in a condition.
#[cold]
pub(crate) fn slot_in_condition(place: &Place, slot: Slot) -> Diagnostic {
    at(place, MISPLACED_SLOT, format!("`{}` stands in a condition, expected slots in the scope only", slot.name()))
}

/// The slot of the other variable.
#[cold]
pub(crate) fn wrong_slot(place: &Place, found: Slot, expected: Slot) -> Diagnostic {
    at(place, MISPLACED_SLOT, format!("found the slot `{}`, expected `{}`", found.name(), expected.name()))
}

/// A slot in the place of an action.
#[cold]
pub(crate) fn action_slot(place: &Place) -> Diagnostic {
    at(place, MISPLACED_SLOT, "found a slot for the action, expected an entity".to_owned())
        .with_help("only the principal and the resource of a template may be slots")
}

/// A document with the keys of a policy and of a policy set, or of neither.
#[cold]
pub(crate) fn unclear_document(place: &Place, both: bool, policy: &[&str], set: &[&str]) -> Diagnostic {
    let found = if both { "has keys of both" } else { "has keys of neither" };
    let (policy, set) = (alternatives(policy.iter().copied()), alternatives(set.iter().copied()));
    at(place, UNCLEAR_DOCUMENT, format!("expected a policy or a policy set, but the document {found}"))
        .with_help(format!("a policy has the keys {policy}; a policy set has {set}"))
}

/// A static policy with a slot.
#[cold]
pub(crate) fn slot_in_static_policy(span: Span, slot: Slot, id: &str) -> Diagnostic {
    Diagnostic::new(TEMPLATE, span, format!("`{id}` has the slot `{}`, expected a static policy", slot.name()))
        .with_help("a policy with a slot is a template; it belongs into `templates`")
}

/// A template without a slot.
#[cold]
pub(crate) fn template_without_slot(place: &Place, id: &str) -> Diagnostic {
    at(place, TEMPLATE, format!("`{id}` has no slot, expected a template"))
        .with_help("a policy without a slot is static; it belongs into `staticPolicies`")
}

/// An id that is taken.
#[cold]
pub(crate) fn repeated_id(place: &Place, id: &str, first: Span) -> Diagnostic {
    at(place, REPEATED_ID, format!("the id `{id}` is taken, expected another one")).with_place(first, "taken here")
}

/// A link of a template that does not exist.
#[cold]
pub(crate) fn unknown_template<'a>(place: &Place, id: &str, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    // The templates are in no order; the suggestion is the same in every run.
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    at(place, UNKNOWN_TEMPLATE, format!("there is no template `{id}`")).with_optional_help(did_you_mean(id, known))
}

/// A slot without a value.
#[cold]
pub(crate) fn missing_slot(place: &Place, slot: Slot, template: &str) -> Diagnostic {
    at(place, LINK_SLOTS, format!("there is no value for the slot `{}` of the template `{template}`", slot.name()))
}

/// A value for a slot that the template does not have.
#[cold]
pub(crate) fn extra_slot(span: Span, slot: Slot, template: &str) -> Diagnostic {
    Diagnostic::new(LINK_SLOTS, span, format!("the template `{template}` has no slot `{}`", slot.name()))
}
