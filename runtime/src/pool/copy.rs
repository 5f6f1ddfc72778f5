//! Copying single values from one interner into another.

use super::{Interner, Lookup, Word};

/// Copies words from one interner into another, each container once.
///
/// The work list replaces recursion, so depth costs no stack.
#[derive(Debug)]
pub(crate) struct Copier<'f, F: Lookup> {
    from: &'f F,
    copied: hashbrown::HashMap<Word, Word>,
}

impl<'f, F: Lookup> Copier<'f, F> {
    pub(crate) fn new(from: &'f F) -> Self {
        Self { from, copied: hashbrown::HashMap::new() }
    }

    /// The same value in the other interner.
    pub(crate) fn copy(&mut self, root: Word, into: &mut impl Interner) -> Word {
        let mut work = vec![root];
        while let Some(&word) = work.last() {
            let pending = work.len();
            match word {
                Word::Set(id) => work.extend(self.from.set(id).iter().filter(|w| self.is_pending(**w))),
                Word::Record(id) => {
                    work.extend(self.from.record(id).iter().map(|(_, w)| w).filter(|w| self.is_pending(**w)));
                }
                Word::Bool(_)
                | Word::Long(_)
                | Word::String(_)
                | Word::Entity(_)
                | Word::Decimal(_)
                | Word::Ip(_)
                | Word::Datetime(_)
                | Word::Duration(_) => {}
            }
            if work.len() == pending {
                work.pop();
                let copy = self.copy_flat(word, into);
                self.copied.insert(word, copy);
            }
        }
        self.copied.get(&root).copied().unwrap_or_else(|| self.copy_flat(root, into))
    }

    fn is_pending(&self, word: Word) -> bool {
        matches!(word, Word::Set(_) | Word::Record(_)) && !self.copied.contains_key(&word)
    }

    /// Copies a value whose containers have been copied.
    fn copy_flat(&self, word: Word, into: &mut impl Interner) -> Word {
        let copied =
            |word: &Word, into: &mut _| self.copied.get(word).copied().unwrap_or_else(|| self.copy_scalar(*word, into));
        match word {
            Word::Set(id) => {
                let mut elements = self.from.set(id).iter().map(|w| copied(w, into)).collect();
                Word::Set(into.intern_set(&mut elements))
            }
            Word::Record(id) => {
                let members = self.from.record(id).iter();
                let mut members =
                    members.map(|(name, w)| (into.intern_string(self.from.string(*name)), copied(w, into))).collect();
                Word::Record(into.intern_record(&mut members))
            }
            Word::Bool(_)
            | Word::Long(_)
            | Word::String(_)
            | Word::Entity(_)
            | Word::Decimal(_)
            | Word::Ip(_)
            | Word::Datetime(_)
            | Word::Duration(_) => self.copy_scalar(word, into),
        }
    }

    fn copy_scalar(&self, word: Word, into: &mut impl Interner) -> Word {
        match word {
            Word::String(id) => Word::String(into.intern_string(self.from.string(id))),
            Word::Entity(id) => Word::Entity(into.intern_entity(&self.from.entity_uid(id))),
            Word::Ip(id) => Word::Ip(into.intern_ip(self.from.ip(id))),
            Word::Bool(_)
            | Word::Long(_)
            | Word::Set(_)
            | Word::Record(_)
            | Word::Decimal(_)
            | Word::Datetime(_)
            | Word::Duration(_) => word,
        }
    }
}
