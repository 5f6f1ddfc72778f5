//! Calls of builtins: each row of the lexicon's table with its Rust function.
//!
//! Number and kinds of arguments are checked against the table, so a function sees only what it declared. A row
//! without a function does not compile.

use deodar_lexicon::Builtin;

use crate::{
    extension::{
        ExtensionProblem, IpRange,
        datetime::{self, Unit},
        decimal, ip,
    },
    kind::Kind,
    pool::{Interner, StringId, Word},
};

/// Why a call has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallFault {
    /// There are more or fewer arguments than parameters.
    ArgumentCount,
    /// An argument, counted from 0, is not of this kind.
    ArgumentKind(usize, Kind),
    /// A constructor does not accept this text.
    Text(StringId, ExtensionProblem),
    /// A method has no result for these arguments.
    Range(ExtensionProblem),
}

impl From<ExtensionProblem> for CallFault {
    fn from(problem: ExtensionProblem) -> Self {
        Self::Range(problem)
    }
}

/// The result of a builtin; a method's receiver is its first argument.
pub(crate) fn call(builtin: Builtin, arguments: &[Word], interner: &mut impl Interner) -> Result<Word, CallFault> {
    let parameters = builtin.signature().parameters;
    if arguments.len() != parameters.len() {
        return Err(CallFault::ArgumentCount);
    }
    for (position, (argument, parameter)) in arguments.iter().zip(parameters).enumerate() {
        let expected = Kind::from(*parameter);
        if Kind::of(*argument) != expected {
            return Err(CallFault::ArgumentKind(position, expected));
        }
    }
    dispatch(builtin, Arguments(arguments), interner)
}

fn dispatch(builtin: Builtin, arguments: Arguments<'_>, interner: &mut impl Interner) -> Result<Word, CallFault> {
    let [first, second] = [arguments.number(0), arguments.number(1)];
    Ok(match builtin {
        Builtin::Decimal => Word::Decimal(construct(arguments, interner, decimal::parse)?),
        Builtin::LessThan => Word::Bool(first < second),
        Builtin::LessThanOrEqual => Word::Bool(first <= second),
        Builtin::GreaterThan => Word::Bool(first > second),
        Builtin::GreaterThanOrEqual => Word::Bool(first >= second),
        Builtin::Ip => {
            let range = construct(arguments, interner, ip::parse)?;
            Word::Ip(interner.intern_ip(range))
        }
        Builtin::IsIpv4 => Word::Bool(arguments.ip(0, interner).is_ipv4()),
        Builtin::IsIpv6 => Word::Bool(arguments.ip(0, interner).is_ipv6()),
        Builtin::IsLoopback => Word::Bool(arguments.ip(0, interner).is_loopback()),
        Builtin::IsMulticast => Word::Bool(arguments.ip(0, interner).is_multicast()),
        Builtin::IsInRange => Word::Bool(arguments.ip(0, interner).is_in_range(arguments.ip(1, interner))),
        Builtin::Datetime => Word::Datetime(construct(arguments, interner, datetime::parse)?),
        Builtin::Offset => Word::Datetime(datetime::offset(first, second)?),
        Builtin::DurationSince => Word::Duration(datetime::duration_since(first, second)?),
        Builtin::ToDate => Word::Datetime(datetime::to_date(first)?),
        Builtin::ToTime => Word::Duration(datetime::to_time(first)),
        Builtin::Duration => Word::Duration(construct(arguments, interner, datetime::parse_duration)?),
        Builtin::ToMilliseconds => Word::Long(datetime::whole_units(first, Unit::Millisecond)),
        Builtin::ToSeconds => Word::Long(datetime::whole_units(first, Unit::Second)),
        Builtin::ToMinutes => Word::Long(datetime::whole_units(first, Unit::Minute)),
        Builtin::ToHours => Word::Long(datetime::whole_units(first, Unit::Hour)),
        Builtin::ToDays => Word::Long(datetime::whole_units(first, Unit::Day)),
    })
}

/// Reads the text that is the only argument of a constructor.
fn construct<T>(
    arguments: Arguments<'_>,
    interner: &impl Interner,
    parse: fn(&str) -> Result<T, ExtensionProblem>,
) -> Result<T, CallFault> {
    match arguments.0.first() {
        Some(Word::String(text)) => parse(interner.string(*text)).map_err(|problem| CallFault::Text(*text, problem)),
        _ => Err(CallFault::ArgumentCount),
    }
}

/// Arguments whose number and kinds have been checked; reading others gives an arbitrary value.
#[derive(Debug, Clone, Copy)]
struct Arguments<'a>(&'a [Word]);

impl Arguments<'_> {
    /// The number that a decimal, datetime or duration is.
    fn number(self, position: usize) -> i64 {
        match self.0.get(position) {
            Some(Word::Decimal(number) | Word::Datetime(number) | Word::Duration(number) | Word::Long(number)) => {
                *number
            }
            Some(Word::Bool(_) | Word::String(_) | Word::Entity(_) | Word::Set(_) | Word::Record(_) | Word::Ip(_))
            | None => 0,
        }
    }

    fn ip(self, position: usize, interner: &impl Interner) -> IpRange {
        match self.0.get(position) {
            Some(Word::Ip(id)) => interner.ip(*id),
            _ => IpRange::default(),
        }
    }
}
