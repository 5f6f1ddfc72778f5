//! Explanations for people.

use std::fmt;

use deodar_runtime::Decision;

use super::{Asked, Because, Explanation, Failure, Found, Location, Mismatch, Named, Nearest, Obstacle};

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.id, self.location)
    }
}

impl Explanation {
    /// The reasons, a line each, behind the indentation.
    pub(crate) fn to_text(&self, indentation: &str) -> String {
        let mut lines = Vec::new();
        if let Some(limit) = &self.limit {
            lines.push(format!("denied: the decision exceeds the limit {limit}"));
        }
        let verb = if self.decision == Decision::Allow { "permitted" } else { "forbidden" };
        lines.extend(self.determining.iter().map(|policy| format!("{verb} by {policy}")));
        if self.limit.is_none() && self.decision == Decision::Deny && self.determining.is_empty() {
            match &self.nearest {
                Some(nearest) => nearest_lines(nearest, &mut lines),
                None if self.is_brief => lines.push("no permit applies".to_owned()),
                None => lines.push("no permit applies: there is none among the policies".to_owned()),
            }
        }
        // The nearest permit may be the one that was asked about.
        let nearest = self.nearest.as_ref().map(|nearest| nearest.policy.id.as_str());
        for asked in self.asked.iter().filter(|asked| nearest != Some(&asked.id)) {
            asked_lines(asked, &mut lines);
        }
        for failure in &self.errors {
            failure_lines(failure, &mut lines);
        }
        lines.iter().flat_map(|line| [indentation, line, "\n"]).collect()
    }
}

fn asked_lines(Asked { id, found }: &Asked, lines: &mut Vec<String>) {
    match found {
        Found::Nowhere(None) => lines.push(format!("there is no policy `{id}`")),
        Found::Nowhere(Some(similar)) => lines.push(format!("there is no policy `{id}`; did you mean `{similar}`?")),
        Found::Outweighed(policy) => lines.push(format!("{policy} applies, but a forbid outweighs it")),
        Found::Kept(kept) => {
            lines.push(format!("{} does not apply", kept.policy));
            obstacle_lines(&kept.obstacle, lines);
        }
    }
}

fn nearest_lines(nearest: &Nearest, lines: &mut Vec<String>) {
    lines.push(format!("no permit applies; the nearest is {}", nearest.policy));
    obstacle_lines(&nearest.obstacle, lines);
}

fn obstacle_lines(obstacle: &Obstacle, lines: &mut Vec<String>) {
    match obstacle {
        Obstacle::Scope(mismatches) => {
            lines.extend(mismatches.iter().map(|Mismatch { part, expected, found }| {
                format!("  its scope does not match: `{expected}`, but the {part} is `{found}`")
            }));
        }
        Obstacle::Condition { keyword, location, because } => {
            lines.push(format!("  its `{keyword}` at line {} is not met", location.line));
            lines.extend(because.iter().map(because_line));
        }
        Obstacle::Error => lines.push("  it could not be evaluated".to_owned()),
    }
}

fn because_line(because: &Because) -> String {
    let Because { location, text, value, operands } = because;
    let what = match text {
        Some(text) => format!("`{text}`"),
        None => "the expression".to_owned(),
    };
    // One operand is mostly a record or entity that `has` looks into; two are the sides of a comparison.
    let with = match operands.as_slice() {
        [left, right] => format!(", with {left} and {right}"),
        _ => String::new(),
    };
    format!("    {what} is {value}{with} ({location})")
}

fn failure_lines(failure: &Failure, lines: &mut Vec<String>) {
    let Failure { policy, message, help, at, .. } = failure;
    lines.push(format!("the {} {policy} could not be evaluated and does not count: {message}", policy.effect));
    if let Some(at) = at {
        lines.push(format!("  at {at}"));
    }
    if let Some(help) = help {
        lines.push(format!("  help: {help}"));
    }
}
