//! A flat document of texts and possible line breaks, and its printing within a width.
//!
//! A group is printed on one line if that fits, otherwise each of its own line breaks is taken. To know whether it fits
//! costs a subtraction: the widths are summed up once for the whole document. The rules, among them which indentation
//! a line takes, are those of the printer that Cedar's formatter uses, so that layouts agree.

use core::iter;

/// A part of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'t> {
    Text(&'t str),
    /// A space, or a line break.
    Line,
    /// Nothing, or a line break.
    SoftLine,
    /// A line break.
    HardLine,
    Begin,
    End,
    /// Lines from here on are indented that much further.
    Indent(usize),
    /// The end of an indentation.
    Dedent(usize),
}

impl Part<'_> {
    /// How wide it is if no line is broken.
    fn width(self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::Line => 1,
            Self::SoftLine | Self::HardLine | Self::Begin | Self::End | Self::Indent(_) | Self::Dedent(_) => 0,
        }
    }
}

/// A document under construction.
#[derive(Debug, Default)]
pub(super) struct Document<'t> {
    parts: Vec<Part<'t>>,
    /// Positions where groups begin that were found later: their ends are in `parts`.
    begins: Vec<usize>,
}

impl<'t> Document<'t> {
    pub(super) fn push(&mut self, part: Part<'t>) {
        self.parts.push(part);
    }

    /// The position of the next part.
    pub(super) fn position(&self) -> usize {
        self.parts.len()
    }

    /// Makes a group of everything from the position to here.
    pub(super) fn group_from(&mut self, position: usize) {
        if self.parts.len() > position + 1 {
            self.begins.push(position);
            self.parts.push(Part::End);
        }
    }

    /// The text, with lines of that width where possible.
    pub(super) fn print(self, width: usize) -> String {
        Printer::new(self.into_parts(), width).print()
    }

    /// All parts in order, with the groups that were found later.
    fn into_parts(mut self) -> Vec<Part<'t>> {
        self.begins.sort_unstable();
        let mut begins = self.begins.into_iter().peekable();
        let mut parts = Vec::with_capacity(self.parts.len() + begins.len());
        for (position, part) in self.parts.into_iter().enumerate() {
            parts.extend(iter::from_fn(|| begins.next_if_eq(&position)).map(|_| Part::Begin));
            parts.push(part);
        }
        parts
    }
}

/// Prints a document.
struct Printer<'t> {
    parts: Vec<Part<'t>>,
    width: usize,
    /// For each position, the width of everything before it on one line.
    before: Vec<usize>,
    /// For each position, the next part that may break a line, and the next one that must.
    next_line: Vec<(usize, usize)>,
    /// For the position of each beginning of a group, that of its end.
    ends: Vec<usize>,
}

/// What is known of an open group or indentation while printing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Flat,
    Broken,
}

impl<'t> Printer<'t> {
    fn new(parts: Vec<Part<'t>>, width: usize) -> Self {
        let mut before = Vec::with_capacity(parts.len() + 1);
        let mut sum = 0;
        before.push(sum);
        for part in &parts {
            sum += part.width();
            before.push(sum);
        }
        let mut next_line = vec![(parts.len(), parts.len()); parts.len() + 1];
        let (mut next, mut ends, mut open) = ((parts.len(), parts.len()), vec![0; parts.len()], Vec::new());
        for (position, part) in parts.iter().enumerate().rev() {
            match part {
                Part::Line | Part::SoftLine => next.0 = position,
                Part::HardLine => next = (position, position),
                Part::End => open.push(position),
                Part::Begin => set(&mut ends, position, open.pop().unwrap_or(position)),
                Part::Text(_) | Part::Indent(_) | Part::Dedent(_) => {}
            }
            set(&mut next_line, position, next);
        }
        Self { parts, width, before, next_line, ends }
    }

    /// Whether the group fits on the rest of the line, with what follows it up to the next possible line break.
    fn fits(&self, begin: usize, column: usize) -> bool {
        let end = self.ends.get(begin).copied().unwrap_or(begin);
        let line = |position: usize| self.next_line.get(position).copied().unwrap_or_default();
        let before = |position: usize| self.before.get(position).copied().unwrap_or_default();
        line(begin).1 >= end && column + before(line(end).0) - before(begin) <= self.width
    }

    fn print(self) -> String {
        let mut out = Output::default();
        let mut modes = Vec::new();
        let mut indentation: usize = 0;
        for (position, part) in self.parts.iter().enumerate() {
            let flat = modes.last() == Some(&Mode::Flat);
            match part {
                Part::Text(text) => out.text(text),
                Part::Line if flat => out.text(" "),
                Part::SoftLine if flat => {}
                // An indentation beyond the width of lines helps nobody, and makes output quadratic.
                Part::Line | Part::SoftLine | Part::HardLine => out.break_line(indentation.min(self.width)),
                Part::Begin => {
                    modes.push(if flat || self.fits(position, out.column) { Mode::Flat } else { Mode::Broken });
                }
                Part::End => {
                    modes.pop();
                }
                Part::Indent(amount) => indentation += amount,
                Part::Dedent(amount) => {
                    indentation = indentation.saturating_sub(*amount);
                    out.dedent(indentation.min(self.width));
                }
            }
        }
        out.text
    }
}

fn set<T>(list: &mut [T], index: usize, value: T) {
    if let Some(place) = list.get_mut(index) {
        *place = value;
    }
}

/// The text printed so far. A line break is written when something follows it, so that no line is empty and no line
/// ends in spaces.
#[derive(Debug, Default)]
struct Output {
    text: String,
    column: usize,
    /// The indentation of a line that has no text yet.
    pending: Option<usize>,
    /// Whether a space stands before the next text.
    space: bool,
}

impl Output {
    fn text(&mut self, text: &str) {
        let starts_line = self.pending.is_some() || self.text.is_empty();
        if text == " " {
            self.space = !starts_line;
            self.column += usize::from(!starts_line);
            return;
        }
        if let Some(indentation) = self.pending.take()
            && !self.text.is_empty()
        {
            self.text.push('\n');
            self.text.extend(iter::repeat_n(' ', indentation));
        }
        if core::mem::take(&mut self.space) {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.column += text.chars().count();
    }

    fn break_line(&mut self, indentation: usize) {
        self.pending = Some(indentation);
        self.space = false;
        self.column = indentation;
    }

    /// The end of an indentation right after a line break concerns the new line already.
    fn dedent(&mut self, indentation: usize) {
        if self.pending.is_some() {
            self.break_line(indentation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample<'t>() -> Document<'t> {
        let mut document = Document::default();
        document.push(Part::Text("if"));
        document.push(Part::Indent(2));
        document.push(Part::Line);
        document.push(Part::Text("a"));
        document.push(Part::SoftLine);
        document.push(Part::Text(".b"));
        document.group_from(3);
        document.push(Part::Line);
        document.push(Part::Dedent(2));
        document.push(Part::Text("end"));
        document.group_from(0);
        document
    }

    #[test]
    fn groups_break_from_the_outermost_as_far_as_needed() {
        assert_eq!(sample().print(10), "if a.b end");
        assert_eq!(sample().print(9), "if\n  a.b\nend");
        assert_eq!(sample().print(4), "if\n  a\n  .b\nend");
    }

    #[test]
    fn a_forced_break_breaks_the_groups_around_it() {
        let mut document = Document::default();
        document.push(Part::Text("a"));
        document.push(Part::Line);
        document.push(Part::Text("// b"));
        document.push(Part::HardLine);
        document.push(Part::Line);
        document.push(Part::Text("c"));
        document.group_from(0);
        assert_eq!(document.print(80), "a\n// b\nc");
    }
}
