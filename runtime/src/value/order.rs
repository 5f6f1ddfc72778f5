//! The order in which sets and records are shown.
//!
//! Handles depend on what a pool met first, so output sorted by handle would change from run to run. The order here
//! depends on content alone: by kind, then by value, containers by length before content.

use core::cmp::Ordering;

use hashbrown::HashMap;

use crate::pool::{Lookup, RecordId, SetId, StringId, Word};

/// The containers of a value, each with its parts in order.
#[derive(Debug, Default)]
pub(super) struct Order {
    sets: HashMap<SetId, Box<[Word]>>,
    records: HashMap<RecordId, Box<[(StringId, Word)]>>,
}

impl Order {
    /// The order of the parts of `root`, at every level.
    pub(super) fn new(interner: &impl Lookup, root: Word) -> Self {
        let mut order = Self::default();
        let mut work = vec![root];
        while let Some(&word) = work.last() {
            let before = work.len();
            match word {
                Word::Set(id) => work.extend(interner.set(id).iter().filter(|word| order.is_pending(**word))),
                Word::Record(id) => {
                    let parts = interner.record(id).iter().map(|(_, word)| word);
                    work.extend(parts.filter(|word| order.is_pending(**word)));
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
            if work.len() == before {
                work.pop();
                order.add(interner, word);
            }
        }
        order
    }

    /// The elements of a set that is part of the value.
    pub(super) fn elements(&self, id: SetId) -> &[Word] {
        self.sets.get(&id).map_or(&[], |elements| elements)
    }

    /// The members of a record that is part of the value.
    pub(super) fn members(&self, id: RecordId) -> &[(StringId, Word)] {
        self.records.get(&id).map_or(&[], |members| members)
    }

    fn is_pending(&self, word: Word) -> bool {
        match word {
            Word::Set(id) => !self.sets.contains_key(&id),
            Word::Record(id) => !self.records.contains_key(&id),
            Word::Bool(_)
            | Word::Long(_)
            | Word::String(_)
            | Word::Entity(_)
            | Word::Decimal(_)
            | Word::Ip(_)
            | Word::Datetime(_)
            | Word::Duration(_) => false,
        }
    }

    /// Adds a container whose parts have been added.
    fn add(&mut self, interner: &impl Lookup, word: Word) {
        if !self.is_pending(word) {
            return;
        }
        if let Word::Set(id) = word {
            let mut elements: Box<[Word]> = interner.set(id).into();
            elements.sort_unstable_by(|left, right| self.compare(interner, *left, *right));
            self.sets.insert(id, elements);
        } else if let Word::Record(id) = word {
            let mut members: Box<[(StringId, Word)]> = interner.record(id).into();
            members.sort_unstable_by_key(|(name, _)| interner.string(*name));
            self.records.insert(id, members);
        }
    }

    /// Compares two values whose parts have been added.
    fn compare(&self, interner: &impl Lookup, left: Word, right: Word) -> Ordering {
        let mut work = vec![(left, right)];
        while let Some((left, right)) = work.pop() {
            // Equal handles mean equal values.
            if left == right {
                continue;
            }
            let ordering = self.compare_outside(interner, left, right);
            if ordering.is_ne() {
                return ordering;
            }
            match (left, right) {
                (Word::Set(left), Word::Set(right)) => {
                    work.extend(self.elements(left).iter().copied().zip(self.elements(right).iter().copied()).rev());
                }
                (Word::Record(left), Word::Record(right)) => {
                    let right = self.members(right).iter().map(|(_, word)| *word);
                    work.extend(self.members(left).iter().map(|(_, word)| *word).zip(right).rev());
                }
                _ => {}
            }
        }
        Ordering::Equal
    }

    /// Compares scalars, and of containers what can be seen without looking at the values in them.
    fn compare_outside(&self, interner: &impl Lookup, left: Word, right: Word) -> Ordering {
        match (left, right) {
            (Word::Bool(left), Word::Bool(right)) => left.cmp(&right),
            (Word::Long(left), Word::Long(right))
            | (Word::Decimal(left), Word::Decimal(right))
            | (Word::Datetime(left), Word::Datetime(right))
            | (Word::Duration(left), Word::Duration(right)) => left.cmp(&right),
            (Word::String(left), Word::String(right)) => interner.string(left).cmp(interner.string(right)),
            (Word::Entity(left), Word::Entity(right)) => interner.entity_uid(left).cmp(&interner.entity_uid(right)),
            (Word::Ip(left), Word::Ip(right)) => interner.ip(left).cmp(&interner.ip(right)),
            (Word::Set(left), Word::Set(right)) => interner.set(left).len().cmp(&interner.set(right).len()),
            (Word::Record(left), Word::Record(right)) => {
                let names = |id| self.members(id).iter().map(|(name, _)| interner.string(*name));
                let lengths = interner.record(left).len().cmp(&interner.record(right).len());
                lengths.then_with(|| names(left).cmp(names(right)))
            }
            _ => kind_rank(left).cmp(&kind_rank(right)),
        }
    }
}

fn kind_rank(word: Word) -> u8 {
    match word {
        Word::Bool(_) => 0,
        Word::Long(_) => 1,
        Word::String(_) => 2,
        Word::Entity(_) => 3,
        Word::Decimal(_) => 4,
        Word::Ip(_) => 5,
        Word::Datetime(_) => 6,
        Word::Duration(_) => 7,
        Word::Set(_) => 8,
        Word::Record(_) => 9,
    }
}
