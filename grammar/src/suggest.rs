//! "Did you mean": the known word that a misspelt one is closest to.

/// The candidate that is most like the word, if any is alike enough to be meant.
///
/// A swap of neighbours counts as one edit; upper and lower case count as equal, so that `contextt` and `Context` both
/// find `context`. Up to one edit for each three characters is alike enough.
pub fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // Nobody means a keyword by a text of this length, and the comparison is quadratic in it.
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    let allowed = word.chars().count().div_ceil(3);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let words = ["principal", "action", "resource", "context"];
        let near = |word| closest(word, words);
        assert_eq!(near("principle"), Some("principal"));
        assert_eq!(near("Resource"), Some("resource"));
        assert_eq!(near("contxet"), Some("context"));
        assert_eq!(near("user"), None);
        assert_eq!(near(""), None);
        assert_eq!(near(&"a".repeat(100)), None);
    }
}
