//! Checks one policy in every request environment.

use deodar_grammar::ast::{EntityConstraint, ExprId, Exprs, Policy, Scope};
use hashbrown::HashMap;

use super::{
    environment::{ActionClasses, Classifier, Place, Uses},
    expr::{Checked, Checker, Environment},
    finding::{Failure, Found},
    model::{Action, ActionIndex, EntityTypeIndex, Model},
    scope::{self, ActionScope, Verdict},
    table::{ExprRange, TypeTable},
    types::Ty,
};

/// The conditions of a policy in environments that they cannot tell apart.
#[derive(Debug)]
pub(crate) struct ConditionClass {
    /// The types of the expressions.
    pub(crate) table: TypeTable,
    /// Whether the conditions are never met.
    pub(crate) is_false: bool,
    /// Whether nothing is wrong.
    pub(crate) ok: bool,
    found: Vec<Found>,
    /// What may fail although its types are right.
    pub(crate) failures: Vec<Failure>,
    /// The type of the context in the environment that was checked.
    pub(crate) context: Ty,
    /// Whether other environments have another context, which the conditions see nothing of.
    pub(crate) contexts_differ: bool,
    /// The environments; each satisfies the scope, as far as types tell.
    pub(crate) places: Vec<Place>,
}

/// A problem, with the classes in which it was found.
#[derive(Debug)]
pub(crate) struct PolicyProblem {
    pub(crate) found: Found,
    pub(crate) classes: Vec<usize>,
}

/// What checking a policy gives.
#[derive(Debug)]
pub(crate) struct PolicyCheck {
    pub(crate) classes: Vec<ConditionClass>,
    pub(crate) problems: Vec<PolicyProblem>,
    /// The groups of actions that the places refer to.
    pub(crate) groups: Vec<Vec<ActionIndex>>,
    /// Whether no request can satisfy the policy.
    pub(crate) is_impossible: bool,
    /// Whether the scope itself is free of problems.
    pub(crate) scope_ok: bool,
    /// All expressions of the conditions, children before parents.
    pub(crate) exprs: Vec<ExprId>,
}

/// Checks a policy.
pub(crate) fn check(checker: &mut Checker<'_>, actions: &ActionClasses, policy: &Policy) -> PolicyCheck {
    let (model, exprs, mode) = (checker.model, checker.exprs, checker.mode);
    let (range, all) = expressions(exprs, policy);
    let uses = Uses::of(exprs, &all);
    let action_scope = scope::action_scope(model, checker.types, mode, &policy.scope.action);
    let groups = actions.groups(&action_scope, uses.action);
    let mut check = PolicyCheck {
        classes: Vec::new(),
        problems: Vec::new(),
        groups,
        is_impossible: true,
        scope_ok: !matches!(action_scope, ActionScope::Wrong(_)),
        exprs: all,
    };
    let scope = ScopeVerdicts::new(model);
    let mut walk = Walk { checker, policy, range, classifier: Classifier::new(&uses), scope };
    for group in 0..check.groups.len() {
        walk.group(&mut check, group);
    }
    if let ActionScope::Wrong(found) = action_scope
        && principal_may_match(model, policy)
    {
        check.problems.extend(found.into_iter().map(|found| PolicyProblem { found, classes: Vec::new() }));
    }
    collect_problems(&mut check);
    check
}

fn expressions(exprs: &Exprs, policy: &Policy) -> (ExprRange, Vec<ExprId>) {
    ExprRange::below(exprs, policy.conditions.iter().map(|condition| condition.body))
}

/// Whether the constraint on the action is looked at in some environment.
fn principal_may_match(model: &Model<'_>, policy: &Policy) -> bool {
    let may_match = |ty: &EntityTypeIndex| !scope::entity_verdict(model, &policy.scope.principal, *ty).is_false();
    model.actions().any(|(_, action)| !action.resources.is_empty() && action.principals.iter().any(may_match))
}

/// The verdicts of the scope, once for each entity type.
#[derive(Debug)]
struct ScopeVerdicts {
    principals: Vec<Option<Verdict>>,
    resources: Vec<Option<Verdict>>,
}

impl ScopeVerdicts {
    fn new(model: &Model<'_>) -> Self {
        let none = || vec![None; model.n_entity_types()];
        Self { principals: none(), resources: none() }
    }
}

/// The verdict for an entity type, decided when it is first asked for.
fn verdict(
    known: &mut [Option<Verdict>],
    model: &Model<'_>,
    constraint: &EntityConstraint,
    ty: EntityTypeIndex,
) -> Verdict {
    match known.get_mut(ty.position()) {
        Some(slot) => *slot.get_or_insert_with(|| scope::entity_verdict(model, constraint, ty)),
        None => scope::entity_verdict(model, constraint, ty),
    }
}

struct Walk<'w, 'c> {
    checker: &'w mut Checker<'c>,
    policy: &'w Policy,
    range: ExprRange,
    classifier: Classifier<'w>,
    scope: ScopeVerdicts,
}

impl Walk<'_, '_> {
    /// Visits the environments of a group of actions.
    fn group(&mut self, check: &mut PolicyCheck, group: usize) {
        let model = self.checker.model;
        let first = check.groups.get(group).and_then(|group| group.first()).copied();
        let Some((index, action)) = first.and_then(|index| Some((index, model.action(index)?))) else { return };
        let action_ty = model.entity_ty(action.ty);
        for principal in &action.principals {
            let verdict = self.principal(*principal);
            if verdict.is_false() {
                continue;
            }
            let principal_ty = model.entity_ty(*principal);
            for resource in &action.resources {
                let resource_verdict = self.resource(*resource);
                if resource_verdict.is_false() {
                    continue;
                }
                check.scope_ok &= verdict.ok && resource_verdict.ok;
                let environment = Environment {
                    principal: principal_ty,
                    action: index,
                    action_ty,
                    resource: model.entity_ty(*resource),
                    context: action.context,
                };
                self.environment(check, environment, Place { group, principal: *principal, resource: *resource });
            }
        }
    }

    fn principal(&mut self, ty: EntityTypeIndex) -> Verdict {
        verdict(&mut self.scope.principals, self.checker.model, &self.policy.scope.principal, ty)
    }

    fn resource(&mut self, ty: EntityTypeIndex) -> Verdict {
        verdict(&mut self.scope.resources, self.checker.model, &self.policy.scope.resource, ty)
    }

    /// Checks the conditions, unless that was done in an environment that they cannot tell from this one.
    fn environment(&mut self, check: &mut PolicyCheck, environment: Environment, place: Place) {
        let (class, is_new) = self.classifier.class(self.checker.types, &environment);
        if is_new {
            let Checked { answer, found, table, failures } =
                self.checker.conditions(&self.policy.conditions, environment, self.range);
            let is_false = answer.ty == Some(Ty::FALSE);
            check.is_impossible &= is_false;
            let (ok, places) = (answer.ok, Vec::new());
            let context = environment.context;
            let contexts_differ = false;
            let class = ConditionClass { table, is_false, ok, found, failures, context, contexts_differ, places };
            check.classes.push(class);
        }
        if let Some(class) = check.classes.get_mut(class) {
            class.contexts_differ |= class.context != environment.context;
            class.places.push(place);
        }
    }
}

/// Brings equal problems of all classes together, in the order of the source.
fn collect_problems(check: &mut PolicyCheck) {
    let mut positions: HashMap<Found, usize> = HashMap::new();
    for (number, class) in check.classes.iter_mut().enumerate() {
        for found in class.found.drain(..) {
            let next = check.problems.len();
            let position = *positions.entry(found.clone()).or_insert(next);
            if position == next {
                check.problems.push(PolicyProblem { found, classes: Vec::new() });
            }
            if let Some(problem) = check.problems.get_mut(position)
                && problem.classes.last() != Some(&number)
            {
                problem.classes.push(number);
            }
        }
    }
    check.problems.sort_by_key(|problem| problem.found.span);
}

/// Whether some request of the schema can satisfy the scope: an action that applies, with a principal and a resource.
pub(crate) fn scope_applies(model: &Model<'_>, scope: &Scope) -> bool {
    let admits = |constraint, types: &[EntityTypeIndex]| types.iter().any(|ty| scope::admits(model, constraint, *ty));
    let applies = |action: &Action<'_>| {
        admits(&scope.principal, &action.principals) && admits(&scope.resource, &action.resources)
    };
    match scope::matching_actions(model, &scope.action) {
        None => model.actions().any(|(_, action)| applies(action)),
        Some(actions) => actions.iter().filter_map(|action| model.action(*action)).any(applies),
    }
}
