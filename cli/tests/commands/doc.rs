//! `doc`: the page, its forms, and whether it is up to date.

use crate::{
    run::{Folder, check_transcript, lines, repository, run, run_in},
    why_words::POLICIES,
};

#[test]
fn pages_of_policies() {
    let folder = Folder::with("doc", &[("words.cedar", POLICIES), ("broken.cedar", "permit (")]);
    assert_eq!(run_in(folder.path(), &["new", "--name", "tickets", "--kind", "minimal"], "").code, 0);
    let commands: [&[&str]; 10] = [
        &["doc", "--project", "tickets"],
        &["doc", "--project", "tickets", "--output", "tickets.html"],
        &["doc", "--project", "tickets", "--check", "tickets.html"],
        &["doc", "--project", "tickets", "--check", "tickets.html", "--title", "Other"],
        &["doc", "--project", "tickets", "--check", "missing.md", "--format", "json", "--quiet"],
        &["doc", "--project", "tickets", "--check", "a.md", "--output", "b.md"],
        &["doc", "-p", "words.cedar", "--title", "Words"],
        &["doc", "-p", "words.cedar", "--output", "missing/p.md"],
        &["doc", "-p", "broken.cedar"],
        &["doc", "--project", "tickets", "--format", "json"],
    ];
    check_transcript("pages_of_policies", folder.path(), &lines(&commands));
    let page = folder.read("tickets.html");
    assert!(page.starts_with("<!doctype html>") && page.contains("prefers-color-scheme: dark"), "{page}");
    // A clone in a folder of another name has the same page.
    let clone = Folder::with("doc-clone", &[]);
    assert_eq!(run_in(clone.path(), &["new", "--name", "other", "--kind", "minimal"], "").code, 0);
    clone.write("page.html", &page);
    assert_eq!(run_in(clone.path(), &["doc", "--project", "other", "--check", "page.html"], "").code, 0);
    // It is one file: no script, nothing from elsewhere.
    assert!(!page.contains("<script") && !page.contains("http"), "{page}");
}

/// Texts of policies stay texts.
#[test]
fn nothing_in_a_policy_is_markup() {
    let folder = Folder::with("doc-markup", &[]);
    folder.write(
        "p.cedar",
        "@id(\"<b>`|x</b>\")\n@owner(\"<script>alert(1)</script> @team | `a`\")\n@one(\"x`\")\n@two(\"`<img>`\")\npermit (principal == U::\"<i>`|\\u{1}\", action, resource)\nwhen { context.x == \"<u>``` |\" };\n",
    );
    let html = run_in(folder.path(), &["doc", "-p", "p.cedar", "--output", "p.html", "--quiet"], "");
    assert_eq!(html.code, 0, "{}", html.stderr);
    let page = folder.read("p.html");
    assert!(!["<script", "<b>", "<i>", "<u>"].iter().any(|tag| page.contains(tag)), "{page}");
    let page = run_in(folder.path(), &["doc", "-p", "p.cedar"], "").stdout;
    assert!(page.contains("&lt;script&gt;") && !page.contains("@team"), "{page}");
    // A backtick without another one opens no code that ends in the next annotation.
    assert!(page.contains("one: x\\` · two: `<img>`"), "{page}");
}

#[test]
fn the_example_of_the_documentation_has_a_page() {
    let ended = run(&["doc", "--project", "docs/example"]);
    assert_eq!((ended.code, &*ended.stderr), (0, ""));
    assert!(ended.stdout.contains("Tests that it determines: "), "{}", ended.stdout);
    assert!(repository().join("docs/example").exists());
}
