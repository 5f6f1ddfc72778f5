//! Requests: from flags, from a file, from an element of a file of requests or tests.

use deodar_grammar::SourceId;
use deodar_lexicon::json::{Document, Value};
use deodar_runtime::{Context, EntityUid, InputCode, InputError, Request, Shapes};

use super::shown;
use crate::{args::RequestArgs, report, session::Session};

/// What the command line says about a request; absent parts were not given.
#[derive(Debug)]
pub(crate) struct RequestParts {
    pub(crate) principal: Option<EntityUid>,
    pub(crate) action: Option<EntityUid>,
    pub(crate) resource: Option<EntityUid>,
    pub(crate) context: Context,
    /// Whether a context was given.
    pub(crate) has_context: bool,
}

impl RequestParts {
    /// Whether nothing but the context is missing.
    pub(crate) fn is_complete(&self) -> bool {
        self.principal.is_some() && self.action.is_some() && self.resource.is_some()
    }

    /// The request, if it is complete and conforms to the schema; problems go to the session.
    pub(crate) fn into_request(
        self,
        session: &mut Session<'_>,
        schema: Option<&impl AsRef<Shapes>>,
    ) -> Option<Request> {
        let parts = [("principal", &self.principal), ("action", &self.action), ("resource", &self.resource)];
        let missing: Vec<_> = parts.iter().filter(|(_, entity)| entity.is_none()).map(|(name, _)| *name).collect();
        if !missing.is_empty() {
            session.report(report::incomplete_request(&missing));
            return None;
        }
        let request = Request::new(self.principal?, self.action?, self.resource?, self.context);
        match validated(request, schema) {
            Ok(request) => Some(request),
            Err(error) => {
                session.report(report::invalid_request(&error));
                None
            }
        }
    }
}

/// The request, if the schema allows it.
pub(crate) fn validated(request: Request, schema: Option<&impl AsRef<Shapes>>) -> Result<Request, InputError> {
    if let Some(schema) = schema {
        request.validate(schema.as_ref())?;
    }
    Ok(request)
}

/// What the arguments say; `None` if something in them is wrong.
pub(crate) fn given_request(
    session: &mut Session<'_>,
    args: &RequestArgs,
    schema: Option<&impl AsRef<Shapes>>,
) -> Option<RequestParts> {
    if let Some(path) = &args.request_json {
        return request_of_file(session, path, schema);
    }
    let principal = entity_argument(session, "--principal", args.principal.as_deref());
    let action = entity_argument(session, "--action", args.action.as_deref());
    let resource = entity_argument(session, "--resource", args.resource.as_deref());
    let known_action = action.as_ref().ok().and_then(Option::as_ref);
    let context = match &args.context {
        Some(path) => context_of_file(session, path, schema, known_action),
        None => Some(Context::empty()),
    };
    Some(RequestParts {
        principal: principal.ok()?,
        action: action.ok()?,
        resource: resource.ok()?,
        context: context?,
        has_context: args.context.is_some(),
    })
}

/// The argument was given and is not the name of an entity; the session knows.
struct NotAnEntity;

fn entity_argument(
    session: &mut Session<'_>,
    flag: &str,
    text: Option<&str>,
) -> Result<Option<EntityUid>, NotAnEntity> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|error| {
        session.report(report::not_an_entity(flag, &error));
        NotAnEntity
    })
}

fn context_of_file(
    session: &mut Session<'_>,
    path: &str,
    schema: Option<&impl AsRef<Shapes>>,
    action: Option<&EntityUid>,
) -> Option<Context> {
    let text = session.read_text(path, "the context")?;
    let shapes = schema.map(AsRef::as_ref).zip(action);
    Context::from_json(&text, shapes)
        .map_err(|error| {
            if [InputCode::UndeclaredAction, InputCode::ExternalAction].contains(&error.code()) {
                // The action stands on the command line, not in the file.
                session.report(report::invalid_request(&error));
                return;
            }
            let source = session.add_source(shown(path), text);
            session.report(report::input(&error, source, 0));
        })
        .ok()
}

fn request_of_file(session: &mut Session<'_>, path: &str, schema: Option<&impl AsRef<Shapes>>) -> Option<RequestParts> {
    let source = session.read_source(path, "the request")?;
    let text = session.sources.text(source).to_owned();
    let document = match Document::parse(&text) {
        Ok(document) => document,
        Err(error) => {
            session.report(report::invalid_json(&error, source));
            return None;
        }
    };
    let request = read_request_value(session, document.root(), source, schema)?;
    Some(RequestParts {
        principal: Some(request.principal().clone()),
        action: Some(request.action().clone()),
        resource: Some(request.resource().clone()),
        context: request.context().clone(),
        has_context: true,
    })
}

/// A request as a JSON value: `{"principal", "action", "resource", "context"}`. It is not validated.
pub(crate) fn read_request_value(
    session: &mut Session<'_>,
    value: Value<'_>,
    source: SourceId,
    schema: Option<&impl AsRef<Shapes>>,
) -> Option<Request> {
    Request::from_json(value.source(), schema.map(AsRef::as_ref))
        .map_err(|error| session.report(report::input(&error, source, value.span().start)))
        .ok()
}

/// An entity written as a string in JSON.
pub(crate) fn entity_member(session: &mut Session<'_>, value: Value<'_>, source: SourceId) -> Option<EntityUid> {
    let Some(text) = value.as_str() else {
        session.report(report::unexpected_json(value, source, "an entity, as in `\"User::\\\"alice\\\"\"`"));
        return None;
    };
    text.parse().map_err(|error| session.report(report::json_not_an_entity(value, source, &error))).ok()
}

/// A request of a file, with its name.
#[derive(Debug)]
pub(crate) struct NamedRequest {
    pub(crate) name: Option<String>,
    pub(crate) request: Request,
}

/// The requests of a file; the schema may be there to read them although they need not conform to it.
pub(crate) fn read_requests(
    session: &mut Session<'_>,
    path: &str,
    shapes: Option<&Shapes>,
    conform_to: Option<&Shapes>,
) -> Vec<NamedRequest> {
    let Some(source) = session.read_source(path, "the requests") else { return Vec::new() };
    let text = session.sources.text(source).to_owned();
    let document = match Document::parse(&text) {
        Ok(document) => document,
        Err(error) => {
            session.report(report::invalid_json(&error, source));
            return Vec::new();
        }
    };
    let Some(array) = document.root().as_array() else {
        session.report(report::unexpected_json(document.root(), source, "an array of requests"));
        return Vec::new();
    };
    let read = |value: Value<'_>| {
        let request = read_request_value(session, value, source, shapes)?;
        let request = validated(request, conform_to)
            .map_err(|error| session.report(report::input(&error, source, value.span().start)))
            .ok()?;
        let name = value.as_object().and_then(|object| object.get("name")?.as_str()).map(str::to_owned);
        Some(NamedRequest { name, request })
    };
    array.iter().filter_map(read).collect()
}
