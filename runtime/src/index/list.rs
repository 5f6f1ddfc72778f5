//! Policies in a list: those of one action constraint that name neither principal nor resource, or those at an anchor.
//!
//! Attribute-based policies say who and what by values: `principal.dept == "sales" && …`. Where many policies compare
//! one operand with constants, they lie under these constants (an *access predicate* of the publish/subscribe field),
//! and a request looks only under the value that it has. Where it has none, or where a test before the comparison may
//! fail, all of them are looked at, because they may err.

use std::sync::Arc;

use hashbrown::HashMap;

use super::{Entry, Satisfied, Visitor};
use crate::{
    pool::Word,
    quick::{Access, Asked, Group, Need, Quick, accesses},
};

/// Policies, to be found by constants.
#[derive(Debug, Clone, Default)]
pub(super) struct List {
    /// To be looked at by every request; those that were there from the start are in order.
    always: Vec<Entry>,
    by_constant: Option<Arc<[Grouped]>>,
}

/// Policies that compare one operand with constants.
#[derive(Debug)]
struct Grouped {
    group: Group,
    /// By constant, then in order.
    entries: Vec<Entry>,
    /// Where the policies of each constant begin and end.
    ranges: HashMap<Word, (u32, u32)>,
}

/// Looking a value up costs about as much as looking at so many policies.
const FEW: usize = 4;

/// How the policies that could be in a group would lie in it.
#[derive(Debug, Default)]
struct Spread {
    policies: usize,
    by_constant: HashMap<Word, usize>,
}

impl List {
    pub(super) fn new(policies: Vec<(Entry, Option<&Quick>)>) -> Self {
        let offers: Vec<_> = policies.into_iter().map(|(entry, quick)| (entry, quick.map(accesses))).collect();
        let mut spreads: HashMap<Group, Spread> = HashMap::new();
        for access in offers.iter().filter_map(|(_, accesses)| accesses.as_ref()).flatten() {
            let spread = spreads.entry_ref(&access.group).or_default();
            spread.policies += 1;
            *spread.by_constant.entry(access.value).or_default() += 1;
        }
        let (mut list, mut by_constant) = (Self::default(), Vec::new());
        let mut chosen: HashMap<Group, Vec<(Word, Entry)>> = HashMap::new();
        for (entry, accesses) in offers {
            match best(accesses.unwrap_or_default(), &spreads) {
                Some(Access { group, value }) => chosen.entry(group).or_default().push((value, entry)),
                None => list.always.push(entry),
            }
        }
        for (group, members) in chosen {
            if members.len() > FEW {
                by_constant.push(Grouped::new(group, members));
            } else {
                list.always.extend(members.into_iter().map(|(_, entry)| entry));
            }
        }
        list.always.sort_by_key(|entry| entry.policy);
        by_constant.sort_by_key(|grouped: &Grouped| grouped.entries.first().map(|entry| entry.policy));
        list.by_constant = (!by_constant.is_empty()).then(|| by_constant.into());
        list
    }

    /// Sorts the policies by constants, where that is worthwhile.
    pub(super) fn group(&mut self, quicks: &[Option<&Quick>]) {
        if !self.is_short() {
            let quick = |entry: &Entry| quicks.get(entry.policy as usize).copied().flatten();
            *self = Self::new(self.always.iter().map(|entry| (*entry, quick(entry))).collect());
        }
    }

    /// Whether looking at all of them costs nothing to speak of.
    pub(super) fn is_short(&self) -> bool {
        self.always.len() <= FEW
    }

    pub(super) fn is_empty(&self) -> bool {
        self.always.is_empty() && self.by_constant.is_none()
    }

    pub(super) fn len(&self) -> usize {
        self.always.len() + self.grouped()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.always.push(entry);
    }

    /// Removes a policy that was pushed; says whether it was there.
    pub(super) fn remove(&mut self, policy: u32) -> bool {
        let found = self.always.iter().position(|entry| entry.policy == policy);
        found.map(|found| self.always.swap_remove(found)).is_some()
    }

    /// The policies that every request looks at, in order.
    pub(super) fn always(&self) -> &[Entry] {
        &self.always
    }

    /// How many are found by a constant.
    pub(super) fn grouped(&self) -> usize {
        self.groups().iter().map(|grouped| grouped.entries.len()).sum()
    }

    /// Whether there are others.
    pub(super) fn has_groups(&self) -> bool {
        self.by_constant.is_some()
    }

    #[inline]
    fn groups(&self) -> &[Grouped] {
        self.by_constant.as_deref().unwrap_or_default()
    }

    /// Shows the policies that only some requests look at.
    pub(super) fn visit_groups<'e>(&self, visitor: &mut impl Visitor<'e>) -> bool {
        self.groups().iter().all(|grouped| visitor.list(grouped.of(visitor.asked())))
    }

    /// Shows the policies whose action constraint is among these.
    pub(super) fn visit_within<'e>(&self, classes: Satisfied<'_>, visitor: &mut impl Visitor<'e>) -> bool {
        (self.always.is_empty() || visitor.list_within(&self.always, classes))
            && self.groups().iter().all(|grouped| visitor.list_within(grouped.of(visitor.asked()), classes))
    }
}

/// The access whose group spreads its policies best, as every policy that could be in the group finds.
fn best(accesses: Vec<Access>, spreads: &HashMap<Group, Spread>) -> Option<Access> {
    let length = |access: &Access| {
        let spread = spreads.get(&access.group)?;
        (spread.policies > FEW).then(|| spread.policies.div_ceil(spread.by_constant.len().max(1)))
    };
    let rated = accesses.into_iter().filter_map(|access| length(&access).map(|length| (length, access)));
    rated.min_by_key(|(length, _)| *length).map(|(_, access)| access)
}

impl Grouped {
    fn new(group: Group, mut members: Vec<(Word, Entry)>) -> Self {
        members.sort_by_key(|(value, entry)| (*value, entry.policy));
        let mut ranges: HashMap<Word, (u32, u32)> = HashMap::new();
        for (at, (value, _)) in (0u32..).zip(&members) {
            ranges.entry(*value).or_insert((at, at)).1 = at.saturating_add(1);
        }
        Self { group, entries: members.into_iter().map(|(_, entry)| entry).collect(), ranges }
    }

    /// The policies that a request may concern.
    fn of(&self, asked: &Asked<'_>) -> &[Entry] {
        let is_there = |need: &Need| match need {
            Need::Present(operand) => operand.find(&Word::default(), asked).is_some(),
            Need::Bool(operand) => matches!(operand.find(&Word::default(), asked), Some(Word::Bool(_))),
        };
        if !self.group.needs.iter().all(is_there) {
            return &self.entries;
        }
        match self.group.operand.find(&Word::default(), asked) {
            Some(value) => self.of_value(*value),
            None if self.group.guarded => &[],
            None => &self.entries,
        }
    }

    fn of_value(&self, value: Word) -> &[Entry] {
        let range = self.ranges.get(&value).and_then(|(start, end)| self.entries.get(*start as usize..*end as usize));
        range.unwrap_or_default()
    }
}
