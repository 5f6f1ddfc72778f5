//! A space of requests: what a schema allows, with the values at which policies change their minds.
//!
//! A sample is a request and the entities that it brings along. Requests follow the environments of the schema one after
//! the other: a principal type, an action, a resource type. Every fourth sample takes entities of the fixtures as they
//! are, the others make up attributes, parents and tags, and most of them aim at what policies ask for ([`aims`]). Values are the literals of the policies and their neighbours
//! ([`literals`]), since nothing else tells two policy sets apart as likely.
//!
//! The same seed gives the same samples. There is no end to them: whoever asks takes as many as it can afford.

mod aims;
mod literals;
mod random;
mod values;

use std::collections::BTreeMap;

use deodar_runtime::{Context, Entities, Entity, EntityTypeName, EntityUid, Request, Shapes};

pub(crate) use self::literals::Literals;
use self::{random::Random, values::Maker};

/// Requests that a schema allows.
#[derive(Debug)]
pub(crate) struct Space<'a> {
    shapes: &'a Shapes,
    /// Those of each policy that is looked into.
    focus: &'a [Literals],
    /// Those of all policies.
    all: &'a Literals,
    store: &'a Entities,
    /// The entities that are known by name, by type: those of the fixtures and those that policies name.
    known: BTreeMap<EntityTypeName, Vec<EntityUid>>,
    environments: Vec<Environment<'a>>,
}

/// One kind of request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Environment<'a> {
    pub(crate) principal: &'a EntityTypeName,
    pub(crate) action: &'a EntityUid,
    pub(crate) resource: &'a EntityTypeName,
}

/// A request with the entities that stand in place of those of the store with their names.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) request: Request,
    pub(crate) entities: Vec<Entity>,
}

/// How a sample is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// With entities of the fixtures.
    AsTheyAre,
    AtRandom,
    /// With values that policies ask for.
    Aimed,
}

/// Entities of one type that are considered; more say nothing new.
const KNOWN: usize = 64;

impl<'a> Space<'a> {
    /// The requests of all environments that `wanted` says yes to. Each sample has one policy of those that somebody wants
    /// to know about in focus: aiming at all at once would miss each of them.
    pub(crate) fn new(
        shapes: &'a Shapes,
        store: &'a Entities,
        focus: &'a [Literals],
        all: &'a Literals,
        wanted: impl Fn(&Environment<'a>) -> bool,
    ) -> Self {
        let mut known: BTreeMap<EntityTypeName, Vec<EntityUid>> = BTreeMap::new();
        let mut add = |uid: &EntityUid| {
            let list = known.entry(uid.entity_type().clone()).or_default();
            if list.len() < KNOWN && !list.contains(uid) {
                list.push(uid.clone());
            }
        };
        focus.iter().chain([all]).flat_map(Literals::entities).for_each(&mut add);
        let mut names: Vec<EntityUid> = store.iter().map(|entity| entity.uid()).collect();
        names.sort_unstable();
        names.iter().for_each(&mut add);
        let environments = shapes.actions.iter().flat_map(|(action, shape)| {
            let resources = &shape.resources;
            shape.principals.iter().flat_map(move |principal| {
                resources.iter().map(move |resource| Environment { principal, action, resource })
            })
        });
        let environments = environments.filter(wanted).collect();
        Self { shapes, focus, all, store, known, environments }
    }

    /// How many kinds of requests there are.
    pub(crate) fn environments(&self) -> usize {
        self.environments.len()
    }

    /// Samples without an end, or none if there is no environment.
    pub(crate) fn samples(&self, seed: u64) -> impl Iterator<Item = Sample> + '_ {
        let mut random = Random::new(seed);
        let rounds = (0_usize..).take_while(|_| !self.environments.is_empty());
        rounds.filter_map(move |number| {
            let environment = self.environments.get(number % self.environments.len())?;
            let manner = match (number / self.environments.len()) % 4 {
                0 => Manner::AsTheyAre,
                1 => Manner::AtRandom,
                _ => Manner::Aimed,
            };
            self.sample(environment, manner, &mut random)
        })
    }

    fn sample(&self, environment: &Environment<'_>, manner: Manner, random: &mut Random) -> Option<Sample> {
        let focus = random.choose(self.focus).unwrap_or(self.all);
        let principal = self.party(environment.principal, manner, random)?;
        let resource = self.party(environment.resource, manner, random)?;
        let action = self.shapes.actions.get(environment.action)?;
        let parties = [principal.clone(), resource.clone()];
        let mut maker = Maker::new(self, focus, random, (&parties, manner));
        maker.add_entity(&principal);
        maker.add_entity(&resource);
        let context = Context::from_pairs(maker.record(&action.context)).ok()?;
        let entities = maker.into_entities();
        let request = Request::new(principal, environment.action.clone(), resource, context);
        request.validate(self.shapes).is_ok().then_some(Sample { request, entities })
    }

    /// An entity of a type: one of those that are known, or anybody else.
    fn party(&self, ty: &EntityTypeName, manner: Manner, random: &mut Random) -> Option<EntityUid> {
        let known = self.known.get(ty).map(Vec::as_slice).unwrap_or_default();
        let fixtures: Vec<&EntityUid> = known.iter().filter(|uid| self.store.contains(uid)).collect();
        if manner == Manner::AsTheyAre
            && let Some(uid) = random.choose(&fixtures)
        {
            return Some((*uid).clone());
        }
        if let Some(uid) = random.choose(known)
            && random.chance(3, 4)
        {
            return Some(uid.clone());
        }
        self.anybody(ty)
    }

    /// An entity of a type that nobody has named; of an enumerated type, its first one.
    fn anybody(&self, ty: &EntityTypeName) -> Option<EntityUid> {
        use deodar_runtime::shape::EntityShapeKind;
        match self.shapes.entity_types.get(ty).map(|shape| &shape.kind) {
            Some(EntityShapeKind::Enum(ids)) => Some(EntityUid::new(ty.clone(), ids.first()?.clone())),
            Some(EntityShapeKind::Standard { .. } | EntityShapeKind::External) | None => {
                Some(EntityUid::new(ty.clone(), "somebody"))
            }
        }
    }
}
