//! Reading the tokens of JSON from left to right.
//!
//! Every function skips the white space before what it reads, and gives nothing where something else stands there.

use core::ops::Range;

/// A text from left to right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// A string of the text.
#[derive(Debug, Clone)]
pub(crate) enum Text<'t> {
    /// As it is written.
    Plain(&'t str),
    /// With escapes, which were resolved into a buffer.
    Unescaped(Range<usize>),
}

impl Text<'_> {
    pub(crate) fn get<'s>(&'s self, unescaped: &'s str) -> &'s str {
        match self {
            Self::Plain(text) => text,
            Self::Unescaped(range) => unescaped.get(range.clone()).unwrap_or_default(),
        }
    }
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is no white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Whether nothing follows.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    #[inline]
    pub(crate) fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline]
    pub(crate) fn expect(&mut self, byte: u8) -> Option<()> {
        self.takes(byte).then_some(())
    }

    /// A word of JSON.
    pub(crate) fn word<T>(&mut self, word: &str, meaning: T) -> Option<T> {
        self.text.get(self.at..)?.starts_with(word).then(|| {
            self.at += word.len();
            meaning
        })
    }

    /// An integer of 64 bits.
    pub(crate) fn integer(&mut self) -> Option<i64> {
        self.peek()?;
        let rest = self.text.get(self.at..)?;
        let length = rest.bytes().take_while(|byte| matches!(byte, b'-' | b'0'..=b'9')).count();
        let (digits, rest) = rest.split_at_checked(length)?;
        // Zeros in front, and the sign of zero, are for the document to refuse.
        let is_plain = digits == "0" || !digits.trim_start_matches('-').starts_with('0');
        if !is_plain || rest.starts_with(['.', 'e', 'E', '+']) {
            return None;
        }
        self.at += length;
        digits.parse().ok()
    }

    /// A string; escapes are resolved into the buffer.
    #[inline]
    pub(crate) fn text(&mut self, unescaped: &mut String) -> Option<Text<'t>> {
        self.expect(b'"')?;
        let start = self.at;
        if self.skip_plain()? == b'"' {
            let text = self.text.get(start..self.at)?;
            self.at += 1;
            return Some(Text::Plain(text));
        }
        let first = unescaped.len();
        unescaped.push_str(self.text.get(start..self.at)?);
        self.unescape(unescaped)?;
        Some(Text::Unescaped(first..unescaped.len()))
    }

    /// Skips to the quote or backslash that comes next.
    #[inline]
    fn skip_plain(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
        self.at += length;
        rest.get(length).copied().filter(|byte| *byte >= 0x20)
    }

    /// The rest of a string, from its first backslash.
    #[inline(never)]
    fn unescape(&mut self, into: &mut String) -> Option<()> {
        loop {
            self.at += 1;
            let escape = *self.text.as_bytes().get(self.at)?;
            self.at += 1;
            into.push(match escape {
                b'"' | b'\\' | b'/' => char::from(escape),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unicode()?,
                _ => return None,
            });
            let start = self.at;
            let end = self.skip_plain()?;
            into.push_str(self.text.get(start..self.at)?);
            if end == b'"' {
                self.at += 1;
                return Some(());
            }
        }
    }

    /// The character of a `\u` escape, which may be a pair of them.
    fn unicode(&mut self) -> Option<char> {
        let first = self.four_digits()?;
        let is_high = (0xD800..0xDC00).contains(&first);
        if !is_high {
            return char::from_u32(first);
        }
        self.word("\\u", ())?;
        let low = self.four_digits()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + low)
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    }
}
