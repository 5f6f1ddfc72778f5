//! Policies in parts: a scope that can be changed, and conditions that are trees.

use std::fmt;

use super::tree::Expr;
use crate::question::Uid;

/// A constraint of the principal or the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    /// Any entity.
    Any,
    /// `== E`
    Equal(Target),
    /// `in E`
    In(Target),
    /// `is T`
    Is(String),
    /// `is T in E`
    IsIn(String, Target),
}

/// What a constraint names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An entity.
    Entity(Uid),
    /// The slot of the variable.
    Slot,
}

impl Constraint {
    /// The entity or slot, if it names one.
    pub fn target(&self) -> Option<&Target> {
        match self {
            Self::Any | Self::Is(_) => None,
            Self::Equal(target) | Self::In(target) | Self::IsIn(_, target) => Some(target),
        }
    }

    /// The entity or slot, to be changed.
    pub fn target_mut(&mut self) -> Option<&mut Target> {
        match self {
            Self::Any | Self::Is(_) => None,
            Self::Equal(target) | Self::In(target) | Self::IsIn(_, target) => Some(target),
        }
    }

    /// Whether it has a slot.
    pub fn is_open(&self) -> bool {
        self.target() == Some(&Target::Slot)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, variable: &str) -> fmt::Result {
        let show = |target: &Target| match target {
            Target::Entity(uid) => uid.to_string(),
            Target::Slot => format!("?{variable}"),
        };
        match self {
            Self::Any => f.write_str(variable),
            Self::Equal(target) => write!(f, "{variable} == {}", show(target)),
            Self::In(target) => write!(f, "{variable} in {}", show(target)),
            Self::Is(ty) => write!(f, "{variable} is {ty}"),
            Self::IsIn(ty, target) => write!(f, "{variable} is {ty} in {}", show(target)),
        }
    }
}

/// A constraint of the action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionConstraint {
    /// Any action.
    Any,
    /// `== A`
    Equal(Uid),
    /// `in A`
    In(Uid),
    /// `in […]`
    InList(Vec<Uid>),
}

impl ActionConstraint {
    /// The actions it names, to be changed.
    pub fn uids_mut(&mut self) -> Vec<&mut Uid> {
        match self {
            Self::Any => Vec::new(),
            Self::Equal(uid) | Self::In(uid) => vec![uid],
            Self::InList(uids) => uids.iter_mut().collect(),
        }
    }
}

impl fmt::Display for ActionConstraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("action"),
            Self::Equal(uid) => write!(f, "action == {uid}"),
            Self::In(uid) => write!(f, "action in {uid}"),
            Self::InList(uids) => {
                let uids: Vec<_> = uids.iter().map(Uid::to_string).collect();
                write!(f, "action in [{}]", uids.join(", "))
            }
        }
    }
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Whether it is an `unless`.
    pub unless: bool,
    /// What must hold, or not.
    pub body: Expr,
}

/// A policy or template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether it forbids.
    pub forbid: bool,
    /// Who.
    pub principal: Constraint,
    /// What.
    pub action: ActionConstraint,
    /// On what.
    pub resource: Constraint,
    /// On which conditions.
    pub conditions: Vec<Condition>,
}

impl Policy {
    /// The slots of a template; none for a policy.
    pub fn slots(&self) -> Vec<&'static str> {
        let slots = [("?principal", &self.principal), ("?resource", &self.resource)];
        slots.into_iter().filter(|(_, constraint)| constraint.is_open()).map(|(slot, _)| slot).collect()
    }

    /// Calls `f` on the node with that number among those of all conditions that satisfy the predicate.
    pub fn change_nth(&mut self, predicate: &dyn Fn(&Expr) -> bool, mut nth: usize, f: &mut dyn FnMut(&mut Expr)) {
        for condition in &mut self.conditions {
            let count = condition.body.count(predicate);
            if nth < count {
                return condition.body.change_nth(predicate, nth, f);
            }
            nth -= count;
        }
    }

    /// How many nodes of the conditions satisfy the predicate.
    pub fn count(&self, predicate: &dyn Fn(&Expr) -> bool) -> usize {
        self.conditions.iter().map(|condition| condition.body.count(predicate)).sum()
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.forbid { "forbid (" } else { "permit (" })?;
        self.principal.write(f, "principal")?;
        write!(f, ", {}, ", self.action)?;
        self.resource.write(f, "resource")?;
        f.write_str(")")?;
        for Condition { unless, body } in &self.conditions {
            write!(f, "\n  {} {{ {body} }}", if *unless { "unless" } else { "when" })?;
        }
        f.write_str(";\n")
    }
}
