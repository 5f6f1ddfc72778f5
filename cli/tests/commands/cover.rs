//! `cover`: planted gaps are found, other forms of the result are well formed, and `check` asks for what the manifest
//! does.

use serde_json::Value;

use crate::run::{Ended, Folder, check_transcript, lines, repository, run_in};

/// A project whose tests leave gaps of every kind.
const PROJECT: [(&str, &str); 4] = [
    ("deodar.toml", ""),
    (
        "policies/tickets.cedar",
        "@id(\"close\")\npermit (principal is Agent, action == Action::\"close\", resource is Ticket)\nwhen { resource.assignee == principal && (context.mfa || context.urgent) }\nunless { resource.locked };\n\n@id(\"nobody\")\nforbid (principal, action == Action::\"purge\", resource)\nwhen { context.mfa || true };\n",
    ),
    (
        "schema.cedarschema",
        "entity Agent;\nentity Ticket = { assignee: Agent, locked: Bool };\naction close, purge appliesTo { principal: Agent, resource: Ticket, context: { mfa: Bool, urgent: Bool } };\n",
    ),
    (
        "entities.json",
        r#"[{"uid": {"type": "Ticket", "id": "open"}, "attrs": {"assignee": {"type": "Agent", "id": "a"}, "locked": false}, "parents": []},
            {"uid": {"type": "Ticket", "id": "locked"}, "attrs": {"assignee": {"type": "Agent", "id": "a"}, "locked": true}, "parents": []}]"#,
    ),
];

const TESTS: &str = "tests:\n  - { name: closes, principal: 'Agent::\"a\"', action: 'Action::\"close\"', resource: 'Ticket::\"open\"', context: { mfa: true, urgent: false }, decision: allow }\n  - { name: without mfa, principal: 'Agent::\"a\"', action: 'Action::\"close\"', resource: 'Ticket::\"open\"', context: { mfa: false, urgent: false }, decision: deny }\n";

fn project(name: &str) -> Folder {
    let folder = Folder::with(name, &PROJECT);
    folder.write("tests/t.yaml", TESTS);
    folder
}

#[test]
fn planted_gaps_are_found() {
    let folder = project("cover");
    let commands: [&[&str]; 7] = [
        &["cover"],
        &["cover", "--source"],
        &["cover", "--errors", "closes"],
        &["cover", "--min", "40", "--quiet"],
        &["cover", "--min", "90", "--format", "github"],
        &["cover", "--format", "json"],
        &["cover", "--min", "101"],
    ];
    check_transcript("planted_gaps_are_found", folder.path(), &lines(&commands));
}

#[test]
fn coverage_that_cannot_be_measured() {
    let folder = Folder::with("cover-nothing", &PROJECT);
    let elsewhere = Folder::with("cover-elsewhere", &[]);
    folder.write("failing.yaml", TESTS.replace("decision: deny", "decision: allow"));
    let commands: [&[&str]; 6] = [
        &["cover"],
        &["cover", "no such name", "--tests", "failing.yaml"],
        &["cover", "--tests", "failing.yaml", "--entities", "missing.json"],
        &["cover", "--format", "json"],
        &["cover", "--tests", "failing.yaml"],
        &["cover", "--format", "html"],
    ];
    check_transcript("coverage_that_cannot_be_measured", folder.path(), &lines(&commands));
    let ended = run_in(elsewhere.path(), &["cover"], "");
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("`cover` needs a project"), "{}", ended.stderr);
}

#[test]
fn policies_that_are_not_valid_are_measured_and_called_that() {
    let folder = project("cover-invalid");
    folder.write(
        "policies/bad.cedar",
        "@id(\"bad\")\npermit (principal, action, resource is Ticket)\nwhen { resource.nothing };\n",
    );
    let ended = run_in(folder.path(), &["cover"], "");
    let expected = "; the policies are not valid, `deodar check` says why; coverage: ";
    assert!(ended.stdout.contains(expected), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn a_check_asks_for_the_coverage_of_the_manifest() {
    let folder = project("cover-check");
    folder.write("deodar.toml", "[cover]\nmin = 90\n");
    let commands: [&[&str]; 2] = [&["check", "--format", "plain"], &["check"]];
    check_transcript("a_check_asks_for_the_coverage_of_the_manifest", folder.path(), &lines(&commands));
    folder.write("deodar.toml", "[cover]\nmin = 20\n");
    let ended = run_in(folder.path(), &["check"], "");
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(ended.stdout.contains("; coverage: ") && !ended.stderr.contains("uncovered"), "{}", ended.stdout);
    folder.write("deodar.toml", "[cover]\nmin = 101\nerors = true\n");
    let ended = run_in(folder.path(), &["check"], "");
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("a percentage, from 0 to 100") && ended.stderr.contains("did you mean `errors`"));
}

/// Links share the code of their template, and each should be seen both ways.
#[test]
fn links_are_covered_one_by_one() {
    let folder = Folder::with("cover-links", &[("deodar.toml", "links = \"links.json\"\n")]);
    folder.write("policies/t.cedar", "@id(\"share\")\npermit (principal == ?principal, action, resource)\nwhen { context.mfa };\n@id(\"unused\")\npermit (principal in ?principal, action, resource);\n");
    folder.write(
        "links.json",
        r#"[{"template_id": "share", "link_id": "alice", "args": {"?principal": "User::\"alice\""}},
            {"template_id": "share", "link_id": "bob", "args": {"?principal": "User::\"bob\""}}]"#,
    );
    folder.write("tests/t.yaml", "tests:\n  - { principal: 'User::\"alice\"', action: 'A::\"a\"', resource: 'R::\"r\"', contexts: [{ mfa: true }, { mfa: false }], decision: allow, except: [] }\n".replace(", except: []", ""));
    let ended = run_in(folder.path(), &["cover"], "");
    assert_eq!(ended.code, 1, "one of the tests fails: {}", ended.stderr);
    assert!(ended.stdout.contains("the link `bob`: never satisfied ("), "{}", ended.stdout);
    assert!(!ended.stdout.contains("the link `alice`"), "{}", ended.stdout);
    assert!(ended.stdout.contains("the policy: never evaluated ("), "{}", ended.stdout);
    assert!(ended.stdout.contains("tests fail"), "{}", ended.stdout);
}

#[test]
fn a_page_and_a_tracefile_are_written() {
    let folder = project("cover-files");
    folder.write(
        "policies/b.cedar",
        "@id(\"<b>, & co\")\npermit (principal,\n  action, resource)\nwhen { context.mfa\n  && \"<i>\" == \"\" };\n",
    );
    let Ended { code, stderr, .. } = run_in(folder.path(), &["cover", "--html", "c.html", "--lcov", "c.info"], "");
    assert_eq!((code, &*stderr), (0, ""));
    let html = folder.read("c.html");
    assert!(!html.contains("<b>") && !html.contains("<i>") && html.contains("&lt;i&gt;"), "{html}");
    for outside in ["http:", "https:", "src=", "@import", "url(", "<script"] {
        assert!(!html.contains(outside), "the page needs nothing else: {outside}");
    }
    for tag in ["mark", "span", "small", "table", "pre", "code", "section", "details", "a"] {
        let opened = html.matches(&format!("<{tag} ")).count() + html.matches(&format!("<{tag}>")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert!(html.contains("never evaluated</small>") && html.contains("prefers-color-scheme: dark"));
    check_tracefile(&folder.read("c.info"));
}

/// What `genhtml` asks for: counts that agree, and branches of a block that are all or none evaluated.
fn check_tracefile(text: &str) {
    for record in text.split("end_of_record\n").filter(|record| !record.is_empty()) {
        let values = |key: &str| -> Vec<String> {
            record.lines().filter_map(|line| line.strip_prefix(key)).map(str::to_owned).collect()
        };
        let number = |key: &str| values(key).first().and_then(|value| value.parse::<usize>().ok()).expect("a number");
        let hit = |value: &&String| value.rsplit(',').next().is_some_and(|count| count != "0" && count != "-");
        let (lines, branches, functions) = (values("DA:"), values("BRDA:"), values("FNDA:"));
        assert_eq!((number("LF:"), number("LH:")), (lines.len(), lines.iter().filter(hit).count()), "{record}");
        assert_eq!((number("BRF:"), number("BRH:")), (branches.len(), branches.iter().filter(hit).count()), "{record}");
        assert_eq!((number("FNF:"), functions.len()), (values("FN:").len(), values("FN:").len()), "{record}");
        assert_eq!(number("FNH:"), functions.iter().filter(|line| !line.starts_with("0,")).count(), "{record}");
        for line in functions {
            assert_eq!(line.split(',').count(), 2, "{line}");
        }
        for block in branches.chunk_by(|one, other| one.split(',').take(2).eq(other.split(',').take(2))) {
            let dashes = block.iter().filter(|branch| branch.ends_with(",-")).count();
            assert!(dashes == 0 || dashes == block.len(), "{block:?}");
        }
    }
    assert!(text.starts_with("TN:\nSF:policies/"));
}

/// A thousand policies and a thousand tests: what a scope rules out must cost next to nothing.
#[test]
fn many_policies_and_tests_are_measured() {
    let folder = Folder::with("cover-many", &[("deodar.toml", "")]);
    let policy = |n: usize| {
        format!("@id(\"p{n}\")\npermit (principal == U::\"u{n}\", action, resource) when {{ context.a == {n} }};\n")
    };
    folder.write("policies/p.cedar", (0..300).map(policy).collect::<String>());
    let names: Vec<_> = (0..300).map(|n| format!("'U::\"u{n}\"'")).collect();
    folder.write("tests/t.yaml", format!("tests:\n  - {{ name: t, principals: [{}], action: 'A::\"a\"', resource: 'R::\"r\"', context: {{ a: 5 }}, decision: deny, except: [{{ principal: 'U::\"u5\"', decision: allow }}] }}\n", names.join(", ")));
    let ended = run_in(folder.path(), &["cover", "--format", "json", "--quiet"], "");
    let value: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let policies = value["coverage"]["policies"].as_array().expect("policies");
    assert_eq!(policies.len(), 300);
    for (number, policy) in policies.iter().enumerate() {
        let parts = policy["parts"].as_array().expect("parts");
        assert_eq!(parts[0]["held"], usize::from(number == 5), "{policy}");
        assert_eq!(parts[1]["not_held"], 299, "{policy}");
    }
}

#[test]
fn the_example_of_the_documentation_is_measured() {
    let ended = run_in(&repository().join("docs/example"), &["cover"], "");
    assert_eq!((ended.code, &*ended.stderr), (0, ""));
    assert!(ended.stdout.contains("coverage: "), "{}", ended.stdout);
}
