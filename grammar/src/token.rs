//! Tokens of policies and schemas.
//!
//! One token set serves both grammars. A token holds no text, which its place tells, and only one variant holds
//! anything, so that it is one byte, and looking its number up for a parser is a table and no jump. Most keywords are contextual (`permit`, `entity`, `principal` may all be attribute names), and
//! they differ between policies and schemas: a [`Word`] says only which of the known words it is, and each grammar lists
//! those that it knows in its `extern` block.

use logos::{Lexer, Logos};

use crate::lexer::run;

/// A token.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(skip r"\s+")]
pub(crate) enum Token {
    /// From `//` to the end of the line; the lexer collects these and hides them from the parser.
    #[regex(r"//[^\n\r]*", allow_greedy = true)]
    Comment,
    /// An identifier, a keyword or a reserved word.
    #[regex("[_a-zA-Z][_a-zA-Z0-9]*", word)]
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
    /// Bytes that are no token: a string literal without an end, or a character that no token starts with. The parser
    /// never accepts it, so that recovery can go on behind it.
    Unknown,
    /// Where a policy starts: no text, but a sign for the parser.
    StartPolicy,
    /// Where a lone expression starts, another such sign.
    StartExpression,
    /// Where the semicolon of a policy should stand.
    Missing,
}

/// Which word it is.
fn word(lexer: &Lexer<'_, Token>) -> Word {
    let range = lexer.span();
    Word::at(lexer.source().as_bytes(), range.start, range.end)
}

/// Goes behind the closing quote of a string literal, or as far as the literal goes without one.
fn string(lexer: &mut Lexer<'_, Token>) -> bool {
    let outcome = string_rest(lexer.remainder().as_bytes(), 0);
    let (Ok(length) | Err(length)) = outcome;
    lexer.bump(length);
    outcome.is_ok()
}

/// The end of a string literal, of which the opening quote stands before the position. A backslash before a line break
/// ends it without a closing quote.
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
            /// Which word stands in the text from `start` to `end`, which is the end of a word.
            #[inline]
            pub(crate) fn at(text: &[u8], start: usize, end: usize) -> Self {
                let Some(key) = key(text, start, end) else { return Self::Other };
                let (word, known) = WORDS.get(slot(key)).copied().unwrap_or((0, Self::Other));
                if word == key { known } else { Self::Other }
            }

            /// The word, if it is known.
            pub(crate) fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ Self::Other => "" }
            }
        }

        /// The words with their keys by their [`slot`]. There is one at most that a text can be.
        const WORDS: [(u128, Word); SLOTS] = {
            let mut words = [(0, Word::Other); SLOTS];
            $(
                let key = known_key($text.as_bytes());
                #[expect(clippy::indexing_slicing, reason = "a slot is less than the number of slots")]
                let word = &mut words[slot(key)];
                assert!(matches!(word.1, Word::Other), "two words have one slot: change its formula");
                *word = (key, Word::$variant);
            )+
            words
        };
    };
}

/// How many words there could be at most.
const SLOTS: usize = 64;

/// How many bytes the longest word has that can be known.
const KEY_BYTES: usize = 16;

/// The bytes of the word as one number, so that two words are compared at once. Nothing if it is too long to be known.
#[inline]
fn key(text: &[u8], start: usize, end: usize) -> Option<u128> {
    let unused = KEY_BYTES.checked_sub(end.saturating_sub(start))?;
    let bytes = text.get(start..).and_then(|rest| rest.first_chunk::<KEY_BYTES>());
    let Some(bytes) = bytes else { return text.get(start..end).map(known_key) };
    Some(u128::from_le_bytes(*bytes) & u128::MAX.checked_shr(8 * unused as u32).unwrap_or(0))
}

/// The key of a word that is not too long.
const fn known_key(word: &[u8]) -> u128 {
    let mut key = [0; KEY_BYTES];
    let (bytes, _) = key.split_at_mut(word.len());
    bytes.copy_from_slice(word);
    u128::from_le_bytes(key)
}

/// A number that no two of the known words share.
const fn slot(key: u128) -> usize {
    let folded = (key as u64) ^ ((key >> 64) as u64);
    (folded.wrapping_mul(MULTIPLIER) >> (64 - SLOTS.ilog2())) as usize
}

/// Found by trying: the words have different slots with it.
const MULTIPLIER: u64 = 0x67ed_27d1_5c00_93f5;

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
