//! Levels: how far a policy follows entities (Cedar RFC 76).
//!
//! Reading an attribute or a tag of an entity, or asking what it is in, costs one level more than it costs to get to
//! the entity; the variables of the request are at level zero. A caller that hands over the entities within that many
//! steps of the request gets the same decision as with all entities. The cost of every expression is computed once,
//! whatever the limit, so that the smallest sufficient level of a policy is known too.
//!
//! An entity literal leads anywhere, so nothing may be read of one; the action of the request itself excepted.

use deodar_grammar::{
    Span,
    ast::{
        ActionConstraintKind, BinaryOperator, EntityConstraint, EntityConstraintKind, ExprId, ExprKind, Exprs, Policy,
        Spanned,
    },
};
use hashbrown::HashSet;
use smol_str::SmolStr;

use super::{
    model::{ActionIndex, EntityTypeIndex, Model},
    policy::{ConditionClass, PolicyCheck},
    scope,
    table::TypeTable,
    types::{Kind, Types},
};

/// What it takes to evaluate policies with a part of the entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The entities within that many steps of the request.
    Steps(u32),
    /// No number of steps is enough: an entity literal is dereferenced.
    Unbounded,
}

/// What one expression costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cost {
    pub(crate) span: Span,
    pub(crate) level: Level,
}

/// The costs of a policy above zero, in the order of the source; environments with type errors are left out.
pub(crate) fn costs(
    model: &Model<'_>,
    types: &mut Types,
    exprs: &Exprs,
    policy: &Policy,
    check: &PolicyCheck,
) -> Vec<Cost> {
    let mut costs = scope_costs(model, policy, check);
    for class in &check.classes {
        if !is_counted(check, class) {
            continue;
        }
        let groups = class.places.iter().filter_map(|place| check.groups.get(place.group));
        let actions: Vec<ActionIndex> = groups.flatten().copied().collect();
        let mut walk = Walk { model, types, exprs, table: &class.table, actions, open: Vec::new(), costs };
        for condition in &policy.conditions {
            walk.check(condition.body);
        }
        costs = walk.costs;
    }
    costs.sort_unstable();
    costs.dedup();
    costs
}

/// Whether the environments of the class have no type errors that matter.
fn is_counted(check: &PolicyCheck, class: &ConditionClass) -> bool {
    class.is_false || (class.ok && check.scope_ok)
}

/// `in` in a scope costs one level, if some environment that counts gets to it.
fn scope_costs(model: &Model<'_>, policy: &Policy, check: &PolicyCheck) -> Vec<Cost> {
    let asked = ScopeAsked::of(model, policy, check);
    let parts = [
        (asked.principal, policy.scope.principal.span),
        (asked.action, policy.scope.action.span),
        (asked.resource, policy.scope.resource.span),
    ];
    let parts = parts.into_iter().filter(|(is_asked, _)| *is_asked);
    parts.map(|(_, span)| Cost { span, level: Level::Steps(1) }).collect()
}

/// Which parts of a scope ask for the hierarchy.
#[derive(Debug, Default)]
struct ScopeAsked {
    principal: bool,
    action: bool,
    resource: bool,
}

impl ScopeAsked {
    fn of(model: &Model<'_>, policy: &Policy, check: &PolicyCheck) -> Self {
        let mut asked = Self::default();
        let scope = &policy.scope;
        let asks_action = matches!(scope.action.kind, ActionConstraintKind::In(_) | ActionConstraintKind::InSet(_));
        if !asks_action && !is_in(&scope.principal) && !is_in(&scope.resource) {
            return asked;
        }
        // Where the scope can match, the conditions decide whether the environment counts.
        for place in check.classes.iter().filter(|class| is_counted(check, class)).flat_map(|class| &class.places) {
            asked.principal |= asks(model, &scope.principal, place.principal);
            asked.action |= asks_action;
            asked.resource |= asks(model, &scope.resource, place.resource);
        }
        // Where it cannot, the policy is false, which is no error; what stands before the part that is false is asked.
        let in_scope: HashSet<ActionIndex> = check.groups.iter().flatten().copied().collect();
        for (index, action) in model.actions() {
            for principal in action.principals.iter().filter(|_| !action.resources.is_empty()) {
                let is_false = scope::entity_verdict(model, &scope.principal, *principal).is_false();
                let is_out = !is_false && !in_scope.contains(&index);
                let excludes = |ty: &&EntityTypeIndex| scope::entity_verdict(model, &scope.resource, **ty).is_false();
                let resources = action.resources.iter().filter(|ty| !is_false && !is_out && excludes(ty));
                let resources: Vec<EntityTypeIndex> = resources.copied().collect();
                if is_false || is_out || !resources.is_empty() {
                    asked.principal |= asks(model, &scope.principal, *principal);
                    asked.action |= asks_action && !is_false;
                    asked.resource |= resources.iter().any(|ty| asks(model, &scope.resource, *ty));
                }
            }
        }
        asked
    }
}

fn is_in(constraint: &EntityConstraint) -> bool {
    matches!(constraint.kind, EntityConstraintKind::In(_) | EntityConstraintKind::IsIn(..))
}

/// Whether the constraint asks for the hierarchy above entities of the type: `in` counts only where `is` can hold.
fn asks(model: &Model<'_>, constraint: &EntityConstraint, ty: EntityTypeIndex) -> bool {
    match &constraint.kind {
        EntityConstraintKind::In(_) => true,
        EntityConstraintKind::IsIn(name, _) => model.entity_type(&name.name) == Some(ty),
        EntityConstraintKind::All | EntityConstraintKind::Equal(_) | EntityConstraintKind::Is(_) => false,
    }
}

/// The attributes that will be read of a record, the next one first.
#[derive(Debug, Clone, Copy)]
struct Path(Option<usize>);

/// An expression whose value is dereferenced.
struct Target {
    expr: ExprId,
    path: Path,
    /// Levels from its value on.
    above: u32,
}

struct Walk<'w> {
    model: &'w Model<'w>,
    types: &'w mut Types,
    exprs: &'w Exprs,
    table: &'w TypeTable,
    /// The actions of the environments.
    actions: Vec<ActionIndex>,
    /// Expressions still to look at.
    open: Vec<ExprId>,
    costs: Vec<Cost>,
}

impl<'w> Walk<'w> {
    fn check(&mut self, root: ExprId) {
        self.open.push(root);
        while let Some(expr) = self.open.pop() {
            if !self.table.is_dead(expr) {
                self.expression(expr);
            }
        }
    }

    fn expression(&mut self, expr: ExprId) {
        let kind = self.exprs.kind(expr);
        if let ExprKind::Binary { operator, left, right } = kind
            && let BinaryOperator::In | BinaryOperator::HasTag | BinaryOperator::GetTag = operator
        {
            self.dereference(expr, *left);
            self.open.push(*right);
        } else if let ExprKind::Is { base, within: Some(within), .. } = kind {
            self.open.push(*base);
            if !self.table.is_dead(*within) {
                self.dereference(expr, *base);
                self.open.push(*within);
            }
        } else if let ExprKind::Attribute { base, .. } = kind {
            self.access(expr, *base);
        } else if let ExprKind::Has { base, path } = kind {
            match &**path {
                [_] => self.access(expr, *base),
                path => self.has_path(expr, *base, path),
            }
        } else {
            kind.for_each_child(|child| self.open.push(child));
        }
    }

    /// An attribute of what is neither an entity nor a record was reported as such, and what is below it is not asked.
    fn access(&mut self, expr: ExprId, base: ExprId) {
        match self.table.ty(base).map(|ty| self.types.kind(ty)) {
            Some(Kind::Entity(_)) => self.dereference(expr, base),
            Some(Kind::Record(_)) => self.open.push(base),
            Some(
                Kind::Never
                | Kind::True
                | Kind::False
                | Kind::Bool
                | Kind::Long
                | Kind::String
                | Kind::AnyEntity
                | Kind::Extension(_)
                | Kind::Set(_),
            )
            | None => {}
        }
    }

    fn dereference(&mut self, expr: ExprId, base: ExprId) {
        let level = self.level_of(Target { expr: base, path: Path(None), above: 0 }, &mut Vec::new());
        self.cost(expr, level + 1);
    }

    fn cost(&mut self, expr: ExprId, level: u32) {
        if level > 0 {
            self.costs.push(Cost { span: self.exprs.span(expr), level: Level::Steps(level) });
        }
    }

    /// `base has a.b.c` is one chain: each entity on the way costs a level.
    fn has_path(&mut self, expr: ExprId, base: ExprId, path: &'w [Spanned<SmolStr>]) {
        let Some(root) = self.table.ty(base) else { return self.open.push(base) };
        let is_entity = self.types.entity_types(root).is_some();
        let mut chain = u32::from(is_entity);
        let mut names = Vec::new();
        let mut first_entity = if is_entity { Some(Path(None)) } else { None };
        let mut ty = root;
        for (index, name) in path.iter().enumerate().take(path.len().saturating_sub(1)) {
            let Some(attribute) = self.model.attribute(self.types, ty, &name.value) else { break };
            ty = attribute.ty;
            if self.types.entity_types(ty).is_some() {
                chain += 1;
                first_entity.get_or_insert_with(|| path_of(path.get(..=index).unwrap_or_default(), &mut names));
            }
        }
        if !is_entity {
            self.open.push(base);
        }
        let level = match first_entity {
            Some(path) => self.level_of(Target { expr: base, path, above: 0 }, &mut names),
            None => 0,
        };
        self.cost(expr, level + chain);
    }

    /// The level of the entity that an expression gives. `names` holds the paths.
    fn level_of(&mut self, target: Target, names: &mut Vec<(&'w str, Path)>) -> u32 {
        let (mut targets, mut highest) = (vec![target], 0);
        while let Some(target) = targets.pop() {
            if !self.table.is_dead(target.expr) {
                highest = highest.max(target.above);
                self.target(&target, &mut targets, names);
            }
        }
        highest
    }

    /// Where the value of the expression comes from; a variable is at level zero, and nothing else gives an entity.
    fn target(&mut self, target: &Target, targets: &mut Vec<Target>, names: &mut Vec<(&'w str, Path)>) {
        let Target { expr, path, above } = *target;
        let kind = self.exprs.kind(expr);
        if let ExprKind::Slot(_) = kind {
            self.literal(expr);
        } else if let ExprKind::Entity(entity) = kind {
            let action = self.model.find_action(entity);
            if action.is_none() || self.actions.iter().any(|other| Some(*other) != action) {
                self.literal(expr);
            }
        } else if let ExprKind::If { condition, then, otherwise } = kind {
            self.open.push(*condition);
            targets.extend([*then, *otherwise].map(|expr| Target { expr, path, above }));
        } else if let ExprKind::Attribute { base, name } = kind {
            let ty = self.table.ty(*base).map(|ty| self.types.kind(ty));
            if let Some(Kind::Entity(_)) = ty {
                targets.push(Target { expr: *base, path, above: above + 1 });
            } else if let Some(Kind::Record(_)) = ty {
                names.push((name.value.as_str(), path));
                targets.push(Target { expr: *base, path: Path(Some(names.len() - 1)), above });
            }
        } else if let ExprKind::Binary { operator: BinaryOperator::GetTag, left, right } = kind {
            targets.push(Target { expr: *left, path, above: above + 1 });
            self.open.push(*right);
        } else if let ExprKind::Record(entries) = kind {
            // Only the attribute that is read counts as dereferenced.
            let next = path.0.and_then(|index| names.get(index)).copied();
            for entry in entries {
                match next {
                    Some((name, path)) if entry.key.value == name => {
                        targets.push(Target { expr: entry.value, path, above });
                    }
                    Some(_) | None => self.open.push(entry.value),
                }
            }
        }
    }

    fn literal(&mut self, expr: ExprId) {
        self.costs.push(Cost { span: self.exprs.span(expr), level: Level::Unbounded });
    }
}

/// A path through these attributes.
fn path_of<'w>(attributes: &'w [Spanned<SmolStr>], names: &mut Vec<(&'w str, Path)>) -> Path {
    attributes.iter().rev().fold(Path(None), |path, name| {
        names.push((name.value.as_str(), path));
        Path(Some(names.len() - 1))
    })
}
