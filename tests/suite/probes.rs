//! Inputs and values recorded from the reference are accepted, rejected and valued alike.
//!
//! The recordings are three files of sections; a line of a section is one input with what the reference made of it. The
//! wording of its errors is no concern of ours, the kind of an evaluation error is. What surrounded an input when it was
//! recorded (entities, a schema) is written down here, and the reference is asked again where that matters: if both
//! agree with the recording, the surroundings are right.

mod documents;
mod recording;
mod verdicts;

use std::{collections::BTreeSet, fs};

use deodar_tests::{
    engine, oracle,
    question::{Document, ErrorKind, Evaluation, Request, Uid},
};

use self::recording::{Recorded, section};
use crate::shared::shared;

/// What became of the lines of a section.
#[derive(Default)]
pub struct Tally {
    checked: usize,
    differences: Vec<String>,
}

impl Tally {
    fn check(&mut self, input: &str, outcome: Result<(), String>) {
        self.checked += 1;
        self.differences.extend(outcome.err().map(|difference| format!("{input}\n    {difference}")));
    }

    /// Fails if a line differs, or if fewer lines were there than the recording had when this was written.
    #[track_caller]
    fn finish(&self, section: &str, at_least: usize) {
        println!("{section}: {} lines checked", self.checked);
        let differences = self.differences.join("\n");
        assert!(differences.is_empty(), "{section}: {} differences:\n{differences}", self.differences.len());
        assert!(self.checked >= at_least, "{section}: only {} of {at_least} lines were found", self.checked);
    }
}

/// A file of recordings.
fn recordings(name: &str) -> Option<String> {
    let path = shared(&format!("conformance/probes/{name}"))?;
    Some(fs::read_to_string(path).expect("text"))
}

/// Whether an input was treated as recorded.
fn expect<T>(recorded: &Recorded, outcome: &Result<T, String>) -> Result<(), String> {
    match (recorded.accepted(), outcome) {
        (true, Ok(_)) | (false, Err(_)) => Ok(()),
        (true, Err(error)) => Err(format!("should be accepted: {error}")),
        (false, Ok(_)) => Err("should be rejected".to_owned()),
    }
}

#[test]
fn policies_are_accepted_and_named_as_recorded() {
    let Some(text) = recordings("probe.out") else { return };
    let mut tally = Tally::default();
    for line in section(&text, "policies").lines() {
        let (input, recorded) = recording::quoted(line);
        let names = documents::policy_names(&Document::cedar(&input));
        let names = names.map(|names| match &recorded {
            Recorded::Accepted(result) => names == recording::strings(result).into_iter().collect::<BTreeSet<_>>(),
            Recorded::Rejected => true,
        });
        tally.check(&input, expect(&recorded, &names).and(names.map_or(Ok(()), ok_if("other names"))));
    }
    tally.finish("policies", 38);
}

/// Keeps a failure unless the fact holds.
fn ok_if(otherwise: &str) -> impl FnOnce(bool) -> Result<(), String> {
    move |fact| if fact { Ok(()) } else { Err(otherwise.to_owned()) }
}

#[test]
fn expressions_have_the_recorded_values() {
    let Some(text) = recordings("probe.out") else { return };
    let tally = oracle::on_big_stack(|| {
        let mut tally = Tally::default();
        for (input, expected) in recording::expressions(section(&text, "exprs")) {
            let reference = evaluation(&expected, oracle::evaluate, &input);
            let ours = evaluation(&expected, engine::evaluate, &input);
            tally.check(&input, reference.map_err(|error| format!("the reference: {error}")).and(ours));
        }
        tally
    });
    tally.finish("expressions", 220);
}

/// The entities that the expressions were recorded with.
const ENTITIES: &str = r#"[
    {"uid": {"type": "U", "id": "a"}, "attrs": {"x": 1, "r": {"z": 1}}, "tags": {"t": "v"},
     "parents": [{"type": "G", "id": "g"}, {"type": "G", "id": "missing"}]},
    {"uid": {"type": "G", "id": "g"}, "attrs": {}, "parents": [{"type": "G", "id": "top"}]},
    {"uid": {"type": "G", "id": "top"}, "attrs": {}, "parents": []}
]"#;

type Evaluate = fn(&str, &str, &Request) -> Result<Evaluation, String>;

fn evaluation(expected: &recording::Expected, evaluate: Evaluate, input: &str) -> Result<(), String> {
    let request = Request {
        principal: Uid::new("U", "a"),
        action: Uid::new("Action", "v"),
        resource: Uid::new("R", "nope"),
        context: "{}".into(),
        validate: false,
    };
    let got = evaluate(input, ENTITIES, &request)?;
    match (expected, &got) {
        (recording::Expected::Rejected, Evaluation::Rejected(_)) => Ok(()),
        (recording::Expected::Failed(message), Evaluation::Failed(kind)) if error_kind(message) == Some(*kind) => {
            Ok(())
        }
        (recording::Expected::Value(value), Evaluation::Value(_)) => {
            let same = evaluate(&format!("({input}\n) == ({value})"), ENTITIES, &request)?;
            ok_if(&format!("{got:?} is not equal to {value}"))(same == Evaluation::Value("true".into()))
        }
        _ => Err(format!("expected {expected:?}; got {got:?}")),
    }
}

/// The kind of an evaluation error of the reference, by its message.
fn error_kind(message: &str) -> Option<ErrorKind> {
    let kinds = [
        ("type error", ErrorKind::Type),
        ("integer overflow", ErrorKind::Overflow),
        ("wrong number of arguments", ErrorKind::Arity),
        ("error while evaluating", ErrorKind::Extension),
        ("record does not have the attribute", ErrorKind::MissingRecordAttribute),
        ("template slot", ErrorKind::UnlinkedSlot),
        ("does not have the", ErrorKind::MissingAttribute),
        ("does not exist", ErrorKind::MissingEntity),
    ];
    kinds.iter().find(|(part, _)| message.contains(part)).map(|(_, kind)| *kind)
}
