//! Why a request was allowed or denied: the policies that decided, with their places, and for a denial without a
//! forbid the permit that came nearest.
//!
//! The run time says what happened in terms of the program; here it becomes what the author can look at: file, line and
//! the text that stands there.

mod json;
mod text;
mod why;

use deodar_grammar::{Sources, ast::PolicySet};
use deodar_runtime::{
    Decision, Engine, EvalError, Outcome, PolicyError, PolicyExplanation, Request, Response, ScopePart,
    program::{ActionConstraint, EntityConstraint, EntityOrSlot, Place, Policy, Program, Scope},
};

pub(crate) use self::why::{Scene, Why};
use crate::{args::TextFormat, input::text_format};

/// The decision on one request with its reasons.
#[derive(Debug)]
pub(crate) struct Explanation {
    pub(crate) decision: Decision,
    /// The limit that ended the decision.
    limit: Option<String>,
    determining: Vec<Named>,
    errors: Vec<Failure>,
    /// Only if no policy is determining.
    nearest: Option<Nearest>,
    /// Whether nobody looked at the policies that do not apply.
    is_brief: bool,
    /// Policies that somebody asked about, and what keeps them from determining the decision.
    asked: Vec<Asked>,
}

/// A policy that does not determine the decision.
#[derive(Debug)]
struct Asked {
    id: String,
    found: Found,
}

/// What became of a policy that somebody asked about.
#[derive(Debug)]
enum Found {
    /// There is no such policy; another one is called alike.
    Nowhere(Option<String>),
    /// It applies, but forbids outweigh it.
    Outweighed(Named),
    Kept(Nearest),
}

/// A policy with its place.
#[derive(Debug)]
struct Named {
    id: String,
    effect: &'static str,
    location: Location,
}

/// Where something stands.
#[derive(Debug, Clone)]
struct Location {
    file: String,
    line: u32,
    column: u32,
}

/// A policy that could not be evaluated.
#[derive(Debug)]
struct Failure {
    policy: Named,
    code: &'static str,
    message: String,
    help: Option<String>,
    at: Option<Location>,
}

/// The permit that came nearest, and what kept it from applying.
#[derive(Debug)]
struct Nearest {
    policy: Named,
    obstacle: Obstacle,
}

/// What kept a policy from applying.
#[derive(Debug)]
enum Obstacle {
    Scope(Vec<Mismatch>),
    Condition { keyword: &'static str, location: Location, because: Vec<Because> },
    Error,
}

/// A part of a scope that does not match.
#[derive(Debug)]
struct Mismatch {
    part: &'static str,
    /// What the scope says.
    expected: String,
    /// The entity of the request.
    found: String,
}

/// An expression that made a condition fail.
#[derive(Debug)]
struct Because {
    location: Location,
    /// The expression as it is written, on one line; JSON policies have none.
    text: Option<String>,
    value: bool,
    operands: Vec<String>,
}

/// The texts of the policies of a program, to show what stands at a place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) sets: &'a [PolicySet],
}

/// The longest text of an expression or value in an explanation, in characters.
const LONGEST: usize = 100;

impl Explanation {
    /// Decides the request and says why.
    pub(crate) fn new(engine: &Engine, request: &Request, texts: Texts<'_>) -> Self {
        Self::of(&engine.explain(request), engine.program(), request, texts)
    }

    fn of(explained: &deodar_runtime::Explanation, program: &Program, request: &Request, texts: Texts<'_>) -> Self {
        let response = explained.response();
        let named = |id: &str| program.policy(id).map(|policy| named(program, policy));
        let nearest = explained.nearest_permit().filter(|_| response.determining().is_empty());
        Self {
            decision: response.decision(),
            limit: response.limit().map(|limit| limit.to_string()),
            determining: response.determining().iter().filter_map(|id| named(id)).collect(),
            errors: response.errors().iter().filter_map(|error| failure(program, error)).collect(),
            nearest: nearest.and_then(|nearest| {
                let obstacle = obstacle(program, nearest, explained, request, texts)?;
                Some(Nearest { policy: named(&nearest.policy)?, obstacle })
            }),
            is_brief: false,
            asked: Vec::new(),
        }
    }

    /// What a response says by itself: the policies that decide or fail, and not how near others came. That takes no
    /// look at all policies.
    pub(crate) fn brief(program: &Program, response: &Response) -> Self {
        let named = |id: &str| program.policy(id).map(|policy| named(program, policy));
        Self {
            decision: response.decision(),
            limit: response.limit().map(|limit| limit.to_string()),
            determining: response.determining().iter().filter_map(|id| named(id)).collect(),
            errors: response.errors().iter().filter_map(|error| failure(program, error)).collect(),
            nearest: None,
            is_brief: true,
            asked: Vec::new(),
        }
    }

    /// Says also of these policies what keeps them from determining the decision.
    pub(crate) fn with_obstacles(
        mut self,
        engine: &Engine,
        request: &Request,
        texts: Texts<'_>,
        policies: &[String],
    ) -> Self {
        if policies.is_empty() {
            return self;
        }
        let (program, explained) = (engine.program(), engine.explain(request));
        let found = |id: &str| {
            let explanation = explained.policies().iter().find(|policy| policy.policy == id);
            let policy = program.policy(id);
            let (Some(explanation), Some(policy)) = (explanation, policy) else {
                let ids = program.policies().iter().map(|policy| &*policy.id);
                return Found::Nowhere(deodar_grammar::closest(id, ids).map(str::to_owned));
            };
            let policy = named(program, policy);
            match obstacle(program, explanation, &explained, request, texts) {
                None => Found::Outweighed(policy),
                Some(obstacle) => Found::Kept(Nearest { policy, obstacle }),
            }
        };
        self.asked = policies.iter().map(|id| Asked { id: id.clone(), found: found(id) }).collect();
        self
    }
}

/// A policy that failed, in the words of `cedar`.
pub(crate) fn error_text(error: &PolicyError) -> String {
    format!("error while evaluating policy `{}`: {}", error.policy, error.error.kind)
}

fn named(program: &Program, policy: &Policy) -> Named {
    let location = location(program, policy.place);
    Named { id: policy.id.to_string(), effect: policy.effect.keyword(), location }
}

fn location(program: &Program, place: Place) -> Location {
    Location { file: program.source_name(place).to_owned(), line: place.line, column: place.column }
}

fn failure(program: &Program, error: &PolicyError) -> Option<Failure> {
    let PolicyError { policy, error: EvalError { kind, place } } = error;
    Some(Failure {
        policy: named(program, program.policy(policy)?),
        code: kind.code(),
        message: kind.to_string(),
        help: kind.help(),
        at: place.map(|place| location(program, place)),
    })
}

fn obstacle(
    program: &Program,
    nearest: &PolicyExplanation,
    explained: &deodar_runtime::Explanation,
    request: &Request,
    texts: Texts<'_>,
) -> Option<Obstacle> {
    let policy = program.policy(&nearest.policy)?;
    match &nearest.outcome {
        Outcome::Satisfied => None,
        Outcome::Error(_) => Some(Obstacle::Error),
        Outcome::ScopeMismatch(parts) => {
            Some(Obstacle::Scope(parts.iter().map(|part| mismatch(*part, &policy.scope, request)).collect()))
        }
        Outcome::ConditionFailed { condition, because } => {
            let condition = policy.conditions.get(*condition)?;
            let because = because.iter().map(|reason| Because {
                location: location(program, reason.place),
                text: texts.at(program, reason.place),
                value: reason.value,
                operands: explained.operands(reason).map(|value| shorten(&value.to_string())).collect(),
            });
            Some(Obstacle::Condition {
                keyword: condition.kind.keyword(),
                location: location(program, condition.place),
                because: because.collect(),
            })
        }
    }
}

fn mismatch(part: ScopePart, scope: &Scope, request: &Request) -> Mismatch {
    let (expected, found) = match part {
        ScopePart::Principal => (entity_constraint("principal", &scope.principal), request.principal()),
        ScopePart::Action => (action_constraint(&scope.action), request.action()),
        ScopePart::Resource => (entity_constraint("resource", &scope.resource), request.resource()),
    };
    Mismatch { part: part.name(), expected, found: found.to_string() }
}

fn entity_constraint(variable: &str, constraint: &EntityConstraint) -> String {
    let entity = |entity: &EntityOrSlot| match entity {
        EntityOrSlot::Entity(uid) => uid.to_string(),
        EntityOrSlot::Slot(slot) => slot.name().to_owned(),
    };
    match constraint {
        EntityConstraint::Any => variable.to_owned(),
        EntityConstraint::Equal(uid) => format!("{variable} == {}", entity(uid)),
        EntityConstraint::In(uid) => format!("{variable} in {}", entity(uid)),
        EntityConstraint::Is(ty) => format!("{variable} is {ty}"),
        EntityConstraint::IsIn(ty, uid) => format!("{variable} is {ty} in {}", entity(uid)),
    }
}

fn action_constraint(constraint: &ActionConstraint) -> String {
    match constraint {
        ActionConstraint::Any => "action".to_owned(),
        ActionConstraint::Equal(uid) => format!("action == {uid}"),
        ActionConstraint::In(groups) => match &**groups {
            [group] => format!("action in {group}"),
            groups => {
                let groups: Vec<_> = groups.iter().map(ToString::to_string).collect();
                format!("action in [{}]", groups.join(", "))
            }
        },
    }
}

impl Texts<'_> {
    /// What stands at a place, on one line. In JSON that would be braces and quotes, which explain nothing.
    fn at(self, program: &Program, place: Place) -> Option<String> {
        let name = program.source_name(place);
        let set = self.sets.iter().find(|set| self.sources.name(set.source) == name)?;
        let text = self.sources.text(set.source).get(place.start as usize..place.end as usize)?;
        if text_format(name, None) == TextFormat::Json || text.starts_with('{') {
            return None;
        }
        let words: Vec<_> = text.split_whitespace().collect();
        Some(shorten(&words.join(" ")))
    }
}

/// At most [`LONGEST`] characters of a text.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
