//! Verdicts for people: a tree for each policy.

use std::fmt::Write as _;

use super::{
    ConditionVerdict, Need, State, Verdict, Verdicts, Why,
    tree::{CameTo, Node, NodeKind},
};
use crate::{explanation::Mismatch, output::counted};

impl Why {
    /// The reasons, then a tree for each policy, then what it would take.
    pub(crate) fn to_text(&self) -> String {
        let mut text = self.explanation.to_text("");
        for verdict in &self.verdicts {
            text.push('\n');
            text += &verdict.to_text();
        }
        if let Some(nearest) = self.nearest.and_then(|nearest| self.verdicts.get(nearest))
            && let Some(needs) = &nearest.needs
        {
            // Writing to a string does not fail.
            let _ = write!(text, "\n`{}` would permit it if {}\n", nearest.policy.id, sentence(needs));
        }
        for forbid in self.verdicts.iter().filter(|verdict| verdict.is_satisfied_forbid()) {
            let line = match &forbid.needs {
                Some(needs) => format!("\n`{}` would not forbid it if {}\n", forbid.policy.id, sentence(needs)),
                None => format!("\n`{}` forbids whatever is in its scope\n", forbid.policy.id),
            };
            text += &line;
        }
        let [permits, forbids] = self.folded;
        if permits + forbids > 0 {
            let count = counted(permits + forbids, "policy");
            let kinds = format!("{}, {}", counted(permits, "permit"), counted(forbids, "forbid"));
            let _ = write!(text, "\nnot shown, as the scope does not match: {count} ({kinds}); `--all` shows them\n");
        }
        text
    }
}

impl Verdict {
    fn is_satisfied_forbid(&self) -> bool {
        self.outcome == Verdicts::Satisfied && self.policy.effect == "forbid"
    }

    fn to_text(&self) -> String {
        let how = match self.outcome {
            Verdicts::Satisfied => "applies",
            Verdicts::ScopeMismatch | Verdicts::ConditionFailed => "does not apply",
            Verdicts::Error => "fails, and so does not count",
        };
        let template = self.template.as_ref().map(|template| format!(", made from `{template}`")).unwrap_or_default();
        let mut text = format!("{} {}{template}: {how}\n", self.policy.effect, self.policy);
        let scope = if self.mismatches.is_empty() {
            vec![("its scope matches".to_owned(), Vec::new())]
        } else {
            self.mismatches.iter().map(|mismatch| (mismatch_line(mismatch), Vec::new())).collect()
        };
        let conditions = self.conditions.iter().map(|condition| (condition_line(condition), condition.nodes()));
        let failure = self.failure.iter().flat_map(|failure| {
            let help = failure.help.as_ref().map(|help| format!("help: {help}"));
            [Some(failure.message.clone()), self.declared.clone(), help].into_iter().flatten()
        });
        let lines: Vec<(String, Vec<&Node>)> =
            scope.into_iter().chain(conditions).chain(failure.map(|line| (line, Vec::new()))).collect();
        let last = lines.len().saturating_sub(1);
        for (position, (line, nodes)) in lines.into_iter().enumerate() {
            let (branch, below) = if position == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let _ = writeln!(text, "{branch}{line}");
            draw(&nodes, below, &mut text);
        }
        text
    }
}

impl ConditionVerdict {
    /// What is drawn below the line of the condition: the operands, if it is a conjunction.
    fn nodes(&self) -> Vec<&Node> {
        match &self.tree {
            Some(tree) if tree.kind == NodeKind::All => tree.children.iter().collect(),
            Some(tree) => vec![tree],
            None => Vec::new(),
        }
    }
}

fn mismatch_line(Mismatch { part, expected, found }: &Mismatch) -> String {
    format!("`{expected}` does not match: the {part} is {found}")
}

fn condition_line(condition: &ConditionVerdict) -> String {
    let state = match condition.state {
        State::Met => "is met",
        State::NotMet => "is not met",
        State::Failed => "could not be evaluated",
        State::NotReached => "was not looked at",
    };
    format!("`{}` at line {} {state}", condition.keyword, condition.location.line)
}

/// The nodes below an indentation. The depth of trees is bounded, so the stack is.
fn draw(nodes: &[&Node], indentation: &str, text: &mut String) {
    let last = nodes.len().saturating_sub(1);
    for (position, node) in nodes.iter().enumerate() {
        let (branch, below) = if position == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let _ = writeln!(text, "{indentation}{branch}{}", node_line(node));
        let children: Vec<&Node> = node.children.iter().collect();
        draw(&children, &format!("{indentation}{below}"), text);
    }
}

fn node_line(node: &Node) -> String {
    let what = match node.kind {
        NodeKind::All if !node.children.is_empty() => "all of these".to_owned(),
        NodeKind::Any if !node.children.is_empty() => "any of these".to_owned(),
        NodeKind::All | NodeKind::Any | NodeKind::Not | NodeKind::If | NodeKind::Test | NodeKind::Read => {
            format!("`{}`", node.text)
        }
    };
    let line = match &node.came_to {
        CameTo::Bool(value) if node.kind == NodeKind::Read => format!("{what} = {value}"),
        CameTo::Bool(value) => format!("{what}: {value}"),
        CameTo::Value(value) => format!("{what} = {value}"),
        CameTo::Failed(message) => format!("{what} has no value: {message}"),
        CameTo::PassedOver => format!("{what} (not needed)"),
    };
    if node.decides { format!("{line}  ← decides") } else { line }
}

/// What must be otherwise, to stand behind «if».
fn sentence(need: &Need) -> String {
    match need {
        Need::One(text) => text.clone(),
        Need::All(needs) => list("all of this were so", needs),
        Need::Any(needs) => list("any of this were so", needs),
    }
}

fn list(head: &str, needs: &[Need]) -> String {
    let lines = needs.iter().map(|need| format!("\n  - {}", on_one_line(need)));
    format!("{head}:{}", lines.collect::<String>())
}

pub(super) fn on_one_line(need: &Need) -> String {
    let join = |needs: &[Need], word: &str| {
        let parts: Vec<_> = needs
            .iter()
            .map(|need| match need {
                Need::One(text) => text.clone(),
                Need::All(_) | Need::Any(_) => format!("({})", on_one_line(need)),
            })
            .collect();
        parts.join(word)
    };
    match need {
        Need::One(text) => text.clone(),
        Need::All(needs) => join(needs, " and "),
        Need::Any(needs) => join(needs, " or "),
    }
}
