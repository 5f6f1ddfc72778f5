//! The policies of an engine: one after the other, and what they do when their scope matches.
//!
//! A *body* is an effect with conditions. All links of a template have one body, and so have policies whose conditions
//! compiled to the same code, as generated policies do; so a body that several candidates of a request share is
//! evaluated once.

use hashbrown::HashMap;

use super::Engine;
use crate::{
    index::Indexed,
    instruction::{CodeAddress, Instruction, Variable},
    link::{Linked, LinkedActions, LinkedConstraint, LinkedScope},
    pool::Lookup,
    program::{Condition, ConditionKind, Effect, Policy, Program, ProgramParts},
    quick::{self, Quick},
};

/// One policy as the slow path and reports see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PolicyView<'e> {
    pub(crate) number: u32,
    pub(crate) id: &'e str,
    /// The policy, or the template that it was made from.
    pub(crate) policy: &'e Policy,
    pub(crate) principal: LinkedConstraint,
    pub(crate) action: &'e LinkedActions,
    pub(crate) resource: LinkedConstraint,
}

impl Engine {
    /// All policies, in order: those of the program, then links.
    pub(crate) fn policies(&self) -> impl Iterator<Item = PolicyView<'_>> {
        let statics = self.program.policies().len();
        (0..statics.saturating_add(self.links.len())).filter_map(|at| self.policy(u32::try_from(at).ok()?))
    }

    /// The policy at a position; none if it was unlinked.
    pub(crate) fn policy(&self, number: u32) -> Option<PolicyView<'_>> {
        let (at, statics) = (number as usize, self.program.policies().len());
        if let Some(policy) = self.program.policies().get(at) {
            let LinkedScope { principal, action, resource } = self.scopes.get(at)?;
            let (principal, resource) = (*principal, *resource);
            return Some(PolicyView { number, id: &policy.id, policy, principal, action, resource });
        }
        let link = self.links.get(at.checked_sub(statics)?)?;
        let policy = self.program.templates().get(link.template as usize)?;
        let action = &self.scopes.get(statics + link.template as usize)?.action;
        let id = self.entities.pool().string(link.id);
        Some(PolicyView { number, id, policy, principal: link.principal, action, resource: link.resource })
    }
}

/// An effect with conditions.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) effect: Effect,
    pub(crate) conditions: Box<[Condition]>,
    /// All conditions in one, if they have such a form.
    pub(crate) quick: Option<Quick>,
    /// Else for each condition its quick form, if it has one.
    pub(crate) each: Box<[Option<Quick>]>,
    /// Whether the code of some condition reads the context.
    pub(crate) reads_context: bool,
    /// Whether several policies have it.
    pub(crate) shared: bool,
}

/// The bodies of all policies and templates.
#[derive(Debug, Default)]
pub(crate) struct Bodies {
    list: Vec<Body>,
    /// For each policy, and for each template behind them.
    of: Vec<u32>,
    policies: usize,
    /// Whether some policy or template forbids.
    pub(crate) some_forbid: bool,
}

type Key = (Effect, Vec<(ConditionKind, u16, Vec<Instruction>)>);

impl Bodies {
    pub(crate) fn new(program: &Program, linked: &Linked) -> Self {
        let mut bodies = Self { policies: program.policies().len(), ..Self::default() };
        let mut known: HashMap<Key, u32> = HashMap::new();
        // Links of a template have its conditions, whose code need not be read again.
        let mut places: HashMap<(Effect, Vec<(ConditionKind, CodeAddress)>), u32> = HashMap::new();
        for policy in program.policies().iter().chain(program.templates()) {
            let starts = policy.conditions.iter().map(|condition| (condition.kind, condition.code.start));
            let place = (policy.effect, starts.collect());
            let body = match places.get(&place) {
                Some(body) => *body,
                None => {
                    *known.entry(key(program, policy)).or_insert_with(|| bodies.add(policy, program.parts(), linked))
                }
            };
            places.insert(place, body);
            bodies.of.push(body);
        }
        bodies.mark_shared();
        bodies
    }

    fn add(&mut self, policy: &Policy, parts: &ProgramParts, linked: &Linked) -> u32 {
        self.some_forbid |= policy.effect == Effect::Forbid;
        let each = policy.conditions.iter();
        let each = each.map(|condition| (condition.kind, quick::recognise(parts, linked, condition.code)));
        let each: Vec<_> = each.collect();
        let quick = Quick::all(&each);
        let each = if quick.is_some() { [].into() } else { each.into_iter().map(|(_, quick)| quick).collect() };
        let (effect, conditions) = (policy.effect, policy.conditions.clone());
        let reads_context = policy.conditions.iter().any(|condition| reads_context(parts, condition));
        self.list.push(Body { effect, conditions, quick, each, reads_context, shared: false });
        u32::try_from(self.list.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn mark_shared(&mut self) {
        let mut counts = vec![0u32; self.list.len()];
        for (at, body) in self.of.iter().enumerate() {
            if let Some(count) = counts.get_mut(*body as usize) {
                // A template may be linked any number of times.
                *count += if at < self.policies { 1 } else { 2 };
            }
        }
        for (body, count) in self.list.iter_mut().zip(counts) {
            body.shared = count > 1 && !body.conditions.is_empty();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    #[inline]
    pub(crate) fn get(&self, body: u32) -> Option<&Body> {
        self.list.get(body as usize)
    }

    pub(crate) fn of_template(&self, template: u32) -> u32 {
        self.of.get(self.policies + template as usize).copied().unwrap_or(u32::MAX)
    }

    /// The policies of the program for the index.
    pub(crate) fn indexed<'s>(&'s self, scopes: &'s [LinkedScope]) -> impl Iterator<Item = Indexed<'s>> {
        scopes.iter().zip(&self.of).map(|(scope, body)| self.one_indexed(scope, *body))
    }

    pub(crate) fn one_indexed<'s>(&'s self, scope: &'s LinkedScope, body: u32) -> Indexed<'s> {
        Indexed { scope, body, quick: self.get(body).and_then(|body| body.quick.as_ref()) }
    }
}

fn reads_context(parts: &ProgramParts, condition: &Condition) -> bool {
    let code = parts.code.get(condition.code.start.0 as usize..condition.code.end.0 as usize);
    let is_context = |i: &Instruction| matches!(i, Instruction::Variable { variable: Variable::Context, .. });
    code.is_none_or(|code| code.iter().any(is_context))
}

/// What makes two bodies equal: effect and code, wherever the code lies.
fn key(program: &Program, policy: &Policy) -> Key {
    let code = &program.parts().code;
    let conditions = policy.conditions.iter().map(|condition| {
        let range = condition.code.start.0 as usize..condition.code.end.0 as usize;
        let relative = |instruction: &Instruction| instruction.moved_back(condition.code.start);
        let code = code.get(range).unwrap_or_default().iter().map(relative).collect();
        (condition.kind, condition.code.registers, code)
    });
    (policy.effect, conditions.collect())
}
