//! The policy set as a page for people: what each policy says in plain words, whose it is, which tests it determines,
//! and who may do what, by action.
//!
//! A page is made of the policies alone, without dates or versions, so it differs exactly if they do.

mod html;
mod json;
mod markdown;

use std::collections::{BTreeMap, BTreeSet};

use deodar_compiler::uid;
use deodar_grammar::{
    Sources,
    ast::{ActionConstraintKind, Effect, Policy as Tree, PolicySet},
};
use deodar_runtime::{
    Engine, EntityUid, Program, Shapes,
    program::{ActionConstraint, Policy},
};

use crate::{prose, suite::Suites};

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Material<'a> {
    pub(crate) title: &'a str,
    /// What leads to the project: paths on the page start from there, wherever the command runs.
    pub(crate) root: &'a str,
    pub(crate) sets: &'a [PolicySet],
    pub(crate) sources: &'a Sources,
    pub(crate) program: &'a Program,
    pub(crate) shapes: Option<&'a Shapes>,
    pub(crate) suites: Option<&'a Suites>,
}

/// The page.
#[derive(Debug)]
pub(crate) struct Handbook {
    title: String,
    permits: usize,
    forbids: usize,
    templates: usize,
    links: usize,
    /// How many tests there are; nothing if nobody looked.
    tests: Option<usize>,
    files: Vec<FilePage>,
    actions: Vec<ActionPage>,
}

/// The policies of a file.
#[derive(Debug)]
struct FilePage {
    name: String,
    policies: Vec<PolicyPage>,
}

/// A policy or template.
#[derive(Debug)]
struct PolicyPage {
    id: String,
    /// What it is called in links within the page.
    anchor: String,
    effect: Effect,
    line: u32,
    is_template: bool,
    owner: Option<String>,
    annotations: Vec<(String, String)>,
    sentence: String,
    conditions: Vec<String>,
    /// Links made of it, each with the entities in its slots.
    links: Vec<(String, String)>,
    /// The names of the tests whose decision it determines.
    tests: Vec<String>,
}

/// Who may do an action.
#[derive(Debug)]
struct ActionPage {
    action: String,
    /// Ids and anchors.
    permits: Vec<(String, String)>,
    forbids: Vec<(String, String)>,
}

/// The forms of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageForm {
    Markdown,
    Html,
}

impl PageForm {
    /// The form of a file, by its name.
    pub(crate) fn of_path(path: &str) -> Self {
        let ending = std::path::Path::new(path).extension().and_then(|ending| ending.to_str());
        if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("html") || ending.eq_ignore_ascii_case("htm")) {
            Self::Html
        } else {
            Self::Markdown
        }
    }
}

/// The annotation that says whose a policy is.
const OWNER: &str = "owner";

impl Handbook {
    pub(crate) fn new(material: Material<'_>) -> Self {
        let known = Known {
            determined: material.suites.map(|suites| tests_by_policy(material.program, suites)),
            links: links_by_template(material.program),
        };
        let mut anchors = BTreeSet::new();
        let files: Vec<FilePage> = material
            .sets
            .iter()
            .filter(|set| !set.policies.is_empty())
            .map(|set| FilePage {
                name: {
                    let name = material.sources.name(set.source);
                    name.strip_prefix(material.root).unwrap_or(name).to_owned()
                },
                policies: set
                    .policies
                    .iter()
                    .map(|policy| policy_page(material, set, policy, &known, &mut anchors))
                    .collect(),
            })
            .collect();
        let all = || files.iter().flat_map(|file| &file.policies);
        let count = |effect: Effect| all().filter(|page| page.effect == effect && !page.is_template).count();
        let actions = actions(material, &files);
        Self {
            title: material.title.to_owned(),
            permits: count(Effect::Permit),
            forbids: count(Effect::Forbid),
            templates: all().filter(|page| page.is_template).count(),
            links: material.program.policies().iter().filter(|policy| policy.template.is_some()).count(),
            tests: material.suites.map(|suites| suites.cases.len()),
            actions,
            files,
        }
    }

    pub(crate) fn write(&self, form: PageForm) -> String {
        match form {
            PageForm::Markdown => markdown::write(self),
            PageForm::Html => html::write(self),
        }
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        json::to_json(self)
    }

    fn n_policies(&self) -> usize {
        self.files.iter().map(|file| file.policies.len()).sum()
    }

    /// What the page counts, each with its noun.
    fn counts(&self) -> Vec<(usize, &'static str)> {
        let mut counts = vec![(self.permits, "permit"), (self.forbids, "forbid")];
        let optional = [(self.templates, "template"), (self.links, "link")];
        counts.extend(optional.into_iter().filter(|(count, _)| *count > 0));
        counts.push((self.files.len(), "file"));
        counts.extend(self.tests.map(|tests| (tests, "test")));
        counts
    }
}

/// What is looked up for each policy.
struct Known<'a> {
    /// The names of tests by the policies that they determine; nothing if nobody looked.
    determined: Option<BTreeMap<String, Vec<String>>>,
    links: BTreeMap<&'a str, Vec<&'a Policy>>,
}

fn links_by_template(program: &Program) -> BTreeMap<&str, Vec<&Policy>> {
    let mut links: BTreeMap<&str, Vec<&Policy>> = BTreeMap::new();
    for link in program.policies() {
        if let Some(template) = &link.template {
            links.entry(template.as_str()).or_default().push(link);
        }
    }
    links
}

fn policy_page(
    material: Material<'_>,
    set: &PolicySet,
    policy: &Tree,
    known: &Known<'_>,
    anchors: &mut BTreeSet<String>,
) -> PolicyPage {
    let annotations = policy.annotations.iter().map(|annotation| (annotation.key.value.to_string(), annotation.text()));
    let annotations: Vec<(String, String)> =
        annotations.filter(|(key, _)| key != "id").map(|(key, text)| (key, text.to_owned())).collect();
    let owner = annotations.iter().find(|(key, _)| key == OWNER).map(|(_, text)| text.clone());
    let links = known.links.get(policy.id.as_str()).into_iter().flatten();
    let links: Vec<(String, String)> = links.map(|link| (link.id.to_string(), slots(link))).collect();
    let ids = std::iter::once(policy.id.as_str()).chain(links.iter().map(|(id, _)| id.as_str()));
    let mut tests: Vec<String> = ids
        .filter_map(|id| known.determined.as_ref()?.get(id))
        .flatten()
        .cloned()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    tests.sort();
    PolicyPage {
        id: policy.id.to_string(),
        anchor: anchor(&policy.id, anchors),
        effect: policy.effect.value,
        line: material.sources.position(policy.span).line,
        is_template: policy.is_template(),
        owner,
        annotations: annotations.into_iter().filter(|(key, _)| key != OWNER).collect(),
        sentence: prose::scope(policy),
        conditions: prose::conditions(set, policy),
        links,
        tests,
    }
}

/// The entities that a link fills in.
fn slots(link: &Policy) -> String {
    let parts = [("principal", &link.scope.principal), ("resource", &link.scope.resource)];
    let parts = parts.into_iter().filter_map(|(part, constraint)| match constraint.entity()? {
        deodar_runtime::program::EntityOrSlot::Entity(uid) => Some(format!("{part} {uid}")),
        deodar_runtime::program::EntityOrSlot::Slot(_) => None,
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// A name for links that no other policy of the page has.
fn anchor(id: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let base = format!("policy-{}", id.chars().map(plain).collect::<String>());
    let mut name = base.clone();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{base}-{number}");
        number += 1;
    }
    name
}

/// For each policy the tests whose decision it determines.
fn tests_by_policy(program: &Program, suites: &Suites) -> BTreeMap<String, Vec<String>> {
    let engines: Vec<Engine> = suites.stores.iter().map(|store| Engine::new(program.clone(), store.clone())).collect();
    let mut tests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in &suites.cases {
        if let (Some(request), Some(engine)) = (&case.request, engines.get(case.store)) {
            for id in engine.authorize(request).determining() {
                tests.entry(id.to_string()).or_default().push(case.name.clone());
            }
        }
    }
    tests
}

/// Every action that the schema has for requests, or that a scope names, with the policies that are about it.
fn actions(material: Material<'_>, files: &[FilePage]) -> Vec<ActionPage> {
    let pages = files.iter().flat_map(|file| &file.policies);
    let of_id: BTreeMap<&str, &PolicyPage> = pages.map(|page| (page.id.as_str(), page)).collect();
    let policies: Vec<&Policy> = {
        let statics = material.program.policies().iter().filter(|policy| policy.template.is_none());
        statics.chain(material.program.templates()).collect()
    };
    let known: BTreeSet<EntityUid> = match material.shapes {
        Some(shapes) => {
            let of_requests = shapes.actions.iter().filter(|(_, shape)| !shape.principals.is_empty());
            of_requests.map(|(action, _)| action.clone()).collect()
        }
        None => material.sets.iter().flat_map(|set| &set.policies).flat_map(named_actions).collect(),
    };
    let page = |action: &EntityUid| {
        let about = |effect: Effect| {
            let is_about = |policy: &&&Policy| concerns(&policy.scope.action, action, material.shapes);
            let pages = policies.iter().filter(is_about).filter_map(|policy| of_id.get(policy.id.as_str()));
            let pages = pages.filter(|page| page.effect == effect);
            pages.map(|page| (page.id.clone(), page.anchor.clone())).collect()
        };
        ActionPage { action: action.to_string(), permits: about(Effect::Permit), forbids: about(Effect::Forbid) }
    };
    known.iter().map(page).collect()
}

fn named_actions(policy: &Tree) -> Vec<EntityUid> {
    let actions = match &policy.scope.action.kind {
        ActionConstraintKind::All => return Vec::new(),
        ActionConstraintKind::Equal(action) | ActionConstraintKind::In(action) => std::slice::from_ref(action),
        ActionConstraintKind::InSet(actions) => &actions[..],
    };
    actions.iter().filter_map(uid).collect()
}

fn concerns(constraint: &ActionConstraint, action: &EntityUid, shapes: Option<&Shapes>) -> bool {
    let is_in = |group: &EntityUid| {
        let ancestors = shapes.and_then(|shapes| shapes.actions.get(action)).map(|shape| &shape.ancestors);
        group == action || ancestors.is_some_and(|ancestors| ancestors.contains(group))
    };
    match constraint {
        ActionConstraint::Any => true,
        ActionConstraint::Equal(wanted) => wanted == action,
        ActionConstraint::In(groups) => groups.iter().any(is_in),
    }
}
