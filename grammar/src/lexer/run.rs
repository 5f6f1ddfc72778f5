//! How far runs of bytes go, eight bytes at a time.
//!
//! A run ends at a byte that the processor cannot foresee, so a loop over single bytes pays for the byte and for the
//! surprise. Here bytes are compared in one number: the top bit of each byte of a result tells whether it is meant.

/// A number with this byte eight times.
const fn eight(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The end of the run of letters, digits and `_` that goes on at the position.
#[inline]
pub(crate) fn word(bytes: &[u8], position: usize) -> usize {
    run(bytes, position, outside_word, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The first place of one of two ASCII characters at the position or behind, or the end of the bytes.
#[inline]
pub(crate) fn until<const A: u8, const B: u8>(bytes: &[u8], position: usize) -> usize {
    let meant = |chunk| zeros(chunk ^ eight(A)) | zeros(chunk ^ eight(B));
    run(bytes, position, meant, |byte| byte != A && byte != B)
}

/// The end of a run; two forms of the same question: which of eight bytes end it, and whether one byte goes on with it.
#[inline]
fn run(bytes: &[u8], mut position: usize, ends: impl Fn(u64) -> u64, goes_on: impl Fn(u8) -> bool) -> usize {
    while let Some(chunk) = bytes.get(position..).and_then(|rest| rest.first_chunk()) {
        let ends = ends(u64::from_le_bytes(*chunk));
        if ends != 0 {
            return position + (ends.trailing_zeros() / 8) as usize;
        }
        position += 8;
    }
    while bytes.get(position).is_some_and(|byte| goes_on(*byte)) {
        position += 1;
    }
    position
}

/// Which bytes are zero. Exact up to the first one, as a borrow goes upwards only.
#[inline]
const fn zeros(chunk: u64) -> u64 {
    chunk.wrapping_sub(eight(1)) & !chunk & eight(0x80)
}

/// Which bytes are neither letters nor digits nor `_`. The sums stay within their bytes, as the top bits are clear.
#[inline]
const fn outside_word(chunk: u64) -> u64 {
    let low = chunk & eight(0x7f);
    let folded = low | eight(0x20);
    let letters = (folded + eight(0x80 - b'a')) & !(folded + eight(0x7f - b'z'));
    let digits = (low + eight(0x80 - b'0')) & !(low + eight(0x7f - b'9'));
    let underscores = !((low ^ eight(b'_')) + eight(0x7f));
    (chunk | !(letters | digits | underscores)) & eight(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The byte at each place among spaces and among letters.
    #[track_caller]
    fn check(end: impl Fn(&[u8], usize) -> usize, filler: u8, ends: impl Fn(u8) -> bool) {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                let mut bytes = [filler; 20];
                bytes[place] = byte;
                for start in 0..20 {
                    let expected = bytes.iter().skip(start).position(|byte| ends(*byte)).map_or(20, |i| start + i);
                    assert_eq!(end(&bytes, start), expected, "{byte} at {place} from {start}");
                }
            }
        }
    }

    #[test]
    fn runs_of_eight_and_of_one_agree() {
        check(word, b'a', |byte| !byte.is_ascii_alphanumeric() && byte != b'_');
        check(until::<b'\n', b'\r'>, b' ', |byte| matches!(byte, b'\n' | b'\r'));
        check(until::<b'"', b'\\'>, 0xff, |byte| matches!(byte, b'"' | b'\\'));
    }
}
