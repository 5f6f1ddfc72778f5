//! Requests in JSON.

use deodar_lexicon::json::{Document, Kind, Object, Value};

use super::{Context, Request};
use crate::{
    Engine, EntityUid, InputCode, InputError, Shapes,
    bind::Names,
    decide::Scratch,
    decode::{Decoder, Duplicates},
    input::Place,
    pool::{EntityId, Member, Overlay},
    response::Answer,
    stream::{self, Buffers, Reader},
};

impl Request {
    /// Reads `{"principal": …, "action": …, "resource": …, "context": …}`, where entities are texts as in
    /// `"User::\"alice\""`, or objects as in `{"type": "User", "id": "alice"}`. With a schema, the context is decoded by
    /// the action's context type.
    ///
    /// # Errors
    /// The first mistake in the text. The request is not validated.
    pub fn from_json(text: &str, shapes: Option<&Shapes>) -> Result<Self, InputError> {
        let document = Document::parse(text).map_err(|error| InputError::json(&error))?;
        let root = document.root();
        let Kind::Object(object) = root.kind() else {
            let message = format!("expected an object with a request, found {}", root.kind().describe());
            return Err(InputError::new(InputCode::UnexpectedForm, message).at(place(root)));
        };
        check_keys(&object)?;
        let member = |key: &str| {
            let missing = || {
                InputError::new(InputCode::MissingMember, format!("the request has no member `{key}`")).at(place(root))
            };
            object.get(key).ok_or_else(missing)
        };
        let [principal, action, resource] = ["principal", "action", "resource"].map(|key| entity(member(key)?));
        let (principal, action, resource) = (principal?, action?, resource?);
        let shapes = shapes.map(|shapes| (shapes, &action));
        let context = Context::from_document(place(member("context")?), shapes)?;
        Ok(Self { principal, action, resource, context })
    }
}

fn place(value: Value<'_>) -> Place<'_> {
    Place { value, element: None }
}

fn check_keys(object: &Object<'_>) -> Result<(), InputError> {
    for key in ["principal", "action", "resource", "context"] {
        let mut keys = object.iter().map(|(k, _)| k).filter(|k| k.as_str() == Some(key));
        if let Some(second) = keys.nth(1) {
            let message = format!("the key `{key}` stands twice in the request");
            return Err(InputError::new(InputCode::RepeatedKey, message).at(place(second)));
        }
    }
    Ok(())
}

fn entity(value: Value<'_>) -> Result<EntityUid, InputError> {
    if let Kind::Object(_) = value.kind() {
        return Decoder::new(None, Duplicates::Refused, None).entity(value);
    }
    let text = value.as_str().unwrap_or_else(|| value.source());
    text.parse::<EntityUid>().map_err(|invalid| {
        let error = InputError::new(InputCode::NotAnEntity, invalid.to_string()).at(place(value));
        error.with_help(
            "in a request, entities are written as text, as in `\"User::\\\"alice\\\"\"`, or as objects, as in \
             `{\"type\": \"User\", \"id\": \"alice\"}`",
        )
    })
}

impl Engine {
    /// Decides a request in JSON, as [`Request::from_json`] reads it without a schema. Where the scratch memory has been
    /// used before, a request of the usual form allocates nothing.
    ///
    /// # Errors
    /// The first mistake in the text.
    pub fn decide_json<'a>(&'a self, scratch: &'a mut Scratch, request: &str) -> Result<Answer<'a>, InputError> {
        if !scratch.decide_json(self, request) {
            let request = Request::from_json(request, None)?;
            scratch.decide(self, (&request).into());
        }
        Ok(Answer::new(self, scratch))
    }
}

/// Reads a request of the usual form: its names, and the members of its context.
pub(crate) fn read(
    text: &str,
    overlay: Overlay<'_>,
    buffers: &mut Buffers,
    members: &mut Vec<Member>,
) -> Option<Names> {
    buffers.clear();
    let mut decoder = stream::Decoder { reader: Reader::new(text), buffers, overlay };
    let (mut principal, mut action, mut resource, mut context) = (None, None, None, None);
    decoder.object(|decoder, key| {
        let place = match decoder.get(&key) {
            "principal" => &mut principal,
            "action" => &mut action,
            "resource" => &mut resource,
            "context" => {
                // A second one is a mistake.
                let is_first = context.replace(()).is_none();
                return if is_first { decoder.members(members) } else { None };
            }
            _ => return None,
        };
        let is_first = place.replace(name(decoder)?).is_none();
        is_first.then_some(())
    })?;
    context?;
    decoder.reader.is_at_end().then_some([principal?, action?, resource?])
}

/// The name of an entity as text or as an object.
fn name(decoder: &mut stream::Decoder<'_, '_, '_>) -> Option<EntityId> {
    if decoder.reader.peek()? != b'"' {
        return decoder.entity();
    }
    let text = decoder.text()?;
    let unescaped = &decoder.buffers.unescaped;
    let (ty, id) = text.get(unescaped).split_once("::\"")?;
    // A carriage return must be escaped, and escapes are for the document.
    let id = id.strip_suffix('"').filter(|id| !id.contains(['\\', '"', '\r']))?;
    stream::entity(&mut decoder.overlay, ty, id)
}
