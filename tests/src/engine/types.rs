//! Whether values have the types that our checker gives their expressions.
//!
//! Every expression of a policy that a request reaches is evaluated alone, in the order and under the conditions under
//! which evaluating the whole policy would come to it, and its value is held against the type of its environment. So
//! a type that only holds behind a test is only asked for behind it.

use deodar_compiler::{
    CheckOptions, check,
    check::{EnvironmentClass, PolicyAnalysis},
    compile_expression,
};
use deodar_grammar::{
    Sources,
    ast::{ConditionKind, ExprId, ExprKind, Expression, Policy, PolicySet, Variable},
};
use deodar_runtime::{Engine, Entities, Program, Request, Value};

use super::{read_policies, read_request, read_shapes, verdict::read_resolved};
use crate::question::Question;

/// What was compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct Typed {
    /// How many values were held against a type.
    pub values: usize,
}

/// Evaluates what the requests reach; what is rejected or does not conform to the schema is left out.
///
/// # Errors
/// The expressions whose value is not of their type.
pub fn compare(question: &Question) -> Result<Typed, Vec<String>> {
    let mut typed = Typed::default();
    let Some(schema) = &question.schema else { return Ok(typed) };
    let (Ok((sources, policies)), Ok(resolved), Ok(shapes)) =
        (read_policies(&question.policies), read_resolved(schema), read_shapes(schema))
    else {
        return Ok(typed);
    };
    let Ok(entities) = Entities::from_json(&question.entities, Some(&shapes)) else { return Ok(typed) };
    let analysis = check(&[&policies], &resolved, CheckOptions::default());
    let engine = Engine::new(Program::default(), entities);
    let mut found = Vec::new();
    for request in &question.requests {
        let Ok(request) = read_request(request, Some(&shapes)) else { continue };
        if request.validate(&shapes).is_err() {
            continue;
        }
        for (policy, checked) in policies.policies.iter().zip(analysis.policies()) {
            if let Some(class) = class_of(analysis.environments(checked), &request) {
                let mut walk = Walk {
                    sources: &sources,
                    policies: &policies,
                    engine: &engine,
                    request: &request,
                    class,
                    found: &mut found,
                    typed: &mut typed,
                };
                walk.policy(policy, checked);
            }
        }
    }
    if found.is_empty() { Ok(typed) } else { Err(found) }
}

/// The well-typed environments that the request is one of.
fn class_of<'a>(
    mut classes: impl Iterator<Item = EnvironmentClass<'a>>,
    request: &Request,
) -> Option<EnvironmentClass<'a>> {
    classes.find(|class| {
        class.is_well_typed()
            && class.requests().any(|kind| {
                kind.action == request.action()
                    && kind.principal == request.principal().entity_type()
                    && kind.resource == request.resource().entity_type()
            })
    })
}

struct Walk<'w> {
    sources: &'w Sources,
    policies: &'w PolicySet,
    engine: &'w Engine,
    request: &'w Request,
    class: EnvironmentClass<'w>,
    found: &'w mut Vec<String>,
    typed: &'w mut Typed,
}

impl Walk<'_> {
    fn policy(&mut self, policy: &Policy, checked: &PolicyAnalysis) {
        debug_assert_eq!(policy.id, checked.id(), "policies in the order of the sources");
        for condition in &policy.conditions {
            let wanted = match condition.kind {
                ConditionKind::When => true,
                ConditionKind::Unless => false,
            };
            if self.value(condition.body).and_then(|value| value.as_bool()) != Some(wanted) {
                return;
            }
        }
    }

    /// Visits what evaluating the expression evaluates, then holds its own value against its type.
    ///
    /// Recursion is no concern here: generated expressions are small.
    fn value(&mut self, id: ExprId) -> Option<Value> {
        self.operands(id)?;
        let exprs = self.policies.exprs.clone();
        let expression = Expression { source: self.policies.source, exprs, root: id };
        let compiled = compile_expression(&expression, self.sources).ok()?;
        let value = self.engine.evaluate(&compiled, Some(self.request)).ok()?;
        if self.is_shared(id) {
            return Some(value);
        }
        match self.class.type_of(id) {
            Some(ty) if ty.admits(value.as_ref()) => self.typed.values += 1,
            Some(ty) => self.found.push(format!("{} is {value}, which is no {ty}", self.text(id))),
            None => self.found.push(format!("{} is evaluated but has no type", self.text(id))),
        }
        Some(value)
    }

    /// The context of several actions, whose types differ in what the policy does not read, has no type of its own.
    fn is_shared(&self, id: ExprId) -> bool {
        let is_context = matches!(self.policies.exprs.kind(id), ExprKind::Variable(Variable::Context));
        let mut actions = self.class.requests().map(|kind| kind.action);
        let first = actions.next();
        is_context && actions.any(|action| Some(action) != first)
    }

    /// Visits the operands that are evaluated; none if one of them fails.
    fn operands(&mut self, id: ExprId) -> Option<()> {
        let policies = self.policies;
        match policies.exprs.kind(id) {
            ExprKind::And(operands) => self.until(operands, false),
            ExprKind::Or(operands) => self.until(operands, true),
            ExprKind::If { condition, then, otherwise } => {
                let branch = if self.value(*condition)?.as_bool()? { then } else { otherwise };
                self.value(*branch).map(drop)
            }
            ExprKind::Is { base, within: Some(within), ty } => {
                let base = self.value(*base)?.as_entity()?;
                if base.entity_type().as_str() == ty.name.as_str() {
                    self.value(*within)?;
                }
                Some(())
            }
            _ => {
                let mut operands = Vec::new();
                policies.exprs.kind(id).for_each_child(|operand| operands.push(operand));
                operands.into_iter().try_for_each(|operand| self.value(operand).map(drop))
            }
        }
    }

    /// Visits operands up to the first that has that value.
    fn until(&mut self, operands: &[ExprId], last: bool) -> Option<()> {
        for operand in operands {
            if self.value(*operand)?.as_bool()? == last {
                break;
            }
        }
        Some(())
    }

    fn text(&self, id: ExprId) -> &str {
        self.sources.slice(self.policies.exprs.span(id))
    }
}
