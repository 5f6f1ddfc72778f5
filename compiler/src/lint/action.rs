//! Actions that no policy is about, and actions that nobody may take.

use deodar_grammar::ast::Effect;
use deodar_runtime::EntityUid;
use hashbrown::HashSet;

use super::{Findings, Ground, Subject, usage};
use crate::{
    check::{ActionIndex, matching_actions},
    report::lint as report,
};

/// Reports both kinds, and gives the actions that no policy is about.
pub(super) fn check(ground: &Ground<'_>, subjects: &[Subject<'_>], findings: &mut Findings<'_>) -> HashSet<EntityUid> {
    let matched = matched(ground, subjects);
    let permitted = permitted(subjects);
    let mut unused = HashSet::new();
    for (index, action) in ground.model.actions() {
        let Some(declared) = ground.definitions.actions.get(action.uid) else { continue };
        let allowed = ground.allowed(declared.site, &declared.declaration.annotations);
        let is_group = ground.model.schema.action_descendants(action.uid).next().is_some();
        let applies = !action.principals.is_empty() && !action.resources.is_empty();
        if !matched.contains(index) && !ground.usage.names_action(index) && !is_group {
            unused.insert(action.uid.clone());
            findings.push(&allowed, report::unused_action(action.uid, declared.name.span));
        } else if let Permitted::Some(permitted) = &permitted
            && applies
            && !permitted.contains(&index)
        {
            findings.push(&allowed, report::unpermitted_action(action.uid, declared.name.span));
        }
    }
    unused
}

/// The actions that some scope matches.
enum Matched {
    All,
    Some(HashSet<ActionIndex>),
}

impl Matched {
    fn contains(&self, action: ActionIndex) -> bool {
        match self {
            Self::All => true,
            Self::Some(actions) => actions.contains(&action),
        }
    }
}

fn matched(ground: &Ground<'_>, subjects: &[Subject<'_>]) -> Matched {
    let mut matched = HashSet::new();
    for subject in subjects {
        match matching_actions(ground.model, &subject.policy.scope.action) {
            None => return Matched::All,
            Some(actions) => matched.extend(actions),
        }
    }
    Matched::Some(matched)
}

/// The actions that a permit may permit.
enum Permitted {
    /// There are no permits: these policies are a part of some set, which has them elsewhere.
    Unknown,
    Some(HashSet<ActionIndex>),
}

fn permitted(subjects: &[Subject<'_>]) -> Permitted {
    let mut permits = subjects.iter().filter(|subject| subject.policy.effect.value == Effect::Permit).peekable();
    if permits.peek().is_none() {
        return Permitted::Unknown;
    }
    let mut permitted = HashSet::new();
    for check in permits.filter_map(|subject| subject.check) {
        for class in check.classes.iter().filter(|class| !class.is_false) {
            permitted.extend(usage::actions(check, class));
        }
    }
    Permitted::Some(permitted)
}
