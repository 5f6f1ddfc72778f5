//! What an observer sees of random conditions, against a model that knows nothing of code and registers: trees are
//! evaluated over a table of values, and an atom decides alone if another value of its attribute changes the outcome.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test ends where its premises do not hold")]

use deodar_compiler::{atoms, compile};
use deodar_grammar::{Sources, ast::Dialect, parse_policies};
use deodar_runtime::{
    Context, Engine, Entities, Observer, PolicySeen, Probe, Request, Seen, Value, instruction::CodeAddress,
};

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

enum Tree {
    Atom(usize),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
    If(Box<[Tree; 3]>),
}

/// A tree whose atoms are attributes of the context, each used once.
fn tree(numbers: &mut Numbers, depth: u32, atoms: &mut usize) -> Tree {
    let mut below = |numbers: &mut Numbers| tree(numbers, depth - 1, atoms);
    let kind = if depth == 0 { 0 } else { numbers.below(6) };
    match kind {
        1 => Tree::Not(Box::new(below(numbers))),
        2 | 3 => Tree::And((0..2 + numbers.below(2)).map(|_| below(numbers)).collect()),
        4 => Tree::Or((0..2 + numbers.below(2)).map(|_| below(numbers)).collect()),
        5 => Tree::If(Box::new([below(numbers), below(numbers), below(numbers)])),
        _ => {
            *atoms += 1;
            Tree::Atom(*atoms - 1)
        }
    }
}

fn text(tree: &Tree) -> String {
    let joined = |trees: &[Tree], sign: &str| {
        let parts: Vec<_> = trees.iter().map(text).collect();
        format!("({})", parts.join(sign))
    };
    match tree {
        // The second form has jumps of its own.
        Tree::Atom(number) if number % 2 == 0 => format!("context.a{number}"),
        Tree::Atom(number) => format!("(if true then context.a{number} else 1) == true"),
        Tree::Not(operand) => format!("!({})", text(operand)),
        Tree::And(operands) => joined(operands, " && "),
        Tree::Or(operands) => joined(operands, " || "),
        Tree::If(parts) => format!("(if {} then {} else {})", text(&parts[0]), text(&parts[1]), text(&parts[2])),
    }
}

/// The value, and the atoms on the way; nothing if an attribute is missing.
fn value(tree: &Tree, values: &[Option<bool>], seen: &mut Vec<usize>) -> Option<bool> {
    match tree {
        Tree::Atom(number) => {
            seen.push(*number);
            values[*number]
        }
        Tree::Not(operand) => value(operand, values, seen).map(|value| !value),
        Tree::And(operands) => chain(operands, false, values, seen),
        Tree::Or(operands) => chain(operands, true, values, seen),
        Tree::If(parts) => {
            let branch = if value(&parts[0], values, seen)? { &parts[1] } else { &parts[2] };
            value(branch, values, seen)
        }
    }
}

fn chain(operands: &[Tree], decides: bool, values: &[Option<bool>], seen: &mut Vec<usize>) -> Option<bool> {
    for operand in operands {
        if value(operand, values, seen)? == decides {
            return Some(decides);
        }
    }
    Some(!decides)
}

/// What becomes of a policy with these two conditions.
fn outcome(conditions: &[Tree; 2], values: &[Option<bool>]) -> (Option<bool>, Vec<usize>) {
    let mut seen = Vec::new();
    let first = value(&conditions[0], values, &mut seen);
    let both = match first {
        Some(true) => value(&conditions[1], values, &mut seen).map(|value| !value),
        other => other,
    };
    (both, seen)
}

fn note(seen: &mut Seen, value: Option<bool>) {
    match value {
        Some(true) => seen.held += 1,
        Some(false) => seen.not_held += 1,
        None => seen.failed += 1,
    }
}

fn expected(conditions: &[Tree; 2], n_atoms: usize, requests: &[Vec<Option<bool>>]) -> PolicySeen {
    let mut all = PolicySeen { probes: vec![Seen::default(); n_atoms], ..PolicySeen::default() };
    for values in requests {
        let (result, evaluated) = outcome(conditions, values);
        note(&mut all.policy, result);
        for part in &mut all.scope {
            part.held += 1;
            part.held_alone |= result != Some(false);
        }
        for atom in evaluated {
            let seen = &mut all.probes[atom];
            note(seen, values[atom]);
            let Some(value) = values[atom] else { continue };
            let mut other = values.clone();
            other[atom] = Some(!value);
            let alone = if value { &mut seen.held_alone } else { &mut seen.not_held_alone };
            *alone |= outcome(conditions, &other).0 != result;
        }
    }
    all
}

fn observed(policy: &str, requests: &[Vec<Option<bool>>]) -> PolicySeen {
    let mut sources = Sources::new();
    let source = sources.add("a.cedar", policy);
    let (set, problems) = parse_policies(&sources, source, Dialect::Cedar);
    assert!(problems.is_empty(), "{policy}\n{problems:?}");
    let program = compile(&[&set], &sources).expect("a program");
    let conditions = &program.policies()[0].conditions;
    let probe = |atom: &deodar_compiler::Atom| {
        let at = |address: CodeAddress| CodeAddress(conditions[atom.condition].code.start.0 + address.0);
        Probe { condition: atom.condition, start: at(atom.start), end: at(atom.end), register: atom.register }
    };
    let probes = atoms(&set.exprs, &set.policies[0]).iter().map(probe).collect();
    let mut observer = Observer::new([probes]);
    let engine = Engine::new(program, Entities::new());
    for values in requests {
        let members =
            values.iter().enumerate().filter_map(|(at, value)| Some((format!("a{at}"), Value::from((*value)?))));
        let context = Context::from_pairs(members).expect("a context");
        let uid = |text: &str| text.parse().expect("an entity");
        let request = Request::new(uid("U::\"u\""), uid("Action::\"a\""), uid("R::\"r\""), context);
        observer.observe(&engine, &request);
    }
    observer.policies().next().expect("a policy").clone()
}

#[test]
fn observers_see_what_the_model_sees() {
    let mut numbers = Numbers(7);
    let mut alone = 0;
    for _ in 0..400 {
        let mut n_atoms = 0;
        let conditions = [tree(&mut numbers, 3, &mut n_atoms), tree(&mut numbers, 2, &mut n_atoms)];
        let request = |numbers: &mut Numbers| -> Vec<Option<bool>> {
            let value = |_| [Some(true), Some(false), Some(true), Some(false), None];
            (0..n_atoms).map(|at| value(at)[usize::try_from(numbers.below(5)).expect("small")]).collect()
        };
        let requests: Vec<_> = (0..6).map(|_| request(&mut numbers)).collect();
        let policy = format!(
            "permit (principal, action, resource) when {{ {} }} unless {{ {} }};",
            text(&conditions[0]),
            text(&conditions[1])
        );
        let expected = expected(&conditions, n_atoms, &requests);
        alone += expected.probes.iter().filter(|seen| seen.held_alone && seen.not_held_alone).count();
        assert_eq!(observed(&policy, &requests), expected, "{policy}\n{requests:?}");
    }
    assert!(alone > 50, "{alone} atoms decided alone with both values");
}
