//! Conditions that are well-typed in several request environments at once.
//!
//! A [`Path`] is an attribute that all environments have. It carries the tests that must come before it; those that are
//! already known to hold at this place of the condition are in `known`, as the type checker's capabilities are.

use super::super::{
    schema::{self, Environment},
    tree::Expr,
};
use crate::world::{
    Random,
    data::TAGS,
    schema::{Schema, Ty},
};

/// Something that every request of the environments has.
#[derive(Debug, Clone)]
pub struct Path {
    /// The expression.
    pub expr: Expr,
    /// Its type.
    pub ty: Ty,
    /// The tests that must come before it, outermost first.
    pub guards: Vec<Expr>,
}

/// A path with its type in each of the environments.
struct Candidate {
    expr: Expr,
    types: Vec<Ty>,
    guards: Vec<Expr>,
    length: usize,
}

/// Writes conditions.
pub struct Conditions<'c, 'r, 'b> {
    /// Where choices come from.
    pub random: &'c mut Random<'r, 'b>,
    /// The schema.
    pub schema: &'c Schema,
    environments: Vec<Environment>,
    paths: Vec<Path>,
    known: Vec<Expr>,
    fuel: usize,
}

impl<'c, 'r, 'b> Conditions<'c, 'r, 'b> {
    /// Conditions for all of these environments.
    pub fn new(random: &'c mut Random<'r, 'b>, schema: &'c Schema, environments: Vec<Environment>) -> Self {
        let paths = paths(schema, &environments);
        Self { random, schema, environments, paths, known: Vec::new(), fuel: 30 }
    }

    fn spend(&mut self) -> bool {
        let left = self.fuel > 0;
        self.fuel = self.fuel.saturating_sub(1);
        left
    }

    fn missing(&self, path: &Path) -> Vec<Expr> {
        path.guards.iter().filter(|guard| !self.known.contains(guard)).cloned().collect()
    }

    /// An attribute or variable of that type that may be used here.
    pub fn path(&mut self, ty: &Ty) -> Option<Expr> {
        let fitting: Vec<_> =
            self.paths.iter().filter(|path| path.ty == *ty && self.missing(path).is_empty()).collect();
        if fitting.is_empty() { None } else { Some(self.random.pick(&fitting).expr.clone()) }
    }

    /// Any that may be used here, with its type.
    fn some_path(&mut self) -> Option<(Expr, Ty)> {
        let usable: Vec<_> = self.paths.iter().filter(|path| self.missing(path).is_empty()).collect();
        if usable.is_empty() {
            return None;
        }
        let path = *self.random.pick(&usable);
        Some((path.expr.clone(), path.ty.clone()))
    }

    /// A boolean.
    pub fn boolean(&mut self, depth: usize) -> Expr {
        if depth == 0 || !self.spend() {
            return self.simple();
        }
        match self.random.weighted(&[24, 12, 9, 6, 6, 22, 10, 12, 6, 4]) {
            0 => self.simple(),
            1 => {
                let (left, right) = (self.boolean(depth - 1), self.boolean(depth - 1));
                Expr::and(left, right)
            }
            2 => {
                let (left, right) = (self.boolean(depth - 1), self.boolean(depth - 1));
                Expr::or(left, right)
            }
            3 => self.boolean(depth - 1).negated(),
            4 => {
                let guard = self.boolean(depth - 1);
                Expr::conditional(guard, self.boolean(depth - 1), self.boolean(depth - 1))
            }
            5 => self.guarded(depth),
            6 => self.guarded_tag(depth),
            7 => self.narrowed(depth),
            8 => self.action_test(),
            _ => self.has(),
        }
    }

    /// A test of something, without operators between tests.
    fn simple(&mut self) -> Expr {
        if self.random.percent(6) {
            return Expr::Bool(self.random.percent(60));
        }
        match self.some_path() {
            Some((expr, ty)) if self.random.percent(80) => self.test(expr, &ty, 1),
            _ => {
                let ty = crate::world::schema::ty(self.random, self.schema.types.len(), 1);
                match self.value(&ty, 1) {
                    Some(value) => self.test(value, &ty, 1),
                    None => Expr::Bool(true),
                }
            }
        }
    }

    /// What would have to be tested before a path, in one expression.
    fn guard(&mut self, guards: &[Expr]) -> Option<Expr> {
        if guards.len() > 1
            && self.random.percent(50)
            && let Some(chain) = extended(guards)
        {
            return Some(chain);
        }
        guards.iter().cloned().reduce(Expr::and)
    }

    /// An optional attribute behind the test that it is there.
    fn guarded(&mut self, depth: usize) -> Expr {
        let optional: Vec<_> = self.paths.iter().filter(|path| !self.missing(path).is_empty()).cloned().collect();
        if optional.is_empty() {
            return self.simple();
        }
        let path = self.random.pick(&optional).clone();
        self.behind(&path, depth)
    }

    /// A tag behind the test that it is there.
    fn guarded_tag(&mut self, depth: usize) -> Expr {
        let mut tagged = Vec::new();
        for path in &self.paths {
            if let Ty::Entity(index) = path.ty
                && let Some(ty) = &self.schema.types[index].tags
            {
                tagged.push((path.clone(), ty.clone()));
            }
        }
        if tagged.is_empty() {
            return self.simple();
        }
        let (entity, ty) = self.random.pick(&tagged).clone();
        let key = match self.path(&Ty::String) {
            Some(path) if self.random.percent(25) => path,
            _ => Expr::text(*self.random.pick(TAGS)),
        };
        let mut guards = entity.guards;
        guards.push(entity.expr.clone().method("hasTag", key.clone()));
        let path = Path { expr: entity.expr.method("getTag", key), ty, guards };
        self.behind(&path, depth)
    }

    /// A test of the path, behind what it needs, in one of the forms that a type checker must follow.
    fn behind(&mut self, path: &Path, depth: usize) -> Expr {
        let missing = self.missing(path);
        let Some(guard) = self.guard(&missing) else { return self.test(path.expr.clone(), &path.ty, depth) };
        let before = self.known.len();
        self.known.extend(missing);
        let mut test = self.test(path.expr.clone(), &path.ty, depth);
        if self.random.percent(20) {
            test = Expr::and(self.boolean(depth - 1), test);
        }
        if self.random.percent(12) {
            // Known by now.
            test = Expr::and(guard.clone(), test);
        }
        self.known.truncate(before);
        match self.random.weighted(&[46, 16, 10, 10, 8, 5, 5]) {
            0 => Expr::and(guard, test),
            1 => Expr::conditional(guard, test, self.boolean(depth - 1)),
            2 => Expr::and(Expr::and(guard, self.boolean(depth - 1)), test),
            3 => Expr::and(Expr::and(self.boolean(depth - 1), guard), test),
            4 => {
                let other = Expr::and(guard.clone(), self.boolean(depth - 1));
                Expr::and(Expr::or(guard, other), test)
            }
            5 => {
                let (one, other) = (self.boolean(depth - 1), guard.clone());
                Expr::and(Expr::conditional(guard, one, other), test)
            }
            _ => Expr::and(Expr::or(Expr::Bool(false), guard), test),
        }
    }

    /// A condition whose test holds in all conditions that follow.
    pub fn lasting_guard(&mut self) -> Expr {
        let optional: Vec<_> =
            self.paths.iter().map(|path| self.missing(path)).filter(|missing| !missing.is_empty()).collect();
        if optional.is_empty() {
            return self.boolean(1);
        }
        let missing = self.random.pick(&optional).clone();
        let guard = self.guard(&missing);
        self.known.extend(missing);
        guard.unwrap_or(Expr::Bool(true))
    }

    /// What only some of the environments allow, behind a test that tells them apart.
    fn narrowed(&mut self, depth: usize) -> Expr {
        if self.environments.is_empty() {
            return self.simple();
        }
        let target = *self.random.pick(&self.environments);
        let (test, inside) = self.distinction(target);
        let outside: Vec<_> = self.environments.iter().filter(|env| !inside.contains(env)).copied().collect();
        let body = self.within(inside, depth);
        match self.random.weighted(&[60, 25, 15]) {
            0 => Expr::and(test, body),
            1 if outside.is_empty() => Expr::conditional(test, body, Expr::Bool(false)),
            1 => {
                let other = self.within(outside, depth);
                Expr::conditional(test, body, other)
            }
            _ => Expr::or(test.negated(), body),
        }
    }

    /// A test that holds in some environments, the target among them, and which these are.
    fn distinction(&mut self, target: Environment) -> (Expr, Vec<Environment>) {
        let schema = self.schema;
        let keep = |holds: &dyn Fn(&Environment) -> bool| -> Vec<Environment> {
            self.environments.iter().filter(|environment| holds(environment)).copied().collect()
        };
        let is = |variable, ty: usize| Expr::Is(Box::new(Expr::Variable(variable)), schema.types[ty].name());
        let action = || Expr::Variable("action");
        match self.random.below(4) {
            0 => (is("principal", target.principal), keep(&|env| env.principal == target.principal)),
            1 => (is("resource", target.resource), keep(&|env| env.resource == target.resource)),
            2 => {
                let uid = schema.actions[target.action].uid();
                let inside = keep(&|env| env.action == target.action);
                (Expr::equal(action(), Expr::Entity(uid)), inside)
            }
            _ => {
                let group = *self.random.pick(&schema::groups(schema, target.action));
                let inside = keep(&|env| schema::groups(schema, env.action).contains(&group));
                let uid = schema.actions[group].uid();
                (Expr::binary("in", action(), Expr::Entity(uid)), inside)
            }
        }
    }

    /// A boolean for these environments only.
    fn within(&mut self, environments: Vec<Environment>, depth: usize) -> Expr {
        let paths = paths(self.schema, &environments);
        let outer =
            (std::mem::replace(&mut self.environments, environments), std::mem::replace(&mut self.paths, paths));
        let body = self.boolean(depth - 1);
        (self.environments, self.paths) = outer;
        body
    }

    fn action_test(&mut self) -> Expr {
        let mut some = || Expr::Entity(self.random.pick(&self.schema.actions).uid());
        let (one, other) = (some(), some());
        let action = Expr::Variable("action");
        match self.random.below(5) {
            0 => Expr::equal(action, one),
            1 => Expr::binary("!=", action, one),
            2 => Expr::binary("in", action, one),
            3 => Expr::binary("in", one, other),
            _ => Expr::binary("in", action, Expr::Set(vec![one, other])),
        }
    }

    /// `has` of something that may be there, must be there, or cannot be.
    fn has(&mut self) -> Expr {
        let bases: Vec<_> = self
            .paths
            .iter()
            .filter(|path| matches!(path.ty, Ty::Entity(_) | Ty::Record(_)) && self.missing(path).is_empty())
            .map(|path| path.expr.clone())
            .chain(["principal", "resource"].map(Expr::Variable))
            .collect();
        let base = self.random.pick(&bases).clone();
        let names = ["n", "m", "s", "flag", "owner", "parent", "r", "set", "team", "nothing"];
        let count = self.random.weighted(&[0, 60, 28, 12]);
        let path = (0..count).map(|_| (*self.random.pick(&names)).to_owned()).collect();
        Expr::Has(Box::new(base), path)
    }
}

/// `e has a.b` for the tests `e has a` and `e.a has b`.
fn extended(guards: &[Expr]) -> Option<Expr> {
    let Expr::Has(root, first) = guards.first()? else { return None };
    let mut path = first.clone();
    let mut at = (**root).clone().attribute(first.first()?);
    for guard in guards.iter().skip(1) {
        let Expr::Has(base, name) = guard else { return None };
        // Required attributes between the two have no guard of their own.
        let mut between = Vec::new();
        let mut from = (**base).clone();
        while from != at {
            let Expr::Attribute(inner, name) = from else { return None };
            between.push(name);
            from = *inner;
        }
        path.extend(between.into_iter().rev());
        path.extend(name.iter().cloned());
        at = (**base).clone().attribute(name.first()?);
    }
    let plain = path.iter().all(|name| deodar_lexicon::name::is_identifier(name));
    plain.then(|| Expr::Has(root.clone(), path))
}

/// Attributes that all environments have, near ones first.
fn paths(schema: &Schema, environments: &[Environment]) -> Vec<Path> {
    const MOST: usize = 40;
    let mut candidates: Vec<Candidate> = Vec::new();
    for name in ["principal", "resource", "context"] {
        let types: Vec<_> = environments.iter().filter_map(|env| schema::variable(schema, *env, name)).collect();
        if !types.is_empty() {
            candidates.push(Candidate { expr: Expr::Variable(name), types, guards: Vec::new(), length: 0 });
        }
    }
    let mut at = 0;
    while at < candidates.len() && candidates.len() < MOST {
        if candidates[at].length < 3 {
            let new = members(schema, &candidates[at]);
            candidates.extend(new);
        }
        at += 1;
    }
    let agreed =
        candidates.into_iter().filter(|candidate| candidate.types.iter().all(|ty| Some(ty) == candidate.types.first()));
    agreed.filter_map(|c| Some(Path { ty: c.types.first()?.clone(), expr: c.expr, guards: c.guards })).collect()
}

/// The attributes of a candidate that it has in every environment.
fn members(schema: &Schema, base: &Candidate) -> Vec<Candidate> {
    let first = base.types.first();
    let names: Vec<&str> = match first {
        Some(Ty::Entity(index)) => schema.types[*index].attributes.iter().map(|a| a.name.as_str()).collect(),
        Some(Ty::Record(attributes)) => attributes.iter().map(|a| a.name.as_str()).collect(),
        _ => Vec::new(),
    };
    let member = |name: &str| -> Option<Candidate> {
        let found: Option<Vec<_>> = base.types.iter().map(|ty| schema::attribute(schema, ty, name)).collect();
        let found = found?;
        let mut guards = base.guards.clone();
        if found.iter().any(|attribute| !attribute.required) {
            guards.push(base.expr.clone().has(name));
        }
        let types = found.iter().map(|attribute| attribute.ty.clone()).collect();
        Some(Candidate { expr: base.expr.clone().attribute(name), types, guards, length: base.length + 1 })
    };
    names.into_iter().filter_map(member).collect()
}
