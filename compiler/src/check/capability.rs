//! What is known to be there: the attributes and tags that `has` and `hasTag` have shown.
//!
//! A capability says that an expression has an attribute or a tag. Checking an expression gives the capabilities that
//! hold if it is true; they are in force while what it guards is checked. Both are cheap for chains of thousands of
//! guards: what an expression gives is a tree that is joined without copying, and what is in force is a count for each
//! capability, with a trail to take counts back.

use hashbrown::HashMap;
use smol_str::SmolStr;

use super::form::{Form, FormId, Forms};

/// A capability of one [`Capabilities`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CapabilityId(u32);

/// What an expression is known to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Capability {
    /// The attribute of that name, as a string literal.
    Attribute(FormId, FormId),
    /// A tag whose key is that expression.
    Tag(FormId, FormId),
    /// Being in the store: what has an attribute or a tag is there, and then has all that its type requires.
    Existence(FormId),
}

/// A set of capabilities that an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Given(u32);

impl Given {
    pub(crate) const NOTHING: Self = Self(0);
}

/// A node of a set.
#[derive(Debug, Clone, Copy)]
enum Node {
    Nothing,
    One(CapabilityId),
    Both(Given, Given),
}

/// A point of the trail to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(usize);

/// The capabilities that are given and in force while one source is checked.
#[derive(Debug)]
pub(crate) struct Capabilities {
    ids: HashMap<Capability, CapabilityId>,
    nodes: Vec<Node>,
    /// How often each capability is in force.
    in_force: Vec<u32>,
    trail: Vec<CapabilityId>,
}

impl Capabilities {
    pub(crate) fn new() -> Self {
        Self { ids: HashMap::new(), nodes: vec![Node::Nothing], in_force: Vec::new(), trail: Vec::new() }
    }

    /// Forgets what was given, before another expression is checked.
    pub(crate) fn restart(&mut self) {
        self.nodes.truncate(1);
        self.revoke(Mark(0));
    }

    /// That the expression has the attribute.
    pub(crate) fn attribute(&mut self, forms: &mut Forms, base: FormId, name: &SmolStr) -> CapabilityId {
        let name = forms.intern(Form::String(name.clone()));
        self.intern(Capability::Attribute(base, name))
    }

    /// That the entity has the tag.
    pub(crate) fn tag(&mut self, base: FormId, key: FormId) -> CapabilityId {
        self.intern(Capability::Tag(base, key))
    }

    /// That the entity is in the store.
    pub(crate) fn existence(&mut self, entity: FormId) -> CapabilityId {
        self.intern(Capability::Existence(entity))
    }

    fn intern(&mut self, capability: Capability) -> CapabilityId {
        let next = CapabilityId(u32::try_from(self.in_force.len()).unwrap_or(u32::MAX));
        *self.ids.entry(capability).or_insert_with(|| {
            self.in_force.push(0);
            next
        })
    }

    /// Whether nothing is in force, as in most conditions.
    pub(crate) fn is_idle(&self) -> bool {
        self.trail.is_empty()
    }

    pub(crate) fn is_in_force(&self, capability: CapabilityId) -> bool {
        self.in_force.get(capability.0 as usize).is_some_and(|count| *count > 0)
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.trail.len())
    }

    /// Puts capabilities in force until the trail goes back.
    pub(crate) fn grant(&mut self, given: Given) {
        for capability in self.list(given) {
            if let Some(count) = self.in_force.get_mut(capability.0 as usize) {
                *count += 1;
                self.trail.push(capability);
            }
        }
    }

    /// Takes back what was granted since the mark.
    pub(crate) fn revoke(&mut self, mark: Mark) {
        for capability in self.trail.drain(mark.0.min(self.trail.len())..) {
            if let Some(count) = self.in_force.get_mut(capability.0 as usize) {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// The set of one capability.
    pub(crate) fn one(&mut self, capability: CapabilityId) -> Given {
        self.push(Node::One(capability))
    }

    pub(crate) fn union(&mut self, left: Given, right: Given) -> Given {
        match (left, right) {
            (Given::NOTHING, other) | (other, Given::NOTHING) => other,
            (left, right) => self.push(Node::Both(left, right)),
        }
    }

    pub(crate) fn intersection(&mut self, left: Given, right: Given) -> Given {
        if left == Given::NOTHING || right == Given::NOTHING {
            return Given::NOTHING;
        }
        let (mut left, mut right) = (self.list(left), self.list(right));
        left.sort_unstable();
        left.dedup();
        right.sort_unstable();
        let common = left.into_iter().filter(|capability| right.binary_search(capability).is_ok()).collect::<Vec<_>>();
        common.into_iter().fold(Given::NOTHING, |given, capability| {
            let one = self.one(capability);
            self.union(given, one)
        })
    }

    fn push(&mut self, node: Node) -> Given {
        self.nodes.push(node);
        Given(u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX))
    }

    fn list(&self, given: Given) -> Vec<CapabilityId> {
        let (mut found, mut open) = (Vec::new(), vec![given]);
        while let Some(given) = open.pop() {
            match self.nodes.get(given.0 as usize) {
                None | Some(Node::Nothing) => {}
                Some(Node::One(capability)) => found.push(*capability),
                Some(Node::Both(left, right)) => open.extend([*left, *right]),
            }
        }
        found
    }
}
