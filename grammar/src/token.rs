//! Tokens of policies and schemas.
//!
//! One token set serves both grammars. A token holds no text, which its place tells, so that it is one byte, and its
//! number for a parser is looked up without a jump. Most keywords are contextual (`permit`, `entity`, `principal` may all
//! be attribute names), and they differ between policies and schemas: a [`Vocabulary`] says which words one of them knows,
//! and its grammar lists the same words in its `extern` block.

use logos::{Lexer, Logos};

use crate::lexer::run;

/// A token.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
#[logos(skip r"\s+")]
pub(crate) enum Token {
    // The reserved words of policies come first, then the words that are known to some grammar, then all others.
    True,
    False,
    If,
    Then,
    Else,
    In,
    Is,
    Has,
    Like,
    Permit,
    Forbid,
    When,
    Unless,
    Principal,
    Action,
    Resource,
    Context,
    Namespace,
    External,
    Entity,
    Type,
    Tags,
    Enum,
    AppliesTo,
    Attributes,
    Set,
    /// A word that the grammar does not know. The lexer looks up those that it knows.
    #[regex("[_a-zA-Z][_a-zA-Z0-9]*")]
    Identifier,
    /// From `//` to the end of the line; the lexer collects these and hides them from the parser.
    #[regex(r"//[^\n\r]*", allow_greedy = true)]
    Comment,
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

/// The words that a grammar knows. Any other is an [`Identifier`](Token::Identifier).
pub(crate) struct Vocabulary {
    /// The words with their keys by their [`slot`]. There is one at most that a text can be.
    words: [(u128, Token); SLOTS],
}

/// The words of policies.
pub(crate) static POLICIES: Vocabulary = Vocabulary::new(&[
    ("true", Token::True),
    ("false", Token::False),
    ("if", Token::If),
    ("then", Token::Then),
    ("else", Token::Else),
    ("in", Token::In),
    ("is", Token::Is),
    ("has", Token::Has),
    ("like", Token::Like),
    ("permit", Token::Permit),
    ("forbid", Token::Forbid),
    ("when", Token::When),
    ("unless", Token::Unless),
    ("principal", Token::Principal),
    ("action", Token::Action),
    ("resource", Token::Resource),
    ("context", Token::Context),
]);

/// The words of schemas.
pub(crate) static SCHEMAS: Vocabulary = Vocabulary::new(&[
    ("namespace", Token::Namespace),
    ("external", Token::External),
    ("entity", Token::Entity),
    ("action", Token::Action),
    ("type", Token::Type),
    ("in", Token::In),
    ("tags", Token::Tags),
    ("enum", Token::Enum),
    ("appliesTo", Token::AppliesTo),
    ("principal", Token::Principal),
    ("resource", Token::Resource),
    ("context", Token::Context),
    ("attributes", Token::Attributes),
    ("Set", Token::Set),
]);

impl Vocabulary {
    const fn new(mut rest: &[(&str, Token)]) -> Self {
        let mut words = [(0, Token::Identifier); SLOTS];
        while let Some(((text, token), others)) = rest.split_first() {
            let key = known_key(text.as_bytes());
            #[expect(clippy::indexing_slicing, reason = "a slot is less than the number of slots")]
            let word = &mut words[slot(key)];
            assert!(matches!(word.1, Token::Identifier), "two words have one slot: try another multiplier");
            *word = (key, *token);
            rest = others;
        }
        Self { words }
    }

    /// Which word stands in the text from `start` to `end`, which is the end of a word.
    #[inline]
    pub(crate) fn word(&self, text: &[u8], start: usize, end: usize) -> Token {
        let Some(key) = key(text, start, end) else { return Token::Identifier };
        match self.words.get(slot(key)) {
            Some((word, token)) if *word == key => *token,
            Some(_) | None => Token::Identifier,
        }
    }
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
    let used = u32::try_from(8 * unused).ok().and_then(|bits| u128::MAX.checked_shr(bits));
    Some(u128::from_le_bytes(*bytes) & used.unwrap_or(0))
}

/// The key of a word that is not too long.
const fn known_key(word: &[u8]) -> u128 {
    let mut key = [0; KEY_BYTES];
    let (bytes, _) = key.split_at_mut(word.len());
    bytes.copy_from_slice(word);
    u128::from_le_bytes(key)
}

/// A number that no two of the known words share.
#[expect(clippy::cast_possible_truncation, reason = "all halves and the few bits of a slot are meant")]
const fn slot(key: u128) -> usize {
    let folded = (key as u64) ^ ((key >> 64) as u64);
    (folded.wrapping_mul(MULTIPLIER) >> (64 - SLOTS.ilog2())) as usize
}

/// Found by trying: the words have different slots with it.
const MULTIPLIER: u64 = 0x67ed_27d1_5c00_93f5;

impl Token {
    /// Whether it is a word, known or not.
    pub(crate) fn is_word(self) -> bool {
        self <= Self::Identifier
    }

    /// Whether it is a word that is reserved in policies. (`__cedar` is a name like others here: names are looked at when
    /// they are complete.)
    pub(crate) fn is_reserved(self) -> bool {
        self <= Self::Like
    }

    /// Whether it is an opening bracket.
    pub(crate) fn opens(self) -> bool {
        matches!(self, Self::LeftParenthesis | Self::LeftBrace | Self::LeftBracket)
    }

    /// Whether it is a closing bracket.
    pub(crate) fn closes(self) -> bool {
        matches!(self, Self::RightParenthesis | Self::RightBrace | Self::RightBracket)
    }
}
