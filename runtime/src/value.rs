//! Values outside of a decision: what goes in with a request and what a caller looks at.
//!
//! A [`Value`] owns a pool of its own and names a word of it; a [`ValueRef`] names a word of somebody else's pool, as
//! that of the entities. Both are flat however deep the value is: making, dropping, comparing and printing a value
//! need no recursion.
//!
//! Sets and records are shown in an order that depends on their content alone (see [`order`]), never on handles.

mod json;
mod order;
mod text;

use core::fmt;

use deodar_lexicon::{Builtin, builtin::ExtensionType, json::Writer};

pub(crate) use json::{write_json, write_uid};
pub(crate) use text::write_text;

use crate::{
    EntityUid, InputCode, InputError,
    builtin::{self, CallFault},
    pool::{Copier, Interner, Kind, Layer, Lookup, Pool, StringId, Translation, Word},
};

/// A value.
#[derive(Clone)]
pub struct Value {
    pool: Layer,
    word: Word,
}

impl Value {
    /// The set of these elements, in any order, repeated or not.
    pub fn set(elements: impl IntoIterator<Item = Self>) -> Self {
        let mut elements = elements.into_iter();
        // The first pool is taken over, so that nesting costs nothing per level.
        let Some(first) = elements.next() else {
            return Self::make(|pool| Word::Set(pool.intern_set(&mut Vec::new())));
        };
        let mut pool = first.pool;
        let mut words = vec![first.word];
        words.extend(elements.map(|value| Copier::new(&value.pool).copy(value.word, &mut pool)));
        let word = Word::Set(pool.intern_set(&mut words));
        Self { pool, word }
    }

    /// The record of these members, in any order.
    ///
    /// # Errors
    /// [`InputCode::RepeatedKey`]: two members have the same name.
    pub fn record<K: AsRef<str>>(members: impl IntoIterator<Item = (K, Self)>) -> Result<Self, InputError> {
        let mut members = members.into_iter();
        let Some((name, first)) = members.next() else {
            return Ok(Self::empty_record());
        };
        let mut pool = first.pool;
        let mut words = vec![(pool.intern_string(name.as_ref()), first.word)];
        for (name, value) in members {
            let name = pool.intern_string(name.as_ref());
            words.push((name, Copier::new(&value.pool).copy(value.word, &mut pool)));
        }
        let mut names: Vec<_> = words.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        if let Some([name, ..]) = names.windows(2).find(|pair| matches!(pair, [left, right] if left == right)) {
            let message = format!("the key `{}` stands twice in this record", pool.string(*name));
            return Err(InputError::new(InputCode::RepeatedKey, message));
        }
        let word = Word::Record(pool.intern_record(&mut words));
        Ok(Self { pool, word })
    }

    /// The record without members.
    pub(crate) fn empty_record() -> Self {
        Self::make(|pool| Word::Record(pool.intern_record(&mut Vec::new())))
    }

    /// A decimal number, as in `12.5`.
    ///
    /// # Errors
    /// The text is not one.
    pub fn decimal(text: &str) -> Result<Self, InputError> {
        Self::extension(ExtensionType::Decimal, text)
    }

    /// An IP address or range, as in `10.0.0.0/8`.
    ///
    /// # Errors
    /// The text is not one.
    pub fn ip(text: &str) -> Result<Self, InputError> {
        Self::extension(ExtensionType::IpAddr, text)
    }

    /// A point in time, as in `2024-10-15T11:38:02Z`.
    ///
    /// # Errors
    /// The text is not one.
    pub fn datetime(text: &str) -> Result<Self, InputError> {
        Self::extension(ExtensionType::Datetime, text)
    }

    /// A span of time, as in `1h30m`.
    ///
    /// # Errors
    /// The text is not one.
    pub fn duration(text: &str) -> Result<Self, InputError> {
        Self::extension(ExtensionType::Duration, text)
    }

    fn extension(ty: ExtensionType, text: &str) -> Result<Self, InputError> {
        let mut pool = Layer::default();
        let argument = Word::String(pool.intern_string(text));
        let word = call(ty.constructor(), &[argument], &mut pool)?;
        // The text was only needed to make the value.
        Ok(Self::of(&pool, word))
    }

    fn make(word: impl FnOnce(&mut Layer) -> Word) -> Self {
        let mut pool = Layer::default();
        let word = word(&mut pool);
        Self { pool, word }
    }

    /// Copies a word out of another pool.
    pub(crate) fn of(interner: &impl Lookup, word: Word) -> Self {
        let mut pool = Layer::default();
        let word = Copier::new(interner).copy(word, &mut pool);
        Self { pool, word }
    }

    pub(crate) fn from_parts(pool: Layer, word: Word) -> Self {
        Self { pool, word }
    }

    /// The word and the pool that it belongs to.
    pub(crate) fn parts(&self) -> (&Layer, Word) {
        (&self.pool, self.word)
    }

    /// Copies the value into another pool.
    pub(crate) fn copy_into(&self, interner: &mut impl Interner) -> Word {
        self.pool.translate(self.word, interner, &mut Translation::default())
    }

    /// A look at the value, where its parts can be read.
    pub fn as_ref(&self) -> ValueRef<'_> {
        ValueRef { pool: Source::Layer(&self.pool), word: self.word }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        self.as_ref().as_bool()
    }

    /// The integer, if it is one.
    pub fn as_long(&self) -> Option<i64> {
        self.as_ref().as_long()
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        self.as_ref().as_str()
    }

    /// The name of the entity, if it is one.
    pub fn as_entity(&self) -> Option<EntityUid> {
        self.as_ref().as_entity()
    }

    /// The elements, if it is a set, in the order of display.
    pub fn elements(&self) -> Option<impl Iterator<Item = ValueRef<'_>>> {
        self.as_ref().elements()
    }

    /// The members, if it is a record, by name.
    pub fn members(&self) -> Option<impl Iterator<Item = (&str, ValueRef<'_>)>> {
        self.as_ref().members()
    }

    /// A member of a record.
    pub fn member(&self, name: &str) -> Option<ValueRef<'_>> {
        self.as_ref().member(name)
    }

    /// The value in the form of entity files, where `__entity` and `__extn` mark what JSON does not have.
    ///
    /// # Errors
    /// [`InputCode::ReservedKey`]: a record with such a key could not be read back.
    pub fn to_json(&self) -> Result<String, InputError> {
        self.as_ref().to_json()
    }
}

/// A value that belongs to something else.
#[derive(Clone, Copy)]
pub struct ValueRef<'v> {
    pool: Source<'v>,
    word: Word,
}

/// Whose value it is: that of a store, or one of its own.
#[derive(Clone, Copy)]
pub(crate) enum Source<'v> {
    Pool(&'v Pool),
    Layer(&'v Layer),
}

impl<'v> Source<'v> {
    fn string(self, id: StringId) -> &'v str {
        match self {
            Self::Pool(pool) => pool.string(id),
            Self::Layer(layer) => layer.string(id),
        }
    }
}

impl Lookup for Source<'_> {
    fn hash_of<T: core::hash::Hash + ?Sized>(&self, content: &T) -> u64 {
        match self {
            Self::Pool(pool) => pool.hash_of(content),
            Self::Layer(layer) => layer.hash_of(content),
        }
    }

    fn find_hashed<K: Kind>(&self, hash: u64, content: &K::Content) -> Option<K> {
        match self {
            Self::Pool(pool) => pool.find_hashed(hash, content),
            Self::Layer(layer) => layer.find_hashed(hash, content),
        }
    }

    fn content<K: Kind>(&self, handle: K) -> Option<&K::Content> {
        match self {
            Self::Pool(pool) => pool.content(handle),
            Self::Layer(layer) => layer.content(handle),
        }
    }
}

impl<'v> ValueRef<'v> {
    pub(crate) fn in_pool(pool: &'v Pool, word: Word) -> Self {
        Self { pool: Source::Pool(pool), word }
    }

    pub(crate) fn new(layer: &'v Layer, word: Word) -> Self {
        Self { pool: Source::Layer(layer), word }
    }

    /// A value of its own.
    pub fn to_value(self) -> Value {
        Value::of(&self.pool, self.word)
    }

    /// The boolean, if it is one.
    pub fn as_bool(self) -> Option<bool> {
        if let Word::Bool(value) = self.word { Some(value) } else { None }
    }

    /// The integer, if it is one.
    pub fn as_long(self) -> Option<i64> {
        if let Word::Long(value) = self.word { Some(value) } else { None }
    }

    /// The text, if it is a string.
    pub fn as_str(self) -> Option<&'v str> {
        if let Word::String(id) = self.word { Some(self.pool.string(id)) } else { None }
    }

    /// The name of the entity, if it is one.
    pub fn as_entity(self) -> Option<EntityUid> {
        if let Word::Entity(id) = self.word { Some(self.pool.entity_uid(id)) } else { None }
    }

    /// The extension type, if it is a value of one; [`Display`](fmt::Display) shows which value.
    pub fn extension_type(self) -> Option<ExtensionType> {
        self.word.extension_type()
    }

    /// The elements, if it is a set, in the order of display.
    pub fn elements(self) -> Option<impl Iterator<Item = ValueRef<'v>>> {
        let Word::Set(id) = self.word else { return None };
        let elements = order::Order::new(&self.pool, self.word).elements(id).to_vec();
        Some(elements.into_iter().map(move |word| Self { word, ..self }))
    }

    /// The members, if it is a record, by name.
    pub fn members(self) -> Option<impl Iterator<Item = (&'v str, ValueRef<'v>)>> {
        let Word::Record(id) = self.word else { return None };
        let mut members: Vec<_> =
            self.pool.record(id).iter().map(|(name, word)| (self.pool.string(*name), *word)).collect();
        members.sort_unstable_by_key(|(name, _)| *name);
        Some(members.into_iter().map(move |(name, word)| (name, Self { word, ..self })))
    }

    /// A member of a record.
    pub fn member(self, name: &str) -> Option<Self> {
        let Word::Record(id) = self.word else { return None };
        let word = self.pool.member(id, self.pool.find_string(name)?)?;
        Some(Self { word, ..self })
    }

    /// The value in the form of entity files, where `__entity` and `__extn` mark what JSON does not have.
    ///
    /// # Errors
    /// [`InputCode::ReservedKey`]: a record with such a key could not be read back.
    pub fn to_json(self) -> Result<String, InputError> {
        let mut writer = Writer::compact();
        write_json(&self.pool, self.word, &mut writer)?;
        Ok(writer.finish())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::make(|_| Word::Bool(value))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::make(|_| Word::Long(value))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::make(|pool| Word::String(pool.intern_string(text)))
    }
}

impl From<&EntityUid> for Value {
    fn from(uid: &EntityUid) -> Self {
        Self::make(|pool| Word::Entity(pool.intern_entity(uid)))
    }
}

impl From<EntityUid> for Value {
    fn from(uid: EntityUid) -> Self {
        Self::from(&uid)
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.as_ref() == other.as_ref()
    }
}

impl Eq for Value {}

impl PartialEq for ValueRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        let mut both = Layer::default();
        Copier::new(&self.pool).copy(self.word, &mut both) == Copier::new(&other.pool).copy(other.word, &mut both)
    }
}

impl Eq for ValueRef<'_> {}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

/// In the syntax of policies.
impl fmt::Display for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_text(&self.pool, self.word, f)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({self})")
    }
}

impl fmt::Debug for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValueRef({self})")
    }
}

/// The value in the syntax of policies, for messages.
pub(crate) fn shown(pool: &impl Lookup, word: Word) -> String {
    let mut text = String::from("`");
    // Writing to a string does not fail.
    let _ = write_text(pool, word, &mut text);
    text + "`"
}

/// Calls a builtin on data.
pub(crate) fn call(builtin: Builtin, arguments: &[Word], interner: &mut impl Interner) -> Result<Word, InputError> {
    builtin::call(builtin, arguments, interner).map_err(|fault| call_error(builtin, arguments.len(), fault, interner))
}

#[cold]
fn call_error(builtin: Builtin, arguments: usize, fault: CallFault, interner: &impl Interner) -> InputError {
    let name = builtin.name();
    let message = match fault {
        CallFault::ArgumentCount => {
            format!("`{name}` takes {}, found {arguments}", arity(builtin))
        }
        CallFault::ArgumentKind(position, kind) => format!("argument {} of `{name}` must be a {kind}", position + 1),
        CallFault::Text(text, problem) => {
            let text = interner.string(text);
            format!("`{name}` cannot read \"{}\": {problem}", deodar_lexicon::escape::escape(text))
        }
        CallFault::Range(problem) => format!("`{name}` has no result: {problem}"),
    };
    InputError::new(InputCode::InvalidExtensionValue, message)
}

/// How many arguments the builtin takes, in words.
pub(crate) fn arity(builtin: Builtin) -> String {
    let count = builtin.signature().parameters.len();
    if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") }
}
