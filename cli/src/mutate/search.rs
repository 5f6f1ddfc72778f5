//! Tests, and then requests, until a mutant is noticed.
//!
//! Mutants are tried in batches on all cores. First the tests; a mutant that fails one is killed. What is left is shown
//! the requests between those of the tests, and then, for each policy, neighbours of requests that it has to do with:
//! with one thing changed, and then with several, until so many were tried. A request that changes the decision ends
//! the search; one that only changes which policies determine it, or fail, is kept until a better one is found.
//!
//! All of it depends on the policies, the tests and the seed, and on nothing else.

use std::{
    collections::HashMap,
    num::NonZero,
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use deodar_compiler::{CheckOptions, Schema};
use deodar_grammar::{Sources, ast::TemplateLink};
use deodar_runtime::{Engine, Program, Request, Scratch, Shapes};

use super::{
    Killer, Mutant, MutationRun, Outcome,
    batch::{Batch, Originals, Record},
    case::{Rank, killer, rank},
    plan::Planned,
    pool::Pool,
    scenario::Scenario,
    space::{Numbers, Point, of_schema, space},
    vary::{Change, Varier},
};
use crate::suite::{Case, Suites};

/// What is tested.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) links: &'a [&'a TemplateLink],
    pub(crate) program: &'a Program,
    pub(crate) schema: Option<(&'a Schema, CheckOptions)>,
    /// All of which pass.
    pub(crate) suites: &'a Suites,
    pub(crate) seed: u64,
    /// How many requests are tried on a mutant that no test kills, twice: between those of the tests, and beside them.
    pub(crate) requests: usize,
}

/// What all batches need.
struct Common<'a> {
    subject: Subject<'a>,
    originals: Originals<'a>,
    /// By store.
    engines: Vec<Engine>,
    /// By test; nothing for one that does not run.
    records: Vec<Option<Record>>,
    space: Vec<Point>,
}

/// Mutants of one batch, at most.
const BATCH: usize = 200;

/// Into so many batches mutants are divided if they are few. Mutants of one policy are searched for together, so where
/// batches end must not depend on how many cores there are.
const BATCHES: usize = 8;

/// Neighbours of so many requests are tried.
const BASES: usize = 12;

/// And of so many that are found on the way.
const MORE_BASES: usize = 4;

/// Tries the mutants.
pub(crate) fn run(subject: Subject<'_>, planned: Vec<Planned>, possible: usize) -> MutationRun {
    let mut positions: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, policy) in subject.program.policies().iter().enumerate() {
        positions.entry(policy.template.as_ref().unwrap_or(&policy.id).as_str()).or_default().push(at);
    }
    let Subject { sources, links, program, schema, suites, .. } = subject;
    let originals = Originals { sources, schema, program, links, positions: &positions };
    let engines: Vec<Engine> = suites.stores.iter().map(|store| Engine::new(program.clone(), store.clone())).collect();
    let mut scratch = Scratch::new();
    let records = suites
        .cases
        .iter()
        .map(|case| Some(Record::new(engines.get(case.store)?, &mut scratch, case.request.as_ref()?)));
    let records: Vec<_> = records.collect();
    let space = space(suites, schema.map(|(schema, _)| schema), subject.seed, subject.requests);
    let common = Common { subject, originals, engines, records, space };
    let outcomes = on_all_cores(&common, &planned);
    let mutants = planned.into_iter().zip(outcomes).map(|(planned, outcome)| {
        let Planned { policy, mutation } = planned;
        Mutant { policy, mutation, outcome }
    });
    let tests = suites.cases.iter().filter(|case| case.request.is_some()).count();
    MutationRun { mutants: mutants.collect(), possible, tests }
}

fn on_all_cores(common: &Common<'_>, planned: &[Planned]) -> Vec<Outcome> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let size = planned.len().div_ceil(BATCHES).clamp(1, BATCH);
    let batches: Vec<&[Planned]> = planned.chunks(size).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = batches.get(number) else { return done };
            done.push((number, common.batch(batch)));
        }
    };
    let mut results: Vec<(usize, Vec<Outcome>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(batches.len())).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    results.sort_unstable_by_key(|(number, _)| *number);
    results.into_iter().flat_map(|(_, outcomes)| outcomes).collect()
}

/// A mutant that no test has killed.
struct Survivor {
    /// Its position in the batch.
    at: usize,
    tried: usize,
    best: Option<(Rank, Killer)>,
}

impl<'a> Common<'a> {
    fn shapes(&self) -> Option<&'a Shapes> {
        self.subject.schema.map(|(schema, _)| schema.shapes())
    }

    fn batch(&self, planned: &[Planned]) -> Vec<Outcome> {
        let Some(batch) = Batch::new(self.originals, planned) else {
            return planned.iter().map(|_| Outcome::Invalid("it cannot be compiled".to_owned())).collect();
        };
        let stores = &self.subject.suites.stores;
        let engines: Vec<Engine> =
            stores.iter().map(|store| Engine::new(batch.program.clone(), store.clone())).collect();
        let mut outcomes: Vec<Option<Outcome>> =
            batch.members.iter().map(|member| member.invalid.clone().map(Outcome::Invalid)).collect();
        self.test(&batch, &engines, &mut outcomes);
        let survivors = outcomes.iter().enumerate().filter(|(_, outcome)| outcome.is_none());
        let mut survivors: Vec<Survivor> = survivors.map(|(at, _)| Survivor { at, tried: 0, best: None }).collect();
        Trial { common: self, batch: &batch, engines: &engines, planned, scratch: Scratch::new() }
            .search(&mut survivors);
        for survivor in survivors {
            if let Some(outcome) = outcomes.get_mut(survivor.at) {
                *outcome = Some(match survivor.best {
                    Some((_, killer)) => Outcome::Survived(Box::new(killer)),
                    None => Outcome::Equivalent(survivor.tried),
                });
            }
        }
        outcomes.into_iter().flatten().collect()
    }

    /// Decides all tests with all mutants.
    fn test(&self, batch: &Batch, engines: &[Engine], outcomes: &mut [Option<Outcome>]) {
        let policies = self.originals.program.policies();
        let mut scratch = Scratch::new();
        for (case, record) in self.subject.suites.cases.iter().zip(&self.records) {
            let (Some(record), Some(engine), Some(request)) = (record, engines.get(case.store), &case.request) else {
                continue;
            };
            let now = batch.outcomes(engine, &mut scratch, request);
            for (member, outcome) in batch.members.iter().zip(&mut *outcomes) {
                if outcome.is_some() {
                    continue;
                }
                let verdict = member.verdict(policies, record, &now);
                if verdict.is_some_and(|verdict| !verdict.meets(&case.expected)) {
                    *outcome = Some(Outcome::Killed(case.name.clone()));
                }
            }
        }
    }
}

/// A request with what makes neighbours of it, and what its neighbours differ in.
type Varied<'v> = (&'v Scenario, Varier<'v>, Vec<Change>);

/// The search for requests that tell mutants of a batch from their originals.
struct Trial<'t> {
    common: &'t Common<'t>,
    batch: &'t Batch,
    engines: &'t [Engine],
    planned: &'t [Planned],
    scratch: Scratch,
}

impl Trial<'_> {
    fn search(&mut self, survivors: &mut [Survivor]) {
        let common = self.common;
        for point in &common.space {
            if survivors.iter().all(is_settled) {
                return;
            }
            self.request(&Scenario::of(point.store, &point.request), &point.request, survivors);
        }
        let name = |survivor: &Survivor| self.planned.get(survivor.at).map(|planned| planned.policy.as_str());
        for of_policy in survivors.chunk_by_mut(|one, other| name(one) == name(other)) {
            self.neighbours(of_policy);
        }
    }

    /// Tries neighbours of the requests that the policy has to do with.
    fn neighbours(&mut self, survivors: &mut [Survivor]) {
        let common = self.common;
        let Some(planned) = survivors.first().and_then(|survivor| self.planned.get(survivor.at)) else { return };
        let pool = Pool::of(planned.mutation.original());
        let bases = self.bases(planned, &pool);
        let shapes = common.shapes();
        let varied: Vec<Varied<'_>> = bases
            .iter()
            .filter_map(|base| {
                let store = common.subject.suites.stores.get(base.store)?;
                let varier = Varier { pool: &pool, store, shapes };
                Some((base, varier, varier.changes(base)))
            })
            .collect();
        let mut left = common.subject.requests;
        for (base, varier, changes) in &varied {
            self.scenario(base, survivors);
            for change in changes {
                if left == 0 || survivors.iter().all(is_settled) {
                    return;
                }
                left -= 1;
                self.scenario(&varier.apply(base, change), survivors);
            }
        }
        self.far_neighbours(&varied, left, survivors);
    }

    /// Tries requests with several things changed on what nothing has shown yet. One in which the policy applies is
    /// worth its neighbours, too.
    fn far_neighbours(&mut self, bases: &[Varied<'_>], mut left: usize, survivors: &mut [Survivor]) {
        let mut applying = 0;
        let mut numbers = Numbers::new(self.common.subject.seed);
        while left > 0 && survivors.iter().any(|survivor| survivor.best.is_none()) {
            left -= 1;
            let Some((base, varier, changes)) = bases.get(numbers.below(bases.len())) else { return };
            let mut scenario = (*base).clone();
            for _ in 0..2 + numbers.below(3) {
                if let Some(change) = changes.get(numbers.below(changes.len())) {
                    scenario = varier.apply(&scenario, change);
                }
            }
            if self.scenario(&scenario, survivors) && applying < MORE_BASES {
                applying += 1;
                for change in varier.changes(&scenario).into_iter().take(left) {
                    left -= 1;
                    self.scenario(&varier.apply(&scenario, &change), survivors);
                }
            }
        }
    }

    /// Requests of tests in which the policy applies, of other tests, and what the schema allows.
    fn bases(&self, planned: &Planned, pool: &Pool) -> Vec<Scenario> {
        let Common { subject, records, originals, .. } = self.common;
        let positions = originals.positions.get(planned.policy.as_str()).map(Vec::as_slice).unwrap_or_default();
        let cases = subject.suites.cases.iter().zip(records);
        let cases: Vec<_> =
            cases.filter_map(|(case, record)| Some((case, record.as_ref()?, case.request.as_ref()?))).collect();
        let applies = |record: &Record| positions.iter().any(|at| record.applies(*at));
        let (first, rest): (Vec<_>, Vec<_>) = cases.into_iter().partition(|(_, record, _)| applies(record));
        let of_tests = |cases: &[(&Case, &Record, &Request)], count: usize| -> Vec<Scenario> {
            cases.iter().take(count).map(|(case, _, request)| Scenario::of(case.store, request)).collect()
        };
        let mut bases = of_tests(&first, BASES / 2);
        if let (Some((schema, _)), Some(policy)) = (subject.schema, planned.mutation.original().policies.first())
            && let Some(store) = subject.suites.stores.first()
        {
            bases.extend(of_schema(policy, pool, store, schema).into_iter().take(BASES / 2));
        }
        bases.extend(of_tests(&rest, BASES.saturating_sub(bases.len())));
        bases
    }

    /// Tries a request, if the schema allows it; says whether the policy of the mutants applies.
    fn scenario(&mut self, scenario: &Scenario, survivors: &mut [Survivor]) -> bool {
        let request = scenario.request(self.common.shapes());
        let record = request.and_then(|request| self.request(scenario, &request, survivors));
        let first = survivors.first().and_then(|survivor| self.planned.get(survivor.at));
        let positions = first.and_then(|planned| self.common.originals.positions.get(planned.policy.as_str()));
        let mut positions = positions.into_iter().flatten();
        record.is_some_and(|record| positions.any(|at| record.applies(*at)))
    }

    /// Tries one request on all that are not settled; says what becomes of it without mistakes.
    fn request(&mut self, scenario: &Scenario, request: &Request, survivors: &mut [Survivor]) -> Option<Record> {
        let common = self.common;
        let (engine, mutated) = (common.engines.get(scenario.store)?, self.engines.get(scenario.store)?);
        let own = scenario.engine(engine, common.shapes()).ok()?;
        let own_mutated = scenario.engine(mutated, None).ok()?;
        let (engine, mutated) = (own.as_ref().unwrap_or(engine), own_mutated.as_ref().unwrap_or(mutated));
        let record = Record::new(engine, &mut self.scratch, request);
        let now = self.batch.outcomes(mutated, &mut self.scratch, request);
        let policies = common.originals.program.policies();
        for survivor in survivors.iter_mut().filter(|survivor| !is_settled(survivor)) {
            survivor.tried += 1;
            let member = self.batch.members.get(survivor.at);
            let Some(verdict) = member.and_then(|member| member.verdict(policies, &record, &now)) else { continue };
            let original = record.verdict(policies);
            let Some(rank) = rank(&original, &verdict) else { continue };
            if survivor.best.as_ref().is_none_or(|(best, _)| rank < *best) {
                let Some(planned) = self.planned.get(survivor.at) else { continue };
                let place = common.subject.sources.position(planned.mutation.span);
                let file = common.subject.sources.name(planned.mutation.span.source);
                let name = format!("{} at {file}:{}:{}", planned.mutation.operator, place.line, place.column);
                let stores = &common.subject.suites.stores;
                let (Some(own), Some(usual)) = (stores.get(scenario.store), stores.first()) else { continue };
                let scenario = scenario.self_contained(own, usual);
                survivor.best = Some((rank, killer(&name, &scenario, &original, &verdict)));
            }
        }
        Some(record)
    }
}

fn is_settled(survivor: &Survivor) -> bool {
    survivor.best.as_ref().is_some_and(|(rank, _)| *rank == Rank::Decision)
}
