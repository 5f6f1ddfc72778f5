//! `doc`: the policy set as a page, in Markdown or HTML; with `--check`, whether a page that was written is still true.

use std::fs;

use serde_json::json;

use super::cannot_run;
use crate::{
    args::{DocArgs, Format},
    handbook::{Handbook, Material, PageForm},
    input::test_files,
    report,
    session::{Exit, Outcome, Session},
    setting::Setting,
    suite::{Shared, read_suites},
};

pub(super) fn run(args: &DocArgs, session: &mut Session<'_>) -> Outcome {
    write(args, session).map_err(cannot_run)
}

fn write(args: &DocArgs, session: &mut Session<'_>) -> Outcome {
    let setting = Setting::read(session, &args.setting)?;
    let of_project = session.project.is_some() && args.setting.policies.policies.is_empty();
    let suites = if (of_project && args.setting.bundle.bundle.is_none()) || !args.tests.is_empty() {
        let files = test_files(session, &args.tests);
        let shared = Shared { shapes: setting.shapes(), entities: setting.entities.clone() };
        Some(read_suites(session, &files, shared))
    } else {
        None
    };
    session.stop_on_errors()?;
    let book = Handbook::new(Material {
        title: args.title.as_deref().unwrap_or("Policies"),
        root: session.root(),
        sets: &setting.policies.sets,
        sources: &session.sources,
        program: &setting.program,
        shapes: setting.shapes(),
        suites: suites.as_ref(),
    });
    if let Some(path) = &args.check {
        return check(session, path, &book.write(PageForm::of_path(path)));
    }
    if let Some(path) = &args.output {
        if let Err(error) = fs::write(session.io.path(path), book.write(PageForm::of_path(path))) {
            return session.stop(report::cannot_write(path, &error));
        }
        if session.format == Format::Json {
            session.print_json(&json!({ "file": path }))?;
        }
        session.people(&format!("wrote {path}\n"))?;
        return Ok(Exit::Success);
    }
    match session.format {
        Format::Text => session.io.stdout(&book.write(PageForm::Markdown))?,
        Format::Json => session.print_json(&book.to_json())?,
    }
    Ok(Exit::Success)
}

fn check(session: &mut Session<'_>, path: &str, page: &str) -> Outcome {
    let Some(written) = session.read_text(path, "the page") else { return Err(crate::session::Stop::Problems) };
    let current = written.replace("\r\n", "\n") == page;
    if session.format == Format::Json {
        session.print_json(&json!({ "file": path, "current": current }))?;
    }
    if current {
        session.people(&format!("{path} is up to date\n"))?;
        return Ok(Exit::Success);
    }
    session.report(report::page_out_of_date(path));
    Ok(Exit::Failure)
}
