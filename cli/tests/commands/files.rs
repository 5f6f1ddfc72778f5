//! Files, folders, globs: which policies are read, how they are called, what is said when they cannot be.

use crate::run::{Folder, check_transcript, lines, run_in};

const ANY: &str = "permit (principal, action, resource);\n";

/// A JSON policy outside of a set.
const LONE: &str = r#"{"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"}, "resource": {"op": "All"},
    "conditions": []}"#;

#[test]
fn inputs_that_cannot_be_read() {
    let folder = Folder::with(
        "unreadable",
        &[
            ("policies.cedar", ANY),
            ("broken.cedar", "permit (principal, action, resource) when { 1 + };\nforbid (principal, action);\n"),
            ("empty/readme.txt", "no policies here"),
            ("mixed/a.cedar", ANY),
            ("mixed/entities.json", "[]"),
            ("entities.json", r#"[{"uid": {"type": "U", "id": "a"}, "attrs": {"n": 1.5}, "parents": []}]"#),
            ("broken.json", "{\n  \"effect\": permit\n}"),
            ("schema.cedarschema", "entity U { n: Lung };"),
        ],
    );
    folder.write("latin1.cedar", b"// caf\xe9\n");
    let commands: [&[&str]; 13] = [
        &["check-parse", "--policies", "policy.cedar"],
        &["check-parse", "--policies", "elsewhere/policies.cedar"],
        &["check-parse", "--policies", "broken.cedar"],
        &["check-parse", "--policies", "broken.cedar", "--error-format", "plain"],
        &["check-parse", "--policies", "broken.cedar", "--error-format", "json"],
        &["check-parse", "--policies", "broken.cedar", "--format", "json"],
        &["check-parse", "--policies", "latin1.cedar"],
        &["check-parse", "--policies", "empty"],
        &["check-parse", "--policies", "empty/*.cedar", "none-[.cedar"],
        &["check-parse", "--policies", "mixed"],
        &["check-parse", "--policies", "broken.json", "--entities", "entities.json"],
        &["check-parse", "--policies", "policies.cedar", "--schema", "schema.cedarschema"],
        &["check-parse", "--entities", "empty"],
    ];
    check_transcript("inputs_that_cannot_be_read", folder.path(), &lines(&commands));
}

#[test]
fn ids_that_are_given_twice() {
    let folder = Folder::with(
        "duplicates",
        &[
            ("one.cedar", "@id(\"same\")\npermit (principal, action, resource);\n"),
            (
                "two.cedar",
                "@id(\"other\")\nforbid (principal, action, resource);\n\n@id(\"same\")\nforbid (principal, action, resource);\n",
            ),
        ],
    );
    let commands: [&[&str]; 2] = [
        &["check-parse", "--policies", "one.cedar", "two.cedar"],
        // The same file twice is one file.
        &["check-parse", "--policies", "one.cedar", "./one.cedar"],
    ];
    check_transcript("ids_that_are_given_twice", folder.path(), &lines(&commands));
}

/// The ids that policies get, by the way they are named on the command line.
#[test]
fn ids_of_policies() {
    let folder = Folder::with(
        "ids",
        &[
            (
                "a.cedar",
                "permit (principal, action, resource);\n@id(\"named\")\npermit (principal, action, resource);\n",
            ),
            ("rules/b.cedar", ANY),
            ("rules/deep/c.cedar", ANY),
            ("rules/.hidden/d.cedar", ANY),
            ("rules/readme.md", "# not a policy"),
            ("single/s.cedar", ANY),
            ("lone.json", LONE),
            ("lone-too.json", LONE),
            (
                "set.json",
                r#"{"staticPolicies": {"key": {"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"},
                    "resource": {"op": "All"}, "conditions": []}}, "templates": {}, "templateLinks": []}"#,
            ),
        ],
    );
    let table: &[(&[&str], &[&str])] = &[
        (&["a.cedar"], &["policy0", "named"]),
        (&["./a.cedar"], &["policy0", "named"]),
        (&["a.cedar", "set.json"], &["a.cedar#policy0", "named", "key"]),
        (&["set.json"], &["key"]),
        (&["lone.json"], &["JSON policy"]),
        (&["lone.json", "lone-too.json"], &["lone.json#policy0", "lone-too.json#policy0"]),
        (&["rules"], &["rules/b.cedar#policy0", "rules/deep/c.cedar#policy0"]),
        (&["rules/"], &["rules/b.cedar#policy0", "rules/deep/c.cedar#policy0"]),
        (&["rules/*"], &["rules/b.cedar#policy0", "rules/deep/c.cedar#policy0"]),
        (&["rules/*.cedar"], &["rules/b.cedar#policy0"]),
        (
            &["**/*.cedar"],
            &[
                "a.cedar#policy0",
                "named",
                "rules/b.cedar#policy0",
                "rules/deep/c.cedar#policy0",
                "single/s.cedar#policy0",
            ],
        ),
        (&["single"], &["single/s.cedar#policy0"]),
        (&["single/s.cedar"], &["policy0"]),
        (&["rules", "a.cedar"], &["rules/b.cedar#policy0", "rules/deep/c.cedar#policy0", "a.cedar#policy0", "named"]),
    ];
    for (paths, expected) in table {
        let request = ["--entities", "-", "-l", r#"U::"a""#, "-a", r#"A::"x""#, "-r", r#"R::"r""#, "--format", "json"];
        let arguments = [&["authorize", "--policies"], *paths, &request].concat();
        let ended = run_in(folder.path(), &arguments, "[]");
        let result: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
        let ids: Vec<_> = result["determining"].as_array().expect(&ended.stderr).iter().collect();
        let ids: Vec<_> = ids.iter().map(|policy| policy["id"].as_str().expect("an id")).collect();
        assert_eq!(ids, *expected, "{paths:?}");
    }
}

#[test]
fn absolute_paths_below_the_current_folder_become_relative() {
    let folder = Folder::with("absolute", &[("rules/b.cedar", ANY)]);
    let path = folder.path().join("rules").to_string_lossy().into_owned();
    let ended = run_in(folder.path(), &["translate-policy", "--direction", "cedar-to-json", "-p", &path], "");
    assert!(ended.stdout.contains("rules/b.cedar#policy0"), "{}{}", ended.stdout, ended.stderr);
    assert!(!ended.stdout.contains(&path), "{}", ended.stdout);
}

/// Reports show a part of long lines and long policies: one that is all on one line is no reason to print all of it.
#[test]
fn reports_over_long_texts() {
    let long = format!(
        "permit (principal, action, resource) when {{ \"é{}\".n && \"{}\" like 1 }};\n",
        "ä".repeat(3000),
        "b".repeat(70_000)
    );
    let twice =
        format!("@id(\"x\") {long}@id(\"x\") permit (principal, action, resource)\n{};", "when { true }\n".repeat(500));
    let deep = format!(
        "permit (principal, action, resource) when {{ {}1{} == 1 }};\n",
        "[".repeat(70_000),
        "]".repeat(70_000)
    );
    let twice = twice.replace(" like 1", " like \"1\"");
    let one_line = twice.replace('\n', " ");
    let files =
        [("long.cedar", &*long), ("twice.cedar", &*twice), ("one-line.cedar", &*one_line), ("deep.cedar", &*deep)];
    let folder = Folder::with("long-texts", &[&files[..], &[("brackets.json", &*"[".repeat(70_000))]].concat());
    let commands: [&[&str]; 7] = [
        &["check-parse", "--policies", "long.cedar"],
        &["check-parse", "--policies", "long.cedar", "--error-format", "plain"],
        &["check-parse", "--policies", "long.cedar", "--error-format", "json"],
        &["check-parse", "--policies", "twice.cedar"],
        &["check-parse", "--policies", "one-line.cedar"],
        &["check-parse", "--policies", "deep.cedar"],
        &["check-parse", "--entities", "brackets.json"],
    ];
    check_transcript("reports_over_long_texts", folder.path(), &lines(&commands));
}
