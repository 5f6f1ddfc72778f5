//! The manifest, `deodar.toml`.
//!
//! Every key has a default, so an empty file is a project. What is wrong is reported at its place, and all of it at
//! once.

use deodar_grammar::{Diagnostic, Severity, SourceId, Span};

use super::{Level, Levels};
use crate::{
    document::{Document, Fields, Form},
    report,
    session::Session,
};

/// What a manifest says. Paths are as they are written.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    /// Files, folders and globs with policies.
    pub(crate) policies: Vec<String>,
    /// Files, folders and globs with the schema; nothing for a project without one.
    pub(crate) schema: Vec<String>,
    /// Files with entities, all of which are put together.
    pub(crate) entities: Vec<String>,
    /// Files, folders and globs with tests.
    pub(crate) tests: Vec<String>,
    /// The file with links of templates.
    pub(crate) links: Option<String>,
    pub(crate) levels: Levels,
    pub(crate) check: CheckSettings,
    pub(crate) layout: Layout,
    pub(crate) cover: CoverSettings,
    pub(crate) mutate: MutateSettings,
}

/// What `deodar check` takes from the manifest.
#[derive(Debug, Default)]
pub(crate) struct CheckSettings {
    pub(crate) deny_warnings: bool,
    pub(crate) max_warnings: Option<usize>,
    pub(crate) baseline: Option<String>,
    /// How many steps from the request entities may be read.
    pub(crate) level: Option<u32>,
    pub(crate) permissive: bool,
}

/// What `deodar cover` takes from the manifest, and `deodar check` asks for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CoverSettings {
    /// The percentage that is asked for, and where that is written.
    pub(crate) min: Option<(u8, Span)>,
    /// Whether evaluations that may fail should be seen to fail.
    pub(crate) errors: bool,
}

/// What `deodar mutate` takes from the manifest.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MutateSettings {
    /// The percentage that is asked for, and where that is written.
    pub(crate) min: Option<(u8, Span)>,
    pub(crate) budget: Option<usize>,
    pub(crate) seed: Option<u64>,
    pub(crate) requests: Option<usize>,
}

/// How policies are laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) line_width: usize,
    pub(crate) indent_width: usize,
}

impl Default for Layout {
    fn default() -> Self {
        Self { line_width: 80, indent_width: 2 }
    }
}

impl Manifest {
    /// What an empty file says in a folder that has these files.
    pub(crate) fn usual(exists: impl Fn(&str) -> bool) -> Self {
        let paths = |usual: &str| if exists(usual) { vec![usual.to_owned()] } else { Vec::new() };
        Self {
            policies: vec!["policies".to_owned()],
            schema: paths("schema.cedarschema"),
            entities: paths("entities.json"),
            tests: paths("tests"),
            ..Self::default()
        }
    }
}

const PATHS: &str = "a path, or a list of paths";

pub(super) fn read(session: &mut Session<'_>, path: &str) -> Option<(Manifest, SourceId)> {
    let document = Document::read(session, path, "the manifest")?;
    let source = document.source;
    let mut problems = Vec::new();
    let folder = session.io.path(path.strip_suffix(super::MANIFEST).unwrap_or(path));
    let exists = |path: &str| folder.join(path).exists();
    let manifest = match document.parse() {
        Ok(json) => manifest(Form::new(&document, json.root()), exists, &mut problems),
        Err(problem) => {
            session.report(problem);
            return None;
        }
    };
    let failed = problems.iter().any(Diagnostic::is_error);
    session.report_all(problems);
    (!failed).then_some((manifest, source))
}

fn manifest(root: Form<'_>, exists: impl Fn(&str) -> bool, problems: &mut Vec<Diagnostic>) -> Manifest {
    let keys =
        ["policies", "schema", "entities", "tests", "links", "lints", "check", "validate", "format", "cover", "mutate"];
    let fields = root.fields("a table", &keys, problems);
    let usual = Manifest::usual(exists);
    let paths = |key: &str, usual: Vec<String>, problems: &mut Vec<Diagnostic>| match fields.get(key) {
        Some(form) => form.texts(PATHS, problems).into_iter().map(|(path, _)| path.to_owned()).collect(),
        // A project has policies; the rest may be there or not.
        None => usual,
    };
    let mut manifest = Manifest {
        policies: paths("policies", usual.policies, problems),
        schema: paths("schema", usual.schema, problems),
        entities: paths("entities", usual.entities, problems),
        tests: paths("tests", usual.tests, problems),
        links: fields.get("links").and_then(|form| form.text("a path", problems)).map(str::to_owned),
        ..Manifest::default()
    };
    if let Some(form) = fields.get("lints") {
        manifest.levels = levels(form, problems);
    }
    if let Some(form) = fields.get("check") {
        let keys = ["deny-warnings", "max-warnings", "baseline"];
        check(&form.fields("a table", &keys, problems), &mut manifest.check, problems);
    }
    if let Some(form) = fields.get("validate") {
        validate(&form.fields("a table", &["mode", "level"], problems), &mut manifest.check, problems);
    }
    if let Some(form) = fields.get("format") {
        let fields = form.fields("a table", &["line-width", "indent-width"], problems);
        layout(&fields, &mut manifest.layout, problems);
    }
    if let Some(form) = fields.get("cover") {
        cover(&form.fields("a table", &["min", "errors"], problems), &mut manifest.cover, problems);
    }
    if let Some(form) = fields.get("mutate") {
        let fields = form.fields("a table", &["min", "budget", "seed", "requests"], problems);
        manifest.mutate = MutateSettings {
            min: fields.get("min").and_then(|form| percentage(form, problems)),
            budget: fields.get("budget").and_then(|form| form.count(problems)),
            seed: fields.get("seed").and_then(|form| form.count(problems)),
            requests: fields.get("requests").and_then(|form| form.count(problems)),
        };
    }
    manifest
}

fn check(fields: &Fields<'_>, settings: &mut CheckSettings, problems: &mut Vec<Diagnostic>) {
    settings.deny_warnings =
        fields.get("deny-warnings").and_then(|form| form.bool(problems)).unwrap_or(settings.deny_warnings);
    settings.max_warnings = fields.get("max-warnings").and_then(|form| form.count(problems));
    settings.baseline = fields.get("baseline").and_then(|form| form.text("a path", problems)).map(str::to_owned);
}

fn validate(fields: &Fields<'_>, settings: &mut CheckSettings, problems: &mut Vec<Diagnostic>) {
    settings.level = fields.get("level").and_then(|form| form.count(problems));
    if let Some(form) = fields.get("mode")
        && let Some(word) = form.text("`\"strict\"` or `\"permissive\"`", problems)
    {
        match word {
            "strict" => settings.permissive = false,
            "permissive" => settings.permissive = true,
            other => problems.push(report::unknown_word(form.span(), other, "mode", &["strict", "permissive"])),
        }
    }
}

fn cover(fields: &Fields<'_>, settings: &mut CoverSettings, problems: &mut Vec<Diagnostic>) {
    settings.min = fields.get("min").and_then(|form| percentage(form, problems));
    settings.errors = fields.get("errors").and_then(|form| form.bool(problems)).unwrap_or_default();
}

fn percentage(form: Form<'_>, problems: &mut Vec<Diagnostic>) -> Option<(u8, Span)> {
    let count: Option<usize> = form.count(problems);
    let percentage = count.and_then(|count| u8::try_from(count).ok()).filter(|count| *count <= 100);
    if count.is_some() && percentage.is_none() {
        form.unexpected("a percentage, from 0 to 100", problems);
    }
    percentage.map(|percentage| (percentage, form.span()))
}

fn layout(fields: &Fields<'_>, layout: &mut Layout, problems: &mut Vec<Diagnostic>) {
    layout.line_width = fields.get("line-width").and_then(|form| form.count(problems)).unwrap_or(layout.line_width);
    layout.indent_width =
        fields.get("indent-width").and_then(|form| form.count(problems)).unwrap_or(layout.indent_width);
}

/// The levels of warnings and lints, by their codes.
fn levels(form: Form<'_>, problems: &mut Vec<Diagnostic>) -> Levels {
    let mut levels = Levels::default();
    let pages = report::pages();
    let words: Vec<&str> = Level::ALL.iter().map(|(word, _)| *word).collect();
    for (name, span, form) in form.members("a table with levels, as in `missing-id = \"warn\"`", problems) {
        let level = form.text("`\"off\"`, `\"warn\"` or `\"error\"`", problems);
        let level = level.and_then(|word| {
            let level = Level::from_name(word);
            if level.is_none() {
                problems.push(report::unknown_word(form.span(), word, "level", &words));
            }
            level
        });
        match pages.iter().map(|page| page.code).find(|code| code.name == name) {
            Some(code) if code.severity == Severity::Warning => {
                if let Some(level) = level {
                    levels.set(code, level);
                }
            }
            Some(code) => problems.push(report::no_level(span, code)),
            None => {
                let warnings = pages.iter().filter(|page| page.code.severity == Severity::Warning);
                let similar = deodar_grammar::closest(name, warnings.map(|page| page.code.name));
                problems.push(report::unknown_rule(span, name, similar));
            }
        }
    }
    levels
}
