//! Policies that are well-typed by construction: a scope, the request environments it leaves, and conditions for those.

pub mod condition;
mod value;

use self::condition::Conditions;
use super::{
    policy::{ActionConstraint, Condition, Constraint, Policy, Target},
    schema::{self, Environment},
};
use crate::{
    question::{Link, Uid},
    world::{Random, schema::Schema},
};

/// A policy or template for some of the environments of the schema.
pub fn policy(random: &mut Random<'_, '_>, schema: &Schema) -> Policy {
    let mut environments = schema::environments(schema);
    let target = *random.pick(&environments);
    let principal = constraint(random, schema, target.principal);
    environments.retain(|environment| admits(schema, &principal, environment.principal));
    let resource = constraint(random, schema, target.resource);
    environments.retain(|environment| admits(schema, &resource, environment.resource));
    let action = action(random, schema, target.action);
    environments.retain(|environment| admits_action(schema, &action, environment.action));
    let mut policy = Policy { forbid: random.percent(25), principal, action, resource, conditions: Vec::new() };
    conditions(random, schema, &environments, &mut policy);
    policy
}

/// The conditions; a later one may rely on what an earlier one tests.
fn conditions(random: &mut Random<'_, '_>, schema: &Schema, environments: &[Environment], policy: &mut Policy) {
    let count = random.weighted(&[4, 66, 23, 7]);
    let mut generator = Conditions::new(random, schema, environments.to_vec());
    for index in 0..count {
        let depth = generator.random.between(1, 3);
        if index + 1 < count && generator.random.percent(50) {
            let body = generator.lasting_guard();
            policy.conditions.push(Condition { unless: false, body });
            continue;
        }
        let unless = generator.random.percent(20);
        let body = generator.boolean(depth);
        policy.conditions.push(Condition { unless, body });
    }
}

fn constraint(random: &mut Random<'_, '_>, schema: &Schema, ty: usize) -> Constraint {
    let name = schema.types[ty].name();
    let above = *random.pick(&schema::ancestors(schema, ty));
    match random.weighted(&[36, 32, 6, 6, 5, 6, 6, 3]) {
        0 => Constraint::Any,
        1 => Constraint::Is(name),
        2 => Constraint::Equal(Target::Entity(schema::entity(random, schema, ty))),
        3 => Constraint::In(Target::Entity(schema::entity(random, schema, above))),
        4 => Constraint::IsIn(name, Target::Entity(schema::entity(random, schema, above))),
        5 => Constraint::Equal(Target::Slot),
        6 => Constraint::In(Target::Slot),
        _ => Constraint::IsIn(name, Target::Slot),
    }
}

/// Whether an entity of the type can satisfy the constraint.
fn admits(schema: &Schema, constraint: &Constraint, ty: usize) -> bool {
    let name = schema.types[ty].name();
    let below = |target: &Target| match target {
        Target::Slot => true,
        Target::Entity(uid) => schema::ancestors(schema, ty).iter().any(|above| schema.types[*above].name() == uid.ty),
    };
    match constraint {
        Constraint::Any | Constraint::Equal(Target::Slot) => true,
        Constraint::Equal(Target::Entity(uid)) => uid.ty == name,
        Constraint::In(target) => below(target),
        Constraint::Is(wanted) => *wanted == name,
        Constraint::IsIn(wanted, target) => *wanted == name && below(target),
    }
}

fn action(random: &mut Random<'_, '_>, schema: &Schema, action: usize) -> ActionConstraint {
    let uid = schema.actions[action].uid();
    match random.weighted(&[28, 40, 18, 14]) {
        0 => ActionConstraint::Any,
        1 => ActionConstraint::Equal(uid),
        2 => ActionConstraint::In(schema.actions[*random.pick(&schema::groups(schema, action))].uid()),
        _ => {
            let mut uids = vec![uid];
            for _ in 0..random.below(3) {
                uids.push(random.pick(&schema.actions).uid());
            }
            ActionConstraint::InList(uids)
        }
    }
}

fn admits_action(schema: &Schema, constraint: &ActionConstraint, action: usize) -> bool {
    let groups: Vec<Uid> = schema::groups(schema, action).iter().map(|group| schema.actions[*group].uid()).collect();
    match constraint {
        ActionConstraint::Any => true,
        ActionConstraint::Equal(uid) => *uid == schema.actions[action].uid(),
        ActionConstraint::In(uid) => groups.contains(uid),
        ActionConstraint::InList(uids) => uids.iter().any(|uid| groups.contains(uid)),
    }
}

/// Links of a template; a few name what the schema does not have, or what fits no action.
pub fn links(random: &mut Random<'_, '_>, schema: &Schema, policy: &Policy, template: &str, links: &mut Vec<Link>) {
    let slots = policy.slots();
    if slots.is_empty() {
        return;
    }
    let environments = schema::environments(schema);
    for _ in 0..random.weighted(&[15, 65, 20]) {
        let target = *random.pick(&environments);
        let values = slots.iter().map(|slot| {
            let ty = if *slot == "?principal" { target.principal } else { target.resource };
            let ty = if random.percent(15) { random.below(schema.types.len()) } else { ty };
            let mut uid = schema::entity(random, schema, ty);
            match random.below(20) {
                17 => uid.ty = "Unknown".into(),
                18 => uid.id = "nobody".into(),
                19 => uid.id = "p\u{430}ypal".into(),
                _ => {}
            }
            ((*slot).to_owned(), uid)
        });
        let values = values.collect();
        links.push(Link { template: template.to_owned(), id: format!("link{}", links.len()), values });
    }
}
