//! Coverage as one HTML page that needs nothing else: a table of policies, and every source with its parts marked.
//!
//! A part is marked by colour and by words behind it, so that neither colours nor a pointer are needed; it takes the
//! focus of the keyboard, and links lead from the table to the policies and back.

use deodar_grammar::Sources;

use super::{Coverage, Part, PartKind, PolicyCoverage, Status, by_file, noun};
use crate::output::{counted, escape::html as escape};

const STYLE: &str = include_str!("page.css");

/// Text and markup, in the order of the page.
pub(crate) fn to_html(coverage: &Coverage, sources: &Sources) -> String {
    let count = coverage.count();
    let files = by_file(coverage, sources);
    let rows: String =
        coverage.policies.iter().enumerate().map(|(number, policy)| row(number, policy, sources)).collect();
    let mut number = 0;
    let mut sections = String::new();
    for (name, text, policies) in files {
        sections += &section(name, text, policies, number);
        number += policies.len();
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Policy coverage: {percent}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#sources\">Skip to the sources</a>\n\
         <header>\n<h1>Policy coverage</h1>\n\
         <p class=\"total\"><strong>{percent}</strong> <span>{covered} of {all} points, {tests}</span></p>\n{bar}</header>\n\
         <main>\n<h2 id=\"policies\">Policies</h2>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"policies\">\n\
         <table>\n<thead><tr><th scope=\"col\">Policy</th><th scope=\"col\">Effect</th><th scope=\"col\">Covered</th>\
         <th scope=\"col\">Points</th><th scope=\"col\">Gaps</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n\
         {LEGEND}<div id=\"sources\">\n{sections}</div>\n</main>\n</body>\n</html>\n",
        percent = count.percent(),
        covered = count.covered,
        all = count.all,
        tests = counted(coverage.tests, "test"),
        bar = bar(count.per_mille()),
    )
}

const LEGEND: &str = "<details class=\"legend\"><summary>How to read the sources</summary>\n\
<p><mark class=\"full\">covered<small>✓</small></mark> Tests show all there is to show: it was true, it was false, and \
with either value it decided alone what became of the policy.</p>\n\
<p><mark class=\"gap\">gap<small>never false</small></mark> What the small words say is what no test shows. \
“Never true alone” means that whenever it was true, the policy would have come out the same had it been false.</p>\n\
<p><mark class=\"none\">not run<small>never evaluated</small></mark> No test comes to it.</p>\n\
<p><mark class=\"exempt\">exempt<small>always true</small></mark> The schema leaves nothing else to show; it does not \
count.</p></details>\n";

fn row(number: usize, policy: &PolicyCoverage, sources: &Sources) -> String {
    let count = policy.count();
    let gaps = policy.gaps().count();
    let gaps = if gaps == 0 { "none".to_owned() } else { gaps.to_string() };
    let at = sources.position(policy.span);
    format!(
        "<tr class=\"{class}\"><th scope=\"row\"><a href=\"#p{number}\">{id}</a><small>{file}:{line}</small></th><td>{noun}</td>\
         <td class=\"number\">{bar}{percent}</td><td class=\"number\">{covered} / {all}</td><td class=\"number\">{gaps}</td></tr>\n",
        class = if count.covered == count.all { "full" } else { "gap" },
        id = escape(&policy.id),
        file = escape(sources.name(policy.span.source)),
        line = at.line,
        noun = noun(policy),
        bar = bar(count.per_mille()),
        percent = count.percent(),
        covered = count.covered,
        all = count.all,
    )
}

/// A drawing of the number that stands beside it.
fn bar(per_mille: usize) -> String {
    let width = per_mille / 10;
    format!("<span class=\"bar\" aria-hidden=\"true\"><span style=\"width:{width}%\"></span></span>")
}

fn section(name: &str, text: &str, policies: &[PolicyCoverage], first: usize) -> String {
    let count = super::Count::of(policies.iter().flat_map(|policy| &policy.parts));
    let name = escape(name);
    format!(
        "<section>\n<h2>{name} <small>{}</small></h2>\n\
         <pre tabindex=\"0\" role=\"region\" aria-label=\"{name}\"><code>{}</code></pre>\n\
         <p><a href=\"#policies\">Back to the table</a></p>\n</section>\n",
        count.percent(),
        lines(text, policies, first),
    )
}

/// A change of markup at a place of the source.
struct Cut<'p> {
    start: usize,
    end: usize,
    /// What is marked; a policy only gets a target for links.
    mark: Mark<'p>,
}

enum Mark<'p> {
    Target(usize),
    Parts(Vec<&'p Part>),
}

/// The source with its parts marked, one numbered line after the other.
fn lines(text: &str, policies: &[PolicyCoverage], first: usize) -> String {
    let mut html = String::new();
    let mut at = 0;
    for cut in cuts(policies, first) {
        html += &escape(text.get(at..cut.start).unwrap_or_default());
        match cut.mark {
            Mark::Target(number) => html.extend(["<a id=\"p", &number.to_string(), "\"></a>"]),
            Mark::Parts(parts) => html += &marked(text.get(cut.start..cut.end).unwrap_or_default(), &parts),
        }
        at = cut.end;
    }
    html += &escape(text.get(at..).unwrap_or_default());
    let html = html.strip_suffix('\n').unwrap_or(&html);
    html.split('\n').flat_map(|line| ["<span class=\"line\">", line, "</span>"]).collect()
}

/// Parts do not overlap, but those that stand at one place, as the links of a template do.
fn cuts(policies: &[PolicyCoverage], first: usize) -> Vec<Cut<'_>> {
    let mut cuts = Vec::new();
    for (number, policy) in policies.iter().enumerate() {
        let start = policy.span.range().start;
        cuts.push(Cut { start, end: start, mark: Mark::Target(first + number) });
        for parts in policy.parts.chunk_by(|one, other| one.span == other.span) {
            let Some(part) = parts.first() else { continue };
            let range = part.span.range();
            cuts.push(Cut { start: range.start, end: range.end, mark: Mark::Parts(parts.iter().collect()) });
        }
    }
    cuts.sort_by_key(|cut| (cut.start, cut.end));
    let mut end = 0;
    cuts.retain(|cut| {
        let fits = cut.start >= end;
        end = if fits { cut.end } else { end };
        fits
    });
    cuts
}

/// Marks end and start again at the ends of lines, so that each line stands by itself.
fn marked(text: &str, parts: &[&Part]) -> String {
    let class = class(parts);
    let words = words(parts);
    let lines: Vec<&str> = text.split('\n').collect();
    let last = lines.len().saturating_sub(1);
    let line = |(number, line): (usize, &&str)| {
        let (indent, line) = line.split_at(line.len() - line.trim_start().len());
        let tab = if number == 0 { " tabindex=\"0\"" } else { "" };
        let words = if number == last { format!("<small>{}</small>", escape(&words)) } else { String::new() };
        format!("{indent}<mark class=\"{class}\"{tab}>{}{words}</mark>", escape(line))
    };
    lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn class(parts: &[&Part]) -> &'static str {
    let is_exempt = |part: &&Part| part.points.iter().all(|point| matches!(point.status, Status::Exempt(_)));
    if parts.iter().all(|part| !part.is_gap()) {
        return if parts.iter().all(is_exempt) { "exempt" } else { "full" };
    }
    if parts.iter().all(|part| part.evaluated() == 0) { "none" } else { "gap" }
}

/// What stands behind the marked text.
fn words(parts: &[&Part]) -> String {
    let of_part = |part: &&Part| {
        let exempt = part.points.iter().find_map(|point| match point.status {
            Status::Exempt(super::Exemption::Always(value)) => Some(if value { "always true" } else { "always false" }),
            Status::Exempt(super::Exemption::Unreachable) => Some("unreachable"),
            Status::Covered | Status::Missing => None,
        });
        let mut words = part.gap().or_else(|| exempt.map(str::to_owned)).unwrap_or_else(|| "✓".to_owned());
        if let PartKind::Link(id) = &part.kind {
            words = format!("{id}: {words}");
        }
        words
    };
    parts.iter().map(of_part).collect::<Vec<_>>().join("; ")
}
