//! Deodar's answers.

pub mod types;
pub mod verdict;

use deodar_compiler::{Schema, compile, compile_expression};
use deodar_grammar::{
    Diagnostic, FormatOptions, SourceId, Sources, Span,
    ast::{self, Dialect, Spanned},
};
use deodar_runtime::{
    Context, Engine, Entities, EntityTypeName, EntityUid, EvalErrorKind, EvaluateError, Program, Shapes,
    instruction::Slot,
};
use serde_json::Value;

use crate::{
    question::{
        Acceptance, Answers, Decision, Document, ErrorKind, Evaluation, Format, Link, Question, Request, Response, Uid,
    },
    subject::Ability,
};

/// What is not connected yet.
pub const MISSING: &[Ability] = &[];

/// Answers all of the question.
pub fn answer(question: &Question) -> Answers {
    let mut answers = Answers::none();
    let program = read_program(&question.policies);
    let schema = question.schema.as_ref().map(read_shapes).transpose();
    answers.policies = acceptance(&program);
    answers.schema = acceptance(&schema);
    let Ok(mut program) = program else { return answers };
    answers.links = question.links.iter().map(|link| make_link(&mut program, link)).collect();
    let Ok(shapes) = schema else { return answers };
    let entities = Entities::from_json(&question.entities, shapes.as_ref()).map_err(|error| error.to_string());
    answers.entities = acceptance(&entities);
    answers.verdict = verdict::of_question(question, &answers.links);
    let Ok(entities) = entities else { return answers };
    let engine = Engine::new(program, entities);
    let decide = |request| decide(request, &engine, shapes.as_ref());
    answers.requests = question.requests.iter().map(decide).collect();
    answers
}

/// Whether the text is a well-formed set of policies.
pub fn accepts_policies(document: &Document) -> Acceptance {
    acceptance(&read_program(document))
}

/// Whether the text is a well-formed schema whose names resolve.
pub fn accepts_schema(document: &Document) -> Acceptance {
    acceptance(&read_shapes(document))
}

/// Whether the text is one static policy in the JSON syntax.
pub fn accepts_policy_json(text: &str) -> Acceptance {
    acceptance(&read(&Document::json(text), deodar_grammar::policy_from_json))
}

/// The entities as JSON, as they were understood.
pub fn entities_to_json(text: &str, schema: Option<&Document>) -> Result<Value, String> {
    let shapes = schema.map(read_shapes).transpose()?;
    let entities = Entities::from_json(text, shapes.as_ref()).map_err(|error| error.to_string())?;
    read_json(&entities.to_json().map_err(|error| error.to_string())?)
}

/// The JSON form of a policy set, with links made.
pub fn policies_to_json(document: &Document, links: &[Link]) -> Result<Value, String> {
    let (_, mut policies) = read_policies(document)?;
    add_links(&mut policies, links);
    read_json(&deodar_grammar::policies_to_json(&policies))
}

fn add_links<'l>(policies: &mut ast::PolicySet, links: impl IntoIterator<Item = &'l Link>) {
    let span = Span { source: policies.source, start: 0, end: 0 };
    policies.links.extend(links.into_iter().filter_map(|link| link_node(link, span)));
}

fn link_node(link: &Link, span: Span) -> Option<ast::TemplateLink> {
    let values = link.values.iter().map(|(slot, uid)| {
        let entity = ast::EntityRef {
            ty: ast::TypeName { name: uid.ty.as_str().into(), span },
            id: Spanned::new(uid.id.as_str().into(), span),
            span,
        };
        Some((Spanned::new(ast::Slot::from_name(slot)?, span), entity))
    });
    Some(ast::TemplateLink {
        template: Spanned::new(link.template.as_str().into(), span),
        id: Spanned::new(link.id.as_str().into(), span),
        values: values.collect::<Option<_>>()?,
        span,
    })
}

/// The policies in the Cedar syntax: text laid out, JSON printed.
pub fn format_policies(document: &Document) -> Result<String, String> {
    let (sources, policies) = read_policies(document)?;
    match document.format {
        Format::Json => Ok(deodar_grammar::print_policies(&policies)),
        Format::Cedar => deodar_grammar::format_policies(&sources, &policies, FormatOptions::default())
            .ok_or_else(|| "the formatter refuses the text".to_owned()),
    }
}

/// The JSON form of a schema.
pub fn schema_to_json(document: &Document) -> Result<Value, String> {
    let (_, schema) = read_schema(document)?;
    read_json(&deodar_grammar::schema_to_json(&schema))
}

/// Recursion is no concern here: the reference reads the same JSON, and gives up on depths that matter.
fn read_json(json: &str) -> Result<Value, String> {
    serde_json::from_str(json).map_err(|error| format!("{error}: {json}"))
}

/// The schema in the Cedar syntax.
pub fn format_schema(document: &Document) -> Result<String, String> {
    let (_, schema) = read_schema(document)?;
    deodar_grammar::print_schema(&schema).map_err(|errors| messages(&errors))
}

/// The value of an expression.
pub fn evaluate(expression: &str, entities: &str, request: &Request) -> Result<Evaluation, String> {
    let mut sources = Sources::new();
    let source = sources.add("expression", expression);
    let (expression, diagnostics) = deodar_grammar::parse_expression(&sources, source);
    if let Err(error) = check(&diagnostics) {
        return Ok(Evaluation::Rejected(error));
    }
    let expression = compile_expression(&expression, &sources).map_err(|errors| messages(&errors))?;
    let entities = Entities::from_json(entities, None).map_err(|error| error.to_string())?;
    let request = read_request(request, None)?;
    Ok(match Engine::new(Program::default(), entities).evaluate(&expression, Some(&request)) {
        Ok(value) => Evaluation::Value(value.to_string()),
        Err(EvaluateError::Eval(error)) => Evaluation::Failed(error_kind(&error.kind)),
        Err(EvaluateError::Limit(_) | EvaluateError::Defect) => Evaluation::Failed(ErrorKind::Limit),
    })
}

fn read_program(document: &Document) -> Result<Program, String> {
    let (sources, policies) = read_policies(document)?;
    compile(&[&policies], &sources).map_err(|errors| messages(&errors))
}

fn read_policies(document: &Document) -> Result<(Sources, ast::PolicySet), String> {
    read(document, |sources, source| match document.format {
        Format::Cedar => deodar_grammar::parse_policies(sources, source, Dialect::Cedar),
        Format::Json => deodar_grammar::policy_set_from_json(sources, source),
    })
}

fn read_schema(document: &Document) -> Result<(Sources, ast::schema::Schema), String> {
    read(document, |sources, source| match document.format {
        Format::Cedar => deodar_grammar::parse_schema(sources, source),
        Format::Json => deodar_grammar::schema_from_json(sources, source),
    })
}

/// Reads a document without errors.
fn read<T>(
    document: &Document,
    parse: impl FnOnce(&Sources, SourceId) -> (T, Vec<Diagnostic>),
) -> Result<(Sources, T), String> {
    let mut sources = Sources::new();
    let source = sources.add("document", document.text.clone());
    let (tree, diagnostics) = parse(&sources, source);
    check(&diagnostics)?;
    Ok((sources, tree))
}

fn read_shapes(document: &Document) -> Result<Shapes, String> {
    let (_, fragment) = read_schema(document)?;
    let (schema, diagnostics) = Schema::resolve(&[fragment]);
    check(&diagnostics)?;
    schema.map(|schema| schema.shapes().clone()).ok_or_else(|| "no schema and no error".to_owned())
}

fn check(diagnostics: &[Diagnostic]) -> Acceptance {
    if diagnostics.iter().any(Diagnostic::is_error) { Err(messages(diagnostics)) } else { Ok(()) }
}

fn messages(diagnostics: &[Diagnostic]) -> String {
    let errors: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).map(ToString::to_string).collect();
    errors.join("; ")
}

fn acceptance<T>(outcome: &Result<T, String>) -> Acceptance {
    outcome.as_ref().map(|_| ()).map_err(Clone::clone)
}

fn make_link(program: &mut Program, link: &Link) -> Acceptance {
    let values = link.values.iter().map(|(slot, uid)| {
        let slot = Slot::from_name(slot).ok_or_else(|| format!("no slot {slot}"))?;
        Ok((slot, read_uid(uid)?))
    });
    let values = values.collect::<Result<Vec<_>, String>>()?;
    program.link(&link.template, &link.id, &values).map_err(|error| error.to_string())
}

fn decide(request: &Request, engine: &Engine, shapes: Option<&Shapes>) -> Result<Response, String> {
    let checked = read_request(request, shapes)?;
    if let Some(shapes) = shapes
        && request.validate
    {
        checked.validate(shapes).map_err(|error| error.to_string())?;
    }
    let response = engine.authorize(&checked);
    if response != engine.authorize_by_scan(&checked) {
        return Err("the index and the scan differ".to_owned());
    }
    if let Some(limit) = response.limit() {
        return Err(format!("limit exceeded: {limit}"));
    }
    let errors = response.errors().iter().map(|error| (error.policy.to_string(), error_kind(&error.error.kind)));
    Ok(Response {
        decision: match response.decision() {
            deodar_runtime::Decision::Allow => Decision::Allow,
            deodar_runtime::Decision::Deny => Decision::Deny,
        },
        reasons: response.determining().iter().map(ToString::to_string).collect(),
        errors: errors.collect(),
    })
}

fn read_request(request: &Request, shapes: Option<&Shapes>) -> Result<deodar_runtime::Request, String> {
    let [principal, action, resource] = [&request.principal, &request.action, &request.resource].map(read_uid);
    let action = action?;
    let shapes = shapes.map(|shapes| (shapes, &action));
    let context = Context::from_json(&request.context, shapes).map_err(|error| error.to_string())?;
    Ok(deodar_runtime::Request::new(principal?, action, resource?, context))
}

fn read_uid(uid: &Uid) -> Result<EntityUid, String> {
    let ty = EntityTypeName::new(&uid.ty).map_err(|error| error.to_string())?;
    Ok(EntityUid::new(ty, uid.id.as_str()))
}

fn error_kind(error: &EvalErrorKind) -> ErrorKind {
    match error {
        EvalErrorKind::EntityDoesNotExist(_) => ErrorKind::MissingEntity,
        EvalErrorKind::EntityAttributeDoesNotExist(..) | EvalErrorKind::TagDoesNotExist(..) => {
            ErrorKind::MissingAttribute
        }
        EvalErrorKind::RecordAttributeDoesNotExist(_) => ErrorKind::MissingRecordAttribute,
        EvalErrorKind::Type { .. } => ErrorKind::Type,
        EvalErrorKind::WrongNumberOfArguments { .. } => ErrorKind::Arity,
        EvalErrorKind::Overflow(_) => ErrorKind::Overflow,
        EvalErrorKind::Extension { .. } => ErrorKind::Extension,
        EvalErrorKind::UnlinkedSlot(_) => ErrorKind::UnlinkedSlot,
        EvalErrorKind::NoRequest(_) => ErrorKind::Other,
    }
}
