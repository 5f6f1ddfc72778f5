//! The recorded entities, schemas and JSON policies.

use std::collections::BTreeSet;

use deodar_compiler::{Schema, compile};
use deodar_grammar::{
    Diagnostic, SourceId, Sources,
    ast::{Dialect, PolicySet, schema},
};
use deodar_runtime::{Entities, Shapes};
use deodar_tests::{
    engine, oracle,
    question::{Document, Format, Question},
};
use serde_json::{Value, json};

use super::{
    Tally, expect, ok_if,
    recording::{self, Recorded, section},
    recordings,
};

/// The ids of the policies, and of the templates with `T:` before them.
pub fn policy_names(document: &Document) -> Result<BTreeSet<String>, String> {
    let (sources, set) = read_policies(document, |sources, source| match document.format {
        Format::Cedar => deodar_grammar::parse_policies(sources, source, Dialect::Cedar),
        Format::Json => deodar_grammar::policy_set_from_json(sources, source),
    })?;
    let program = compile(&[&set], &sources).map_err(|errors| format!("{errors:?}"))?;
    let templates = program.templates().iter().map(|template| format!("T:{}", template.id));
    Ok(program.policies().iter().map(|policy| policy.id.to_string()).chain(templates).collect())
}

type Read<T> = fn(&Sources, SourceId) -> (T, Vec<Diagnostic>);

fn read_policies(
    document: &Document,
    read: impl Fn(&Sources, SourceId) -> (PolicySet, Vec<Diagnostic>),
) -> Result<(Sources, PolicySet), String> {
    let mut sources = Sources::new();
    let source = sources.add("probe", document.text.clone());
    let (set, diagnostics) = read(&sources, source);
    without_errors(&diagnostics)?;
    Ok((sources, set))
}

fn without_errors(diagnostics: &[Diagnostic]) -> Result<(), String> {
    let errors: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).map(ToString::to_string).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
}

/// The schema, and how many warnings it has.
fn resolve(text: &str, read: Read<schema::Schema>) -> Result<(Schema, usize), String> {
    let mut sources = Sources::new();
    let source = sources.add("probe", text);
    let (tree, diagnostics) = read(&sources, source);
    without_errors(&diagnostics)?;
    let (schema, more) = Schema::resolve(&[tree]);
    without_errors(&more)?;
    let warnings = diagnostics.iter().chain(&more).count();
    Ok((schema.ok_or("no schema and no error")?, warnings))
}

#[test]
fn entity_values_are_read_and_written_as_recorded() {
    let Some(text) = recordings("probe2.out") else { return };
    let mut tally = Tally::default();
    for line in section(&text, "entity values").lines() {
        let (input, recorded) = recording::json(line);
        let value = read_value(&input);
        let outcome =
            expect(&recorded, &value).and(value.map_or(Ok(()), |value| match (&recorded, write_value(&value)) {
                (Recorded::Accepted(again), Err(_)) if again.starts_with("RESERIALIZE-ERR") => Ok(()),
                (Recorded::Accepted(again), Ok(written)) if parse(again) == written => Ok(()),
                // The reference writes an extension value as it was written, we write what it is.
                (Recorded::Accepted(again), Ok(written))
                    if again.contains("__extn")
                        && read_value(again).and_then(|v| write_value(&v)) == Ok(written.clone()) =>
                {
                    Ok(())
                }
                (_, written) => Err(format!("expected {recorded:?}; wrote {written:?}")),
            }));
        tally.check(&input, outcome);
    }
    tally.finish("entity values", 30);
}

/// An entity with the value as an attribute.
fn read_value(value: &str) -> Result<Entities, String> {
    let document = format!(r#"[{{"uid": {{"type": "U", "id": "a"}}, "attrs": {{"v": {value}}}, "parents": []}}]"#);
    Entities::from_json(&document, None).map_err(|error| error.to_string())
}

fn write_value(entities: &Entities) -> Result<Value, String> {
    let text = entities.to_json().map_err(|error| error.to_string())?;
    Ok(parse(&text)[0]["attrs"]["v"].clone())
}

/// The JSON value; a text that is none, as a string.
fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

#[test]
fn entity_documents_are_read_and_written_as_recorded() {
    check_entities("entity docs", None, 9);
}

#[test]
fn entity_documents_conform_to_a_schema_as_recorded() {
    const SCHEMA: &str = r#"
        entity G;
        entity R;
        entity C enum ["red"];
        entity U in [G] {n: Long, f?: U, ip?: ipaddr, d?: decimal, s?: Set<String>, r?: {z: Long}, c?: C} tags String;
        action all, noapply;
        action view, edit, list in [all] appliesTo {principal: U, resource: R};
    "#;
    check_entities("with schema", Some(SCHEMA), 14);
}

fn check_entities(name: &str, schema: Option<&str>, at_least: usize) {
    let Some(text) = recordings("probe2.out") else { return };
    let shapes = schema.map(|schema| resolve(schema, deodar_grammar::parse_schema).expect("a schema").0);
    let shapes = shapes.as_ref().map(Schema::shapes);
    let mut tally = Tally::default();
    let lines: Vec<_> = section(&text, name).lines().collect();
    for pair in lines.chunks(2) {
        let (input, mut recorded) = recording::json(pair[0]);
        if let Recorded::Accepted(written) = &mut recorded {
            *written = pair[1].trim_start().trim_start_matches("->").trim().to_owned();
        }
        let outcome = reference_accepts(&input, schema)
            .and_then(|accepted| ok_if("the reference differs from the recording")(accepted == recorded.accepted()));
        tally.check(&input, outcome.and(check_document(&input, &recorded, shapes)));
    }
    tally.finish(name, at_least);
}

fn reference_accepts(entities: &str, schema: Option<&str>) -> Result<bool, String> {
    let question = Question {
        policies: Document::cedar(""),
        links: Vec::new(),
        schema: schema.map(Document::cedar),
        entities: entities.to_owned(),
        requests: Vec::new(),
        verdict: false,
    };
    let answers = oracle::on_big_stack(|| oracle::answer(&question));
    answers.schema.map(|()| answers.entities.is_ok())
}

fn check_document(input: &str, recorded: &Recorded, shapes: Option<&Shapes>) -> Result<(), String> {
    let entities = Entities::from_json(input, shapes).map_err(|error| error.to_string());
    expect(recorded, &entities)?;
    let (Recorded::Accepted(written), Ok(entities)) = (recorded, entities) else { return Ok(()) };
    let expected = serde_json::Deserializer::from_str(written).into_iter::<Value>();
    let expected = sorted(expected.collect::<Result<_, _>>().map_err(|error| error.to_string())?);
    let got = parse(&entities.to_json().map_err(|error| error.to_string())?);
    let got = sorted(got.as_array().cloned().unwrap_or_default());
    // Extension values: as above.
    let again =
        Entities::from_json(&Value::from(expected.clone()).to_string(), None).map_err(|error| error.to_string())?;
    let again = parse(&again.to_json().map_err(|error| error.to_string())?);
    let again = sorted(again.as_array().cloned().unwrap_or_default());
    ok_if(&format!("expected {expected:?}; wrote {got:?}"))(expected == got || again == got)
}

/// Entities in one order, an empty set of tags left out.
fn sorted(mut entities: Vec<Value>) -> Vec<Value> {
    for entity in &mut entities {
        if entity["tags"] == json!({}) || entity["tags"].is_null() {
            entity.as_object_mut().expect("an entity").remove("tags");
        }
    }
    entities.sort_by_key(|entity| entity["uid"].to_string());
    entities
}

#[test]
fn schemas_are_accepted_with_the_recorded_warnings() {
    let (Some(first), Some(second)) = (recordings("probe2.out"), recordings("probe3.out")) else { return };
    let mut tally = Tally::default();
    let quoted = |line: &&str| line.starts_with("OK  \"") || line.starts_with("ERR \"");
    for line in section(&first, "schemas").lines().chain(section(&second, "").lines()).filter(quoted) {
        let (input, recorded) = recording::quoted(line);
        let schema = resolve(&input, deodar_grammar::parse_schema);
        let outcome = expect(&recorded, &schema);
        let warnings = match (&recorded, schema) {
            (Recorded::Accepted(after), Ok((_, warnings))) => {
                let expected = recording::strings(after).len();
                ok_if(&format!("expected {expected} warnings; got {warnings}"))(expected == warnings)
            }
            _ => Ok(()),
        };
        tally.check(&input, outcome.and(warnings));
    }
    tally.finish("schemas", 92);
}

#[test]
fn json_schemas_are_accepted_as_recorded() {
    let Some(text) = recordings("probe3.out") else { return };
    let mut tally = Tally::default();
    let is_json = |line: &&str| line.starts_with("OK  {") || line.starts_with("ERR {");
    for line in section(&text, "").lines().filter(is_json) {
        let (input, recorded) = recording::json(line);
        tally.check(&input, expect(&recorded, &resolve(&input, deodar_grammar::schema_from_json)));
    }
    tally.finish("JSON schemas", 16);
}

#[test]
fn the_printed_forms_of_a_schema_are_read_and_written_as_recorded() {
    let Some(text) = recordings("probe3.out") else { return };
    let text = section(&text, "");
    let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).expect("a recorded form");
    for form in [line("dup attr -> "), line("json -> ")] {
        assert_eq!(engine::schema_to_json(&Document::json(form)), Ok(parse(form)), "{form}");
    }
    let printed = text.split("cedar -> ").nth(1).expect("a printed schema");
    let printed = Document::cedar(&printed[..printed.find("\nOK  ").expect("the end of the printed schema")]);
    oracle::on_big_stack(|| {
        assert_eq!(engine::schema_to_json(&printed), oracle::schema_to_json(&printed));
        let ours = Document::cedar(engine::format_schema(&Document::json(line("json -> "))).expect("a schema"));
        assert_eq!(oracle::resolved_schema(&ours), oracle::resolved_schema(&printed), "{}", ours.text);
    });
}

#[test]
fn policies_become_the_recorded_json_and_come_back() {
    let Some(text) = recordings("probe3.out") else { return };
    let mut tally = Tally::default();
    let mut source = "";
    for line in section(&text, "est").lines() {
        if line.starts_with("permit") || line.starts_with("forbid") || line.starts_with('@') {
            source = line;
        } else if let Some((_, form)) = line.split_once("-> ").filter(|_| line.starts_with(' ')) {
            tally
                .check(line, if form.starts_with('{') { policy_json(source, form) } else { same_policy(source, form) });
        }
    }
    tally.finish("policies in both syntaxes", 9);
}

fn policy_json(source: &str, form: &str) -> Result<(), String> {
    let (_, set) = read_policies(&Document::cedar(source), cedar)?;
    let written = deodar_grammar::policy_to_json(&set, set.policies.first().ok_or("no policy")?);
    ok_if(&format!("wrote {written}"))(parse(&written) == parse(form))?;
    let read: Read<PolicySet> =
        if form.contains("\"slot\"") { deodar_grammar::template_from_json } else { deodar_grammar::policy_from_json };
    let (_, again) = read_policies(&Document::json(form), read)?;
    // Not the text: `action in [Action::"a"]` and `action in Action::"a"` have one JSON form.
    let written = deodar_grammar::policy_to_json(&again, again.policies.first().ok_or("no policy")?);
    ok_if(&format!("read and wrote {written}"))(parse(&written) == parse(form))
}

fn cedar(sources: &Sources, source: SourceId) -> (PolicySet, Vec<Diagnostic>) {
    deodar_grammar::parse_policies(sources, source, Dialect::Cedar)
}

fn same_policy(one: &str, other: &str) -> Result<(), String> {
    let print =
        |text| read_policies(&Document::cedar(text), cedar).map(|(_, set)| deodar_grammar::print_policies(&set));
    let (one, other) = (print(one)?, print(other)?);
    ok_if(&format!("{one}\nis not\n{other}"))(one == other)
}

#[test]
fn json_policies_are_accepted_as_recorded() {
    let Some(text) = recordings("probe3.out") else { return };
    let mut tally = Tally::default();
    let is_json = |line: &&str| line.starts_with("OK  {") || line.starts_with("ERR {");
    for line in section(&text, "est").lines().filter(is_json) {
        let (input, recorded) = recording::json(line);
        let is_set = input.contains("\"staticPolicies\"");
        let outcome = if is_set { check_set(&input, &recorded) } else { check_policy(&input, &recorded) };
        tally.check(&input, outcome);
    }
    tally.finish("JSON policies and policy sets", 17);
}

fn check_set(input: &str, recorded: &Recorded) -> Result<(), String> {
    let names = policy_names(&Document::json(input));
    expect(recorded, &names)?;
    let (Recorded::Accepted(after), Ok(names)) = (recorded, names) else { return Ok(()) };
    let static_policies = names.iter().filter(|name| !name.starts_with("T:")).count();
    ok_if("another number of policies")(after == &format!("n={static_policies}"))
}

fn check_policy(input: &str, recorded: &Recorded) -> Result<(), String> {
    let policy = read_policies(&Document::json(input), deodar_grammar::policy_from_json);
    expect(recorded, &policy)?;
    let (Recorded::Accepted(after), Ok((_, set))) = (recorded, policy) else { return Ok(()) };
    let printed = after.rsplit_once(" id=").map_or(after.as_str(), |(text, _)| text);
    same_policy(&deodar_grammar::print_policies(&set), printed)
}
