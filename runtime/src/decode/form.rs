//! The form of objects and numbers: repeated keys, ignored parts, and which numbers are longs.

use deodar_lexicon::json::{Kind, Object, Value};

use super::{Decoder, Duplicates};
use crate::{InputCode, InputError};

/// Keys and values of an object, by key.
pub(crate) type Members<'d> = Vec<(Value<'d>, Value<'d>)>;

impl Decoder<'_> {
    /// The members of an object, by key.
    pub(crate) fn members<'d>(&self, object: &Object<'d>) -> Result<Members<'d>, InputError> {
        let mut members: Vec<_> = object.iter().collect();
        // The sort is stable, so of members with the same key the last in the text comes last.
        members.sort_by_key(|(key, _)| key.as_str().unwrap_or_default());
        let repeats = |pair: &[(Value<'d>, Value<'d>)]| matches!(pair, [(a, _), (b, _)] if a.as_str() == b.as_str());
        if members.windows(2).any(repeats) {
            if self.duplicates == Duplicates::Refused {
                return Err(object.repeated_key().map_or_else(
                    || InputError::new(InputCode::RepeatedKey, "a key stands twice in this object"),
                    |key| self.repeated_key(key),
                ));
            }
            members.reverse();
            members.dedup_by_key(|(key, _)| key.as_str().unwrap_or_default());
            members.reverse();
        }
        Ok(members)
    }

    /// Checks the members whose meaning is ignored.
    pub(super) fn check_others<'d>(&self, members: &[(Value<'d>, Value<'d>)], used: &[&str]) -> Result<(), InputError> {
        let mut others = members.iter().filter(|(key, _)| !used.contains(&key.as_str().unwrap_or_default()));
        others.try_for_each(|(_, value)| self.check_value(*value))
    }

    /// Whether a part has the form of a value: no number in it that is not a long, no repeated key.
    pub(super) fn check_value(&self, root: Value<'_>) -> Result<(), InputError> {
        let mut work = vec![root];
        while let Some(value) = work.pop() {
            match value.kind() {
                Kind::Number(text) if integer(text).is_none() => return Err(self.not_an_integer(value)),
                Kind::Array(array) => work.extend(array.iter()),
                Kind::Object(object) => work.extend(self.members(&object)?.into_iter().map(|(_, value)| value)),
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
            }
        }
        Ok(())
    }

    /// Refuses keys that stand twice in one object anywhere in a part, where they are refused.
    pub(crate) fn check_repeated_keys(&self, root: Value<'_>) -> Result<(), InputError> {
        if self.duplicates == Duplicates::LastCounts {
            return Ok(());
        }
        let mut work = vec![root];
        while let Some(value) = work.pop() {
            match value.kind() {
                Kind::Array(array) => work.extend(array.iter()),
                Kind::Object(object) => {
                    if let Some(key) = object.repeated_key() {
                        return Err(self.repeated_key(key));
                    }
                    work.extend(object.members().map(|(_, value)| value));
                }
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
            }
        }
        Ok(())
    }
}

/// The long that the text of a JSON number stands for.
pub(super) fn integer(text: &str) -> Option<i64> {
    // The reference reads `-0` as a fraction, and so refuses it.
    text.parse().ok().filter(|_| text != "-0")
}

/// The value of a member.
pub(super) fn find<'d>(members: &[(Value<'d>, Value<'d>)], key: &str) -> Option<Value<'d>> {
    let at = members.binary_search_by_key(&key, |(key, _)| key.as_str().unwrap_or_default()).ok()?;
    members.get(at).map(|(_, value)| *value)
}

/// The text of a member that is a string.
pub(super) fn string<'d>(members: &[(Value<'d>, Value<'d>)], key: &str) -> Option<&'d str> {
    find(members, key)?.as_str()
}
