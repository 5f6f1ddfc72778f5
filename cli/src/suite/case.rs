//! Cases: one request each, and what is expected of the decision. Tables are spread out to cases here.

use std::{borrow::Cow, collections::BTreeMap};

use deodar_grammar::{Diagnostic, Sources, Span, closest};
use deodar_lexicon::json::Kind;
use deodar_runtime::{Context, Decision, EntityUid, InputCode, InputError, Request, Shapes};

use super::file::{Fixtures, entity, instant, start_of};
use crate::{
    document::{Fields, Form},
    finding::Place,
    input::validated,
    report,
};

/// One request with its expectations.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// Where it is written.
    pub(crate) place: Place,
    /// The number of its store in [`Suites`](super::Suites).
    pub(crate) store: usize,
    /// Nothing if it cannot be read.
    pub(crate) request: Option<Request>,
    pub(crate) expected: Expected,
    /// Why it does not run.
    pub(crate) skip: Option<String>,
}

/// What is expected of a decision.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) decision: Decision,
    pub(crate) policies: Policies,
    pub(crate) errors: Errors,
}

/// The policies that should determine a decision.
#[derive(Debug, Clone, Default)]
pub(crate) enum Policies {
    /// Whichever do.
    #[default]
    Any,
    /// These, and maybe others.
    Among(Vec<String>),
    /// These and no others.
    Exactly(Vec<String>),
}

/// The policies whose evaluation should fail.
#[derive(Debug, Clone, Default)]
pub(crate) enum Errors {
    /// Whichever do.
    #[default]
    Any,
    /// So many.
    Count(usize),
    /// These and no others.
    Exactly(Vec<String>),
}

/// What the tests of a file become.
pub(super) struct Cases<'c, 'd> {
    pub(super) sources: &'c Sources,
    pub(super) shapes: Option<&'c Shapes>,
    pub(super) fixtures: &'c Fixtures<'d>,
    /// Nothing if the entities cannot be read: then the cases cannot, either.
    pub(super) store: Option<usize>,
    pub(super) into: &'c mut Vec<Case>,
}

/// An entity on an axis of a table, as it is called.
#[derive(Debug)]
struct Point<'d> {
    label: &'d str,
    uid: EntityUid,
    /// Where it is written.
    form: Form<'d>,
}

/// A context on an axis of a table; without a form it is empty.
#[derive(Debug, Clone, Copy)]
struct ContextPoint<'d> {
    label: &'d str,
    form: Option<Form<'d>>,
}

/// A row of a table with expectations of its own.
struct Row<'d> {
    span: Span,
    /// For principal, action, resource and context: the names that it is about; empty for all.
    about: [Vec<&'d str>; 4],
    expected: Option<Expected>,
    skip: Option<String>,
    used: bool,
}

const ROW: &[&str] = &["principal", "action", "resource", "context", "decision", "policies", "errors", "skip"];
const ID_LIST: &str = "a list of policy ids";

impl<'d> Cases<'_, 'd> {
    /// Adds the cases of one test.
    pub(super) fn test(&mut self, fields: &Fields<'d>, problems: &mut Vec<Diagnostic>) {
        let n_problems = problems.len();
        let fixtures = self.fixtures;
        let principals = axis(fields, ["principal", "principals"], &fixtures.principals, problems);
        let actions = axis(fields, ["action", "actions"], &fixtures.actions, problems);
        let resources = axis(fields, ["resource", "resources"], &fixtures.resources, problems);
        let contexts = self.contexts(fields, problems);
        let now = fields.get("now").map_or(fixtures.now, |form| instant(form, problems));
        let expected = expected(fields, problems);
        let skip = fields.get("skip").and_then(|form| form.text("the reason, a text", problems)).map(one_line);
        let rows = fields.get("except").and_then(|form| form.list("a list of rows", problems)).unwrap_or_default();
        let mut rows: Vec<Row<'d>> = rows.into_iter().map(|row| read_row(row, problems)).collect();
        if problems.len() > n_problems {
            return;
        }
        let Some(expected) = expected else { return };
        let name = fields.get("name").and_then(|form| form.value.as_str());
        let is_table = ["principals", "actions", "resources", "contexts"].iter().any(|key| fields.get(key).is_some());
        let span = fields.get("name").map_or(fields.form.span(), Form::span);
        for (points, context) in combinations([&principals, &actions, &resources], &contexts) {
            let [principal, action, resource] = points;
            let labels = [principal.label, action.label, resource.label, context.label];
            let row = rows.iter_mut().find(|row| row.is_about(labels));
            let (place, own, skipped) = match row {
                None => (span, None, None),
                Some(row) => {
                    row.used = true;
                    (row.span, row.expected.clone(), row.skip.clone())
                }
            };
            let skip = skipped.or_else(|| skip.clone());
            // What does not run may be wrong.
            let request = if skip.is_none() { self.request(points, context, now, problems) } else { None };
            self.into.push(Case {
                name: case_name(name, labels, is_table),
                place: Place::of(self.sources, start_of(place), ""),
                store: self.store.unwrap_or_default(),
                request: request.filter(|_| self.store.is_some()),
                expected: own.unwrap_or_else(|| expected.clone()),
                skip,
            });
        }
        problems.extend(rows.iter().filter(|row| !row.used).map(|row| report::row_about_nothing(row.span)));
    }

    /// Adds a case of the tests of `cedar run-tests`.
    pub(super) fn imported(
        &mut self,
        fields: &Fields<'d>,
        form: Form<'d>,
        expected: Expected,
        problems: &mut Vec<Diagnostic>,
    ) {
        let shapes = self.shapes;
        let request =
            Request::from_json(form.value.source(), shapes).and_then(|request| validated(request, self.shapes));
        let request = request.map_err(|error| problems.push(refused(&error, form))).ok();
        let request = request.filter(|_| self.store.is_some());
        let name = fields.get("name").and_then(|form| form.value.as_str()).unwrap_or("(unnamed)");
        let place = Place::of(self.sources, start_of(fields.form.span()), "");
        self.into.push(Case {
            name: one_line(name),
            place,
            store: self.store.unwrap_or_default(),
            request,
            expected,
            skip: None,
        });
    }

    fn contexts(&self, fields: &Fields<'d>, problems: &mut Vec<Diagnostic>) -> Vec<ContextPoint<'d>> {
        match (fields.get("context"), fields.get("contexts")) {
            (None, None) => vec![ContextPoint { label: "", form: None }],
            (Some(form), None) => self.context(form, problems).into_iter().collect(),
            (None, Some(form)) => {
                let forms = form.list("a list of contexts", problems).unwrap_or_default();
                forms.into_iter().filter_map(|form| self.context(form, problems)).collect()
            }
            (Some(form), Some(_)) => {
                problems.push(report::both_keys(form.span(), "context", "contexts"));
                Vec::new()
            }
        }
    }

    /// A context by its name, or as it is written.
    fn context(&self, form: Form<'d>, problems: &mut Vec<Diagnostic>) -> Option<ContextPoint<'d>> {
        let Some(label) = form.value.as_str() else { return Some(ContextPoint { label: "", form: Some(form) }) };
        let found = self.fixtures.contexts.get(label);
        if found.is_none() {
            let similar = closest(label, self.fixtures.contexts.keys().copied());
            problems.push(report::no_context(form.span(), label, similar));
        }
        found.map(|form| ContextPoint { label, form: Some(*form) })
    }

    /// The request, if the schema allows it. In a table the same mistake comes with many requests, and is said once.
    fn request(
        &self,
        [principal, action, resource]: [&Point<'d>; 3],
        context: ContextPoint<'d>,
        now: Option<&str>,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Request> {
        let shapes = self.shapes.map(|shapes| (shapes, &action.uid));
        let given = context.form;
        let read = Context::from_json(&self.with_time(now, given, &action.uid), shapes);
        let parts = [principal, action, resource].map(|point| point.uid.clone());
        let request =
            read.map_err(|error| given.map_or_else(|| blame(&error, action.form), |form| refused(&error, form)));
        let request = request.and_then(|read| {
            let [principal_uid, action_uid, resource_uid] = parts;
            validated(Request::new(principal_uid, action_uid, resource_uid, read), self.shapes).map_err(|error| {
                let culprits = [
                    (InputCode::InvalidPrincipalType, principal.form),
                    (InputCode::InvalidResourceType, resource.form),
                    (InputCode::UndeclaredAction, action.form),
                ];
                let culprit = culprits.into_iter().find(|(code, _)| *code == error.code());
                let at = culprit.map_or(given.unwrap_or(principal.form), |(_, form)| form);
                blame(&error, at)
            })
        });
        request
            .map_err(|problem| {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            })
            .ok()
    }
}

/// The member of the context that has the time.
const NOW: &str = "now";

impl<'d> Cases<'_, 'd> {
    /// The context as JSON with the time, unless it has one or the action takes none. It comes last, so that what is
    /// wrong with the rest is shown where that stands.
    fn with_time(&self, now: Option<&str>, given: Option<Form<'d>>, action: &EntityUid) -> Cow<'d, str> {
        let source = given.map_or("{}", |form| form.value.source());
        let object = given.map(|form| form.value.as_object());
        let has_time = object.is_some_and(|object| object.is_none_or(|object| object.get(NOW).is_some()));
        let action = self.shapes.map(|shapes| shapes.actions.get(action));
        let takes = action.is_none_or(|shape| shape.is_some_and(|shape| shape.context.attributes.contains_key(NOW)));
        let (Some(now), Some(open), true) = (now, source.strip_suffix('}'), takes && !has_time) else {
            return Cow::Borrowed(source);
        };
        let comma = if open.trim_end().ends_with('{') { "" } else { "," };
        // The text is a point in time, which needs no escapes.
        Cow::Owned(format!("{open}{comma}\"{NOW}\":{{\"__extn\":{{\"fn\":\"datetime\",\"arg\":\"{now}\"}}}}}}"))
    }
}

/// What is wrong with a part of a request, at the part.
fn blame(error: &InputError, form: Form<'_>) -> Diagnostic {
    report::input_at(error, form.span())
}

/// One of each, with each of the others.
fn combinations<'p, 'd>(
    [principals, actions, resources]: [&'p [Point<'d>]; 3],
    contexts: &'p [ContextPoint<'d>],
) -> Vec<([&'p Point<'d>; 3], ContextPoint<'d>)> {
    let points = principals.iter().flat_map(|principal| {
        let actions = actions.iter().map(move |action| (principal, action));
        actions.flat_map(|(principal, action)| resources.iter().map(move |resource| [principal, action, resource]))
    });
    points.flat_map(|points| contexts.iter().map(move |context| (points, *context))).collect()
}

/// What the run time refuses, at its place.
fn refused(error: &InputError, form: Form<'_>) -> Diagnostic {
    let offset = error.offset().and_then(|offset| usize::try_from(offset).ok()).unwrap_or(0);
    report::input_at(error, form.document.at(form.value.span().start.saturating_add(offset)))
}

/// A name on one line: what stands on a line of its own could be taken for something else than a name.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

fn case_name(name: Option<&str>, labels: [&str; 4], is_table: bool) -> String {
    let labels: Vec<_> = labels.into_iter().filter(|label| !label.is_empty()).collect();
    let labels = labels.join(", ");
    one_line(&match (name, is_table) {
        (None, _) => labels,
        (Some(name), false) => name.to_owned(),
        (Some(name), true) => format!("{name} [{labels}]"),
    })
}

/// The entities of an axis: one, or several.
fn axis<'d>(
    fields: &Fields<'d>,
    [one, several]: [&str; 2],
    named: &BTreeMap<&'d str, EntityUid>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Point<'d>> {
    let forms = match (fields.get(one), fields.get(several)) {
        (Some(form), None) => vec![form],
        (None, Some(form)) => form.list("a list of entities", problems).unwrap_or_default(),
        (Some(form), Some(_)) => {
            problems.push(report::both_keys(form.span(), one, several));
            Vec::new()
        }
        (None, None) => {
            problems.push(report::missing_key(fields.form.span(), one, "test"));
            Vec::new()
        }
    };
    let point = |form: Form<'d>| {
        let uid = entity(form, Some(named), problems)?;
        Some(Point { label: form.value.as_str().unwrap_or_default(), uid, form })
    };
    forms.into_iter().filter_map(point).collect()
}

pub(super) fn decision(form: Form<'_>, problems: &mut Vec<Diagnostic>) -> Option<Decision> {
    match form.text("`allow` or `deny`", problems)? {
        "allow" | "ALLOW" | "Allow" => Some(Decision::Allow),
        "deny" | "DENY" | "Deny" => Some(Decision::Deny),
        other => {
            problems.push(report::unknown_word(form.span(), other, "decision", &["allow", "deny"]));
            None
        }
    }
}

fn expected(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<Expected> {
    let Some(form) = fields.get("decision") else {
        problems.push(report::missing_key(fields.form.span(), "decision", "test"));
        return None;
    };
    let ids = |form: Form<'_>, problems: &mut Vec<Diagnostic>| {
        form.texts(ID_LIST, problems).into_iter().map(|(id, _)| id.to_owned()).collect()
    };
    let policies = fields.get("policies").map(|form| Policies::Exactly(ids(form, problems)));
    let errors = fields.get("errors").map(|form| {
        if matches!(form.value.kind(), Kind::Number(_)) {
            form.count(problems).map_or(Errors::Any, Errors::Count)
        } else {
            Errors::Exactly(ids(form, problems))
        }
    });
    Some(Expected {
        decision: decision(form, problems)?,
        policies: policies.unwrap_or_default(),
        errors: errors.unwrap_or_default(),
    })
}

fn read_row<'d>(form: Form<'d>, problems: &mut Vec<Diagnostic>) -> Row<'d> {
    let fields = form.fields("an object with a row", ROW, problems);
    let about = ["principal", "action", "resource", "context"].map(|key| {
        let texts = fields.get(key).map(|form| form.texts("a name, or a list of names", problems));
        texts.unwrap_or_default().into_iter().map(|(text, _)| text).collect()
    });
    let skip = fields.get("skip").and_then(|form| form.text("the reason, a text", problems)).map(one_line);
    let expected = if fields.get("decision").is_none() && skip.is_some() { None } else { expected(&fields, problems) };
    Row { span: form.span(), about, expected, skip, used: false }
}

impl Row<'_> {
    fn is_about(&self, labels: [&str; 4]) -> bool {
        self.about.iter().zip(labels).all(|(wanted, label)| wanted.is_empty() || wanted.contains(&label))
    }
}
