//! Coverage: what tests show of policies, and what they do not.
//!
//! A policy has *parts*: itself, each link of a template, what its scope says of principal, action and resource, and
//! the atoms of its conditions. A part has *points*: that it was seen to hold, that it was seen not to hold, and that it
//! was seen to decide alone what becomes of the policy, with either value (masking MC/DC, see
//! [`Observer`](deodar_runtime::Observer)). The percentage counts points. A point that no request can show, because the
//! types say so, is exempt and not counted; one where an evaluation may fail counts only on demand.
//!
//! | module | job |
//! |---|---|
//! | `measure` | tests to points |
//! | `text`, `source`, `lcov`, `json`, `html` | the forms of the result |

mod html;
mod json;
mod lcov;
mod measure;
mod source;
mod text;

use deodar_compiler::check::FailureKind;
use deodar_grammar::{
    Sources, Span,
    ast::{ConditionKind, Effect},
};
use deodar_runtime::{ScopePart, Seen};

pub(crate) use self::{
    html::to_html,
    json::to_json,
    lcov::to_lcov,
    measure::{Subject, measure},
    source::to_source,
    text::to_text,
};
use crate::{problem::Problem, report};

/// What tests show of all policies.
#[derive(Debug)]
pub(crate) struct Coverage {
    pub(crate) policies: Vec<PolicyCoverage>,
    /// How many tests were looked at.
    pub(crate) tests: usize,
}

/// What tests show of a policy or template.
#[derive(Debug)]
pub(crate) struct PolicyCoverage {
    pub(crate) id: String,
    pub(crate) effect: Effect,
    /// All of it.
    pub(crate) span: Span,
    pub(crate) is_template: bool,
    /// In the order of the source.
    pub(crate) parts: Vec<Part>,
}

/// A part of a policy with its points.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) kind: PartKind,
    pub(crate) span: Span,
    /// What stands there, on one line.
    pub(crate) text: String,
    pub(crate) seen: Seen,
    pub(crate) points: Vec<Point>,
    /// With which values it should decide alone: true, false.
    pub(crate) asked_alone: [bool; 2],
    /// Why its evaluation may fail.
    pub(crate) failures: Vec<FailureKind>,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// The policy as a whole.
    Policy,
    /// A link of a template, with its id.
    Link(String),
    /// What the scope says.
    Clause(ScopePart),
    /// A part of a condition that is true or false by itself.
    Atom(ConditionKind),
}

/// Something that tests can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) aspect: Aspect,
    pub(crate) status: Status,
}

/// What a point is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// It holds: it is true, matches, or is satisfied.
    Holds,
    /// It does not hold.
    HoldsNot,
    /// It decides alone, with either value.
    Alone,
    /// Its evaluation fails.
    Fails,
}

/// What tests show of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Covered,
    Missing,
    /// No request can show it.
    Exempt(Exemption),
}

/// Why no request can show a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exemption {
    /// It has the same value in all requests that the schema allows.
    Always(bool),
    /// It is not evaluated in any request that the schema allows.
    Unreachable,
}

/// How many points there are, exempt ones aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Count {
    pub(crate) covered: usize,
    pub(crate) all: usize,
}

impl Count {
    fn of<'p>(parts: impl IntoIterator<Item = &'p Part>) -> Self {
        let points = parts.into_iter().flat_map(|part| &part.points);
        points.fold(Self::default(), |count, point| match point.status {
            Status::Covered => Self { covered: count.covered + 1, all: count.all + 1 },
            Status::Missing => Self { all: count.all + 1, ..count },
            Status::Exempt(_) => count,
        })
    }

    /// Tenths of a percent, rounded down: 100 % are all points.
    pub(crate) fn per_mille(self) -> usize {
        (self.covered * 1000).checked_div(self.all).unwrap_or(1000)
    }

    /// The percentage, as in `83.3%`.
    pub(crate) fn percent(self) -> String {
        format!("{}.{}%", self.per_mille() / 10, self.per_mille() % 10)
    }
}

impl Coverage {
    pub(crate) fn count(&self) -> Count {
        Count::of(self.policies.iter().flat_map(|policy| &policy.parts))
    }

    /// Whether it is less than this percentage.
    pub(crate) fn is_below(&self, percent: u8) -> bool {
        self.count().per_mille() < usize::from(percent) * 10
    }

    /// All of it in a few words.
    pub(crate) fn summary(&self) -> String {
        let count = self.count();
        format!("coverage: {} ({} of {} points)", count.percent(), count.covered, count.all)
    }

    /// A finding for each part that has a point which no test shows.
    pub(crate) fn findings(&self) -> impl Iterator<Item = Problem> {
        self.policies.iter().flat_map(|policy| {
            policy.parts.iter().filter_map(|part| {
                let missing = part.missing()?;
                Some(Problem::Policy(policy.id.as_str().into(), report::uncovered(part.span, &missing, part.advice())))
            })
        })
    }
}

impl PolicyCoverage {
    pub(crate) fn count(&self) -> Count {
        Count::of(&self.parts)
    }

    /// The parts with a point that no test shows.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.is_gap())
    }
}

impl Part {
    fn status(&self, aspect: Aspect) -> Option<Status> {
        self.points.iter().find(|point| point.aspect == aspect).map(|point| point.status)
    }

    fn lacks(&self, aspect: Aspect) -> bool {
        self.status(aspect) == Some(Status::Missing)
    }

    /// Whether no test shows one of its points.
    pub(crate) fn is_gap(&self) -> bool {
        self.points.iter().any(|point| point.status == Status::Missing)
    }

    /// How often it was evaluated.
    pub(crate) fn evaluated(&self) -> u64 {
        self.seen.held + self.seen.not_held + self.seen.failed
    }

    /// The words for its values.
    pub(crate) fn words(&self) -> [&'static str; 2] {
        match self.kind {
            PartKind::Policy | PartKind::Link(_) => ["satisfied", "unsatisfied"],
            PartKind::Clause(_) => ["matched", "unmatched"],
            PartKind::Atom(_) => ["true", "false"],
        }
    }

    /// What no test shows, in words; nothing for a part without a gap.
    pub(crate) fn gap(&self) -> Option<String> {
        if !self.is_gap() {
            return None;
        }
        if self.evaluated() == 0 {
            return Some("never evaluated".to_owned());
        }
        let [holds, holds_not] = self.words();
        let mut gaps = Vec::new();
        gaps.extend(self.lacks(Aspect::Holds).then(|| format!("never {holds}")));
        gaps.extend(self.lacks(Aspect::HoldsNot).then(|| format!("never {holds_not}")));
        if self.lacks(Aspect::Alone) {
            // That it is never false says already that it is never false alone.
            let [held, not_held] = self.asked_alone;
            let alone = |word: &str, seen: bool, alone: bool| (seen && !alone).then(|| format!("never {word} alone"));
            gaps.extend(alone(holds, held && self.seen.held > 0, self.seen.held_alone));
            gaps.extend(alone(holds_not, not_held && self.seen.not_held > 0, self.seen.not_held_alone));
        }
        gaps.extend(self.lacks(Aspect::Fails).then(|| "never failing".to_owned()));
        Some(gaps.join(", "))
    }

    /// The same as a sentence about tests.
    fn missing(&self) -> Option<String> {
        let gap = self.gap()?;
        let what = match &self.kind {
            PartKind::Policy => format!("the policy is {gap}"),
            PartKind::Link(id) => format!("the link `{id}` is {gap}"),
            PartKind::Clause(_) | PartKind::Atom(_) => format!("`{}` is {gap}", self.text),
        };
        Some(format!("{what} in the tests"))
    }

    /// What would close the gap.
    fn advice(&self) -> &'static str {
        if self.evaluated() == 0 {
            return match self.kind {
                PartKind::Atom(_) => "add a test that comes to it: what stands before it must not decide already",
                PartKind::Policy | PartKind::Link(_) | PartKind::Clause(_) => {
                    "add a test with a request that is about it"
                }
            };
        }
        let only_alone = !self.lacks(Aspect::Holds) && !self.lacks(Aspect::HoldsNot) && self.lacks(Aspect::Alone);
        if only_alone {
            "add a test in which nothing else of the policy decides: that shows that this part is needed"
        } else {
            "add a test that shows it"
        }
    }
}

/// The name of an effect, and of what a policy is.
pub(crate) fn noun(policy: &PolicyCoverage) -> &'static str {
    match (policy.is_template, policy.effect) {
        (true, Effect::Permit) => "template, permit",
        (true, Effect::Forbid) => "template, forbid",
        (false, Effect::Permit) => "permit",
        (false, Effect::Forbid) => "forbid",
    }
}

/// Policies by the file that they stand in, in the order of reading.
pub(crate) fn by_file<'c>(
    coverage: &'c Coverage,
    sources: &'c Sources,
) -> Vec<(&'c str, &'c str, &'c [PolicyCoverage])> {
    let same = |one: &PolicyCoverage, other: &PolicyCoverage| one.span.source == other.span.source;
    let files = coverage.policies.chunk_by(same);
    let named = files.filter_map(|policies| {
        let source = policies.first()?.span.source;
        Some((sources.name(source), sources.text(source), policies))
    });
    named.collect()
}
