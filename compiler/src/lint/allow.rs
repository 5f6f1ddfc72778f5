//! `@allow("code")`: lints that an author has heard of and does not want to hear again.
//!
//! On a policy the annotation covers the policy; on a declaration of a schema all that is declared in it, on a namespace
//! all of its declarations. Several codes are separated by commas or spaces.
//!
//! Cedar leaves the keys of annotations to their authors, so an `@allow` may have nothing to do with lints. It is taken
//! for ours if it names a lint; only then a word in it that is none is worth a warning.

use deodar_grammar::{
    Code,
    ast::{
        Annotation,
        schema::{Declaration, Namespace, Schema, TypeExprKind},
    },
};

use super::{Findings, Subject, find};
use crate::report::lint as report;

/// The key of the annotation.
const KEY: &str = "allow";

/// The words of the annotations around something.
#[derive(Debug, Clone, Default)]
pub(super) struct Allowed<'a> {
    words: Vec<&'a str>,
}

impl<'a> Allowed<'a> {
    /// What these annotations allow.
    pub(super) fn by(annotations: &'a [Annotation]) -> Self {
        Self::default().and(annotations)
    }

    /// What these annotations allow in addition.
    pub(super) fn and(&self, annotations: &'a [Annotation]) -> Self {
        let mut words = self.words.clone();
        words.extend(ours(annotations).flat_map(self::words));
        Self { words }
    }

    pub(super) fn allows(&self, code: Code) -> bool {
        self.words.contains(&code.name)
    }
}

fn ours(annotations: &[Annotation]) -> impl Iterator<Item = &Annotation> {
    annotations.iter().filter(|annotation| annotation.key.value == KEY)
}

fn words(annotation: &Annotation) -> impl Iterator<Item = &str> {
    annotation.text().split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty())
}

/// Reports words that are no lints on the policy.
pub(super) fn check_policy(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    check(&subject.policy.annotations, &subject.allowed, findings);
}

/// Reports words that are no lints on the declarations of a schema.
pub(super) fn check_schema(fragments: &[Schema], findings: &mut Findings<'_>) {
    for schema in fragments {
        for namespace in &schema.namespaces {
            let allowed = Allowed::by(&namespace.annotations);
            check(&namespace.annotations, &allowed, findings);
            for declaration in &namespace.declarations {
                check(annotations_of(declaration), &allowed.and(annotations_of(declaration)), findings);
            }
        }
        for (_, node) in schema.types.iter() {
            if let TypeExprKind::Record { attributes, .. } = &node.kind {
                for attribute in attributes {
                    check(&attribute.annotations, &Allowed::by(&attribute.annotations), findings);
                }
            }
        }
    }
}

fn check(annotations: &[Annotation], allowed: &Allowed<'_>, findings: &mut Findings<'_>) {
    for annotation in ours(annotations) {
        if !words(annotation).any(|word| find(word).is_some()) {
            continue;
        }
        for word in words(annotation).filter(|word| find(word).is_none()) {
            findings.push(allowed, report::unknown_lint(word, annotation));
        }
    }
}

/// The annotations of a declaration.
pub(super) fn annotations_of(declaration: &Declaration) -> &[Annotation] {
    match declaration {
        Declaration::Entity(entity) => &entity.annotations,
        Declaration::Action(action) => &action.annotations,
        Declaration::CommonType(common) => &common.annotations,
    }
}

/// What is allowed in a declaration of the namespace.
pub(super) fn allowed_in<'a>(namespace: &'a Namespace, declaration: &'a Declaration) -> Allowed<'a> {
    Allowed::by(&namespace.annotations).and(annotations_of(declaration))
}
