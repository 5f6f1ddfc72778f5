//! Changes of names: what the schema does not declare, and what does not look like what it is.

use super::{
    super::{policy::Policy, tree::Expr},
    Breaker,
};
use crate::question::Uid;

/// Mixed scripts, a change of direction, a letter outside of the profile for identifiers.
const ODD: &[&str] = &[
    "p\u{430}ypal",
    "say_\u{4bb}ello",
    "a\u{202e}b",
    "\u{2066}x\u{2069}",
    "\u{202d}left",
    "\u{430}\u{431}",
    "na\u{ef}ve",
    "x\u{1d41a}y",
    "\u{2460}one",
    "a\u{200b}b",
    "\u{1f980}",
    "\u{3b1}bc",
    "\u{ff41}bc",
    "tab\there",
];

pub(super) fn attribute(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let changed = breaker.change(policy, &|node| matches!(node, Expr::Attribute(..)), |breaker, node| {
        if let Expr::Attribute(_, name) = node {
            if breaker.random.percent(50) {
                name.push('x');
            } else if let Some((_, other)) = breaker.some_attribute() {
                *name = other;
            }
        }
    });
    if changed {
        return true;
    }
    let read = breaker.variable().attribute("nothing");
    breaker.inject(policy, Expr::equal(read.clone(), read))
}

pub(super) fn tested_attribute(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    breaker.change(policy, &|node| matches!(node, Expr::Has(..)), |breaker, node| {
        if let Expr::Has(_, path) = node {
            let at = breaker.random.below(path.len());
            path[at] = "nothing".into();
        }
    })
}

pub(super) fn other_variable(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    breaker.change(policy, &|node| matches!(node, Expr::Variable(_)), |breaker, node| {
        let other = *breaker.random.pick(&["principal", "action", "resource", "context"]);
        *node = Expr::Variable(other);
    })
}

fn names_a_type(expr: &Expr) -> bool {
    matches!(expr, Expr::Entity(_) | Expr::Is(..) | Expr::IsIn(..))
}

pub(super) fn entity_type(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let unknown = *breaker.random.pick(&["Unknown", "Usr", "App::Unknown", "Action2"]);
    if breaker.random.percent(50) {
        let changed = breaker.change(policy, &names_a_type, |_, node| match node {
            Expr::Entity(uid) => uid.ty = unknown.into(),
            Expr::Is(_, ty) | Expr::IsIn(_, ty) => *ty = unknown.into(),
            _ => {}
        });
        if changed {
            return true;
        }
    }
    let variable = breaker.variable();
    let literal = Expr::Entity(Uid::new(unknown, "a"));
    let expr = match breaker.random.below(3) {
        0 => Expr::Is(Box::new(variable), unknown.into()),
        1 => Expr::binary("in", variable, literal),
        _ => Expr::equal(variable, literal),
    };
    breaker.inject(policy, expr)
}

pub(super) fn action(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let known = breaker.random.pick(&breaker.schema.actions).uid();
    let ty = if breaker.random.percent(20) { "Other::Action".into() } else { known.ty };
    let unknown = Expr::Entity(Uid::new(ty, "vew"));
    let action = Expr::Variable("action");
    let expr = match breaker.random.below(4) {
        0 => Expr::equal(action, unknown),
        1 => Expr::binary("in", action, unknown),
        2 => Expr::binary("in", action, Expr::Set(vec![unknown])),
        _ => Expr::binary("!=", unknown, action),
    };
    breaker.inject(policy, expr)
}

pub(super) fn enumeration(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let enums: Vec<_> = breaker.schema.types.iter().filter(|ty| ty.ids.is_some()).collect();
    if enums.is_empty() {
        return false;
    }
    let name = breaker.random.pick(&enums).name();
    let literal = |id: &str| Expr::Entity(Uid::new(name.clone(), id));
    let id = *breaker.random.pick(&["green", "A", ""]);
    let variable = breaker.variable();
    let expr = match breaker.random.below(4) {
        0 => Expr::equal(literal(id), literal("a")),
        1 => Expr::equal(variable, literal(id)),
        2 => Expr::binary("in", variable, literal(id)),
        _ => Expr::Set(vec![literal("a"), literal(id)]).method("contains", literal("b")),
    };
    breaker.inject(policy, expr)
}

pub(super) fn string(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let odd = *breaker.random.pick(ODD);
    let text = Expr::text(odd);
    let expr = match breaker.random.below(4) {
        0 => Expr::Like(Box::new(Expr::text("a")), format!("*{odd}")),
        1 => Expr::equal(text.clone(), text),
        2 => Expr::binary("!=", text, Expr::text("a")),
        _ => Expr::Set(vec![text]).method("contains", Expr::text("x")),
    };
    breaker.inject(policy, expr)
}

pub(super) fn identifier(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let odd = *breaker.random.pick(ODD);
    let variable = breaker.variable();
    let open: Vec<_> = breaker.schema.types.iter().filter(|ty| ty.ids.is_none()).collect();
    if breaker.random.percent(25)
        && let Some(super::super::policy::Target::Entity(uid)) = policy.principal.target_mut()
    {
        uid.id = odd.into();
        return true;
    }
    let expr = match breaker.random.below(4) {
        0 => variable.has(odd),
        1 => {
            let member = Expr::Record(vec![(odd.into(), Expr::Long(1))]);
            Expr::binary("<", member.attribute(odd), Expr::Long(2))
        }
        2 => Expr::equal(
            Expr::Record(vec![(odd.into(), Expr::Long(1))]),
            Expr::Record(vec![(odd.into(), Expr::Long(1))]),
        ),
        _ if open.is_empty() => variable.has(odd),
        _ => {
            let ty = breaker.random.pick(&open).name();
            Expr::equal(variable, Expr::Entity(Uid::new(ty, odd)))
        }
    };
    breaker.inject(policy, expr)
}
