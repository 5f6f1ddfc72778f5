//! Policies that were compiled before.

use deodar_grammar::{
    Diagnostic,
    ast::{Dialect, Exprs, PolicySet},
    parse_policies, policies_from_json,
};
use deodar_runtime::Bundle;

use super::{Policies, files, shown, text_format};
use crate::{
    args::TextFormat,
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

/// The same with the trees of the texts, under the ids that the policies have in the program.
pub(crate) fn with_trees(session: &Session<'_>, policies: Policies) -> Policies {
    let Some(bundle) = &policies.compiled else { return policies };
    let program = bundle.program();
    let read = |set: &PolicySet| {
        let name = session.sources.name(set.source).to_owned();
        let (mut tree, diagnostics) = match text_format(&name, None) {
            TextFormat::Cedar => parse_policies(&session.sources, set.source, set.dialect),
            TextFormat::Json => policies_from_json(&session.sources, set.source),
        };
        // The texts of policies have no errors; a file of links is none of them.
        if diagnostics.iter().any(Diagnostic::is_error) {
            return set.clone();
        }
        for policy in &mut tree.policies {
            let all = program.policies().iter().chain(program.templates());
            let mut same = all.filter(|other| other.place.start == policy.span.start && other.template.is_none());
            if let Some(found) = same.find(|other| program.source_name(other.place) == name) {
                policy.id = found.id.clone();
            }
        }
        tree
    };
    let sets = policies.sets.iter().map(read).collect();
    Policies { sets, ..policies }
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
