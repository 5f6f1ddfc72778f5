//! Requests: who wants to do what with which thing, in which context.

pub(crate) mod json;

use core::fmt;

use deodar_lexicon::json::Document;

use crate::{
    EntityUid, InputCode, InputError, Shapes, Value, ValueRef,
    decode::{Decoder, Duplicates, Expected},
    entities::conform,
    input::Place,
    pool::{EntityId, Layer, Word},
};

/// What a request says beside principal, action and resource.
///
/// Invariant: the value is a record.
#[derive(Clone, PartialEq, Eq)]
pub struct Context(Value);

impl Context {
    /// A context without members.
    pub fn empty() -> Self {
        Self(Value::empty_record())
    }

    /// A context with these members.
    ///
    /// # Errors
    /// [`InputCode::RepeatedKey`]: two members have the same name.
    pub fn from_pairs<K: AsRef<str>>(members: impl IntoIterator<Item = (K, Value)>) -> Result<Self, InputError> {
        Value::record(members).map(Self)
    }

    /// The value as a context, if it is a record.
    ///
    /// # Errors
    /// [`InputCode::ContextNotARecord`]
    pub fn from_value(value: Value) -> Result<Self, InputError> {
        if let Word::Record(_) = value.parts().1 { Ok(Self(value)) } else { Err(not_a_record()) }
    }

    /// Reads a context: a JSON object, with the escapes of entity files.
    ///
    /// With a schema, entities and values of extension types may be written without escapes where the action's
    /// context type says what they are. This checks what decoding needs; [`Request::validate`] checks the rest.
    ///
    /// # Errors
    /// The first mistake in the text.
    pub fn from_json(text: &str, shapes: Option<(&Shapes, &EntityUid)>) -> Result<Self, InputError> {
        let document = Document::parse(text).map_err(|error| InputError::json(&error))?;
        Self::from_document(Place { value: document.root(), element: None }, shapes)
    }

    pub(crate) fn from_document(place: Place<'_>, shapes: Option<(&Shapes, &EntityUid)>) -> Result<Self, InputError> {
        let expected = match shapes {
            Some((shapes, action)) => Expected::Record(&conform::defined_action(shapes, action)?.context),
            None => Expected::Anything,
        };
        let mut pool = Layer::default();
        let shapes = shapes.map(|(shapes, _)| shapes);
        let word =
            Decoder::new(shapes, Duplicates::LastCounts, place.element).decode(place.value, expected, &mut pool)?;
        if !matches!(word, Word::Record(_)) {
            return Err(not_a_record().at(place));
        }
        Ok(Self(Value::from_parts(pool, word)))
    }

    /// Whether it is plainly a record without members.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.parts().0.is_one_empty_record()
    }

    /// A member.
    pub fn get(&self, name: &str) -> Option<ValueRef<'_>> {
        self.0.member(name)
    }

    /// The members, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, ValueRef<'_>)> {
        self.0.members().into_iter().flatten()
    }

    /// This context with the members of another one.
    ///
    /// # Errors
    /// [`InputCode::RepeatedKey`]: both have a member of the same name.
    pub fn merge(&self, other: &Self) -> Result<Self, InputError> {
        let members = self.iter().chain(other.iter());
        Self::from_pairs(members.map(|(name, value)| (name, value.to_value())))
    }

    /// The context as a value.
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// The members and the pool that they belong to.
    pub(crate) fn parts(&self) -> (&Layer, Word) {
        self.0.parts()
    }
}

#[cold]
fn not_a_record() -> InputError {
    InputError::new(InputCode::ContextNotARecord, "the context must be a record")
        .with_help("a context is written as a JSON object, as in `{\"ip\": …}`")
}

impl Default for Context {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({self})")
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A question: may the principal do the action with the resource, in the context?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    principal: EntityUid,
    action: EntityUid,
    resource: EntityUid,
    context: Context,
}

impl Request {
    /// A request, not validated.
    pub fn new(principal: EntityUid, action: EntityUid, resource: EntityUid, context: Context) -> Self {
        Self { principal, action, resource, context }
    }

    /// A request that a schema allows.
    ///
    /// # Errors
    /// See [`validate`](Self::validate).
    pub fn new_validated(
        principal: EntityUid,
        action: EntityUid,
        resource: EntityUid,
        context: Context,
        shapes: &Shapes,
    ) -> Result<Self, InputError> {
        let request = Self::new(principal, action, resource, context);
        request.validate(shapes)?;
        Ok(request)
    }

    /// Checks the request against a schema: the action is declared and applies to principals and resources of these
    /// types, the context has exactly the type that the action declares, and ids of enumerated types are listed.
    ///
    /// # Errors
    /// The first thing that the schema does not allow.
    pub fn validate(&self, shapes: &Shapes) -> Result<(), InputError> {
        conform::request(shapes, self)
    }

    /// Who asks.
    pub fn principal(&self) -> &EntityUid {
        &self.principal
    }

    /// What is to be done.
    pub fn action(&self) -> &EntityUid {
        &self.action
    }

    /// With what.
    pub fn resource(&self) -> &EntityUid {
        &self.resource
    }

    /// Under which circumstances.
    pub fn context(&self) -> &Context {
        &self.context
    }
}

/// The name of an entity as an engine knows it; see [`Engine::handle`](crate::Engine::handle).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntityHandle(pub(crate) EntityId);

/// A request of names that the engine knows already.
#[derive(Debug, Clone, Copy)]
pub struct HandleRequest<'c> {
    /// Who asks.
    pub principal: EntityHandle,
    /// What is to be done.
    pub action: EntityHandle,
    /// With what.
    pub resource: EntityHandle,
    /// Under which circumstances.
    pub context: &'c Context,
}

/// A request in either form.
#[derive(Debug, Clone, Copy)]
pub enum Question<'r> {
    /// With names.
    Named(&'r Request),
    /// With handles of the engine, or of one that it was copied from. A decision on others is Deny, and not
    /// [complete](crate::Response::is_complete).
    Handles(HandleRequest<'r>),
}

impl<'r> Question<'r> {
    pub(crate) fn context(&self) -> &'r Context {
        match self {
            Self::Named(request) => request.context(),
            Self::Handles(request) => request.context,
        }
    }
}

impl<'r> From<&'r Request> for Question<'r> {
    fn from(request: &'r Request) -> Self {
        Self::Named(request)
    }
}

impl<'r> From<HandleRequest<'r>> for Question<'r> {
    fn from(request: HandleRequest<'r>) -> Self {
        Self::Handles(request)
    }
}

impl<'r> From<&HandleRequest<'r>> for Question<'r> {
    fn from(request: &HandleRequest<'r>) -> Self {
        Self::Handles(*request)
    }
}
