//! Why a request was decided as it was.
//!
//! The explanation repeats the decision with a watched machine and says for every policy how far it got: which parts
//! of its scope do not match, or which expressions made a condition fail. Deciding does not watch and pays nothing.
//!
//! The smallest expressions that decided are found by following values back: each register remembers which
//! instructions its value comes from. A conjunct that is false decides alone, and so does a disjunct that is true; else
//! all operands decide together. `!` passes on what decided its operand, `if` what decided the branch it took.

use hashbrown::HashMap;
use smol_str::SmolStr;

use crate::{
    bind,
    engine::{self, Engine, PolicyView},
    error::{EvalError, Failure},
    index::Party,
    instruction::{CodeAddress, Instruction, Operand, Register},
    pool::{Copier, Layer, Lookup, Word},
    program::{Effect, Place, Policy},
    request::Request,
    response::{PolicyError, Response, Satisfied},
    value::ValueRef,
    vm::{Machine, Memory, Trace},
};

/// A decision with the outcome of every policy.
#[derive(Debug, Clone)]
pub struct Explanation {
    response: Response,
    policies: Vec<PolicyExplanation>,
    nearest_permit: Option<usize>,
    /// The operands of all reasons; one pool, because big values of a request are operands again and again.
    operands: Layer,
}

impl Explanation {
    /// The decision.
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// The outcomes of the policies, in the order of the program; all that were evaluated before a limit was
    /// exceeded.
    pub fn policies(&self) -> &[PolicyExplanation] {
        &self.policies
    }

    /// The values that an expression was computed from, in the order of evaluation.
    pub fn operands<'e>(&'e self, reason: &'e Reason) -> impl Iterator<Item = ValueRef<'e>> {
        reason.operands.iter().map(|word| ValueRef::new(&self.operands, *word))
    }

    /// The permit that got furthest without being satisfied; none if some permit is satisfied.
    pub fn nearest_permit(&self) -> Option<&PolicyExplanation> {
        self.policies.get(self.nearest_permit?)
    }
}

/// How far a policy got.
#[derive(Debug, Clone)]
pub struct PolicyExplanation {
    /// Its id.
    pub policy: SmolStr,
    /// What it does when it is satisfied.
    pub effect: Effect,
    /// Where it stands.
    pub place: Place,
    /// What became of it.
    pub outcome: Outcome,
    /// How many expressions decided in its favour before the outcome, to compare policies by.
    progress: usize,
}

/// What became of a policy.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Scope and conditions hold.
    Satisfied,
    /// These parts of the scope do not match the request.
    ScopeMismatch(Vec<ScopePart>),
    /// A condition does not hold.
    ConditionFailed {
        /// Which condition, from 0.
        condition: usize,
        /// The smallest expressions that made it fail, in the order of evaluation.
        because: Vec<Reason>,
    },
    /// A condition could not be evaluated.
    Error(EvalError),
}

/// A part of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScopePart {
    /// What it says of the principal.
    Principal,
    /// What it says of the action.
    Action,
    /// What it says of the resource.
    Resource,
}

impl ScopePart {
    /// The variable that the part speaks about.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Action => "action",
            Self::Resource => "resource",
        }
    }
}

/// An expression that decided a condition.
#[derive(Debug, Clone)]
pub struct Reason {
    /// Where it stands.
    pub place: Place,
    /// Its value.
    pub value: bool,
    /// See [`Explanation::operands`].
    operands: Vec<Word>,
}

impl Engine {
    /// Decides a request and says what became of every policy.
    pub fn explain(&self, request: &Request) -> Explanation {
        let mut memory = Memory::default();
        let mut machine = Machine::new(self.entities(), &mut memory);
        let handles = bind::whole_request(request, &mut machine);
        let mut policies = Vec::new();
        let mut failed = None;
        let parties = [handles.principal, handles.action, handles.resource];
        let parties = parties.map(|id| Party::new(self.entities(), &machine.overlay, id));
        for view in self.policies() {
            match self.explain_policy(view, parties, &mut machine) {
                Ok(explanation) => policies.push(explanation),
                Err(failure) => {
                    failed = Some(failure);
                    break;
                }
            }
        }
        let operands = move_operands(&mut policies, &machine.overlay);
        let (response, nearest_permit) = match failed {
            Some(failure) => (Response::failed(failure), None),
            None => (response(&policies), nearest_permit(&policies)),
        };
        Explanation { response, policies, nearest_permit, operands }
    }

    fn explain_policy(
        &self,
        view: PolicyView<'_>,
        parties: [Party<'_>; 3],
        machine: &mut Machine<'_>,
    ) -> Result<PolicyExplanation, Failure> {
        let policy = view.policy;
        let mismatches = scope_mismatches(view, parties);
        let matching_parts = 3usize.saturating_sub(mismatches.len());
        let (outcome, progress) = if mismatches.is_empty() {
            let (outcome, progress) = self.explain_conditions(policy, machine)?;
            (outcome, progress.saturating_add(matching_parts))
        } else {
            (Outcome::ScopeMismatch(mismatches), matching_parts)
        };
        Ok(PolicyExplanation { policy: view.id.into(), effect: policy.effect, place: policy.place, outcome, progress })
    }

    fn explain_conditions(&self, policy: &Policy, machine: &mut Machine<'_>) -> Result<(Outcome, usize), Failure> {
        let mut progress = 0;
        for (position, condition) in policy.conditions.iter().enumerate() {
            let mut origins = Origins::default();
            let outcome = match self.condition_holds(condition, machine, &mut origins) {
                Ok(true) => {
                    progress += origins.passed + 1;
                    continue;
                }
                Ok(false) => {
                    let because = self.reasons(origins.returned);
                    Outcome::ConditionFailed { condition: position, because }
                }
                Err(stop) => Outcome::Error({
                    let parts = self.program().parts();
                    engine::eval_error(stop, parts, &machine.overlay, self.entities())?
                }),
            };
            return Ok((outcome, progress + origins.passed));
        }
        Ok((Outcome::Satisfied, progress))
    }

    fn reasons(&self, origins: Vec<Origin>) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = Vec::new();
        for origin in origins {
            let place = self.program().parts().places.get(origin.at.0 as usize).copied();
            let (Some(place), Some(Word::Bool(value))) = (place, origin.value) else { continue };
            // `has` with a path is several instructions at one place.
            if reasons.last().is_none_or(|last| last.place != place) {
                reasons.push(Reason { place, value, operands: origin.operands });
            }
        }
        reasons
    }
}

/// Copies the operands out of the layer of the request, which ends with the decision.
fn move_operands(policies: &mut [PolicyExplanation], from: &impl Lookup) -> Layer {
    let mut pool = Layer::default();
    let mut copier = Copier::new(from);
    for policy in policies {
        if let Outcome::ConditionFailed { because, .. } = &mut policy.outcome {
            for word in because.iter_mut().flat_map(|reason| &mut reason.operands) {
                *word = copier.copy(*word, &mut pool);
            }
        }
    }
    pool
}

fn scope_mismatches(view: PolicyView<'_>, [principal, action, resource]: [Party<'_>; 3]) -> Vec<ScopePart> {
    [
        (ScopePart::Principal, principal.satisfies(view.principal)),
        (ScopePart::Action, engine::action_matches(view.action, action)),
        (ScopePart::Resource, resource.satisfies(view.resource)),
    ]
    .into_iter()
    .filter_map(|(part, matches)| (!matches).then_some(part))
    .collect()
}

fn response(policies: &[PolicyExplanation]) -> Response {
    let mut satisfied = Satisfied::default();
    let mut errors = Vec::new();
    for policy in policies {
        match (&policy.outcome, policy.effect) {
            (Outcome::Satisfied, Effect::Permit) => satisfied.permits.push(policy.policy.clone()),
            (Outcome::Satisfied, Effect::Forbid) => satisfied.forbids.push(policy.policy.clone()),
            (Outcome::Error(error), _) => {
                errors.push(PolicyError { policy: policy.policy.clone(), error: error.clone() });
            }
            (Outcome::ScopeMismatch(_) | Outcome::ConditionFailed { .. }, _) => {}
        }
    }
    Response::new(satisfied, errors)
}

/// Of permits that got equally far, the first one.
fn nearest_permit(policies: &[PolicyExplanation]) -> Option<usize> {
    let permits = policies.iter().enumerate().filter(|(_, policy)| policy.effect == Effect::Permit);
    let mut nearest: Option<(usize, (bool, usize))> = None;
    for (position, policy) in permits {
        let scope_matches = match policy.outcome {
            Outcome::Satisfied => return None,
            Outcome::ScopeMismatch(_) => false,
            Outcome::ConditionFailed { .. } | Outcome::Error(_) => true,
        };
        let rank = (scope_matches, policy.progress);
        if nearest.is_none_or(|(_, best)| rank > best) {
            nearest = Some((position, rank));
        }
    }
    nearest.map(|(position, _)| position)
}

/// An instruction that a value comes from.
#[derive(Debug, Clone)]
struct Origin {
    at: CodeAddress,
    /// Known once the value is used.
    value: Option<Word>,
    operands: Vec<Word>,
}

/// Follows the values of one condition back to the expressions that decided them.
#[derive(Debug, Default)]
struct Origins {
    /// For each register, where its value comes from.
    of_register: HashMap<u16, Vec<Origin>>,
    /// Operands of chains that let the evaluation go on, by the address where the chain ends and the value that they
    /// have: true in `&&`, false in `||`.
    undecided: HashMap<(CodeAddress, bool), (Register, Vec<Origin>)>,
    /// Whether the instruction before this one jumped here.
    jumped: bool,
    /// How many operands of `&&` let the evaluation go on.
    passed: usize,
    /// Where the result comes from.
    returned: Vec<Origin>,
}

impl Trace for Origins {
    fn before(&mut self, at: CodeAddress, instruction: Instruction, registers: &mut [Word], stack: &[Word]) {
        self.arrive(at, registers);
        let value = |register: Register| registers.get(usize::from(register.0)).copied();
        if let Instruction::JumpIfFalse { condition, target } = instruction {
            self.branch(condition, value(condition), false, target);
        } else if let Instruction::JumpIfTrue { condition, target } = instruction {
            self.branch(condition, value(condition), true, target);
        } else if let Instruction::Jump { .. } = instruction {
            self.jumped = true;
        } else if let Instruction::Not { into, from } = instruction {
            let origins = self.take(from, value(from));
            self.of_register.insert(into.0, origins);
        } else if let Instruction::Return { from } = instruction {
            self.returned = self.take(from, value(from));
        } else if let (Some(into), operands) = operands(instruction, registers, stack) {
            self.of_register.insert(into.0, vec![Origin { at, value: None, operands }]);
        }
    }
}

/// The register that an instruction writes, and the values that it reads.
fn operands(instruction: Instruction, registers: &[Word], stack: &[Word]) -> (Option<Register>, Vec<Word>) {
    let mut into = None;
    let mut read = Vec::new();
    let mut arguments = &[][..];
    instruction.for_each_operand(|operand| match operand {
        Operand::Into(register) => into = Some(register),
        Operand::Register(register) => read.push(register.0),
        // Arguments of a call. A set or record is not a boolean, so nothing asks for its elements.
        Operand::Count(count) if matches!(instruction, Instruction::Call { .. }) => {
            arguments = stack.get(stack.len().saturating_sub(count as usize)..).unwrap_or_default();
        }
        Operand::Count(_)
        | Operand::Constant(_)
        | Operand::Name(_)
        | Operand::TypeName(_)
        | Operand::Pattern(_)
        | Operand::Layout(_)
        | Operand::Target(_)
        | Operand::Variable(_)
        | Operand::Slot(_)
        | Operand::Builtin(_) => {}
    });
    // The operand in the lower register was evaluated first, also of `a > b`, which is `b < a`.
    read.sort_unstable();
    let read = read.iter().filter_map(|register| registers.get(usize::from(*register)));
    (into, read.chain(arguments).copied().collect())
}

impl Origins {
    /// Whoever comes to the end of a chain without a jump evaluated all of its operands. If the last one is like the
    /// others, they decided together; else it decided alone.
    fn arrive(&mut self, at: CodeAddress, registers: &[Word]) {
        let jumped = core::mem::take(&mut self.jumped);
        for value in [false, true] {
            let Some((register, mut origins)) = self.undecided.remove(&(at, value)) else { continue };
            let last = registers.get(usize::from(register.0)).copied();
            if !jumped && last == Some(Word::Bool(value)) {
                origins.extend(self.take(register, last));
                self.of_register.insert(register.0, origins);
            }
        }
    }

    fn branch(&mut self, condition: Register, value: Option<Word>, jumps_on: bool, target: CodeAddress) {
        let origins = self.take(condition, value);
        if value == Some(Word::Bool(jumps_on)) {
            self.of_register.insert(condition.0, origins);
            self.jumped = true;
        } else {
            self.passed += usize::from(!jumps_on);
            let undecided = self.undecided.entry((target, !jumps_on)).or_insert_with(|| (condition, Vec::new()));
            undecided.1.extend(origins);
        }
    }

    /// The origins of a value that is used now.
    fn take(&mut self, register: Register, value: Option<Word>) -> Vec<Origin> {
        let mut origins = self.of_register.remove(&register.0).unwrap_or_default();
        for origin in &mut origins {
            origin.value = origin.value.or(value);
        }
        origins
    }
}
