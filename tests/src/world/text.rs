//! Pieces of policy text that know how tightly they bind, and literals in varied spellings.

use super::random::Random;

/// How tightly a piece of text binds, from an `if` to a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `if`
    If,
    /// `||`
    Or,
    /// `&&`
    And,
    /// Relations.
    Relation,
    /// `+` and `-`
    Add,
    /// `*`
    Multiply,
    /// `!` and `-`
    Unary,
    /// Attributes and methods.
    Member,
    /// Literals, variables and brackets.
    Primary,
}

/// An expression as text.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// How tightly it binds.
    pub level: Level,
}

impl Piece {
    /// A piece of that level.
    pub fn new(text: impl Into<String>, level: Level) -> Self {
        Self { text: text.into(), level }
    }

    /// A literal, a variable or something in brackets.
    pub fn primary(text: impl Into<String>) -> Self {
        Self::new(text, Level::Primary)
    }

    /// The text where something of at least that level is needed, in parentheses if it must be, or just so.
    pub fn at(&self, random: &mut Random<'_, '_>, level: Level) -> String {
        if self.level < level || random.percent(3) { format!("({})", self.text) } else { self.text.clone() }
    }
}

/// Strings that occur as values, ids, tags and operands; few, so that they are often equal.
pub const STRINGS: &[&str] =
    &["a", "b", "abc", "", "a*b", "é", "e\u{301}", "🦀", "x y", "\"", "\\", "\n", "\u{0}", "A", "a\\*b", "\u{202e}"];

/// Names of attributes and record keys.
pub const NAMES: &[&str] = &["n", "s", "flag", "owner", "r", "tags", "permit", "principal", "if", "a b", "", "é", "in"];

/// A string literal with its quotes.
pub fn quote(random: &mut Random<'_, '_>, text: &str) -> String {
    let escaped: String = text.chars().map(|c| escape(random, c)).collect();
    format!("\"{escaped}\"")
}

/// A pattern literal with its quotes; in `pattern`, `*` is a wildcard and `\*` an asterisk.
pub fn quote_pattern(random: &mut Random<'_, '_>, pattern: &[Option<char>]) -> String {
    let body = pattern.iter().map(|element| match element {
        None => "*".to_owned(),
        Some('*') => "\\*".to_owned(),
        Some(c) => escape(random, *c),
    });
    format!("\"{}\"", body.collect::<String>())
}

fn escape(random: &mut Random<'_, '_>, c: char) -> String {
    match c {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\n' if random.percent(50) => "\\n".into(),
        '\0' if random.percent(50) => "\\0".into(),
        c if c.is_ascii() && random.percent(3) => format!("\\x{:02x}", u32::from(c)),
        c if random.percent(3) => format!("\\u{{{:x}}}", u32::from(c)),
        c => c.into(),
    }
}

/// Whether the name may stand without quotes.
pub fn is_plain(name: &str) -> bool {
    deodar_lexicon::name::is_identifier(name)
}

/// An entity literal.
pub fn entity(random: &mut Random<'_, '_>, ty: &str, id: &str) -> String {
    let separator = if random.percent(3) { " :: " } else { "::" };
    format!("{}{separator}{}", ty.replace("::", separator), quote(random, id))
}

/// White space or a comment.
pub fn gap(random: &mut Random<'_, '_>) -> &'static str {
    match random.below(60) {
        57 => "\n",
        58 => " // why\n",
        59 => "\t  ",
        _ => " ",
    }
}
