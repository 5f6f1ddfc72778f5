//! Where text came from: files, and spans in them.
//!
//! Every node and diagnostic carries a [`Span`]. A span names its source, so that one diagnostic can point into a
//! policy and into the schema at once, and so that trees of several files can be compiled together.

use core::ops::Range;
use std::sync::OnceLock;

use smol_str::SmolStr;

/// One text of a [`Sources`] registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u32);

impl SourceId {
    /// No source: for nodes that stand nowhere.
    pub(crate) const UNKNOWN: Self = Self(u32::MAX);
}

/// A byte range of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text it lies in.
    pub source: SourceId,
    /// Bytes before the first one that belongs to it.
    pub start: u32,
    /// Bytes before the first one after it.
    pub end: u32,
}

impl Span {
    /// The smallest span that covers both, which lie in one source.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The range of bytes.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One registered text.
#[derive(Debug, Clone)]
pub struct Source {
    name: SmolStr,
    text: String,
    /// Made when the first place is asked for: most texts have no mistakes to point at.
    lines: OnceLock<Lines>,
}

/// Where the lines of a text start, and its characters.
#[derive(Debug, Clone)]
struct Lines {
    /// The offset of the start of each line.
    starts: Vec<u32>,
    /// The number of characters that start before each multiple of [`CHECKPOINT`] bytes, so that a column on a line
    /// of megabytes is found without counting all of it.
    characters: Vec<u32>,
}

/// Bytes between two counts of characters.
const CHECKPOINT: usize = 64;

impl Source {
    /// The name shown in reports: a path, or `<stdin>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::new(&self.text))
    }
}

impl Lines {
    fn new(text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| offset(i + 1));
        let starts = core::iter::once(0).chain(starts).collect();
        let mut characters = vec![0];
        for chunk in text.as_bytes().chunks(CHECKPOINT) {
            characters.push(characters.last().copied().unwrap_or(0) + count_characters(chunk));
        }
        Self { starts, characters }
    }

    /// How many characters of the text start before the offset.
    fn characters_before(&self, text: &str, offset: usize) -> u32 {
        let checkpoint = offset / CHECKPOINT;
        let counted = self.characters.get(checkpoint).copied().unwrap_or(0);
        let rest = text.as_bytes().get(checkpoint * CHECKPOINT..offset).unwrap_or_default();
        counted + count_characters(rest)
    }
}

/// How many characters start in these bytes of UTF-8.
fn count_characters(bytes: &[u8]) -> u32 {
    offset(bytes.iter().filter(|byte| (**byte & 0b1100_0000) != 0b1000_0000).count())
}

/// A place for people: line and column count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// All texts of one run.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    sources: Vec<Source>,
}

impl Sources {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a text under a name for reports.
    ///
    /// A text over [`limits::SOURCE_BYTES`](deodar_lexicon::limits::SOURCE_BYTES) is registered, and rejected by the
    /// parsers.
    pub fn add(&mut self, name: impl Into<SmolStr>, text: impl Into<String>) -> SourceId {
        self.sources.push(Source { name: name.into(), text: text.into(), lines: OnceLock::new() });
        SourceId(offset(self.sources.len() - 1))
    }

    /// The source; an id of another registry gives `None`.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// The text of the source, empty for an id of another registry.
    pub fn text(&self, id: SourceId) -> &str {
        self.get(id).map_or("", Source::text)
    }

    /// The name of the source, empty for an id of another registry.
    pub fn name(&self, id: SourceId) -> &str {
        self.get(id).map_or("", Source::name)
    }

    /// The text that the span covers.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.source).get(span.range()).unwrap_or_default()
    }

    /// Line and column of the start of the span.
    pub fn position(&self, span: Span) -> LineColumn {
        let Some(source) = self.get(span.source) else { return LineColumn { line: 1, column: 1 } };
        let lines = source.lines();
        let line = lines.starts.partition_point(|start| *start <= span.start).max(1);
        let start = lines.starts.get(line - 1).copied().unwrap_or(0);
        let at = (span.start as usize).min(source.text.len());
        let before = |offset| lines.characters_before(&source.text, offset);
        let column = before(at) - before(start as usize) + 1;
        LineColumn { line: offset(line), column }
    }
}

/// What stands between the quotes of the string literal at the place.
pub(crate) fn string_body(text: &str, start: u32, end: u32) -> &str {
    text.get(start as usize + 1..(end as usize).saturating_sub(1)).unwrap_or_default()
}

/// A size as a 32-bit offset; readers reject texts for which it saturates.
pub(crate) fn offset(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let mut sources = Sources::new();
        let source = sources.add("a.cedar", "é1\n\nab");
        let at = |start| sources.position(Span { source, start, end: start });
        assert_eq!(at(0), LineColumn { line: 1, column: 1 });
        assert_eq!(at(2), LineColumn { line: 1, column: 2 });
        assert_eq!(at(4), LineColumn { line: 2, column: 1 });
        assert_eq!(at(6), LineColumn { line: 3, column: 2 });
        assert_eq!(at(99), LineColumn { line: 3, column: 3 });
    }

    #[test]
    fn columns_of_long_lines_are_counted_from_checkpoints() {
        let text = "xé".repeat(5_000);
        let mut sources = Sources::new();
        let source = sources.add("long.cedar", text.clone());
        for (count, (start, _)) in text.char_indices().enumerate() {
            let span = Span { source, start: offset(start), end: offset(start) };
            assert_eq!(sources.position(span), LineColumn { line: 1, column: offset(count + 1) });
        }
    }
}
