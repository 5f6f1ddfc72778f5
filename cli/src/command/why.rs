//! `why`: a decision with the verdict on every policy that concerns the request, as a tree of what its conditions came
//! to, and what it would take to change it.

use deodar_runtime::{Decision, Engine, Request};
use serde_json::{Value, json};

use super::cannot_run;
use crate::{
    args::{Format, WhyArgs},
    explanation::{Scene, Why},
    input::NamedRequest,
    io::Colour,
    report,
    session::{Exit, Outcome, Session, Stop},
    setting::{Questions, Setting},
};

pub(super) fn run(args: &WhyArgs, session: &mut Session<'_>) -> Outcome {
    explain(args, session).map_err(cannot_run)
}

fn explain(args: &WhyArgs, session: &mut Session<'_>) -> Outcome {
    let setting = Setting::read(session, &args.setting)?;
    let questions = questions(args, session, &setting)?;
    let engines: Vec<Engine> = questions.stores.iter().map(|store| setting.engine(store)).collect();
    let scene = Scene { policies: &setting.policies, sources: &session.sources, schema: setting.schema.as_ref() };
    let mut explained = Vec::new();
    for (named, store) in &questions.requests {
        let engine = engines.get(*store).ok_or(Stop::Problems)?;
        explained.push((named, Why::new(engine, &named.request, scene, args.all)));
    }
    match session.format {
        Format::Text => {
            let texts: Vec<String> = explained.iter().map(|(named, why)| to_text(session, named, why)).collect();
            session.io.stdout(&texts.join("\n"))?;
        }
        Format::Json => {
            let results: Vec<Value> = explained.iter().map(|(named, why)| to_json(named, why)).collect();
            session.print_json(&json!({ "version": 1, "results": results }))?;
        }
    }
    Ok(Exit::Success)
}

fn questions(args: &WhyArgs, session: &mut Session<'_>, setting: &Setting) -> Result<Questions, Stop> {
    if let Some(name) = &args.test {
        return setting.of_tests(session, &args.tests, Some(name));
    }
    match &args.requests {
        Some(path) => setting.of_file(session, path, args.request.request_validation),
        None if args.request.is_empty() => session.stop(report::no_question()),
        None => setting.one(session, &args.request),
    }
}

fn question(request: &Request) -> String {
    format!("{} {} {}", request.principal(), request.action(), request.resource())
}

fn to_text(session: &Session<'_>, named: &NamedRequest, why: &Why) -> String {
    let decision = match why.explanation.decision {
        Decision::Allow => session.io.paint(Colour::Green, "ALLOW"),
        Decision::Deny => session.io.paint(Colour::Red, "DENY"),
    };
    let name = named.name.as_ref().map(|name| format!("{name}\n")).unwrap_or_default();
    format!("{name}{decision} {}\n\n{}", question(&named.request), why.to_text())
}

fn to_json(named: &NamedRequest, why: &Why) -> Value {
    let mut result = why.to_json();
    if let Some(object) = result.as_object_mut() {
        let request = &named.request;
        object.insert("name".to_owned(), json!(named.name));
        object.insert("principal".to_owned(), json!(request.principal().to_string()));
        object.insert("action".to_owned(), json!(request.action().to_string()));
        object.insert("resource".to_owned(), json!(request.resource().to_string()));
        object.insert("context".to_owned(), json!(request.context().to_string()));
    }
    result
}
