//! Problems to reports: drawn, in sentences, or as JSON.

mod excerpt;

use std::{collections::BTreeSet, fmt::Write, iter};

use deodar_grammar::{Report, Sources};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, JSONReportHandler, NarratableReportHandler, ThemeCharacters,
    ThemeStyles,
};

use textwrap::{WordSeparator, WordSplitter};

use self::excerpt::Excerpt;
use crate::{args::ErrorFormat, io::Io, problem::Problem};

/// Reports beyond this number help nobody; the rest is counted.
const REPORTS: usize = 50;

/// Lines up to this length are read out whole.
const NARRATED_WIDTH: usize = 200;

/// All reports as one text.
pub(crate) fn reports(problems: &[Problem], sources: &Sources, format: ErrorFormat, io: &Io<'_>) -> String {
    let handler = Handler::new(format, io);
    let mut text = String::new();
    for problem in problems.iter().take(REPORTS) {
        if !text.is_empty() && format != ErrorFormat::Json {
            text.push('\n');
        }
        match problem {
            Problem::Text(diagnostic) | Problem::Policy(_, diagnostic) => {
                handler.render(&mut text, &Report::new(diagnostic, sources));
            }
            Problem::Plain(plain) => handler.render(&mut text, &plain.to_miette()),
        }
    }
    let rest = problems.len().saturating_sub(REPORTS);
    if rest > 0 && format != ErrorFormat::Json {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "and {rest} more; `--format json` lists all");
    }
    text
}

/// Where to read more about the reports, in one line. Problems outside of texts say all there is to say, and programs
/// and screen readers are spared.
pub(crate) fn further_reading(problems: &[Problem], format: ErrorFormat) -> String {
    let shown = problems.iter().take(REPORTS).filter_map(|problem| Some(problem.diagnostic()?.code().name));
    let codes: BTreeSet<&str> = shown.collect();
    let mut codes = codes.into_iter();
    match (format, codes.next(), codes.next()) {
        (ErrorFormat::Human, Some(code), None) => format!("\nfor more about this: deodar explain {code}\n"),
        (ErrorFormat::Human, Some(_), Some(_)) => "\nfor more about a code: deodar explain CODE\n".to_owned(),
        (ErrorFormat::Human, None, _) | (ErrorFormat::Plain | ErrorFormat::Json, _, _) => String::new(),
    }
}

/// One of miette's handlers.
enum Handler {
    /// With the width of the terminal.
    Graphical(Box<GraphicalReportHandler>, usize),
    /// With the width that is enough of a line to be read out.
    Narrated(NarratableReportHandler, usize),
    Json(JSONReportHandler),
}

impl Handler {
    fn new(format: ErrorFormat, io: &Io<'_>) -> Self {
        match format {
            ErrorFormat::Human => {
                let styles = if io.stderr_colour() { ThemeStyles::ansi() } else { ThemeStyles::none() };
                let theme = GraphicalTheme { characters: ThemeCharacters::unicode(), styles };
                let handler = GraphicalReportHandler::new_themed(theme).with_width(io.width()).with_links(false);
                // Dates and codes are not to be torn apart at their hyphens.
                let handler = handler.with_word_splitter(WordSplitter::NoHyphenation);
                let handler = handler.with_word_separator(WordSeparator::AsciiSpace);
                Self::Graphical(Box::new(handler), io.width())
            }
            ErrorFormat::Plain => Self::Narrated(NarratableReportHandler::new(), NARRATED_WIDTH),
            ErrorFormat::Json => Self::Json(JSONReportHandler::new()),
        }
    }

    fn render(&self, text: &mut String, report: &dyn Diagnostic) {
        let start = text.len();
        let rendered = match self {
            Self::Graphical(handler, width) => {
                let excerpt = Excerpt::new(report, *width);
                let mut parts = iter::once(&excerpt).chain(excerpt.elsewhere());
                parts.try_for_each(|part| handler.render_report(text, part))
            }
            Self::Narrated(handler, width) => {
                let excerpt = Excerpt::new(report, *width);
                let mut parts = iter::once(&excerpt).chain(excerpt.elsewhere());
                parts.try_for_each(|part| handler.render_report(text, part))
            }
            // This one prints positions, no text.
            Self::Json(handler) => handler.render_report(text, report),
        };
        if rendered.is_err() {
            // The handlers fail when a label lies outside its text; the message itself is always at hand.
            text.truncate(start);
            text.push_str(&report.to_string());
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
}
