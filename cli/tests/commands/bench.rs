//! `bench`: what it says, not how fast it is.

use crate::run::{Folder, check_transcript, lines, repository, run_in};

#[test]
fn decisions_are_measured() {
    let example = repository().join("docs/example");
    let ask = ["bench", "--requests", "requests.json", "--seconds", "0.05"];
    let ended = run_in(&example, &ask, "");
    assert_eq!((ended.code, &*ended.stderr), (0, ""));
    for word in
        ["decisions/s", "names, full answer", "handles, full answer", "names, allowed or not", "the index finds"]
    {
        assert!(ended.stdout.contains(word), "{}", ended.stdout);
    }
    let ended = run_in(&example, &[&ask[..], &["--format", "json"]].concat(), "");
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let forms = value["forms"].as_array().expect("forms");
    assert_eq!(forms.len(), 3);
    for form in forms {
        let number = |key: &str| form[key].as_f64().expect("a number");
        assert!(
            number("median_ns") > 0.0 && number("p99_ns") >= number("median_ns") && number("per_second") > 0.0,
            "{form}"
        );
    }
    assert!(value["looks"]["found"]["mean"].as_f64() >= value["looks"]["evaluated"]["mean"].as_f64(), "{value}");
}

#[test]
fn nothing_to_measure() {
    let folder = Folder::with(
        "bench",
        &[("p.cedar", "permit (principal, action, resource);"), ("e.json", "[]"), ("r.json", "[]"), ("one.json", "{}")],
    );
    let given = ["bench", "-p", "p.cedar", "--entities", "e.json"];
    let commands: [&[&str]; 5] = [
        &given,
        &[&given[..], &["--requests", "r.json"]].concat(),
        &[&given[..], &["--requests", "one.json"]].concat(),
        &[&given[..], &["--requests", "r.json", "--seconds", "long"]].concat(),
        &[&given[..], &["--requests", "r.json", "--seconds", "nan"]].concat(),
    ];
    check_transcript("nothing_to_measure", folder.path(), &lines(&commands));
}

/// Of many policies that name their principal, a decision looks at one, and at those that name none.
#[test]
fn policies_that_do_not_concern_a_request_are_not_looked_at() {
    let own = (0..50).map(|n| format!("permit (principal == U::\"u{n}\", action, resource);\n"));
    let policies = own.collect::<String>() + "permit (principal, action, resource) when { context.x };\n";
    let request =
        r#"[{"principal": "U::\"u7\"", "action": "Action::\"a\"", "resource": "R::\"r\"", "context": {"x": true}}]"#;
    let folder = Folder::with("bench-looks", &[("p.cedar", &policies), ("r.json", request), ("e.json", "[]")]);
    let ask = ["bench", "-p", "p.cedar", "--entities", "e.json", "--requests", "r.json", "--seconds", "0.01"];
    let ended = run_in(folder.path(), &[&ask[..], &["--format", "json"]].concat(), "");
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!((&value["policies"], &value["looks"]["evaluated"]["most"]), (&51.into(), &2.into()), "{value}");
    assert_eq!(value["looks"]["found"]["most"], 2, "{value}");
}
