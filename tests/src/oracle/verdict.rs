//! The reference's verdicts.
//!
//! Its errors and warnings are counted by their kind; the one kind that says that the reference itself is broken is left
//! out of the kinds, but not of whether the policies pass.

use cedar_policy::{
    PolicySet, Schema, ValidationError, ValidationMode, ValidationResult, ValidationWarning, Validator,
};

use super::{acceptance, make_link, read_policies, read_schema};
use crate::verdict::{Answers, Finding, Kind, Mode, Options, Question, Verdict};

/// Checks the policies in every way that the question lists.
pub fn check(question: &Question) -> Answers {
    let policies = read_policies(&question.policies);
    let schema = read_schema(&question.schema);
    let mut answers = Answers {
        policies: acceptance(&policies),
        schema: acceptance(&schema),
        links: Vec::new(),
        verdicts: Vec::new(),
    };
    let (Ok(mut policies), Ok(schema)) = (policies, schema) else { return answers };
    answers.links = question.links.iter().map(|link| make_link(&mut policies, link)).collect();
    answers.verdicts = verdicts(&policies, schema, &question.options);
    answers
}

fn verdicts(policies: &PolicySet, schema: Schema, options: &[Options]) -> Vec<Verdict> {
    let validator = Validator::new(schema);
    let verdict = |options: &Options| {
        let mode = match options.mode {
            Mode::Strict => ValidationMode::Strict,
            Mode::Permissive => ValidationMode::Permissive,
        };
        verdict(&match options.level {
            None => validator.validate(policies, mode),
            Some(level) => validator.validate_with_level(policies, mode, level),
        })
    };
    options.iter().map(verdict).collect()
}

fn verdict(result: &ValidationResult) -> Verdict {
    Verdict {
        passed: result.validation_passed(),
        errors: result.validation_errors().filter_map(error).collect(),
        warnings: result.validation_warnings().filter_map(warning).collect(),
    }
}

fn error(error: &ValidationError) -> Option<Finding> {
    let kind = match error {
        ValidationError::UnrecognizedEntityType(_) => Kind::UnknownEntityType,
        ValidationError::UnrecognizedActionId(_) => Kind::UnknownAction,
        ValidationError::UnexpectedType(_) => Kind::UnexpectedType,
        ValidationError::IncompatibleTypes(_) => Kind::IncompatibleTypes,
        ValidationError::UnsafeAttributeAccess(_) => Kind::UnknownAttribute,
        ValidationError::UnsafeOptionalAttributeAccess(_) => Kind::OptionalAttribute,
        ValidationError::UnsafeTagAccess(_) => Kind::UncheckedTag,
        ValidationError::NoTagsAllowed(_) => Kind::NoTags,
        ValidationError::WrongNumberArguments(_) => Kind::WrongNumberOfArguments,
        ValidationError::FunctionArgumentValidation(_) => Kind::InvalidExtensionArgument,
        ValidationError::EmptySetForbidden(_) => Kind::EmptySet,
        ValidationError::NonLitExtConstructor(_) => Kind::NonLiteralArgument,
        ValidationError::InvalidEnumEntity(_) => Kind::InvalidEnumEntity,
        ValidationError::EntityDerefLevelViolation(_) => Kind::Level,
        ValidationError::IncompleteSchema(_) => Kind::IncompleteSchema,
        ValidationError::InternalInvariantViolation(_) => return None,
        // The reference never makes the others.
        other => panic!("an error of another kind: {other}"),
    };
    Some((super::raw_id(error.policy_id()), kind))
}

fn warning(warning: &ValidationWarning) -> Option<Finding> {
    let kind = match warning {
        ValidationWarning::MixedScriptString(_) => Kind::MixedScriptString,
        ValidationWarning::BidiCharsInString(_) => Kind::BidiCharactersInString,
        ValidationWarning::BidiCharsInIdentifier(_) => Kind::BidiCharactersInIdentifier,
        ValidationWarning::MixedScriptIdentifier(_) => Kind::MixedScriptIdentifier,
        ValidationWarning::ConfusableIdentifier(_) => Kind::ConfusableIdentifier,
        ValidationWarning::ImpossiblePolicy(_) => Kind::ImpossiblePolicy,
        ValidationWarning::InvalidActionApplication(_) => Kind::InapplicableAction,
        other => panic!("a warning of another kind: {other}"),
    };
    Some((super::raw_id(warning.policy_id()), kind))
}
