//! Objects with a fixed set of keys.

use deodar_lexicon::json::Value;

use super::reader::Reader;
use crate::report::json as report;

/// What to do with keys that are not in the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    /// They are errors.
    Refused,
    /// The reference ignores them here.
    Ignored,
}

/// The keys of an object: what it stands for, and which members it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape<const N: usize> {
    /// What such an object is, for messages.
    pub(super) what: &'static str,
    /// The keys, in the order in which an array gives their values.
    pub(super) keys: [&'static str; N],
    /// How many of the first keys an array must give; none if it cannot be an array.
    pub(super) array: Option<usize>,
    /// Whether there may be others.
    pub(super) extra: Extra,
    /// A key that was read already; an array gives its value first.
    pub(super) tag: Option<&'static str>,
}

impl<const N: usize> Shape<N> {
    /// An object with these keys and no others.
    pub(super) const fn new(what: &'static str, keys: [&'static str; N]) -> Self {
        Self { what, keys, array: None, extra: Extra::Refused, tag: None }
    }

    /// The same, or an array of at least that many of the values.
    pub(super) const fn or_array(self, least: usize) -> Self {
        Self { array: Some(least), ..self }
    }
}

impl Reader {
    /// The values of the keys; what cannot be one of these objects is reported.
    pub(super) fn fields<'d, const N: usize>(
        &mut self,
        value: Value<'d>,
        shape: &Shape<N>,
    ) -> Option<[Option<Value<'d>>; N]> {
        if let Some(values) = positional(value, shape) {
            return Some(values);
        }
        let Some(object) = value.as_object() else {
            self.report(report::wrong_kind(&self.place(value), value.kind().describe(), shape.what));
            return None;
        };
        let mut values = [None; N];
        let mut sound = true;
        for (key, member) in object.iter() {
            let name = key.as_str().unwrap_or_default();
            let place = shape.keys.iter().position(|known| *known == name).and_then(|index| values.get_mut(index));
            match place {
                Some(place) if place.is_none() => *place = Some(member),
                Some(_) => {
                    self.report(report::repeated_key(&self.place(key), name));
                    sound = false;
                }
                None if shape.extra == Extra::Refused && shape.tag != Some(name) => {
                    self.report(report::unknown_key(&self.place(key), name, shape.what, &shape.keys));
                    sound = false;
                }
                None => {}
            }
        }
        sound.then_some(values)
    }

    /// The values of the keys, all of which must be there.
    pub(super) fn all_fields<'d, const N: usize>(
        &mut self,
        value: Value<'d>,
        shape: &Shape<N>,
    ) -> Option<[Value<'d>; N]> {
        let fields = self.fields(value, shape)?;
        let mut values = [value; N];
        let mut complete = true;
        for ((slot, field), key) in values.iter_mut().zip(fields).zip(shape.keys) {
            complete &= self.required(value, field, key, shape.what).map(|field| *slot = field).is_some();
        }
        complete.then_some(values)
    }

    /// The value of a key that must be there.
    pub(super) fn required<'d>(
        &mut self,
        whole: Value<'d>,
        field: Option<Value<'d>>,
        key: &str,
        what: &str,
    ) -> Option<Value<'d>> {
        if field.is_none() {
            self.report(report::missing_key(&self.place(whole), key, what));
        }
        field
    }
}

/// The values of the keys from an array.
fn positional<'d, const N: usize>(value: Value<'d>, shape: &Shape<N>) -> Option<[Option<Value<'d>>; N]> {
    let least = shape.array?;
    let mut elements = value.as_array()?.iter().skip(usize::from(shape.tag.is_some()));
    let mut values = [None; N];
    let mut count = 0;
    for (place, element) in values.iter_mut().zip(&mut elements) {
        *place = Some(element);
        count += 1;
    }
    (count >= least && elements.next().is_none()).then_some(values)
}
