//! Text that may be taken for other text: mixed scripts, characters that turn the direction of writing.
//!
//! The checks are those of Unicode Technical Standard 39, on strings and identifiers apart, as in the reference
//! implementation: a person who reviews a policy should see what the engine sees.

use deodar_grammar::{
    Diagnostic, Span,
    ast::{ActionConstraintKind, EntityConstraint, EntityOrSlot, EntityRef, ExprId, ExprKind, Exprs, Policy},
};
use deodar_lexicon::pattern::PatternElement;
use unicode_security::{GeneralSecurityProfile, MixedScript};

use crate::report::check as report;

/// Characters that change the direction of the text after them.
const DIRECTION_MARKS: [char; 9] =
    ['\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];

/// Warns of every confusable text in the policy; `all` are the expressions of its conditions.
pub(crate) fn check(exprs: &Exprs, policy: &Policy, all: &[ExprId]) -> Vec<Diagnostic> {
    let mut warnings = Warnings(Vec::new());
    warnings.constraint(&policy.scope.principal);
    match &policy.scope.action.kind {
        ActionConstraintKind::All => {}
        ActionConstraintKind::Equal(action) | ActionConstraintKind::In(action) => warnings.entity(action),
        ActionConstraintKind::InSet(actions) => {
            for action in actions {
                warnings.entity(action);
            }
        }
    }
    warnings.constraint(&policy.scope.resource);
    for expr in all {
        warnings.expression(exprs, *expr);
    }
    warnings.0
}

struct Warnings(Vec<Diagnostic>);

impl Warnings {
    fn constraint(&mut self, constraint: &EntityConstraint) {
        if let Some(EntityOrSlot::Entity(entity)) = constraint.entity() {
            self.entity(entity);
        }
    }

    fn entity(&mut self, entity: &EntityRef) {
        // The names of types are ASCII.
        self.identifier(&entity.id.value, entity.id.span);
    }

    fn expression(&mut self, exprs: &Exprs, expr: ExprId) {
        match exprs.kind(expr) {
            ExprKind::String(text) => self.string(text, exprs.span(expr)),
            ExprKind::Entity(entity) => self.entity(entity),
            ExprKind::Attribute { name, .. } => self.identifier(&name.value, name.span),
            ExprKind::Has { path, .. } => {
                for name in path {
                    self.identifier(&name.value, name.span);
                }
            }
            ExprKind::Record(entries) => {
                for entry in entries {
                    self.identifier(&entry.key.value, entry.key.span);
                }
            }
            ExprKind::Like { pattern, .. } => {
                // As the pattern is shown: what cannot be printed is escaped, and then confuses nobody.
                let shown: String = pattern.elements().iter().copied().flat_map(shown).collect();
                self.string(&shown, exprs.span(expr));
            }
            ExprKind::Error
            | ExprKind::Bool(_)
            | ExprKind::Long(_)
            | ExprKind::Variable(_)
            | ExprKind::Slot(_)
            | ExprKind::Name(_)
            | ExprKind::If { .. }
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Sum { .. }
            | ExprKind::Product(_)
            | ExprKind::Unary(..)
            | ExprKind::Binary { .. }
            | ExprKind::Is { .. }
            | ExprKind::Call { .. }
            | ExprKind::UnknownCall { .. }
            | ExprKind::Set(_) => {}
        }
    }

    fn string(&mut self, text: &str, span: Span) {
        if text.is_ascii() {
            return;
        }
        if text.chars().any(|c| DIRECTION_MARKS.contains(&c)) {
            self.0.push(report::bidi_characters_in_string(span));
        } else if !text.is_single_script() {
            self.0.push(report::mixed_script_string(text, span));
        }
    }

    fn identifier(&mut self, text: &str, span: Span) {
        let is_plain = |c: char| c == ' ' || c.is_ascii_graphic();
        if text.chars().all(is_plain) {
            return;
        }
        if text.chars().any(|c| DIRECTION_MARKS.contains(&c)) {
            self.0.push(report::bidi_characters_in_identifier(span));
        } else if let Some(c) = text.chars().find(|c| !is_plain(*c) && !c.identifier_allowed()) {
            self.0.push(report::confusable_identifier(text, c, span));
        } else if !text.is_single_script() {
            self.0.push(report::mixed_script_identifier(text, span));
        }
    }
}

fn shown(element: PatternElement) -> Vec<char> {
    match element {
        PatternElement::Wildcard => vec!['*'],
        PatternElement::Char('*') => vec!['\\', '*'],
        PatternElement::Char(c) => c.escape_debug().collect(),
    }
}
