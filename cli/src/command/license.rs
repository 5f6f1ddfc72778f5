//! `license`: under which terms Deodar and what it is built from can be used.

use serde_json::{Value, json};

use crate::{
    args::Format,
    session::{Exit, Outcome, Session},
};

/// Every crate that the command is built from, with its licence; a test compares it with the dependency graph.
const THIRD_PARTY: &str = include_str!("license/third-party.txt");

const OWN: &str = "\
Deodar is licensed under the MIT License or the Apache License, Version 2.0, at your option.
See https://opensource.org/license/mit and https://www.apache.org/licenses/LICENSE-2.0 for the texts.
";

pub(super) fn run(session: &mut Session<'_>) -> Outcome {
    match session.format {
        Format::Text => {
            session.io.stdout(&format!("{OWN}\nIt is built from these crates:\n\n{THIRD_PARTY}"))?;
        }
        Format::Json => {
            let crates = THIRD_PARTY.lines().filter_map(|line| line.split_once(": "));
            let crates: Vec<Value> =
                crates.map(|(name, licence)| json!({ "name": name, "license": licence })).collect();
            session.print_json(&json!({ "license": env!("CARGO_PKG_LICENSE"), "crates": crates }))?;
        }
    }
    Ok(Exit::Success)
}
