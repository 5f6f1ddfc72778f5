//! Files of tests: fixtures with names, and tests that use them.
//!
//! ```yaml
//! entities: [entities.json]              # files beside this one, or entities themselves
//! principals: { triage: 'Agent::"triage"' }
//! contexts: { office: { mfa: true } }
//! now: 2026-11-23T09:00:00Z              # `context.now` where the action takes one and the context has none
//! tests:
//!   - name: an agent closes its ticket
//!     principal: triage                  # a fixture, or an entity
//!     action: Action::"close"
//!     resource: Ticket::"T-1"
//!     context: office
//!     decision: allow
//!     policies: [agents.close]           # exactly these determine it
//!   - name: nobody else does             # a table: each principal × action × resource
//!     principals: [Agent::"other", User::"alice"]
//!     action: Action::"close"
//!     resource: Ticket::"T-1"
//!     decision: deny
//!     except: [{ principal: User::"alice", decision: allow }]
//! ```

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Component, Path, PathBuf},
};

use deodar_grammar::{Diagnostic, Span, closest};
use deodar_runtime::{Entities, EntityUid, Shapes, Value};

use super::{Suites, case::Cases, imported};
use crate::{
    document::{Document, Fields, Form},
    input::{Combined, File, names},
    report,
    session::Session,
};

/// What the tests of a run share.
#[derive(Debug)]
pub(crate) struct Shared<'s> {
    pub(crate) shapes: Option<&'s Shapes>,
    /// The entities of tests that have none.
    pub(crate) entities: Entities,
}

/// Reads the files; what is wrong with them goes to the session.
pub(crate) fn read_suites(session: &mut Session<'_>, files: &[File], shared: Shared<'_>) -> Suites {
    let mut suites = Suites { stores: vec![shared.entities], cases: Vec::new() };
    let mut known = HashMap::new();
    for file in files {
        if let Some(document) = Document::read(session, &file.name, "the tests") {
            let mut problems = Vec::new();
            match document.parse() {
                Ok(json) => {
                    let root = Form::new(&document, json.root());
                    let (suites, shapes, known) = (&mut suites, shared.shapes, &mut known);
                    let mut reader = Reader { session, suites, shapes, known, path: &file.name };
                    reader.file(root, &mut problems);
                }
                Err(problem) => problems.push(problem),
            }
            session.report_all(problems);
        }
    }
    suites
}

/// What a file is read with.
pub(super) struct Reader<'r, 's> {
    pub(super) session: &'r mut Session<'s>,
    pub(super) suites: &'r mut Suites,
    pub(super) shapes: Option<&'r Shapes>,
    /// Stores of files only, by the files: many tests name the same.
    known: &'r mut HashMap<Vec<String>, usize>,
    /// The path of the file; other files are named relative to it.
    path: &'r str,
}

/// What tests of a file call by name.
#[derive(Debug, Default)]
pub(super) struct Fixtures<'d> {
    pub(super) principals: BTreeMap<&'d str, EntityUid>,
    pub(super) actions: BTreeMap<&'d str, EntityUid>,
    pub(super) resources: BTreeMap<&'d str, EntityUid>,
    pub(super) contexts: BTreeMap<&'d str, Form<'d>>,
    /// The time that it is, for tests that do not say otherwise.
    pub(super) now: Option<&'d str>,
}

const FILE: &[&str] = &["name", "entities", "principals", "actions", "resources", "contexts", "now", "tests"];

const TEST: &[&str] = &[
    "name",
    "principal",
    "principals",
    "action",
    "actions",
    "resource",
    "resources",
    "context",
    "contexts",
    "now",
    "entities",
    "decision",
    "policies",
    "errors",
    "skip",
    "except",
];

const ENTITIES: &str = "the path of a file with entities, or a list of paths and entities";

impl Reader<'_, '_> {
    fn file(&mut self, root: Form<'_>, problems: &mut Vec<Diagnostic>) {
        if root.value.as_array().is_some() {
            return imported::read(self, root, problems);
        }
        let fields = root.fields("an object with `tests`", FILE, problems);
        if root.value.as_object().is_none() {
            return;
        }
        let fixtures = Fixtures {
            principals: entities_of(&fields, "principals", problems),
            actions: entities_of(&fields, "actions", problems),
            resources: entities_of(&fields, "resources", problems),
            contexts: contexts(&fields, problems),
            now: fields.get("now").and_then(|form| instant(form, problems)),
        };
        let Some(tests) = fields.get("tests") else {
            problems.push(report::missing_key(root.span(), "tests", "file"));
            return;
        };
        let of_file = fields.get("entities");
        // Tests without entities of their own share those of the file.
        let store = of_file.map_or(Some(0), |form| self.store(&[form], problems));
        for test in tests.list("a list of tests", problems).unwrap_or_default() {
            let fields = test.fields("an object with a test", TEST, problems);
            let own = fields.get("entities");
            let store = match own {
                None => store,
                Some(own) => {
                    let forms: Vec<Form<'_>> = of_file.into_iter().chain([own]).collect();
                    self.store(&forms, problems)
                }
            };
            let mut cases = Cases {
                sources: &self.session.sources,
                shapes: self.shapes,
                fixtures: &fixtures,
                store,
                into: &mut self.suites.cases,
            };
            cases.test(&fields, problems);
        }
    }

    /// The number of a new store; entities of later parts replace those of earlier ones.
    pub(super) fn store(&mut self, parts: &[Form<'_>], problems: &mut Vec<Diagnostic>) -> Option<usize> {
        let n_problems = problems.len();
        let mut files: HashMap<String, Document> = HashMap::new();
        let mut all = Vec::new();
        for part in parts {
            all.extend(elements(*part, problems));
        }
        let files_only =
            all.iter().map(|form| Some(self.beside(form.value.as_str()?))).collect::<Option<Vec<String>>>();
        if let Some(store) = files_only.as_ref().and_then(|files| self.known.get(files)) {
            return Some(*store);
        }
        for form in all {
            if let Some(name) = form.value.as_str() {
                let path = self.beside(name);
                if let Some(document) = Document::read(self.session, &path, "the entities") {
                    files.insert(name.to_owned(), document);
                } else {
                    problems.push(report::fixture_unreadable(form.span(), name));
                }
            }
        }
        let mut parsed = HashMap::new();
        for (name, document) in &files {
            match document.parse() {
                Ok(json) => {
                    parsed.insert(name.as_str(), (document, json));
                }
                Err(problem) => problems.push(problem),
            }
        }
        let anchor = parts.first().map(|form| form.span())?;
        let mut combined = Combined::new(anchor);
        let mut later = HashSet::new();
        let mut unused = Vec::new();
        // What comes last counts, so it is looked at first.
        for part in parts.iter().rev() {
            let mut own = HashSet::new();
            for form in elements(*part, &mut unused) {
                let array = form.value.as_str().and_then(|name| parsed.get(name));
                let array = array.map(|(document, json)| Form::new(document, json.root()));
                let added = match array {
                    Some(array) => {
                        own.extend(names(array));
                        combined.add(array, &later)
                    }
                    None if form.value.as_str().is_some() => Ok(()),
                    None => {
                        own.extend(crate::input::name(form.value));
                        combined.add_entity(form, &later);
                        Ok(())
                    }
                };
                problems.extend(added.err());
            }
            later.extend(own);
        }
        if problems.len() > n_problems {
            return None;
        }
        match combined.read(self.shapes) {
            Ok(entities) => {
                let store = self.suites.stores.len();
                self.suites.stores.push(entities);
                self.known.extend(files_only.map(|files| (files, store)));
                Some(store)
            }
            Err(problem) => {
                problems.push(problem);
                None
            }
        }
    }

    /// The path of a file that is named in this one.
    fn beside(&self, name: &str) -> String {
        let folder = Path::new(self.path).parent().unwrap_or(Path::new(""));
        normal(&folder.join(name))
    }
}

/// The path without detours: `tests/../data` is `data`.
fn normal(path: &Path) -> String {
    let mut normal = PathBuf::new();
    for part in path.components() {
        let is_folder = matches!(normal.components().next_back(), Some(Component::Normal(_)));
        if part == Component::ParentDir && is_folder {
            normal.pop();
        } else {
            normal.push(part);
        }
    }
    normal.to_string_lossy().into_owned()
}

/// A single path, or the elements of a list.
fn elements<'d>(form: Form<'d>, problems: &mut Vec<Diagnostic>) -> Vec<Form<'d>> {
    if form.value.as_str().is_some() { vec![form] } else { form.list(ENTITIES, problems).unwrap_or_default() }
}

/// Named entities.
fn entities_of<'d>(fields: &Fields<'d>, key: &str, problems: &mut Vec<Diagnostic>) -> BTreeMap<&'d str, EntityUid> {
    let Some(form) = fields.get(key) else { return BTreeMap::new() };
    let members = form.members("an object with names and entities", problems);
    members.into_iter().filter_map(|(name, _, form)| Some((name, entity(form, None, problems)?))).collect()
}

fn contexts<'d>(fields: &Fields<'d>, problems: &mut Vec<Diagnostic>) -> BTreeMap<&'d str, Form<'d>> {
    let Some(form) = fields.get("contexts") else { return BTreeMap::new() };
    let members = form.members("an object with names and contexts", problems);
    members.into_iter().map(|(name, _, form)| (name, form)).collect()
}

/// A point in time, as `datetime` takes it.
pub(super) fn instant<'d>(form: Form<'d>, problems: &mut Vec<Diagnostic>) -> Option<&'d str> {
    let text = form.text("a point in time, as in `2026-11-23T09:00:00Z`", problems)?;
    let read = Value::datetime(text).map_err(|error| problems.push(report::input_at(&error, form.span())));
    read.ok().map(|_| text)
}

/// An entity by its name in the file, or as it is written.
pub(super) fn entity(
    form: Form<'_>,
    fixtures: Option<&BTreeMap<&str, EntityUid>>,
    problems: &mut Vec<Diagnostic>,
) -> Option<EntityUid> {
    let text = form.text("an entity, as in `User::\"alice\"`", problems)?;
    if let Some(uid) = fixtures.and_then(|fixtures| fixtures.get(text)) {
        return Some(uid.clone());
    }
    match text.parse() {
        Ok(uid) => Some(uid),
        Err(error) => {
            let names = fixtures.iter().flat_map(|fixtures| fixtures.keys().copied());
            problems.push(report::no_entity(form.span(), text, &error, closest(text, names)));
            None
        }
    }
}

/// The first byte of a test, for reports on the whole of it.
pub(super) fn start_of(span: Span) -> Span {
    Span { end: span.start, ..span }
}
