//! Diagnostics: what is said to people about text.
//!
//! A [`Diagnostic`] is built only by the constructor functions of a `report` module, which stand beside the row of
//! its [`Code`]; every code is declared once, with [`codes!`](crate::codes!). Rendering is miette's: [`Report`] joins
//! a diagnostic with its sources and holds the only `impl miette::Diagnostic` of the libraries.
//!
//! Invariant I4: every diagnostic has a code, and codes are unique across crates.

use core::fmt;

use miette::{LabeledSpan, NamedSource, SourceCode};

use crate::source::{Sources, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The text has no meaning, or one that is refused.
    Error,
    /// The text has a meaning that is probably not intended.
    Warning,
}

/// The identity of a kind of diagnostic. Names are stable: they may be written in pipelines and suppressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    /// In kebab case, as in `unknown-function`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of mistake it is, in a phrase.
    pub title: &'static str,
}

/// What there is to say about a code beyond a report: what it means, an example, and the example corrected.
///
/// Pages stand apart from codes, so that a program which never asks for them does not carry their texts.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The code.
    pub code: Code,
    /// The page, in Markdown. Its heading is the title of the code.
    pub text: &'static str,
}

/// Declares diagnostic codes: one constant each, `CODES` with all of them, and `PAGES` with their pages.
///
/// The page of a code is the file `src/explain/NAME.md` of the crate that declares it; without the file the crate does
/// not compile.
///
/// ```
/// deodar_grammar::codes! {
///     /// A code that has its page in this crate.
///     pub EXAMPLE = Error "unknown-function", "a function that does not exist";
/// }
/// assert_eq!(EXAMPLE, CODES[0]);
/// assert!(PAGES[0].text.starts_with("# a function that does not exist"));
/// ```
#[macro_export]
macro_rules! codes {
    ($($(#[$meta:meta])* $vis:vis $constant:ident = $severity:ident $name:literal, $title:literal;)+) => {
        $(
            $(#[$meta])*
            $vis const $constant: $crate::Code =
                $crate::Code { name: $name, severity: $crate::Severity::$severity, title: $title };
        )+
        /// Every code of this table, in the order of declaration.
        #[allow(unreachable_pub, reason = "tables stand in private modules too")]
        pub const CODES: &[$crate::Code] = &[$($constant),+];

        /// The page of every code of this table.
        #[allow(unreachable_pub, reason = "tables stand in private modules too")]
        pub const PAGES: &[$crate::Page] = &[$($crate::Page {
            code: $constant,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/explain/", $name, ".md")),
        }),+];
    };
}

/// A place with a remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The remark; may be empty.
    pub text: String,
}

/// Something to tell people about their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    code: Code,
    message: String,
    labels: Vec<Label>,
    help: Option<Box<str>>,
    note: Option<Box<str>>,
}

impl Diagnostic {
    /// A diagnostic at a place. Call it from the constructors of a `report` module only.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let labels = vec![Label { span, text: String::new() }];
        Self { code, message: message.into(), labels, help: None, note: None }
    }

    /// The remark at the main place.
    #[must_use]
    pub fn with_label(mut self, text: impl Into<String>) -> Self {
        if let Some(label) = self.labels.first_mut() {
            label.text = text.into();
        }
        self
    }

    /// A further place with a remark, possibly in another source.
    #[must_use]
    pub fn with_place(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// What the author can do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into().into());
        self
    }

    /// [`Self::with_help`] if there is something to say.
    #[must_use]
    pub fn with_optional_help(mut self, help: Option<String>) -> Self {
        self.help = help.map(Into::into).or(self.help);
        self
    }

    /// Under which circumstances it is wrong, if there is something to say.
    #[must_use]
    pub fn with_optional_note(mut self, note: Option<String>) -> Self {
        self.note = note.map(Into::into).or(self.note);
        self
    }

    /// The same, as bad as its readers say that it is: a project may take a warning for an error.
    #[must_use]
    pub fn at_severity(mut self, severity: Severity) -> Self {
        self.code.severity = severity;
        self
    }

    /// What kind of diagnostic it is.
    pub fn code(&self) -> Code {
        self.code
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.code.severity
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The main place.
    pub fn span(&self) -> Span {
        self.labels.first().map_or(Span { source: crate::source::SourceId::UNKNOWN, start: 0, end: 0 }, |l| l.span)
    }

    /// All places, the main one first.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// What the author can do.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Under which circumstances it is wrong.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A diagnostic with the sources that it points into, ready for a miette report handler.
#[derive(Debug)]
pub struct Report<'a> {
    diagnostic: &'a Diagnostic,
    source: NamedSource<String>,
    /// The labels in other sources than the main one; miette shows one source per diagnostic.
    elsewhere: Vec<Elsewhere>,
}

/// A label in another source.
#[derive(Debug)]
struct Elsewhere {
    source: NamedSource<String>,
    label: Label,
}

impl<'a> Report<'a> {
    /// Joins a diagnostic with the registry its spans belong to.
    pub fn new(diagnostic: &'a Diagnostic, sources: &Sources) -> Self {
        let named = |span: Span| NamedSource::new(sources.name(span.source), sources.text(span.source).to_owned());
        let main = diagnostic.span().source;
        let elsewhere = diagnostic
            .labels
            .iter()
            .filter(|label| label.span.source != main)
            .map(|label| Elsewhere { source: named(label.span), label: label.clone() })
            .collect();
        Self { diagnostic, source: named(diagnostic.span()), elsewhere }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic.fmt(f)
    }
}

impl core::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.diagnostic.code.name))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity() {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        // miette shows one text below a report.
        let parts = [self.diagnostic.note(), self.diagnostic.help()];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
        if text.is_empty() { None } else { Some(Box::new(text)) }
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let main = self.diagnostic.span().source;
        let here = self.diagnostic.labels.iter().filter(move |label| label.span.source == main);
        Some(Box::new(here.enumerate().map(|(index, label)| labeled(label, index == 0))))
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn miette::Diagnostic> + 'b>> {
        if self.elsewhere.is_empty() {
            return None;
        }
        Some(Box::new(self.elsewhere.iter().map(|place| place as &dyn miette::Diagnostic)))
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label.text)
    }
}

impl core::error::Error for Elsewhere {}

impl miette::Diagnostic for Elsewhere {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(core::iter::once(labeled(&Label { text: "here".to_owned(), ..self.label.clone() }, true))))
    }
}

fn labeled(label: &Label, primary: bool) -> LabeledSpan {
    let text = (!label.text.is_empty()).then(|| label.text.clone());
    let range = label.span.range();
    let span = (range.start, range.len());
    if primary { LabeledSpan::new_primary_with_span(text, span) } else { LabeledSpan::new_with_span(text, span) }
}
