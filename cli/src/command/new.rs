//! `new`: a folder with a small project that works.

use std::{fs, io};

use serde_json::json;

use crate::{
    args::{Format, NewArgs, ProjectKind},
    report,
    session::{Exit, Outcome, Session},
};

/// The files of the project; the first three are those that `cedar new` makes.
const USUAL: &[(&str, &str)] = &[
    ("schema.cedarschema.json", include_str!("new/schema.cedarschema.json")),
    ("policy.cedar", include_str!("new/policy.cedar")),
    ("entities.json", include_str!("new/entities.json")),
    ("tests.json", include_str!("new/tests.json")),
    ("deodar.toml", include_str!("new/deodar.toml")),
];

const MINIMAL: &[(&str, &str)] = &[
    ("deodar.toml", include_str!("new/minimal/deodar.toml")),
    ("schema.cedarschema", include_str!("new/minimal/schema.cedarschema")),
    ("entities.json", include_str!("new/minimal/entities.json")),
    ("policies/tickets.cedar", include_str!("new/minimal/policies/tickets.cedar")),
    ("tests/tickets.yaml", include_str!("new/minimal/tests/tickets.yaml")),
];

/// The files of a kind of project.
const fn files(kind: Option<ProjectKind>) -> &'static [(&'static str, &'static str)] {
    match kind {
        None => USUAL,
        Some(ProjectKind::Minimal) => MINIMAL,
    }
}

pub(super) fn run(args: &NewArgs, session: &mut Session<'_>) -> Outcome {
    let name = args.name.display().to_string();
    if let Err((path, error)) = make(session, &name, files(args.kind)) {
        return session.stop(report::cannot_write(&path, &error));
    }
    match session.format {
        Format::Text => session.people(&format!(
            "made {name} with policies, a schema, entities, tests and a manifest; try\n\n  cd {name} && deodar check\n"
        ))?,
        Format::Json => {
            let files: Vec<_> = files(args.kind).iter().map(|(file, _)| format!("{name}/{file}")).collect();
            session.print_json(&json!({ "files": files }))?;
        }
    }
    Ok(Exit::Success)
}

/// Makes the folder and the files; an error comes with the path that it is about.
fn make(session: &Session<'_>, name: &str, files: &[(&str, &str)]) -> Result<(), (String, io::Error)> {
    let folder = session.io.path(name);
    fs::create_dir(&folder).map_err(|error| (name.to_owned(), error))?;
    for (file, text) in files {
        let path = folder.join(file);
        let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
        parent.and_then(|()| fs::write(&path, text)).map_err(|error| (format!("{name}/{file}"), error))?;
    }
    Ok(())
}
