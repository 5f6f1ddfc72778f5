//! Policies that were compiled before.

use deodar_grammar::ast::{Dialect, Exprs, PolicySet};
use deodar_runtime::Bundle;

use super::{Policies, files, shown};
use crate::{
    report,
    session::{Session, Stop},
};

/// The policies of a bundle, with their texts as sources for explanations.
pub(crate) fn read_bundle(session: &mut Session<'_>, path: &str) -> Result<Policies, Stop> {
    let bytes = read_bytes(session, path)?;
    let bundle = match Bundle::read(&bytes) {
        Ok(bundle) => bundle,
        Err(error) => return session.stop(report::bundle(shown(path), &error)),
    };
    let texts = bundle.policy_texts().iter();
    let sets = texts.map(|text| PolicySet {
        source: session.add_source(&text.name, &*text.text),
        dialect: Dialect::Cedar,
        policies: Vec::new(),
        links: Vec::new(),
        exprs: Exprs::default(),
        comments: Vec::new(),
    });
    let sets = sets.collect();
    Ok(Policies { sets, links: None, compiled: Some(Box::new(bundle)) })
}

fn read_bytes(session: &mut Session<'_>, path: &str) -> Result<Vec<u8>, Stop> {
    let full = session.io.path(path);
    if path != "-" && full.is_dir() {
        return session.stop(report::is_a_folder(path, WHAT));
    }
    let read = if path == "-" { session.io.read_stdin() } else { std::fs::read(&full) };
    read.or_else(|error| {
        let near = files::similar_file(&session.io, path);
        session.stop(report::cannot_read(shown(path), WHAT, &error, near.as_deref()))
    })
}

const WHAT: &str = "the bundle";
