//! Extension types: values that policies write as text.
//!
//! Each type has a file with its grammar, its printed form and its methods; the signatures stand in the lexicon's
//! table of builtins, and [`builtin`](crate::builtin) joins the two. The grammars are the reference's to the letter,
//! and hand-written: they have fixed widths and take no regular expressions.
//!
//! Printing is canonical, so a printed value reads back as the same value, whatever text it was first read from.

use core::fmt;

use deodar_lexicon::{Builtin, builtin::ExtensionType};

pub(crate) mod datetime;
pub(crate) mod decimal;
pub(crate) mod ip;

pub(crate) use ip::IpRange;

use crate::pool::{Lookup, Word};

/// Why a text is no value of an extension type, or why a method has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExtensionProblem {
    /// A decimal is digits, a point and digits.
    DecimalForm,
    /// A decimal has at most four digits after the point.
    DecimalDigits,
    /// A decimal is at most 2⁶³ ten-thousandths.
    DecimalRange,
    /// An address is written as IPv4 or IPv6, optionally with a prefix.
    IpForm,
    /// An IPv4 address cannot stand inside an IPv6 address.
    IpEmbedded,
    /// The length of a prefix is a number without leading zeros, at most the number of bits.
    IpPrefix,
    /// A datetime is written in one of five forms.
    DatetimeForm,
    /// There is no such day.
    DatetimeDay,
    /// There is no such time of day.
    DatetimeTime,
    /// There is no such offset from UTC.
    DatetimeOffset,
    /// A datetime is at most 2⁶³ milliseconds from 1970.
    DatetimeRange,
    /// A duration is numbers with units, from days down to milliseconds.
    DurationForm,
    /// A duration is at most 2⁶³ milliseconds.
    DurationRange,
}

impl fmt::Display for ExtensionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DecimalForm => "expected a decimal number with a point, as in `-1.25`",
            Self::DecimalDigits => "a decimal has at most four digits after the point",
            Self::DecimalRange => "a decimal lies between `-922337203685477.5808` and `922337203685477.5807`",
            Self::IpForm => "expected an IPv4 or IPv6 address or range, as in `10.0.0.0/8` or `2001:db8::/32`",
            Self::IpEmbedded => "an IPv4 address inside an IPv6 address must be written in hexadecimal",
            Self::IpPrefix => {
                "the length of a prefix is a number without leading zeros, up to 32 for IPv4 and 128 for IPv6"
            }
            Self::DatetimeForm => {
                "expected a date, optionally with a time and a zone, as in `2024-10-15`, `2024-10-15T11:35:00Z` or \
                 `2024-10-15T11:35:00.000+0100`"
            }
            Self::DatetimeDay => "there is no such day in the calendar",
            Self::DatetimeTime => "a time of day lies between `00:00:00` and `23:59:59`",
            Self::DatetimeOffset => "an offset lies between `-2359` and `+2359`, with minutes up to 59",
            Self::DatetimeRange => "the datetime lies too far from 1970 to be counted in milliseconds",
            Self::DurationForm => {
                "expected whole numbers of `d`, `h`, `m`, `s` and `ms`, in this order, as in `1d12h` or `-500ms`"
            }
            Self::DurationRange => "the duration is too long to be counted in milliseconds",
        })
    }
}

impl core::error::Error for ExtensionProblem {}

/// Whether the constructor of an extension type takes the text; other builtins take any.
///
/// # Errors
/// What is wrong with the text.
pub fn check_constructor(constructor: Builtin, text: &str) -> Result<(), ExtensionProblem> {
    match constructor.constructs() {
        Some(ExtensionType::Decimal) => decimal::parse(text).map(drop),
        Some(ExtensionType::IpAddr) => ip::parse(text).map(drop),
        Some(ExtensionType::Datetime) => datetime::parse(text).map(drop),
        Some(ExtensionType::Duration) => datetime::parse_duration(text).map(drop),
        None => Ok(()),
    }
}

/// How a value of an extension type is written: `constructor(text)`, and for points in time that the constructor
/// cannot name, `constructor(text).offset(duration(text))`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Printed {
    pub(crate) constructor: Builtin,
    pub(crate) text: String,
    /// The text of the duration to shift by.
    pub(crate) offset: Option<String>,
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(\"{}\")", self.constructor.name(), self.text)?;
        let Some(offset) = &self.offset else { return Ok(()) };
        write!(f, ".{}({}(\"{offset}\"))", Builtin::Offset.name(), Builtin::Duration.name())
    }
}

/// The canonical form of a value, if it is of an extension type.
pub(crate) fn print(word: Word, interner: &impl Lookup) -> Option<Printed> {
    let (text, offset) = match word {
        Word::Decimal(ten_thousandths) => (decimal::print(ten_thousandths), None),
        Word::Ip(id) => (interner.ip(id).to_string(), None),
        Word::Datetime(milliseconds) => match datetime::print(milliseconds) {
            Some(text) => (text, None),
            None => (datetime::EPOCH.to_owned(), Some(datetime::print_duration(milliseconds))),
        },
        Word::Duration(milliseconds) => (datetime::print_duration(milliseconds), None),
        Word::Bool(_) | Word::Long(_) | Word::String(_) | Word::Entity(_) | Word::Set(_) | Word::Record(_) => {
            return None;
        }
    };
    Some(Printed { constructor: word.extension_type()?.constructor(), text, offset })
}
