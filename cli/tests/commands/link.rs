//! `link` and the files that it keeps.

use crate::run::{Folder, check_transcript, lines};

const TEMPLATES: &str = "@id(\"share\")\npermit (principal == ?principal, action, resource in ?resource)\nwhen { context.n > 1 };\n\npermit (principal, action, resource);\n";

#[test]
fn policies_of_templates() {
    let folder = Folder::with(
        "link",
        &[
            ("t.cedar", TEMPLATES),
            ("empty.json", ""),
            (
                "bad.json",
                r#"[{"template_id": "share", "link_id": "l", "args": {"?who": "U::\"a\""}}, {"link_id": 1}, 7]"#,
            ),
            ("unknown.json", r#"[{"template_id": "nothing", "link_id": "l", "args": {}}]"#),
            ("e.json", "[]"),
            ("c.json", r#"{"n": 2}"#),
        ],
    );
    let arguments = r#"{"?principal": "U::\"a\"", "?resource": "R::\"r\""}"#;
    let link = |more: &[&'static str]| [&["link", "--policies", "t.cedar", "--template-id", "share"], more].concat();
    let decide = [
        "authorize",
        "-p",
        "t.cedar",
        "-k",
        "links.json",
        "--entities",
        "e.json",
        "-c",
        "c.json",
        "-l",
        r#"U::"a""#,
        "-a",
        r#"A::"x""#,
        "-r",
        r#"R::"r""#,
        "-v",
    ];
    let commands: [&[&str]; 12] = [
        &link(&["--new-id", "l1", "--arguments", "{"]),
        &link(&["--new-id", "l1", "--arguments", "[]"]),
        &link(&["--new-id", "l1", "--arguments", r#"{"?who": "U::\"a\""}"#]),
        &link(&["--new-id", "l1", "--arguments", r#"{"?principal": "U::a"}"#]),
        &link(&["--new-id", "l1", "--arguments", r#"{"?principal": "U::\"a\""}"#]),
        &link(&["--new-id", "share", "--arguments", arguments]),
        &["link", "-p", "t.cedar", "--template-id", "policy1", "-n", "l1", "-a", "{}"],
        &link(&["--new-id", "l1", "--arguments", arguments, "-k", "links.json"]),
        &link(&["--new-id", "l2", "--arguments", arguments, "-k", "links.json", "--format", "json"]),
        &decide,
        &["check-parse", "-p", "t.cedar", "-k", "bad.json"],
        &["check-parse", "-p", "t.cedar", "-k", "unknown.json"],
    ];
    check_transcript("policies_of_templates", folder.path(), &lines(&commands));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../transcripts" }, {
        insta::assert_snapshot!("the_file_of_links", folder.read("links.json"));
    });
}

#[test]
fn a_file_of_links_must_be_there_unless_it_is_made() {
    let folder = Folder::with("no-links", &[("t.cedar", TEMPLATES), ("empty.json", "")]);
    let commands: [&[&str]; 2] =
        [&["check-parse", "-p", "t.cedar", "-k", "links.json"], &["check-parse", "-p", "t.cedar", "-k", "empty.json"]];
    check_transcript("a_file_of_links_must_be_there_unless_it_is_made", folder.path(), &lines(&commands));
}
