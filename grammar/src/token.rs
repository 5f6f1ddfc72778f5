//! Tokens of policies and schemas.
//!
//! One token set serves both grammars. A token holds no text, which its place tells, so that it is two bytes on the
//! stacks of the parsers. Most keywords are contextual (`permit`, `entity`, `principal` may all be attribute names), and
//! they differ between policies and schemas: a [`Word`] says only which of the known words it is, and each grammar lists
//! those that it knows in its `extern` block.

use logos::{Lexer, Logos};

/// A token.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(error = LexError)]
#[logos(skip r"\s+")]
pub(crate) enum Token {
    /// From `//` to the end of the line; the lexer collects these and hides them from the parser.
    #[regex(r"//[^\n\r]*", allow_greedy = true)]
    Comment,
    /// An identifier, a keyword or a reserved word.
    #[regex("[_a-zA-Z][_a-zA-Z0-9]*", |lexer| Word::new(lexer.slice()))]
    Word(Word),
    /// A run of digits of any length.
    #[regex("[0-9]+")]
    Integer,
    /// A string literal with its quotes.
    #[token("\"", string)]
    String,
    /// `?` and an identifier.
    #[regex(r"\?[_a-zA-Z][_a-zA-Z0-9]*")]
    Slot,
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
    /// Where a policy starts: no text, but a sign for the parser.
    StartPolicy,
    /// Where a lone expression starts, another such sign.
    StartExpression,
    /// Where the semicolon of a policy should stand.
    Missing,
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

/// Goes behind the closing quote of a string literal, or as far as the literal goes without one.
fn string(lexer: &mut Lexer<'_, Token>) -> Result<(), LexError> {
    let bytes = lexer.remainder().as_bytes();
    let mut length = 0;
    let outcome = loop {
        match bytes.get(length) {
            Some(b'"') => {
                length += 1;
                break Ok(());
            }
            // If a character of several bytes is escaped, its other bytes are neither quote nor backslash.
            Some(b'\\') => match bytes.get(length + 1) {
                None | Some(b'\n') => {
                    length += 1;
                    break Err(LexError::UnterminatedString);
                }
                Some(_) => length += 2,
            },
            Some(_) => length += 1,
            None => break Err(LexError::UnterminatedString),
        }
    };
    lexer.bump(length);
    outcome
}

macro_rules! words {
    ($($variant:ident $text:literal)+) => {
        /// The words that some grammar knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Word {
            $(#[doc = concat!("`", $text, "`")] $variant,)+
            /// Any other.
            Other,
        }

        impl Word {
            fn new(text: &str) -> Self {
                match text { $($text => Self::$variant,)+ _ => Self::Other }
            }

            /// The word, if it is known.
            pub(crate) fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ Self::Other => "" }
            }
        }
    };
}

words! {
    True "true"
    False "false"
    If "if"
    Then "then"
    Else "else"
    In "in"
    Is "is"
    Has "has"
    Like "like"
    Internal "__cedar"
    Permit "permit"
    Forbid "forbid"
    When "when"
    Unless "unless"
    Principal "principal"
    Action "action"
    Resource "resource"
    Context "context"
    Namespace "namespace"
    External "external"
    Entity "entity"
    Type "type"
    Tags "tags"
    Enum "enum"
    AppliesTo "appliesTo"
    Attributes "attributes"
    Set "Set"
}

impl Word {
    /// Whether the word is reserved in policies, as [`is_reserved`](deodar_lexicon::name::is_reserved) knows.
    pub(crate) fn is_reserved(self) -> bool {
        matches!(
            self,
            Self::True
                | Self::False
                | Self::If
                | Self::Then
                | Self::Else
                | Self::In
                | Self::Is
                | Self::Has
                | Self::Like
                | Self::Internal
        )
    }
}

impl Token {
    /// Whether it is an opening bracket.
    pub(crate) fn opens(self) -> bool {
        matches!(self, Self::LeftParenthesis | Self::LeftBrace | Self::LeftBracket)
    }

    /// Whether it is a closing bracket.
    pub(crate) fn closes(self) -> bool {
        matches!(self, Self::RightParenthesis | Self::RightBrace | Self::RightBracket)
    }
}
