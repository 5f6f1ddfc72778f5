//! The literals of policies, by the attribute that they are compared with.
//!
//! `context.tool == "git"` says that "git" is a value of `tool` worth a try. Literals whose attribute is not plain are
//! values of anything.

use std::collections::{BTreeMap, BTreeSet};

use deodar_compiler::uid;
use deodar_grammar::ast::{self, ActionConstraintKind, EntityOrSlot, ExprId, ExprKind, Exprs, PolicySet};
use deodar_lexicon::{Builtin, Pattern, PatternElement, builtin::ExtensionType};
use deodar_runtime::EntityUid;
use smol_str::SmolStr;

use super::aims::Aims;

/// A literal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Literal {
    Long(i64),
    Text(SmolStr),
    Entity(EntityUid),
    Extension(ExtensionType, SmolStr),
}

/// Literals of policies.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    all: BTreeSet<Literal>,
    by_attribute: BTreeMap<SmolStr, BTreeSet<Literal>>,
    /// Keys of tags that are asked for.
    tags: BTreeSet<SmolStr>,
    aims: Aims,
}

impl Literals {
    /// Adds those of a policy, which samples should satisfy, or should not.
    pub(crate) fn add(&mut self, set: &PolicySet, policy: &ast::Policy, applies: bool) {
        self.aims.add(set, policy, applies);
        for constraint in [&policy.scope.principal, &policy.scope.resource] {
            if let Some(EntityOrSlot::Entity(entity)) = constraint.entity() {
                self.all.extend(uid(entity).map(Literal::Entity));
            }
        }
        if let ActionConstraintKind::Equal(entity) | ActionConstraintKind::In(entity) = &policy.scope.action.kind {
            self.all.extend(uid(entity).map(Literal::Entity));
        }
        let mut open: Vec<ExprId> = policy.conditions.iter().map(|condition| condition.body).collect();
        while let Some(id) = open.pop() {
            let kind = set.exprs.kind(id);
            self.add_expression(&set.exprs, kind);
            let is_constructor = matches!(kind, ExprKind::Call { builtin, .. } if builtin.constructs().is_some());
            if !is_constructor {
                kind.for_each_child(|child| open.push(child));
            }
        }
    }

    /// Adds an entity, as the one that a link names.
    pub(crate) fn add_entity(&mut self, uid: &EntityUid) {
        self.all.insert(Literal::Entity(uid.clone()));
    }

    /// The entities.
    pub(super) fn entities(&self) -> impl Iterator<Item = &EntityUid> {
        self.all.iter().filter_map(|literal| match literal {
            Literal::Entity(uid) => Some(uid),
            Literal::Long(_) | Literal::Text(_) | Literal::Extension(..) => None,
        })
    }

    pub(super) fn aims(&self) -> &Aims {
        &self.aims
    }

    pub(super) fn tags(&self) -> impl Iterator<Item = &SmolStr> {
        self.tags.iter()
    }

    /// Those that the attribute is compared with.
    pub(super) fn of_attribute(&self, name: &str) -> impl Iterator<Item = &Literal> {
        self.by_attribute.get(name).into_iter().flatten()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Literal> {
        self.all.iter()
    }

    fn add_expression(&mut self, exprs: &Exprs, kind: &ExprKind) {
        self.all.extend(literal(exprs, kind));
        if let ExprKind::Binary { operator, left, right } = kind {
            use ast::BinaryOperator::{GetTag, HasTag};
            if matches!(operator, HasTag | GetTag) {
                if let ExprKind::String(key) = exprs.kind(*right) {
                    self.tags.insert(key.clone());
                }
                return;
            }
            self.relate(exprs, *left, *right);
            self.relate(exprs, *right, *left);
        }
        if let ExprKind::Like { base, pattern } = kind {
            let texts = instances(pattern);
            self.all.extend(texts.iter().cloned());
            if let Some(name) = attribute(exprs, *base) {
                self.by_attribute.entry(name).or_default().extend(texts);
            }
        }
        if let ExprKind::Call { arguments, .. } = kind
            && let [first, second] = &**arguments
        {
            self.relate(exprs, *first, *second);
            self.relate(exprs, *second, *first);
        }
    }

    /// Notes the literals of one side at the attribute of the other one.
    fn relate(&mut self, exprs: &Exprs, attribute_side: ExprId, literal_side: ExprId) {
        let Some(name) = attribute(exprs, attribute_side) else { return };
        let set = if let ExprKind::Set(elements) = exprs.kind(literal_side) { Some(&elements[..]) } else { None };
        let elements = set.unwrap_or(std::slice::from_ref(&literal_side));
        let found = elements.iter().filter_map(|id| literal(exprs, exprs.kind(*id)));
        self.by_attribute.entry(name).or_default().extend(found);
    }
}

/// The last attribute that an operand reads.
pub(super) fn attribute(exprs: &Exprs, id: ExprId) -> Option<SmolStr> {
    if let ExprKind::Attribute { name, .. } = exprs.kind(id) { Some(name.value.clone()) } else { None }
}

pub(super) fn literal(exprs: &Exprs, kind: &ExprKind) -> Option<Literal> {
    if let ExprKind::Long(value) = kind {
        return Some(Literal::Long(*value));
    }
    if let ExprKind::String(text) = kind {
        return Some(Literal::Text(text.clone()));
    }
    if let ExprKind::Entity(entity) = kind {
        return uid(entity).map(Literal::Entity);
    }
    let ExprKind::Call { builtin, arguments } = kind else { return None };
    let ty = Builtin::constructs(*builtin)?;
    if let ExprKind::String(text) = exprs.kind(*arguments.first()?) {
        return Some(Literal::Extension(ty, text.clone()));
    }
    None
}

/// Texts that a pattern matches.
pub(super) fn instances(pattern: &Pattern) -> [Literal; 2] {
    ["", "x"].map(|wildcard| {
        let mut text = String::new();
        for element in pattern.elements() {
            match element {
                PatternElement::Wildcard => text.push_str(wildcard),
                PatternElement::Char(c) => text.push(*c),
            }
        }
        Literal::Text(text.into())
    })
}
