//! The tests of `cedar run-tests`: an array of objects, each with its request, its entities, and a decision.
//!
//! There `reason` names policies that must be among the determining ones.

use deodar_grammar::Diagnostic;

use super::{
    case::{Cases, Errors, Expected, Policies, decision},
    file::{Fixtures, Reader},
};
use crate::{document::Form, report};

const KEYS: &[&str] = &["name", "request", "entities", "decision", "reason", "num_errors"];

pub(super) fn read(reader: &mut Reader<'_, '_>, root: Form<'_>, problems: &mut Vec<Diagnostic>) {
    let fixtures = Fixtures::default();
    for test in root.list("a list of tests", problems).unwrap_or_default() {
        let fields = test.fields("an object with a test", KEYS, problems);
        let mut get = |key: &str| {
            let form = fields.get(key);
            if form.is_none() {
                problems.push(report::missing_key(test.span(), key, "test"));
            }
            form
        };
        let (request, entities, wanted) = (get("request"), get("entities"), get("decision"));
        let store = entities.and_then(|form| reader.store(&[form], problems));
        let wanted = wanted.and_then(|form| decision(form, problems));
        let ids = fields.get("reason").map(|form| form.texts("a list of policy ids", problems)).unwrap_or_default();
        let errors = fields.get("num_errors").and_then(|form| form.count(problems));
        let (Some(request), Some(decision)) = (request, wanted) else { continue };
        let expected = Expected {
            decision,
            policies: Policies::Among(ids.into_iter().map(|(id, _)| id.to_owned()).collect()),
            errors: errors.map_or(Errors::Any, Errors::Count),
        };
        let mut cases = Cases {
            sources: &reader.session.sources,
            shapes: reader.shapes,
            fixtures: &fixtures,
            store,
            into: &mut reader.suites.cases,
        };
        cases.imported(&fields, request, expected, problems);
    }
}
