//! `why`: verdicts, trees, and what it would take.

use crate::{
    output::check_schema,
    run::{Folder, check_transcript, lines, repository, run, run_in},
};

const POLICIES: &str = r#"@id("team")
permit (principal in Team::"ops", action == Action::"deploy", resource is Service)
when { context.mtls && (context has ticket && context.ticket like "OPS-*") }
unless { resource.frozen || resource.level > principal.level };

@id("owner")
permit (principal, action, resource) when { principal.owner.active };

@id("tagged")
permit (principal, action == Action::"deploy", resource)
when { resource.hasTag("env") && resource.getTag("env") == "dev" };

@id("nights")
forbid (principal, action, resource) when { if context has night then context.night else false };

@id("robots")
forbid (principal is Robot, action, resource) unless { ["a", "b"].contains(principal.kind) };

@id("share")
permit (principal == ?principal, action, resource in ?resource);
"#;

const SCHEMA: &str = r"entity Team;
entity Person = { active: Bool };
entity User in [Team] = { level: Long, owner?: Person };
entity Robot = { kind: String };
entity Service = { frozen: Bool, level: Long } tags String;
action deploy, look appliesTo {
  principal: [User, Robot], resource: Service, context: { mtls: Bool, ticket?: String, night?: Bool }
};
";

const ENTITIES: &str = r#"[
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"level": 2}, "parents": [{"type": "Team", "id": "ops"}]},
  {"uid": {"type": "User", "id": "bob"}, "attrs": {"level": 2, "owner": {"type": "Person", "id": "gone"}}, "parents": []},
  {"uid": {"type": "Robot", "id": "r"}, "attrs": {"kind": "c"}, "parents": []},
  {"uid": {"type": "Service", "id": "web"}, "attrs": {"frozen": true, "level": 3}, "tags": {"env": "prod"}, "parents": []},
  {"uid": {"type": "Service", "id": "dev"}, "attrs": {"frozen": false, "level": 1}, "tags": {"env": "dev"}, "parents": []}
]"#;

const TESTS: &str = r#"contexts: { day: { mtls: true, ticket: OPS-1 } }
tests:
  - { name: ann deploys, principal: User::"ann", action: Action::"deploy", resource: Service::"dev", context: day, decision: allow }
  - { name: nobody else, principals: [User::"bob", Robot::"r"], action: Action::"look", resource: Service::"web", context: day, decision: deny }
"#;

const REQUESTS: &str = r#"[
  {"name": "frozen", "principal": "User::\"ann\"", "action": "Action::\"deploy\"", "resource": "Service::\"web\"", "context": {"mtls": false}},
  {"name": "the owner is not there", "principal": "User::\"bob\"", "action": "Action::\"look\"", "resource": "Service::\"web\"", "context": {"mtls": true}},
  {"name": "at night", "principal": "User::\"ann\"", "action": "Action::\"deploy\"", "resource": "Service::\"dev\"", "context": {"mtls": true, "ticket": "OPS-1", "night": true}},
  {"name": "a robot", "principal": "Robot::\"r\"", "action": "Action::\"look\"", "resource": "Service::\"web\"", "context": {"mtls": true}}
]"#;

fn folder(name: &str) -> Folder {
    let links = r#"[{"template_id": "share", "link_id": "share-bob", "args": {"?principal": "User::\"bob\"", "?resource": "Service::\"dev\""}}]"#;
    Folder::with(
        name,
        &[
            ("deodar.toml", "links = \"links.json\"\n"),
            ("policies/p.cedar", POLICIES),
            ("schema.cedarschema", SCHEMA),
            ("entities.json", ENTITIES),
            ("links.json", links),
            ("tests/t.yaml", TESTS),
            ("requests.json", REQUESTS),
        ],
    )
}

#[test]
fn verdicts_on_every_policy() {
    let folder = folder("why");
    let commands: [&[&str]; 4] = [
        &["why", "--test", "ann deploys"],
        &["why", "--test", "ann deploys", "--all"],
        &["why", "--requests", "requests.json"],
        &["why", "--test", "ann", "--format", "json"],
    ];
    check_transcript("verdicts_on_every_policy", folder.path(), &lines(&commands));
}

#[test]
fn questions_that_cannot_be_explained() {
    let folder = folder("why-mistakes");
    folder.write("broken/policies/p.cedar", "permit (principal");
    folder.write("broken/deodar.toml", "");
    let commands: [&[&str]; 8] = [
        &["why"],
        &["why", "ann deploys"],
        &["why", "--test", "ann deplosy"],
        &["why", "--test", "x", "--requests", "requests.json"],
        &["why", "--principal", "ann", "--action", "Action::\"look\"", "--resource", "Service::\"web\""],
        &["why", "--requests", "request.json", "--format", "json", "--quiet"],
        &["why", "--test", "ann deploys", "--project", "broken"],
        &["why", "--test", "ann deploys", "--format", "sarif"],
    ];
    check_transcript("questions_that_cannot_be_explained", folder.path(), &lines(&commands));
}

/// A bundle has the texts of its policies, so the answer is the same.
#[test]
fn a_bundle_is_explained_as_its_policies_are() {
    let folder = folder("why-bundle");
    let compiled = run_in(folder.path(), &["compile", "--policy-validation", "false", "--output", "p.dbundle"], "");
    assert_eq!(compiled.code, 0, "{}", compiled.stderr);
    for format in ["text", "json"] {
        let ask = ["why", "--requests", "requests.json", "--format", format];
        let (texts, bundle) = (
            run_in(folder.path(), &ask, ""),
            run_in(folder.path(), &[&ask[..], &["--bundle", "p.dbundle"]].concat(), ""),
        );
        let without = |text: &str| text.lines().filter(|line| !line.contains("declare")).collect::<Vec<_>>().join("\n");
        assert_eq!((bundle.code, &*bundle.stderr), (0, ""));
        assert_eq!(without(&texts.stdout), without(&bundle.stdout));
    }
}

/// What the trees say must be what the decision found: the parts are evaluated by themselves, so nothing else makes
/// sure of it.
#[test]
fn trees_agree_with_verdicts() {
    let ended = run(&[
        "why",
        "--project",
        "docs/example",
        "--requests",
        "docs/example/requests.json",
        "--all",
        "--format",
        "json",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let results: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let mut conditions = 0;
    for policy in
        results["results"].as_array().expect("results").iter().flat_map(|r| r["policies"].as_array().expect("policies"))
    {
        for condition in policy["conditions"].as_array().expect("conditions") {
            let wanted = match (condition["keyword"].as_str(), condition["state"].as_str()) {
                (Some("when"), Some("met")) | (Some("unless"), Some("not-met")) => true,
                (Some("when"), Some("not-met")) | (Some("unless"), Some("met")) => false,
                _ => continue,
            };
            conditions += 1;
            assert_eq!(condition["tree"]["value"], serde_json::Value::Bool(wanted), "{condition:#}");
        }
    }
    assert!(conditions >= 20, "{conditions}");
    let schema = std::fs::read_to_string(repository().join("docs/why.schema.json")).expect("the schema");
    check_schema(&ended.stdout, &schema);
}

/// Conditions of any depth and length: the trees are bounded, and so is the stack.
#[test]
fn deep_and_long_conditions_are_explained() {
    let folder = Folder::with("why-deep", &[]);
    let deep = format!("{}principal == resource{}", "!(".repeat(1_000), ")".repeat(1_000));
    let long = vec!["context.a == 1"; 3_000].join(" || ");
    let nested = (0..500).fold("true".to_owned(), |inner, _| format!("(if {inner} then true else false)"));
    folder.write("p.cedar", format!("permit (principal, action, resource) when {{ {deep} }};\npermit (principal, action, resource) when {{ {long} }};\nforbid (principal, action, resource) unless {{ {nested} }};\n"));
    folder.write("e.json", "[]");
    folder.write("c.json", r#"{"a": 2}"#);
    let ask = [
        "why",
        "-p",
        "p.cedar",
        "--entities",
        "e.json",
        "-l",
        "U::\"u\"",
        "-a",
        "Action::\"a\"",
        "-r",
        "U::\"r\"",
        "-c",
        "c.json",
    ];
    let ended = std::thread::scope(|scope| {
        let run = || run_in(folder.path(), &ask, "");
        std::thread::Builder::new().stack_size(4 << 20).spawn_scoped(scope, run).expect("a thread").join()
    });
    let ended = ended.expect("it ends");
    assert_eq!((ended.code, &*ended.stderr), (0, ""));
    assert!(ended.stdout.len() < 200_000, "{}", ended.stdout.len());
}

#[test]
fn the_tree_of_the_readme_is_true() {
    let folder = Folder::with("why-readme", &[]);
    assert_eq!(run_in(folder.path(), &["new", "--name", "t", "--kind", "minimal"], "").code, 0);
    let ended = run_in(&folder.path().join("t"), &["why", "--test", "no agent closes anything else"], "");
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let shown = readme.split("```text\n").find(|block| block.starts_with("permit `agents.close`")).expect("a tree");
    let shown = shown.split("```").next().expect("its end");
    assert!(ended.stdout.contains(shown), "{}", ended.stdout);
}

/// Thousands of operands would be thousands of lines.
#[test]
fn what_it_would_take_ends() {
    let operands: Vec<String> = (0..60).map(|number| format!("context.n == {number}")).collect();
    let policy = format!("permit (principal, action, resource) when {{ {} }};", operands.join(" && "));
    let folder = Folder::with("why-long", &[("p.cedar", &policy), ("e.json", "[]"), ("c.json", "{\"n\": 99}")]);
    let mut ask = vec!["why", "-p", "p.cedar", "--entities", "e.json", "--context", "c.json"];
    ask.extend(["--principal", "U::\"u\"", "--action", "Action::\"a\"", "--resource", "R::\"r\""]);
    let ended = run_in(folder.path(), &ask, "");
    assert!(
        ended.stdout.contains("were equal to 49\n  - all of the 10 operands behind these were true\n"),
        "{}",
        ended.stdout
    );
}
