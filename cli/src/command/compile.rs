//! `compile`: policies, links and schema to one file.

use std::{fs, io, path::Path};

use deodar_compiler::{CheckOptions, bundle};
use deodar_runtime::{
    Bundle,
    bundle::{Digest, Validity},
    statistics::steps_without_data,
};
use serde_json::json;

use crate::{
    args::{CompileArgs, Format},
    input::{LinksFile, Policies, read_fragments, read_policies, resolve},
    output::counted,
    project::Levels,
    report,
    session::{Exit, Outcome, Session, Stop},
    validation::check_policies,
};

pub(super) fn run(args: &CompileArgs, session: &mut Session<'_>) -> Outcome {
    let policies = read_policies(session, &args.policies, LinksFile::Required);
    let fragments = read_fragments(session, &args.schema);
    let schema = fragments.as_ref().and_then(|fragments| resolve(session, fragments));
    let noted = args.tests.as_deref().map(|path| session.read_text(path, "the tests"));
    session.stop_on_errors()?;
    let schema = schema.as_ref().zip(fragments.as_deref());
    let bundle = bundle(&policies.all(), schema, &session.sources).map_err(|diagnostics| {
        session.report_all(diagnostics);
        Stop::Problems
    })?;
    let bundle = match schema {
        Some((schema, _)) if args.policy_validation => {
            check_policies(session, &policies, schema, CheckOptions::default(), &Levels::default());
            if session.has_errors() {
                return Err(Stop::Invalid);
            }
            bundle
        }
        Some((schema, _)) => {
            let texts = bundle.schema_texts().to_vec();
            bundle.with_unchecked_schema(schema.shapes().clone(), texts)
        }
        None => bundle,
    };
    let bundle = match noted.flatten() {
        Some(noted) => bundle.with_tests(Digest::of(noted.as_bytes())),
        None => bundle,
    };
    let bytes = bundle.write();
    // What the reader refuses is not worth writing.
    if let Err(error) = Bundle::read(&bytes) {
        return session.stop(report::bundle(&args.output, &error));
    }
    if let Err(error) = write(&session.io.path(&args.output), &bytes) {
        return session.stop(report::cannot_write(&args.output, &error));
    }
    print(session, &args.output, &policies, &bundle, &bytes)
}

/// Writes beside the file first, so that who reads it meanwhile sees the old one or the new one.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".partial");
    fs::write(&beside, bytes)?;
    fs::rename(&beside, path).inspect_err(|_| drop(fs::remove_file(&beside)))
}

fn print(session: &mut Session<'_>, path: &str, policies: &Policies, bundle: &Bundle, bytes: &[u8]) -> Outcome {
    let program = bundle.program();
    let links = program.policies().iter().filter(|policy| policy.template.is_some()).count();
    let (statics, templates) = (program.policies().len() - links, program.templates().len());
    let steps = steps_without_data(program);
    let digest = Bundle::digest_in(bytes).map(|digest| digest.to_string()).unwrap_or_default();
    let validity = match bundle.validity() {
        Validity::NoSchema => "no-schema",
        Validity::Unchecked => "unchecked",
        Validity::Valid => "valid",
    };
    match session.format {
        Format::Json => session.print_json(&json!({
            "file": path, "digest": digest, "bytes": bytes.len(), "policies": statics, "templates": templates,
            "links": links, "instructions": program.parts().code.len(), "steps": steps, "validity": validity,
            "tests": bundle.tests().map(|tests| tests.to_string()),
        }))?,
        Format::Text => {
            let valid = match bundle.validity() {
                Validity::NoSchema => "not checked: there is no schema",
                Validity::Unchecked => "not checked: --policy-validation is false",
                Validity::Valid => "valid under the schema",
            };
            let from = policies.sets.len();
            session.io.stdout(&format!(
                "{path}\n  digest     {digest}\n  size       {} bytes\n  policies   {statics}, {}, {} (sources: {from}; \
                 {valid})\n  steps      at most {steps} a decision, and one for each element that an instruction looks \
                 at\n",
                bytes.len(),
                counted(templates, "template"),
                counted(links, "link"),
            ))?;
        }
    }
    Ok(Exit::Success)
}
