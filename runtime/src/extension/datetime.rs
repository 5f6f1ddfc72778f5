//! `datetime` and `duration`: points and spans of time in whole milliseconds (Cedar RFC 80).
//!
//! The calendar is the Gregorian one, carried back before it was introduced, without leap seconds. Days are counted
//! with integer arithmetic on a year that begins in March, so that the leap day is the last day of a year.

use super::ExtensionProblem;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Where datetimes are counted from.
pub(crate) const EPOCH: &str = "1970-01-01";

/// The units of a duration, longest first.
const UNITS: [(&str, i64); 5] = [("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", 1)];

/// Reads `YYYY-MM-DD`, optionally followed by `Thh:mm:ss`, optionally `.SSS`, and `Z` or `(+|-)hhmm`.
///
/// The form of the whole text is checked before the calendar, and the day before the time and the offset.
pub(crate) fn parse(text: &str) -> Result<i64, ExtensionProblem> {
    let mut reader = Reader { rest: text.as_bytes() };
    let form = ExtensionProblem::DatetimeForm;
    let date = reader.date().ok_or(form)?;
    if reader.rest.is_empty() {
        return day_number(date).map(|day| day * DAY).ok_or(ExtensionProblem::DatetimeDay);
    }
    let (time, millisecond, offset) = reader.time().ok_or(form)?;
    let day = day_number(date).ok_or(ExtensionProblem::DatetimeDay)?;
    let [hour, minute, second] = time;
    if hour > 23 || minute > 59 || second > 59 {
        return Err(ExtensionProblem::DatetimeTime);
    }
    let (sign, [offset_hour, offset_minute]) = offset;
    if offset_hour > 23 || offset_minute > 59 {
        return Err(ExtensionProblem::DatetimeOffset);
    }
    let local = day * DAY + hour * HOUR + minute * MINUTE + second * SECOND + millisecond;
    Ok(local - sign * (offset_hour * HOUR + offset_minute * MINUTE))
}

/// Bytes that are still to be read. Numbers have a fixed width of at most four digits, so nothing overflows.
struct Reader<'t> {
    rest: &'t [u8],
}

impl Reader<'_> {
    fn number(&mut self, width: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(width)?;
        self.rest = rest;
        digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
    }

    fn byte(&mut self, expected: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        (*first == expected).then_some(())
    }

    fn date(&mut self) -> Option<[i64; 3]> {
        let year = self.number(4)?;
        self.byte(b'-')?;
        let month = self.number(2)?;
        self.byte(b'-')?;
        Some([year, month, self.number(2)?])
    }

    /// The time of day, the millisecond, and the sign, hours and minutes of the offset.
    #[expect(clippy::type_complexity, reason = "the parts of one form, read once")]
    fn time(&mut self) -> Option<([i64; 3], i64, (i64, [i64; 2]))> {
        self.byte(b'T')?;
        let hour = self.number(2)?;
        self.byte(b':')?;
        let minute = self.number(2)?;
        self.byte(b':')?;
        let second = self.number(2)?;
        let millisecond = if self.rest.first() == Some(&b'.') {
            self.byte(b'.')?;
            self.number(3)?
        } else {
            0
        };
        Some(([hour, minute, second], millisecond, self.offset()?))
    }

    /// What ends a time: `Z`, or a sign with hours and minutes.
    fn offset(&mut self) -> Option<(i64, [i64; 2])> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        let offset = match first {
            b'Z' => (1, [0, 0]),
            b'+' => (1, [self.number(2)?, self.number(2)?]),
            b'-' => (-1, [self.number(2)?, self.number(2)?]),
            _ => return None,
        };
        self.rest.is_empty().then_some(offset)
    }
}

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAY: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;

/// Days since 1970-01-01, if there is such a day.
fn day_number([year, month, day]: [i64; 3]) -> Option<i64> {
    if !(1..=12).contains(&month) || day < 1 || day > days_of_month(year, month) {
        return None;
    }
    // January and February belong to the year before.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    // Months from March have 31 and 30 days in a pattern of 153 days for five months.
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * ERA + day_of_era - EPOCH_DAY)
}

fn days_of_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Year, month and day of a day since 1970-01-01.
fn date_of(day_number: i64) -> [i64; 3] {
    let days = day_number + EPOCH_DAY;
    let (era, day_of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    [era * 400 + year_of_era + i64::from(month <= 2), month, day]
}

/// The shortest form that the constructor reads, in UTC; none if the year has more than four digits.
pub(crate) fn print(milliseconds: i64) -> Option<String> {
    let (day, time) = (milliseconds.div_euclid(DAY), milliseconds.rem_euclid(DAY));
    let [year, month, day] = date_of(day);
    if !(0..=9_999).contains(&year) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if time == 0 {
        return Some(date);
    }
    let (hour, minute, second) = (time / HOUR, time % HOUR / MINUTE, time % MINUTE / SECOND);
    let fraction = match time % SECOND {
        0 => String::new(),
        millisecond => format!(".{millisecond:03}"),
    };
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}Z"))
}

/// Reads `-?(N d)?(N h)?(N m)?(N s)?(N ms)?` without the white space, with at least one part.
pub(crate) fn parse_duration(text: &str) -> Result<i64, ExtensionProblem> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut sum = Some(0i64);
    let mut units = UNITS.iter();
    let form = ExtensionProblem::DurationForm;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(digits).filter(|(number, _)| !number.is_empty()).ok_or(form)?;
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, after) = after.split_at_checked(letters).ok_or(form)?;
        // The units before the one found cannot follow any more.
        let (_, length) = units.find(|(unit, _)| *unit == name).ok_or(form)?;
        let part = whole_number(number, sign).and_then(|number| number.checked_mul(*length));
        sum = sum.zip(part).and_then(|(sum, part)| sum.checked_add(part));
        rest = after;
        if rest.is_empty() {
            return sum.ok_or(ExtensionProblem::DurationRange);
        }
    }
}

fn whole_number(digits: &str, sign: i64) -> Option<i64> {
    digits.bytes().try_fold(0i64, |sum, digit| sum.checked_mul(10)?.checked_add(sign * i64::from(digit - b'0')))
}

/// The duration in milliseconds.
pub(crate) fn print_duration(milliseconds: i64) -> String {
    format!("{milliseconds}ms")
}

/// The datetime shifted by a duration.
pub(crate) fn offset(datetime: i64, duration: i64) -> Result<i64, ExtensionProblem> {
    datetime.checked_add(duration).ok_or(ExtensionProblem::DatetimeRange)
}

/// The duration from `earlier` to `later`.
pub(crate) fn duration_since(later: i64, earlier: i64) -> Result<i64, ExtensionProblem> {
    later.checked_sub(earlier).ok_or(ExtensionProblem::DurationRange)
}

/// The start of the UTC day.
pub(crate) fn to_date(datetime: i64) -> Result<i64, ExtensionProblem> {
    datetime.checked_sub(to_time(datetime)).ok_or(ExtensionProblem::DatetimeRange)
}

/// The time since the start of the UTC day.
pub(crate) fn to_time(datetime: i64) -> i64 {
    datetime.rem_euclid(DAY)
}

/// The units that durations are counted in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
}

/// How often the unit fits the duration, truncated toward zero.
pub(crate) fn whole_units(duration: i64, unit: Unit) -> i64 {
    duration
        / match unit {
            Unit::Millisecond => 1,
            Unit::Second => SECOND,
            Unit::Minute => MINUTE,
            Unit::Hour => HOUR,
            Unit::Day => DAY,
        }
}
