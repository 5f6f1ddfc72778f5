//! What the generated cases were like: the evidence that the comparison compares something.

use std::{collections::BTreeMap, fmt};

use super::{Answers, Kind, Mode, Options, mutate::MUTATIONS, tree::Expr, world::World};
use crate::run::Tally;

/// Counts over the cases of a run.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    /// Cases.
    pub cases: usize,
    policies: usize,
    rejected_policies: usize,
    /// Cases with each outcome.
    outcomes: BTreeMap<&'static str, usize>,
    /// Cases with each kind of error and warning.
    kinds: BTreeMap<Kind, usize>,
    /// Cases with each change.
    mutations: BTreeMap<&'static str, usize>,
    /// Cases with each form of expression.
    forms: BTreeMap<&'static str, usize>,
    /// Cases checked with each of the options.
    options: BTreeMap<Options, usize>,
}

impl Tally for Statistics {
    fn merge(&mut self, other: &Self) {
        self.cases += other.cases;
        self.policies += other.policies;
        self.rejected_policies += other.rejected_policies;
        merge(&mut self.outcomes, &other.outcomes);
        merge(&mut self.kinds, &other.kinds);
        merge(&mut self.mutations, &other.mutations);
        merge(&mut self.forms, &other.forms);
        merge(&mut self.options, &other.options);
    }
}

impl Statistics {
    /// Counts one case, with the reference's answers.
    pub(super) fn count(&mut self, world: &World, answers: &Answers) {
        self.cases += 1;
        self.policies += world.policies.len();
        let mut kinds = Vec::new();
        for verdict in &answers.verdicts {
            kinds.extend(verdict.errors.iter().chain(&verdict.warnings).map(|(_, kind)| *kind));
        }
        add(&mut self.kinds, kinds);
        if let Some(strict) = answers.verdicts.first() {
            let mut ids: Vec<_> = strict.errors.iter().map(|(id, _)| id).collect();
            ids.dedup();
            self.rejected_policies += ids.len();
        }
        let passed = |mode: Mode, level: bool| {
            let mut verdicts = world.options.iter().zip(&answers.verdicts);
            verdicts
                .find(|(options, _)| options.mode == mode && options.level.is_some() == level)
                .map(|(_, verdict)| verdict.passed)
        };
        let links = answers.links.len();
        let outcomes = [
            ("policies unreadable", answers.policies.is_err()),
            ("schema unreadable", answers.schema.is_err()),
            ("passes, strict", passed(Mode::Strict, false) == Some(true)),
            ("fails, strict", passed(Mode::Strict, false) == Some(false)),
            ("fails, permissive", passed(Mode::Permissive, false) == Some(false)),
            ("passes with a level", passed(Mode::Strict, true) == Some(true)),
            ("with links", links > 0),
            ("policies in JSON", world.json_policies),
            ("schema in JSON", world.json_schema),
        ];
        add(&mut self.outcomes, outcomes.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect());
        add(&mut self.mutations, world.mutations.iter().copied().collect());
        add(&mut self.options, world.options.clone());
        self.count_forms(world);
    }

    fn count_forms(&mut self, world: &World) {
        let mut forms = Vec::new();
        for condition in world.policies.iter().flat_map(|policy| &policy.conditions) {
            condition.body.visit(&mut |node| forms.push(form(node)));
        }
        add(&mut self.forms, forms);
    }

    /// What is rarer than it should be: rejections, and every kind of error and warning.
    pub fn shortcomings(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut require = |name: &str, count: usize, permille: usize| {
            if count * 1000 < permille * self.cases {
                found.push(format!(
                    "{name}: {} instead of {}",
                    share(count, self.cases).trim(),
                    share(permille, 1000).trim()
                ));
            }
        };
        let outcome = |name| self.outcomes.get(name).copied().unwrap_or(0);
        require("rejected", outcome("fails, strict"), 300);
        require("accepted", outcome("passes, strict"), 200);
        for kind in Kind::ALL {
            require(kind.code(), self.kinds.get(kind).copied().unwrap_or(0), 10);
        }
        for (name, _, _) in MUTATIONS {
            require(name, self.mutations.get(name).copied().unwrap_or(0), 3);
        }
        if outcome("policies unreadable") + outcome("schema unreadable") > 0 {
            found.push("some inputs cannot be read, so they have no verdict".into());
        }
        found
    }
}

/// The name of a form of expressions.
fn form(expr: &Expr) -> &'static str {
    match expr {
        Expr::Bool(_) | Expr::Long(_) | Expr::Text(_) => "literal",
        Expr::Entity(_) => "entity literal",
        Expr::Variable(name) => name,
        Expr::If(_) => "if",
        Expr::Binary(operator, _) => operator,
        Expr::Unary("-", _) => "negation",
        Expr::Unary(operator, _) => operator,
        Expr::Attribute(..) => ".attribute",
        Expr::Has(_, path) if path.len() > 1 => "has a.b",
        Expr::Has(..) => "has",
        Expr::Like(..) => "like",
        Expr::Is(..) => "is",
        Expr::IsIn(..) => "is in",
        Expr::Set(_) => "set",
        Expr::Record(_) => "record",
        Expr::Method(name, _) | Expr::Call(name, _) => name,
    }
}

/// Counts each of them once.
fn add<K: Ord + Copy>(counts: &mut BTreeMap<K, usize>, mut keys: Vec<K>) {
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
}

fn merge<K: Ord + Copy>(counts: &mut BTreeMap<K, usize>, other: &BTreeMap<K, usize>) {
    for (key, count) in other {
        *counts.entry(*key).or_default() += count;
    }
}

fn share(count: usize, of: usize) -> String {
    let permille = (count * 1000).checked_div(of).unwrap_or(0);
    format!("{:4}.{} %", permille / 10, permille % 10)
}

/// The distribution as a table.
impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cases = self.cases;
        writeln!(f, "{cases} cases, {} policies", self.policies)?;
        writeln!(f, "of the policies:\n  {} rejected, strict", share(self.rejected_policies, self.policies))?;
        writeln!(f, "of the cases, outcomes:")?;
        for (name, count) in &self.outcomes {
            writeln!(f, "  {} {name}", share(*count, cases))?;
        }
        writeln!(f, "of the cases, kinds of errors and warnings:")?;
        for (kind, count) in &self.kinds {
            writeln!(f, "  {} {} {kind}", share(*count, cases), if kind.is_error() { "error  " } else { "warning" })?;
        }
        writeln!(f, "of the cases, checked:")?;
        for (options, count) in &self.options {
            writeln!(f, "  {} {options}", share(*count, cases))?;
        }
        for (title, counts) in [("changes", &self.mutations), ("forms of expressions", &self.forms)] {
            writeln!(f, "of the cases, {title}:")?;
            for (name, count) in counts {
                writeln!(f, "  {} {name}", share(*count, cases))?;
            }
        }
        Ok(())
    }
}
