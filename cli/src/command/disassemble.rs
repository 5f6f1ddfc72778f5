//! `disassemble`: what policies compile to, as a listing.

use deodar_runtime::disassemble;
use serde_json::json;

use crate::{
    args::{DisassembleArgs, Format},
    input::{LinksFile, read_bundle, read_policies},
    session::{Exit, Outcome, Session, Stop},
};

pub(super) fn run(args: &DisassembleArgs, session: &mut Session<'_>) -> Outcome {
    let policies = match &args.bundle.bundle {
        Some(path) => read_bundle(session, path)?,
        None => read_policies(session, &args.policies, LinksFile::Required),
    };
    session.stop_on_errors()?;
    let program = policies.compile(session).ok_or(Stop::Problems)?;
    let listing = disassemble(&program);
    match session.format {
        Format::Text => session.io.stdout(&listing)?,
        Format::Json => session.print_json(&json!({ "listing": listing }))?,
    }
    Ok(Exit::Success)
}
