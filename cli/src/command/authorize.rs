//! `authorize`: a decision with its reasons, or several.
//!
//! On one request standard output is that of `cedar`, and the reasons go to standard error. A file of requests is our
//! own, so there the reasons stand beside each decision, and with a schema the policies must be valid, too: `cedar`
//! decides by whatever policies there are.

use std::time::Instant;

use deodar_compiler::{CheckOptions, Schema};
use deodar_runtime::bundle::Validity;
use deodar_runtime::{Bundle, Decision, Engine, Entities, Request};
use serde_json::json;

use crate::{
    args::{AuthorizeArgs, Format},
    explanation::{Explanation, Texts, error_text},
    input::{
        LinksFile, NamedRequest, Policies, given_entities, given_request, read_bundle, read_policies, read_requests,
        read_schema,
    },
    io::Colour,
    output::counted,
    project::Levels,
    session::{Exit, Outcome, Session, Stop},
    validation::check_policies,
};

pub(super) fn run(args: &AuthorizeArgs, session: &mut Session<'_>) -> Outcome {
    if session.format == Format::Text && args.requests.is_none() {
        session.io.stdout("\n")?;
    }
    let policies = match &args.bundle.bundle {
        Some(path) => read_bundle(session, path)?,
        None => read_policies(session, &args.policies, LinksFile::Required),
    };
    let schema = read_schema(session, &args.schema);
    // Without the schema that was meant, entities and requests may be written in forms that only it explains.
    if session.has_schema(&args.schema) && schema.is_none() {
        return Err(Stop::Problems);
    }
    let shapes = policies.compiled.as_deref().and_then(Bundle::shapes).or(schema.as_ref().map(Schema::shapes));
    let entities = given_entities(session, args.entities.as_deref(), shapes);
    let request_schema = shapes.filter(|_| args.request.request_validation);
    let policy_schema = schema.as_ref().filter(|_| args.policy_validation.unwrap_or(args.requests.is_some()));
    match &args.requests {
        None => {
            let request = given_request(session, &args.request, shapes);
            let request = request.and_then(|parts| parts.into_request(session, request_schema));
            let engine = engine(session, &policies, policy_schema, entities)?;
            one(session, args, &policies, &engine, &request.ok_or(Stop::Problems)?)
        }
        Some(path) => {
            let requests = read_requests(session, path, shapes, request_schema);
            let engine = engine(session, &policies, policy_schema, entities)?;
            if let (Some(_), Format::Text) = (shapes, session.format) {
                let conforming = [
                    are_valid(&policies, policy_schema).then(|| counted(policies.count(), "policy")),
                    Some(counted(n_entities(engine.entities()), "entity")),
                    request_schema.map(|_| counted(requests.len(), "request")),
                ];
                session.io.stdout(&conforming_to_text(conforming.into_iter().flatten().collect()))?;
            }
            several(session, &policies, &engine, &requests)
        }
    }
}

/// Whether the policies were checked, now or when they were compiled.
fn are_valid(policies: &Policies, schema: Option<&Schema>) -> bool {
    let compiled = policies.compiled.as_ref();
    schema.is_some() || compiled.is_some_and(|bundle| bundle.validity() == Validity::Valid)
}

/// Policies and entities as an engine, if nothing is wrong with any input; with a schema, the policies must be valid.
fn engine(
    session: &mut Session<'_>,
    policies: &Policies,
    schema: Option<&Schema>,
    entities: Option<Entities>,
) -> Result<Engine, Stop> {
    session.stop_on_errors()?;
    let program = policies.compile(session).ok_or(Stop::Problems)?;
    if let Some(schema) = schema {
        check_policies(session, policies, schema, CheckOptions::default(), &Levels::default());
        if session.has_errors() {
            return Err(Stop::Invalid);
        }
    }
    Ok(Engine::new(program, entities.ok_or(Stop::Problems)?))
}

fn one(
    session: &mut Session<'_>,
    args: &AuthorizeArgs,
    policies: &Policies,
    engine: &Engine,
    request: &Request,
) -> Outcome {
    let start = Instant::now();
    let response = engine.authorize(request);
    let micros = start.elapsed().as_micros();
    let explanation = Explanation::new(engine, request, Texts { sources: &session.sources, sets: &policies.sets });
    let exit = if response.decision() == Decision::Allow { Exit::Success } else { Exit::Deny };
    if session.format == Format::Json {
        let mut result = explanation.to_json();
        if let (Some(object), true) = (result.as_object_mut(), args.timing) {
            object.insert("microseconds".to_owned(), json!(micros));
        }
        session.print_json(&result)?;
        return Ok(exit);
    }
    if args.timing {
        session.io.stdout(&format!("Authorization Time (micro seconds) : {micros}\n"))?;
    }
    session.io.stdout(if exit == Exit::Success { "ALLOW\n" } else { "DENY\n" })?;
    if !response.errors().is_empty() {
        let errors: Vec<_> = response.errors().iter().map(error_text).collect();
        session.io.stdout(&format!("\n{}\n", errors.join("\n")))?;
    }
    if args.verbose {
        session.io.stdout(&reference_note(response.determining()))?;
    }
    session.io.flush()?;
    session.people(&explanation.to_text(""))?;
    Ok(exit)
}

/// What `cedar authorize --verbose` adds.
fn reference_note(determining: &[smol_str::SmolStr]) -> String {
    if determining.is_empty() {
        return "\nnote: no policies applied to this request\n".to_owned();
    }
    format!("\nnote: this decision was due to the following policies:\n  {}\n\n", determining.join("\n  "))
}

fn several(session: &mut Session<'_>, policies: &Policies, engine: &Engine, requests: &[NamedRequest]) -> Outcome {
    let texts = Texts { sources: &session.sources, sets: &policies.sets };
    let explained: Vec<_> =
        requests.iter().map(|named| (named, Explanation::new(engine, &named.request, texts))).collect();
    if session.format == Format::Json {
        let results: Vec<_> = explained.iter().map(|(named, explanation)| result_to_json(named, explanation)).collect();
        session.print_json(&json!({ "results": results }))?;
        return Ok(Exit::Success);
    }
    let mut allowed = 0;
    for (named, explanation) in &explained {
        allowed += usize::from(explanation.decision == Decision::Allow);
        let text = result_to_text(session, named, explanation);
        session.io.stdout(&text)?;
    }
    let denied = requests.len() - allowed;
    session.io.stdout(&format!("{}: {allowed} allowed, {denied} denied\n", counted(requests.len(), "request")))?;
    Ok(Exit::Success)
}

/// The entities of the file: those of the schema are its actions.
fn n_entities(entities: &Entities) -> usize {
    entities.iter().filter(|entity| !entity.uid().entity_type().is_action()).count()
}

/// What conforms to the schema, in a sentence.
fn conforming_to_text(mut counts: Vec<String>) -> String {
    let last = counts.pop().unwrap_or_default();
    let all = if counts.is_empty() { last } else { format!("{} and {last}", counts.join(", ")) };
    format!("{all} conform to the schema\n\n")
}

fn result_to_text(session: &Session<'_>, named: &NamedRequest, explanation: &Explanation) -> String {
    let decision = match explanation.decision {
        Decision::Allow => session.io.paint(Colour::Green, "ALLOW"),
        Decision::Deny => session.io.paint(Colour::Red, "DENY "),
    };
    let request = &named.request;
    let question = format!("{} {} {}", request.principal(), request.action(), request.resource());
    let title = match &named.name {
        Some(name) => format!("{name}\n      {question}"),
        None => question,
    };
    format!("{decision} {title}\n{}\n", explanation.to_text("      "))
}

fn result_to_json(named: &NamedRequest, explanation: &Explanation) -> serde_json::Value {
    let mut result = explanation.to_json();
    if let Some(object) = result.as_object_mut() {
        let request = &named.request;
        object.insert("name".to_owned(), json!(named.name));
        object.insert("principal".to_owned(), json!(request.principal().to_string()));
        object.insert("action".to_owned(), json!(request.action().to_string()));
        object.insert("resource".to_owned(), json!(request.resource().to_string()));
    }
    result
}
