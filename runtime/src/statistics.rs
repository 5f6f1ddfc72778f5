//! Counts of an engine: what it consists of, how its index sorts the policies, and the memory of its entities.

use crate::{Engine, Program, Question, Scratch};

/// How many of everything an engine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Static policies.
    pub policies: usize,
    /// Templates.
    pub templates: usize,
    /// Policies that were made from templates.
    pub links: usize,
    /// Instructions.
    pub instructions: usize,
    /// Constants.
    pub constants: usize,
    /// How the index finds the policies.
    pub index: IndexStatistics,
    /// The most steps that one decision takes if no set, string or record is looked at; see [`steps_without_data`].
    pub steps: usize,
    /// Entities, actions included.
    pub entities: usize,
    /// The bytes of the store.
    pub bytes: usize,
}

/// How many policies the index finds by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IndexStatistics {
    /// Only if the request's principal is, or is in, the entity that the scope names. Where few policies name one, they
    /// are found by their action.
    pub principal: usize,
    /// Only if the request's resource is, or is in, the entity that the scope names.
    pub resource: usize,
    /// Only if the request has the value that the condition compares with.
    pub constant: usize,
    /// By the action alone.
    pub action: usize,
    /// In every request.
    pub unscoped: usize,
}

/// How many policies one decision looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looks {
    /// Policies that the index finds; the scope of some of them does not match.
    pub found: usize,
    /// Policies whose conditions are evaluated, those without conditions included.
    pub evaluated: usize,
}

impl Engine {
    /// How many policies a decision on the request looks at; nothing for handles of another engine.
    pub fn looks<'q>(&self, scratch: &mut Scratch, request: impl Into<Question<'q>>) -> Option<Looks> {
        scratch.looks(self, request.into())
    }

    /// How many of everything there is. Links that were added to the engine count as those of the program.
    pub fn statistics(&self) -> Statistics {
        let program = self.program();
        let linked = program.policies().iter().filter(|policy| policy.template.is_some()).count();
        let statics = program.policies().len();
        let added = self.policies().filter(|view| view.number as usize >= statics).count();
        Statistics {
            policies: statics - linked,
            templates: program.templates().len(),
            links: linked + added,
            instructions: program.parts().code.len(),
            constants: program.parts().constants.len(),
            index: self.index.statistics(),
            steps: steps_without_data(program),
            entities: self.entities().len(),
            bytes: self.entities().bytes(),
        }
    }
}

/// The bound on the steps of a decision that the program alone gives: every instruction of every policy once, as jumps
/// lead forward. What an instruction looks at (elements of sets, characters of a pattern) is data and comes on top.
pub fn steps_without_data(program: &Program) -> usize {
    let conditions = program.policies().iter().flat_map(|policy| &policy.conditions);
    conditions.map(|condition| (condition.code.end.0.saturating_sub(condition.code.start.0)) as usize).sum()
}
