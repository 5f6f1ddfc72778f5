//! Files that people write for the command: the manifest, files of tests.
//!
//! They are YAML, TOML or JSON, and all of them become JSON with a map back to where each value stands. So there is one
//! way to read them, what Cedar defines in JSON (entities, contexts, requests) may stand in each, and a mistake that a
//! reader of JSON finds is shown in the text that the author wrote.
//!
//! Invariant: the map is sorted by the offsets in the JSON, and each value and each key has an entry.

mod fields;
mod toml;
mod yaml;

use std::path::Path;

use deodar_grammar::{Diagnostic, SourceId, Span};
use deodar_lexicon::json::{self, Value};

pub(crate) use self::fields::{Fields, Form};
use crate::{input::shown, report, session::Session};

/// A file as JSON.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) source: SourceId,
    pub(crate) json: String,
    /// Where the values stand in the file; nothing for a file in JSON, where they stand where they are.
    places: Option<Vec<Place>>,
}

/// Where a value or key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// Its first byte in the JSON.
    at: usize,
    /// Where it stands in the file.
    start: usize,
    end: usize,
}

/// The syntax of a file, by the ending of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Json,
    Toml,
    Yaml,
}

fn syntax(path: &str) -> Syntax {
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("json") => Syntax::Json,
        Some("toml") => Syntax::Toml,
        Some(_) | None => Syntax::Yaml,
    }
}

impl Document {
    /// Reads a file; what is wrong with it goes to the session.
    pub(crate) fn read(session: &mut Session<'_>, path: &str, what: &'static str) -> Option<Self> {
        let source = session.read_source(path, what)?;
        let text = session.sources.text(source);
        let document = match syntax(shown(path)) {
            Syntax::Json => Ok(Self { source, json: text.to_owned(), places: None }),
            Syntax::Toml => toml::read(text, source),
            Syntax::Yaml => yaml::read(text, source),
        };
        document.map_err(|diagnostic| session.report(diagnostic)).ok()
    }

    /// The values.
    pub(crate) fn parse(&self) -> Result<json::Document<'_>, Diagnostic> {
        json::Document::parse(&self.json).map_err(|error| match self.places {
            None => report::invalid_json(&error, self.source),
            Some(_) => report::unreadable_value(self.at(error.offset), &error.problem.to_string()),
        })
    }

    /// Where a value stands in the file.
    pub(crate) fn span(&self, value: Value<'_>) -> Span {
        match &self.places {
            None => report::span(value, self.source),
            Some(_) => self.at(value.span().start),
        }
    }

    /// The place of what stands at an offset of the JSON.
    pub(crate) fn at(&self, offset: usize) -> Span {
        let place = match &self.places {
            None => Place { at: offset, start: offset, end: offset },
            Some(places) => {
                let next = places.partition_point(|place| place.at <= offset);
                let place = next.checked_sub(1).and_then(|last| places.get(last)).copied();
                place.unwrap_or(Place { at: 0, start: 0, end: 0 })
            }
        };
        let offset = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
        Span { source: self.source, start: offset(place.start), end: offset(place.end) }
    }
}

/// JSON as it is written by the readers of the other syntaxes.
#[derive(Debug, Default)]
struct Writer {
    json: String,
    places: Vec<Place>,
}

impl Writer {
    /// What stands in the file from `start` to `end` comes next.
    fn place(&mut self, start: usize, end: usize) {
        self.places.push(Place { at: self.json.len(), start, end });
    }

    fn string(&mut self, text: &str) {
        self.json.push_str(&serde_json::Value::from(text).to_string());
    }

    fn finish(self, source: SourceId) -> Document {
        Document { source, json: self.json, places: Some(self.places) }
    }
}
