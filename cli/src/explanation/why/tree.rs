//! The tree below a condition: what its parts came to, and the values that they read.
//!
//! `&&`, `||`, `!` and `if` have their operands below them, everything else the values that it read. The tree ends at
//! [`LEVELS`], and has at most [`NODES`] nodes: what is deeper or more is shown as one expression.

use deodar_compiler::atoms::{Connective, skeleton};
use deodar_grammar::ast::{ExprId, ExprKind, Variable};
use deodar_runtime::Reason;

use super::probe::{Found, Probe};
use crate::explanation::{Location, shorten};

const LEVELS: usize = 12;
const NODES: usize = 200;

/// A part of a condition.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    pub(super) text: String,
    pub(super) location: Location,
    pub(super) came_to: CameTo,
    /// Whether it decided the condition.
    pub(super) decides: bool,
    pub(super) children: Vec<Self>,
}

/// How a part relates to those below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    All,
    Any,
    Not,
    If,
    /// A comparison and the like.
    Test,
    /// A value that a test read.
    Read,
}

impl NodeKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
            Self::Not => "not",
            Self::If => "if",
            Self::Test => "test",
            Self::Read => "read",
        }
    }
}

/// What a part came to.
#[derive(Debug)]
pub(super) enum CameTo {
    Bool(bool),
    Value(String),
    Failed(String),
    /// The decision did not need it.
    PassedOver,
}

/// The tree of an expression; `because` are the parts that decided.
pub(super) fn of(probe: &mut Probe<'_>, root: ExprId, because: &[Reason]) -> Node {
    let mut builder = Builder { probe, because, left: NODES };
    builder.node(root, LEVELS, true)
}

struct Builder<'b, 'p, 'r> {
    probe: &'b mut Probe<'p>,
    because: &'r [Reason],
    left: usize,
}

impl Builder<'_, '_, '_> {
    fn node(&mut self, id: ExprId, levels: usize, reached: bool) -> Node {
        self.left = self.left.saturating_sub(1);
        let kind = match skeleton(self.probe.kind(id)) {
            Some((Connective::And, _)) => NodeKind::All,
            Some((Connective::Or, _)) => NodeKind::Any,
            Some((Connective::Not, _)) => NodeKind::Not,
            Some((Connective::If, _)) => NodeKind::If,
            None => NodeKind::Test,
        };
        let children = if !reached || levels == 0 || self.left == 0 {
            Vec::new()
        } else if kind == NodeKind::Test {
            self.reads(id)
        } else {
            self.operands(id, levels - 1)
        };
        let span = self.probe.span(id);
        let decides =
            self.because.iter().any(|reason| (reason.place.start, reason.place.end) == (span.start, span.end));
        Node { decides, ..self.leaf(kind, id, reached, children) }
    }

    fn leaf(&mut self, kind: NodeKind, id: ExprId, reached: bool, children: Vec<Node>) -> Node {
        let position = self.probe.position(id);
        let file = self.probe.source_name().to_owned();
        let came_to = if reached { came_to(&self.probe.found(id)) } else { CameTo::PassedOver };
        let location = Location { file, line: position.line, column: position.column };
        Node { kind, text: self.probe.text(id), location, came_to, decides: false, children }
    }

    /// The operands of a chain, `!` or `if`; those behind the one that ends the chain are passed over.
    fn operands(&mut self, id: ExprId, levels: usize) -> Vec<Node> {
        let kind = self.probe.kind(id);
        if let ExprKind::And(operands) = kind {
            return self.chain(operands, false, levels);
        }
        if let ExprKind::Or(operands) = kind {
            return self.chain(operands, true, levels);
        }
        if let ExprKind::If { condition, then, otherwise } = kind {
            let taken = self.probe.bool(*condition);
            return vec![
                self.node(*condition, levels, true),
                self.node(*then, levels, taken == Some(true)),
                self.node(*otherwise, levels, taken == Some(false)),
            ];
        }
        let mut nodes = Vec::new();
        kind.for_each_child(|operand| nodes.push(self.node(operand, levels, true)));
        nodes
    }

    fn chain(&mut self, operands: &[ExprId], ends_at: bool, levels: usize) -> Vec<Node> {
        let mut reached = true;
        let mut nodes = Vec::new();
        for operand in operands {
            if self.left == 0 {
                break;
            }
            nodes.push(self.node(*operand, levels, reached));
            reached = reached && self.probe.bool(*operand) == Some(!ends_at);
        }
        nodes
    }

    /// The values that a test read, each once.
    fn reads(&mut self, id: ExprId) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::new();
        let kind = self.probe.kind(id);
        let mut open = children(kind);
        if matches!(kind, ExprKind::Attribute { .. } | ExprKind::Has { .. }) {
            // Who asks for what stands above the trees.
            open.retain(|part| !matches!(self.probe.kind(*part), ExprKind::Variable(_)));
        }
        while let Some(part) = open.pop() {
            if self.left == 0 {
                break;
            }
            let (is_read, below) = self.look_at(part);
            if is_read && nodes.iter().all(|node| node.text != self.probe.text(part)) {
                self.left -= 1;
                nodes.push(self.leaf(NodeKind::Read, part, true, Vec::new()));
            }
            open.extend(below);
        }
        nodes
    }

    /// Whether the value of a part says something, and which parts of it do, the last one first.
    fn look_at(&self, part: ExprId) -> (bool, Vec<ExprId>) {
        let kind = self.probe.kind(part);
        if self.probe.is_literal(part) || matches!(kind, ExprKind::Variable(Variable::Context)) {
            // What the whole request is says nothing about one test.
            return (false, Vec::new());
        }
        if let ExprKind::Attribute { base, .. } = kind {
            let is_variable = matches!(self.probe.kind(*base), ExprKind::Variable(_));
            return (true, if is_variable { Vec::new() } else { vec![*base] });
        }
        if matches!(kind, ExprKind::Set(_) | ExprKind::Record(_) | ExprKind::Sum { .. } | ExprKind::Product(_)) {
            return (false, children(kind));
        }
        if let ExprKind::Call { arguments, .. } = kind {
            let is_constant = arguments.iter().all(|argument| self.probe.is_literal(*argument));
            return (!is_constant, Vec::new());
        }
        (true, Vec::new())
    }
}

/// The children of a node, the last one first.
fn children(kind: &ExprKind) -> Vec<ExprId> {
    let mut children = Vec::new();
    kind.for_each_child(|child| children.push(child));
    children.reverse();
    children
}

fn came_to(found: &Found) -> CameTo {
    match found {
        Found::Value(value) => match value.as_bool() {
            Some(value) => CameTo::Bool(value),
            None => CameTo::Value(shorten(&value.to_string())),
        },
        Found::Failed(error) => CameTo::Failed(error.to_string()),
    }
}
