//! One version of a project, read in a session of its own: its paths start from its folder, so the same file has the
//! same name in both versions.

use deodar_compiler::Schema;
use deodar_grammar::{Sources, ast};
use deodar_runtime::{Bundle, Engine, Entities, Program, Shapes, bundle::SourceText};

use super::{Named, Operand};
use crate::{
    args::{ErrorFormat, PoliciesArgs, SchemaArgs},
    input::{
        LinksFile, Policies, parse_schema, project_entities, read_bundle, read_fragments, read_policies, resolve,
        test_files, text_format, with_trees,
    },
    io::Io,
    output::OutputFormat,
    problem::Problem,
    project::{self, Manifest, Project},
    session::{Output, Session, Stop},
    suite::{Shared, Suites, read_suites},
};

/// One version.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) sources: Sources,
    pub(crate) policies: Policies,
    pub(crate) program: Program,
    pub(crate) fragments: Vec<ast::schema::Schema>,
    pub(crate) schema: Option<Schema>,
    pub(crate) entities: Entities,
    pub(crate) suites: Suites,
}

/// The first bytes of a bundle are no text.
fn is_bundle(path: &std::path::Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| Bundle::read(&bytes).is_ok())
}

impl Side {
    /// Reads an operand with streams that lead nowhere; or what is wrong with it.
    pub(crate) fn read(operand: &Operand, io: Io<'_>, format: ErrorFormat) -> Result<Self, (Vec<Problem>, Sources)> {
        let output = Output { format: OutputFormat::Text, command: "diff", quiet: true };
        let mut session = Session::new(io, output, format);
        let read = Parts::read(&mut session, operand);
        let sources = std::mem::replace(&mut session.sources, Sources::new());
        match read {
            Ok(Parts { policies, program, fragments, schema, entities, suites }) => {
                Ok(Self { sources, policies, program, fragments, schema, entities, suites })
            }
            Err(_) => Err((std::mem::take(session.problems_mut()), sources)),
        }
    }

    /// What the schema says about data.
    pub(crate) fn shapes(&self) -> Option<&Shapes> {
        let compiled = self.policies.compiled.as_deref().and_then(Bundle::shapes);
        compiled.or(self.schema.as_ref().map(Schema::shapes))
    }

    /// An engine over a store, which may be that of another version: actions are those of this one.
    pub(crate) fn engine(&self, store: &Entities) -> Engine {
        let own = self.shapes().and_then(|shapes| store.under_schema(shapes).ok());
        Engine::new(self.program.clone(), own.unwrap_or_else(|| store.clone()))
    }

    pub(crate) fn named(&self, id: &str) -> Option<Named> {
        let policy = self.program.policy(id).or_else(|| self.program.template(id))?;
        let place = policy.place;
        Some(Named {
            id: id.to_owned(),
            effect: policy.effect.keyword(),
            file: self.program.source_name(place).to_owned(),
            line: place.line,
            column: place.column,
            range: (place.start, place.end),
        })
    }

    /// The text of a file.
    pub(crate) fn text(&self, file: &str) -> Option<&str> {
        let set = self.policies.sets.iter().find(|set| self.sources.name(set.source) == file)?;
        Some(self.sources.text(set.source))
    }
}

/// What is read in a session.
struct Parts {
    policies: Policies,
    program: Program,
    fragments: Vec<ast::schema::Schema>,
    schema: Option<Schema>,
    entities: Entities,
    suites: Suites,
}

impl Parts {
    fn read(session: &mut Session<'_>, operand: &Operand) -> Result<Self, Stop> {
        match &operand.file {
            Some(file) if is_bundle(&operand.folder.join(file)) => Self::of_bundle(session, file),
            Some(file) => Self::of_files(session, vec![file.clone()], Vec::new()),
            None => Self::of_folder(session, operand),
        }
    }

    fn of_bundle(session: &mut Session<'_>, file: &str) -> Result<Self, Stop> {
        let bundle = read_bundle(session, file)?;
        let policies = with_trees(session, bundle);
        let program = policies.compile(session).ok_or(Stop::Problems)?;
        let shapes = policies.compiled.as_deref().and_then(Bundle::shapes);
        let entities = Entities::from_entities([], shapes).unwrap_or_default();
        let suites = Suites { stores: vec![entities.clone()], cases: Vec::new() };
        let texts: Vec<SourceText> =
            policies.compiled.as_deref().map(|bundle| bundle.schema_texts().to_vec()).unwrap_or_default();
        let parse = |text: SourceText| {
            let source = session.add_source(&text.name, &*text.text);
            parse_schema(session, source, text_format(&text.name, None))
        };
        let fragments = texts.into_iter().filter_map(parse).collect();
        Ok(Self { policies, program, fragments, schema: None, entities, suites })
    }

    /// A project, or what an empty manifest would make of the folder; where that finds no folder of policies, all
    /// policies of the folder.
    fn of_folder(session: &mut Session<'_>, operand: &Operand) -> Result<Self, Stop> {
        let has = |name: &str| operand.folder.join(name).exists();
        if has(project::MANIFEST) {
            session.project = Some(project::load(session, String::new()).ok_or(Stop::Problems)?);
        } else if has("policies") {
            let source = session.add_source(project::MANIFEST, "");
            let manifest = Manifest::usual(has);
            session.project = Some(Project { root: String::new(), manifest, source });
        } else {
            let schema = if has("schema.cedarschema") { vec!["schema.cedarschema".to_owned()] } else { Vec::new() };
            return Self::of_files(session, vec!["**/*.cedar".to_owned()], schema);
        }
        Self::of_files(session, Vec::new(), Vec::new())
    }

    fn of_files(session: &mut Session<'_>, policies: Vec<String>, schema: Vec<String>) -> Result<Self, Stop> {
        let policies = PoliciesArgs { policies, policy_format: None, links: None };
        let policies = read_policies(session, &policies, LinksFile::Required);
        let fragments = read_fragments(session, &SchemaArgs { schema, schema_format: None });
        let schema = fragments.as_ref().and_then(|fragments| resolve(session, fragments));
        session.stop_on_errors()?;
        let program = policies.compile(session).ok_or(Stop::Problems)?;
        let shapes = schema.as_ref().map(Schema::shapes);
        let entities = project_entities(session, shapes).ok_or(Stop::Problems)?;
        let files = if session.project.is_some() { test_files(session, &[]) } else { Vec::new() };
        let suites = read_suites(session, &files, Shared { shapes, entities: entities.clone() });
        session.stop_on_errors()?;
        Ok(Self { policies, program, fragments: fragments.unwrap_or_default(), schema, entities, suites })
    }
}
