//! Policies of several files to one set of trees with unique names.
//!
//! One file: the ids are `policy0`, `policy1`, … as with `cedar`, and `@id` overrides them. Several files: `path#policy0`.
//! In a JSON policy set the ids are the keys. Ids of files in folders carry the path even if the folder has one file, so
//! that they stay when a second one comes. Whether ids are unique is the compiler's to check.

use deodar_compiler::compile;
use deodar_grammar::{
    SourceId,
    ast::{Dialect, PolicySet},
    parse_policies, policies_from_json,
};
use deodar_runtime::{Bundle, Program, program::Policy};
use smol_str::format_smolstr;

use super::{File, policy_files, read_links, text_format};
use crate::{
    args::{PoliciesArgs, TextFormat},
    session::Session,
};

/// Policies as they were read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policies {
    /// One for each file.
    pub(crate) sets: Vec<PolicySet>,
    /// The links of `--template-linked`, as a set without policies.
    pub(crate) links: Option<PolicySet>,
    /// What they were compiled to, if they come from a bundle; the sets have their texts then and nothing else.
    pub(crate) compiled: Option<Box<Bundle>>,
}

/// Whether a file of links must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinksFile {
    /// It must.
    Required,
    /// It is made if it is not there.
    Created,
}

/// Everything that the arguments name.
pub(crate) fn read_policies(session: &mut Session<'_>, args: &PoliciesArgs, links_file: LinksFile) -> Policies {
    let sets = read_sets(session, &args.policies, args.policy_format);
    let links = match &links_path(session, args) {
        Some(path) if links_file == LinksFile::Required || session.io.path(path).exists() => read_links(session, path),
        Some(_) | None => None,
    };
    Policies { sets, links, compiled: None }
}

/// The file with links: that of the flag, or that of the project if the policies are those of the project.
pub(crate) fn links_path(session: &Session<'_>, args: &PoliciesArgs) -> Option<String> {
    let project = session.project.as_ref().filter(|_| args.policies.is_empty());
    let of_project = || project.and_then(|project| Some(project.path(project.manifest.links.as_deref()?)));
    args.links.clone().or_else(of_project)
}

/// The trees of the files, with the ids that the command gives.
pub(crate) fn read_sets(session: &mut Session<'_>, arguments: &[String], format: Option<TextFormat>) -> Vec<PolicySet> {
    let files = policy_files(session, arguments);
    files.files.iter().filter_map(|file| read_set(session, file, format, files.single)).collect()
}

fn read_set(session: &mut Session<'_>, file: &File, format: Option<TextFormat>, single: bool) -> Option<PolicySet> {
    let source = session.read_source(&file.name, "policies")?;
    let format = text_format(&file.name, format);
    let mut set = parse_set(session, source, format)?;
    rename(&mut set, format, (!single).then_some(&*file.id));
    Some(set)
}

/// The policies of a source without errors, with the ids that the source gives them.
pub(crate) fn parse_set(session: &mut Session<'_>, source: SourceId, format: TextFormat) -> Option<PolicySet> {
    let (set, diagnostics) = match format {
        TextFormat::Cedar => parse_policies(&session.sources, source, Dialect::Cedar),
        TextFormat::Json => policies_from_json(&session.sources, source),
    };
    session.report_parsed(diagnostics, source, format).then_some(set)
}

/// The id that the reader gives a JSON policy outside of a set.
const LONE_POLICY: &str = "JSON policy";

/// Gives the policies of a text their ids: `@id`, or the counted id behind the path.
fn rename(set: &mut PolicySet, format: TextFormat, path: Option<&str>) {
    let lone = set.policies.len() == 1 && set.policies.iter().all(|policy| policy.id == LONE_POLICY);
    match (format, path) {
        (TextFormat::Cedar, _) => {}
        (TextFormat::Json, Some(_)) if lone => set.policies.iter_mut().for_each(|policy| policy.id = "policy0".into()),
        // The keys of a set are ids already; a single policy in a single file is called as with `cedar`.
        (TextFormat::Json, _) => return,
    }
    for policy in &mut set.policies {
        if let Some(id) = policy.annotation("id") {
            policy.id = id.text().into();
        } else if let Some(path) = path {
            policy.id = format_smolstr!("{path}#{}", policy.id);
        }
    }
}

impl Policies {
    /// All sets, that of the links last.
    pub(crate) fn all(&self) -> Vec<&PolicySet> {
        self.sets.iter().chain(&self.links).collect()
    }

    /// How many policies and templates there are.
    pub(crate) fn count(&self) -> usize {
        match &self.compiled {
            Some(bundle) => {
                let is_static = |policy: &&Policy| policy.template.is_none();
                bundle.program().policies().iter().filter(is_static).count() + bundle.program().templates().len()
            }
            None => self.sets.iter().map(|set| set.policies.len()).sum(),
        }
    }

    /// The policies as one program, links included; problems go to the session.
    pub(crate) fn compile(&self, session: &mut Session<'_>) -> Option<Program> {
        if let Some(bundle) = &self.compiled {
            return Some(bundle.program().clone());
        }
        compile(&self.all(), &session.sources).map_err(|diagnostics| session.report_all(diagnostics)).ok()
    }
}
