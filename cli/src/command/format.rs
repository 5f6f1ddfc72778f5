//! `format`: policies in one layout, comments kept.

use std::fs;

use deodar_grammar::{FormatOptions, Severity, SourceId, format_policies};
use serde_json::{Value, json};

use crate::{
    args::{Format, FormatArgs, TextFormat},
    check::layout,
    input::{File, parse_set, policy_files, shown, text_format},
    report,
    session::{Exit, Outcome, Session},
};

/// One file in its old and its new layout.
struct Formatted {
    file: File,
    source: SourceId,
    changed: bool,
    text: String,
}

pub(super) fn run(args: &FormatArgs, session: &mut Session<'_>) -> Outcome {
    let options = options(args, session);
    let files = policy_files(session, &args.policies);
    // JSON has no layout of its own; a single file is taken for what the user says it is.
    let has_layout = |file: &File| files.single || text_format(&file.name, None) == TextFormat::Cedar;
    let formatted: Vec<_> = files
        .files
        .iter()
        .filter(|file| has_layout(file))
        .cloned()
        .filter_map(|file| format_file(session, file, options))
        .collect();
    // All or nothing: half of the files in a new layout helps nobody.
    session.stop_on_errors()?;
    let changed = formatted.iter().filter(|formatted| formatted.changed).count();
    if args.write {
        write_back(session, &formatted)?;
    }
    if args.check && session.writes_reports() {
        for Formatted { source, text, .. } in formatted.iter().filter(|formatted| formatted.changed) {
            let problem = layout::unformatted(&session.sources, *source, text);
            session.report(problem.at_severity(Severity::Error));
        }
    }
    print(args, session, &formatted)?;
    Ok(if args.check && changed > 0 { Exit::Failure } else { Exit::Success })
}

/// As the flags say, or the project, or as `cedar` has it.
fn options(args: &FormatArgs, session: &Session<'_>) -> FormatOptions {
    let usual = session.project.as_ref().map(|project| project.manifest.layout).unwrap_or_default();
    FormatOptions {
        line_width: args.line_width.unwrap_or(usual.line_width),
        indent_width: args.indent_width.unwrap_or(usual.indent_width),
    }
}

fn format_file(session: &mut Session<'_>, file: File, options: FormatOptions) -> Option<Formatted> {
    let source = session.read_source(&file.name, "policies")?;
    let set = parse_set(session, source, TextFormat::Cedar)?;
    let Some(text) = format_policies(&session.sources, &set, options) else {
        session.report(report::cannot_format(shown(&file.name)));
        return None;
    };
    let changed = text != session.sources.text(source);
    Some(Formatted { file, source, changed, text })
}

fn write_back(session: &mut Session<'_>, formatted: &[Formatted]) -> Outcome {
    for Formatted { file, changed, text, .. } in formatted {
        if *changed
            && file.name != "-"
            && let Err(error) = fs::write(session.io.path(&file.name), text)
        {
            session.report(report::cannot_write(&file.name, &error));
        }
    }
    session.stop_on_errors()?;
    Ok(Exit::Success)
}

fn print(args: &FormatArgs, session: &mut Session<'_>, formatted: &[Formatted]) -> std::io::Result<()> {
    if session.format == Format::Json {
        let files = formatted.iter().map(
            |Formatted { file, changed, text, .. }| json!({ "file": shown(&file.name), "changed": changed, "text": text }),
        );
        return session.print_json(&json!({ "files": files.collect::<Vec<Value>>() }));
    }
    for Formatted { file, changed, text, .. } in formatted {
        // With one file, `--check` prints the text, as with `cedar`.
        let silent = args.write || (args.check && formatted.len() > 1);
        if !silent {
            session.io.stdout(text)?;
        }
        if *changed && args.check {
            session.people(&format!("{} is not formatted\n", shown(&file.name)))?;
        }
        if *changed && args.write {
            session.people(&format!("formatted {}\n", file.name))?;
        }
    }
    Ok(())
}
