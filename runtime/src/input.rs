//! What is wrong with data that comes from outside: entities, requests and contexts.
//!
//! Data is written by machines and read by people only when it is refused, so an error says everything at once: a
//! stable code, what was found and what would be accepted, advice, and the place as a byte offset (64 bits: files of
//! entities may be large) and as a path of keys and positions.

use core::fmt;

use deodar_lexicon::json::{JsonError, JsonProblem, Value};

macro_rules! input_codes {
    ($(#[doc = $doc:literal] $name:ident $text:literal;)+) => {
        /// What kind of mistake it is. Names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum InputCode {
            $(#[doc = $doc] $name,)+
        }

        impl InputCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The kind of mistake, in a sentence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $doc,)+ }
            }
        }
    };
}

input_codes! {
    /// The text is not JSON.
    MalformedJson "input-malformed-json";
    /// Values nest too deep.
    TooDeep "input-too-deep";
    /// A key stands twice in an object.
    RepeatedKey "input-repeated-key";
    /// A part of the document has another form than expected.
    UnexpectedForm "input-unexpected-form";
    /// A member that must be there is missing.
    MissingMember "input-missing-member";
    /// The name of an entity is expected.
    NotAnEntity "input-not-an-entity";
    /// The text is not the name of an entity type.
    InvalidEntityType "input-invalid-entity-type";
    /// There is no null in Cedar.
    NullValue "input-null";
    /// Numbers are integers of 64 bits.
    NotAnInteger "input-not-an-integer";
    /// The `__expr` escape is gone.
    ExprEscape "input-expr-escape";
    /// There is no such extension function.
    UnknownFunction "input-unknown-function";
    /// The call of an extension function fails.
    InvalidExtensionValue "input-invalid-extension-value";
    /// An entity is given twice, differently.
    DuplicateEntity "input-duplicate-entity";
    /// An entity is its own ancestor.
    EntityCycle "input-entity-cycle";
    /// The hierarchy has more pairs of descendant and ancestor than the limit.
    HierarchyTooLarge "input-hierarchy-too-large";
    /// An action has a parent that is no action.
    NonActionParent "input-non-action-parent";
    /// The schema does not declare the entity type.
    UndeclaredEntityType "input-undeclared-entity-type";
    /// The schema only says that the entity type exists.
    ExternalEntityType "input-external-entity-type";
    /// The schema does not declare the action.
    UndeclaredAction "input-undeclared-action";
    /// The schema only says that the action exists.
    ExternalAction "input-external-action";
    /// An action differs from its declaration in the schema.
    ActionMismatch "input-action-mismatch";
    /// The schema does not declare the attribute.
    UnexpectedAttribute "input-unexpected-attribute";
    /// A required attribute is missing.
    MissingAttribute "input-missing-attribute";
    /// A value has another type than the schema says.
    TypeMismatch "input-type-mismatch";
    /// The entity type has no tags.
    UnexpectedTag "input-unexpected-tag";
    /// The schema does not allow an ancestor of that type.
    InvalidAncestorType "input-invalid-ancestor-type";
    /// The id is not one that the enumerated entity type lists.
    InvalidEnumId "input-invalid-enum-id";
    /// The context is not a record.
    ContextNotARecord "input-context-not-a-record";
    /// The action does not apply to principals of that type.
    InvalidPrincipalType "input-invalid-principal-type";
    /// The action does not apply to resources of that type.
    InvalidResourceType "input-invalid-resource-type";
    /// A record with a reserved key cannot be written as JSON.
    ReservedKey "input-reserved-key";
}

/// Why data is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError(Box<Facts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Facts {
    code: InputCode,
    message: String,
    help: Option<String>,
    offset: Option<u64>,
    path: Option<String>,
}

impl InputError {
    #[cold]
    pub(crate) fn new(code: InputCode, message: impl Into<String>) -> Self {
        Self(Box::new(Facts { code, message: message.into(), help: None, offset: None, path: None }))
    }

    /// An error of the JSON reader.
    #[cold]
    pub(crate) fn json(error: &JsonError) -> Self {
        let code = match error.problem {
            JsonProblem::TooDeep => InputCode::TooDeep,
            JsonProblem::Expected(_)
            | JsonProblem::UnexpectedEnd
            | JsonProblem::ControlCharacter
            | JsonProblem::BadEscape
            | JsonProblem::LoneSurrogate
            | JsonProblem::BadNumber
            | JsonProblem::TrailingText => InputCode::MalformedJson,
        };
        let mut this = Self::new(code, error.problem.to_string());
        this.0.offset = u64::try_from(error.offset).ok();
        this
    }

    #[must_use]
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    #[must_use]
    pub(crate) fn with_suggestion(self, suggestion: Option<&str>) -> Self {
        match suggestion {
            Some(name) => self.with_help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Says what the message is about, before it.
    #[must_use]
    pub(crate) fn about(mut self, subject: impl fmt::Display) -> Self {
        self.0.message = format!("{subject}: {}", self.0.message);
        self
    }

    /// Adds the place, unless a closer one is known.
    #[must_use]
    pub(crate) fn at(mut self, place: Place<'_>) -> Self {
        if self.0.offset.is_none() {
            self.0.offset = u64::try_from(place.value.span().start).ok();
            self.0.path = Some(place.path());
        }
        self
    }

    /// Adds the place of an element of a streamed array.
    #[must_use]
    pub(crate) fn at_element(mut self, element: Option<Element>) -> Self {
        if let (Some(element), None) = (element, self.0.offset) {
            self.0.offset = Some(element.offset);
            self.0.path = Some(format!("[{}]", element.index));
        }
        self
    }

    /// The kind of mistake.
    pub fn code(&self) -> InputCode {
        self.0.code
    }

    /// What was found and what would be accepted.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Advice.
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Bytes before the place in the text.
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    /// The place as keys and positions from the root, as in `[3].attrs.name`; empty at the root.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }
}

/// The message, the place, then the help on a line of its own.
impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match (&self.0.offset, self.path().filter(|path| !path.is_empty())) {
            (Some(offset), Some(path)) => write!(f, " (at `{path}`, byte {offset})")?,
            (Some(offset), None) => write!(f, " (at byte {offset})")?,
            (None, _) => {}
        }
        if let Some(help) = &self.0.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl core::error::Error for InputError {}

/// Where an element of a streamed array stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element {
    pub(crate) offset: u64,
    pub(crate) index: usize,
}

/// A value of a document, and which element of a streamed array the document is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'d> {
    pub(crate) value: Value<'d>,
    pub(crate) element: Option<usize>,
}

impl Place<'_> {
    fn path(&self) -> String {
        let inner = self.value.path();
        self.element.map_or_else(|| inner.clone(), |index| format!("[{index}]{inner}"))
    }
}

/// The candidate that is spelled most like the name, if one is close.
pub(crate) fn closest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    // Of two short words each is close to the other, which says nothing.
    let limit = (name.chars().count() / 3).min(3);
    candidates
        .map(|candidate| (strsim::osa_distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_names_are_unique_and_in_kebab_case() {
        for (index, code) in InputCode::ALL.iter().enumerate() {
            assert!(code.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code:?}");
            assert!(InputCode::ALL.iter().skip(index + 1).all(|other| other.name() != code.name()), "{code:?}");
        }
    }

    #[test]
    fn only_close_names_are_suggested() {
        let names = || ["department", "dept", "level"].into_iter();
        assert_eq!(closest("departmnet", names()), Some("department"));
        assert_eq!(closest("lvel", names()), Some("level"));
        assert_eq!(closest("zzz", names()), None);
        assert_eq!(closest("m", ["n"].into_iter()), None);
    }
}
