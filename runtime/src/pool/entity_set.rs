//! A set of entities that is asked for members.
//!
//! `in` is the hot operation of authorization, so a set is more than a sorted list: members also lie in buckets of
//! four, chosen by their handle. A search looks at one bucket, without a loop. Buckets are doubled until none
//! overflows; where handles collide too often for that, the sorted list is searched.

use super::{EntityId, Handle};

const WIDTH: usize = 4;
const FREE: u32 = u32::MAX;

/// Entities, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntitySet {
    sorted: Box<[EntityId]>,
    /// A power of two, or none.
    buckets: Box<[[u32; WIDTH]]>,
}

fn place(id: u32, buckets: usize) -> usize {
    let mixed = u64::from(id).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    usize::try_from(mixed).unwrap_or(0) & buckets.wrapping_sub(1)
}

impl EntitySet {
    /// The set of these entities, in any order, repeated or not.
    pub(crate) fn new(mut entities: Vec<EntityId>) -> Self {
        entities.sort_unstable();
        entities.dedup();
        let least = entities.len().div_ceil(WIDTH).next_power_of_two();
        let sizes = (0..3).map(|doublings| least << doublings);
        let buckets = sizes.into_iter().find_map(|size| fill(&entities, size)).unwrap_or_default();
        Self { sorted: entities.into(), buckets }
    }

    #[inline]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "four comparisons cost less than a branch that is hard to predict"
    )]
    pub(crate) fn contains(&self, id: EntityId) -> bool {
        match self.buckets.get(place(id.index(), self.buckets.len())) {
            Some([a, b, c, d]) => {
                let id = id.index();
                (*a == id) | (*b == id) | (*c == id) | (*d == id)
            }
            None => self.sorted.binary_search(&id).is_ok(),
        }
    }

    /// Whether some entity is in both.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        let (few, many) = if self.sorted.len() <= other.sorted.len() { (self, other) } else { (other, self) };
        few.sorted.iter().any(|id| many.contains(*id))
    }

    /// The entities, sorted.
    pub(crate) fn sorted(&self) -> &[EntityId] {
        &self.sorted
    }

    pub(crate) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// The bytes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.sorted) + size_of_val(&*self.buckets)
    }
}

/// The buckets, unless one overflows.
fn fill(entities: &[EntityId], size: usize) -> Option<Box<[[u32; WIDTH]]>> {
    let mut buckets = vec![[FREE; WIDTH]; size];
    for entity in entities {
        let bucket = buckets.get_mut(place(entity.index(), size))?;
        *bucket.iter_mut().find(|slot| **slot == FREE)? = entity.index();
    }
    Some(buckets.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_and_others_are_not() {
        for count in [0u32, 1, 2, 4, 5, 17, 100, 3_000] {
            let members = (0..count).map(|index| EntityId(index * 7));
            let set = EntitySet::new(members.clone().chain(members.clone()).collect());
            assert_eq!(set.len(), count as usize);
            assert!(members.clone().all(|id| set.contains(id)), "{count}");
            assert!((0..count).all(|index| !set.contains(EntityId(index * 7 + 3))), "{count}");
        }
    }

    #[test]
    fn colliding_members_are_found_too() {
        let mut colliding = (0..u32::MAX - 1).filter(|id| place(*id, 64) == 0);
        let members: Vec<EntityId> = colliding.by_ref().take(20).map(EntityId).collect();
        let set = EntitySet::new(members.clone());
        assert!(set.buckets.is_empty());
        assert!(members.iter().all(|id| set.contains(*id)));
        assert!(!set.contains(EntityId(colliding.next().expect("another one"))));
    }

    #[test]
    fn sets_intersect_if_they_share_a_member() {
        let set = |ids: &[u32]| EntitySet::new(ids.iter().map(|id| EntityId(*id)).collect());
        assert!(set(&[1, 2, 3]).intersects(&set(&[3, 9])));
        assert!(!set(&[1, 2, 3]).intersects(&set(&[4])));
        assert!(!set(&[]).intersects(&set(&[])));
    }
}
