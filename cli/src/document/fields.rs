//! Values of a document as what they should be; what they are not is noted, and reading goes on.
//!
//! Keys that nobody asks for are mistakes: a misspelt key is not read, and nothing would say so.

use std::collections::HashSet;

use deodar_grammar::{Diagnostic, Span, closest};
use deodar_lexicon::json::{Kind, Value};

use super::Document;
use crate::report;

/// A value of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form<'d> {
    pub(crate) document: &'d Document,
    pub(crate) value: Value<'d>,
}

impl<'d> Form<'d> {
    pub(crate) fn new(document: &'d Document, value: Value<'d>) -> Self {
        Self { document, value }
    }

    fn with(self, value: Value<'d>) -> Self {
        Self { value, ..self }
    }

    pub(crate) fn span(self) -> Span {
        self.document.span(self.value)
    }

    /// Says that the value should be something else.
    pub(crate) fn unexpected(self, expected: &str, problems: &mut Vec<Diagnostic>) {
        problems.push(report::unexpected_value(self.span(), expected, self.value.kind().describe()));
    }

    pub(crate) fn text(self, expected: &str, problems: &mut Vec<Diagnostic>) -> Option<&'d str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.unexpected(expected, problems);
        }
        text
    }

    pub(crate) fn bool(self, problems: &mut Vec<Diagnostic>) -> Option<bool> {
        if let Kind::Bool(value) = self.value.kind() {
            return Some(value);
        }
        self.unexpected("`true` or `false`", problems);
        None
    }

    pub(crate) fn count<N: std::str::FromStr>(self, problems: &mut Vec<Diagnostic>) -> Option<N> {
        let count = if let Kind::Number(digits) = self.value.kind() { digits.parse().ok() } else { None };
        if count.is_none() {
            self.unexpected("a count: 0, 1, 2 and so on", problems);
        }
        count
    }

    pub(crate) fn list(self, expected: &str, problems: &mut Vec<Diagnostic>) -> Option<Vec<Self>> {
        let list = self.value.as_array().map(|array| array.iter().map(|value| self.with(value)).collect());
        if list.is_none() {
            self.unexpected(expected, problems);
        }
        list
    }

    /// A text, or a list of texts.
    pub(crate) fn texts(self, expected: &str, problems: &mut Vec<Diagnostic>) -> Vec<(&'d str, Span)> {
        if let Some(text) = self.value.as_str() {
            return vec![(text, self.span())];
        }
        let forms = self.list(expected, problems).unwrap_or_default();
        forms.into_iter().filter_map(|form| Some((form.text(expected, problems)?, form.span()))).collect()
    }

    /// The members of an object, whatever their keys are.
    pub(crate) fn members(self, expected: &str, problems: &mut Vec<Diagnostic>) -> Vec<(&'d str, Span, Self)> {
        let Some(object) = self.value.as_object() else {
            self.unexpected(expected, problems);
            return Vec::new();
        };
        if let Some(key) = object.repeated_key() {
            problems.push(report::repeated_key(self.document.span(key), key.as_str().unwrap_or_default()));
        }
        let member = |(key, value): (Value<'d>, Value<'d>)| {
            (key.as_str().unwrap_or_default(), self.document.span(key), self.with(value))
        };
        object.iter().map(member).collect()
    }

    /// An object with these keys.
    pub(crate) fn fields(self, what: &str, keys: &[&str], problems: &mut Vec<Diagnostic>) -> Fields<'d> {
        let members = self.members(what, problems);
        let mut reported = HashSet::new();
        for (key, span, _) in &members {
            if !keys.contains(key) && reported.insert(*key) {
                problems.push(report::unknown_key(*span, key, closest(key, keys.iter().copied()), keys));
            }
        }
        Fields { form: self, members }
    }
}

/// The members of an object.
#[derive(Debug)]
pub(crate) struct Fields<'d> {
    pub(crate) form: Form<'d>,
    members: Vec<(&'d str, Span, Form<'d>)>,
}

impl<'d> Fields<'d> {
    pub(crate) fn get(&self, key: &str) -> Option<Form<'d>> {
        self.members.iter().find(|(name, ..)| *name == key).map(|(_, _, form)| *form)
    }
}
