//! Tokens of policies and schemas.
//!
//! One token set serves both grammars. Words are not sorted into keywords and identifiers here: most keywords are
//! contextual (`permit`, `entity`, `principal` may all be attribute names), and they differ between policies and
//! schemas, so each grammar lists its own in its `extern` block.

use core::fmt;

use logos::Logos;

/// A token, borrowing from the text.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(error = LexError)]
#[logos(skip r"\s+")]
pub(crate) enum Token<'t> {
    /// From `//` to the end of the line; the lexer collects these and hides them from the parser.
    #[regex(r"//[^\n\r]*", allow_greedy = true)]
    Comment,
    /// An identifier, a keyword or a reserved word.
    #[regex("[_a-zA-Z][_a-zA-Z0-9]*")]
    Word(&'t str),
    /// A run of digits of any length.
    #[regex("[0-9]+")]
    Integer(&'t str),
    /// A string literal; holds what stands between the quotes.
    #[regex(r#""(\\.|[^"\\])*""#, string_body)]
    String(&'t str),
    /// `?` and an identifier.
    #[regex(r"\?[_a-zA-Z][_a-zA-Z0-9]*")]
    Slot(&'t str),
    #[token("@")]
    At,
    #[token("(")]
    LeftParenthesis,
    #[token(")")]
    RightParenthesis,
    #[token("{")]
    LeftBrace,
    #[token("}")]
    RightBrace,
    #[token("[")]
    LeftBracket,
    #[token("]")]
    RightBracket,
    #[token(",")]
    Comma,
    #[token(";")]
    Semicolon,
    #[token(":")]
    Colon,
    #[token("::")]
    PathSeparator,
    #[token(".")]
    Dot,
    #[token("?")]
    Question,
    #[token("==")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token("<")]
    Less,
    #[token("<=")]
    LessOrEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterOrEqual,
    #[token("||")]
    Or,
    #[token("&&")]
    And,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("!")]
    Bang,
    #[token("=")]
    Assign,
    /// Bytes that are no token. The parser never accepts it, so that recovery can go on behind it.
    Unknown(LexError),
}

/// Why bytes are no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LexError {
    /// A character that no token starts with.
    #[default]
    Character,
    /// A string literal without a closing quote, or with a backslash before a line break.
    UnterminatedString,
}

fn string_body<'t>(lexer: &logos::Lexer<'t, Token<'t>>) -> &'t str {
    let literal = lexer.slice();
    literal.get(1..literal.len() - 1).unwrap_or_default()
}

impl Token<'_> {
    /// Whether it is an opening bracket.
    pub(crate) fn opens(self) -> bool {
        matches!(self, Self::LeftParenthesis | Self::LeftBrace | Self::LeftBracket)
    }

    /// Whether it is a closing bracket.
    pub(crate) fn closes(self) -> bool {
        matches!(self, Self::RightParenthesis | Self::RightBrace | Self::RightBracket)
    }
}

impl fmt::Display for Token<'_> {
    /// The token as it is written, for messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comment => "//",
            Self::Word(text) | Self::Integer(text) | Self::Slot(text) => text,
            Self::String(body) => return write!(f, "\"{body}\""),
            Self::At => "@",
            Self::LeftParenthesis => "(",
            Self::RightParenthesis => ")",
            Self::LeftBrace => "{",
            Self::RightBrace => "}",
            Self::LeftBracket => "[",
            Self::RightBracket => "]",
            Self::Comma => ",",
            Self::Semicolon => ";",
            Self::Colon => ":",
            Self::PathSeparator => "::",
            Self::Dot => ".",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Or => "||",
            Self::And => "&&",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Star => "*",
            Self::Slash => "/",
            Self::Percent => "%",
            Self::Bang => "!",
            Self::Assign => "=",
            Self::Question | Self::Unknown(_) => "?",
        })
    }
}
