//! The exit code of every command, and which stream it writes to.

use crate::run::{Folder, run_in};

const FILES: [(&str, &str); 15] = [
    ("allow.cedar", "permit (principal, action, resource);\n"),
    ("deny.cedar", "forbid (principal, action, resource);\n"),
    ("template.cedar", "permit (principal == ?principal, action, resource);\n"),
    ("undeclared.cedar", "permit (principal is Robot, action, resource);\n"),
    ("idle.cedar", "permit (principal == G::\"g\", action == Action::\"x\", resource);\n"),
    ("broken.cedar", "permit (principal"),
    ("empty.json", "[]"),
    ("unformatted.cedar", "permit(principal,action,resource);"),
    (
        "p.json",
        r#"{"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]}"#,
    ),
    ("e.json", r#"[{"uid":{"type":"U","id":"a"},"attrs":{},"parents":[{"type":"G","id":"g"}]}]"#),
    ("broken.json", "["),
    ("s.cedarschema", "entity U in [G]; entity G, R; action x appliesTo { principal: U, resource: R };\n"),
    ("broken.cedarschema", "entity"),
    ("s.json", r#"{"": {"entityTypes": {"U": {}}, "actions": {}}}"#),
    (
        "t.json",
        r#"[{"request":{"principal":"U::\"a\"","action":"A::\"x\"","resource":"R::\"r\"","context":{}},
            "entities":[],"decision":"allow","reason":["policy0"],"num_errors":0}]"#,
    ),
];

/// Exit codes as `cedar` has them: 0 done or allowed, 1 failed, 2 denied or usage, 3 not valid.
const TABLE: &[(u8, &str)] = &[
    (2, ""),
    (2, "unknown-command"),
    (2, "authorize --unknown-flag"),
    (2, "authorize"),
    (2, "authorize --entities e.json --policy-format yaml"),
    (2, "authorize --entities e.json --request-json r.json -l U::\"a\""),
    (2, "evaluate"),
    (2, "link"),
    (2, "new"),
    (2, "visualize"),
    (2, "run-tests"),
    (2, "translate-policy"),
    (2, "translate-policy --direction sideways"),
    (2, "format --write --check --policies allow.cedar"),
    (2, "format --write"),
    (2, "language-version --error-format xml"),
    (0, "--help"),
    (0, "--version"),
    (0, "help authorize"),
    (0, "run-tests --help"),
    (0, "authorize -p allow.cedar --entities e.json -l U::\"a\" -a A::\"x\" -r R::\"r\""),
    (2, "authorize -p deny.cedar --entities e.json -l U::\"a\" -a A::\"x\" -r R::\"r\""),
    (2, "authorize -p template.cedar --entities e.json -l U::\"a\" -a A::\"x\" -r R::\"r\""),
    (1, "authorize -p broken.cedar --entities e.json -l U::\"a\" -a A::\"x\" -r R::\"r\""),
    (1, "authorize -p missing.cedar --entities e.json -l U::\"a\" -a A::\"x\" -r R::\"r\""),
    (1, "authorize -p allow.cedar --entities missing.json -l U::\"a\" -a A::\"x\" -r R::\"r\""),
    (1, "authorize -p allow.cedar --entities broken.json -l U::\"a\" -a A::\"x\" -r R::\"r\""),
    (1, "authorize -p allow.cedar --entities e.json -s broken.cedarschema -l U::\"a\" -a A::\"x\" -r R::\"r\""),
    (1, "authorize -p allow.cedar --entities e.json -l U::\"a\""),
    (0, "evaluate 1+1"),
    (1, "evaluate 1+"),
    (1, "evaluate 1+true"),
    (1, "evaluate principal"),
    (0, "check-parse -p allow.cedar"),
    (1, "check-parse -p broken.cedar"),
    (0, "check-parse --expression 1"),
    (1, "check-parse --expression +"),
    (0, "check-parse -s s.cedarschema --entities e.json"),
    (1, "check-parse -s s.json --entities e.json"),
    (1, "check-parse -s broken.cedarschema"),
    (1, "check-parse --entities broken.json"),
    (0, "link -p template.cedar --template-id policy0 -n new -a {\"?principal\":\"U::\\\"a\\\"\"}"),
    (1, "link -p template.cedar --template-id policy0 -n new -a {}"),
    (1, "link -p template.cedar --template-id policy1 -n new -a {}"),
    (0, "format -p allow.cedar"),
    (0, "format -p allow.cedar --check"),
    (1, "format -p unformatted.cedar --check"),
    (1, "format -p broken.cedar"),
    (0, "translate-policy --direction cedar-to-json -p allow.cedar"),
    (1, "translate-policy --direction cedar-to-json -p broken.cedar"),
    (0, "translate-policy --direction json-to-cedar -p p.json"),
    (1, "translate-policy --direction json-to-cedar -p broken.json"),
    (0, "translate-schema --direction cedar-to-json -s s.cedarschema"),
    (0, "translate-schema --direction cedar-to-json-with-resolved-types -s s.cedarschema"),
    (1, "translate-schema --direction cedar-to-json -s broken.cedarschema"),
    (0, "translate-schema --direction json-to-cedar -s s.json"),
    (1, "translate-schema --direction json-to-cedar -s broken.json"),
    (0, "visualize --entities e.json"),
    (1, "visualize --entities broken.json"),
    (0, "new --name project"),
    (1, "new --name project"),
    (0, "run-tests -p allow.cedar --tests t.json"),
    (1, "run-tests -p deny.cedar --tests t.json"),
    (1, "run-tests -p allow.cedar --tests broken.json"),
    (0, "disassemble -p allow.cedar"),
    (1, "disassemble -p broken.cedar"),
    (0, "explain"),
    (0, "explain unknown-function"),
    (1, "explain no-such-code"),
    (0, "language-version"),
    (0, "license"),
    (2, "validate"),
    (2, "validate -p allow.cedar"),
    (2, "validate -p allow.cedar -s s.cedarschema --level -1"),
    (2, "validate -p allow.cedar -s s.cedarschema --validation-mode lax"),
    (0, "validate -p allow.cedar -s s.cedarschema --level 1"),
    (0, "validate -p allow.cedar -s s.cedarschema --validation-mode permissive"),
    (1, "validate -p allow.cedar -s s.cedarschema --validation-mode partial"),
    (1, "validate -p broken.cedar -s s.cedarschema"),
    (1, "validate -p allow.cedar -s broken.cedarschema"),
    (1, "validate -p allow.cedar -s missing.cedarschema"),
    (1, "validate -p allow.cedar -s s.cedarschema -k broken.json"),
    (1, "validate -p allow.cedar -s s.cedarschema --allow everything"),
    (3, "validate -p undeclared.cedar -s s.cedarschema"),
    (0, "validate -p idle.cedar -s s.cedarschema"),
    (3, "validate -p idle.cedar -s s.cedarschema --deny-warnings"),
    (1, "run-tests -p undeclared.cedar --tests empty.json -s broken.cedarschema"),
    (0, "run-tests -p undeclared.cedar --tests empty.json -s s.cedarschema"),
    (1, "partially-authorize -p allow.cedar"),
    (1, "tpe"),
    (1, "symcc --cvc5-path x equivalent"),
];

#[test]
fn exit_codes_are_those_of_cedar() {
    let folder = Folder::with("exit-codes", &FILES);
    let mut wrong = Vec::new();
    for (expected, line) in TABLE {
        let arguments: Vec<_> = line.split_whitespace().collect();
        let ended = run_in(folder.path(), &arguments, "");
        if ended.code != *expected {
            wrong.push(format!("{line}: expected {expected}, got {}\n{}{}", ended.code, ended.stdout, ended.stderr));
        }
        // Whoever is told nothing but the code must find the reason on standard error.
        let silent = ended.stderr.is_empty() && ended.code == 1 && !line.starts_with("run-tests");
        if silent {
            wrong.push(format!("{line}: failed without a word"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// With `--format json`, whatever happens, standard output is one JSON object; commands whose result is JSON already
/// are left alone.
#[test]
fn json_results_are_json_for_every_command() {
    let folder = Folder::with("json-results", &FILES);
    for (code, line) in TABLE {
        let arguments: Vec<_> = line.split_whitespace().chain(["--format", "json"]).collect();
        let ended = run_in(folder.path(), &arguments, "");
        let usage = *code == 2 && !line.contains("deny.cedar") && !line.contains("-p template.cedar");
        // Commands to come take whatever follows them.
        let to_come = ["partially-authorize", "tpe", "symcc"].iter().any(|command| line.starts_with(command));
        if usage || to_come || line.contains("help") || line.contains("--version") {
            continue;
        }
        let value: serde_json::Value = serde_json::from_str(&ended.stdout)
            .unwrap_or_else(|error| panic!("{line}: {error}\n{}\n{}", ended.stdout, ended.stderr));
        assert!(value.is_object(), "{line}");
    }
}
