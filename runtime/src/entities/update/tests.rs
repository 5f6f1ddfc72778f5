//! Updates against a store made afresh.

use std::collections::BTreeMap;

use super::*;
use crate::{InputCode, Value};

/// Numbers that look random.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}

fn uid(index: usize) -> EntityUid {
    format!("{}::\"{index}\"", ["U", "G"][index % 2]).parse().expect("an entity")
}

fn entity(random: &mut Random, at: usize, names: usize) -> Entity {
    let count = random.below(4);
    let parents: Vec<_> = (0..count).map(|_| uid(random.below(names))).collect();
    let level = i64::try_from(random.below(3)).expect("small");
    Entity::new(uid(at), [("level", Value::from(level))], parents)
}

/// Everything that can be seen of a store.
fn seen(store: &Entities) -> (String, Vec<Vec<EntityUid>>, usize) {
    let mut uids: Vec<EntityUid> = store.iter().map(|entity| entity.uid()).collect();
    uids.sort();
    let ancestors = uids.iter().map(|uid| store.ancestors(uid).expect("an entity").collect());
    (store.to_json().expect("JSON"), ancestors.collect(), store.len())
}

fn made_afresh(known: &BTreeMap<EntityUid, Entity>) -> Result<Entities, InputError> {
    Entities::from_entities(known.values().cloned(), None)
}

#[test]
fn an_updated_store_is_one_made_afresh() {
    let mut random = Random(1);
    let mut refused = 0;
    for world in 0..60 {
        let names = 3 + world % 20;
        let (mut store, mut known) = (Entities::new(), BTreeMap::new());
        let mut snapshots = Vec::new();
        for _ in 0..60 {
            let at = random.below(names);
            if random.below(4) == 0 {
                assert_eq!(store.remove(&uid(at)).expect("room"), known.remove(&uid(at)).is_some());
            } else {
                let entity = entity(&mut random, at, names);
                let mut next = known.clone();
                next.insert(entity.uid.clone(), entity.clone());
                match (store.upsert(&entity, None), made_afresh(&next)) {
                    (Ok(()), Ok(_)) => known = next,
                    (Err(error), Err(_)) => {
                        assert_eq!(error.code(), InputCode::EntityCycle);
                        refused += 1;
                    }
                    (updated, fresh) => panic!("{updated:?} and {fresh:?}: {entity:?}"),
                }
            }
            assert_eq!(seen(&store), seen(&made_afresh(&known).expect("no cycle")));
            if random.below(10) == 0 {
                snapshots.push((store.clone(), seen(&store)));
            }
        }
        for (snapshot, before) in snapshots {
            assert_eq!(seen(&snapshot), before, "a snapshot changed");
        }
    }
    assert!(refused > 50, "only {refused} cycles");
}

#[test]
fn outdated_edges_are_forgotten() {
    let mut random = Random(2);
    let mut store = Entities::new();
    for _ in 0..20_000 {
        let parents = [uid(1 + 2 * random.below(5))];
        let member = Entity::new::<&str>(uid(2 * random.below(50)), [], parents);
        store.upsert(&member, None).expect("no cycle");
    }
    assert!(store.children.len() < 2_500, "{} edges", store.children.len());
}
