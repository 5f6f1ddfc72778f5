//! What every part of the JSON reader shares: the arena, the diagnostics, and spans into the document.

use deodar_lexicon::{
    json::{Object, Value},
    name,
};
use smol_str::SmolStr;

use crate::{
    ast::{EntityRef, Exprs, Slot, Spanned, TypeName},
    diagnostic::Diagnostic,
    report::{
        Collector,
        json::{self as report, Place},
    },
    source::{SourceId, Span, offset},
};

/// Reads the values of one document.
#[derive(Debug)]
pub(super) struct Reader {
    source: SourceId,
    pub(super) exprs: Exprs,
    collector: Collector,
    /// Whether nesting beyond the limit was reported; what encloses it is too deep as well.
    pub(super) too_deep: bool,
}

impl Reader {
    pub(super) fn new(source: SourceId) -> Self {
        Self { source, exprs: Exprs::default(), collector: Collector::default(), too_deep: false }
    }

    pub(super) fn span(&self, value: Value<'_>) -> Span {
        let range = value.span();
        Span { source: self.source, start: offset(range.start), end: offset(range.end) }
    }

    pub(super) fn place(&self, value: Value<'_>) -> Place {
        Place { span: self.span(value), path: value.path() }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.collector.push(diagnostic);
    }

    pub(super) fn finish(self) -> (Exprs, Vec<Diagnostic>) {
        (self.exprs, self.collector.finish())
    }

    /// The string; anything else is reported.
    pub(super) fn text<'d>(&mut self, value: Value<'d>, expected: &str) -> Option<&'d str> {
        let text = value.as_str();
        if text.is_none() {
            self.report(report::wrong_kind(&self.place(value), value.kind().describe(), expected));
        }
        text
    }

    /// The string with its place; anything else is reported.
    pub(super) fn spanned(&mut self, value: Value<'_>, expected: &str) -> Option<Spanned<SmolStr>> {
        let text = self.text(value, expected)?;
        Some(Spanned::new(SmolStr::new(text), self.span(value)))
    }

    /// The object; anything else is reported, and so is a repeated key.
    pub(super) fn object<'d>(&mut self, value: Value<'d>, expected: &str) -> Option<Object<'d>> {
        let Some(object) = value.as_object() else {
            self.report(report::wrong_kind(&self.place(value), value.kind().describe(), expected));
            return None;
        };
        if let Some(key) = object.repeated_key() {
            self.report(report::repeated_key(&self.place(key), key.as_str().unwrap_or_default()));
            return None;
        }
        Some(object)
    }

    /// The elements of the array; anything else is reported.
    pub(super) fn elements<'d>(&mut self, value: Value<'d>, expected: &str) -> Option<Vec<Value<'d>>> {
        let elements = value.as_array().map(|array| array.iter().collect());
        if elements.is_none() {
            self.report(report::wrong_kind(&self.place(value), value.kind().describe(), expected));
        }
        elements
    }

    /// One of a closed set of names: a string, or an object with that key and `null`.
    pub(super) fn choice<T: Copy>(
        &mut self,
        value: Value<'_>,
        expected: &str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let Some(word) = unit_name(value) else {
            self.report(report::wrong_kind(&self.place(value), value.kind().describe(), expected));
            return None;
        };
        let found = choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice);
        if found.is_none() {
            let names = choices.iter().map(|(name, _)| *name);
            self.report(report::unknown_word(&self.place(value), word, expected, names));
        }
        found
    }

    /// A slot's name.
    pub(super) fn slot(&mut self, value: Value<'_>) -> Option<Slot> {
        self.choice(value, "the name of a slot", &Slot::ALL.map(|slot| (slot.name(), slot)))
    }

    /// The name of an entity type.
    pub(super) fn type_name(&mut self, value: Value<'_>) -> Option<TypeName> {
        let text = self.text(value, "the name of an entity type")?;
        if !name::is_qualified_name(text) {
            self.report(report::bad_type_name(&self.place(value), text));
            return None;
        }
        Some(TypeName { name: SmolStr::new(text), span: self.span(value) })
    }

    /// `{"type", "id"}`, or the same below `__entity`.
    pub(super) fn entity(&mut self, value: Value<'_>) -> Option<EntityRef> {
        if self.is_expression_escape(value) {
            return None;
        }
        let Some((ty, id)) = explicit_entity(value).or_else(|| type_and_id(value)) else {
            self.report(report::not_an_entity(&self.place(value), value.kind().describe()));
            return None;
        };
        self.entity_of(value, ty, id)
    }

    /// The entity of a type and an id that are strings.
    pub(super) fn entity_of(&mut self, whole: Value<'_>, ty: Value<'_>, id: Value<'_>) -> Option<EntityRef> {
        let ty = self.type_name(ty)?;
        let id = self.spanned(id, "the id of an entity")?;
        Some(EntityRef { ty, id, span: self.span(whole) })
    }

    /// Reports `{"__expr": "…"}`, which Cedar no longer reads.
    pub(super) fn is_expression_escape(&mut self, value: Value<'_>) -> bool {
        let escape = match value.as_object() {
            Some(object) => object.get("__expr"),
            None => None,
        };
        let is_escape = escape.is_some_and(|text| text.as_str().is_some());
        if is_escape {
            self.report(report::expression_escape(&self.place(value)));
        }
        is_escape
    }
}

/// A name without content, as enumerations are written.
fn unit_name(value: Value<'_>) -> Option<&str> {
    if let Some(object) = value.as_object() {
        let mut members = object.members();
        return match (members.next(), members.next()) {
            (Some((name, content)), None) if content.source() == "null" => Some(name),
            _ => None,
        };
    }
    value.as_str()
}

/// The type and id below `__entity`.
fn explicit_entity(value: Value<'_>) -> Option<(Value<'_>, Value<'_>)> {
    type_and_id(value.as_object()?.get("__entity")?)
}

/// The values of `type` and `id`, both strings, which stand once.
fn type_and_id(value: Value<'_>) -> Option<(Value<'_>, Value<'_>)> {
    let (ty, id) = if let Some(array) = value.as_array() {
        let mut elements = array.iter();
        let pair = (elements.next()?, elements.next()?);
        if elements.next().is_some() {
            return None;
        }
        pair
    } else {
        let object = value.as_object()?;
        let stands_once = |key| object.members().filter(|(name, _)| *name == key).count() == 1;
        if !stands_once("type") || !stands_once("id") {
            return None;
        }
        (object.get("type")?, object.get("id")?)
    };
    (ty.as_str().is_some() && id.as_str().is_some()).then_some((ty, id))
}
