//! Makes a case smaller as long as it stays interesting.
//!
//! Policies, links, conditions and options are left out, scopes are opened, and every expression is replaced by one of
//! its operands or by a literal. Declarations of the schema are left out last, line by line.

use super::super::{
    policy::{ActionConstraint, Constraint, Policy},
    tree::Expr,
    world::World,
};

/// The smallest case that was found, for which `interesting` holds as it does for the given one.
pub(super) fn minimise(mut world: World, interesting: &dyn Fn(&World) -> bool) -> World {
    let mut attempts = 1_500;
    loop {
        let mut at = 0;
        let mut shrunk = false;
        // What could not be left out is not tried again before the next round.
        while let Some(smaller) = reductions(&world).into_iter().nth(at).filter(|_| attempts > 0) {
            attempts -= 1;
            if interesting(&smaller) {
                world = smaller;
                shrunk = true;
            } else {
                at += 1;
            }
        }
        if !shrunk || attempts == 0 {
            return world;
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
    for index in 0..world.policies.len() {
        reduce(&|world| remove_policy(world, index));
    }
    for index in 0..world.links.len() {
        reduce(&|world| drop(world.links.remove(index)));
    }
    for index in 0..world.options.len() {
        reduce(&|world| world.options.truncate(index + 1));
        reduce(&|world| {
            world.options.remove(index);
        });
    }
    if world.json_policies || world.json_schema {
        reduce(&|world| (world.json_policies, world.json_schema) = (false, false));
    }
    for (index, policy) in world.policies.iter().enumerate() {
        for smaller in smaller_policies(policy) {
            reduce(&|world| world.policies[index] = smaller.clone());
        }
    }
    for line in 0..world.schema.lines().count() {
        reduce(&|world| {
            let kept: Vec<_> = world.schema.lines().enumerate().filter(|(at, _)| *at != line).collect();
            world.schema = kept.into_iter().map(|(_, line)| format!("{line}\n")).collect();
        });
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

/// The policy with one part less.
fn smaller_policies(policy: &Policy) -> Vec<Policy> {
    let mut found = Vec::new();
    let mut reduce = |change: &dyn Fn(&mut Policy)| {
        let mut smaller = policy.clone();
        change(&mut smaller);
        if smaller != *policy {
            found.push(smaller);
        }
    };
    for condition in 0..policy.conditions.len() {
        reduce(&|policy| drop(policy.conditions.remove(condition)));
    }
    reduce(&|policy| policy.action = ActionConstraint::Any);
    if !policy.principal.is_open() {
        reduce(&|policy| policy.principal = Constraint::Any);
    }
    if !policy.resource.is_open() {
        reduce(&|policy| policy.resource = Constraint::Any);
    }
    let nodes = policy.count(&|_| true);
    for node in 0..nodes {
        // Later nodes are larger: the operands of a node come before it.
        let node = nodes - 1 - node;
        for operand in 0..3 {
            reduce(&|policy| {
                policy.change_nth(&|_| true, node, &mut |expr| {
                    if let Some(operand) = expr.operands().get(operand).map(|operand| (*operand).clone()) {
                        *expr = operand;
                    }
                });
            });
        }
        reduce(&|policy| policy.change_nth(&|_| true, node, &mut drop_element));
    }
    found
}

/// Leaves out the last element of a set, member of a record, or name of a path.
fn drop_element(expr: &mut Expr) {
    match expr {
        Expr::Set(elements) => drop(elements.pop()),
        Expr::Record(members) => drop(members.pop()),
        Expr::Has(_, path) if path.len() > 1 => drop(path.pop()),
        Expr::IsIn(operands, ty) => *expr = Expr::Is(Box::new(operands[0].clone()), ty.clone()),
        _ => {}
    }
}
