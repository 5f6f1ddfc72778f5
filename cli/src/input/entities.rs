//! Entities of several files and places as one store.
//!
//! The parts are put together as text, so that the reader of entities sees all of them at once: an entity that stands
//! in two files is found as one that stands twice in a file is. What it finds is shown in the part that it lies in.

use std::{collections::HashSet, path::Path};

use deodar_grammar::{Diagnostic, Span};
use deodar_lexicon::json::{Array, Value};
use deodar_runtime::{Entities, Shapes};

use super::{entity_files, read_entities};
use crate::{
    document::{Document, Form},
    report,
    session::Session,
};

/// The entities of the flag, or of the project.
pub(crate) fn given_entities(
    session: &mut Session<'_>,
    path: Option<&str>,
    shapes: Option<&Shapes>,
) -> Option<Entities> {
    match path {
        Some(path) => read_entities(session, path, shapes),
        None => project_entities(session, shapes),
    }
}

/// The entities of the project; without files, those are the actions of the schema.
pub(crate) fn project_entities(session: &mut Session<'_>, shapes: Option<&Shapes>) -> Option<Entities> {
    let Some(anchor) = session.project.as_ref().map(crate::project::Project::start) else {
        // Actions of a resolved schema conform to it.
        return Some(Entities::from_entities([], shapes).unwrap_or_default());
    };
    let files = entity_files(session, &[]);
    if let [file] = files.as_slice()
        && Path::new(&file.name).extension().is_some_and(|extension| extension == "json")
    {
        return read_entities(session, &file.name, shapes);
    }
    let documents: Option<Vec<Document>> =
        files.iter().map(|file| Document::read(session, &file.name, "the entities")).collect();
    let documents = documents?;
    let parsed: Vec<_> = documents.iter().map(Document::parse).collect();
    let mut combined = Combined::new(anchor);
    for (document, parsed) in documents.iter().zip(&parsed) {
        match parsed {
            Ok(json) => {
                if let Err(problem) = combined.add(Form::new(document, json.root()), &HashSet::new()) {
                    session.report(problem);
                }
            }
            Err(problem) => session.report(problem.clone()),
        }
    }
    combined.read(shapes).map_err(|problem| session.report(problem)).ok().filter(|_| !session.has_errors())
}

/// Arrays of entities as one array.
#[derive(Debug)]
pub(crate) struct Combined<'d> {
    /// Where a mistake is shown that lies in none of the parts.
    anchor: Span,
    json: String,
    pieces: Vec<Piece<'d>>,
}

/// An entity in the array.
#[derive(Debug, Clone, Copy)]
struct Piece<'d> {
    /// Its first byte in the array.
    at: usize,
    document: &'d Document,
    /// Its first byte in the JSON of the document.
    base: usize,
}

/// Type and id, as they are written.
pub(crate) type Name<'d> = (&'d str, &'d str);

impl<'d> Combined<'d> {
    pub(crate) fn new(anchor: Span) -> Self {
        Self { anchor, json: String::new(), pieces: Vec::new() }
    }

    /// Adds the entities of an array, except for those with these names.
    pub(crate) fn add(&mut self, array: Form<'d>, without: &HashSet<Name<'_>>) -> Result<(), Diagnostic> {
        let mut problems = Vec::new();
        for form in array.list("an array of entities", &mut problems).unwrap_or_default() {
            self.add_entity(form, without);
        }
        problems.pop().map_or(Ok(()), Err)
    }

    /// Adds an entity, unless it has one of these names.
    pub(crate) fn add_entity(&mut self, entity: Form<'d>, without: &HashSet<Name<'_>>) {
        if name(entity.value).is_some_and(|name| without.contains(&name)) {
            return;
        }
        self.json.push(if self.pieces.is_empty() { '[' } else { ',' });
        self.pieces.push(Piece { at: self.json.len(), document: entity.document, base: entity.value.span().start });
        self.json.push_str(entity.value.source());
    }

    /// The store.
    pub(crate) fn read(mut self, shapes: Option<&Shapes>) -> Result<Entities, Diagnostic> {
        self.json.push_str(if self.pieces.is_empty() { "[]" } else { "]" });
        Entities::from_json(&self.json, shapes).map_err(|error| {
            let offset = error.offset().and_then(|offset| usize::try_from(offset).ok()).unwrap_or(0);
            let next = self.pieces.partition_point(|piece| piece.at <= offset);
            let piece = next.checked_sub(1).and_then(|last| self.pieces.get(last)).or(self.pieces.first());
            let span = piece.map(|piece| piece.document.at(piece.base + offset.saturating_sub(piece.at)));
            report::input_at(&error, span.unwrap_or(self.anchor))
        })
    }
}

/// The names of the entities in an array.
pub(crate) fn names(array: Form<'_>) -> HashSet<Name<'_>> {
    let array = array.value.as_array();
    array.iter().flat_map(Array::iter).filter_map(name).collect()
}

/// The name of an entity.
pub(crate) fn name(entity: Value<'_>) -> Option<Name<'_>> {
    let uid = entity.as_object()?.get("uid")?.as_object()?;
    let uid = uid.get("__entity").and_then(Value::as_object).unwrap_or(uid);
    Some((uid.get("type")?.as_str()?, uid.get("id")?.as_str()?))
}
