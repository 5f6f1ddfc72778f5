//! Everything that a project consists of, read: the one value that commands about whole projects work on.
//!
//! Flags win over the manifest here as everywhere. What cannot be read is reported to the session; what can is there.

use deodar_compiler::Schema;
use deodar_grammar::ast;
use deodar_runtime::Program;

use crate::{
    args::{PoliciesArgs, SchemaArgs, TestedArgs},
    explanation::Texts,
    input::{LinksFile, Policies, given_entities, read_fragments, read_policies, resolve, test_files},
    report,
    session::Session,
    suite::{Progress, Shared, Suites, TestRun, read_suites, run},
};

/// Policies with their schema, as a program, and the entities and tests beside them.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) policies: Policies,
    /// Nothing if there is an error in the policies.
    pub(crate) program: Option<Program>,
    /// The parts of the schema; empty without one.
    pub(crate) fragments: Vec<ast::schema::Schema>,
    pub(crate) schema: Option<Schema>,
    /// Whether all was read, tests excepted.
    pub(crate) sound: bool,
}

/// What the flags of a command say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) policies: &'a PoliciesArgs,
    pub(crate) schema: &'a SchemaArgs,
}

impl Workspace {
    /// Reads policies and schema.
    pub(crate) fn read(session: &mut Session<'_>, given: Given<'_>) -> Self {
        let policies = read_policies(session, given.policies, LinksFile::Required);
        let fragments = read_fragments(session, given.schema);
        let schema = fragments.as_ref().and_then(|fragments| resolve(session, fragments));
        let read = !session.has_errors();
        // Ids and links are looked at where the texts are without errors.
        let program = if read { policies.compile(session) } else { None };
        Self { policies, program, fragments: fragments.unwrap_or_default(), schema, sound: !session.has_errors() }
    }

    /// Reads the policies that flags name, or those of the project, with their tests; nothing if a command cannot run on
    /// them.
    pub(crate) fn read_tested(
        session: &mut Session<'_>,
        args: &TestedArgs,
        command: &'static str,
    ) -> Option<(Self, Suites)> {
        if session.project.is_none() && (args.tests.is_empty() || args.policies.policies.is_empty()) {
            session.report(report::no_project(command));
            return None;
        }
        let workspace = Self::read(session, Given { policies: &args.policies, schema: &args.schema });
        if !workspace.sound {
            return None;
        }
        let suites = workspace.read_tests(session, &args.tests, args.entities.as_deref());
        Some((workspace, suites))
    }

    /// Reads the tests and the entities that they share.
    pub(crate) fn read_tests(&self, session: &mut Session<'_>, tests: &[String], entities: Option<&str>) -> Suites {
        let shapes = self.schema.as_ref().map(Schema::shapes);
        let entities = given_entities(session, entities, shapes);
        let files = test_files(session, tests);
        let Some(entities) = entities else { return Suites::default() };
        read_suites(session, &files, Shared { shapes, entities })
    }

    /// Runs the tests; nothing if the policies have errors.
    pub(crate) fn run_tests(&self, session: &Session<'_>, suites: &Suites) -> Option<TestRun> {
        let texts = Texts { sources: &session.sources, sets: &self.policies.sets };
        let progress = if session.io.shows_progress() { Progress::Shown } else { Progress::Hidden };
        Some(run(self.program.as_ref()?, suites, texts, progress))
    }
}
