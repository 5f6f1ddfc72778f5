//! `SplitMix64`: numbers that look random, the same on every machine for the same seed.

/// A source of numbers.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the limit; zero if that is zero.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        self.next().checked_rem(limit).and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
    }

    /// Whether something happens that happens so often.
    pub(super) fn chance(&mut self, times: usize, of: usize) -> bool {
        self.below(of) < times
    }

    /// One of the elements.
    pub(super) fn choose<'e, T>(&mut self, elements: &'e [T]) -> Option<&'e T> {
        elements.get(self.below(elements.len()))
    }
}
