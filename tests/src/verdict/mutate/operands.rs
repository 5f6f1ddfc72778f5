//! Changes of operands: types that an operator does not take, or that do not go together.

use deodar_lexicon::builtin::ExtensionType;

use super::{
    super::{policy::Policy, tree::Expr},
    Breaker,
};
use crate::world::literal;

fn record(members: &[(&str, Expr)]) -> Expr {
    Expr::Record(members.iter().map(|(key, member)| ((*key).to_owned(), member.clone())).collect())
}

/// A boolean that no type checker decides.
fn undecided() -> Expr {
    Expr::equal(Expr::Variable("context"), Expr::Variable("context"))
}

pub(super) fn other_type(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let leaf = |node: &Expr| node.operands().is_empty() || matches!(node, Expr::Attribute(..));
    breaker.change(policy, &leaf, |breaker, node| *node = breaker.literal())
}

pub(super) fn wrong_operator(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let (value, other) = (breaker.literal(), breaker.literal());
    let variable = breaker.variable();
    let expr = match breaker.random.below(12) {
        0 => Expr::binary("<", value, other),
        1 => Expr::equal(Expr::binary("+", value, other), Expr::Long(1)),
        2 => Expr::Like(Box::new(value), "*".into()),
        3 => value.has("a"),
        4 => Expr::Is(Box::new(value), breaker.schema.types[0].name()),
        5 => Expr::binary("in", value, other),
        6 => Expr::binary("in", variable, Expr::Set(vec![value])),
        7 => value.method("contains", other),
        8 => {
            let name = *breaker.random.pick(&["containsAll", "containsAny"]);
            value.method(name, other)
        }
        9 => Expr::and(value, other),
        10 => value.method("hasTag", other),
        _ => Expr::Unary(if breaker.random.percent(50) { "!" } else { "-" }, Box::new(value)),
    };
    breaker.inject(policy, expr)
}

pub(super) fn incompatible(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    if breaker.random.percent(30) {
        let is_set = |node: &Expr| matches!(node, Expr::Set(_));
        let changed = breaker.change(policy, &is_set, |breaker, node| {
            let literal = breaker.literal();
            if let Expr::Set(elements) = node {
                elements.push(literal);
            }
        });
        if changed {
            return true;
        }
    }
    let (one, other) = (breaker.literal(), breaker.literal());
    let variable = breaker.variable();
    let expr = match breaker.random.below(6) {
        0 => Expr::Set(vec![one, other]).method("contains", Expr::Long(1)),
        1 => Expr::Set(vec![one]).method("contains", other),
        2 => Expr::Set(vec![one]).method("containsAny", Expr::Set(vec![other])),
        3 => Expr::equal(one, other),
        4 => Expr::equal(variable, other),
        _ => Expr::equal(Expr::conditional(undecided(), one.clone(), other), one),
    };
    breaker.inject(policy, expr)
}

pub(super) fn shapes(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let one = record(&[("a", Expr::Long(1))]);
    let more = record(&[("a", Expr::Long(2)), ("b", Expr::text("x"))]);
    let other = record(&[("a", if breaker.random.percent(40) { Expr::text("x") } else { breaker.literal() })]);
    let read = |base: Expr, name: &str| Expr::equal(base.attribute(name), Expr::Long(1));
    let expr = match breaker.random.below(9) {
        0 => Expr::Method("isEmpty", vec![Expr::Set(vec![one, more])]),
        1 => read(Expr::conditional(undecided(), one, more), "a"),
        2 => read(Expr::conditional(undecided(), one, more), "b"),
        3 => {
            let either = Expr::conditional(undecided(), one, more);
            Expr::and(either.clone().has("b"), Expr::equal(either.attribute("b"), Expr::text("x")))
        }
        4 => read(Expr::conditional(undecided(), one, other), "a"),
        5 => Expr::equal(one, more),
        6 => Expr::equal(one, other),
        7 => Expr::Set(vec![one]).method("contains", more),
        _ => Expr::equal(one, Expr::Variable("context")),
    };
    breaker.inject(policy, expr)
}

pub(super) fn entities(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let (principal, resource) = (Expr::Variable("principal"), Expr::Variable("resource"));
    let one = breaker.entity();
    let either = Expr::conditional(
        undecided(),
        principal.clone(),
        if breaker.random.percent(50) { resource.clone() } else { one.clone() },
    );
    let attribute = breaker.some_attribute().map_or_else(|| "n".to_owned(), |(_, name)| name);
    let expr = match breaker.random.below(9) {
        0 => Expr::binary("in", principal.clone(), Expr::Set(vec![principal, resource])),
        1 => Expr::Set(vec![principal, resource]).method("contains", one),
        2 => Expr::equal(either.clone(), principal),
        3 => Expr::equal(either.clone().attribute(&attribute), either.attribute(&attribute)),
        4 => {
            let read = either.clone().attribute(&attribute);
            Expr::and(either.has(&attribute), Expr::equal(read.clone(), read))
        }
        5 => Expr::Is(Box::new(either), breaker.random.pick(&breaker.schema.types).name()),
        6 => Expr::binary("in", either, one),
        7 => either.method("hasTag", Expr::text("a")),
        _ => Expr::equal(principal, resource),
    };
    breaker.inject(policy, expr)
}

pub(super) fn empty_set(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let empty = || Expr::Set(Vec::new());
    let is_set = |node: &Expr| matches!(node, Expr::Set(_));
    if breaker.random.percent(40) && breaker.change(policy, &is_set, |_, node| *node = empty()) {
        return true;
    }
    let expr = match breaker.random.below(4) {
        0 => Expr::Method("isEmpty", vec![empty()]),
        1 => empty().method("contains", Expr::Long(1)),
        2 => Expr::binary("in", breaker.variable(), empty()),
        _ => Expr::equal(Expr::Set(vec![Expr::Long(1)]), empty()),
    };
    breaker.inject(policy, expr)
}

fn is_constructor(node: &Expr) -> bool {
    matches!(node, Expr::Call(_, arguments) if matches!(arguments.as_slice(), [Expr::Text(_)]))
}

/// A test that calls that constructor.
fn constructed(breaker: &mut Breaker<'_, '_, '_>, arguments: Vec<Expr>, ty: ExtensionType) -> Expr {
    let call = Expr::Call(ty.constructor().name(), arguments);
    if breaker.random.percent(50) { Expr::equal(call.clone(), call) } else { Expr::binary("!=", call.clone(), call) }
}

pub(super) fn computed(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let compute = |breaker: &mut Breaker<'_, '_, '_>, text: Expr| match breaker.random.below(3) {
        0 => Expr::conditional(Expr::Bool(true), text.clone(), text),
        1 => Expr::conditional(undecided(), text.clone(), text),
        _ => record(&[("k", text)]).attribute("k"),
    };
    let changed = breaker.change(policy, &is_constructor, |breaker, node| {
        if let Expr::Call(_, arguments) = node {
            arguments[0] = compute(breaker, arguments[0].clone());
        }
    });
    if changed {
        return true;
    }
    let ty = *breaker.random.pick(&ExtensionType::ALL);
    let text = Expr::text(literal::good_argument(breaker.random, ty));
    let text = compute(breaker, text);
    let expr = constructed(breaker, vec![text], ty);
    breaker.inject(policy, expr)
}

pub(super) fn malformed(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    const MALFORMED: &[&str] = &["", "1", "x", "1.12345", "1.2.3.4/33", "2024-02-30", "1h1d", "1.0 ", "::1::"];
    let bad = *breaker.random.pick(MALFORMED);
    let changed = breaker.change(policy, &is_constructor, |_, node| {
        if let Expr::Call(_, arguments) = node {
            arguments[0] = Expr::text(bad);
        }
    });
    if changed {
        return true;
    }
    let ty = *breaker.random.pick(&ExtensionType::ALL);
    let argument = if breaker.random.percent(80) { Expr::text(bad) } else { Expr::Long(1) };
    let expr = constructed(breaker, vec![argument], ty);
    breaker.inject(policy, expr)
}

pub(super) fn arity(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let is_call = |node: &Expr| match node {
        Expr::Call(..) => true,
        Expr::Method(name, _) => deodar_lexicon::Builtin::from_name(name).is_some(),
        _ => false,
    };
    let spoil = |breaker: &mut Breaker<'_, '_, '_>, arguments: &mut Vec<Expr>| {
        if arguments.len() > 1 && breaker.random.percent(50) {
            arguments.pop();
        } else {
            arguments.push(breaker.literal());
        }
    };
    let changed = breaker.change(policy, &is_call, |breaker, node| match node {
        Expr::Call(_, arguments) if arguments.len() == 1 && breaker.random.percent(30) => arguments.clear(),
        Expr::Call(_, arguments) | Expr::Method(_, arguments) => spoil(breaker, arguments),
        _ => {}
    });
    if changed {
        return true;
    }
    let ty = *breaker.random.pick(&ExtensionType::ALL);
    let text = Expr::text(literal::good_argument(breaker.random, ty));
    let arguments = if breaker.random.percent(30) { Vec::new() } else { vec![text.clone(), text] };
    let expr = constructed(breaker, arguments, ty);
    breaker.inject(policy, expr)
}

pub(super) fn overflow(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let operator = *breaker.random.pick(&["+", "*"]);
    let sum = Expr::binary(operator, Expr::Long(i64::MAX), Expr::Long(2));
    breaker.inject(policy, Expr::binary("<", sum, Expr::Long(1)))
}

pub(super) fn negate(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let boolean = |node: &Expr| matches!(node, Expr::Binary("==" | "in" | "<", _) | Expr::Is(..));
    breaker.change(policy, &boolean, |_, node| *node = node.clone().negated())
}
