//! What to say about an item that the grammar does not accept.

use core::convert::Infallible;

use lalrpop_util::ParseError;

use super::items::{Items, STARTERS};
use crate::{
    diagnostic::Diagnostic,
    lexer::Item,
    report,
    source::{SourceId, Span},
    suggest::closest,
    token::Token,
};

/// An error of the generated parser.
pub(crate) type SyntaxError = ParseError<u32, Token, Infallible>;

/// Where the mistake lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'t> {
    pub(crate) source: SourceId,
    pub(crate) text: &'t str,
    /// Whether a namespace is open.
    pub(crate) inside_namespace: bool,
}

/// The diagnostic for the first token of the item that the grammar does not accept.
pub(crate) fn diagnose<I>(error: &SyntaxError, items: &mut Items<I>, around: Surroundings<'_>) -> Diagnostic
where
    I: Iterator<Item = Item>,
{
    let (found, expected) = match error {
        ParseError::UnrecognizedToken { token, expected } => (Some(*token), expected.as_slice()),
        ParseError::UnrecognizedEof { expected, .. } => (None, expected.as_slice()),
        ParseError::ExtraToken { token } => (Some(*token), [].as_slice()),
        ParseError::InvalidToken { .. } | ParseError::User { .. } => (None, [].as_slice()),
    };
    let expected = Expected::new(expected, around);
    // The `;` that a cut item was given is empty.
    match found.filter(|(start, _, end)| start < end) {
        Some(place) => unexpected(place, items, &expected, around),
        None => unfinished(items, &expected, around),
    }
}

fn unexpected<I>(place: Item, items: &Items<I>, expected: &Expected, around: Surroundings<'_>) -> Diagnostic
where
    I: Iterator<Item = Item>,
{
    let (start, token, end) = place;
    let span = Span { source: around.source, start, end };
    let written = around.text.get(span.range()).unwrap_or_default();
    if token == Token::Unknown {
        return report::syntax::unknown(span, written);
    }
    let rest = around.text.get(span.range().start..).unwrap_or_default();
    if rest.starts_with("/*") {
        return report::syntax::block_comment(Span { end: start.saturating_add(2), ..span });
    }
    report::syntax::unexpected_token(span, written, &expected.describe()).with_optional_help(help(
        (start, token),
        written,
        items,
        expected,
    ))
}

fn unfinished<I>(items: &mut Items<I>, expected: &Expected, around: Surroundings<'_>) -> Diagnostic
where
    I: Iterator<Item = Item>,
{
    let (start, _, end) = items.last_written();
    let span = Span { source: around.source, start, end };
    if items.is_at_end() {
        return report::syntax::unexpected_end(Span { start: end, ..span }, &expected.describe(), None);
    }
    report::schema::unfinished_declaration(span, &expected.describe())
}

/// What the author may have meant.
fn help<I>((start, token): (u32, Token), written: &str, items: &Items<I>, expected: &Expected) -> Option<String>
where
    I: Iterator<Item = Item>,
{
    if token.is_word()
        && let Some(keyword) = closest(written, expected.keywords.iter().map(String::as_str))
    {
        return Some(report::schema::did_you_mean(keyword));
    }
    let before = || items.tokens().iter().take_while(|(at, _, _)| *at < start).map(|(_, token, _)| *token);
    let previous = before().last();
    let help = if previous == Some(Token::Assign) && before().any(|token| token == Token::Entity) {
        report::schema::HELP_INLINE_RECORD
    } else if token == Token::LeftBrace && expected.keywords.iter().any(|keyword| keyword == "appliesTo") {
        report::schema::HELP_APPLIES_TO
    } else if token == Token::Semicolon && previous == Some(Token::Comma) {
        report::schema::HELP_LAST_COMMA
    } else if token == Token::Semicolon && previous.is_none() {
        report::schema::HELP_LONE_SEMICOLON
    } else {
        return None;
    };
    Some(help.to_owned())
}

/// The terminals that the grammar would take.
struct Expected {
    name: bool,
    text: bool,
    keywords: Vec<String>,
    punctuation: Vec<String>,
}

impl Expected {
    fn new(terminals: &[String], around: Surroundings<'_>) -> Self {
        let mut expected = Self { name: false, text: false, keywords: Vec::new(), punctuation: Vec::new() };
        for terminal in terminals {
            let terminal = terminal.trim_matches('"');
            match terminal {
                "identifier" => expected.name = true,
                "string" => expected.text = true,
                word if word.starts_with(|c: char| c.is_ascii_alphabetic()) => expected.keywords.push(word.to_owned()),
                other => expected.punctuation.push(other.to_owned()),
            }
        }
        let starts_item = STARTERS.iter().all(|(_, word)| expected.keywords.iter().any(|keyword| keyword == word));
        if expected.name {
            // Any word may be a name.
            expected.keywords.clear();
        } else if starts_item && !around.inside_namespace {
            expected.punctuation.retain(|token| token != "}");
        }
        expected
    }

    /// As in "a name, `[` or `{`".
    fn describe(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.name.then(|| "a name".to_owned()));
        parts.extend(self.text.then(|| "a string".to_owned()));
        parts.extend(self.keywords.iter().chain(&self.punctuation).map(|token| format!("`{token}`")));
        report::join(parts, "or")
    }
}
