//! The transitive closure of the hierarchy.
//!
//! A depth-first walk with a stack of its own leaves an entity after everything above it, so its ancestors are its
//! parents and theirs. An entity that is met again before it was left closes a cycle, which is the stack from there.
//! Rows with the same parents have the same ancestors and are computed once.

use std::sync::Arc;

use deodar_lexicon::limits;
use hashbrown::HashMap;

use super::{Lists, Row};
use crate::pool::EntityId;

/// Why there is no closure.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// These rows are, each, a child of the next one, and the last one of the first.
    Cycle(Vec<usize>),
    /// More than [`limits::ANCESTORS`].
    TooLarge,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Entered,
    Left,
}

/// Gives every row its ancestors.
pub(super) fn close(
    rows: &mut [Row],
    index: impl Fn(&EntityId) -> Option<u32>,
    lists: &mut Lists,
) -> Result<(), Failure> {
    let mut states = vec![State::New; rows.len()];
    let mut known: HashMap<Arc<[EntityId]>, Arc<[EntityId]>> = HashMap::new();
    let mut budget = limits::ANCESTORS.as_usize();
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
                leave(row, rows, &index, lists, &mut known, &mut budget)?;
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
    lists: &mut Lists,
    known: &mut HashMap<Arc<[EntityId]>, Arc<[EntityId]>>,
    budget: &mut usize,
) -> Result<(), Failure> {
    let Some(parents) = rows.get(row).map(|row| Arc::clone(&row.parents)) else { return Ok(()) };
    let ancestors = if let Some(ancestors) = known.get(&parents) {
        Arc::clone(ancestors)
    } else {
        let mut ancestors = parents.to_vec();
        for parent in parents.iter().filter_map(&index).filter_map(|parent| rows.get(parent as usize)) {
            *budget = budget.checked_sub(parent.ancestors.len()).ok_or(Failure::TooLarge)?;
            ancestors.extend_from_slice(&parent.ancestors);
        }
        let ancestors = lists.share(ancestors);
        known.insert(parents, Arc::clone(&ancestors));
        ancestors
    };
    if let Some(row) = rows.get_mut(row) {
        row.ancestors = ancestors;
    }
    Ok(())
}
