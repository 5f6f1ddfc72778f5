//! What the right side of `like` is: literal characters and wildcards.

use core::fmt;

/// One element of a `like` pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PatternElement {
    /// `*`: any sequence of characters, the empty one included.
    Wildcard,
    /// Exactly this Unicode scalar value.
    Char(char),
}

/// A `like` pattern.
///
/// Its [`Display`](fmt::Display) form is the body of the pattern literal, escaped, without quotes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Pattern {
    elements: Box<[PatternElement]>,
}

impl Pattern {
    /// A pattern of these elements.
    pub fn new(elements: impl IntoIterator<Item = PatternElement>) -> Self {
        Self { elements: elements.into_iter().collect() }
    }

    /// The elements, in order.
    pub fn elements(&self) -> &[PatternElement] {
        &self.elements
    }

    /// Whether the whole text matches, comparing scalar values without normalisation.
    ///
    /// Greedy with one point of backtracking: at most `text × pattern` comparisons, no recursion. The second part of
    /// the answer is the number of comparisons made, for step counting.
    pub fn matches(&self, text: &str) -> (bool, u64) {
        let (matched, steps) = self.matches_within(text, u64::MAX);
        (matched.unwrap_or(false), steps)
    }

    /// Like [`matches`](Self::matches), but gives up, without an answer, after that many comparisons.
    pub fn matches_within(&self, text: &str, budget: u64) -> (Option<bool>, u64) {
        let mut steps = 0;
        let mut rest = text.chars();
        let mut at = 0;
        // Where to resume when a literal does not fit: the element after the last wildcard, and the text it has left.
        let mut resume: Option<(usize, core::str::Chars<'_>)> = None;
        loop {
            if steps == budget {
                return (None, steps);
            }
            steps += 1;
            match self.elements.get(at) {
                Some(PatternElement::Wildcard) => {
                    at += 1;
                    resume = Some((at, rest.clone()));
                    continue;
                }
                Some(PatternElement::Char(expected)) => {
                    let mut ahead = rest.clone();
                    if ahead.next() == Some(*expected) {
                        rest = ahead;
                        at += 1;
                        continue;
                    }
                }
                None if rest.as_str().is_empty() => return (Some(true), steps),
                None => {}
            }
            let Some((element, left)) = &mut resume else { return (Some(false), steps) };
            if left.next().is_none() {
                return (Some(false), steps);
            }
            at = *element;
            rest = left.clone();
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for element in &self.elements {
            match element {
                PatternElement::Wildcard => f.write_str("*")?,
                PatternElement::Char('*') => f.write_str("\\*")?,
                PatternElement::Char(c) => write!(f, "{}", c.escape_debug())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::escape::unescape_pattern;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        let pattern = unescape_pattern(pattern).expect("a valid pattern");
        assert_eq!(pattern.matches(text).0, expected, "{pattern} against {text:?}");
    }

    #[test]
    fn wildcards_match_any_sequence_and_literals_themselves() {
        check("", "", true);
        check("", "a", false);
        check("*", "", true);
        check("a*b", "ab", true);
        check("a*b", "axxb", true);
        check("a*b", "axxbc", false);
        check("*a*ba*", "xxaybaba", true);
        check("a\\*b", "a*b", true);
        check("a\\*b", "axb", false);
        check("é", "e\u{301}", false);
        check("*b", "aabab", true);
        check("**", "anything", true);
    }

    #[test]
    fn the_worst_case_stays_quadratic() {
        let text = "a".repeat(2_000);
        let pattern = unescape_pattern(&format!("{}b", "*a".repeat(50))).expect("a valid pattern");
        let (matched, steps) = pattern.matches(&text);
        assert!(!matched && steps < 2_000 * 110, "{steps}");
        assert_eq!(pattern.matches_within(&text, steps), (Some(false), steps));
        assert_eq!(pattern.matches_within(&text, steps - 1), (None, steps - 1));
    }
}
