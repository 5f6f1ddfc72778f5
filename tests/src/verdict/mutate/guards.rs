//! Changes of the tests before optional attributes and tags.

use super::{
    super::{policy::Policy, schema, tree::Expr},
    Breaker,
};

fn is_test(expr: &Expr) -> bool {
    matches!(expr, Expr::Has(..) | Expr::Method("hasTag", _))
}

/// A conjunction that starts with a test.
fn is_guarded(expr: &Expr) -> bool {
    matches!(expr, Expr::Binary("&&", operands) if operands[0].count(&is_test) > 0)
}

/// Replaces the operands of a guarded conjunction.
fn rebuild(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy, f: fn(Expr, Expr) -> Expr) -> bool {
    breaker.change(policy, &is_guarded, |_, node| {
        if let Expr::Binary(_, operands) = node {
            let [guard, rest] = (**operands).clone();
            *node = f(guard, rest);
        }
    })
}

pub(super) fn drop_guard(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let in_conditions = policy.conditions.len() > 1 && policy.conditions[0].body.count(&is_test) > 0;
    if in_conditions && breaker.random.percent(40) {
        policy.conditions.remove(0);
        return true;
    }
    rebuild(breaker, policy, |_, rest| rest)
}

pub(super) fn negate(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    rebuild(breaker, policy, |guard, rest| Expr::and(guard.negated(), rest))
}

pub(super) fn negate_twice(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    rebuild(breaker, policy, |guard, rest| Expr::and(guard.negated().negated(), rest))
}

pub(super) fn disjoin(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    if breaker.random.percent(40) {
        return rebuild(breaker, policy, |guard, rest| {
            let weaker = Expr::or(guard, Expr::equal(Expr::Variable("context"), Expr::Variable("context")));
            Expr::and(weaker, rest)
        });
    }
    if breaker.random.percent(50) {
        return rebuild(breaker, policy, |guard, rest| Expr::or(guard.negated(), rest));
    }
    rebuild(breaker, policy, Expr::or)
}

pub(super) fn compare(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    rebuild(breaker, policy, |guard, rest| Expr::and(Expr::equal(guard, Expr::Bool(true)), rest))
}

pub(super) fn reverse(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    if policy.conditions.len() > 1 && breaker.random.percent(40) {
        policy.conditions.reverse();
        return true;
    }
    rebuild(breaker, policy, |guard, rest| Expr::and(rest, guard))
}

pub(super) fn other_base(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    breaker.change(policy, &is_test, |breaker, node| {
        let other = breaker.variable();
        match node {
            Expr::Has(base, _) => **base = other,
            Expr::Method(_, arguments) => arguments[0] = other,
            _ => {}
        }
    })
}

pub(super) fn other_name(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let Some((_, other)) = breaker.some_attribute() else { return false };
    breaker.change(policy, &|node| matches!(node, Expr::Has(..)), |_, node| {
        if let Expr::Has(_, path) = node
            && deodar_lexicon::name::is_identifier(&other)
            && let Some(last) = path.last_mut()
        {
            last.clone_from(&other);
        }
    })
}

pub(super) fn other_tag(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let changed = breaker.change(policy, &|node| matches!(node, Expr::Method("getTag", _)), |breaker, node| {
        if let Expr::Method(_, arguments) = node {
            arguments[1] = match breaker.random.below(3) {
                0 => Expr::Long(1),
                1 => Expr::conditional(Expr::Bool(true), arguments[1].clone(), Expr::text("b")),
                _ => Expr::text("other"),
            };
        }
    });
    if changed {
        return true;
    }
    let Some(ty) = breaker.schema.types.iter().position(|ty| ty.tags.is_some()) else { return false };
    let name = breaker.schema.types[ty].name();
    let variable = breaker.variable();
    let get = variable.clone().method("getTag", Expr::text("a"));
    let test = Expr::equal(get.clone(), get);
    breaker.inject(policy, Expr::and(Expr::Is(Box::new(variable), name), test))
}

pub(super) fn other_branch(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    breaker.change(policy, &is_guarded, |breaker, node| {
        if let Expr::Binary(_, operands) = node {
            let [guard, rest] = (**operands).clone();
            *node = match breaker.random.below(3) {
                0 => Expr::conditional(guard, Expr::Bool(true), rest),
                1 => Expr::and(Expr::conditional(guard, Expr::Bool(true), Expr::Bool(false)), rest),
                _ => Expr::and(Expr::conditional(rest.clone(), guard, Expr::Bool(false)), rest),
            };
        }
    })
}

/// A tag of an entity type that has none, with the test before it or without.
pub(super) fn tag_without_tags(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let without: Vec<_> = breaker.schema.types.iter().filter(|ty| ty.tags.is_none()).collect();
    if without.is_empty() {
        return false;
    }
    let name = breaker.random.pick(&without).name();
    let variable = breaker.variable();
    let key = Expr::text("a");
    let get = variable.clone().method("getTag", key.clone());
    let test = Expr::equal(get, Expr::Long(1));
    let test = if breaker.random.percent(25) { Expr::and(variable.clone().method("hasTag", key), test) } else { test };
    let is = Expr::Is(Box::new(variable), name);
    let expr = if breaker.random.percent(60) { test } else { Expr::and(is, test) };
    breaker.inject(policy, expr)
}

/// A tag that an expression has until a test in between shows that its type has none. Only least upper bounds of entity
/// types allow that.
pub(super) fn untagged(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let types = &breaker.schema.types;
    let tagged: Vec<_> = types.iter().enumerate().filter(|(_, ty)| ty.tags.is_some()).map(|(index, _)| index).collect();
    let untagged: Vec<_> =
        types.iter().enumerate().filter(|(_, ty)| ty.tags.is_none()).map(|(index, _)| index).collect();
    let Some((_, name)) = breaker.some_attribute() else { return false };
    if tagged.is_empty() || untagged.is_empty() {
        return false;
    }
    let mut entity = |types: &[usize]| {
        let ty = *breaker.random.pick(types);
        Expr::Entity(schema::entity(breaker.random, breaker.schema, ty))
    };
    let (with, without) = (entity(&tagged), entity(&untagged));
    let test = breaker.variable().has(name);
    let either = Expr::conditional(test.clone(), without, with);
    let key = Expr::text("a");
    let get = either.clone().method("getTag", key.clone());
    let read = Expr::and(test, Expr::equal(get.clone(), get));
    breaker.inject(policy, Expr::and(either.method("hasTag", key), read))
}

/// What an `unless` tests does not hold where the conditions after it are evaluated.
pub(super) fn unless(_: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let [first, _, ..] = policy.conditions.as_mut_slice() else { return false };
    let is_guard = first.body.count(&is_test) > 0 && !first.unless;
    first.unless |= is_guard;
    is_guard
}
