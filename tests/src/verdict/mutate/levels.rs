//! Additions that cost dereferences, or that look as if they did.

use super::{
    super::{policy::Policy, schema, tree::Expr},
    Breaker,
};
use crate::world::schema::Ty;

impl Breaker<'_, '_, '_> {
    /// An environment's variable, and the index of its type.
    fn root(&mut self) -> (Expr, usize) {
        let environment = *self.random.pick(&schema::environments(self.schema));
        if self.random.percent(50) {
            (Expr::Variable("principal"), environment.principal)
        } else {
            (Expr::Variable("resource"), environment.resource)
        }
    }

    /// Attributes of entity types, one after the other, with the type of the last one.
    fn walk(&mut self, mut ty: usize, most: usize) -> (Vec<String>, usize) {
        let mut names = Vec::new();
        for _ in 0..most {
            let attributes = &self.schema.types[ty].attributes;
            let next = attributes.iter().filter_map(|attribute| match attribute.ty {
                Ty::Entity(index) => Some((attribute.name.clone(), index)),
                _ => None,
            });
            let next: Vec<_> = next.collect();
            if next.is_empty() {
                break;
            }
            let (name, index) = self.random.pick(&next).clone();
            names.push(name);
            ty = index;
        }
        (names, ty)
    }

    /// What the names lead to, and that expression behind the tests that it needs.
    fn guarded_walk(&mut self, root: &Expr, names: &[String]) -> (Expr, Vec<Expr>) {
        let mut guards = Vec::new();
        let mut at = root.clone();
        for name in names {
            guards.push(at.clone().has(name));
            at = at.attribute(name);
        }
        (at, guards)
    }
}

pub(super) fn chain(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let (root, ty) = breaker.root();
    let length = breaker.random.between(1, 5);
    let (names, _) = breaker.walk(ty, length);
    if names.is_empty() {
        return false;
    }
    let is = Expr::Is(Box::new(root.clone()), breaker.schema.types[ty].name());
    let (end, guards) = breaker.guarded_walk(&root, &names);
    let test = Expr::equal(end.clone(), end);
    let whole = guards.into_iter().fold(is, Expr::and);
    breaker.inject(policy, Expr::and(whole, test))
}

pub(super) fn literal(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let literal = breaker.entity();
    let variable = breaker.variable();
    let name = breaker.some_attribute().map_or_else(|| "n".to_owned(), |(_, name)| name);
    let action = Expr::Entity(breaker.random.pick(&breaker.schema.actions).uid());
    let undecided = Expr::equal(Expr::Variable("context"), Expr::Variable("context"));
    let expr = match breaker.random.below(7) {
        0 => Expr::binary("in", literal, variable),
        1 => Expr::and(
            literal.clone().has(&name),
            Expr::equal(literal.clone().attribute(&name), literal.attribute(name)),
        ),
        2 => literal.has(name),
        3 => literal.method("hasTag", Expr::text("a")),
        4 => Expr::binary("in", action.clone(), action),
        5 => Expr::binary("in", Expr::conditional(undecided, literal.clone(), literal.clone()), literal),
        _ => Expr::binary("in", action, Expr::Variable("action")),
    };
    breaker.inject(policy, expr)
}

pub(super) fn record(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let (root, ty) = breaker.root();
    let (names, _) = breaker.walk(ty, 2);
    let is = Expr::Is(Box::new(root.clone()), breaker.schema.types[ty].name());
    let (end, guards) = breaker.guarded_walk(&root, &names);
    let other = if breaker.random.percent(50) { breaker.entity() } else { end.clone() };
    let wrapped = Expr::Record(vec![("k".into(), end), ("l".into(), other)]);
    let within = breaker.entity();
    let expr = match breaker.random.below(5) {
        0 => Expr::binary("in", wrapped.attribute("k"), within),
        1 => wrapped.attribute("k").has("n"),
        2 => Expr::Has(Box::new(wrapped), vec!["k".into(), "n".into()]),
        3 => {
            Expr::Has(Box::new(Expr::Record(vec![("j".into(), wrapped)])), vec!["j".into(), "l".into(), "owner".into()])
        }
        _ => Expr::binary("in", Expr::Record(vec![("j".into(), wrapped)]).attribute("j").attribute("l"), within),
    };
    let whole = guards.into_iter().fold(is, Expr::and);
    breaker.inject(policy, Expr::and(whole, expr))
}

pub(super) fn within(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let (root, ty) = breaker.root();
    let above = *breaker.random.pick(&schema::ancestors(breaker.schema, ty));
    let entity = Expr::Entity(schema::entity(breaker.random, breaker.schema, above));
    let is = Expr::Is(Box::new(root.clone()), breaker.schema.types[ty].name());
    let (names, _) = breaker.walk(ty, 2);
    let (end, guards) = breaker.guarded_walk(&root, &names);
    let expr = match breaker.random.below(3) {
        0 => Expr::binary("in", root, entity),
        1 => Expr::binary("in", entity, root),
        _ => guards.into_iter().fold(is.clone(), Expr::and).clone(),
    };
    let expr =
        if breaker.random.percent(40) { Expr::and(expr, Expr::binary("in", end, breaker.entity())) } else { expr };
    breaker.inject(policy, Expr::and(is, expr))
}

pub(super) fn extended(breaker: &mut Breaker<'_, '_, '_>, policy: &mut Policy) -> bool {
    let (root, ty) = breaker.root();
    let length = breaker.random.between(1, 4);
    let (mut names, end) = breaker.walk(ty, length);
    let last = breaker.schema.types[end].attributes.first().map_or_else(|| "n".to_owned(), |a| a.name.clone());
    names.push(last.clone());
    names.retain(|name| deodar_lexicon::name::is_identifier(name));
    if breaker.random.percent(15) {
        names.push("nothing".into());
    }
    if names.is_empty() {
        return false;
    }
    let is = Expr::Is(Box::new(root.clone()), breaker.schema.types[ty].name());
    let has = Expr::Has(Box::new(root.clone()), names.clone());
    let (at, _) = breaker.guarded_walk(&root, &names);
    let has = if breaker.random.percent(50) { Expr::and(has, Expr::equal(at.clone(), at)) } else { has };
    let expr = if breaker.random.percent(80) { Expr::and(is, has) } else { has };
    breaker.inject(policy, expr)
}
