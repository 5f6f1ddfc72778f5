//! `explain`: the page of a code, or the list of all codes.

use deodar_grammar::{Page, Severity, closest};
use serde_json::{Value, json};

use crate::{
    args::{ExplainArgs, Format},
    report,
    session::{Exit, Outcome, Session},
};

pub(super) fn run(args: &ExplainArgs, session: &mut Session<'_>) -> Outcome {
    let pages = report::pages();
    let Some(name) = &args.code else { return list(&pages, session) };
    let Some(page) = pages.iter().find(|page| page.code.name == name) else {
        let similar = closest(name, pages.iter().map(|page| page.code.name));
        return session.stop(report::unknown_code(name, similar));
    };
    match session.format {
        Format::Text => session.io.stdout(page.text)?,
        Format::Json => session.print_json(&json!({
            "code": page.code.name, "severity": severity(page), "title": page.code.title, "page": page.text,
        }))?,
    }
    Ok(Exit::Success)
}

/// One line for each code.
fn list(pages: &[Page], session: &mut Session<'_>) -> Outcome {
    match session.format {
        Format::Text => {
            let width = pages.iter().map(|page| page.code.name.len()).max().unwrap_or_default();
            let line = |page: &Page| match page.code.severity {
                Severity::Error => format!("{:width$}  {}\n", page.code.name, page.code.title),
                Severity::Warning => format!("{:width$}  {} (warning)\n", page.code.name, page.code.title),
            };
            session.io.stdout(&pages.iter().map(line).collect::<String>())?;
        }
        Format::Json => session.print_json(&json!({ "codes": pages.iter().map(to_json).collect::<Vec<_>>() }))?,
    }
    Ok(Exit::Success)
}

fn to_json(page: &Page) -> Value {
    json!({ "code": page.code.name, "severity": severity(page), "title": page.code.title })
}

fn severity(page: &Page) -> &'static str {
    match page.code.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
