//! Which policies differ.
//!
//! Policies with an id of their own are the same if the ids are. Counted ids (`a.cedar#policy3`) shift when a policy is
//! put before others, so those policies are the same if their contents are, wherever they stand; what is left is paired
//! within its file, in order.

use std::collections::HashMap;

use deodar_grammar::{ast, print_policy};

use super::{Changed, Named, PolicyChanges, Side};
use crate::finding::is_counted;

/// A policy or link with its content.
struct Entry {
    named: Named,
    /// Scope and conditions, as the printer writes them.
    content: String,
    annotations: Vec<(String, String)>,
}

impl Entry {
    fn text(&self) -> String {
        let annotations = self.annotations.iter().map(|(key, value)| format!("@{key}({value:?})\n"));
        annotations.collect::<String>() + &self.content
    }
}

/// How the policies of two versions differ.
pub(crate) fn compare(old: &Side, new: &Side) -> PolicyChanges {
    let mut changes = PolicyChanges::default();
    let (mut old, mut new) = (entries(old), entries(new));
    pair_by_id(&mut old, &mut new, &mut changes);
    pair_by_content(&mut old, &mut new, &mut changes);
    pair_by_place(&mut old, &mut new, &mut changes);
    changes.removed.extend(old.into_iter().map(|entry| entry.named));
    changes.added.extend(new.into_iter().map(|entry| entry.named));
    let place = |named: &Named| (named.file.clone(), named.range);
    changes.added.sort_by_key(place);
    changes.removed.sort_by_key(place);
    changes.renamed.sort_by_key(|(_, new)| place(new));
    changes.changed.sort_by_key(|changed| place(&changed.new));
    changes
}

fn entries(side: &Side) -> Vec<Entry> {
    let mut entries = Vec::new();
    for set in &side.policies.sets {
        for policy in &set.policies {
            let Some(named) = side.named(&policy.id) else { continue };
            let is_id = |key: &str| key == "id";
            let annotations = policy.annotations.iter().map(|annotation| (&annotation.key.value, annotation.text()));
            let mut annotations: Vec<(String, String)> = annotations
                .filter(|(key, _)| !is_id(key))
                .map(|(key, value)| (key.to_string(), value.to_owned()))
                .collect();
            annotations.sort();
            entries.push(Entry { named, content: content(set, policy), annotations });
        }
    }
    for link in side.program.policies() {
        let Some(template) = &link.template else { continue };
        let Some(named) = side.named(&link.id) else { continue };
        let content = format!("link of {template}: {:?} {:?}", link.scope.principal, link.scope.resource);
        entries.push(Entry { named, content, annotations: Vec::new() });
    }
    entries
}

/// Effect, scope and conditions.
fn content(set: &ast::PolicySet, policy: &ast::Policy) -> String {
    let bare = ast::Policy { annotations: Vec::new(), ..policy.clone() };
    print_policy(set, &bare)
}

/// Takes the pairs out of both lists for which `key` gives the same.
fn take_pairs(
    old: &mut Vec<Entry>,
    new: &mut Vec<Entry>,
    key: impl Fn(&Entry) -> Option<String>,
) -> Vec<(Entry, Entry)> {
    let mut waiting: HashMap<String, Vec<Entry>> = HashMap::new();
    let mut rest = Vec::new();
    for entry in old.drain(..).rev() {
        match key(&entry) {
            Some(key) => waiting.entry(key).or_default().push(entry),
            None => rest.push(entry),
        }
    }
    let mut pairs = Vec::new();
    let mut left = Vec::new();
    for entry in new.drain(..) {
        match key(&entry).and_then(|key| waiting.get_mut(&key)?.pop()) {
            Some(partner) => pairs.push((partner, entry)),
            None => left.push(entry),
        }
    }
    rest.extend(waiting.into_values().flatten());
    // The links of a template stand at one place.
    rest.sort_by_key(|entry| (entry.named.file.clone(), entry.named.range, entry.named.id.clone()));
    (*old, *new) = (rest, left);
    pairs
}

fn pair_by_id(old: &mut Vec<Entry>, new: &mut Vec<Entry>, changes: &mut PolicyChanges) {
    let key = |entry: &Entry| (!is_counted(&entry.named.id)).then(|| entry.named.id.clone());
    for (before, after) in take_pairs(old, new, key) {
        note_pair(before, after, changes);
    }
}

fn note_pair(before: Entry, after: Entry, changes: &mut PolicyChanges) {
    let same_content = before.content == after.content;
    if same_content && before.annotations == after.annotations {
        changes.unchanged += 1;
        return;
    }
    let (old_text, new_text) = (before.text(), after.text());
    changes.changed.push(Changed {
        old: before.named,
        new: after.named,
        only_annotations: same_content,
        old_text,
        new_text,
    });
}

/// The same content: moved, or called otherwise.
fn pair_by_content(old: &mut Vec<Entry>, new: &mut Vec<Entry>, changes: &mut PolicyChanges) {
    for (before, after) in take_pairs(old, new, |entry| Some(entry.text())) {
        let counted = is_counted(&before.named.id) && is_counted(&after.named.id);
        if counted || before.named.id == after.named.id {
            changes.unchanged += 1;
        } else {
            changes.renamed.push((before.named, after.named));
        }
    }
}

/// Policies with counted ids in one file, in order.
fn pair_by_place(old: &mut Vec<Entry>, new: &mut Vec<Entry>, changes: &mut PolicyChanges) {
    let key =
        |entry: &Entry| is_counted(&entry.named.id).then(|| format!("{} {}", entry.named.effect, entry.named.file));
    for (before, after) in take_pairs(old, new, key) {
        note_pair(before, after, changes);
    }
}
