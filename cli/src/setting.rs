//! Policies, schema and entities that questions are put to, and the questions: requests from flags, from a file, or
//! those of tests.
//!
//! What `why`, `bench` and `repl` start from. Anything that cannot be read ends the command.

use deodar_compiler::Schema;
use deodar_runtime::{Bundle, Engine, Entities, Program, Shapes};

use crate::{
    args::{RequestArgs, SettingArgs},
    input::{
        LinksFile, NamedRequest, Policies, given_entities, given_request, read_bundle, read_policies, read_requests,
        read_schema, test_files, with_trees,
    },
    report,
    session::{Session, Stop},
    suite::{Shared, read_suites},
};

/// What was read.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) policies: Policies,
    pub(crate) schema: Option<Schema>,
    pub(crate) program: Program,
    pub(crate) entities: Entities,
}

/// Requests, each with the number of its store.
#[derive(Debug)]
pub(crate) struct Questions {
    pub(crate) stores: Vec<Entities>,
    pub(crate) requests: Vec<(NamedRequest, usize)>,
}

impl Setting {
    /// Reads what the flags name, or what the project has.
    pub(crate) fn read(session: &mut Session<'_>, args: &SettingArgs) -> Result<Self, Stop> {
        let policies = match &args.bundle.bundle {
            Some(path) => {
                let bundle = read_bundle(session, path)?;
                with_trees(session, bundle)
            }
            None => read_policies(session, &args.policies, LinksFile::Required),
        };
        let schema = read_schema(session, &args.schema);
        if session.has_schema(&args.schema) && schema.is_none() {
            return Err(Stop::Problems);
        }
        let shapes = policies.compiled.as_deref().and_then(Bundle::shapes).or(schema.as_ref().map(Schema::shapes));
        let entities = given_entities(session, args.entities.as_deref(), shapes);
        session.stop_on_errors()?;
        let program = policies.compile(session).ok_or(Stop::Problems)?;
        Ok(Self { entities: entities.ok_or(Stop::Problems)?, policies, schema, program })
    }

    /// What the schema says about data, the schema of a bundle included.
    pub(crate) fn shapes(&self) -> Option<&Shapes> {
        let compiled = self.policies.compiled.as_deref().and_then(Bundle::shapes);
        compiled.or(self.schema.as_ref().map(Schema::shapes))
    }

    pub(crate) fn engine(&self, entities: &Entities) -> Engine {
        Engine::new(self.program.clone(), entities.clone())
    }

    /// The request of the flags.
    pub(crate) fn one(&self, session: &mut Session<'_>, args: &RequestArgs) -> Result<Questions, Stop> {
        let shapes = self.shapes();
        let parts = given_request(session, args, shapes).ok_or(Stop::Problems)?;
        let conform_to = shapes.filter(|_| args.request_validation);
        let request = parts.into_request(session, conform_to).ok_or(Stop::Problems)?;
        Ok(self.questions(vec![NamedRequest { name: None, request }]))
    }

    /// The requests of a file.
    pub(crate) fn of_file(&self, session: &mut Session<'_>, path: &str, validate: bool) -> Result<Questions, Stop> {
        let shapes = self.shapes();
        let requests = read_requests(session, path, shapes, shapes.filter(|_| validate));
        session.stop_on_errors()?;
        Ok(self.questions(requests))
    }

    fn questions(&self, requests: Vec<NamedRequest>) -> Questions {
        let requests = requests.into_iter().map(|named| (named, 0)).collect();
        Questions { stores: vec![self.entities.clone()], requests }
    }

    /// The requests of tests: of the one that is called so, or of those whose names contain the text; of all without
    /// a name.
    pub(crate) fn of_tests(
        &self,
        session: &mut Session<'_>,
        tests: &[String],
        name: Option<&str>,
    ) -> Result<Questions, Stop> {
        if session.project.is_none() && tests.is_empty() {
            return session.stop(if name.is_some() { report::no_tests() } else { report::no_requests() });
        }
        let files = test_files(session, tests);
        let shared = Shared { shapes: self.shapes(), entities: self.entities.clone() };
        let suites = read_suites(session, &files, shared);
        session.stop_on_errors()?;
        let is_called = |called: &str, name: &str| called == name || called.split(" [").next() == Some(name);
        let exactly = name.is_some_and(|name| suites.cases.iter().any(|case| is_called(&case.name, name)));
        let is_wanted = |called: &str| match name {
            None => true,
            Some(name) if exactly => is_called(called, name),
            Some(name) => called.contains(name),
        };
        let mut requests = Vec::new();
        for case in suites.cases.iter().filter(|case| is_wanted(&case.name)) {
            if let Some(request) = case.request.clone() {
                requests.push((NamedRequest { name: Some(case.name.clone()), request }, case.store));
            }
        }
        if requests.is_empty() {
            let Some(name) = name else { return session.stop(report::no_requests()) };
            let names = suites.cases.iter().map(|case| case.name.as_str());
            let problem = report::no_such_test(name, deodar_grammar::closest(name, names));
            return session.stop(problem);
        }
        Ok(Questions { stores: suites.stores, requests })
    }
}
