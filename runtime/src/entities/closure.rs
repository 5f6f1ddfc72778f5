//! The transitive closure of the hierarchy.
//!
//! A depth-first walk with a stack of its own leaves an entity after everything above it, so its ancestors are its
//! parents and theirs. An entity that is met again before it was left closes a cycle, which is the stack from there.
//! Rows with the same parents have the same ancestors and are computed once.

use std::sync::Arc;

use hashbrown::HashMap;

use super::Row;
use crate::pool::{EntityId, EntitySet};

/// Why there is no closure.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// These rows are, each, a child of the next one, and the last one of the first.
    Cycle(Vec<usize>),
    /// More ancestors than the budget.
    TooLarge,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Entered,
    Left,
}

/// For lists of parents, all that is above their children.
type Known = HashMap<Arc<[EntityId]>, Arc<EntitySet>>;

/// Gives every row its ancestors, of which there may be as many as the budget, shared ones counted once.
/// Of entities that are not among the rows, `others` knows the ancestors.
pub(super) fn close(
    rows: &mut [Row],
    index: impl Fn(&EntityId) -> Option<u32>,
    others: impl Fn(EntityId) -> Option<Arc<EntitySet>>,
    mut budget: usize,
) -> Result<(), Failure> {
    let mut states = vec![State::New; rows.len()];
    let mut known = Known::new();
    // The rows on the way up, each with the parents that are still to be visited.
    let mut path: Vec<(usize, usize)> = Vec::new();
    for start in 0..rows.len() {
        if states.get(start) == Some(&State::New) {
            enter(start, &mut states, &mut path);
        }
        while let Some((row, visited)) = path.last_mut() {
            let (row, next) = (*row, *visited);
            *visited += 1;
            let parents = rows.get(row).map_or(&[][..], |row| &row.parents);
            let Some(parent) = parents.get(next) else {
                path.pop();
                leave(row, rows, &index, &others, &mut known, &mut budget)?;
                if let Some(state) = states.get_mut(row) {
                    *state = State::Left;
                }
                continue;
            };
            let Some(parent) = index(parent).map(|parent| parent as usize) else { continue };
            match states.get(parent) {
                Some(State::New) => enter(parent, &mut states, &mut path),
                Some(State::Entered) => return Err(cycle(&path, parent)),
                Some(State::Left) | None => {}
            }
        }
    }
    Ok(())
}

fn enter(row: usize, states: &mut [State], path: &mut Vec<(usize, usize)>) {
    if let Some(state) = states.get_mut(row) {
        *state = State::Entered;
    }
    path.push((row, 0));
}

#[cold]
fn cycle(path: &[(usize, usize)], again: usize) -> Failure {
    Failure::Cycle(path.iter().map(|(row, _)| *row).skip_while(|row| *row != again).collect())
}

/// Computes the ancestors of a row above which everything is known.
fn leave(
    row: usize,
    rows: &mut [Row],
    index: impl Fn(&EntityId) -> Option<u32>,
    others: impl Fn(EntityId) -> Option<Arc<EntitySet>>,
    known: &mut Known,
    budget: &mut usize,
) -> Result<(), Failure> {
    let Some(parents) = rows.get(row).map(|row| Arc::clone(&row.parents)) else { return Ok(()) };
    let ancestors = if let Some(ancestors) = known.get(&parents) {
        Arc::clone(ancestors)
    } else {
        let mut ancestors = parents.to_vec();
        for parent in parents.iter() {
            let above = match index(parent).and_then(|parent| rows.get(parent as usize)) {
                Some(row) => Some(Arc::clone(&row.ancestors)),
                None => others(*parent),
            };
            let Some(above) = above else { continue };
            *budget = budget.checked_sub(above.len()).ok_or(Failure::TooLarge)?;
            ancestors.extend_from_slice(above.sorted());
        }
        let ancestors = Arc::new(EntitySet::new(ancestors));
        known.insert(parents, Arc::clone(&ancestors));
        ancestors
    };
    if let Some(row) = rows.get_mut(row) {
        row.ancestors = ancestors;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entities::build::Lists,
        pool::{Interner, Lookup, Members, Pool},
    };

    /// Rows for `child: parents` and their ancestors, or the failure.
    fn closure(children: &[(&str, &[&str])], budget: usize) -> Result<Vec<Vec<String>>, Failure> {
        let mut pool = Pool::default();
        let mut lists = Lists::default();
        let mut id = |name: &str| pool.intern_entity(&format!("T::\"{name}\"").parse().expect("an entity"));
        let mut rows: Vec<Row> = Vec::new();
        let ids: Vec<EntityId> = children.iter().map(|(child, _)| id(child)).collect();
        let parents: Vec<Vec<EntityId>> =
            children.iter().map(|(_, parents)| parents.iter().map(|parent| id(parent)).collect()).collect();
        let none = Arc::new(EntitySet::new(Vec::new()));
        for (uid, parents) in ids.iter().zip(parents) {
            let parents = lists.share(parents);
            let (attributes, tags) = (Members::default(), Members::default());
            let (ty, _) = pool.entity_parts(*uid);
            rows.push(Row { uid: *uid, ty, attributes, tags, ancestors: Arc::clone(&none), parents });
        }
        let index = |id: &EntityId| ids.iter().position(|known| known == id).and_then(|at| u32::try_from(at).ok());
        close(&mut rows, index, |_| None, budget)?;
        let names = |row: &Row| {
            let mut names: Vec<_> =
                row.ancestors.sorted().iter().map(|id| pool.entity_uid(*id).id().to_owned()).collect();
            names.sort();
            names
        };
        Ok(rows.iter().map(names).collect())
    }

    #[test]
    fn ancestors_are_those_of_all_parents() {
        let found = closure(&[("a", &["b", "c"]), ("b", &["d"]), ("c", &["d", "x"]), ("d", &["y"]), ("e", &[])], 100);
        let expected = [vec!["b", "c", "d", "x", "y"], vec!["d", "y"], vec!["d", "x", "y"], vec!["y"], vec![]];
        assert_eq!(found.expect("no cycle"), expected);
    }

    #[test]
    fn a_cycle_is_shown_without_the_way_to_it() {
        assert_eq!(closure(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])], 100), Err(Failure::Cycle(vec![1, 2])));
        assert_eq!(closure(&[("a", &["a"])], 100), Err(Failure::Cycle(vec![0])));
    }

    #[test]
    fn the_budget_bounds_the_ancestors_that_are_kept() {
        let names: Vec<String> = (0..100).map(|index| index.to_string()).collect();
        let parents: Vec<[&str; 1]> = names.iter().skip(1).map(|name| [name.as_str()]).collect();
        let chain: Vec<(&str, &[&str])> = names.iter().zip(&parents).map(|(name, p)| (name.as_str(), &p[..])).collect();
        assert!(closure(&chain, 5_000).is_ok());
        assert_eq!(closure(&chain, 1_000), Err(Failure::TooLarge));
    }
}
