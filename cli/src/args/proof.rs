//! The flags of the commands that hold a project against its tests: check, test, cover, mutate.

use clap::{ArgAction, Args};

use super::{PoliciesArgs, SchemaArgs};

/// `check`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct CheckArgs {
    /// Fail on warnings
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// Fail on more warnings than this
    #[arg(long, value_name = "N")]
    pub(crate) max_warnings: Option<usize>,
    /// JSON file with findings that are accepted
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<String>,
    /// Accept today's findings but errors: write them to the baseline (deodar-baseline.json if none is named)
    #[arg(long)]
    pub(crate) write_baseline: bool,
    /// Report only on files that have changed since this commit, branch or tag of git; errors are always reported
    #[arg(long, value_name = "REV")]
    pub(crate) since: Option<String>,
    /// Mend what can be mended without changing a decision
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix: show what would change, and change nothing
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    /// Check again whenever a file of the project changes
    #[arg(long, conflicts_with_all = ["fix", "write_baseline"])]
    pub(crate) watch: bool,
}

/// Policies with their tests.
#[derive(Debug, Args)]
pub(crate) struct TestedArgs {
    /// Files, folders and globs with tests [default: those of the project]
    #[arg(long, value_name = "PATH", num_args = 1.., action = ArgAction::Append)]
    pub(crate) tests: Vec<String>,
    #[command(flatten)]
    pub(crate) policies: PoliciesArgs,
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
    /// JSON file with the entities of tests that have none
    #[arg(long, value_name = "FILE")]
    pub(crate) entities: Option<String>,
}

/// `test`
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Run only tests whose name contains one of these texts
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) tested: TestedArgs,
    /// Fail if there is no test to run
    #[arg(long)]
    pub(crate) fail_on_empty: bool,
    /// Also list the tests that passed
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// `cover`
#[derive(Debug, Args)]
pub(crate) struct CoverArgs {
    /// Look only at tests whose name contains one of these texts
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) tested: TestedArgs,
    /// Fail below this percentage [default: that of `deodar.toml`]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min: Option<u8>,
    /// Also ask for tests in which evaluations fail that may fail
    #[arg(long)]
    pub(crate) errors: bool,
    /// Show the policies with what is missing below each line, in place of the table
    #[arg(long)]
    pub(crate) source: bool,
    /// Also write a page for browsers
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<String>,
    /// Also write a tracefile for `genhtml` and coverage services
    #[arg(long, value_name = "FILE")]
    pub(crate) lcov: Option<String>,
}

/// `mutate`
#[derive(Debug, Args)]
pub(crate) struct MutateArgs {
    /// Make mistakes only in policies whose id contains one of these texts
    #[arg(value_name = "POLICY")]
    pub(crate) ids: Vec<String>,
    #[command(flatten)]
    pub(crate) tested: TestedArgs,
    /// Make at most so many mistakes, a sample that depends on the seed
    #[arg(long, value_name = "N")]
    pub(crate) budget: Option<usize>,
    /// Which sample, and which requests are tried [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How many requests are tried for a mistake that no test notices [default: 1000]
    #[arg(long, value_name = "N")]
    pub(crate) requests: Option<usize>,
    /// Fail if fewer mistakes than this percentage are noticed [default: that of `deodar.toml`]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min: Option<u8>,
}
