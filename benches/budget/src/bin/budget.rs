//! The instruction budget: what a decision may cost, counted by `callgrind`, so that a regression shows on any machine.
//!
//! ```sh
//! cargo build --release -p deodar-budget --bins && cargo run --release -p deodar-budget --bin budget
//! ```
//!
//! It runs `decide`, which lies beside it, under valgrind. Where valgrind or the inputs are absent, it says so and
//! succeeds. Counts contain what `decide` does to ask and to count the answers, about 16 instructions.

use std::{
    env,
    error::Error,
    io::{self, Write},
    path::Path,
    process::{Command, ExitCode},
};

use deodar_budget::archive;

/// Workload, form of the requests, and the instructions that one decision may take.
///
/// The goal of the project for handles is 600 in the three applications, which they miss; in github, where actions are in
/// groups, most requests concern all of its policies. Names and contexts are hashed with a seed that differs from process
/// to process, which moves their counts by up to 200; their limits leave room for it.
const BUDGETS: [(&str, &str, u64); 13] = [
    ("gdrive/n50", "handles", 640),
    ("github/n50", "handles", 1_060),
    ("tinytodo/n50", "handles", 660),
    ("gdrive/n50", "names", 1_700),
    ("github/n50", "names", 2_200),
    ("tinytodo/n50", "names", 1_700),
    ("gdrive/n50", "json", 5_700),
    ("github/n50", "json", 6_200),
    ("tinytodo/n50", "json", 5_700),
    ("pscale/acl-1000", "handles", 1_600),
    ("pscale/abac-1000", "handles", 1_500),
    ("pscale/mixed-1000", "handles", 12_000),
    ("pscale/links-1000", "handles", 2_700),
];

/// The instructions of one decision.
fn count(decide: &Path, workload: &str, form: &str) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*measured*"])
        .arg(decide)
        .args([workload, form, "2"])
        .output()?;
    let report = String::from_utf8_lossy(&output.stderr);
    let number_after = |text: &str| {
        let (_, rest) = report.split_once(text)?;
        rest.trim_start().split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()
    };
    let collected = number_after("Collected :");
    let decisions = report.lines().find(|line| line.contains(" decisions,")).and_then(|line| {
        let (before, _) = line.split_once(" decisions,")?;
        before.rsplit(' ').next()?.parse::<u64>().ok()
    });
    let counted = collected.zip(decisions).and_then(|(collected, decisions)| collected.checked_div(decisions));
    counted.ok_or_else(|| format!("{workload} {form}: no counts in\n{report}").into())
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut out = io::stdout().lock();
    if Command::new("valgrind").arg("--version").output().is_err() {
        writeln!(out, "notice: valgrind is not installed; no instructions are counted")?;
        return Ok(ExitCode::SUCCESS);
    }
    if archive()?.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let decide = env::current_exe()?.with_file_name("decide");
    let mut all_within = true;
    for (workload, form, budget) in BUDGETS {
        let counted = count(&decide, workload, form)?;
        let within = counted <= budget;
        all_within &= within;
        let verdict = if within { "" } else { "  OVER BUDGET" };
        writeln!(out, "{workload:<18} {form:<8} {counted:>6} of {budget:>6} instructions{verdict}")?;
    }
    Ok(if all_within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
