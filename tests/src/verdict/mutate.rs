//! Changes of a policy that break one thing, and a few that only look as if they did.
//!
//! Each row of [`MUTATIONS`] is a change with how often it is tried. A change that finds no place in the policy does
//! nothing, and another one is tried.

mod guards;
mod levels;
mod names;
mod operands;
mod scope;

use super::{
    policy::{Condition, Policy},
    tree::Expr,
};
use crate::world::{Random, schema::Schema};

/// Where changes get their choices and names from.
pub struct Breaker<'b, 'r, 'u> {
    /// Where choices come from.
    pub random: &'b mut Random<'r, 'u>,
    /// The schema.
    pub schema: &'b Schema,
}

/// A change; false if it found no place.
type Change = fn(&mut Breaker<'_, '_, '_>, &mut Policy) -> bool;

/// The changes, and how often each is tried.
pub const MUTATIONS: &[(&str, usize, Change)] = &[
    ("drop a guard", 9, guards::drop_guard),
    ("negate a guard", 4, guards::negate),
    ("negate a guard twice", 2, guards::negate_twice),
    ("guard with ||", 3, guards::disjoin),
    ("guard with unless", 12, guards::unless),
    ("compare a guard with true", 3, guards::compare),
    ("guard too late", 3, guards::reverse),
    ("guard another entity", 4, guards::other_base),
    ("guard another attribute", 3, guards::other_name),
    ("another tag", 6, guards::other_tag),
    ("use a guarded attribute in the else branch", 6, guards::other_branch),
    ("tag of a type that loses its tags", 12, guards::untagged),
    ("tag of a type without tags", 6, guards::tag_without_tags),
    ("misspell an attribute", 6, names::attribute),
    ("misspell a tested attribute", 3, names::tested_attribute),
    ("attribute of another entity", 3, names::other_variable),
    ("unknown entity type", 7, names::entity_type),
    ("unknown action", 7, names::action),
    ("id that is not in the enumeration", 9, names::enumeration),
    ("odd characters in a string", 17, names::string),
    ("odd characters in an identifier", 16, names::identifier),
    ("operand of another type", 7, operands::other_type),
    ("operator on the wrong type", 6, operands::wrong_operator),
    ("types that do not go together", 9, operands::incompatible),
    ("records of several shapes", 5, operands::shapes),
    ("several entity types", 5, operands::entities),
    ("empty set", 7, operands::empty_set),
    ("constructor of something computed", 7, operands::computed),
    ("malformed argument of a constructor", 7, operands::malformed),
    ("wrong number of arguments", 8, operands::arity),
    ("overflow", 3, operands::overflow),
    ("negate the condition", 2, operands::negate),
    ("widen the scope", 6, scope::widen),
    ("scope that no action fits", 7, scope::inapplicable),
    ("unknown name in the scope", 4, scope::unknown),
    ("empty list in the scope", 2, scope::empty),
    ("swap when and unless", 3, scope::swap),
    ("long chain", 4, levels::chain),
    ("dereference of a literal", 5, levels::literal),
    ("record between dereferences", 4, levels::record),
    ("hierarchy test", 4, levels::within),
    ("extended has", 5, levels::extended),
];

/// Changes one thing, and says which.
pub fn mutate(random: &mut Random<'_, '_>, schema: &Schema, policy: &mut Policy) -> Option<&'static str> {
    let weights: Vec<_> = MUTATIONS.iter().map(|(_, weight, _)| *weight).collect();
    for _ in 0..6 {
        let (name, _, change) = MUTATIONS[random.weighted(&weights)];
        if change(&mut Breaker { random, schema }, policy) {
            return Some(name);
        }
    }
    None
}

impl Breaker<'_, '_, '_> {
    /// Changes one of the nodes that satisfy the predicate; false if none does.
    fn change(
        &mut self,
        policy: &mut Policy,
        predicate: &dyn Fn(&Expr) -> bool,
        mut f: impl FnMut(&mut Self, &mut Expr),
    ) -> bool {
        let count = policy.count(predicate);
        if count == 0 {
            return false;
        }
        let nth = self.random.below(count);
        policy.change_nth(predicate, nth, &mut |node| f(self, node));
        true
    }

    /// Adds a boolean to the conditions, where it is evaluated or, sometimes, where it is not.
    fn inject(&mut self, policy: &mut Policy, expr: Expr) -> bool {
        let expr = if self.random.percent(22) { self.dead(expr) } else { expr };
        let last = policy.conditions.len().checked_sub(1);
        match (last, self.random.below(6)) {
            (None, _) | (_, 0) => {
                policy.conditions.push(Condition { unless: self.random.percent(20), body: expr });
            }
            (Some(last), form) => {
                let body = &mut policy.conditions[last].body;
                let old = std::mem::replace(body, Expr::Bool(true));
                *body = match form {
                    1 => Expr::and(expr, old),
                    2 | 3 => Expr::and(old, expr),
                    4 => Expr::or(old, expr),
                    _ => Expr::conditional(old, expr, Expr::Bool(false)),
                };
            }
        }
        true
    }

    /// The same where it has no effect: a type checker must not look at its types, but at its names.
    fn dead(&mut self, expr: Expr) -> Expr {
        let never = || {
            let variable = Expr::Variable("principal");
            Expr::Is(Box::new(variable), "Unlikely".into())
        };
        match self.random.below(7) {
            0 => Expr::and(Expr::Bool(false), expr),
            1 => Expr::or(Expr::Bool(true), expr),
            2 => Expr::conditional(Expr::Bool(true), Expr::Bool(true), expr),
            3 => Expr::conditional(Expr::Bool(false), expr, Expr::Bool(true)),
            4 => Expr::and(Expr::equal(Expr::Long(1), Expr::Long(2)), expr),
            5 if self.random.percent(20) => Expr::and(never(), expr),
            5 => {
                let ty = self.random.pick(&self.schema.types).name();
                Expr::and(Expr::Is(Box::new(Expr::Variable("resource")), ty), expr)
            }
            _ => Expr::and(Expr::Variable("principal").has("nothing"), expr),
        }
    }

    /// The principal or the resource.
    fn variable(&mut self) -> Expr {
        let name = *self.random.pick(&["principal", "resource"]);
        Expr::Variable(name)
    }

    /// A literal of some type.
    fn literal(&mut self) -> Expr {
        match self.random.below(6) {
            0 => Expr::Bool(self.random.percent(50)),
            1 => Expr::Long(1),
            2 => Expr::text("a"),
            3 => Expr::Set(vec![Expr::Long(1)]),
            4 => Expr::Record(vec![("a".into(), Expr::Long(1))]),
            _ => self.entity(),
        }
    }

    /// An entity of some type.
    fn entity(&mut self) -> Expr {
        let ty = self.random.below(self.schema.types.len());
        Expr::Entity(super::schema::entity(self.random, self.schema, ty))
    }

    /// The name of some attribute of the schema, and the index of a type that has it.
    fn some_attribute(&mut self) -> Option<(usize, String)> {
        let all = self
            .schema
            .types
            .iter()
            .enumerate()
            .flat_map(|(index, ty)| ty.attributes.iter().map(move |attribute| (index, attribute.name.clone())));
        let all: Vec<_> = all.collect();
        if all.is_empty() { None } else { Some(self.random.pick(&all).clone()) }
    }
}
