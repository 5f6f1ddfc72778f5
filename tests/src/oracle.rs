//! The reference implementation's answers; the only module that names `cedar-policy`.
//!
//! Text in, plain data out: nothing of the reference's types leaves this module, so an update of it is an edit here.
//!
//! The reference recurses over its input and decides by the stack that is left whether to give up, so every caller runs
//! it inside [`on_big_stack`].

mod memo;
pub mod verdict;

use std::{
    collections::{HashMap, VecDeque},
    str::FromStr,
    thread,
};

use cedar_policy::{
    AuthorizationError, Authorizer, Context, Entities, EntityId, EntityTypeName, EntityUid, EvaluationError,
    Expression, PolicyId, PolicySet, Schema, SchemaFragment, SlotId, ValidationMode, Validator,
};
use serde_json::Value;

use self::memo::{Memo, recall};
use crate::{
    question::{
        Acceptance, Answers, Decision, Document, ErrorKind, Evaluation, Format, Link, Question, Request, Response, Uid,
    },
    subject::Ability,
};

/// Runs the function on a thread whose stack is deep enough for the reference implementation.
pub fn on_big_stack<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    const STACK: usize = 512 << 20;
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, f).expect("a thread");
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Its printer rewrites policies to fewer operators.
pub const MISSING: &[Ability] = &[Ability::FormatPolicies];

/// Answers all of the question.
pub fn answer(question: &Question) -> Answers {
    let mut answers = Answers::none();
    let policies = read_policies(&question.policies);
    let schema = question.schema.as_ref().map(read_schema).transpose();
    answers.policies = acceptance(&policies);
    answers.schema = acceptance(&schema);
    let Ok(mut policies) = policies else { return answers };
    answers.links = question.links.iter().map(|link| make_link(&mut policies, link)).collect();
    let Ok(schema) = schema else { return answers };
    let entities = read_entities(&question.entities, question.schema.as_ref());
    answers.entities = acceptance(&entities);
    answers.verdict = schema.as_ref().filter(|_| question.verdict).map(|schema| validates(&policies, schema));
    let Ok(entities) = entities else { return answers };
    let decide = |request| decide(request, &policies, &entities, schema.as_ref());
    answers.requests = question.requests.iter().map(decide).collect();
    answers
}

/// Whether the text is a well-formed set of policies.
pub fn accepts_policies(document: &Document) -> Acceptance {
    acceptance(&read_policies(document))
}

/// Whether the text is a well-formed schema whose names resolve.
pub fn accepts_schema(document: &Document) -> Acceptance {
    acceptance(&read_schema(document))
}

/// Whether the text is one static policy in the JSON syntax.
pub fn accepts_policy_json(json: &str) -> Acceptance {
    let json = serde_json::from_str(json).map_err(text)?;
    acceptance(&cedar_policy::Policy::from_json(None, json).map_err(text))
}

/// The entities as JSON, as they were understood.
pub fn entities_to_json(json: &str, schema: Option<&Document>) -> Result<Value, String> {
    read_entities(json, schema)?.to_json_value().map_err(text)
}

/// Whether two texts mean the same entities.
pub fn equal_entities(one: &str, other: &str, schema: Option<&Document>) -> Result<bool, String> {
    let [one, other] = [one, other].map(|json| read_entities(json, schema));
    Ok(one?.deep_eq(&other?))
}

/// The JSON form of a policy set, with links made.
pub fn policies_to_json(document: &Document, links: &[Link]) -> Result<Value, String> {
    let mut policies = read_policies(document)?;
    for link in links {
        make_link(&mut policies, link)?;
    }
    policies.to_json().map_err(text)
}

/// The JSON form of a schema, names unresolved.
pub fn schema_to_json(document: &Document) -> Result<Value, String> {
    read_fragment(document)?.to_json_value().map_err(text)
}

/// The JSON form of a schema in the Cedar syntax with every name resolved: what the schema means.
pub fn resolved_schema(document: &Document) -> Result<Value, String> {
    cedar_policy::schema_str_to_json_with_resolved_types(&document.text).map(|(json, _)| json).map_err(text)
}

/// The policies in the Cedar syntax.
pub fn format_policies(document: &Document) -> Result<String, String> {
    read_policies(document)?.to_cedar().ok_or_else(|| "linked policies have no text".to_owned())
}

/// The schema in the Cedar syntax.
pub fn format_schema(document: &Document) -> Result<String, String> {
    read_fragment(document)?.to_cedarschema().map_err(text)
}

/// Whether two values in the notation of [`Evaluation::Value`] are equal.
pub fn equal_values(one: &str, other: &str) -> bool {
    let request = Request {
        principal: Uid::new("A", ""),
        action: Uid::new("Action", ""),
        resource: Uid::new("A", ""),
        context: "{}".into(),
        validate: false,
    };
    one == other
        || evaluate(&format!("({one}) == ({other})"), "[]", &request) == Ok(Evaluation::Value("true".to_owned()))
}

/// Evaluates an expression against entities and a request, without a schema.
pub fn evaluate(expression: &str, entities: &str, request: &Request) -> Result<Evaluation, String> {
    let expression = match Expression::from_str(expression) {
        Ok(expression) => expression,
        Err(error) => return Ok(Evaluation::Rejected(text(error))),
    };
    let entities = read_entities(entities, None)?;
    let request = read_request(request, None)?;
    Ok(match cedar_policy::eval_expression(&request, &entities, &expression) {
        Ok(value) => Evaluation::Value(value.to_string()),
        Err(error) => Evaluation::Failed(error_kind(&error)),
    })
}

thread_local! {
    static POLICIES: Memo<Document, Result<PolicySet, String>> = const { Memo::new(VecDeque::new()) };
    static SCHEMAS: Memo<Document, Result<Schema, String>> = const { Memo::new(VecDeque::new()) };
    static ENTITIES: Memo<(String, Option<Document>), Result<Entities, String>> = const { Memo::new(VecDeque::new()) };
}

fn read_policies(document: &Document) -> Result<PolicySet, String> {
    recall(&POLICIES, document.clone(), |document| match document.format {
        Format::Cedar => PolicySet::from_str(&document.text).map_err(text),
        Format::Json => PolicySet::from_json_str(&document.text).map_err(text),
    })
}

fn read_schema(document: &Document) -> Result<Schema, String> {
    recall(&SCHEMAS, document.clone(), |document| match document.format {
        Format::Cedar => Schema::from_cedarschema_str(&document.text).map(|(schema, _)| schema).map_err(text),
        Format::Json => Schema::from_json_str(&document.text).map_err(text),
    })
}

fn read_fragment(document: &Document) -> Result<SchemaFragment, String> {
    match document.format {
        Format::Cedar => SchemaFragment::from_cedarschema_str(&document.text).map(|(schema, _)| schema).map_err(text),
        Format::Json => SchemaFragment::from_json_str(&document.text).map_err(text),
    }
}

/// The entities, which conform to the schema if there is one.
fn read_entities(json: &str, schema: Option<&Document>) -> Result<Entities, String> {
    let resolved = schema.map(read_schema).transpose()?;
    recall(&ENTITIES, (json.to_owned(), schema.cloned()), |(json, _)| {
        Entities::from_json_str(json, resolved.as_ref()).map_err(text)
    })
}

fn make_link(policies: &mut PolicySet, link: &Link) -> Acceptance {
    let mut values = HashMap::new();
    for (slot, uid) in &link.values {
        let slot = match slot.as_str() {
            "?principal" => SlotId::principal(),
            "?resource" => SlotId::resource(),
            other => return Err(format!("no slot {other}")),
        };
        if values.insert(slot, read_uid(uid)?).is_some() {
            return Err("a slot is given twice".into());
        }
    }
    policies.link(PolicyId::new(&link.template), PolicyId::new(&link.id), values).map_err(text)
}

fn validates(policies: &PolicySet, schema: &Schema) -> bool {
    Validator::new(schema.clone()).validate(policies, ValidationMode::Strict).validation_passed()
}

fn decide(
    request: &Request,
    policies: &PolicySet,
    entities: &Entities,
    schema: Option<&Schema>,
) -> Result<Response, String> {
    let request = read_request(request, schema)?;
    let response = Authorizer::new().is_authorized(&request, policies, entities);
    let errors = response.diagnostics().errors().map(|error| match error {
        AuthorizationError::PolicyEvaluationError(error) => (raw_id(error.policy_id()), error_kind(error.inner())),
    });
    Ok(Response {
        decision: match response.decision() {
            cedar_policy::Decision::Allow => Decision::Allow,
            cedar_policy::Decision::Deny => Decision::Deny,
        },
        reasons: response.diagnostics().reason().map(raw_id).collect(),
        errors: errors.collect(),
    })
}

/// The text of an id as it was given; `Display` of the reference escapes control characters.
fn raw_id(id: &PolicyId) -> String {
    let id: &str = id.as_ref();
    id.to_owned()
}

fn read_request(request: &Request, schema: Option<&Schema>) -> Result<cedar_policy::Request, String> {
    let [principal, action, resource] = [&request.principal, &request.action, &request.resource].map(read_uid);
    let action = action?;
    let context = Context::from_json_str(&request.context, schema.map(|schema| (schema, &action))).map_err(text)?;
    let schema = schema.filter(|_| request.validate);
    cedar_policy::Request::new(principal?, action, resource?, context, schema).map_err(text)
}

fn read_uid(uid: &Uid) -> Result<EntityUid, String> {
    let ty = EntityTypeName::from_str(&uid.ty).map_err(text)?;
    Ok(EntityUid::from_type_name_and_id(ty, EntityId::new(&uid.id)))
}

fn error_kind(error: &EvaluationError) -> ErrorKind {
    match error {
        EvaluationError::EntityDoesNotExist(_) => ErrorKind::MissingEntity,
        EvaluationError::EntityAttrDoesNotExist(_) => ErrorKind::MissingAttribute,
        EvaluationError::RecordAttrDoesNotExist(_) => ErrorKind::MissingRecordAttribute,
        EvaluationError::TypeError(_) => ErrorKind::Type,
        EvaluationError::WrongNumArguments(_) => ErrorKind::Arity,
        EvaluationError::IntegerOverflow(_) => ErrorKind::Overflow,
        EvaluationError::UnlinkedSlot(_) => ErrorKind::UnlinkedSlot,
        EvaluationError::FailedExtensionFunctionExecution(_) => ErrorKind::Extension,
        EvaluationError::RecursionLimit(_) => ErrorKind::Limit,
        EvaluationError::FailedExtensionFunctionLookup(_) | EvaluationError::NonValue(_) => ErrorKind::Other,
    }
}

fn acceptance<T>(outcome: &Result<T, String>) -> Acceptance {
    outcome.as_ref().map(|_| ()).map_err(Clone::clone)
}

/// An error with everything that caused it.
fn text(error: impl std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        cause = inner.source();
    }
    message
}
