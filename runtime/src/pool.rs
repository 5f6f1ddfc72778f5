//! Interned strings, entity names, sets and records.
//!
//! A [`Word`] is a small copy of a value: a scalar, or a handle into a pool. Equal values get equal handles, sets and
//! records included, because a container is stored once under its canonical content. So `==` on any two values of a
//! request is one comparison of words, at any depth, and `contains` is a search for a word.
//!
//! There are two layers. The base is frozen while requests run: everything that entities and policies mention. Each
//! request has a layer of its own on top of it for what only the request mentions or a policy creates; looking up
//! tries the base first, so a value has one handle. Handles of the upper layer start where those of the base end.
//!
//! Invariants:
//! - Content refers to handles that were given out before; so copying a layer is one loop in order of handles.
//! - The elements of a set are sorted and unique, the keys of a record are sorted by handle and unique.

use core::hash::{BuildHasher, Hash};

use deodar_lexicon::builtin::ExtensionType;
use hashbrown::{DefaultHashBuilder, HashTable};
use smol_str::SmolStr;

use crate::{
    extension::IpRange,
    uid::{EntityTypeName, EntityUid},
};

macro_rules! handles {
    ($($(#[$meta:meta])* $name:ident;)+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub(crate) struct $name(u32);

            impl Handle for $name {
                fn from_index(index: u32) -> Self {
                    Self(index)
                }

                fn index(self) -> u32 {
                    self.0
                }
            }
        )+
    };
}

/// A position in one table of a pool.
pub(crate) trait Handle: Copy {
    fn from_index(index: u32) -> Self;
    fn index(self) -> u32;
}

handles! {
    /// A string value, attribute name, tag key or entity id.
    StringId;
    /// The name of an entity type.
    TypeId;
    /// The name of an entity, whether or not the entity exists.
    EntityId;
    /// The content of a set.
    SetId;
    /// The content of a record.
    RecordId;
    /// An IP address or range.
    IpId;
}

/// A value as the VM sees it: two machine words, compared by comparing bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Word {
    Bool(bool),
    Long(i64),
    String(StringId),
    Entity(EntityId),
    Set(SetId),
    Record(RecordId),
    /// In units of 10⁻⁴.
    Decimal(i64),
    Ip(IpId),
    /// In milliseconds since 1970-01-01T00:00:00Z.
    Datetime(i64),
    /// In milliseconds.
    Duration(i64),
}

impl Word {
    /// The extension type, if it is a value of one.
    pub(crate) fn extension_type(self) -> Option<ExtensionType> {
        match self {
            Self::Decimal(_) => Some(ExtensionType::Decimal),
            Self::Ip(_) => Some(ExtensionType::IpAddr),
            Self::Datetime(_) => Some(ExtensionType::Datetime),
            Self::Duration(_) => Some(ExtensionType::Duration),
            Self::Bool(_) | Self::Long(_) | Self::String(_) | Self::Entity(_) | Self::Set(_) | Self::Record(_) => None,
        }
    }
}

/// The members of a record: names and values, sorted by name handle.
pub(crate) type Members = Box<[(StringId, Word)]>;

/// One table: values with their handles, and a way back.
#[derive(Debug, Clone)]
struct Table<T> {
    items: Vec<T>,
    by_content: HashTable<u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: Vec::new(), by_content: HashTable::new() }
    }
}

impl<T: Hash + Eq> Table<T> {
    fn find<Q: Hash + ?Sized>(
        &self,
        hasher: &DefaultHashBuilder,
        content: &Q,
        same: impl Fn(&T) -> bool,
    ) -> Option<u32> {
        let hash = hasher.hash_one(content);
        self.by_content.find(hash, |index| self.items.get(*index as usize).is_some_and(&same)).copied()
    }

    /// Adds an item that is not in the table.
    fn add(&mut self, hasher: &DefaultHashBuilder, item: T) -> u32 {
        // A table of 2³² items would need more memory than the inputs that build it are allowed to have.
        let index = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        let hash = hasher.hash_one(&item);
        self.items.push(item);
        let items = &self.items;
        let rehash = |index: &u32| items.get(*index as usize).map_or(0, |item| hasher.hash_one(item));
        self.by_content.insert_unique(hash, index, rehash);
        index
    }
}

/// One layer of interned values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pool {
    hasher: DefaultHashBuilder,
    strings: Table<SmolStr>,
    types: Table<SmolStr>,
    entities: Table<(TypeId, StringId)>,
    sets: Table<Box<[Word]>>,
    records: Table<Members>,
    ips: Table<IpRange>,
}

/// What can look values up and add them: a [`Pool`] alone, or a request's layer on top of one.
pub(crate) trait Interner {
    /// The frozen layer, if there is one, and the layer to add to.
    fn layers(&self) -> (Option<&Pool>, &Pool);
    /// The layer to add to.
    fn top(&mut self) -> &mut Pool;

    fn intern_string(&mut self, text: &str) -> StringId {
        intern(self, |p| &p.strings, |p| &mut p.strings, text, |item| item.as_str() == text, || SmolStr::new(text))
    }

    fn intern_type(&mut self, name: &EntityTypeName) -> TypeId {
        let name = name.text();
        intern(self, |p| &p.types, |p| &mut p.types, name, |item| item == name, || name.clone())
    }

    fn intern_entity(&mut self, uid: &EntityUid) -> EntityId {
        let ty = self.intern_type(uid.entity_type());
        let id = self.intern_string(uid.id_text());
        self.intern_entity_parts(ty, id)
    }

    fn intern_entity_parts(&mut self, ty: TypeId, id: StringId) -> EntityId {
        let parts = (ty, id);
        intern(self, |p| &p.entities, |p| &mut p.entities, &parts, |item| *item == parts, || parts)
    }

    fn intern_ip(&mut self, ip: IpRange) -> IpId {
        intern(self, |p| &p.ips, |p| &mut p.ips, &ip, |item| *item == ip, || ip)
    }

    /// The set of these elements, in any order, repeated or not.
    fn intern_set(&mut self, mut elements: Vec<Word>) -> SetId {
        elements.sort_unstable();
        elements.dedup();
        let elements = elements.into_boxed_slice();
        intern(self, |p| &p.sets, |p| &mut p.sets, &elements, |item| *item == elements, || elements.clone())
    }

    /// The record of these members, in any order; of members with the same name the last one counts.
    fn intern_record(&mut self, mut members: Vec<(StringId, Word)>) -> RecordId {
        members.reverse();
        members.sort_by_key(|(name, _)| *name);
        members.dedup_by_key(|(name, _)| *name);
        let members = members.into_boxed_slice();
        intern(self, |p| &p.records, |p| &mut p.records, &members, |item| *item == members, || members.clone())
    }

    /// The handle of a string that is interned already.
    fn find_string(&self, text: &str) -> Option<StringId> {
        find(self, |p| &p.strings, text, |item| item.as_str() == text)
    }

    /// The handle of an entity name that is interned already.
    fn find_entity(&self, uid: &EntityUid) -> Option<EntityId> {
        let ty = uid.entity_type().text();
        let ty = find(self, |p| &p.types, ty, |item| item == ty)?;
        let parts = (ty, self.find_string(uid.id())?);
        find(self, |p| &p.entities, &parts, |item| *item == parts)
    }

    fn string(&self, id: StringId) -> &SmolStr {
        const EMPTY: &SmolStr = &SmolStr::new_static("");
        get(self, |p| &p.strings, id).unwrap_or(EMPTY)
    }

    fn type_name(&self, id: TypeId) -> EntityTypeName {
        EntityTypeName::from_checked(get(self, |p| &p.types, id).cloned().unwrap_or_default())
    }

    /// The type and the id of an entity.
    fn entity_parts(&self, id: EntityId) -> (TypeId, StringId) {
        get(self, |p| &p.entities, id).copied().unwrap_or((TypeId(u32::MAX), StringId(u32::MAX)))
    }

    fn entity_uid(&self, id: EntityId) -> EntityUid {
        let (ty, id) = self.entity_parts(id);
        EntityUid::new(self.type_name(ty), self.string(id).clone())
    }

    /// The elements, sorted and unique.
    fn set(&self, id: SetId) -> &[Word] {
        get(self, |p| &p.sets, id).map_or(&[], |elements| elements)
    }

    /// The members, sorted by name handle.
    fn record(&self, id: RecordId) -> &[(StringId, Word)] {
        get(self, |p| &p.records, id).map_or(&[], |members| members)
    }

    fn ip(&self, id: IpId) -> IpRange {
        get(self, |p| &p.ips, id).copied().unwrap_or_default()
    }

    /// The value of a member.
    fn member(&self, id: RecordId, name: StringId) -> Option<Word> {
        let members = self.record(id);
        let at = members.binary_search_by_key(&name, |(name, _)| *name).ok()?;
        members.get(at).map(|(_, value)| *value)
    }
}

fn intern<I, T, H, Q>(
    interner: &mut I,
    table: fn(&Pool) -> &Table<T>,
    table_mut: fn(&mut Pool) -> &mut Table<T>,
    content: &Q,
    same: impl Fn(&T) -> bool,
    make: impl FnOnce() -> T,
) -> H
where
    I: Interner + ?Sized,
    T: Hash + Eq,
    H: Handle,
    Q: Hash + ?Sized,
{
    if let Some(handle) = find(interner, table, content, same) {
        return handle;
    }
    let offset = interner.layers().0.map_or(0, |base| table(base).items.len());
    let top = interner.top();
    let hasher = top.hasher.clone();
    let index = table_mut(top).add(&hasher, make());
    H::from_index(index.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX)))
}

fn find<I, T, H, Q>(interner: &I, table: fn(&Pool) -> &Table<T>, content: &Q, same: impl Fn(&T) -> bool) -> Option<H>
where
    I: Interner + ?Sized,
    T: Hash + Eq,
    H: Handle,
    Q: Hash + ?Sized,
{
    let (base, top) = interner.layers();
    if let Some(index) = base.and_then(|base| table(base).find(&base.hasher, content, &same)) {
        return Some(H::from_index(index));
    }
    let offset = base.map_or(0, |base| table(base).items.len());
    let index = table(top).find(&top.hasher, content, &same)?;
    Some(H::from_index(index.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX))))
}

fn get<I, T, H>(interner: &I, table: fn(&Pool) -> &Table<T>, handle: H) -> Option<&T>
where
    I: Interner + ?Sized,
    H: Handle,
{
    let (base, top) = interner.layers();
    let index = handle.index() as usize;
    match base.map(|base| &table(base).items) {
        Some(items) if index < items.len() => items.get(index),
        Some(items) => table(top).items.get(index - items.len()),
        None => table(top).items.get(index),
    }
}

impl Interner for Pool {
    fn layers(&self) -> (Option<&Pool>, &Pool) {
        (None, self)
    }

    fn top(&mut self) -> &mut Pool {
        self
    }
}

/// A layer on top of a frozen pool.
#[derive(Debug)]
pub(crate) struct Overlay<'b> {
    base: &'b Pool,
    top: Pool,
}

impl<'b> Overlay<'b> {
    pub(crate) fn new(base: &'b Pool) -> Self {
        Self { base, top: Pool::default() }
    }
}

impl Interner for Overlay<'_> {
    fn layers(&self) -> (Option<&Pool>, &Pool) {
        (Some(self.base), &self.top)
    }

    fn top(&mut self) -> &mut Pool {
        &mut self.top
    }
}

/// Copies words from one interner into another, each container once.
///
/// The work list replaces recursion, so depth costs no stack.
#[derive(Debug)]
pub(crate) struct Copier<'f, F: Interner> {
    from: &'f F,
    copied: hashbrown::HashMap<Word, Word>,
}

impl<'f, F: Interner> Copier<'f, F> {
    pub(crate) fn new(from: &'f F) -> Self {
        Self { from, copied: hashbrown::HashMap::new() }
    }

    /// The same value in the other interner.
    pub(crate) fn copy(&mut self, root: Word, into: &mut impl Interner) -> Word {
        let mut work = vec![root];
        while let Some(&word) = work.last() {
            let pending = work.len();
            match word {
                Word::Set(id) => work.extend(self.from.set(id).iter().filter(|w| self.is_pending(**w))),
                Word::Record(id) => {
                    work.extend(self.from.record(id).iter().map(|(_, w)| w).filter(|w| self.is_pending(**w)));
                }
                Word::Bool(_)
                | Word::Long(_)
                | Word::String(_)
                | Word::Entity(_)
                | Word::Decimal(_)
                | Word::Ip(_)
                | Word::Datetime(_)
                | Word::Duration(_) => {}
            }
            if work.len() == pending {
                work.pop();
                let copy = self.copy_flat(word, into);
                self.copied.insert(word, copy);
            }
        }
        self.copied.get(&root).copied().unwrap_or_else(|| self.copy_flat(root, into))
    }

    fn is_pending(&self, word: Word) -> bool {
        matches!(word, Word::Set(_) | Word::Record(_)) && !self.copied.contains_key(&word)
    }

    /// Copies a value whose containers have been copied.
    fn copy_flat(&self, word: Word, into: &mut impl Interner) -> Word {
        let copied =
            |word: &Word, into: &mut _| self.copied.get(word).copied().unwrap_or_else(|| self.copy_scalar(*word, into));
        match word {
            Word::Set(id) => {
                let elements = self.from.set(id).iter().map(|w| copied(w, into)).collect();
                Word::Set(into.intern_set(elements))
            }
            Word::Record(id) => {
                let members = self.from.record(id).iter();
                let members =
                    members.map(|(name, w)| (into.intern_string(self.from.string(*name)), copied(w, into))).collect();
                Word::Record(into.intern_record(members))
            }
            Word::Bool(_)
            | Word::Long(_)
            | Word::String(_)
            | Word::Entity(_)
            | Word::Decimal(_)
            | Word::Ip(_)
            | Word::Datetime(_)
            | Word::Duration(_) => self.copy_scalar(word, into),
        }
    }

    fn copy_scalar(&self, word: Word, into: &mut impl Interner) -> Word {
        match word {
            Word::String(id) => Word::String(into.intern_string(self.from.string(id))),
            Word::Entity(id) => Word::Entity(into.intern_entity(&self.from.entity_uid(id))),
            Word::Ip(id) => Word::Ip(into.intern_ip(self.from.ip(id))),
            Word::Bool(_)
            | Word::Long(_)
            | Word::Set(_)
            | Word::Record(_)
            | Word::Decimal(_)
            | Word::Datetime(_)
            | Word::Duration(_) => word,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(text: &str) -> EntityUid {
        text.parse().expect("an entity")
    }

    #[test]
    fn equal_values_have_equal_handles_across_layers() {
        let mut base = Pool::default();
        let a = base.intern_string("a");
        let set = base.intern_set(vec![Word::Long(2), Word::Long(1), Word::Long(2)]);
        let mut overlay = Overlay::new(&base);
        assert_eq!(overlay.intern_string("a"), a);
        assert_eq!(overlay.intern_set(vec![Word::Long(1), Word::Long(2)]), set);
        let b = overlay.intern_string("b");
        assert_ne!(a, b);
        assert_eq!(overlay.intern_string("b"), b);
        assert_eq!((overlay.string(a).as_str(), overlay.string(b).as_str()), ("a", "b"));
        let u = overlay.intern_entity(&entity(r#"U::"b""#));
        assert_eq!(overlay.entity_uid(u), entity(r#"U::"b""#));
        assert_eq!(overlay.find_entity(&entity(r#"U::"c""#)), None);
    }

    #[test]
    fn nested_values_survive_a_copy() {
        let mut from = Pool::default();
        let name = from.intern_string("name");
        let mut word = Word::Entity(from.intern_entity(&entity(r#"U::"a""#)));
        for _ in 0..50_000 {
            let record = from.intern_record(vec![(name, word)]);
            word = Word::Set(from.intern_set(vec![Word::Record(record), Word::Long(1)]));
        }
        let mut into = Pool::default();
        into.intern_string("shift the handles");
        let copy = Copier::new(&from).copy(word, &mut into);
        let back = Copier::new(&into).copy(copy, &mut from);
        assert_eq!(back, word);
    }
}
