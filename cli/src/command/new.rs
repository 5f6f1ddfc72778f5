//! `new`: a folder with a small project that works.

use std::{fs, io};

use serde_json::json;

use crate::{
    args::{Format, NewArgs},
    report,
    session::{Exit, Outcome, Session},
};

/// The files of the project; the first three are those that `cedar new` makes.
const FILES: [(&str, &str); 4] = [
    ("schema.cedarschema.json", include_str!("new/schema.cedarschema.json")),
    ("policy.cedar", include_str!("new/policy.cedar")),
    ("entities.json", include_str!("new/entities.json")),
    ("tests.json", include_str!("new/tests.json")),
];

pub(super) fn run(args: &NewArgs, session: &mut Session<'_>) -> Outcome {
    let name = args.name.display().to_string();
    if let Err((path, error)) = make(session, &name) {
        return session.stop(report::cannot_write(&path, &error));
    }
    match session.format {
        Format::Text => session.io.stderr(&format!(
            "made {name} with policies, a schema, entities and tests; try\n\n  deodar run-tests --policies \
             {name}/policy.cedar --schema {name}/schema.cedarschema.json --tests {name}/tests.json\n"
        ))?,
        Format::Json => {
            let files: Vec<_> = FILES.iter().map(|(file, _)| format!("{name}/{file}")).collect();
            session.print_json(&json!({ "files": files }))?;
        }
    }
    Ok(Exit::Success)
}

/// Makes the folder and the files; an error comes with the path that it is about.
fn make(session: &Session<'_>, name: &str) -> Result<(), (String, io::Error)> {
    let folder = session.io.path(name);
    fs::create_dir(&folder).map_err(|error| (name.to_owned(), error))?;
    for (file, text) in FILES {
        fs::write(folder.join(file), text).map_err(|error| (format!("{name}/{file}"), error))?;
    }
    Ok(())
}
