//! What a command reads: policies, links, a schema, entities, requests.
//!
//! Every reader notes its problems in the session and returns what it could read, so that a command reports all of its
//! inputs at once, as people fix them at once.

mod bundle;
mod entities;
mod files;
mod links;
mod policies;
mod request;

use std::path::Path;

use deodar_compiler::Schema;
use deodar_grammar::{Diagnostic, SourceId, ast};
use deodar_runtime::{Entities, Shapes};

pub(crate) use self::{
    bundle::{read_bundle, with_trees},
    entities::{Combined, given_entities, name, names, project_entities},
    files::{File, Wanted, entity_files, policy_files, schema_files, test_files},
    links::{SlotValue, parse_arguments, read_links},
    policies::{LinksFile, Policies, links_path, parse_set, read_policies, read_sets},
    request::{NamedRequest, RequestParts, entity_member, given_request, read_request_value, read_requests, validated},
};
use crate::{
    args::{SchemaArgs, TextFormat},
    report,
    session::{Session, text_of_bytes},
};

impl Session<'_> {
    /// Whether a command is to have a schema: its own, or that of the project.
    pub(crate) fn has_schema(&self, args: &SchemaArgs) -> bool {
        args.is_given() || self.project.as_ref().is_some_and(|project| !project.manifest.schema.is_empty())
    }

    /// The text of a file, or of standard input for `-`.
    pub(crate) fn read_text(&mut self, path: &str, what: &'static str) -> Option<String> {
        if path == "-" {
            return self.read_stdin(what);
        }
        let full = self.io.path(path);
        if full.is_dir() {
            self.report(report::is_a_folder(path, what));
            return None;
        }
        match std::fs::read(&full).and_then(text_of_bytes) {
            Ok(text) => Some(text),
            Err(error) => {
                let near = files::similar_file(&self.io, path);
                self.report(report::cannot_read(path, what, &error, near.as_deref()));
                None
            }
        }
    }

    /// Reports what was found in a text, and whether that is no error. A text in the other format is said to be that,
    /// since what its first characters are taken for helps nobody.
    fn report_parsed(&mut self, diagnostics: Vec<Diagnostic>, source: SourceId, format: TextFormat) -> bool {
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        if failed && other_format(self.sources.text(source), format) {
            let name = self.sources.name(source).to_owned();
            self.report(report::other_format(&name, format));
        } else {
            self.report_all(diagnostics);
        }
        !failed
    }

    /// The file as a source for reports.
    pub(crate) fn read_source(&mut self, path: &str, what: &'static str) -> Option<SourceId> {
        let text = self.read_text(path, what)?;
        Some(self.add_source(shown(path), text))
    }

    /// The file as a source, or standard input if there is none.
    pub(crate) fn read_source_or_stdin(&mut self, path: Option<&str>, what: &'static str) -> Option<SourceId> {
        self.read_source(path.unwrap_or("-"), what)
    }
}

/// Whether a text begins as no text of its format does, and as one of the other format may.
fn other_format(text: &str, format: TextFormat) -> bool {
    let first = text.trim_start().chars().next();
    match format {
        TextFormat::Cedar => first.is_some_and(|first| matches!(first, '{' | '[')),
        // Words, `@` and comments.
        TextFormat::Json => first.is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, '@' | '/')),
    }
}

/// How a path is called in reports.
pub(crate) fn shown(path: &str) -> &str {
    if path == "-" { "<stdin>" } else { path.strip_prefix("./").unwrap_or(path) }
}

/// The format of a file: as the flag says, or by the extension; the Cedar syntax if that says nothing.
pub(crate) fn text_format(path: &str, flag: Option<TextFormat>) -> TextFormat {
    let is_json = Path::new(path).extension().is_some_and(|extension| extension == "json");
    flag.unwrap_or(if is_json { TextFormat::Json } else { TextFormat::Cedar })
}

/// The schema, if the command line names one and it has no errors.
pub(crate) fn read_schema(session: &mut Session<'_>, args: &SchemaArgs) -> Option<Schema> {
    let fragments = read_fragments(session, args)?;
    resolve(session, &fragments)
}

/// The parts of the schema, if the command line names one and they have no errors.
pub(crate) fn read_fragments(session: &mut Session<'_>, args: &SchemaArgs) -> Option<Vec<ast::schema::Schema>> {
    let mark = session.mark();
    let files = schema_files(session, &args.schema);
    let found_all = session.mark() == mark;
    let read = |file: &File| {
        let source = session.read_source(&file.name, Wanted::Schema.name())?;
        parse_schema(session, source, text_format(&file.name, args.schema_format))
    };
    // Every file is read before one that failed counts.
    let fragments: Vec<_> = files.iter().map(read).collect();
    let fragments: Vec<_> = fragments.into_iter().collect::<Option<_>>()?;
    (found_all && !fragments.is_empty()).then_some(fragments)
}

/// The parts as one schema, if they fit together.
pub(crate) fn resolve(session: &mut Session<'_>, fragments: &[ast::schema::Schema]) -> Option<Schema> {
    let (schema, diagnostics) = Schema::resolve(fragments);
    session.report_all(diagnostics);
    schema
}

/// The tree of a schema without errors.
pub(crate) fn parse_schema(
    session: &mut Session<'_>,
    source: SourceId,
    format: TextFormat,
) -> Option<ast::schema::Schema> {
    let (tree, diagnostics) = match format {
        TextFormat::Cedar => deodar_grammar::parse_schema(&session.sources, source),
        TextFormat::Json => deodar_grammar::schema_from_json(&session.sources, source),
    };
    session.report_parsed(diagnostics, source, format).then_some(tree)
}

/// The entities of a file; with shapes, they must conform to them.
pub(crate) fn read_entities(session: &mut Session<'_>, path: &str, shapes: Option<&Shapes>) -> Option<Entities> {
    let text = session.read_text(path, "the entities")?;
    match Entities::from_json(&text, shapes) {
        Ok(entities) => Some(entities),
        Err(error) => {
            let source = session.add_source(shown(path), text);
            session.report(report::input(&error, source, 0));
            None
        }
    }
}

/// The name of an expression of the command line in reports.
pub(crate) const EXPRESSION: &str = "<expression>";

/// The expression that a source consists of, if it has no errors.
pub(crate) fn parse_expression(session: &mut Session<'_>, source: SourceId) -> Option<ast::Expression> {
    let (expression, diagnostics) = deodar_grammar::parse_expression(&session.sources, source);
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    session.report_all(diagnostics);
    if failed { None } else { Some(expression) }
}
