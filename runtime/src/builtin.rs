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
    pool::{Interner, Lookup, StringId, Word},
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
    interner: &impl Lookup,
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

    fn ip(self, position: usize, interner: &impl Lookup) -> IpRange {
        match self.0.get(position) {
            Some(Word::Ip(id)) => interner.ip(*id),
            _ => IpRange::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use deodar_lexicon::escape::unescape;

    use super::*;
    use crate::{extension, pool::Pool};

    const CASES: &str = include_str!("builtin/cases.txt");

    /// The value that `type:text` stands for.
    fn value(text: &str, pool: &mut Pool) -> Word {
        let (ty, text) = text.split_once(':').expect("a type and a text");
        let parsed = match ty {
            "bool" => Ok(Word::Bool(text == "true")),
            "long" => Ok(Word::Long(text.parse().expect("a number"))),
            "string" => Ok(Word::String(pool.intern_string(&string(text)))),
            "decimal" => decimal::parse(text).map(Word::Decimal),
            "ip" => ip::parse(text).map(|range| Word::Ip(pool.intern_ip(range))),
            "duration" => datetime::parse_duration(text).map(Word::Duration),
            "datetime" if text.ends_with("ms") => datetime::parse_duration(text).map(Word::Datetime),
            "datetime" => datetime::parse(text).map(Word::Datetime),
            other => panic!("unknown type {other}"),
        };
        parsed.unwrap_or_else(|problem| panic!("{ty}:{text}: {problem}"))
    }

    fn string(text: &str) -> String {
        let text = text.replace("\\s", " ");
        match text.split_once('<').map(|(before, rest)| (before, rest.split_once('>').expect("a closing bracket"))) {
            Some((before, (count, after))) => {
                format!("{before}{}{after}", "9".repeat(count.parse().expect("a count")))
            }
            None => unescape(&text).expect("valid escapes").to_string(),
        }
    }

    fn show(outcome: Result<Word, CallFault>, pool: &Pool) -> String {
        match outcome {
            Ok(Word::Bool(value)) => format!("= bool:{value}"),
            Ok(Word::Long(value)) => format!("= long:{value}"),
            Ok(word) => {
                let printed = extension::print(word, pool).expect("an extension value");
                let text = printed.offset.unwrap_or(printed.text);
                format!("= {}:{text}", printed.constructor.name())
            }
            Err(CallFault::ArgumentCount) => "! count".to_owned(),
            Err(CallFault::ArgumentKind(position, _)) => format!("! argument {position}"),
            Err(CallFault::Text(_, problem) | CallFault::Range(problem)) => format!("! {problem:?}"),
        }
    }

    fn cases() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        CASES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
            let at = line.find(" = ").or_else(|| line.find(" ! ")).expect("a result");
            let (call, result) = line.split_at(at);
            let (name, arguments) = call.split_once(' ').unwrap_or((call, ""));
            (name, arguments, result.trim_start())
        })
    }

    #[test]
    fn builtins_give_the_results_of_the_table_of_cases() {
        for (name, arguments, expected) in cases() {
            let mut pool = Pool::default();
            let builtin = Builtin::from_name(name).expect("a builtin");
            let words: Vec<_> =
                arguments.split(' ').filter(|a| !a.is_empty()).map(|argument| value(argument, &mut pool)).collect();
            let outcome = call(builtin, &words, &mut pool);
            assert_eq!(show(outcome, &pool), expected, "{name} {arguments}");
        }
    }

    #[test]
    fn every_builtin_has_a_case_with_a_result_and_one_without() {
        for builtin in Builtin::ALL {
            for mark in ["=", "!"] {
                let is_covered = cases().any(|(name, _, result)| name == builtin.name() && result.starts_with(mark));
                assert!(is_covered, "{} {mark}", builtin.name());
            }
        }
    }

    #[test]
    fn printed_values_read_back_as_themselves() {
        let mut pool = Pool::default();
        let numbers = (0..63).flat_map(|shift| [1i64 << shift, -(1 << shift), (1 << shift) - 1]);
        let numbers: Vec<_> = numbers.chain([i64::MIN, i64::MAX]).collect();
        let words = numbers.iter().flat_map(|n| [Word::Decimal(*n), Word::Datetime(*n), Word::Duration(*n)]);
        for word in words {
            let printed = extension::print(word, &pool).expect("an extension value");
            let text = Word::String(pool.intern_string(&printed.text));
            let read = call(printed.constructor, &[text], &mut pool).expect("canonical text");
            let read = match &printed.offset {
                Some(offset) => {
                    let offset = datetime::parse_duration(offset).expect("a duration");
                    call(Builtin::Offset, &[read, Word::Duration(offset)], &mut pool)
                }
                None => Ok(read),
            };
            assert_eq!(read, Ok(word), "{printed}");
        }
    }

    #[test]
    fn every_day_of_the_calendar_reads_back() {
        let first = datetime::parse("0000-01-01").expect("a day");
        let last = datetime::parse("9999-12-31").expect("a day");
        for milliseconds in (first..=last).step_by(86_400_000) {
            let text = datetime::print(milliseconds).expect("a day with a four-digit year");
            assert_eq!(datetime::parse(&text), Ok(milliseconds), "{text}");
        }
    }
}
