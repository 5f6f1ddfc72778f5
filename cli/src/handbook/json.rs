//! The page for programs: the same, as data. Quoted code stands between backticks.

use serde_json::{Value, json};

use super::{ActionPage, Handbook, PolicyPage};
use crate::prose::{CLOSE, OPEN};

pub(super) fn to_json(book: &Handbook) -> Value {
    let files = book
        .files
        .iter()
        .map(|file| json!({ "file": file.name, "policies": file.policies.iter().map(policy).collect::<Vec<_>>() }));
    json!({
        "version": 1,
        "title": book.title,
        "counts": {
            "policies": book.n_policies(), "permits": book.permits, "forbids": book.forbids,
            "templates": book.templates, "links": book.links, "tests": book.tests,
        },
        "actions": book.actions.iter().map(action).collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
    })
}

fn action(page: &ActionPage) -> Value {
    let ids = |policies: &[(String, String)]| policies.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    json!({ "action": page.action, "permits": ids(&page.permits), "forbids": ids(&page.forbids) })
}

fn policy(page: &PolicyPage) -> Value {
    let words = |text: &str| text.replace([OPEN, CLOSE], "`");
    let links = page.links.iter().map(|(id, slots)| json!({ "id": id, "slots": slots }));
    let annotations = page.annotations.iter().map(|(key, text)| (key.clone(), json!(text)));
    json!({
        "id": page.id,
        "effect": page.effect.keyword(),
        "line": page.line,
        "template": page.is_template,
        "owner": page.owner,
        "annotations": Value::Object(annotations.collect()),
        "says": words(&page.sentence),
        "conditions": page.conditions.iter().map(|condition| words(condition)).collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "tests": page.tests,
    })
}
