//! The page as one HTML file: no script, nothing from elsewhere, light and dark, narrow and wide.

use std::fmt::Write as _;

use deodar_grammar::ast::Effect;

use super::{ActionPage, FilePage, Handbook, PolicyPage};
use crate::{
    output::{counted, escape::html as escape},
    prose::{CLOSE, OPEN},
};

const STYLE: &str = include_str!("handbook.css");

pub(super) fn write(book: &Handbook) -> String {
    let title = escape(&book.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    out += "<ul class=\"counts\">\n";
    for (count, noun) in book.counts() {
        // Writing to a string does not fail.
        let _ = writeln!(out, "<li>{}</li>", counted(count, noun));
    }
    out += "</ul>\n<p>What no policy permits is denied, and one forbid outweighs every permit.</p>\n";
    if !book.actions.is_empty() {
        out += "<h2>Who may do what</h2>\n<div class=\"wide\"><table>\n\
                <thead><tr><th>action</th><th>permits</th><th>forbids</th></tr></thead>\n<tbody>\n";
        out.extend(book.actions.iter().map(action));
        out += "</tbody></table></div>\n";
    }
    out.extend(book.files.iter().map(|page| file(book, page)));
    out + "</main>\n</body>\n</html>\n"
}

fn action(page: &ActionPage) -> String {
    let code = escape(&page.action);
    format!("<tr><td><code>{code}</code></td><td>{}</td><td>{}</td></tr>\n", links(&page.permits), links(&page.forbids))
}

fn links(policies: &[(String, String)]) -> String {
    let links = policies.iter().map(|(id, anchor)| format!("<a href=\"#{anchor}\"><code>{}</code></a>", escape(id)));
    let links: Vec<String> = links.collect();
    if links.is_empty() { "–".to_owned() } else { links.join("<br>") }
}

fn file(book: &Handbook, page: &FilePage) -> String {
    let mut out = format!("<h2>{}</h2>\n", escape(&page.name));
    out.extend(page.policies.iter().map(|policy_page| policy(book, page, policy_page)));
    out
}

fn policy(book: &Handbook, file: &FilePage, page: &PolicyPage) -> String {
    let (class, word) = match page.effect {
        Effect::Permit => ("permit", "permit"),
        Effect::Forbid => ("forbid", "forbid"),
    };
    let template = if page.is_template { " <span class=\"tag\">template</span>" } else { "" };
    let end = if page.conditions.is_empty() { "." } else { "," };
    let mut out = format!(
        "<section class=\"{class}\" id=\"{}\">\n<h3><span class=\"tag\">{word}</span>{template} <code>{}</code></h3>\n<p>{}{end}</p>\n",
        page.anchor,
        escape(&page.id),
        marked(&page.sentence)
    );
    if !page.conditions.is_empty() {
        let conditions = page.conditions.iter().map(|condition| format!("<li>{}</li>\n", marked(condition)));
        let _ = write!(out, "<ul>\n{}</ul>\n", conditions.collect::<String>());
    }
    out += "<dl>\n";
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{value}</dd></div>", escape(name));
    };
    row("where", &format!("{}:{}", escape(&file.name), page.line));
    if let Some(owner) = &page.owner {
        row("owner", &escape(owner));
    }
    for (key, text) in &page.annotations {
        row(key, &escape(text));
    }
    for (id, slots) in &page.links {
        row("link", &format!("<code>{}</code> {}", escape(id), escape(slots)));
    }
    if book.tests.is_some() {
        let tests: Vec<String> = page.tests.iter().map(|test| escape(test)).collect();
        row("tests", &if tests.is_empty() { "none".to_owned() } else { tests.join("<br>") });
    }
    out + "</dl>\n</section>\n"
}

/// Words with their code marked.
fn marked(text: &str) -> String {
    let mut out = String::new();
    for (position, part) in text.split([OPEN, CLOSE]).enumerate() {
        let words = escape(part);
        let (open, close) = if position % 2 == 1 { ("<code>", "</code>") } else { ("", "") };
        out.extend([open, &words, close]);
    }
    out
}
