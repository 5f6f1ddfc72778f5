//! Two versions of a policy set: which policies differ, and which requests are decided otherwise.
//!
//! Policies are compared as trees, without their places: what was moved or laid out anew has not changed. Decisions are
//! compared over the requests of the tests of both versions and over samples of the space of requests that the schema
//! allows, in those environments that a changed policy may concern.
//!
//! | module | job |
//! |---|---|
//! | `operand` | what stands on the command line: a folder, a file, a revision of git |
//! | `side` | one version, read |
//! | `policies` | which policies were added, removed, changed, renamed |
//! | `decisions` | which requests are decided otherwise |
//! | `text`, `json`, `markdown` | what was found, written |

mod decisions;
mod json;
pub(crate) mod markdown;
mod operand;
mod policies;
mod side;
pub(crate) mod text;

use deodar_runtime::{Decision, Entity, Request, Response};

pub(crate) use self::{
    decisions::compare as compare_decisions, operand::Operand, policies::compare as compare_policies, side::Side,
};

/// What was found.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) old: String,
    pub(crate) new: String,
    pub(crate) policies: PolicyChanges,
    pub(crate) schema_differs: bool,
    pub(crate) flips: Vec<Flip>,
    pub(crate) asked: Asked,
}

/// How policies differ.
#[derive(Debug, Default)]
pub(crate) struct PolicyChanges {
    pub(crate) added: Vec<Named>,
    pub(crate) removed: Vec<Named>,
    pub(crate) changed: Vec<Changed>,
    pub(crate) renamed: Vec<(Named, Named)>,
    pub(crate) unchanged: usize,
}

/// A policy, a template or a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) effect: &'static str,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// Bytes from the start of the file.
    pub(crate) range: (u32, u32),
}

/// A policy in two versions.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) old: Named,
    pub(crate) new: Named,
    /// Whether only annotations differ, which decide nothing.
    pub(crate) only_annotations: bool,
    pub(crate) old_text: String,
    pub(crate) new_text: String,
}

/// A kind of requests that are decided otherwise, with one of them.
#[derive(Debug)]
pub(crate) struct Flip {
    pub(crate) direction: Direction,
    pub(crate) request: Request,
    /// Beside those of the fixtures.
    pub(crate) entities: Vec<Entity>,
    /// The test that it comes from.
    pub(crate) test: Option<String>,
    pub(crate) before: Verdict,
    pub(crate) after: Verdict,
    /// How many requests of the kind there were, this one included.
    pub(crate) count: usize,
}

/// A decision with the policies that are responsible.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) decision: Decision,
    pub(crate) determining: Vec<Named>,
    /// The ids of those that failed.
    pub(crate) errors: Vec<String>,
    /// Of a denial without a forbid.
    pub(crate) nearest: Option<Named>,
}

/// Which way a decision went. Requests that are allowed now come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    Widened,
    Narrowed,
}

impl Direction {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Widened => "widened",
            Self::Narrowed => "narrowed",
        }
    }

    /// The change in words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Widened => "deny → allow",
            Self::Narrowed => "allow → deny",
        }
    }
}

/// The requests that were looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    pub(crate) tests: usize,
    pub(crate) samples: usize,
    pub(crate) environments: usize,
    pub(crate) seed: u64,
    /// Whether there is a schema to make requests from.
    pub(crate) has_schema: bool,
}

impl Comparison {
    /// How many requests are decided otherwise in a direction.
    pub(crate) fn count(&self, direction: Direction) -> usize {
        self.flips.iter().filter(|flip| flip.direction == direction).map(|flip| flip.count).sum()
    }

    /// Whether anything differs.
    pub(crate) fn differs(&self) -> bool {
        let PolicyChanges { added, removed, changed, renamed, .. } = &self.policies;
        let same = added.is_empty() && removed.is_empty() && changed.is_empty() && renamed.is_empty();
        !same || self.schema_differs || !self.flips.is_empty()
    }
}

/// The direction between two responses, if they decide otherwise.
fn direction(before: &Response, after: &Response) -> Option<Direction> {
    match (before.decision(), after.decision()) {
        (Decision::Deny, Decision::Allow) => Some(Direction::Widened),
        (Decision::Allow, Decision::Deny) => Some(Direction::Narrowed),
        (Decision::Allow, Decision::Allow) | (Decision::Deny, Decision::Deny) => None,
    }
}
