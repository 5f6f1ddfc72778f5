//! `language-version`: which Cedar this is.

use serde_json::json;

use crate::{
    args::Format,
    session::{Exit, Outcome, Session},
};

/// The version of the Cedar language that policies are written in.
const VERSION: &str = "4.6";

pub(super) fn run(session: &mut Session<'_>) -> Outcome {
    match session.format {
        Format::Text => session.io.stdout(&format!("Cedar language version: {VERSION}\n"))?,
        Format::Json => session.print_json(&json!({ "cedar": VERSION, "deodar": env!("CARGO_PKG_VERSION") }))?,
    }
    Ok(Exit::Success)
}
