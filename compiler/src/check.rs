//! The type checker: policies against a schema.
//!
//! A schema lists the kinds of requests that can happen, the request environments: principal type, action, resource
//! type. A policy is checked in each of them and is wrong if it is wrong in any. What a policy cannot tell apart is
//! checked once ([`environment`]); an expression is checked by one rule for its kind ([`expr`]); what is wrong is kept
//! as data until it is reported ([`finding`], `report::check`).
//!
//! The rules and verdicts are those of Cedar's validator, strict and permissive, with levels (Cedar RFC 76).

mod analysis;
mod capability;
mod confusable;
mod environment;
mod expr;
mod finding;
mod form;
mod level;
mod link;
mod literal;
mod model;
mod policy;
mod scope;
mod table;
mod types;

#[cfg(test)]
mod tests;

use deodar_grammar::{
    Diagnostic,
    ast::{ConditionKind, ExprKind, Policy, PolicySet},
};
use hashbrown::HashMap;
use smol_str::SmolStr;

use self::{analysis::Names, environment::ActionClasses, expr::Checker, level::Cost, policy::PolicyProblem};
pub use self::{
    analysis::{Analysis, EnvironmentClass, PolicyAnalysis, RequestKind, StaticType},
    finding::{Failure, FailureKind},
    level::Level,
    types::Mode,
};
pub(crate) use self::{
    finding::{Expected, Found, Meeting, Problem, Role},
    form::{Form, FormId, Forms},
    model::{ActionIndex, EntityTypeIndex, Model},
    policy::{ConditionClass, PolicyCheck},
    scope::matching_actions,
    table::{ExprRange, Typing},
    types::{Kind, Mismatch, Ty, Types},
};
use crate::{
    Schema,
    report::check::{self as report, Describe},
};

/// How policies are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckOptions {
    /// How strict the rules are.
    pub mode: Mode,
    /// How many steps from the request entities may be read (Cedar RFC 76); absent means any number.
    pub level: Option<u32>,
}

/// Checks policy sets, each from one source, against a schema.
///
/// There is an answer for every tree: what was reported as an error when the text was read is skipped.
pub fn check(sets: &[&PolicySet], schema: &Schema, options: CheckOptions) -> Analysis {
    let mut analysis = Analysis::default();
    if !schema.is_complete() {
        for policy in sets.iter().flat_map(|set| &set.policies) {
            analysis.findings.push((policy.id.clone(), report::incomplete_schema(schema, policy)));
        }
        return analysis;
    }
    let mut types = Types::new();
    let model = Model::new(schema, &mut types);
    let actions = ActionClasses::new(&model);
    for set in sets {
        check_set(set, &model, &actions, &mut types, options, &mut analysis);
    }
    let templates: HashMap<&SmolStr, &Policy> =
        sets.iter().flat_map(|set| &set.policies).map(|policy| (&policy.id, policy)).collect();
    for link in sets.iter().flat_map(|set| &set.links) {
        let diagnostics = link::check(&model, link, templates.get(&link.template.value).copied());
        analysis.findings.extend(diagnostics.into_iter().map(|diagnostic| (link.id.value.clone(), diagnostic)));
    }
    analysis.findings.sort_by_key(|(_, diagnostic)| diagnostic.span());
    analysis.names = Names::of(&model);
    analysis.types = types;
    analysis
}

fn check_set(
    set: &PolicySet,
    model: &Model<'_>,
    actions: &ActionClasses,
    types: &mut Types,
    options: CheckOptions,
    analysis: &mut Analysis,
) {
    let mut checker = Checker::new(&set.exprs, model, types, options.mode);
    for policy in &set.policies {
        let check = policy::check(&mut checker, actions, policy);
        let costs = level::costs(model, checker.types, &set.exprs, policy, &check);
        let describe = Describe { model, types: checker.types, exprs: &set.exprs };
        let mut diagnostics = literal::check(model, &set.exprs, policy, &check.exprs);
        diagnostics.extend(check.problems.iter().map(|problem| describe_problem(&describe, &check, problem)));
        diagnostics.extend(level_problems(&costs, options.level));
        if !policy::scope_applies(model, &policy.scope) {
            diagnostics.push(report::inapplicable_action(&describe, &policy.scope));
        }
        if check.is_impossible {
            diagnostics.push(report::impossible_policy(policy, impossible_part(&describe, policy, &check)));
        }
        diagnostics.extend(confusable::check(&set.exprs, policy, &check.exprs));
        let id = &policy.id;
        analysis.findings.extend(diagnostics.into_iter().map(|diagnostic| (id.clone(), diagnostic)));
        let level = costs.iter().map(|cost| cost.level).max().unwrap_or(Level::Steps(0));
        analysis.policies.push(PolicyAnalysis::new(id.clone(), level, check));
    }
}

fn level_problems(costs: &[Cost], allowed: Option<u32>) -> impl Iterator<Item = Diagnostic> {
    let problem = move |cost: &Cost| match (cost.level, allowed?) {
        (Level::Unbounded, _) => Some(report::literal_dereferenced(cost.span)),
        (Level::Steps(needed), allowed) if needed > allowed => Some(report::level_exceeded(needed, allowed, cost.span)),
        (Level::Steps(_), _) => None,
    };
    costs.iter().filter_map(problem)
}

/// The diagnostic for a problem, which says where it occurs unless it occurs everywhere.
fn describe_problem(describe: &Describe<'_>, check: &PolicyCheck, problem: &PolicyProblem) -> Diagnostic {
    let places = |classes: &mut dyn Iterator<Item = &ConditionClass>| -> Vec<report::Where> {
        let places = classes.flat_map(|class| &class.places);
        places
            .flat_map(|place| {
                let actions = check.groups.get(place.group).map_or(&[][..], Vec::as_slice);
                actions.iter().map(|action| report::Where {
                    principal: place.principal,
                    action: *action,
                    resource: place.resource,
                })
            })
            .collect()
    };
    let failing = places(&mut problem.classes.iter().filter_map(|class| check.classes.get(*class)));
    let all = places(&mut check.classes.iter());
    report::problem(describe, &problem.found, &failing, &all)
}

/// The part of a condition that is always false and explains why the policy is impossible, if one part does.
fn impossible_part(describe: &Describe<'_>, policy: &Policy, check: &PolicyCheck) -> Option<report::Decided> {
    let exprs = describe.exprs;
    let always =
        |expr, ty| !check.classes.is_empty() && check.classes.iter().all(|class| class.table.ty(expr) == Some(ty));
    for condition in &policy.conditions {
        let (wanted, value) = match condition.kind {
            ConditionKind::When => (Ty::FALSE, false),
            ConditionKind::Unless => (Ty::TRUE, true),
        };
        if !always(condition.body, wanted) {
            continue;
        }
        let mut part = condition.body;
        if let ExprKind::And(operands) = exprs.kind(part)
            && let Some(operand) = operands.iter().find(|operand| always(**operand, Ty::FALSE))
        {
            part = *operand;
        }
        let mut reasons = check.classes.iter().map(|class| report::reason(describe, part, |expr| class.table.ty(expr)));
        let first = reasons.next().flatten();
        let reason = first.filter(|first| reasons.all(|other| other.as_ref() == Some(first)));
        return Some(report::Decided { span: exprs.span(part), value, reason });
    }
    None
}
