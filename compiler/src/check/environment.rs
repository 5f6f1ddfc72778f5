//! Which request environments a policy is checked in, and which of them are alike.
//!
//! A schema of two hundred actions has thousands of environments, but a condition sees little of them: the type of the
//! principal if it mentions the principal, and so on; of the context, the attributes that it reads. Environments that a
//! condition cannot tell apart are checked once. Actions that apply to the same principals and resources with the same
//! context are taken together from the start.

use deodar_grammar::ast::{ExprId, ExprKind, Exprs, Spanned, Variable};
use hashbrown::HashMap;
use smol_str::SmolStr;

use super::{
    expr::Environment,
    model::{ActionIndex, EntityTypeIndex, Model},
    scope::ActionScope,
    types::{Attribute, Kind, Ty, Types},
};

/// Actions with the same principals, resources and context.
#[derive(Debug)]
struct ActionClass {
    actions: Vec<ActionIndex>,
}

/// The actions of a model, those that differ in name only together.
#[derive(Debug)]
pub(crate) struct ActionClasses {
    classes: Vec<ActionClass>,
    of_action: HashMap<ActionIndex, usize>,
}

impl ActionClasses {
    pub(crate) fn new(model: &Model<'_>) -> Self {
        let mut classes: Vec<ActionClass> = Vec::new();
        let mut positions = HashMap::new();
        let mut of_action = HashMap::new();
        for (index, action) in model.actions() {
            let key = (&action.principals, &action.resources, action.context);
            let position = *positions.entry(key).or_insert_with(|| {
                classes.push(ActionClass { actions: Vec::new() });
                classes.len() - 1
            });
            if let Some(class) = classes.get_mut(position) {
                class.actions.push(index);
            }
            of_action.insert(index, position);
        }
        Self { classes, of_action }
    }

    /// The actions of the scope in groups that are alike; each on its own if the conditions can tell them apart.
    pub(crate) fn groups(&self, scope: &ActionScope, apart: bool) -> Vec<Vec<ActionIndex>> {
        match scope {
            ActionScope::Only(actions) if apart => actions.iter().map(|action| vec![*action]).collect(),
            ActionScope::All | ActionScope::Wrong(_) if apart => {
                self.classes.iter().flat_map(|class| &class.actions).map(|action| vec![*action]).collect()
            }
            ActionScope::All | ActionScope::Wrong(_) => {
                self.classes.iter().map(|class| class.actions.clone()).collect()
            }
            ActionScope::Only(actions) => {
                let mut groups: Vec<(usize, Vec<ActionIndex>)> = Vec::new();
                for action in actions {
                    let Some(class) = self.of_action.get(action) else { continue };
                    match groups.iter_mut().find(|(known, _)| known == class) {
                        Some((_, group)) => group.push(*action),
                        None => groups.push((*class, vec![*action])),
                    }
                }
                groups.into_iter().map(|(_, group)| group).collect()
            }
        }
    }
}

/// What conditions see of an environment.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    principal: bool,
    resource: bool,
    pub(crate) action: bool,
    context: ContextUse,
}

/// What conditions see of the context.
#[derive(Debug)]
enum ContextUse {
    /// Attributes by name.
    Attributes(Vec<SmolStr>),
    Whole,
}

impl Default for ContextUse {
    fn default() -> Self {
        Self::Attributes(Vec::new())
    }
}

impl Uses {
    /// What these expressions, which are all of some conditions, see.
    pub(crate) fn of(exprs: &Exprs, all: &[ExprId]) -> Self {
        let mut uses = Self::default();
        let (mut mentions, mut reads) = (0_usize, 0_usize);
        let is_context = |expr: ExprId| matches!(exprs.kind(expr), ExprKind::Variable(Variable::Context));
        for expr in all {
            if let ExprKind::Variable(variable) = exprs.kind(*expr) {
                match variable {
                    Variable::Principal => uses.principal = true,
                    Variable::Action => uses.action = true,
                    Variable::Resource => uses.resource = true,
                    Variable::Context => mentions += 1,
                }
            }
            let read = attribute_read(exprs.kind(*expr)).filter(|(base, _)| is_context(*base));
            if let (Some((_, name)), ContextUse::Attributes(names)) = (read, &mut uses.context) {
                reads += 1;
                if !names.contains(&name.value) {
                    names.push(name.value.clone());
                }
            }
        }
        if mentions > reads {
            uses.context = ContextUse::Whole;
        }
        uses
    }
}

/// The first attribute that the expression itself reads or asks for, and of what.
fn attribute_read(kind: &ExprKind) -> Option<(ExprId, &Spanned<SmolStr>)> {
    if let ExprKind::Attribute { base, name } = kind {
        return Some((*base, name));
    }
    let ExprKind::Has { base, path } = kind else { return None };
    Some((*base, path.first()?))
}

/// What conditions can tell of an environment.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    principal: Option<Ty>,
    action: Option<ActionIndex>,
    resource: Option<Ty>,
    context: usize,
}

/// Where a policy's conditions are checked: a kind of environment, with all that is alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The group of actions, of those that the policy was given.
    pub(crate) group: usize,
    pub(crate) principal: EntityTypeIndex,
    pub(crate) resource: EntityTypeIndex,
}

/// Numbers the environments that the conditions of one policy can tell apart.
#[derive(Debug)]
pub(crate) struct Classifier<'u> {
    uses: &'u Uses,
    numbers: HashMap<Key, usize>,
    contexts: HashMap<Ty, usize>,
    projections: HashMap<Vec<Option<Attribute>>, usize>,
}

impl<'u> Classifier<'u> {
    pub(crate) fn new(uses: &'u Uses) -> Self {
        Self { uses, numbers: HashMap::new(), contexts: HashMap::new(), projections: HashMap::new() }
    }

    /// The number of the class, and whether it is new.
    pub(crate) fn class(&mut self, types: &Types, environment: &Environment) -> (usize, bool) {
        let key = Key {
            principal: self.uses.principal.then_some(environment.principal),
            action: self.uses.action.then_some(environment.action),
            resource: self.uses.resource.then_some(environment.resource),
            context: self.context(types, environment.context),
        };
        let next = self.numbers.len();
        let number = *self.numbers.entry(key).or_insert(next);
        (number, number == next)
    }

    /// A number for what is seen of the context.
    fn context(&mut self, types: &Types, context: Ty) -> usize {
        if let Some(known) = self.contexts.get(&context) {
            return *known;
        }
        let seen = match (&self.uses.context, types.kind(context)) {
            (ContextUse::Attributes(names), Kind::Record(record)) => {
                names.iter().map(|name| record.attribute(name)).collect()
            }
            // A context is a record; as a whole it is like no other.
            (ContextUse::Whole | ContextUse::Attributes(_), _) => {
                vec![Some(Attribute { ty: context, required: true }), None]
            }
        };
        let next = self.projections.len();
        let number = *self.projections.entry(seen).or_insert(next);
        self.contexts.insert(context, number);
        number
    }
}
