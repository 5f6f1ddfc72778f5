//! The page as Markdown, as code hosts render it.

use std::fmt::Write as _;

use deodar_grammar::ast::Effect;

use super::{ActionPage, FilePage, Handbook, PolicyPage};
use crate::{
    output::{counted, escape::longest_run, escape_markdown},
    prose::{CLOSE, OPEN},
};

pub(super) fn write(book: &Handbook) -> String {
    let counts: Vec<String> = book.counts().into_iter().map(|(count, noun)| counted(count, noun)).collect();
    let mut out = format!(
        "# {}\n\n{}: {}. What no policy permits is denied, and one forbid outweighs every permit.\n",
        escape_markdown(&book.title),
        counted(book.n_policies(), "policy"),
        counts.join(", ")
    );
    if !book.actions.is_empty() {
        out += "\n## Who may do what\n\n| action | permits | forbids |\n|---|---|---|\n";
        out.extend(book.actions.iter().map(action));
    }
    out.extend(book.files.iter().map(|page| file(book, page)));
    out
}

fn action(page: &ActionPage) -> String {
    format!("| {} | {} | {} |\n", cell(&code(&page.action)), links(&page.permits), links(&page.forbids))
}

fn links(policies: &[(String, String)]) -> String {
    let links = policies.iter().map(|(id, anchor)| format!("[{}](#{anchor})", cell(&code(id))));
    let links: Vec<String> = links.collect();
    if links.is_empty() { "–".to_owned() } else { links.join("<br>") }
}

/// In a table a bar ends the cell, in code too.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn file(book: &Handbook, page: &FilePage) -> String {
    let mut out = format!("\n## {}\n", escape_markdown(&page.name));
    out.extend(page.policies.iter().map(|policy_page| policy(book, page, policy_page)));
    out
}

fn policy(book: &Handbook, file: &FilePage, page: &PolicyPage) -> String {
    let sign = match page.effect {
        Effect::Permit => "✅",
        Effect::Forbid => "⛔",
    };
    let template = if page.is_template { " (template)" } else { "" };
    let end = if page.conditions.is_empty() { "." } else { "," };
    let mut out = format!(
        "\n<a id=\"{}\"></a>\n\n### {sign} {}{template}\n\n{}{end}\n",
        page.anchor,
        code(&page.id),
        marked(&page.sentence)
    );
    if !page.conditions.is_empty() {
        out.push('\n');
    }
    out.extend(page.conditions.iter().map(|condition| format!("- {}\n", marked(condition))));
    let mut rows = vec![format!("where: {}:{}", escape_markdown(&file.name), page.line)];
    rows.extend(page.owner.iter().map(|owner| format!("owner: {}", escape_markdown(owner))));
    let annotations = page.annotations.iter();
    rows.extend(annotations.map(|(key, text)| format!("{}: {}", escape_markdown(key), escape_markdown(text))));
    // Writing to a string does not fail.
    let _ = write!(out, "\n{}\n", rows.join(" · "));
    if !page.links.is_empty() {
        out += "\nLinks:\n\n";
        out.extend(page.links.iter().map(|(id, slots)| format!("- {}: {}\n", code(id), code(slots))));
    }
    if book.tests.is_some() {
        let tests: Vec<String> = page.tests.iter().map(|test| escape_markdown(test)).collect();
        let tests = if tests.is_empty() { "none".to_owned() } else { tests.join("; ") };
        let _ = write!(out, "\nTests that it determines: {tests}\n");
    }
    out
}

/// Words with their code marked.
fn marked(text: &str) -> String {
    let mut out = String::new();
    for (position, part) in text.split([OPEN, CLOSE]).enumerate() {
        if position % 2 == 1 { out += &code(part) } else { out += &escape_markdown(part) }
    }
    out
}

/// Code between as many backticks as it takes.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let longest = longest_run(&text);
    if longest == 0 {
        return format!("`{text}`");
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}
