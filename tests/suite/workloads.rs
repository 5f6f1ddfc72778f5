//! The recorded decisions of whole applications.
//!
//! A workload is a folder of policies and a schema, with folders of entities, requests and links of growing size. The
//! requests carry what the reference decided: decision, determining policies, failing policies.

use std::collections::{BTreeMap, BTreeSet};

use deodar_grammar::{Sources, ast::Dialect};
use deodar_tests::{
    archive::Archive,
    engine,
    question::{Answers, Decision, Document, Link, Question, Request, Uid},
};
use serde::Deserialize;
use serde_json::Value;

use crate::shared::shared;

#[derive(Deserialize)]
struct RecordedRequest {
    principal: RecordedUid,
    action: RecordedUid,
    resource: RecordedUid,
    context: Value,
    decision: String,
    reasons: BTreeSet<String>,
    errors: BTreeSet<String>,
}

#[derive(Deserialize)]
struct RecordedLink {
    template: String,
    id: String,
    principal: Option<RecordedUid>,
    resource: Option<RecordedUid>,
}

#[derive(Deserialize)]
struct RecordedUid {
    #[serde(rename = "type")]
    ty: String,
    id: String,
}

impl RecordedUid {
    fn uid(&self) -> Uid {
        Uid::new(&self.ty, &self.id)
    }
}

#[test]
fn applications_decide_as_recorded() {
    check(&["gdrive", "github", "tinytodo"], &["n5", "n20", "n50"], 0);
}

#[test]
fn applications_with_templates_decide_as_recorded() {
    check(&["gdrive-templates", "github-templates"], &["n5", "n20", "n50"], 20);
}

#[test]
fn many_policies_decide_as_recorded() {
    let Some(archive) = open() else { return };
    for kind in ["abac", "acl", "links", "mixed"] {
        for size in [10, 100, 1_000] {
            let folder = format!("pscale/{kind}-{size}");
            let links = check_one(&archive, &folder, &folder, &format!("{folder}/schema.cedarschema"));
            assert_eq!(links > 0, kind == "links", "{folder}");
        }
    }
}

fn check(applications: &[&str], sizes: &[&str], at_least_links: usize) {
    let Some(archive) = open() else { return };
    for application in applications {
        let links = sizes.iter().map(|size| {
            check_one(&archive, application, &format!("{application}/{size}"), &format!("{application}/schema.json"))
        });
        let links: usize = links.sum();
        assert!(links >= at_least_links, "{application}: only {links} links");
    }
}

fn open() -> Option<Archive> {
    shared("workloads/workloads.tar.gz").map(|path| Archive::open(&path).expect("an archive"))
}

/// Decides every request of the folder; returns how many links were made.
#[track_caller]
fn check_one(archive: &Archive, application: &str, folder: &str, schema: &str) -> usize {
    let text = |path: &str| archive.text(path).expect("a file").to_owned();
    let recorded: Vec<RecordedRequest> = parse(&text(&format!("{folder}/requests.json")));
    let links = archive.text(&format!("{folder}/links.json")).map(parse::<Vec<RecordedLink>>).unwrap_or_default();
    let policies = text(&format!("{application}/policies.cedar"));
    let templates = template_ids(&policies);
    let question = Question {
        links: links.iter().map(|recorded| link(recorded, &templates)).collect(),
        policies: Document::cedar(policies),
        schema: Some(if schema.ends_with(".json") {
            Document::json(text(schema))
        } else {
            Document::cedar(text(schema))
        }),
        entities: text(&format!("{folder}/entities.json")),
        requests: recorded.iter().map(request).collect(),
        verdict: false,
    };
    let answers = engine::answer(&question);
    let inputs = [&answers.policies, &answers.schema, &answers.entities];
    assert!(inputs.into_iter().chain(&answers.links).all(Result::is_ok), "{folder}: {inputs:?} {:?}", answers.links);
    compare(folder, &recorded, &answers);
    links.len()
}

#[track_caller]
fn compare(folder: &str, recorded: &[RecordedRequest], answers: &Answers) {
    assert!(recorded.len() >= 50, "{folder}: only {} requests", recorded.len());
    assert_eq!(recorded.len(), answers.requests.len(), "{folder}");
    let mut decisions = [0, 0];
    for (index, (expected, got)) in recorded.iter().zip(&answers.requests).enumerate() {
        let got = got.as_ref().unwrap_or_else(|error| panic!("{folder}: request {index}: {error}"));
        let decision = if expected.decision == "Allow" { Decision::Allow } else { Decision::Deny };
        decisions[usize::from(decision == Decision::Allow)] += 1;
        let same =
            decision == got.decision && expected.reasons == got.reasons && expected.errors.iter().eq(got.errors.keys());
        let (reasons, errors) = (&expected.reasons, &expected.errors);
        assert!(same, "{folder}: request {index}: expected {decision:?} {reasons:?} {errors:?}; got {got}");
    }
    println!("{folder}: {} denied and {} allowed, as recorded", decisions[0], decisions[1]);
}

fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    serde_json::from_str(text).expect("a recording")
}

/// The links call a template by its `@id`; the id of each such policy.
fn template_ids(policies: &str) -> BTreeMap<String, String> {
    let mut sources = Sources::new();
    let source = sources.add("policies", policies);
    let (set, _) = deodar_grammar::parse_policies(&sources, source, Dialect::Cedar);
    let ids = set.policies.iter().filter_map(|policy| {
        let annotation = policy.annotation("id")?.value.as_ref()?;
        Some((annotation.value.to_string(), policy.id.to_string()))
    });
    ids.collect()
}

fn link(link: &RecordedLink, templates: &BTreeMap<String, String>) -> Link {
    let values = [("?principal", &link.principal), ("?resource", &link.resource)];
    let values = values.into_iter().filter_map(|(slot, uid)| Some((slot.to_owned(), uid.as_ref()?.uid())));
    Link {
        template: templates.get(&link.template).unwrap_or(&link.template).clone(),
        id: link.id.clone(),
        values: values.collect(),
    }
}

fn request(request: &RecordedRequest) -> Request {
    Request {
        principal: request.principal.uid(),
        action: request.action.uid(),
        resource: request.resource.uid(),
        context: request.context.to_string(),
        validate: true,
    }
}
