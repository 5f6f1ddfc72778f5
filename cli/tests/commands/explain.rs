//! `explain`, and the pages that it prints: each says what its code is called, its example is reported with this code
//! and no other, and the corrected example with none.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf};

use deodar_compiler::{CheckOptions, LintOptions, Schema, check, lint};
use deodar_grammar::{Sources, ast::Dialect, parse_policies, parse_schema};
use serde_json::Value;

use crate::run::{Ended, Folder, check_transcript, lines, repository, run, run_in};

/// Codes that no small input brings about.
const WITHOUT_EXAMPLE: &[&str] = &[
    // It counts other reports, and so never comes alone.
    "too-many-warnings",
    // Beyond a limit.
    "limit-exceeded",
    "too-many-errors",
    "json-limit-exceeded",
    "policy-too-large",
    "type-too-deep",
    "schema-too-large",
    "evaluation-limit",
    "input-too-deep",
    "input-hierarchy-too-large",
    // Of files that are no text.
    "bundle-newer-version",
    "bundle-wrong-length",
    "bundle-wrong-digest",
    "bundle-malformed",
    "bundle-invalid-program",
    // Defects of Deodar.
    "invalid-program",
    "cannot-format",
    // Only for programs that embed Deodar: the command stops before.
    "unresolved-expression",
    // Only of several schemas that declare the same.
    "external-is-enum",
    "external-adds-ancestor",
    "definition-gains-ancestor",
    "external-action-groups",
    // Only for programs that embed Deodar.
    "input-reserved-key",
    // Only in formats that list findings.
    "decision-widened",
    "decision-narrowed",
    // It comes with what is wrong with the version.
    "version-unreadable",
    // Only of lines that are typed.
    "no-line-command",
    "no-request-part",
    "request-not-set",
    "no-type",
];

/// A code that never comes alone: what no action applies to is impossible as well.
const WITH_ANOTHER: (&str, &str) = ("inapplicable-action", "impossible-policy");

/// A fenced block: the file that it is, and its text. Commands are the file `sh`.
type Block<'a> = (&'a str, &'a str);

/// A page, taken apart.
struct Page<'a> {
    title: &'a str,
    example: Vec<Block<'a>>,
    corrected: Vec<Block<'a>>,
}

impl<'a> Page<'a> {
    fn read(text: &'a str) -> Self {
        let (title, rest) = text.strip_prefix("# ").and_then(|text| text.split_once('\n')).expect("a title");
        let (prose, examples) = rest.split_once("\n## Example\n").unwrap_or((rest, ""));
        assert!(prose.trim().len() > 40, "{title}: no explanation");
        let (example, corrected) = examples.split_once("\n## Corrected\n").unwrap_or((examples, ""));
        Self { title, example: blocks(example), corrected: blocks(corrected) }
    }

    /// The files and commands of the example, or of the corrected one: what it does not change stays.
    fn case(&self, corrected: bool) -> Vec<Block<'a>> {
        let changes: &[Block<'a>] = if corrected { &self.corrected } else { &[] };
        let stays = |name: &str| changes.iter().all(|(other, _)| *other != name);
        self.example.iter().filter(|(name, _)| stays(name)).chain(changes).copied().collect()
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let block = |block| {
        let (info, text): (&str, &str) = str::split_once(block, '\n').expect("a text");
        let (kind, name) = info.split_once(' ').unwrap_or((info, ""));
        let usual = [("", name), ("cedar", "policies.cedar"), ("cedarschema", "schema.cedarschema"), ("sh", "sh")];
        let wanted = if name.is_empty() { kind } else { "" };
        (usual.iter().find(|(kind, _)| *kind == wanted).expect("the name of a file").1, text)
    };
    text.split("```").skip(1).step_by(2).map(block).collect()
}

/// The command lines of a case; without any, the command that reads what is there.
fn commands(case: &[Block<'_>]) -> Vec<Vec<String>> {
    if let Some((_, text)) = case.iter().find(|(name, _)| *name == "sh") {
        let text = text.replace("\\\n", "");
        return text.lines().map(|line| words(line.strip_prefix("deodar ").expect("a command of Deodar"))).collect();
    }
    let mut arguments = Vec::new();
    let mut add = |flag: &str, prefix: &str| {
        let file = case.iter().find(|(name, _)| name.starts_with(prefix)).map(|(name, _)| *name);
        arguments.extend(file.iter().flat_map(|file| [flag.to_owned(), (*file).to_owned()]));
        file.is_some()
    };
    let (policies, schema) = (add("--policies", "policies."), add("--schema", "schema."));
    add("--entities", "entities.");
    arguments.insert(0, if policies && schema { "validate" } else { "check-parse" }.to_owned());
    vec![arguments]
}

/// The words of a command line, as a shell takes them: some in single quotes.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(index, part)| {
        if index % 2 == 1 { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() }
    });
    words.collect()
}

/// The codes of all reports on a case.
fn reported(name: &str, case: &[Block<'_>]) -> (BTreeSet<String>, String) {
    if lint::find(name).is_some() {
        return linted(name, case);
    }
    let files: Vec<Block<'_>> = case.iter().filter(|(name, _)| *name != "sh").copied().collect();
    let folder = Folder::with(&format!("explain-{name}"), &files);
    let mut output = String::new();
    for command in commands(case) {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--error-format", "json"]).collect();
        // A small example leaves much unused.
        if command.first().is_some_and(|name| name == "validate") {
            arguments.push("--no-lints");
        }
        let Ended { code, stdout, stderr } = run_in(folder.path(), &arguments, "");
        let line = command.join(" ");
        writeln!(output, "$ deodar {line}\n{stdout}{stderr}exit code {code}").expect("a string");
    }
    let codes = output.split("\"code\": \"").skip(1).filter_map(|rest| rest.split('"').next());
    (codes.map(str::to_owned).collect(), output)
}

/// What the library says of a case of a lint, lints included.
fn linted(name: &str, case: &[Block<'_>]) -> (BTreeSet<String>, String) {
    let text = |name| case.iter().find(|(other, _)| *other == name).map(|(_, text)| *text);
    let mut sources = Sources::new();
    let policies = sources.add("policies.cedar", text("policies.cedar").expect("policies"));
    let (set, mut diagnostics) = parse_policies(&sources, policies, Dialect::Cedar);
    let enabled = lint::codes_on_demand().filter(|code| code.name == name).collect();
    let options = LintOptions { enabled, ..LintOptions::default() };
    if let Some(schema) = text("schema.cedarschema") {
        let schema = sources.add("schema.cedarschema", schema);
        let (fragment, problems) = parse_schema(&sources, schema);
        let fragments = [fragment];
        let (schema, unresolved) = Schema::resolve(&fragments);
        let schema = schema.expect("a schema");
        let analysis = check(&[&set], &schema, CheckOptions::default());
        diagnostics.extend(problems.into_iter().chain(unresolved));
        diagnostics.extend(analysis.diagnostics().cloned());
        diagnostics.extend(lint(&[&set], &fragments, &schema, &analysis, &options));
    } else {
        diagnostics.extend(lint::lint_policies(&[&set], &options));
    }
    let codes = diagnostics.iter().map(|diagnostic| diagnostic.code().name.to_owned()).collect();
    (codes, format!("{diagnostics:?}"))
}

/// Every code with its title and its page.
fn pages() -> Vec<(String, String, String)> {
    let list: Value = serde_json::from_str(&run(&["explain", "--format", "json"]).stdout).expect("JSON");
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).expect("a string").to_owned();
    let page = |value: &Value| {
        let name = text(value, "code");
        let ended = run(&["explain", &name]);
        assert_eq!((ended.code, &*ended.stderr), (0, ""), "{name}");
        (name, text(value, "title"), ended.stdout)
    };
    list.get("codes").and_then(Value::as_array).expect("an array").iter().map(page).collect()
}

#[test]
fn examples_of_pages_are_true() {
    let mut wrong = Vec::new();
    for (name, title, text) in pages() {
        let page = Page::read(&text);
        assert_eq!(page.title, title, "{name}");
        assert_eq!(page.example.is_empty(), WITHOUT_EXAMPLE.contains(&&*name), "{name}: an example, or a reason");
        if page.example.is_empty() {
            continue;
        }
        assert!(!page.corrected.is_empty(), "{name}: the example is not corrected");
        let (mut found, output) = reported(&name, &page.case(false));
        if name == WITH_ANOTHER.0 {
            found.remove(WITH_ANOTHER.1);
        }
        if !found.iter().eq([&name]) {
            wrong.push(format!("{name}: the example is reported as {found:?}\n{output}"));
        }
        let (found, output) = reported(&name, &page.case(true));
        if !found.is_empty() {
            wrong.push(format!("{name}: the corrected example is reported as {found:?}\n{output}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_has_a_code() {
    let codes: BTreeSet<String> = pages().into_iter().map(|(name, _, _)| name).collect();
    let folder = |name: &str| -> PathBuf { repository().join(name).join("src/explain") };
    let files = ["grammar", "compiler", "cli"].into_iter().flat_map(|name| fs::read_dir(folder(name)).expect("pages"));
    let names = files.map(|file| file.expect("a page").file_name().to_string_lossy().replace(".md", ""));
    let found: BTreeSet<String> = names.collect();
    assert_eq!(found.difference(&codes).collect::<Vec<_>>(), Vec::<&String>::new(), "pages without a code");
    for code in WITHOUT_EXAMPLE {
        assert!(codes.contains(*code), "{code} is gone");
    }
}

#[test]
fn codes_stand_once_in_the_command() {
    let mut seen = BTreeSet::new();
    for (name, _, _) in pages() {
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name} is not in kebab case");
        assert!(seen.insert(name.clone()), "{name} stands twice");
    }
    assert!(seen.len() > 150, "only {} codes", seen.len());
}

#[test]
fn pages_of_codes() {
    let commands: [&[&str]; 5] = [
        &["explain", "unknown-function"],
        &["explain", "shadowed-builtin", "--format", "json"],
        &["explain", "unknown-funktion"],
        &["explain", "E0308"],
        &["explain", "E0308", "--format", "json"],
    ];
    check_transcript("pages_of_codes", &repository(), &lines(&commands));
}

#[test]
fn codes_are_listed_with_their_titles() {
    let ended = run(&["explain"]);
    assert_eq!((ended.code, &*ended.stderr), (0, ""));
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), pages().len());
    assert!(lines.is_sorted(), "{lines:?}");
    let line = |code: &str| lines.iter().find(|line| line.split_whitespace().next() == Some(code));
    assert!(line("unknown-function").is_some_and(|line| line.ends_with("  a function that does not exist")));
    assert!(
        line("shadowed-builtin").is_some_and(|line| line.ends_with("a declaration hides a builtin type (warning)"))
    );
}
