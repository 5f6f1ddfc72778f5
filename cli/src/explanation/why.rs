//! Why a request was decided as it was, policy by policy: what every scope and condition came to, which values were
//! read, and what it would take to change the outcome.
//!
//! The run time says how each policy ended. The tree below a condition is made afterwards, from the text: each part of
//! the condition is evaluated by itself. So parts that the decision passed over have values as well, which is what the
//! question «what would it take» needs, and neither decisions nor explanations pay for it.

mod json;
mod needs;
mod probe;
mod text;
mod tree;

use std::collections::HashMap;

use deodar_compiler::Schema;
use deodar_grammar::ast;
use deodar_runtime::{
    Engine, EvalErrorKind, Outcome, PolicyExplanation, Request,
    program::{Effect, Policy, Program},
};

use self::{needs::Need, probe::Probe, tree::Node};
use super::{Explanation, Failure, Location, Mismatch, Named, Texts, failure, location, mismatch, named};
use crate::input::Policies;

/// What a request is explained with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) policies: &'a Policies,
    pub(crate) sources: &'a deodar_grammar::Sources,
    pub(crate) schema: Option<&'a Schema>,
}

/// A decision with the verdicts of the policies.
#[derive(Debug)]
pub(crate) struct Why {
    pub(crate) explanation: Explanation,
    /// In the order of the program.
    verdicts: Vec<Verdict>,
    /// The policies whose scope does not match and that are not among the verdicts: permits and forbids.
    folded: [usize; 2],
    /// The permit that came nearest, if no policy determines the decision.
    nearest: Option<usize>,
}

/// What became of one policy.
#[derive(Debug)]
struct Verdict {
    policy: Named,
    /// The template that it was made from.
    template: Option<String>,
    outcome: Verdicts,
    mismatches: Vec<Mismatch>,
    conditions: Vec<ConditionVerdict>,
    failure: Option<Failure>,
    /// Where the schema declares what was missing.
    declared: Option<String>,
    /// What would change the verdict.
    needs: Option<Need>,
}

/// The verdicts on a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdicts {
    Satisfied,
    ScopeMismatch,
    ConditionFailed,
    Error,
}

impl Verdicts {
    const fn name(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::ScopeMismatch => "scope-mismatch",
            Self::ConditionFailed => "condition-failed",
            Self::Error => "error",
        }
    }
}

/// What became of a condition.
#[derive(Debug)]
struct ConditionVerdict {
    keyword: &'static str,
    location: Location,
    state: State,
    /// Nothing for what was not looked at, or has no text.
    tree: Option<Node>,
}

/// Whether a condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Met,
    NotMet,
    Failed,
    /// One before it was not met.
    NotReached,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::Failed => "failed",
            Self::NotReached => "not-reached",
        }
    }
}

impl Why {
    /// Decides the request and says why. Policies whose scope does not match are counted only, unless all are wanted.
    pub(crate) fn new(engine: &Engine, request: &Request, scene: Scene<'_>, all: bool) -> Self {
        let explained = engine.explain(request);
        let texts = Texts { sources: scene.sources, sets: &scene.policies.sets };
        let mut why = Self {
            explanation: Explanation::of(&explained, engine.program(), request, texts),
            verdicts: Vec::new(),
            folded: [0, 0],
            nearest: None,
        };
        let has_nearest = why.explanation.nearest.is_some();
        let nearest = explained.nearest_permit().filter(|_| has_nearest).map(|nearest| &nearest.policy);
        let mut trees = Trees::new(engine, request, scene);
        for explanation in explained.policies() {
            let is_nearest = nearest == Some(&explanation.policy);
            let mismatch = matches!(explanation.outcome, Outcome::ScopeMismatch(_));
            if mismatch && !all && !is_nearest {
                let [permits, forbids] = &mut why.folded;
                match explanation.effect {
                    Effect::Permit => *permits += 1,
                    Effect::Forbid => *forbids += 1,
                }
                continue;
            }
            if let Some(policy) = engine.program().policy(&explanation.policy) {
                if is_nearest {
                    why.nearest = Some(why.verdicts.len());
                }
                why.verdicts.push(verdict(&mut trees, policy, explanation));
            }
        }
        why
    }
}

/// The trees of policies, and what evaluates their parts. Policies may be many, so each set is looked through and copied
/// once.
struct Trees<'a> {
    engine: &'a Engine,
    request: &'a Request,
    scene: Scene<'a>,
    /// By where they stand: the set and the tree. Links stand where their template does.
    by_place: HashMap<(&'a str, u32), (usize, &'a ast::Policy)>,
    /// By set.
    probes: HashMap<usize, Probe<'a>>,
}

impl<'a> Trees<'a> {
    fn new(engine: &'a Engine, request: &'a Request, scene: Scene<'a>) -> Self {
        let sets = scene.policies.sets.iter().enumerate();
        let trees = sets.flat_map(|(at, set)| {
            let name = scene.sources.name(set.source);
            set.policies.iter().map(move |tree| ((name, tree.span.start), (at, tree)))
        });
        Self { engine, request, scene, by_place: trees.collect(), probes: HashMap::new() }
    }

    fn of(&mut self, policy: &Policy) -> Option<(&'a ast::Policy, &mut Probe<'a>)> {
        let name = self.engine.program().source_name(policy.place);
        let (at, tree) = *self.by_place.get(&(name, policy.place.start))?;
        let (engine, request, sources) = (self.engine, self.request, self.scene.sources);
        let set = self.scene.policies.sets.get(at)?;
        Some((tree, self.probes.entry(at).or_insert_with(|| Probe::new(engine, request, sources, set))))
    }
}

fn verdict(trees: &mut Trees<'_>, policy: &Policy, explanation: &PolicyExplanation) -> Verdict {
    let Trees { engine, request, scene, .. } = *trees;
    let program = engine.program();
    let mut found = trees.of(policy);
    let outcome = match &explanation.outcome {
        Outcome::Satisfied => Verdicts::Satisfied,
        Outcome::ScopeMismatch(_) => Verdicts::ScopeMismatch,
        Outcome::ConditionFailed { .. } => Verdicts::ConditionFailed,
        Outcome::Error(_) => Verdicts::Error,
    };
    let mismatches = match &explanation.outcome {
        Outcome::ScopeMismatch(parts) => parts.iter().map(|part| mismatch(*part, &policy.scope, request)).collect(),
        Outcome::Satisfied | Outcome::ConditionFailed { .. } | Outcome::Error(_) => Vec::new(),
    };
    let failed = match &explanation.outcome {
        Outcome::Error(error) => Some(error),
        Outcome::Satisfied | Outcome::ScopeMismatch(_) | Outcome::ConditionFailed { .. } => None,
    };
    let roots = found.as_ref().map(|(tree, _)| *tree).map_or(&[][..], |tree| &tree.conditions);
    let conditions = conditions(program, policy, explanation, roots, found.as_mut().map(|(_, probe)| &mut **probe));
    let needs = found.and_then(|(tree, probe)| needs::of_policy(probe, tree, policy, outcome, &mismatches, request));
    let error = failed.map(|error| deodar_runtime::PolicyError { policy: policy.id.clone(), error: error.clone() });
    Verdict {
        policy: named(program, policy),
        template: policy.template.as_deref().map(str::to_owned),
        outcome,
        mismatches,
        conditions,
        failure: error.as_ref().and_then(|error| failure(program, error)),
        declared: failed.zip(scene.schema).and_then(|(error, schema)| declared(&error.kind, schema, scene)),
        needs,
    }
}

fn conditions(
    program: &Program,
    policy: &Policy,
    explanation: &PolicyExplanation,
    roots: &[ast::Condition],
    mut probe: Option<&mut Probe<'_>>,
) -> Vec<ConditionVerdict> {
    let failed_at = |place: deodar_runtime::program::Place| {
        let covers = |condition: &deodar_runtime::program::Condition| {
            condition.place.start <= place.start && place.end <= condition.place.end
        };
        policy.conditions.iter().position(covers)
    };
    let (last, state, because) = match &explanation.outcome {
        Outcome::Satisfied => (usize::MAX, State::Met, &[][..]),
        Outcome::ScopeMismatch(_) => return Vec::new(),
        Outcome::ConditionFailed { condition, because } => (*condition, State::NotMet, &because[..]),
        Outcome::Error(error) => (error.place.and_then(failed_at).unwrap_or(0), State::Failed, &[][..]),
    };
    let verdict = |(position, condition): (usize, &deodar_runtime::program::Condition)| {
        let state = match position.cmp(&last) {
            std::cmp::Ordering::Less => State::Met,
            std::cmp::Ordering::Equal => state,
            std::cmp::Ordering::Greater => State::NotReached,
        };
        let root = roots.get(position).filter(|_| state != State::NotReached);
        let tree = root.and_then(|root| Some(tree::of(probe.as_deref_mut()?, root.body, because)));
        let location = location(program, condition.place);
        ConditionVerdict { keyword: condition.kind.keyword(), location, state, tree }
    };
    policy.conditions.iter().enumerate().map(verdict).collect()
}

/// Where the schema declares what an evaluation missed, and how.
fn declared(error: &EvalErrorKind, schema: &Schema, scene: Scene<'_>) -> Option<String> {
    let at = |span| {
        let position = scene.sources.position(span);
        format!("{}:{}:{}", scene.sources.name(span.source), position.line, position.column)
    };
    match error {
        EvalErrorKind::EntityDoesNotExist(uid) => {
            let declaration = schema.entity_type(uid.entity_type())?;
            Some(format!(
                "`{}` is declared at {}; no entity `{uid}` was given",
                uid.entity_type(),
                at(declaration.name)
            ))
        }
        EvalErrorKind::EntityAttributeDoesNotExist(uid, missing) => {
            let ty = uid.entity_type();
            let declaration = schema.entity_type(ty)?;
            Some(match declaration.attributes.get(&missing.name) {
                Some(attribute) => {
                    let optional = is_optional(schema, ty, &missing.name);
                    let how = if optional { "as optional, " } else { "" };
                    format!("`{ty}` declares `{}` {how}at {}", missing.name, at(attribute.name))
                }
                None => format!("`{ty}`, declared at {}, has no `{}`", at(declaration.name), missing.name),
            })
        }
        EvalErrorKind::TagDoesNotExist(uid, _) => {
            let declaration = schema.entity_type(uid.entity_type())?;
            Some(format!(
                "`{}` is declared at {}; which tags an entity has is data",
                uid.entity_type(),
                at(declaration.name)
            ))
        }
        EvalErrorKind::RecordAttributeDoesNotExist(_)
        | EvalErrorKind::Type { .. }
        | EvalErrorKind::WrongNumberOfArguments { .. }
        | EvalErrorKind::Overflow(_)
        | EvalErrorKind::Extension { .. }
        | EvalErrorKind::UnlinkedSlot(_)
        | EvalErrorKind::NoRequest(_) => None,
    }
}

fn is_optional(schema: &Schema, ty: &deodar_runtime::EntityTypeName, name: &str) -> bool {
    use deodar_runtime::shape::EntityShapeKind;
    let shape = schema.shapes().entity_types.get(ty).map(|shape| &shape.kind);
    match shape {
        Some(EntityShapeKind::Standard { attributes, .. }) => {
            attributes.attributes.get(name).is_some_and(|attribute| !attribute.required)
        }
        Some(EntityShapeKind::Enum(_) | EntityShapeKind::External) | None => false,
    }
}
