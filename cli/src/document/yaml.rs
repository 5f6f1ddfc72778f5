//! YAML as JSON.
//!
//! The parser gives events, which are written one after the other, so that nothing depends on the depth of a file. An
//! alias is written out where it stands; a budget keeps a few lines of aliases from becoming gigabytes.
//!
//! Scalars without quotes are what the core schema of YAML 1.2 says: `no` and `on` are texts.

use std::collections::HashMap;

use deodar_grammar::{Diagnostic, SourceId};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

use super::{Document, Place, Writer};
use crate::report;

/// The most bytes of JSON that a file becomes.
const BUDGET: usize = 64 << 20;

pub(super) fn read(text: &str, source: SourceId) -> Result<Document, Diagnostic> {
    let mut reader = Reader::new(text, source);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let at = reader.offsets.of_marker(*error.marker()).min(text.len());
            report::invalid_yaml(error.info(), source, at..at)
        })?;
        reader.event(event, span)?;
    }
    if reader.writer.json.is_empty() {
        reader.writer.place(0, 0);
        reader.writer.json.push_str("null");
    }
    Ok(reader.writer.finish(source))
}

/// An array or object that is not closed yet.
struct Open {
    is_object: bool,
    /// Values in it so far, keys included.
    written: usize,
    /// Its entry among the places.
    place: usize,
    anchor: usize,
}

struct Reader<'t> {
    writer: Writer,
    open: Vec<Open>,
    /// What each anchor names: a range of the JSON and of the places.
    anchors: HashMap<usize, (std::ops::Range<usize>, std::ops::Range<usize>)>,
    offsets: Offsets,
    text: &'t str,
    source: SourceId,
    documents: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, source: SourceId) -> Self {
        Self {
            writer: Writer::default(),
            open: Vec::new(),
            anchors: HashMap::new(),
            offsets: Offsets::of(text),
            text,
            source,
            documents: 0,
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        let range = self.offsets.of_marker(span.start)..self.offsets.of_marker(span.end);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents += 1;
                let second = (self.documents > 1).then(|| report::second_document(self.source, range));
                second.map_or(Ok(()), Err)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let start = self.begin(&range)?;
                self.scalar(&text, style, tag.as_deref());
                self.remember(anchor, start);
                Ok(())
            }
            Event::SequenceStart(anchor, _) => self.open(anchor, &range, false),
            Event::MappingStart(anchor, _) => self.open(anchor, &range, true),
            Event::SequenceEnd | Event::MappingEnd => {
                self.close(range.end);
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, &range),
        }
    }

    /// What separates the next value from those before it, and its place.
    fn begin(&mut self, range: &std::ops::Range<usize>) -> Result<usize, Diagnostic> {
        if self.writer.json.len() > BUDGET {
            return Err(report::document_too_large(self.source, range.clone()));
        }
        self.separate();
        self.writer.place(range.start, range.end);
        Ok(self.writer.json.len())
    }

    fn separate(&mut self) {
        if let Some(open) = self.open.last_mut() {
            let separator = match (open.is_object, open.written) {
                (_, 0) => "",
                (true, written) if written % 2 == 1 => ":",
                (true | false, _) => ",",
            };
            open.written += 1;
            self.writer.json.push_str(separator);
        }
    }

    /// Whether the next value is the key of a member.
    fn at_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.is_object && open.written % 2 == 0)
    }

    fn open(&mut self, anchor: usize, range: &std::ops::Range<usize>, is_object: bool) -> Result<(), Diagnostic> {
        if self.at_key() {
            return Err(report::key_is_no_text(self.source, range.clone()));
        }
        self.begin(range)?;
        self.writer.json.push(if is_object { '{' } else { '[' });
        let place = self.writer.places.len().saturating_sub(1);
        self.open.push(Open { is_object, written: 0, place, anchor });
        Ok(())
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        self.writer.json.push(if open.is_object { '}' } else { ']' });
        // Blocks end where the next thing begins.
        let mut start = end;
        if let Some(place) = self.writer.places.get_mut(open.place) {
            let text = self.text.get(place.start..end).unwrap_or_default();
            place.end = place.start + text.trim_end().len();
            start = place.at;
        }
        if open.anchor > 0 {
            self.anchors.insert(open.anchor, (start..self.writer.json.len(), open.place..self.writer.places.len()));
        }
    }

    fn remember(&mut self, anchor: usize, start: usize) {
        if anchor > 0 {
            let places = self.writer.places.len().saturating_sub(1)..self.writer.places.len();
            self.anchors.insert(anchor, (start..self.writer.json.len(), places));
        }
    }

    fn alias(&mut self, anchor: usize, range: &std::ops::Range<usize>) -> Result<(), Diagnostic> {
        let Some((json, places)) = self.anchors.get(&anchor).cloned() else {
            return Err(report::invalid_yaml("this alias stands in what it names", self.source, range.clone()));
        };
        let copy = self.writer.json.get(json.clone()).unwrap_or_default().to_owned();
        if self.at_key() && !copy.starts_with('"') {
            return Err(report::key_is_no_text(self.source, range.clone()));
        }
        if self.writer.json.len().saturating_add(copy.len()) > BUDGET {
            return Err(report::document_too_large(self.source, range.clone()));
        }
        self.separate();
        let base = self.writer.json.len();
        let named = self.writer.places.get(places).unwrap_or_default().to_vec();
        let moved = |place: Place| Place { at: place.at.saturating_sub(json.start) + base, ..place };
        self.writer.places.extend(named.into_iter().map(moved));
        self.writer.json.push_str(&copy);
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>) {
        let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
        match plain(text).filter(|_| style == ScalarStyle::Plain && !is_text && !self.was_key()) {
            Some(json) => self.writer.json.push_str(&json),
            None => self.writer.string(text),
        }
    }

    /// Whether the value that was begun is a key: those are texts.
    fn was_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.is_object && open.written % 2 == 1)
    }
}

/// What a scalar without quotes is, if it is no text.
fn plain(text: &str) -> Option<String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some("null".to_owned()),
        "true" | "True" | "TRUE" => Some("true".to_owned()),
        "false" | "False" | "FALSE" => Some("false".to_owned()),
        _ => number(text),
    }
}

fn number(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = digits.trim_start_matches('0');
        return Some(format!("{sign}{}", if digits.is_empty() { "0" } else { digits }));
    }
    let radix = [("0x", 16), ("0o", 8)].into_iter().find(|(prefix, _)| text.starts_with(prefix));
    if let Some((prefix, radix)) = radix {
        let value = i64::from_str_radix(text.strip_prefix(prefix)?, radix).ok()?;
        return Some(value.to_string());
    }
    // Fractions as JSON writes them; Cedar has none, and says so where one stands.
    let is_number = text.contains(['.', 'e', 'E']) && serde_json::from_str::<serde_json::Number>(text).is_ok();
    is_number.then(|| text.to_owned())
}

/// Bytes before each character: the parser counts characters.
#[derive(Debug, Default)]
struct Offsets {
    /// Nothing where each character is one byte.
    bytes: Option<Vec<usize>>,
    len: usize,
}

impl Offsets {
    fn of(text: &str) -> Self {
        let bytes = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Self { bytes, len: text.len() }
    }

    fn of_marker(&self, marker: Marker) -> usize {
        match &self.bytes {
            None => marker.index().min(self.len),
            Some(bytes) => bytes.get(marker.index()).copied().unwrap_or(self.len),
        }
    }
}

#[cfg(test)]
mod tests {
    use deodar_grammar::Sources;

    use super::read;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let source = Sources::new().add("t.yaml", text);
        let json = read(text, source).map(|document| document.json).map_err(|problem| problem.message().to_owned());
        assert_eq!(json.as_deref().unwrap_or_else(|error| error), expected, "{text}");
    }

    #[test]
    fn scalars_are_those_of_the_core_schema() {
        check("[no, on, ~, null, '', true, 'true', !!str true]", r#"["no","on",null,null,"",true,"true","true"]"#);
        check(
            "[1, +2, -03, 007, 0x1f, 0o17, 1_000, 1.5, .5, 1e3, 'x: y']",
            r#"[1,2,-3,7,31,15,"1_000",1.5,".5",1e3,"x: y"]"#,
        );
        check("{1: a, true: b, c: , User::\"a\": d}", r#"{"1":"a","true":"b","c":null,"User::\"a\"":"d"}"#);
        check("a: |\n  x\n  y\nb: >\n  x\n  y\n", r#"{"a":"x\ny\n","b":"x y\n"}"#);
        check("", "null");
        check("\u{feff}a: é\r\nb: 😀\r\n", r#"{"a":"é","b":"😀"}"#);
    }

    #[test]
    fn places_are_those_of_the_file() {
        let text = "é: ü\nlist:\n  - 😀\n  - name: x\n\n# end\n";
        let source = Sources::new().add("t.yaml", text);
        let document = read(text, source).expect("YAML");
        let json = document.parse().expect("JSON");
        let root = json.root().as_object().expect("an object");
        let shown = |value| text.get(document.span(value).range()).expect("a part of the text").to_owned();
        let parts: Vec<_> = root.iter().map(|(key, value)| (shown(key), shown(value))).collect();
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].0.as_str(), parts[0].1.as_str(), parts[1].0.as_str()), ("é", "ü", "list"));
        assert!(parts[1].1.starts_with("- 😀\n  - name: x"), "{}", parts[1].1);
    }
}
