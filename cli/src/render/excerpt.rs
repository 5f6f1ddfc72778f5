//! The part of a text that a report shows.
//!
//! A file of entities may be one line of megabytes, and a label may cover a policy of a thousand lines. The handlers
//! print every line that a label touches, whole, and panic where a mark stands beyond column 65,535. So what they see
//! is cut: long lines to the surroundings of the label, long labels to their beginning. Lines and columns stay those of
//! the text. Of a further place the reader wants to know where it is, so that is one line, cut to the terminal.

use std::fmt;

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, Severity, SourceCode, SourceOffset, SourceSpan,
    SpanContents,
};

/// A text up to this size is shown as it is.
const WHOLE: usize = 1000;
/// Of a longer one, this many bytes before and behind the label are shown.
const AROUND: usize = 60;
/// A label on one line is marked up to this length.
const LONGEST_MARK: usize = 120;
/// A label of more lines is marked on the first one only.
const MOST_LINES: usize = 6;

/// A report over the parts of its texts that can be shown.
#[derive(Debug)]
pub(super) struct Excerpt<'r> {
    report: &'r dyn Diagnostic,
    source: Option<Cut<'r>>,
    labels: Vec<LabeledSpan>,
    /// What is to be said instead of the message, where the excerpt shows a further place of a report.
    remark: Option<String>,
    elsewhere: Vec<Excerpt<'r>>,
}

impl<'r> Excerpt<'r> {
    /// `width` is that of the terminal.
    pub(super) fn new(report: &'r dyn Diagnostic, width: usize) -> Self {
        Self::with_places(report, None, width.saturating_sub(MARGIN))
    }

    fn with_places(report: &'r dyn Diagnostic, line: Option<usize>, width: usize) -> Self {
        let source = report.source_code().map(|source| Cut { source, line });
        let labels = report.labels().into_iter().flatten();
        let labels: Vec<_> = labels.map(|label| source.map_or(label.clone(), |cut| cut.shortened(&label))).collect();
        let main = labels.iter().find(|label| label.primary()).or(labels.first()).cloned();
        let is_near = |label: &LabeledSpan| match (&main, source) {
            (Some(main), Some(source)) => source.shows_both(main, label),
            (None, _) | (_, None) => true,
        };
        let (near, far): (Vec<_>, Vec<_>) = labels.into_iter().partition(is_near);
        let line = report.source_code().map(|source| Cut { source, line: Some(width) });
        let far = far.into_iter().map(|label| Self {
            report,
            source: line,
            labels: vec![unlabelled(&line.map_or(label.clone(), |line| line.shortened(&label)))],
            remark: Some(label.label().unwrap_or_default().to_owned()),
            elsewhere: Vec::new(),
        });
        // Places in other files have no further ones below them, so this goes one level deep.
        let related = report.related().into_iter().flatten();
        let elsewhere = related.map(|place| Self::of_place(place, width)).chain(far).collect();
        Self { report, source, labels: near, remark: None, elsewhere }
    }

    /// A place whose remark is the message.
    fn of_place(report: &'r dyn Diagnostic, width: usize) -> Self {
        let place = Self::with_places(report, Some(width), width);
        Self { labels: place.labels.iter().map(unlabelled).collect(), ..place }
    }

    /// The further places of the report, in other texts or far away in this one. They are no reports related to this
    /// one, as miette has them, but parts of it.
    pub(super) fn elsewhere(&self) -> &[Excerpt<'r>] {
        &self.elsewhere
    }
}

/// A mark that says nothing, as the message does.
fn unlabelled(label: &LabeledSpan) -> LabeledSpan {
    LabeledSpan::new_primary_with_span(None, *label.inner())
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.remark {
            Some(remark) => f.write_str(remark),
            None => fmt::Display::fmt(self.report, f),
        }
    }
}

impl std::error::Error for Excerpt<'_> {}

impl Diagnostic for Excerpt<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.report.code().filter(|_| self.remark.is_none())
    }

    fn severity(&self) -> Option<Severity> {
        if self.remark.is_some() { Some(Severity::Advice) } else { self.report.severity() }
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.report.help().filter(|_| self.remark.is_none())
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.labels.is_empty() { None } else { Some(Box::new(self.labels.iter().cloned())) }
    }
}

/// What stands before a line of a text: its number and a bar.
const MARGIN: usize = 8;

/// A text whose long stretches are cut.
#[derive(Clone, Copy)]
struct Cut<'r> {
    source: &'r dyn SourceCode,
    /// The longest line to show, if one line is enough.
    line: Option<usize>,
}

impl Cut<'_> {
    /// The label, cut to what can be marked.
    fn shortened(self, label: &LabeledSpan) -> LabeledSpan {
        let contents = self.source.read_span(label.inner(), 0, 0);
        let covered = contents.as_ref().map_or(&[][..], |contents| contents.data());
        let covered = covered.get(..label.len()).unwrap_or(covered);
        let mut lines = covered.split(|byte| *byte == b'\n');
        let first = lines.next().unwrap_or_default();
        let length = match (self.line, lines.count()) {
            (Some(width), _) => start_of_character(first, width.min(LONGEST_MARK)),
            (None, 0) => start_of_character(covered, LONGEST_MARK),
            (None, more) if more < MOST_LINES && covered.len() <= WHOLE => covered.len(),
            (None, _) => start_of_character(first, LONGEST_MARK),
        };
        let text = label.label().map(str::to_owned);
        let span = SourceSpan::new(SourceOffset::from(label.offset()), length);
        if label.primary() {
            LabeledSpan::new_primary_with_span(text, span)
        } else {
            LabeledSpan::new_with_span(text, span)
        }
    }

    /// The column of the start of contents in characters, as everywhere else; miette counts bytes.
    fn column(self, contents: &dyn SpanContents<'_>) -> usize {
        let bytes = contents.column();
        let line = SourceSpan::new(SourceOffset::from(contents.span().offset().saturating_sub(bytes)), bytes);
        let before = self.source.read_span(&line, 0, 0);
        before.map_or(bytes, |before| n_characters(before.data().get(..bytes).unwrap_or(before.data())))
    }

    /// Whether two labels fit into one picture: near each other, or so many lines apart that it has a gap.
    fn shows_both(self, one: &LabeledSpan, other: &LabeledSpan) -> bool {
        let start = one.offset().min(other.offset());
        let end = (one.offset() + one.len()).max(other.offset() + other.len());
        if end - start <= WHOLE {
            return true;
        }
        let between = self.source.read_span(&SourceSpan::new(SourceOffset::from(start), end - start), 0, 0);
        between.is_ok_and(|between| n_line_breaks(between.data()) > MOST_LINES)
    }
}

impl fmt::Debug for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cut")
    }
}

impl SourceCode for Cut<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Without lines around it, only the position of the span is asked for.
        if let (Some(width), 1..) = (self.line, context_lines_before) {
            let whole = self.source.read_span(span, context_lines_before, context_lines_after)?;
            return Ok(Box::new(cut(&*whole, span, self.column(&*whole), Shown::Width(width))));
        }
        let whole = self.source.read_span(span, context_lines_before, context_lines_after)?;
        let column = self.column(&*whole);
        if whole.data().len() > WHOLE {
            return Ok(Box::new(cut(&*whole, span, column, Shown::Around)));
        }
        Ok(Box::new(contents(&*whole, whole.data(), *whole.span(), whole.line(), column, whole.line_count())))
    }
}

/// How much of a line is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// The surroundings of the label.
    Around,
    /// As much as fits.
    Width(usize),
}

impl Shown {
    /// The first and last byte, for a label and the line that it starts on.
    fn range(self, label: (usize, usize), line: (usize, usize)) -> (usize, usize) {
        let ((from, to), (line_start, line_end)) = (label, line);
        match self {
            Self::Around => {
                let end = to.saturating_add(AROUND).min(from.saturating_add(WHOLE));
                (from.saturating_sub(AROUND).max(line_start), end.min(line_end))
            }
            Self::Width(width) if line_end.saturating_sub(line_start) <= width => line,
            Self::Width(width) => {
                let before = width.saturating_sub(to.saturating_sub(from)) / 2;
                let latest = line_end.saturating_sub(width).max(line_start);
                let start = from.saturating_sub(before).max(line_start).min(latest).min(from);
                (start, start.saturating_add(width).min(line_end))
            }
        }
    }
}

/// A part of the line of a span.
fn cut<'a>(
    whole: &(dyn SpanContents<'a> + 'a),
    span: &SourceSpan,
    column: usize,
    shown: Shown,
) -> MietteSpanContents<'a> {
    let data = whole.data();
    let base = whole.span().offset();
    let from = span.offset().saturating_sub(base).min(data.len());
    let to = from.saturating_add(span.len()).min(data.len());
    let (before, behind) = (data.get(..from).unwrap_or_default(), data.get(to..).unwrap_or_default());
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line_end = behind.iter().position(|byte| *byte == b'\n').map_or(data.len(), |at| to + at);
    let (start, end) = shown.range((from, to), (line_start, line_end));
    let (start, end) = (start_of_character(data, start), start_of_character(data, end));
    let shown = data.get(start..end).unwrap_or_default();
    let lines = n_line_breaks(before);
    let on_line = data.get(line_start..start).unwrap_or_default();
    let column = if lines == 0 { column } else { 0 } + n_characters(on_line);
    let shown_span = SourceSpan::new(SourceOffset::from(base + start), shown.len());
    contents(whole, shown, shown_span, whole.line() + lines, column, 1)
}

/// Contents under the name of others.
fn contents<'a>(
    of: &dyn SpanContents<'a>,
    data: &'a [u8],
    span: SourceSpan,
    line: usize,
    column: usize,
    line_count: usize,
) -> MietteSpanContents<'a> {
    match of.name() {
        Some(name) => MietteSpanContents::new_named(name.to_owned(), data, span, line, column, line_count),
        None => MietteSpanContents::new(data, span, line, column, line_count),
    }
}

fn n_line_breaks(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

fn n_characters(bytes: &[u8]) -> usize {
    String::from_utf8_lossy(bytes).chars().count()
}

/// The start of the character that the position lies in, so that no character is cut in two.
fn start_of_character(data: &[u8], position: usize) -> usize {
    let position = position.min(data.len());
    let starts = |at: &usize| data.get(*at).is_none_or(|byte| byte & 0b1100_0000 != 0b1000_0000);
    (0..=position).rev().take(4).find(starts).unwrap_or(position)
}
