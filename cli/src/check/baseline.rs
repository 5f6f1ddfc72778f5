//! Findings that a project accepts for now, in a file: `{"version": 1, "findings": [{"fingerprint", …}]}`.
//!
//! They are known by their fingerprints, so they stay accepted when lines move, and come back when their text changes.
//! A fingerprint that stands there twice accepts two findings.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    document::{Document, Form},
    finding::Finding,
    report,
    session::Session,
};

/// Where findings are written that no path is named for.
pub(crate) const FILE: &str = "deodar-baseline.json";

/// How many findings are accepted, by fingerprint.
#[derive(Debug, Default)]
pub(crate) struct Baseline(BTreeMap<String, usize>);

impl Baseline {
    /// Reads a baseline; what is wrong with it goes to the session.
    pub(crate) fn read(session: &mut Session<'_>, path: &str) -> Option<Self> {
        let document = Document::read(session, path, "the baseline")?;
        let mut problems = Vec::new();
        let mut baseline = Self::default();
        match document.parse() {
            Ok(json) => baseline.fill(Form::new(&document, json.root()), &mut problems),
            Err(problem) => problems.push(problem),
        }
        let sound = problems.is_empty();
        session.report_all(problems);
        sound.then_some(baseline)
    }

    fn fill(&mut self, root: Form<'_>, problems: &mut Vec<deodar_grammar::Diagnostic>) {
        let fields = root.fields("an object with `findings`", &["version", "findings"], problems);
        let Some(findings) = fields.get("findings") else {
            problems.push(report::missing_key(root.span(), "findings", "baseline"));
            return;
        };
        for finding in findings.list("a list of findings", problems).unwrap_or_default() {
            let members = finding.members("an object with `fingerprint`", problems);
            let fingerprint = members.iter().find(|(key, ..)| *key == "fingerprint");
            if let Some(text) = fingerprint.and_then(|(_, _, form)| form.text("a fingerprint", problems)) {
                *self.0.entry(text.to_owned()).or_default() += 1;
            }
        }
    }

    /// Whether a finding is accepted; each entry accepts one.
    pub(crate) fn accepts(&mut self, finding: &Finding) -> bool {
        match self.0.get_mut(&finding.fingerprint) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            Some(_) | None => false,
        }
    }
}

/// The text of a baseline of these findings. Lines are left out: they would change, and are not looked at.
pub(crate) fn to_text<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> String {
    let mut rows: Vec<_> = findings
        .into_iter()
        .map(|finding| {
            let file = finding.places.first().map(|place| place.file.as_str());
            (file, finding.code, finding.policy.as_deref(), finding.fingerprint.as_str())
        })
        .collect();
    rows.sort_unstable();
    let findings: Vec<_> = rows
        .into_iter()
        .map(|(file, code, policy, fingerprint)| {
            json!({ "fingerprint": fingerprint, "code": code, "file": file, "policy": policy })
        })
        .collect();
    format!("{:#}\n", json!({ "version": 1, "findings": findings }))
}
