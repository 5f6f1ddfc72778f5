//! `decimal`: numbers with four decimal places, as whole ten-thousandths.

use super::ExtensionProblem;

const PLACES: usize = 4;
const UNIT: u64 = 10_000;

/// Reads `-?[0-9]+\.[0-9]{1,4}`.
pub(crate) fn parse(text: &str) -> Result<i64, ExtensionProblem> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').ok_or(ExtensionProblem::DecimalForm)?;
    if !is_number(whole) || !is_number(fraction) {
        return Err(ExtensionProblem::DecimalForm);
    }
    let missing = PLACES.checked_sub(fraction.len()).ok_or(ExtensionProblem::DecimalDigits)?;
    let places = fraction.bytes().chain(core::iter::repeat_n(b'0', missing));
    let magnitude = whole.bytes().chain(places).try_fold(0i64, |sum, digit| {
        // Built up on the negative side, which reaches one further.
        sum.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))
    });
    let value = if negative { magnitude } else { magnitude.and_then(i64::checked_neg) };
    value.ok_or(ExtensionProblem::DecimalRange)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The number with all four places and no others.
pub(crate) fn print(ten_thousandths: i64) -> String {
    let sign = if ten_thousandths < 0 { "-" } else { "" };
    let magnitude = ten_thousandths.unsigned_abs();
    format!("{sign}{}.{:04}", magnitude / UNIT, magnitude % UNIT)
}
