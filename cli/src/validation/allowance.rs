//! Comments that silence a finding: `// deodar: allow(code, code) reason`.
//!
//! Before a policy, and after the one before it, a comment counts for the whole policy; in a policy for its own line and
//! the next one. An annotation `@allow("code")` does the same for a policy, but is a part of it and stays in compiled
//! programs; a comment is for readers of the text only.

use deodar_grammar::{Code, Diagnostic, Severity, Sources, Span, ast::PolicySet, closest};

use crate::{input::Policies, report};

/// What the comments of policies silence.
#[derive(Debug, Default)]
pub(crate) struct Allowances {
    silenced: Vec<Silenced>,
    /// What is wrong with the comments.
    pub(crate) problems: Vec<Diagnostic>,
}

/// A code, and where it is silenced.
#[derive(Debug)]
struct Silenced {
    code: Code,
    place: Span,
}

impl Allowances {
    pub(crate) fn of(policies: &Policies, sources: &Sources) -> Self {
        let mut allowances = Self::default();
        for set in &policies.sets {
            for comment in &set.comments {
                let text = sources.slice(comment.span);
                if let Some(names) = names(text) {
                    allowances.add(names, comment.span, text, set, sources);
                }
            }
        }
        allowances
    }

    fn add(&mut self, names: &str, comment: Span, text: &str, set: &PolicySet, sources: &Sources) {
        let place = place(comment, set, sources);
        let pages = report::pages();
        let codes = || pages.iter().map(|page| page.code).filter(|code| code.severity == Severity::Warning);
        for name in names.split([',', ' ']).filter(|name| !name.is_empty()) {
            if let Some(code) = codes().find(|code| code.name == name) {
                self.silenced.push(Silenced { code, place });
                continue;
            }
            let at = text.find(name).and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
            let start = comment.start.saturating_add(at);
            let end = start.saturating_add(u32::try_from(name.len()).unwrap_or(0));
            let similar = closest(name, codes().map(|code| code.name));
            self.problems.push(report::unknown_allowance(Span { start, end, ..comment }, name, similar));
        }
    }

    /// Whether a comment silences this.
    pub(crate) fn silences(&self, diagnostic: &Diagnostic) -> bool {
        let span = diagnostic.span();
        let covers = |place: Span| place.source == span.source && place.start <= span.start && span.start < place.end;
        self.silenced.iter().any(|silenced| silenced.code.name == diagnostic.code().name && covers(silenced.place))
    }
}

/// The names between the parentheses, if the comment is one of ours.
fn names(comment: &str) -> Option<&str> {
    let text = comment.trim_start_matches('/').trim_start().strip_prefix("deodar:")?;
    let names = text.trim_start().strip_prefix("allow")?.trim_start().strip_prefix('(')?;
    names.split_once(')').map(|(names, _)| names)
}

/// What a comment is about.
fn place(comment: Span, set: &PolicySet, sources: &Sources) -> Span {
    let around =
        set.policies.iter().find(|policy| policy.span.start <= comment.start && comment.end <= policy.span.end);
    if around.is_none() {
        let next = set.policies.iter().find(|policy| policy.span.start >= comment.end);
        return next.map_or(comment, |policy| policy.span);
    }
    let text = sources.text(set.source);
    let start = text.get(..comment.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let rest = text.get(comment.end as usize..).unwrap_or_default();
    let end = rest.match_indices('\n').nth(1).map_or(text.len(), |(at, _)| comment.end as usize + at);
    let offset = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
    Span { start: offset(start), end: offset(end), ..comment }
}
