//! `validate`: do the policies fit the schema?
//!
//! Verdict and exit code are those of `cedar`, and so is what stands on standard output about the verdict. Reports go to
//! standard error, as everywhere.

use deodar_compiler::{Analysis, CheckOptions, Level, Mode};
use deodar_grammar::Code;
use serde_json::{Value, json};

use crate::{
    args::{ErrorFormat, Format, ValidateArgs, ValidationMode},
    input::{LinksFile, read_fragments, read_policies, resolve},
    io::Colour,
    report,
    session::{Exit, Outcome, Session, Stop},
    validation::{Counts, Denied, check_policies, lint_policies},
};

pub(super) fn run(args: &ValidateArgs, session: &mut Session<'_>) -> Outcome {
    let permissive = session.project.as_ref().is_some_and(|project| project.manifest.check.permissive);
    let usual = if permissive { ValidationMode::Permissive } else { ValidationMode::Strict };
    let mode = mode(args.validation_mode.unwrap_or(usual), session)?;
    let levels = session.levels().without(&allowed_codes(&args.allow, session));
    if !session.has_schema(&args.schema) {
        return session.stop(report::no_schema());
    }
    let policies = read_policies(session, &args.policies, LinksFile::Required);
    let fragments = read_fragments(session, &args.schema);
    let schema = fragments.as_ref().and_then(|fragments| resolve(session, fragments));
    session.stop_on_errors()?;
    let (Some(fragments), Some(schema)) = (fragments, schema) else { return Err(Stop::Problems) };
    // Whether ids are unique and links fit their templates.
    policies.compile(session).ok_or(Stop::Problems)?;
    let settings = session.project.as_ref().map(|project| &project.manifest.check);
    let level = args.level.or(settings.and_then(|settings| settings.level));
    let options = CheckOptions { mode, level };
    let (analysis, mut counts) = check_policies(session, &policies, &schema, options, &levels);
    // What an error hides would count as unused.
    if !args.no_lints && counts.errors == 0 {
        let found = lint_policies(session, &policies, (&fragments, &schema), &analysis, &levels);
        (counts.errors, counts.lints) = (found.errors, found.lints);
    }
    let passed = counts.passed(Denied { warnings: args.deny_warnings, lints: args.deny_lints });
    match session.format {
        Format::Text => {
            let verdict = verdict(session, counts, passed);
            session.io.stdout(&verdict)?;
            if args.report_level {
                session.io.stdout(&levels_to_text(&analysis))?;
            }
        }
        Format::Json => {
            let result = to_json(session, args, &analysis, counts, passed);
            session.print_json(&result)?;
        }
    }
    Ok(if passed { Exit::Success } else { Exit::Invalid })
}

fn mode(mode: ValidationMode, session: &mut Session<'_>) -> Result<Mode, Stop> {
    match mode {
        ValidationMode::Strict => Ok(Mode::Strict),
        ValidationMode::Permissive => Ok(Mode::Permissive),
        ValidationMode::Partial => session.stop(report::no_partial_validation()),
    }
}

/// The codes of `--allow`: those of warnings and lints.
fn allowed_codes(names: &[String], session: &mut Session<'_>) -> Vec<Code> {
    let pages = report::pages();
    let mut codes = Vec::new();
    for name in names {
        match pages.iter().map(|page| page.code).find(|code| code.name == name) {
            Some(code) if code.severity == deodar_grammar::Severity::Warning => codes.push(code),
            Some(code) => session.report(report::cannot_allow(code)),
            None => {
                let similar = deodar_grammar::closest(name, pages.iter().map(|page| page.code.name));
                session.report(report::unknown_code(name, similar));
            }
        }
    }
    codes
}

/// The verdict as `cedar` draws it, or in a sentence where nothing is to be drawn.
fn verdict(session: &Session<'_>, counts: Counts, passed: bool) -> String {
    let (word, colour) = if passed { ("passed", Colour::Green) } else { ("failed", Colour::Red) };
    let text = counts.to_text();
    match session.error_format() {
        ErrorFormat::Human => {
            let sign = match (passed, counts == Counts::default()) {
                (false, _) => "×",
                (true, false) => "⚠",
                (true, true) => "☞",
            };
            let sign = session.io.paint(colour, sign);
            format!("  {sign} policy set validation {word}\n  ╰─▶ {text}\n")
        }
        ErrorFormat::Plain | ErrorFormat::Json => format!("policy set validation {word}: {text}\n"),
    }
}

/// The smallest level of each policy and template, in the order of the sources, and of all together.
fn levels_to_text(analysis: &Analysis) -> String {
    let line = |level: Level, name: &str| {
        let level = match level {
            Level::Steps(steps) => format!("level {steps}"),
            Level::Unbounded => "unbounded".to_owned(),
        };
        format!("{level:<9}  {name}\n")
    };
    let lines: String = analysis.policies().iter().map(|policy| line(policy.level(), policy.id())).collect();
    format!("\n{lines}\n{}", line(analysis.level(), "the policy set"))
}

fn to_json(session: &Session<'_>, args: &ValidateArgs, analysis: &Analysis, counts: Counts, passed: bool) -> Value {
    let mut result = json!({
        "ok": passed,
        "errors": counts.errors,
        "warnings": counts.warnings,
        "lints": counts.lints,
        "problems": session.problems_to_json(),
    });
    if let (Some(object), true) = (result.as_object_mut(), args.report_level) {
        let policies = analysis.policies().iter();
        let policies = policies.map(|policy| json!({ "policy": policy.id(), "level": level_to_json(policy.level()) }));
        object.insert("level".to_owned(), level_to_json(analysis.level()));
        object.insert("levels".to_owned(), policies.collect());
    }
    result
}

fn level_to_json(level: Level) -> Value {
    match level {
        Level::Steps(steps) => json!(steps),
        Level::Unbounded => json!("unbounded"),
    }
}
