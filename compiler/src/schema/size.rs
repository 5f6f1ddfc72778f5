//! How large a schema may become when everything in it is spelt out.
//!
//! A schema says much in few words: names that are declared together share their parents, attributes and annotations,
//! and a chain of memberships puts each member below all that follow. What is resolved names all of it, so the size of
//! the result is not that of the text. It is counted on the way, and resolution ends where it exceeds
//! [`limits::SCHEMA_NAMES`]; the alternative, a denser form of hierarchies, would only move the end further out.

use deodar_lexicon::limits;

/// What is still within the limit.
#[derive(Debug)]
pub(crate) struct Size {
    left: usize,
}

/// The schema exceeds the limit at this name.
#[derive(Debug)]
pub(crate) struct TooLarge<K>(pub(crate) K);

impl Size {
    /// Of a schema that says nothing yet.
    pub(crate) fn new() -> Self {
        Self { left: limits::SCHEMA_NAMES.as_usize() }
    }

    /// Counts names; false if there are too many.
    #[must_use]
    pub(crate) fn add(&mut self, n_names: usize) -> bool {
        let left = self.left.checked_sub(n_names);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}
