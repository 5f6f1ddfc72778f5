//! Edits of one policy, and the copy of the tree that they make.

use std::collections::BTreeMap;

use deodar_grammar::ast::{
    ActionConstraintKind, Effect, EntityConstraintKind, ExprId, ExprKind, Exprs, Policy, PolicySet, TooDeep,
    UnaryOperator,
};
use deodar_runtime::ScopePart;

/// One change of a policy. Expressions are those of its set.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    /// The copy is what is wanted.
    Nothing,
    DropPolicy,
    FlipEffect,
    DropCondition(usize),
    /// What the scope says of the principal or the resource.
    Entity(ScopePart, EntityConstraintKind),
    Action(ActionConstraintKind),
    /// The expression becomes another node over children that it has.
    Replace(ExprId, ExprKind),
    /// The same, and what it loses is the last one.
    Without(ExprId, ExprKind, ExprId),
    /// The expression becomes one of its children, and what it loses is the other one.
    Become(ExprId, ExprId, ExprId),
    Negate(ExprId),
}

impl Edit {
    pub(super) fn apply(&self, set: &PolicySet, policy: &Policy) -> Option<PolicySet> {
        let mut policy = policy.clone();
        match self {
            Self::FlipEffect => {
                policy.effect.value = match policy.effect.value {
                    Effect::Permit => Effect::Forbid,
                    Effect::Forbid => Effect::Permit,
                }
            }
            Self::DropCondition(position) => {
                policy.conditions.remove(*position);
            }
            Self::Entity(ScopePart::Principal, kind) => policy.scope.principal.kind = kind.clone(),
            Self::Entity(ScopePart::Resource | ScopePart::Action, kind) => policy.scope.resource.kind = kind.clone(),
            Self::Action(kind) => policy.scope.action.kind = kind.clone(),
            Self::Nothing
            | Self::DropPolicy
            | Self::Replace(..)
            | Self::Without(..)
            | Self::Become(..)
            | Self::Negate(_) => {}
        }
        let exprs = self.copy(&set.exprs, &mut policy).ok()?;
        let is_dropped = matches!(self, Self::DropPolicy);
        let policies = if is_dropped { Vec::new() } else { vec![policy] };
        let (links, comments) = (Vec::new(), Vec::new());
        Some(PolicySet { source: set.source, dialect: set.dialect, policies, links, exprs, comments })
    }

    /// The expressions of the policy in an arena of their own, changed.
    fn copy(&self, exprs: &Exprs, policy: &mut Policy) -> Result<Exprs, TooDeep> {
        let mut needed = BTreeMap::new();
        let mut open: Vec<ExprId> = policy.conditions.iter().map(|condition| self.target(condition.body)).collect();
        while let Some(id) = open.pop() {
            let kind = self.kind(exprs, id);
            kind.for_each_child(|child| open.push(self.target(child)));
            needed.insert(id, kind);
        }
        let mut copied = Exprs::default();
        let mut ids: BTreeMap<ExprId, ExprId> = BTreeMap::new();
        // I2: children come before their parents.
        for (id, kind) in needed {
            let kind = kind.map_children(|child| ids.get(&self.target(child)).copied().unwrap_or(child));
            let mut new = copied.push(kind, exprs.span(id))?;
            if matches!(self, Self::Negate(negated) if *negated == id) {
                new = copied.push(ExprKind::Unary(UnaryOperator::Not, new), exprs.span(id))?;
            }
            ids.insert(id, new);
        }
        for condition in &mut policy.conditions {
            let body = self.target(condition.body);
            condition.body = ids.get(&body).copied().unwrap_or(body);
        }
        Ok(copied)
    }

    fn target(&self, id: ExprId) -> ExprId {
        if let Self::Become(from, to, _) = self
            && *from == id
        {
            return *to;
        }
        id
    }

    fn kind(&self, exprs: &Exprs, id: ExprId) -> ExprKind {
        if let Self::Replace(from, kind) | Self::Without(from, kind, _) = self
            && *from == id
        {
            return kind.clone();
        }
        exprs.kind(id).clone()
    }
}
