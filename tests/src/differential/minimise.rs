//! Makes a case smaller as long as it stays interesting.
//!
//! Parts are left out one by one: policies, conditions, links, requests, entities, expressions. That is enough to read
//! a difference; what is left inside a condition is for the reader.

use crate::world::World;

/// The smallest case that was found, for which `interesting` holds as it does for the given one.
pub(super) fn minimise(mut world: World, interesting: &dyn Fn(&World) -> bool) -> World {
    let mut attempts = 150;
    loop {
        let smaller = reductions(&world).into_iter().find(|smaller| {
            attempts -= 1;
            attempts > 0 && interesting(smaller)
        });
        match smaller {
            Some(smaller) => world = smaller,
            None => return world,
        }
    }
}

/// Every case with one part less.
fn reductions(world: &World) -> Vec<World> {
    let mut found = Vec::new();
    let mut reduce = |change: &dyn Fn(&mut World)| {
        let mut smaller = world.clone();
        change(&mut smaller);
        found.push(smaller);
    };
    if world.entities.len() > 3 {
        reduce(&|world| world.entities.clear());
    }
    if world.expressions.len() > 1 {
        reduce(&|world| world.expressions.clear());
    }
    for index in 0..world.policies.len() {
        reduce(&|world| remove_policy(world, index));
        for condition in 0..world.policies[index].conditions.len() {
            reduce(&|world| drop(world.policies[index].conditions.remove(condition)));
        }
    }
    for index in 0..world.links.len() {
        reduce(&|world| drop(world.links.remove(index)));
    }
    for index in 0..world.requests.len() {
        reduce(&|world| drop(world.requests.remove(index)));
    }
    for index in 0..world.expressions.len() {
        reduce(&|world| drop(world.expressions.remove(index)));
    }
    for index in 0..world.entities.len() {
        reduce(&|world| drop(world.entities.remove(index)));
    }
    found
}

/// Removes a policy and keeps the links of the others: their templates move up by one.
fn remove_policy(world: &mut World, index: usize) {
    world.policies.remove(index);
    world.links.retain(|link| link.template != format!("policy{index}"));
    for link in &mut world.links {
        let number = link.template.strip_prefix("policy").and_then(|number| number.parse::<usize>().ok());
        if let Some(number) = number.filter(|number| *number > index) {
            link.template = format!("policy{}", number - 1);
        }
    }
}
