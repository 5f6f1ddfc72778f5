//! Results for other programs: each format, of a project in which everything that can be reported is wrong.
//!
//! SARIF is held against its published schema (`tests/schemas/sarif-2.1.0.json`, by OASIS, which allows copies), and
//! against `sarif.schema.json`, which says what must be there of the members that we write and allows no others.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    project::PROJECT,
    run::{Ended, Folder, check_transcript, lines, repository, run_in},
};

const FORMATS: [&str; 5] = ["plain", "sarif", "junit", "github", "markdown"];

/// Names with whatever a format could take for its own.
fn faulty() -> Folder {
    let folder = Folder::with("output", &PROJECT);
    folder.write(
        "policies/a,b: 100%.cedar",
        "@id(\"<b>&\\\"::\")\npermit(principal is User, action == Action::\"view\", resource is File)\nwhen { resource.owner == principal && \"|@someone`<x>]]>\" == \"\" };\n",
    );
    folder.write(
        "tests/t.yaml",
        "tests:\n  - name: \"a <b> & \\\"c\\\": 100%,\\n::error::x\"\n    principal: User::\"alice\"\n    action: Action::\"view\"\n    resource: File::\"notes\"\n    decision: deny\n  - { name: passes, principal: User::\"alice\", action: Action::\"view\", resource: File::\"notes\", decision: allow }\n  - { name: waits, principal: User::\"alice\", action: Action::\"view\", resource: File::\"notes\", decision: allow, skip: \"a, b: <c>\" }\n  - { name: broken, principal: User::\"alice\", action: Action::\"view\", resource: File::\"notes\", decision: allow, context: { x: 1 } }\n",
    );
    folder
}

/// A check whose times are zero.
fn check(folder: &Folder, format: &str) -> Ended {
    let mut ended = run_in(folder.path(), &["check", "--format", format], "");
    let parts = ended.stdout.split(" time=\"").enumerate();
    let zeroed = parts.map(|(index, part)| match part.split_once('"') {
        Some((_, rest)) if index > 0 => format!(" time=\"0\"{rest}"),
        Some(_) | None => part.to_owned(),
    });
    ended.stdout = zeroed.collect();
    ended
}

#[test]
fn formats_of_a_check() {
    let folder = faulty();
    let mut text = String::new();
    for format in FORMATS {
        let ended = check(&folder, format);
        assert_eq!((ended.code, &*ended.stderr), (1, ""), "{format}");
        writeln!(text, "$ deodar check --format {format}\n{}", ended.stdout).expect("a string");
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../transcripts" }, {
        insta::assert_snapshot!("formats_of_a_check", text);
    });
}

#[test]
fn reports_of_other_commands_come_in_every_format() {
    let folder = faulty();
    folder.write("deodar.toml", "policies = [\"policies\"]\nschema = [\"model.cedarschema\"]\n");
    folder.write("imported.json", "[{\"name\": \"old\\n::error::\", \"request\": {\"principal\": \"User::\\\"alice\\\"\", \"action\": \"Action::\\\"view\\\"\", \"resource\": \"File::\\\"notes\\\"\", \"context\": {}}, \"entities\": [], \"decision\": \"allow\", \"reason\": [], \"num_errors\": 0}, 7]");
    let commands: [&[&str]; 8] = [
        &["validate", "--format", "github"],
        &["validate", "--format", "plain", "--deny-lints"],
        &["check-parse", "--format", "github", "--expression", "1 +"],
        &["run-tests", "--tests", "nothing.json", "--format", "plain"],
        &["run-tests", "--tests", "imported.json", "--format", "plain"],
        &["format", "--check", "--format", "junit"],
        &["disassemble", "--format", "sarif"],
        &["test", "passes", "--format", "markdown", "--project", "."],
    ];
    check_transcript("reports_of_other_commands_come_in_every_format", folder.path(), &lines(&commands));
}

/// Only as much of JSON Schema as the schemas here use; anything else is a mistake in them, or a pattern that nothing we
/// write is held against. A crate for the whole of it takes longer to compile than all tests of the command to run.
fn conforms(value: &Value, schema: &Value, root: &Value, path: &str) {
    for (keyword, expected) in schema.as_object().expect("a schema") {
        match keyword.as_str() {
            "$schema" | "$id" | "title" | "description" | "$defs" | "definitions" | "default" | "format" => {}
            "$ref" => {
                let pointer = expected.as_str().and_then(|name| name.strip_prefix('#')).expect("a definition");
                conforms(value, root.pointer(pointer).expect("a definition"), root, path);
            }
            "anyOf" => {
                let has = |name: &Value| value.get(name.as_str().expect("a name")).is_some();
                let fits = |choice: &Value| choice["required"].as_array().expect("names").iter().all(has);
                assert!(expected.as_array().expect("choices").iter().any(fits), "{path} has none of {expected}");
            }
            "minItems" => {
                let items = value.as_array().map_or(0, Vec::len);
                assert!(items as u64 >= expected.as_u64().expect("a count"), "{path} has {items} items");
            }
            "uniqueItems" => {
                let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
                let repeated =
                    items.iter().enumerate().any(|(at, item)| items.iter().take(at).any(|other| other == item));
                assert!(expected == false || !repeated, "{path} has an item twice");
            }
            "type" => {
                let kinds = expected.as_array().cloned().unwrap_or_else(|| vec![expected.clone()]);
                let kind = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(number) if number.is_f64() => "number",
                    Value::Number(_) => "integer",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                };
                assert!(kinds.contains(&Value::from(kind)), "{path} is of type {kind}, not {expected}");
            }
            "const" => assert_eq!(value, expected, "{path}"),
            "enum" => assert!(expected.as_array().expect("values").contains(value), "{path} is {value}"),
            "minimum" => assert!(value.as_i64() >= expected.as_i64(), "{path} is {value}"),
            "required" => {
                for name in expected.as_array().expect("names") {
                    assert!(value.get(name.as_str().expect("a name")).is_some(), "{path} has no {name}");
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    conforms(item, expected, root, &format!("{path}[{index}]"));
                }
            }
            "properties" => {
                for (name, member) in value.as_object().expect("an object") {
                    match expected.get(name) {
                        Some(schema) => conforms(member, schema, root, &format!("{path}.{name}")),
                        None => assert!(schema["additionalProperties"] != false, "{path} has a member {name}"),
                    }
                }
            }
            "additionalProperties" => assert!(expected == false || expected.is_object(), "{path}"),
            other => assert_eq!(other, "", "the keyword is not known here"),
        }
    }
}

/// The output as JSON, if it is what the schema says.
pub(crate) fn check_schema(output: &str, schema: &str) -> Value {
    let value: Value = serde_json::from_str(output).expect("JSON");
    let schema: Value = serde_json::from_str(schema).expect("a schema");
    conforms(&value, &schema, &schema, "$");
    value
}

#[test]
fn json_conforms_to_its_schema() {
    let schema = std::fs::read_to_string(repository().join("docs/results.schema.json")).expect("the schema");
    let folder = faulty();
    for arguments in [&["check"][..], &["test"], &["check", "--since", "nothing"], &["check", "--project", "nowhere"]] {
        let ended = run_in(folder.path(), &[arguments, &["--format", "json"]].concat(), "");
        let value = check_schema(&ended.stdout, &schema);
        assert_eq!(value["ok"], ended.code == 0, "{arguments:?}");
    }
    let example = repository().join("docs/example");
    let commands = [
        &["cover", "--errors"][..],
        &["cover", "--min", "99"],
        &["mutate", "--requests", "50"],
        &["mutate", "nothing"],
    ];
    for arguments in commands {
        let ended = run_in(&example, &[arguments, &["--format", "json"]].concat(), "");
        let value = check_schema(&ended.stdout, &schema);
        assert_eq!(value["ok"], ended.code == 0, "{arguments:?}");
    }
}

#[test]
fn sarif_conforms_to_what_the_standard_requires() {
    let (schema, published) = (include_str!("sarif.schema.json"), include_str!("../schemas/sarif-2.1.0.json"));
    let folder = faulty();
    for arguments in
        [&["check"][..], &["test"], &["validate"], &["check-parse"], &["test", "passes"], &["check", "--since", "x"]]
    {
        let ended = run_in(folder.path(), &[arguments, &["--format", "sarif"]].concat(), "");
        check_schema(&ended.stdout, published);
        let value = check_schema(&ended.stdout, schema);
        let run = &value["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        for result in run["results"].as_array().expect("results") {
            let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("an index");
            assert_eq!(rules[index]["id"], result["ruleId"], "an index leads to its rule");
            for location in result["locations"].as_array().expect("locations") {
                let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a URI");
                assert!(!uri.contains([' ', '%']) || uri.contains("%20"), "{uri}");
            }
        }
    }
}

/// A schema that allows everything would show nothing.
#[test]
fn the_published_schema_of_sarif_refuses_what_is_wrong() {
    let text = run_in(faulty().path(), &["check", "--format", "sarif"], "").stdout;
    let published = include_str!("../schemas/sarif-2.1.0.json");
    let wrong = [
        ("\"level\": \"error\"", "\"level\": \"bad\""),
        ("\"startLine\": ", "\"startLine\": -"),
        ("\"ruleId\"", "\"rule\""),
        ("\"driver\"", "\"river\""),
        ("\"version\": \"2.1.0\"", "\"version\": \"2.2.0\""),
    ];
    for (from, to) in wrong {
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text, "{from}");
        assert!(std::panic::catch_unwind(|| check_schema(&broken, published)).is_err(), "{to}");
    }
}

#[test]
fn junit_is_well_formed() {
    let folder = faulty();
    let text = check(&folder, "junit").stdout;
    let mut open = Vec::new();
    let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    for tag in body.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("the end of a tag");
        assert!(!text.contains(['<', '>', '"']), "{text}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else {
            let name = tag.split([' ', '/']).next().expect("a name");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            assert!(
                ["testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"].contains(&name)
            );
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty());
    assert_eq!(text.matches("<testcase ").count().to_string(), text.split('"').nth(7).expect("the number of tests"));
}

#[test]
fn annotations_are_one_line_each_and_cannot_be_forged() {
    let folder = faulty();
    let text = check(&folder, "github").stdout;
    let commands: Vec<&str> = text.lines().filter(|line| line.contains("::")).collect();
    assert!(
        commands.iter().all(|line| ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start)))
    );
    assert_eq!(text.lines().count(), commands.len() + 1, "the summary is the only other line");
    assert!(text.contains("file=policies/a%2Cb%3A 100%25.cedar,"), "{text}");
}

#[test]
fn colours_and_silence_are_asked_for() {
    let folder = faulty();
    let check = |arguments: &[&str]| run_in(folder.path(), &[&["check"], arguments].concat(), "");
    assert!(check(&["--color", "always"]).stderr.contains('\u{1b}'));
    assert!(!check(&["--color", "never"]).stderr.contains('\u{1b}'));
    assert_eq!(check(&["--quiet"]).stderr, "");
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let folder = Folder::with("pages", &[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = run_in(folder.path(), &["completions", shell], "");
        assert_eq!((ended.code, &*ended.stderr), (0, ""));
        assert!(["check", "test", "authorize"].iter().all(|name| ended.stdout.contains(name)), "{shell}");
    }
    let ended = run_in(folder.path(), &["man"], "");
    assert!(ended.code == 0 && ended.stdout.contains("deodar\\-check(1)"), "{}", ended.stdout);
    assert_eq!(run_in(folder.path(), &["man", "--folder", "."], "").code, 0);
    assert!(folder.read("deodar-check.1").contains("max\\-warnings"));
    assert_eq!(run_in(folder.path(), &["man", "--folder", "nowhere"], "").code, 1);
}
