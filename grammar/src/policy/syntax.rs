//! From a syntax error to what should be said about it.
//!
//! The parser knows which terminals it could have taken; people think in expressions, operators and names. The tokens
//! around the error often show what was meant, and then the diagnostic says so.

use core::convert::Infallible;

use lalrpop_util::ParseError;

use super::{
    chunk::{Chunks, End},
    reader::Reader,
};
use crate::{diagnostic::Diagnostic, lexer::Item, report, source::Span, token::Token};

/// What the parser reports.
pub(crate) type SyntaxError = ParseError<u32, Token, Infallible>;

/// Reports the error that ended the parse of the chunk.
#[cold]
pub(crate) fn report(reader: &mut Reader<'_>, chunks: &Chunks<'_>, error: SyntaxError) {
    let diagnostic = match error {
        ParseError::UnrecognizedToken { token: (_, Token::Missing, end), expected } => {
            ended(reader, chunks, end, &expected)
        }
        ParseError::UnrecognizedToken { token, expected } => unexpected(reader, chunks.tokens(), token, &expected),
        ParseError::ExtraToken { token } => unexpected(reader, chunks.tokens(), token, &[]),
        ParseError::UnrecognizedEof { location, expected } => ended(reader, chunks, location, &expected),
        ParseError::InvalidToken { location } => {
            report::syntax::unexpected_end(reader.span((location, location)), "", None)
        }
        ParseError::User { error } => match error {},
    };
    reader.report(diagnostic);
}

fn ended(reader: &Reader<'_>, chunks: &Chunks<'_>, location: u32, expected: &[String]) -> Diagnostic {
    let last = last_token(chunks.tokens()).map_or((location, location), |item| (item.0, item.2));
    let opened = innermost_open(chunks.tokens()).map(|(start, token, end)| (reader.span((start, end)), bracket(token)));
    match chunks.end() {
        End::NextPolicy => report::policy::unfinished_policy(reader.span(last), &phrase(expected), opened),
        End::Text | End::Semicolon | End::TooManyBrackets(..) => {
            report::syntax::unexpected_end(reader.span((location, location)), &phrase(expected), opened)
        }
    }
}

fn unexpected(reader: &Reader<'_>, tokens: &[Item], (start, token, end): Item, expected: &[String]) -> Diagnostic {
    let span = reader.span((start, end));
    let written = reader.slice((start, end));
    if token == Token::Unknown {
        return report::syntax::unknown(span, written);
    }
    let index = tokens.partition_point(|item| item.0 < start);
    let previous = index.checked_sub(1).and_then(|index| tokens.get(index));
    if let Some(comment) = block_comment(previous, tokens.get(index), tokens.get(index + 1)) {
        return report::syntax::block_comment(Span { start: comment.0, end: comment.1, ..span });
    }
    if matches!(token, Token::Dot | Token::LeftBracket | Token::PathSeparator | Token::LeftParenthesis)
        && follows_has(tokens, index)
        || previous.is_some_and(|item| item.1 == Token::Has)
    {
        return report::expression::has_operand(span, written);
    }
    let seen = |item: &Item| (item.1, reader.slice((item.0, item.2)));
    let help = hint(previous.map(seen), (token, written), tokens.get(index + 1).map(|item| item.1), expected);
    report::syntax::unexpected_token(span, written, &phrase(expected)).with_optional_help(help)
}

/// The place of `/*` or `*/` around the error.
fn block_comment(previous: Option<&Item>, at: Option<&Item>, next: Option<&Item>) -> Option<(u32, u32)> {
    let joined = |left: Option<&Item>, right: Option<&Item>| {
        let (left, right) = (left?, right?);
        let delimiter = matches!((left.1, right.1), (Token::Slash, Token::Star) | (Token::Star, Token::Slash));
        (delimiter && left.2 == right.0).then_some((left.0, right.2))
    };
    joined(previous, at).or_else(|| joined(at, next))
}

/// Whether the tokens before the index are `has` and its operand.
fn follows_has(tokens: &[Item], index: usize) -> bool {
    let before = tokens.get(..index).unwrap_or_default();
    before
        .iter()
        .rev()
        .map(|item| item.1)
        .find(|token| !matches!(token, Token::Dot | Token::String) && !is_plain_word(*token))
        == Some(Token::Has)
}

fn is_plain_word(token: Token) -> bool {
    token.is_word() && !token.is_reserved()
}

/// Advice for mistakes that the neighbouring tokens give away.
fn hint(
    previous: Option<(Token, &str)>,
    (token, written): (Token, &str),
    next: Option<Token>,
    expected: &[String],
) -> Option<String> {
    let takes_operator = expected.iter().any(|terminal| terminal == "\"&&\"");
    let takes_constraint = !takes_operator && expected.iter().any(|terminal| terminal == "\"is\"");
    let takes_operand = expected.iter().any(|terminal| terminal == "\"!\"" || terminal == "\"integer\"");
    // What stands before, at and behind the error.
    let help = match (previous, (token, written), next) {
        (_, (_, "and" | "AND"), _) if takes_operator => "write `&&` for \"and\"",
        (_, (_, "or" | "OR"), _) if takes_operator => "write `||` for \"or\"",
        (_, (_, "contains"), _) if takes_operator => "`contains` is a method: `set.contains(element)`",
        (_, (_, "equals" | "eq"), _) if takes_operator => "write `==` for \"equals\"",
        (_, (_, "startsWith" | "matches"), _) if takes_operator => "use a pattern: `e like \"prefix*\"`",
        (_, (Token::If, _), _) if takes_operand => "put the `if` expression into parentheses",
        (_, (Token::Question, _), _) if takes_operator => "write `if c then a else b` for a choice",
        (Some((Token::Assign, _)), (Token::Assign, _), _) | (_, (Token::Assign, _), Some(Token::Assign)) => {
            "write `==`"
        }
        (Some((Token::Bang | Token::Minus, _)), (Token::Bang | Token::Minus, _), _) => {
            "`!` and `-` cannot be mixed without parentheses: `!(-e)`"
        }
        (Some((Token::Dot, _)), (Token::Integer, _), _) => "write `decimal(\"1.5\")` for a decimal number",
        (_, (word, _), _) if takes_operand && word.is_reserved() => {
            return Some(format!("`{written}` is a reserved word and cannot be a name"));
        }
        (Some((_, "not" | "NOT")), (name, _), _) if name.is_word() => "write `!` for \"not\"",
        (_, (Token::Has | Token::Like, _), _) if takes_constraint => "move the test into a condition: `when { … }`",
        (None, (Token::Semicolon, _), _) => "there is no policy before this `;`",
        (Some((_, "entity" | "namespace" | "type" | "action")), (name, _), _) if name.is_word() => {
            "this looks like a declaration of a schema, which stands in a file of its own"
        }
        (Some((Token::When | Token::Unless, _)), (Token::LeftParenthesis, _), _) => {
            "conditions stand in braces: `when { … }`"
        }
        (Some((Token::At, _)), (Token::String, _), _) => "an annotation is written `@name(\"value\")`",
        (Some((Token::Integer, _)), (name, _), _) if name.is_word() => "integers are written with decimal digits only",
        _ => return None,
    };
    Some(help.to_owned())
}

/// The last token that is written.
fn last_token(tokens: &[Item]) -> Option<Item> {
    tokens.iter().rev().find(|item| item.1 != Token::Missing).copied()
}

/// The last bracket without a counterpart.
fn innermost_open(tokens: &[Item]) -> Option<Item> {
    let mut open = Vec::new();
    for item in tokens {
        if item.1.opens() {
            open.push(*item);
        } else if item.1.closes() {
            open.pop();
        }
    }
    open.pop()
}

fn bracket(token: Token) -> &'static str {
    if token == Token::LeftBrace {
        "{"
    } else if token == Token::LeftBracket {
        "["
    } else {
        "("
    }
}

/// The most things that an "expected …" phrase names.
const MOST_GROUPS: usize = 4;

/// The expected terminals in people's words: what closes first, then what goes on.
pub(crate) fn phrase(expected: &[String]) -> String {
    let has = |terminal: &str| expected.iter().any(|other| other.trim_matches('"') == terminal);
    let mut groups: Vec<String> = Vec::new();
    let mut add = |group: &str| {
        if groups.len() < MOST_GROUPS && !groups.iter().any(|other| other == group) {
            groups.push(group.to_owned());
        }
    };
    let operand = has("integer");
    let any_name = ["permit", "when", "principal", "identifier"].into_iter().all(has);
    let operator = has("&&");
    if has("integer") {
        add(if has("!") { "an expression" } else { "a value" });
    } else if any_name {
        add("a name");
    } else {
        let keywords = ["permit", "forbid", "when", "unless", "principal", "action", "resource"];
        keywords.into_iter().filter(|word| has(word)).for_each(|word| add(&format!("`{word}`")));
    }
    if has("string") && !operand {
        add("a string");
    }
    if operator {
        add("an operator");
    } else if has("==") {
        add("a constraint");
    }
    // Marks that are part of the groups above, or accepted only to be reported.
    let is_covered = |mark: &str| match mark {
        "{" => operand || operator || has("string"),
        "(" | "[" => operand || operator,
        "::" => operator,
        ":" => has("=="),
        "then" | "else" => any_name,
        _ => false,
    };
    let marks = ["then", "else", ";", ",", ")", "]", "}", "{", "(", ":", "::", "@"];
    marks.into_iter().filter(|mark| has(mark) && !is_covered(mark)).for_each(|mark| add(&format!("`{mark}`")));
    report::join(groups, "or")
}
