//! `diff`: what differs between two versions of the policies, and which requests are decided otherwise.

use std::io;

use deodar_grammar::{Span, print_schema};

use super::cannot_run;
use crate::{
    args::{DiffArgs, FailOn, Format},
    comparison::{
        Comparison, Direction, Flip, Named, Operand, Side, compare_decisions, compare_policies, markdown, text,
    },
    io::Io,
    output::OutputFormat,
    render, report,
    session::{Exit, Outcome, Session, Stop},
};

pub(super) fn run(args: &DiffArgs, session: &mut Session<'_>) -> Outcome {
    compare(args, session).map_err(cannot_run)
}

fn compare(args: &DiffArgs, session: &mut Session<'_>) -> Outcome {
    let old = operand(session, &args.old)?;
    let new = match &args.new {
        Some(argument) => operand(session, argument)?,
        None => Operand::of_working_tree(session),
    };
    let before = side(session, &old)?;
    let after = side(session, &new)?;
    let policies = compare_policies(&before, &after);
    let (flips, asked) = compare_decisions(&before, &after, &policies, args.requests, args.seed);
    let comparison = Comparison {
        old: old.name.clone(),
        new: new.name.clone(),
        policies,
        schema_differs: schema(&before) != schema(&after),
        flips,
        asked,
    };
    write(session, args, &comparison, &before, &after)?;
    let fails = comparison.flips.iter().any(|flip| fails(args.fail_on, flip));
    Ok(if fails { Exit::Failure } else { Exit::Success })
}

fn operand(session: &mut Session<'_>, argument: &str) -> Result<Operand, Stop> {
    match Operand::read(session, argument) {
        Ok(operand) => Ok(operand),
        Err(problem) => session.stop(problem),
    }
}

/// A version, or what is wrong with it.
fn side(session: &mut Session<'_>, operand: &Operand) -> Result<Side, Stop> {
    // Nothing comes in, and what goes out goes nowhere.
    let (mut stdin, mut stdout, mut stderr) = (io::empty(), io::sink(), io::sink());
    let io =
        Io::of_streams(&mut stdin, &mut stdout, &mut stderr, operand.folder.clone()).with_width(session.io.width());
    match Side::read(operand, io, session.error_format()) {
        Ok(side) => Ok(side),
        Err((problems, sources)) => {
            let reports = render::reports(&problems, &sources, session.error_format(), &session.io);
            session.people(&reports)?;
            let count = problems.iter().filter(|problem| problem.is_error()).count();
            session.stop(report::version_unreadable(&operand.name, count))
        }
    }
}

/// The schema, without its places and whatever else decides nothing.
fn schema(side: &Side) -> Vec<String> {
    let mut printed: Vec<String> = side.fragments.iter().map(|tree| print_schema(tree).unwrap_or_default()).collect();
    printed.sort();
    printed
}

fn fails(fail_on: FailOn, flip: &Flip) -> bool {
    match (fail_on, flip.direction) {
        (FailOn::None, _) | (FailOn::Widening, Direction::Narrowed) => false,
        (FailOn::Any, _) | (FailOn::Widening, Direction::Widened) => true,
    }
}

fn write(
    session: &mut Session<'_>,
    args: &DiffArgs,
    comparison: &Comparison,
    before: &Side,
    after: &Side,
) -> io::Result<()> {
    if session.writes_reports() {
        report_flips(session, args.fail_on, comparison, before, after);
        if session.output_format() == OutputFormat::Markdown {
            session.set_result(markdown::write(comparison));
        }
        return Ok(());
    }
    match session.format {
        Format::Text => session.io.stdout(&text::write(comparison)),
        Format::Json => session.print_json(&comparison.to_json()),
    }
}

/// Each kind of requests as a finding, at a policy that is responsible.
fn report_flips(session: &mut Session<'_>, fail_on: FailOn, comparison: &Comparison, before: &Side, after: &Side) {
    for flip in &comparison.flips {
        let now = flip.after.determining.first().or(flip.after.nearest.as_ref());
        let now = now.and_then(|named| span(session, named, after));
        // A place in the old version is in no file that anybody sees, so it is the last resort.
        let was = flip.before.determining.first();
        let at = now.or_else(|| was.and_then(|named| span(session, named, before)));
        let words = [text::kind(flip), text::reason(&flip.before), text::reason(&flip.after)];
        let test = text::example(flip, "");
        session.report(report::decision_differs(flip.direction, &words, &test, at, fails(fail_on, flip)));
    }
}

/// The place of a policy in a text of the session.
fn span(session: &mut Session<'_>, named: &Named, side: &Side) -> Option<Span> {
    let text = side.text(&named.file)?;
    let source = session.add_source(&named.file, text);
    Some(Span { source, start: named.range.0, end: named.range.1 })
}
