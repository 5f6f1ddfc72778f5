//! Atoms: the parts of a condition that are true or false by themselves.
//!
//! A condition is a skeleton of `&&`, `||`, `!` and `if` over atoms, as in `a && !(b || c == 1)`: the atoms are `a`,
//! `b` and `c == 1`. Coverage asks what was seen of each, mutations change them one by one.
//!
//! Each atom comes with the instructions that compute it. They are found by lowering the condition once more, with
//! tables that are thrown away: the code of a condition does not depend on what stands before it, so a program and a
//! bundle need not carry what only tools ask for.

use deodar_grammar::{
    Span,
    ast::{Condition, ExprId, ExprKind, Exprs, Policy, UnaryOperator},
};
use deodar_runtime::{
    instruction::{CodeAddress, Register},
    program::Place,
};

use crate::{
    Analysis,
    check::{FailureKind, PolicyAnalysis, StaticType},
    lower::Lowerer,
    pool::Pools,
};

/// A part of a condition that is true or false by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Atom {
    /// Which condition of the policy it is part of, from 0.
    pub condition: usize,
    /// The expression.
    pub expr: ExprId,
    /// Where it stands.
    pub span: Span,
    /// Its first instruction, counted from the first one of the condition.
    pub start: CodeAddress,
    /// Behind its last instruction: whoever comes here from one of them finds the value in the register.
    pub end: CodeAddress,
    /// Where its value is then.
    pub register: Register,
}

/// The atoms of a policy or template, in the order of evaluation. A condition that cannot be compiled has none.
pub fn atoms(exprs: &Exprs, policy: &Policy) -> Vec<Atom> {
    let conditions = policy.conditions.iter().enumerate();
    conditions.flat_map(|(position, condition)| atoms_of(exprs, position, condition)).collect()
}

fn atoms_of(exprs: &Exprs, position: usize, condition: &Condition) -> Vec<Atom> {
    let mut wanted = leaves(exprs, condition.body);
    wanted.sort_unstable();
    let (mut pools, mut code, mut places) = (Pools::default(), Vec::new(), Vec::new());
    let nowhere = |_| Place { source: 0, start: 0, end: 0, line: 0, column: 0 };
    let lowerer = Lowerer::new(exprs, &mut pools, &mut code, &mut places, nowhere);
    let yields = lowerer.yields(condition.body, &wanted).unwrap_or_default();
    let atoms = yields.into_iter().map(|found| Atom {
        condition: position,
        expr: found.expr,
        span: exprs.span(found.expr),
        start: found.start,
        end: found.end,
        register: found.register,
    });
    atoms.collect()
}

/// What types say of an atom, for all requests that a schema allows and that match the scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtomFacts {
    /// Whether it is evaluated at all.
    pub is_reachable: bool,
    /// Its value, if it is always the same.
    pub always: Option<bool>,
    /// Why its evaluation may fail, sorted.
    pub failures: Vec<FailureKind>,
}

impl AtomFacts {
    /// What is known of an atom of a checked policy.
    pub fn new(analysis: &Analysis, policy: &PolicyAnalysis, exprs: &Exprs, atom: &Atom) -> Self {
        let mut values = Vec::new();
        let mut failures = Vec::new();
        for class in analysis.environments(policy).filter(|class| class.is_reachable(atom.expr)) {
            values.push(class.type_of(atom.expr).and_then(StaticType::always));
            let within = |expr| atom.span.to(exprs.span(expr)) == atom.span;
            let found = class.failures().iter().filter(|failure| within(failure.expr));
            failures.extend(found.map(|failure| failure.kind));
        }
        failures.sort_unstable();
        failures.dedup();
        let first = values.first().copied().flatten();
        let always = first.filter(|first| values.iter().all(|value| *value == Some(*first)));
        Self { is_reachable: !values.is_empty(), always, failures }
    }
}

/// The expressions at the ends of the skeleton, in the order of the text.
pub fn leaves(exprs: &Exprs, root: ExprId) -> Vec<ExprId> {
    let mut leaves = Vec::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        match skeleton(exprs.kind(id)) {
            Some((_, parts)) => open.extend(parts.into_iter().rev()),
            None => leaves.push(id),
        }
    }
    leaves
}

/// What puts truth values together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connective {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `!`
    Not,
    /// `if`
    If,
}

/// The connective of a node of the skeleton with the parts that it puts together; nothing for an atom.
pub fn skeleton(kind: &ExprKind) -> Option<(Connective, Vec<ExprId>)> {
    match kind {
        ExprKind::And(operands) => Some((Connective::And, operands.to_vec())),
        ExprKind::Or(operands) => Some((Connective::Or, operands.to_vec())),
        ExprKind::Unary(UnaryOperator::Not, operand) => Some((Connective::Not, vec![*operand])),
        ExprKind::If { condition, then, otherwise } => Some((Connective::If, vec![*condition, *then, *otherwise])),
        ExprKind::Error
        | ExprKind::Bool(_)
        | ExprKind::Long(_)
        | ExprKind::String(_)
        | ExprKind::Entity(_)
        | ExprKind::Variable(_)
        | ExprKind::Slot(_)
        | ExprKind::Name(_)
        | ExprKind::Sum { .. }
        | ExprKind::Product(_)
        | ExprKind::Unary(UnaryOperator::Negate | UnaryOperator::IsEmpty, _)
        | ExprKind::Binary { .. }
        | ExprKind::Attribute { .. }
        | ExprKind::Has { .. }
        | ExprKind::Like { .. }
        | ExprKind::Is { .. }
        | ExprKind::Call { .. }
        | ExprKind::UnknownCall { .. }
        | ExprKind::Set(_)
        | ExprKind::Record(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use deodar_grammar::{Sources, ast::Dialect, parse_policies};

    use super::atoms;

    /// The atoms as they are written, with the addresses of their code.
    #[track_caller]
    fn check(conditions: &str, expected: &[(&str, u32, u32, u16)]) {
        let mut sources = Sources::new();
        let source = sources.add("a.cedar", format!("permit (principal, action, resource) {conditions};"));
        let (set, problems) = parse_policies(&sources, source, Dialect::Cedar);
        assert!(problems.is_empty(), "{problems:?}");
        let found = atoms(&set.exprs, &set.policies[0]);
        let found: Vec<_> =
            found.iter().map(|atom| (sources.slice(atom.span), atom.start.0, atom.end.0, atom.register.0)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_skeleton_ends_at_its_atoms() {
        // Instructions: context, .a, jump, context, .b, jump, context, .c, assert, assert, return.
        check(
            "when { context.a && (context.b || context.c) }",
            &[("context.a", 0, 2, 0), ("context.b", 3, 5, 0), ("context.c", 6, 8, 0)],
        );
        check("when { !(context.a) }", &[("context.a", 0, 2, 0)]);
    }

    #[test]
    fn every_branch_of_an_if_is_an_atom() {
        // Both branches end at the same register; the first one jumps over the second.
        check(
            "when { if context.a then context.b else context.c }",
            &[("context.a", 0, 2, 0), ("context.b", 3, 5, 0), ("context.c", 6, 8, 0)],
        );
    }

    #[test]
    fn what_is_no_truth_value_is_part_of_an_atom() {
        check(
            "when { (if true then 1 else 2) == 1 } unless { [true && false].contains(true) }",
            &[("(if true then 1 else 2) == 1", 0, 7, 0), ("[true && false].contains(true)", 0, 8, 0)],
        );
    }
}
