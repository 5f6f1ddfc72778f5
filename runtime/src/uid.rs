//! Names of entities: a type and an id.

use core::{fmt, str::FromStr};

use deodar_lexicon::{escape, name};
use smol_str::SmolStr;

/// The name of an entity type: identifiers joined by `::`, without white space (Cedar RFC 9).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityTypeName(SmolStr);

impl EntityTypeName {
    /// The name, if the text is one.
    ///
    /// # Errors
    /// [`InvalidName`] if the text is not a normalised qualified name, or has a reserved word in it.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        if name::is_qualified_name(text) { Ok(Self(SmolStr::new(text))) } else { Err(InvalidName(SmolStr::new(text))) }
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the type of an action: its last component is `Action`.
    pub fn is_action(&self) -> bool {
        name::is_action_type(&self.0)
    }

    /// A name that was checked when it came in.
    pub(crate) fn from_checked(text: SmolStr) -> Self {
        Self(text)
    }
}

impl fmt::Display for EntityTypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EntityTypeName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

/// The text is not the name of an entity type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidName(SmolStr);

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an entity type name; expected identifiers joined by `::`, as in `App::User`", self.0)
    }
}

impl core::error::Error for InvalidName {}

/// The name of an entity, as in `App::User::"alice"`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityUid {
    ty: EntityTypeName,
    id: SmolStr,
}

impl EntityUid {
    /// The entity of that type and id; every text is an id.
    pub fn new(ty: EntityTypeName, id: impl Into<SmolStr>) -> Self {
        Self { ty, id: id.into() }
    }

    /// The type.
    pub fn entity_type(&self) -> &EntityTypeName {
        &self.ty
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The texts of the type and the id, as they are kept.
    #[inline]
    pub(crate) fn texts(&self) -> (&SmolStr, &SmolStr) {
        (&self.ty.0, &self.id)
    }
}

impl fmt::Display for EntityUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::\"{}\"", self.ty, escape::escape(&self.id))
    }
}

/// Reads the form that [`Display`](fmt::Display) writes: `Type::"id"`, without white space (Cedar RFC 9).
impl FromStr for EntityUid {
    type Err = InvalidUid;

    fn from_str(text: &str) -> Result<Self, InvalidUid> {
        let invalid = || InvalidUid(SmolStr::new(text));
        let (ty, quoted) = text.split_once("::\"").ok_or_else(invalid)?;
        let body = quoted.strip_suffix('"').ok_or_else(invalid)?;
        let ty = EntityTypeName::new(ty).map_err(|_| invalid())?;
        if !ends_unescaped(body) {
            return Err(invalid());
        }
        let id = escape::unescape(body).map_err(|_| invalid())?;
        Ok(Self { ty, id })
    }
}

/// Whether no quote inside the body of a literal would have ended it.
fn ends_unescaped(body: &str) -> bool {
    let mut escaped = false;
    for c in body.chars() {
        if c == '"' && !escaped {
            return false;
        }
        escaped = c == '\\' && !escaped;
    }
    !escaped
}

/// The text is not the name of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidUid(SmolStr);

impl fmt::Display for InvalidUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an entity; expected a type and a quoted id, as in `App::User::\"alice\"`", self.0)
    }
}

impl core::error::Error for InvalidUid {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_and_printing_an_entity_are_inverse() {
        for text in [r#"A::"b""#, r#"A::B::"""#, r#"A::"q\"\\""#, r#"A::"x::\"y""#] {
            let uid: EntityUid = text.parse().expect("an entity");
            assert_eq!(uid.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_entity_is_rejected() {
        for text in ["", "A", "A::b", r#"A :: "b""#, r#"A::"b"#, r#"A::"b"c""#, r#"in::"b""#, r#"A::"\q""#, r#"A::"\""#]
        {
            assert!(text.parse::<EntityUid>().is_err(), "{text}");
        }
    }
}
