//! Taking JSON values apart, and saying what is wrong with them.

use deodar_lexicon::{
    json::{Kind, Object, Value},
    name::has_identifier_form,
};
use smol_str::SmolStr;

use crate::{
    ast::{Annotation, Spanned, TypeName, schema::TypeExprs},
    diagnostic::Diagnostic,
    report::{self, Collector, json::Place},
    schema::is_keyword,
    source::{SourceId, Span, offset},
};

/// Collects what is read.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) source: SourceId,
    pub(super) types: TypeExprs,
    pub(super) collector: Collector,
}

/// The fields of a kind of object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<const N: usize> {
    /// What the object is, with its article.
    pub(super) what: &'static str,
    /// The names of its fields.
    pub(super) fields: [&'static str; N],
    /// How many of the fields it may have.
    pub(super) known: usize,
    /// Whether an array of the values, in order, does as well.
    pub(super) layout: Layout,
}

/// How an object may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    ObjectOnly,
    ObjectOrArray,
}

impl<const N: usize> Form<N> {
    /// Any of the fields, also as an array.
    pub(super) const fn new(what: &'static str, fields: [&'static str; N]) -> Self {
        Self { what, fields, known: N, layout: Layout::ObjectOrArray }
    }
}

impl Reader {
    pub(super) fn span(&self, value: Value<'_>) -> Span {
        let range = value.span();
        Span { source: self.source, start: offset(range.start), end: offset(range.end) }
    }

    /// Adds a diagnostic about a value.
    pub(super) fn report(&mut self, value: Value<'_>, diagnostic: impl FnOnce(&Place) -> Diagnostic) {
        // A path costs time in the width of the document, and nobody reads more diagnostics than the limit.
        let path = if self.collector.has_room() { value.path() } else { String::new() };
        self.collector.push(diagnostic(&Place { span: self.span(value), path }));
    }

    fn wrong_kind(&mut self, value: Value<'_>, expected: &str) {
        self.report(value, |place| report::json::wrong_kind(place, value.kind().describe(), expected));
    }

    /// The values of the fields of an object.
    pub(super) fn fields<'d, const N: usize>(
        &mut self,
        value: Value<'d>,
        form: &Form<N>,
    ) -> Option<[Option<Value<'d>>; N]> {
        let mut slots = [None; N];
        if form.layout == Layout::ObjectOrArray
            && let Some(array) = value.as_array()
        {
            slots.iter_mut().zip(array.iter()).for_each(|(slot, element)| *slot = Some(element));
            if let Some(extra) = array.iter().nth(N) {
                let most = format!("at most {N} elements for {}", form.what);
                self.report(extra, |place| report::json::wrong_kind(place, "one more element", &most));
            }
            return Some(slots);
        }
        let object = self.object(value, form.what)?;
        let known = form.fields.get(..form.known).unwrap_or(&form.fields);
        for (key, member) in object.iter() {
            let name = key.as_str().unwrap_or_default();
            let slot = known.iter().position(|field| *field == name).and_then(|index| slots.get_mut(index));
            match slot {
                Some(slot) => *slot = slot.or(Some(member)),
                None => self.report(key, |place| report::json::unknown_key(place, name, form.what, known)),
            }
        }
        Some(slots)
    }

    /// An object, whose keys stand once each.
    pub(super) fn object<'d>(&mut self, value: Value<'d>, what: &str) -> Option<Object<'d>> {
        let Some(object) = value.as_object() else {
            self.wrong_kind(value, what);
            return None;
        };
        if let Some(key) = object.repeated_key() {
            self.report(key, |place| report::json::repeated_key(place, key.as_str().unwrap_or_default()));
        }
        Some(object)
    }

    /// The members of an object with keys of any kind, if it is there.
    pub(super) fn members<'d>(&mut self, value: Option<Value<'d>>, what: &str) -> Vec<(Value<'d>, Value<'d>)> {
        value.and_then(|value| self.object(value, what)).map(|object| object.iter().collect()).unwrap_or_default()
    }

    /// A field that must be there.
    pub(super) fn required<'d>(
        &mut self,
        owner: (Value<'_>, &str),
        value: Option<Value<'d>>,
        name: &str,
    ) -> Option<Value<'d>> {
        let (object, what) = owner;
        if value.is_none() {
            self.report(object, |place| report::json::missing_key(place, name, what));
        }
        value
    }

    /// The elements of an array, if it is there.
    pub(super) fn elements<'d>(&mut self, value: Option<Value<'d>>, what: &str) -> Vec<Value<'d>> {
        let Some(value) = value else { return Vec::new() };
        let Some(array) = value.as_array() else {
            self.wrong_kind(value, &format!("an array of {what}"));
            return Vec::new();
        };
        array.iter().collect()
    }

    /// A string.
    pub(super) fn string<'d>(&mut self, value: Value<'d>, what: &str) -> Option<&'d str> {
        let text = value.as_str();
        if text.is_none() {
            self.wrong_kind(value, what);
        }
        text
    }

    /// A string with its place; something else is the empty string.
    pub(super) fn text(&mut self, value: Value<'_>, what: &str) -> Spanned<SmolStr> {
        Spanned::new(SmolStr::new(self.string(value, what).unwrap_or_default()), self.span(value))
    }

    /// A boolean, if it is there.
    pub(super) fn flag(&mut self, value: Option<Value<'_>>, default: bool) -> bool {
        let Some(value) = value else { return default };
        if let Kind::Bool(flag) = value.kind() {
            return flag;
        }
        self.wrong_kind(value, "`true` or `false`");
        default
    }

    /// A name that is one identifier.
    pub(super) fn identifier(&mut self, value: Value<'_>, what: &'static str) -> Spanned<SmolStr> {
        let name = self.text(value, what);
        if value.as_str().is_some_and(|text| !has_identifier_form(text) || is_keyword(text)) {
            self.report(value, |place| report::schema::json_name(place, &name.value, what));
        }
        name
    }

    /// The name of a type, which may be qualified and may start with `__cedar`.
    pub(super) fn type_name(&mut self, value: Value<'_>, what: &'static str) -> TypeName {
        let Spanned { value: name, span } = self.text(value, what);
        let is_fine = |text: &str| text.split("::").all(|part| has_identifier_form(part) && !is_keyword(part));
        if value.as_str().is_some_and(|text| !is_fine(text)) {
            self.report(value, |place| report::schema::json_name(place, &name, what));
        }
        TypeName { name, span }
    }

    /// An array of names of types, if it is there.
    pub(super) fn type_names(&mut self, value: Option<Value<'_>>) -> Vec<TypeName> {
        let elements = self.elements(value, "names of entity types");
        elements.into_iter().map(|element| self.type_name(element, "the name of an entity type")).collect()
    }

    /// Annotations, if they are there.
    pub(super) fn annotations(&mut self, value: Option<Value<'_>>) -> Vec<Annotation> {
        let members = self.members(value, "annotations by their keys");
        members.into_iter().map(|(key, value)| self.annotation(key, value)).collect()
    }

    fn annotation(&mut self, key: Value<'_>, value: Value<'_>) -> Annotation {
        let name = self.text(key, "the key of an annotation");
        if !has_identifier_form(&name.value) {
            self.report(key, |place| report::schema::json_name(place, &name.value, "the key of an annotation"));
        }
        let span = name.span.to(self.span(value));
        let value = is_given(Some(value)).map(|value| self.text(value, "the value of an annotation"));
        Annotation { key: name, value, span }
    }
}

/// The value, unless it is `null`.
pub(super) fn is_given(value: Option<Value<'_>>) -> Option<Value<'_>> {
    value.filter(|value| !matches!(value.kind(), Kind::Null))
}
