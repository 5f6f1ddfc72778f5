//! The command line: every command with its flags.
//!
//! Names, short forms, defaults and environment variables are those of `cedar` 4.14; where a flag takes more than there
//! (several policy files, `-` for standard input, formats found by the extension), what `cedar` accepts keeps its
//! meaning.
#![expect(clippy::doc_markdown, reason = "the comments on fields and variants are the help texts, not Markdown")]

mod inquiry;
mod proof;

use std::{ffi::OsString, path::PathBuf};

use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};

pub(crate) use self::{
    inquiry::{BenchArgs, DiffArgs, DocArgs, FailOn, ReplArgs, SettingArgs, WhyArgs},
    proof::{CheckArgs, CoverArgs, MutateArgs, TestArgs, TestedArgs},
};
use crate::output::OutputFormat;

/// Decides authorization requests with Cedar policies, and checks, formats, translates and tests the policies.
#[derive(Debug, Parser)]
#[command(name = "deodar", bin_name = "deodar", version, long_about = None)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How problems are reported on standard error [default: human]
    ///
    /// The variable `CEDAR_ERROR_FORMAT` is read, too.
    #[arg(global = true, short = 'f', long, env = "DEODAR_ERROR_FORMAT", hide_env_values = true, value_enum)]
    pub(crate) error_format: Option<ErrorFormat>,
    /// How results are written to standard output
    #[arg(global = true, long, default_value_t, value_enum)]
    pub(crate) format: OutputFormat,
    /// Folder of the project, or its `deodar.toml` [default: searched for from the current folder up]
    #[arg(global = true, long, value_name = "PATH")]
    pub(crate) project: Option<String>,
    /// When to use colours; `NO_COLOR` is heeded, too
    #[arg(global = true, long, value_name = "WHEN", default_value_t, value_enum)]
    pub(crate) color: Color,
    /// Write results only: no reports on standard error
    #[arg(global = true, short, long)]
    pub(crate) quiet: bool,
}

/// The command line as it is parsed: arguments that commands share differ in details, and what a project says need not
/// be said again.
pub(crate) fn command(in_project: bool) -> clap::Command {
    let required = !in_project;
    Cli::command()
        .mut_subcommand("validate", |command| command.mut_arg("schema", |schema| schema.required(required)))
        .mut_subcommand("authorize", |command| {
            command.mut_arg("entities", |entities| entities.required(required)).mut_arg("bundle", conflicts_with_schema)
        })
        .mut_subcommand("visualize", |command| command.mut_arg("entities", |entities| entities.required(required)))
        .mut_subcommand("format", |command| {
            command.mut_arg("write", |write| if required { write.requires("policies") } else { write })
        })
        .mut_subcommand("stats", |command| command.mut_arg("bundle", conflicts_with_schema))
        .mut_subcommand("why", |command| command.mut_arg("bundle", conflicts_with_schema))
        .mut_subcommand("bench", |command| command.mut_arg("bundle", conflicts_with_schema))
        .mut_subcommand("doc", |command| command.mut_arg("bundle", conflicts_with_schema))
        .mut_subcommand("repl", |command| command.mut_arg("bundle", conflicts_with_schema))
        // What follows a schema may be the expression.
        .mut_subcommand("evaluate", |command| command.mut_arg("schema", |schema| schema.num_args(1)))
}

/// A bundle has its schema with it.
fn conflicts_with_schema(bundle: clap::Arg) -> clap::Arg {
    bundle.conflicts_with_all(["schema", "schema_format"])
}

/// How problems are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ErrorFormat {
    /// With the lines they are about, drawn
    #[default]
    Human,
    /// In sentences, without drawings and colours, for screen readers
    Plain,
    /// As JSON, one object a problem
    Json,
}

impl ErrorFormat {
    /// The variable that `cedar` reads.
    const VARIABLE: &str = "CEDAR_ERROR_FORMAT";

    /// What the environment says, if no flag does.
    pub(crate) fn of_environment() -> Result<Self, clap::Error> {
        let Some(value) = std::env::var_os(Self::VARIABLE) else { return Ok(Self::default()) };
        let value = value.to_string_lossy();
        Self::from_str(&value, false).map_err(|_| {
            let message = format!("the variable {} is `{value}`; expected human, plain or json\n", Self::VARIABLE);
            clap::Error::raw(ErrorKind::InvalidValue, message)
        })
    }
}

/// How a command writes its result to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Format {
    /// Text, as `cedar` writes it.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Color {
    /// On terminals
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Decide an authorization request, or several
    ///
    /// Exit codes: 0 allowed, 2 denied, 1 something is wrong with the input. With --requests: 0 when every request was
    /// decided.
    Authorize(AuthorizeArgs),
    /// Evaluate an expression
    ///
    /// The request and the entities are optional: they are needed only if the expression mentions them.
    Evaluate(EvaluateArgs),
    /// Validate policies against a schema
    ///
    /// Exit codes: 0 the policies are valid, 3 they are not, 1 something cannot be read.
    Validate(ValidateArgs),
    /// Check that policies, an expression, a schema and entities can be read
    ///
    /// Checks what is given; with nothing given, checks policies from standard input.
    CheckParse(CheckParseArgs),
    /// Make a policy from a template
    Link(LinkArgs),
    /// Format policies
    Format(FormatArgs),
    /// Translate policies between the Cedar syntax and JSON
    TranslatePolicy(TranslatePolicyArgs),
    /// Translate a schema between the Cedar syntax and JSON
    TranslateSchema(TranslateSchemaArgs),
    /// Draw entities and their parents in the language of Graphviz
    Visualize(VisualizeArgs),
    /// Make a folder with a small project: schema, policies, entities, tests, manifest
    New(NewArgs),
    /// Check a project: policies, schema, lints, layout and tests
    ///
    /// The command for pipelines. Exit codes: 0 fine, 1 something is wrong, 2 the check cannot run.
    Check(CheckArgs),
    /// Run the tests of a project
    ///
    /// Exit codes: 0 all passed, 1 some failed, 2 they cannot run.
    Test(TestArgs),
    /// Measure what the tests of a project show of its policies
    ///
    /// For every policy, part of a scope and atom of a condition: whether tests show it both ways, and that it decides
    /// alone. Exit codes: 0 fine, 1 tests fail or the coverage is below --min, 2 it cannot be measured.
    Cover(CoverArgs),
    /// Make small mistakes in the policies of a project and see which ones no test notices
    ///
    /// For a mistake that no test notices, a request is searched that would, and shown as a test to paste. Exit codes:
    /// 0 fine, 1 the score is below --min, 2 it cannot run: the tests fail, or the policies are not valid.
    Mutate(MutateArgs),
    /// Say why a request is allowed or denied, policy by policy
    ///
    /// For every policy whose scope matches: what its conditions came to, which values they read, and what would change
    /// the outcome. Exit codes: 0 it was explained, 2 something cannot be read.
    Why(WhyArgs),
    /// Compare two versions of the policies: what differs, and which requests are decided otherwise
    ///
    /// Decisions are compared over the requests of the tests of both versions, and over requests that are made up from
    /// the schema and the literals of the policies that differ. Exit codes: 0 compared, 1 what --fail-on names was
    /// found, 2 a version cannot be read.
    Diff(DiffArgs),
    /// Measure how fast the policies decide requests
    ///
    /// The requests are those of the tests, or of a file. Exit codes: 0 measured, 2 something cannot be read.
    Bench(BenchArgs),
    /// Write a page about the policies in plain words, as Markdown or HTML
    ///
    /// Exit codes: 0 written or up to date, 1 out of date, 2 something cannot be read or written.
    Doc(DocArgs),
    /// Evaluate expressions and put requests, one line after the other
    ///
    /// On a terminal with history and completion; otherwise the lines of standard input. `:help` lists the commands.
    Repl(ReplArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write the pages of all commands to a folder
    Man(ManArgs),
    /// Partially evaluate a request (not in Deodar yet)
    PartiallyAuthorize(NotYetArgs),
    /// Partially evaluate a request with types (not in Deodar yet)
    Tpe(NotYetArgs),
    /// Run the tests of a policy set
    ///
    /// The tests are a JSON array of objects:
    ///   - name: what the test is called (optional)
    ///   - request: {"principal", "action", "resource", "context"}, as for `authorize --request-json`
    ///   - entities: an array of entities, or the name of a file with one, next to the tests
    ///   - decision: "allow" or "deny"
    ///   - reason: ids of policies that must be among those that determine the decision
    ///   - num_errors: how many policies must fail
    #[command(verbatim_doc_comment)]
    RunTests(RunTestsArgs),
    /// Analyse policies with a solver (not in Deodar yet)
    Symcc(NotYetArgs),
    /// Compile policies into one file, which services load without reading the policies again
    ///
    /// The file has the policies, the schema and the links with their texts, what they compile to, and a digest; the
    /// same input gives the same file. Exit codes: 0 it was written, 3 the policies are not valid, 1 something cannot
    /// be read or written.
    Compile(CompileArgs),
    /// Count what policies, a schema and entities consist of, and how policies are found
    Stats(StatsArgs),
    /// Print what policies compile to
    Disassemble(DisassembleArgs),
    /// Explain what a code of a report means, with an example
    Explain(ExplainArgs),
    /// Print the version of the Cedar language
    LanguageVersion,
    /// Print the licences of Deodar and of what it is built from
    License,
}

/// Where policies come from.
#[derive(Debug, Args)]
pub(crate) struct PoliciesArgs {
    /// Files, folders and globs with policies and templates; `-` or nothing for standard input
    ///
    /// In folders, all files ending in `.cedar` and `.json` are read. In one file the policies are called policy0,
    /// policy1, …; otherwise PATH#policy0, …; an `@id` overrides either.
    #[arg(short, long, value_name = "PATH", num_args = 1.., action = ArgAction::Append)]
    pub(crate) policies: Vec<String>,
    /// Format of the policies [default: by the extension of each file]
    #[arg(long, value_enum)]
    pub(crate) policy_format: Option<TextFormat>,
    /// JSON file with links of templates
    #[arg(short = 'k', long = "template-linked", alias = "links", value_name = "FILE")]
    pub(crate) links: Option<String>,
}

/// The two forms of policies and schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextFormat {
    /// The Cedar syntax
    Cedar,
    /// The JSON form
    Json,
}

/// Where a schema comes from.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Files, folders and globs with the schema, `-` for standard input; several files make one schema
    ///
    /// In folders, all files ending in `.cedarschema` and `.json` are read.
    #[arg(short, long, value_name = "PATH", num_args = 1.., action = ArgAction::Append)]
    pub(crate) schema: Vec<String>,
    /// Format of the schema [default: by the extension of each file]
    #[arg(long, value_enum)]
    pub(crate) schema_format: Option<TextFormat>,
}

impl SchemaArgs {
    /// Whether there is to be a schema.
    pub(crate) fn is_given(&self) -> bool {
        !self.schema.is_empty()
    }
}

/// What is asked.
#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    /// Who asks, as in User::"alice"
    #[arg(short = 'l', long, value_name = "ENTITY")]
    pub(crate) principal: Option<String>,
    /// What it wants to do, as in Action::"view"
    #[arg(short, long, value_name = "ENTITY")]
    pub(crate) action: Option<String>,
    /// What it wants to do it to, as in File::"notes.txt"
    #[arg(short, long, value_name = "ENTITY")]
    pub(crate) resource: Option<String>,
    /// JSON file with the context, an object
    #[arg(short, long, value_name = "FILE")]
    pub(crate) context: Option<String>,
    /// JSON file with the whole request: principal, action, resource and context
    #[arg(long, value_name = "FILE", conflicts_with_all = ["principal", "action", "resource", "context"])]
    pub(crate) request_json: Option<String>,
    /// Whether the request must conform to the schema, if there is one
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    pub(crate) request_validation: bool,
}

impl RequestArgs {
    /// Whether nothing is said of a request.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { principal, action, resource, context, request_json, request_validation: _ } = self;
        [principal, action, resource, context, request_json].into_iter().all(Option::is_none)
    }
}

/// `authorize`
#[derive(Debug, Args)]
pub(crate) struct AuthorizeArgs {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// JSON file with an array of requests; each may have a name
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["principal", "action", "resource", "context", "request_json"]
    )]
    pub(crate) requests: Option<String>,
    #[command(flatten)]
    pub(crate) policies: PoliciesArgs,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
    /// Whether the policies must be valid, if there is a schema [default: with --requests]
    #[arg(long, value_name = "BOOL", action = ArgAction::Set)]
    pub(crate) policy_validation: Option<bool>,
    /// JSON file with the entities
    #[arg(long, value_name = "FILE")]
    pub(crate) entities: Option<String>,
    /// Also print the policies that determine the decision
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Also print how long the decision took
    #[arg(short, long)]
    pub(crate) timing: bool,
}

/// `evaluate`
#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
    /// JSON file with the entities
    #[arg(long, value_name = "FILE")]
    pub(crate) entities: Option<String>,
    /// The expression; `-` for standard input
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub(crate) expression: String,
}

/// `validate`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
    #[command(flatten)]
    pub(crate) policies: PoliciesArgs,
    /// Whether warnings make the policies invalid
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// How strict the rules are [default: strict]
    #[arg(long, value_enum)]
    pub(crate) validation_mode: Option<ValidationMode>,
    /// How many steps from the request entities may be read
    #[arg(long, value_name = "N")]
    pub(crate) level: Option<u32>,
    /// Print the smallest level that each policy needs, and all of them
    #[arg(long)]
    pub(crate) report_level: bool,
    /// A code of a warning or lint that is not to be reported; may be repeated
    #[arg(long, value_name = "CODE", action = ArgAction::Append)]
    pub(crate) allow: Vec<String>,
    /// Whether lints make the policies invalid
    #[arg(long, conflicts_with = "no_lints")]
    pub(crate) deny_lints: bool,
    /// Report only what `cedar` reports
    #[arg(long)]
    pub(crate) no_lints: bool,
}

/// How strict validation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ValidationMode {
    /// Types must be the same where they meet
    #[default]
    Strict,
    /// Types may differ where no request fails because of it
    Permissive,
    /// With a part of the schema (not in Deodar)
    Partial,
}

/// `check-parse`
#[derive(Debug, Args)]
pub(crate) struct CheckParseArgs {
    #[command(flatten)]
    pub(crate) policies: PoliciesArgs,
    /// An expression
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) expression: Option<String>,
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
    /// JSON file with entities
    #[arg(long, value_name = "FILE")]
    pub(crate) entities: Option<String>,
}

/// `link`
#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    #[command(flatten)]
    pub(crate) policies: PoliciesArgs,
    /// Id of the template
    #[arg(long, value_name = "ID")]
    pub(crate) template_id: String,
    /// Id of the new policy
    #[arg(short, long, value_name = "ID")]
    pub(crate) new_id: String,
    /// Entities for the slots, as in '{"?principal": "User::\"alice\""}'
    #[arg(short, long, value_name = "JSON")]
    pub(crate) arguments: String,
}

/// `format`
#[derive(Debug, Args)]
pub(crate) struct FormatArgs {
    /// Files, folders and globs with policies in the Cedar syntax; `-` or nothing for standard input
    #[arg(short, long, value_name = "PATH", num_args = 1.., action = ArgAction::Append)]
    pub(crate) policies: Vec<String>,
    /// Characters in a line [default: 80]
    #[arg(short, long, value_name = "N")]
    pub(crate) line_width: Option<usize>,
    /// Spaces of one level of indentation [default: 2]
    #[arg(short, long, value_name = "N")]
    pub(crate) indent_width: Option<usize>,
    /// Write the result back to the files
    #[arg(short, long, group = "mode")]
    pub(crate) write: bool,
    /// Exit with 1 if anything would change
    #[arg(short, long, group = "mode")]
    pub(crate) check: bool,
}

/// `translate-policy`
#[derive(Debug, Args)]
pub(crate) struct TranslatePolicyArgs {
    /// From which form to which
    #[arg(long, value_enum)]
    pub(crate) direction: PolicyDirection,
    /// Files, folders and globs with policies; `-` or nothing for standard input
    #[arg(short, long, value_name = "PATH", num_args = 1.., action = ArgAction::Append)]
    pub(crate) policies: Vec<String>,
}

/// The ways to translate policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyDirection {
    /// From the Cedar syntax to JSON
    CedarToJson,
    /// From JSON to the Cedar syntax
    JsonToCedar,
}

/// `translate-schema`
#[derive(Debug, Args)]
pub(crate) struct TranslateSchemaArgs {
    /// From which form to which
    #[arg(long, value_enum)]
    pub(crate) direction: SchemaDirection,
    /// File with the schema; `-` or nothing for standard input
    #[arg(short, long, value_name = "FILE")]
    pub(crate) schema: Option<String>,
}

/// The ways to translate a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaDirection {
    /// From JSON to the Cedar syntax
    JsonToCedar,
    /// From the Cedar syntax to JSON
    CedarToJson,
    /// From the Cedar syntax to JSON in which each name says whether it is an entity type or a common type; every name
    /// must be declared
    CedarToJsonWithResolvedTypes,
}

/// `visualize`
#[derive(Debug, Args)]
pub(crate) struct VisualizeArgs {
    /// JSON file with the entities
    #[arg(long, value_name = "FILE")]
    pub(crate) entities: Option<String>,
}

/// `new`
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// Folder of the project; it must not exist
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) name: PathBuf,
    /// What kind of project [default: what `cedar new` makes, with a manifest]
    #[arg(long, value_enum)]
    pub(crate) kind: Option<ProjectKind>,
}

/// The kinds of projects that `new` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProjectKind {
    /// Policies, a schema, entities and tests in folders of their own; it passes `deodar check`
    Minimal,
}

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Folder for the pages of all commands, one file each; it must exist
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<String>,
}

/// `run-tests`
#[derive(Debug, Args)]
pub(crate) struct RunTestsArgs {
    #[command(flatten)]
    pub(crate) policies: PoliciesArgs,
    /// JSON file with the tests
    #[arg(long, value_name = "FILE")]
    pub(crate) tests: String,
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
}

/// Compiled policies, in place of their texts.
#[derive(Debug, Args)]
pub(crate) struct BundleArgs {
    /// File that `compile` wrote, in place of policies, links and schema; `-` for standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["policies", "policy_format", "links"]
    )]
    pub(crate) bundle: Option<String>,
}

/// `compile`
#[derive(Debug, Args)]
pub(crate) struct CompileArgs {
    #[command(flatten)]
    pub(crate) policies: PoliciesArgs,
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
    /// Whether the policies must be valid, if there is a schema
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    pub(crate) policy_validation: bool,
    /// File with the tests of the policies; their digest is noted
    #[arg(long, value_name = "FILE")]
    pub(crate) tests: Option<String>,
    /// File to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: String,
}

/// `stats`
#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    pub(crate) setting: SettingArgs,
}

/// `disassemble`
#[derive(Debug, Args)]
pub(crate) struct DisassembleArgs {
    #[command(flatten)]
    pub(crate) policies: PoliciesArgs,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
}

/// `explain`
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The code, as in unknown-function; without one, all codes are listed
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// Commands of `cedar` that are to come: whatever stands behind them is accepted.
#[derive(Debug, Args)]
pub(crate) struct NotYetArgs {
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) rest: Vec<OsString>,
}

impl Command {
    /// Whether what it does not take from flags comes from the project. Translation and the like are filters.
    pub(crate) fn uses_project(&self) -> bool {
        match self {
            Self::Authorize(_)
            | Self::Evaluate(_)
            | Self::Validate(_)
            | Self::CheckParse(_)
            | Self::Link(_)
            | Self::Format(_)
            | Self::Visualize(_)
            | Self::Check(_)
            | Self::Test(_)
            | Self::Cover(_)
            | Self::Mutate(_)
            | Self::Why(_)
            | Self::Diff(_)
            | Self::Bench(_)
            | Self::Doc(_)
            | Self::Repl(_)
            | Self::RunTests(_)
            | Self::Compile(_)
            | Self::Stats(_)
            | Self::Disassemble(_) => true,
            Self::TranslatePolicy(_)
            | Self::TranslateSchema(_)
            | Self::New(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::PartiallyAuthorize(_)
            | Self::Tpe(_)
            | Self::Symcc(_)
            | Self::Explain(_)
            | Self::LanguageVersion
            | Self::License => false,
        }
    }

    /// The name of a command that reports on texts or tests, and so writes all formats; others write text and JSON.
    pub(crate) fn reporting(&self) -> Option<&'static str> {
        match self {
            Self::Validate(_) => Some("validate"),
            Self::CheckParse(_) => Some("check-parse"),
            Self::Format(_) => Some("format"),
            Self::RunTests(_) => Some("run-tests"),
            Self::Check(_) => Some("check"),
            Self::Test(_) => Some("test"),
            Self::Cover(_) => Some("cover"),
            Self::Mutate(_) => Some("mutate"),
            Self::Diff(_) => Some("diff"),
            Self::Authorize(_)
            | Self::Why(_)
            | Self::Bench(_)
            | Self::Doc(_)
            | Self::Repl(_)
            | Self::Evaluate(_)
            | Self::Link(_)
            | Self::Visualize(_)
            | Self::Compile(_)
            | Self::Stats(_)
            | Self::Disassemble(_)
            | Self::TranslatePolicy(_)
            | Self::TranslateSchema(_)
            | Self::New(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::PartiallyAuthorize(_)
            | Self::Tpe(_)
            | Self::Symcc(_)
            | Self::Explain(_)
            | Self::LanguageVersion
            | Self::License => None,
        }
    }
}
