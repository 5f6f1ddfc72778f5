//! Deodar's verdicts.

use deodar_compiler::{CheckOptions, Schema, check as check_types};
use deodar_grammar::ast::PolicySet;

use super::{acceptance, add_links, make_link, messages, read_policies, read_program, read_schema};
use crate::{
    question::{self as authorization, Acceptance, Document},
    verdict::{Answers, Kind, Mode, Options, Question, Verdict},
};

/// Checks the policies in every way that the question lists.
pub fn check(question: &Question) -> Answers {
    let program = read_program(&question.policies);
    let schema = read_resolved(&question.schema);
    let mut answers = Answers {
        policies: acceptance(&program),
        schema: acceptance(&schema),
        links: Vec::new(),
        verdicts: Vec::new(),
    };
    let (Ok(mut program), Ok(schema), Ok((_, mut policies))) = (program, schema, read_policies(&question.policies))
    else {
        return answers;
    };
    answers.links = question.links.iter().map(|link| make_link(&mut program, link)).collect();
    let made = question.links.iter().zip(&answers.links).filter(|(_, made)| made.is_ok());
    add_links(&mut policies, made.map(|(link, _)| link));
    answers.verdicts = question.options.iter().map(|options| verdict(&policies, &schema, *options)).collect();
    answers
}

/// Whether the policies of an authorization question validate, if that is asked.
pub(super) fn of_question(question: &authorization::Question, made: &[Acceptance]) -> Option<bool> {
    let schema = question.schema.as_ref().filter(|_| question.verdict)?;
    let schema = read_resolved(schema).ok()?;
    let (_, mut policies) = read_policies(&question.policies).ok()?;
    let made = question.links.iter().zip(made).filter(|(_, made)| made.is_ok());
    add_links(&mut policies, made.map(|(link, _)| link));
    Some(verdict(&policies, &schema, Options::STRICT).passed)
}

/// The schema with its names resolved.
pub(super) fn read_resolved(document: &Document) -> Result<Schema, String> {
    let (_, fragment) = read_schema(document)?;
    let (schema, diagnostics) = Schema::resolve(&[fragment]);
    super::check(&diagnostics)?;
    schema.ok_or_else(|| format!("no schema: {}", messages(&diagnostics)))
}

/// What our checker says, in the kinds of the reference.
fn verdict(policies: &PolicySet, schema: &Schema, options: Options) -> Verdict {
    let mode = match options.mode {
        Mode::Strict => deodar_compiler::Mode::Strict,
        Mode::Permissive => deodar_compiler::Mode::Permissive,
    };
    let analysis = check_types(&[policies], schema, CheckOptions { mode, level: options.level });
    let mut verdict = Verdict { passed: analysis.passed(), ..Verdict::default() };
    for (policy, diagnostic) in analysis.findings() {
        if let Some(kind) = Kind::from_code(diagnostic.code().name) {
            assert_eq!(kind.is_error(), diagnostic.is_error(), "the severity of {kind}");
            let findings = if kind.is_error() { &mut verdict.errors } else { &mut verdict.warnings };
            findings.insert((policy.to_string(), kind));
        }
    }
    verdict
}
