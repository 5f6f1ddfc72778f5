//! Tokens of policies and schemas.
//!
//! One token set serves both grammars. A token holds no text, which its place tells, so that it is two bytes on the
//! stacks of the parsers. Most keywords are contextual (`permit`, `entity`, `principal` may all be attribute names), and
//! they differ between policies and schemas: a [`Word`] says only which of the known words it is, and each grammar lists
//! those that it knows in its `extern` block.

use logos::{Lexer, Logos};

use crate::lexer::run;

/// A token.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(error = LexError)]
#[logos(skip r"\s+")]
pub(crate) enum Token {
    /// From `//` to the end of the line; the lexer collects these and hides them from the parser.
    #[regex(r"//[^\n\r]*", allow_greedy = true)]
    Comment,
    /// An identifier, a keyword or a reserved word.
    #[regex("[_a-zA-Z][_a-zA-Z0-9]*", |lexer| Word::new(lexer.slice().as_bytes()))]
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
    let outcome = string_rest(lexer.remainder().as_bytes(), 0);
    let (Ok(length) | Err(length)) = outcome;
    lexer.bump(length);
    outcome.map(drop).map_err(|_| LexError::UnterminatedString)
}

/// The end of a string literal, of which the opening quote stands before the position.
///
/// # Errors
/// How far it goes, if it is not terminated.
#[inline]
pub(crate) fn string_rest(bytes: &[u8], mut position: usize) -> Result<usize, usize> {
    loop {
        position = run::until::<b'"', b'\\'>(bytes, position);
        match bytes.get(position) {
            Some(b'"') => return Ok(position + 1),
            // If a character of several bytes is escaped, its other bytes are neither quote nor backslash.
            Some(b'\\') => match bytes.get(position + 1) {
                None | Some(b'\n') => return Err(position + 1),
                Some(_) => position += 2,
            },
            Some(_) => position += 1,
            None => return Err(position),
        }
    }
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
            /// Which word that is. There is one at most that it can be, so one comparison is enough.
            #[inline]
            pub(crate) fn new(text: &[u8]) -> Self {
                let candidate = WORDS.get(slot(text)).copied().unwrap_or(Self::Other);
                if candidate.text().as_bytes() == text { candidate } else { Self::Other }
            }

            /// The word, if it is known.
            pub(crate) fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ Self::Other => "" }
            }
        }

        /// The words by their [`slot`].
        const WORDS: [Word; SLOTS] = {
            let mut words = [Word::Other; SLOTS];
            $(
                #[expect(clippy::indexing_slicing, reason = "a slot is less than the number of slots")]
                let word = &mut words[slot($text.as_bytes())];
                assert!(matches!(word, Word::Other), "two words have one slot: change its formula");
                *word = Word::$variant;
            )+
            words
        };
    };
}

/// How many words there could be at most.
const SLOTS: usize = 64;

/// A number that no two of the known words share, from their length and two of their bytes.
const fn slot(text: &[u8]) -> usize {
    let middle = text.len() / 2;
    if middle >= text.len() {
        return 0;
    }
    #[expect(clippy::indexing_slicing, reason = "the text has a byte in the middle, so also a first one")]
    let (first, middle) = (text[0] as usize, text[middle] as usize);
    (8 * first + 3 * middle + text.len()) % SLOTS
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
