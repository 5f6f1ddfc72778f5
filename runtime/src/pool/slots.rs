//! A hash index of positions.
//!
//! Open addressing with linear probing; a slot is the upper half of the hash beside the position, so that a probe
//! seldom looks at an item. The slots are [`Chunks`], so a copy shares all but what is added later. Nothing is ever
//! removed.

use super::Chunks;

/// The upper half of a hash, and a position plus one; zero for a free slot.
type Slot = (u32, u32);

/// Positions, each added in order, to be found by hash.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    places: Chunks<Slot>,
    /// The number of slots less one; slots are a power of two.
    mask: usize,
    /// How many are taken.
    len: u32,
}

fn tag(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(u32::MAX)
}

/// Hashes of similar texts may differ in few bits, and neighbours make probes longer; so the bits are mixed again.
fn start(hash: u64) -> usize {
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    usize::try_from(mixed).unwrap_or(0)
}

impl Slots {
    #[inline]
    pub(super) fn len(&self) -> u32 {
        self.len
    }

    pub(super) fn bytes(&self) -> usize {
        self.places.bytes()
    }

    /// The position of that hash that is the one.
    #[inline]
    pub(super) fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = start(hash);
        loop {
            // At most half of the slots are taken, so most searches end at the first one.
            let (found, position) = *self.places.get(at & self.mask)?;
            let position = position.checked_sub(1)?;
            if found == tag(hash) && is_it(position) {
                return Some(position);
            }
            at = at.wrapping_add(1);
        }
    }

    /// Adds the next position.
    pub(super) fn add(&mut self, hash: u64, hash_of: impl Fn(u32) -> u64) {
        // 2³² positions would need more memory than the inputs that build them are allowed to have.
        self.len = self.len.saturating_add(1);
        if self.places.len() <= self.len as usize * 2 {
            self.grow(hash_of);
        } else {
            self.take(hash, self.len);
        }
    }

    fn take(&mut self, hash: u64, taken: u32) {
        let mut at = start(hash);
        while self.places.get(at & self.mask).is_some_and(|(_, taken)| *taken != 0) {
            at = at.wrapping_add(1);
        }
        self.places.set(at & self.mask, (tag(hash), taken));
    }

    fn grow(&mut self, hash_of: impl Fn(u32) -> u64) {
        let size = (self.len as usize).saturating_mul(3).next_power_of_two().max(16);
        self.places = Chunks::default();
        self.places.set(size - 1, (0, 0));
        for at in (0..size).step_by(64) {
            self.places.set(at, (0, 0));
        }
        self.mask = size - 1;
        (0..self.len).for_each(|position| self.take(hash_of(position), position.saturating_add(1)));
    }
}
