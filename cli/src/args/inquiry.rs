//! The flags of the commands that ask about policies: why, what differs, what they say, how fast they are.

use clap::{ArgAction, Args, ValueEnum};

use super::{BundleArgs, PoliciesArgs, RequestArgs, SchemaArgs};

/// Policies, a schema and entities that requests are put to.
#[derive(Debug, Args)]
pub(crate) struct SettingArgs {
    #[command(flatten)]
    pub(crate) policies: PoliciesArgs,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
    /// JSON file with the entities
    #[arg(long, value_name = "FILE")]
    pub(crate) entities: Option<String>,
}

/// `why`
#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// JSON file with an array of requests; each may have a name
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["principal", "action", "resource", "context", "request_json"]
    )]
    pub(crate) requests: Option<String>,
    /// Name of a test, or a part of it: its request is explained
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with_all = ["principal", "action", "resource", "context", "request_json", "requests"]
    )]
    pub(crate) test: Option<String>,
    /// Files, folders and globs with tests, for --test [default: those of the project]
    #[arg(long, value_name = "PATH", num_args = 1.., action = ArgAction::Append, requires = "test")]
    pub(crate) tests: Vec<String>,
    #[command(flatten)]
    pub(crate) setting: SettingArgs,
    /// Show the policies whose scope does not match, too
    #[arg(long)]
    pub(crate) all: bool,
}

/// `diff`
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// A folder, `deodar.toml`, file of policies, bundle, or revision of git: REV or REV:PATH
    #[arg(value_name = "OLD")]
    pub(crate) old: String,
    /// The same [default: what is in the working tree]
    #[arg(value_name = "NEW")]
    pub(crate) new: Option<String>,
    /// How many requests are made up
    #[arg(long, value_name = "N", default_value_t = 4000)]
    pub(crate) requests: usize,
    /// Where making up requests starts: the same seed gives the same requests
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// What ends with exit code 1
    #[arg(long, value_name = "WHAT", default_value_t, value_enum)]
    pub(crate) fail_on: FailOn,
}

/// Which differences fail `diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum FailOn {
    /// A request is allowed that was denied
    Widening,
    /// A request is decided otherwise
    Any,
    /// Nothing
    #[default]
    None,
}

/// `bench`
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// JSON file with an array of requests [default: the requests of the tests]
    #[arg(long, value_name = "FILE", conflicts_with = "tests")]
    pub(crate) requests: Option<String>,
    /// Files, folders and globs with tests [default: those of the project]
    #[arg(long, value_name = "PATH", num_args = 1.., action = ArgAction::Append)]
    pub(crate) tests: Vec<String>,
    /// How long to measure
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0, value_parser = seconds)]
    pub(crate) seconds: f64,
    #[command(flatten)]
    pub(crate) setting: SettingArgs,
}

/// Up to an hour. What is not a number is not less than one either.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| (0.0..=3600.0).contains(seconds));
    seconds.ok_or_else(|| "expected a number from 0 to 3600".to_owned())
}

/// `doc`
#[derive(Debug, Args)]
pub(crate) struct DocArgs {
    /// File to write: HTML if its name ends in `.html`, else Markdown [default: Markdown to standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<String>,
    /// Fail if this file, written before, is out of date
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    pub(crate) check: Option<String>,
    /// Title of the page [default: Policies]
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Files, folders and globs with tests [default: those of the project]
    #[arg(long, value_name = "PATH", num_args = 1.., action = ArgAction::Append)]
    pub(crate) tests: Vec<String>,
    #[command(flatten)]
    pub(crate) setting: SettingArgs,
}

/// `repl`
#[derive(Debug, Args)]
pub(crate) struct ReplArgs {
    #[command(flatten)]
    pub(crate) setting: SettingArgs,
}
