//! Choices, drawn from the bytes of a test case.
//!
//! When the bytes run out every choice is the first one and every chance is missed, so generation always ends.

use arbitrary::Unstructured;

/// A source of choices.
#[derive(Debug)]
pub struct Random<'r, 'b> {
    bytes: &'r mut Unstructured<'b>,
}

impl<'r, 'b> Random<'r, 'b> {
    /// Choices from these bytes.
    pub fn new(bytes: &'r mut Unstructured<'b>) -> Self {
        Self { bytes }
    }

    /// A number below `bound`; 0 if there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound < 2 {
            return 0;
        }
        self.bytes.int_in_range(0..=bound - 1).unwrap_or(0)
    }

    /// A number of that range.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    /// True in so many of a thousand cases.
    pub fn permille(&mut self, permille: usize) -> bool {
        self.below(1000) >= 1000 - permille
    }

    /// One of them.
    ///
    /// # Panics
    /// If there is none.
    pub fn pick<'i, T>(&mut self, items: &'i [T]) -> &'i T {
        &items[self.below(items.len())]
    }

    /// The index of one of the weights, with a probability in proportion to it.
    pub fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        0
    }
}
