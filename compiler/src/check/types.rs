//! The types of the checker, each with one index.
//!
//! A type of a schema says what a value may be; the checker knows more of an expression: that it is always true, or
//! that an entity has one of several types (permissive mode only). So it has types of its own, interned like those of
//! the schema: equal types have equal indices, and comparing two is comparing two words.
//!
//! Nothing here recurses: the least upper bound of two types keeps a list of the pairs that it still needs.

use core::fmt::Write;

use deodar_lexicon::{builtin::ExtensionType, name};
use hashbrown::HashMap;
use smol_str::SmolStr;

use super::model::EntityTypeIndex;

/// A type of one [`Types`] table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Ty(u32);

impl Ty {
    /// No value has it; only the elements of an empty set do.
    pub(crate) const NEVER: Self = Self(0);
    /// The value is always true.
    pub(crate) const TRUE: Self = Self(1);
    /// The value is always false.
    pub(crate) const FALSE: Self = Self(2);
    pub(crate) const BOOL: Self = Self(3);
    pub(crate) const LONG: Self = Self(4);
    pub(crate) const STRING: Self = Self(5);
    /// Any entity at all.
    pub(crate) const ANY_ENTITY: Self = Self(6);

    /// The singleton of a truth value.
    pub(crate) const fn of_bool(value: bool) -> Self {
        if value { Self::TRUE } else { Self::FALSE }
    }

    /// Whether it is one of the three types of truth values.
    pub(crate) fn is_bool(self) -> bool {
        matches!(self, Self::TRUE | Self::FALSE | Self::BOOL)
    }

    /// The position in the table, for the packed table of types that an analysis keeps.
    pub(crate) const fn index(self) -> u32 {
        self.0
    }

    /// The type of that position.
    pub(crate) const fn from_index(index: u32) -> Self {
        Self(index)
    }
}

/// What a type is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Never,
    True,
    False,
    Bool,
    Long,
    String,
    AnyEntity,
    /// Entities of one type; of several, in ascending order, in permissive mode.
    Entity(Box<[EntityTypeIndex]>),
    Extension(ExtensionType),
    Set(Ty),
    Record(Record),
}

/// A record type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Record {
    /// In the order of their names.
    pub(crate) attributes: Box<[(SmolStr, Attribute)]>,
    /// Whether there may be more attributes (permissive mode only).
    pub(crate) open: bool,
}

/// What is known of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Attribute {
    pub(crate) ty: Ty,
    pub(crate) required: bool,
}

impl Record {
    pub(crate) fn attribute(&self, name: &str) -> Option<Attribute> {
        let found = self.attributes.binary_search_by(|(candidate, _)| candidate.as_str().cmp(name)).ok()?;
        self.attributes.get(found).map(|(_, attribute)| *attribute)
    }
}

/// Strict or permissive validation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// Types that meet must agree, sets have elements, extension values are built from literals: what the reference
    /// implementation and its analysis tools expect.
    #[default]
    Strict,
    /// Records and entities of different types may meet; only what can fail at run time is an error.
    Permissive,
}

/// Why two types have no least upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Mismatch {
    /// Kinds that never agree.
    Kinds,
    /// Two entity types.
    EntityTypes,
    /// Two records with different attributes.
    RecordAttributes,
    /// Two records that differ in what is optional.
    Optionality,
    /// An entity and a record.
    EntityAndRecord,
}

/// All types of one check.
#[derive(Debug, Clone)]
pub(crate) struct Types {
    kinds: Vec<Kind>,
    indices: HashMap<Kind, Ty>,
    /// Bounds that were asked for; those of the two modes may differ.
    bounds: HashMap<(Mode, Ty, Ty), Result<Ty, Mismatch>>,
}

impl Default for Types {
    fn default() -> Self {
        Self::new()
    }
}

impl Types {
    pub(crate) fn new() -> Self {
        let mut types = Self { kinds: Vec::new(), indices: HashMap::new(), bounds: HashMap::new() };
        // In the order of the constants of `Ty`.
        for kind in [Kind::Never, Kind::True, Kind::False, Kind::Bool, Kind::Long, Kind::String, Kind::AnyEntity] {
            types.intern(kind);
        }
        types
    }

    pub(crate) fn intern(&mut self, kind: Kind) -> Ty {
        let next = Ty(u32::try_from(self.kinds.len()).unwrap_or(u32::MAX));
        *self.indices.entry(kind).or_insert_with_key(|kind| {
            self.kinds.push(kind.clone());
            next
        })
    }

    pub(crate) fn kind(&self, ty: Ty) -> &Kind {
        self.kinds.get(ty.0 as usize).unwrap_or(&Kind::Never)
    }

    pub(crate) fn entity(&mut self, ty: EntityTypeIndex) -> Ty {
        self.intern(Kind::Entity([ty].into()))
    }

    pub(crate) fn set(&mut self, element: Ty) -> Ty {
        self.intern(Kind::Set(element))
    }

    pub(crate) fn extension(&mut self, ty: ExtensionType) -> Ty {
        self.intern(Kind::Extension(ty))
    }

    /// The type of records with exactly these attributes; no name stands twice.
    pub(crate) fn record(&mut self, mut attributes: Vec<(SmolStr, Attribute)>) -> Ty {
        attributes.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        self.intern(Kind::Record(Record { attributes: attributes.into(), open: false }))
    }

    /// The entity types that an entity of the type may have, if they are known.
    pub(crate) fn entity_types(&self, ty: Ty) -> Option<&[EntityTypeIndex]> {
        match self.kind(ty) {
            Kind::Entity(types) => Some(types),
            Kind::Never
            | Kind::True
            | Kind::False
            | Kind::Bool
            | Kind::Long
            | Kind::String
            | Kind::AnyEntity
            | Kind::Extension(_)
            | Kind::Set(_)
            | Kind::Record(_) => None,
        }
    }

    /// The type of the elements, of a set type.
    pub(crate) fn element(&self, ty: Ty) -> Option<Ty> {
        match self.kind(ty) {
            Kind::Set(element) => Some(*element),
            Kind::Never
            | Kind::True
            | Kind::False
            | Kind::Bool
            | Kind::Long
            | Kind::String
            | Kind::AnyEntity
            | Kind::Entity(_)
            | Kind::Extension(_)
            | Kind::Record(_) => None,
        }
    }

    /// Whether the values are entities, of whatever type.
    pub(crate) fn is_entity(&self, ty: Ty) -> bool {
        ty == Ty::ANY_ENTITY || self.entity_types(ty).is_some()
    }

    /// The extension type that it is.
    pub(crate) fn extension_type(&self, ty: Ty) -> Option<ExtensionType> {
        if let Kind::Extension(extension) = self.kind(ty) { Some(*extension) } else { None }
    }

    /// Whether the values are decimals, which have an order but no operators for it.
    pub(crate) fn is_decimal(&self, ty: Ty) -> bool {
        *self.kind(ty) == Kind::Extension(ExtensionType::Decimal)
    }

    /// Whether no entity has both types.
    pub(crate) fn are_disjoint_entities(&self, left: Ty, right: Ty) -> bool {
        match (self.entity_types(left), self.entity_types(right)) {
            (Some(left), Some(right)) => left.iter().all(|ty| !right.contains(ty)),
            (Some(_) | None, _) => false,
        }
    }

    /// The smallest type that all values of both have.
    pub(crate) fn least_upper_bound(&mut self, left: Ty, right: Ty, mode: Mode) -> Result<Ty, Mismatch> {
        let mut open = vec![(left, right)];
        while let Some((left, right)) = open.last().copied() {
            match self.bound_step(left, right, mode) {
                Ok(bound) => {
                    self.bounds.insert((mode, left, right), bound);
                    open.pop();
                }
                // A part is smaller than the whole, so this ends.
                Err(missing) => open.extend(missing),
            }
        }
        self.known_bound(left, right, mode).unwrap_or(Err(Mismatch::Kinds))
    }

    /// The bound of many types; that of none is [`Ty::NEVER`].
    pub(crate) fn bound_of_all(&mut self, types: impl IntoIterator<Item = Ty>, mode: Mode) -> Result<Ty, Mismatch> {
        types.into_iter().try_fold(Ty::NEVER, |bound, ty| self.least_upper_bound(bound, ty, mode))
    }

    /// A bound that needs no look at parts, or was found before.
    fn known_bound(&self, left: Ty, right: Ty, mode: Mode) -> Option<Result<Ty, Mismatch>> {
        if left == right || right == Ty::NEVER {
            return Some(Ok(left));
        }
        if left == Ty::NEVER {
            return Some(Ok(right));
        }
        if left.is_bool() && right.is_bool() {
            return Some(Ok(Ty::BOOL));
        }
        self.bounds.get(&(mode, left, right)).copied()
    }

    /// The bound, or the pairs of parts whose bounds it needs first.
    fn bound_step(&mut self, left: Ty, right: Ty, mode: Mode) -> Result<Result<Ty, Mismatch>, Vec<(Ty, Ty)>> {
        if let Some(known) = self.known_bound(left, right, mode) {
            return Ok(known);
        }
        match (self.kind(left), self.kind(right)) {
            (Kind::Set(one), Kind::Set(other)) => {
                let (one, other) = (*one, *other);
                match self.known_bound(one, other, mode) {
                    Some(bound) => Ok(bound.map(|element| self.set(element))),
                    None => Err(vec![(one, other)]),
                }
            }
            (Kind::Record(one), Kind::Record(other)) => {
                let bound = self.record_bound(one, other, mode)?;
                Ok(bound.map(|record| self.intern(Kind::Record(record))))
            }
            (Kind::Entity(one), Kind::Entity(other)) => match mode {
                Mode::Strict => Ok(Err(Mismatch::EntityTypes)),
                Mode::Permissive => {
                    let mut union: Vec<_> = one.iter().chain(other).copied().collect();
                    union.sort_unstable();
                    union.dedup();
                    Ok(Ok(self.intern(Kind::Entity(union.into()))))
                }
            },
            (Kind::AnyEntity, Kind::Entity(_)) | (Kind::Entity(_), Kind::AnyEntity) => Ok(match mode {
                Mode::Strict => Err(Mismatch::EntityTypes),
                Mode::Permissive => Ok(Ty::ANY_ENTITY),
            }),
            (Kind::Entity(_) | Kind::AnyEntity, Kind::Record(_))
            | (Kind::Record(_), Kind::Entity(_) | Kind::AnyEntity) => Ok(Err(Mismatch::EntityAndRecord)),
            _ => Ok(Err(Mismatch::Kinds)),
        }
    }

    /// Strictly, records agree in their attributes; permissively, what one lacks or cannot agree on is dropped.
    fn record_bound(
        &self,
        left: &Record,
        right: &Record,
        mode: Mode,
    ) -> Result<Result<Record, Mismatch>, Vec<(Ty, Ty)>> {
        if mode == Mode::Strict && left.attributes.len() != right.attributes.len() {
            return Ok(Err(Mismatch::RecordAttributes));
        }
        let (mut attributes, mut missing) = (Vec::new(), Vec::new());
        for (name, one) in &left.attributes {
            let other = right.attribute(name);
            let bound = match other.map(|other| (other, self.known_bound(one.ty, other.ty, mode))) {
                None => Err(Mismatch::RecordAttributes),
                Some((other, None)) => {
                    missing.push((one.ty, other.ty));
                    continue;
                }
                Some((_, Some(Err(mismatch)))) => Err(mismatch),
                Some((other, Some(Ok(_)))) if mode == Mode::Strict && one.required != other.required => {
                    Err(Mismatch::Optionality)
                }
                Some((other, Some(Ok(ty)))) => Ok(Attribute { ty, required: one.required && other.required }),
            };
            match (bound, mode) {
                (Ok(attribute), _) => attributes.push((name.clone(), attribute)),
                (Err(mismatch), Mode::Strict) => return Ok(Err(mismatch)),
                (Err(_), Mode::Permissive) => {}
            }
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        let dropped = attributes.len() != left.attributes.len() || attributes.len() != right.attributes.len();
        let open = left.open || right.open || dropped;
        Ok(Ok(Record { attributes: attributes.into(), open }))
    }

    /// The type in the words of the schema, shortened where it is deep or wide.
    pub(crate) fn display(&self, ty: Ty, name_of: &dyn Fn(EntityTypeIndex) -> SmolStr) -> String {
        let mut text = String::new();
        self.write(&mut text, ty, DISPLAY_LEVELS, name_of);
        text
    }

    /// Recurses for `levels` levels at most.
    fn write(&self, text: &mut String, ty: Ty, levels: u32, name_of: &dyn Fn(EntityTypeIndex) -> SmolStr) {
        match self.kind(ty) {
            Kind::Never => text.push_str("nothing"),
            Kind::True | Kind::False | Kind::Bool => text.push_str("Bool"),
            Kind::Long => text.push_str("Long"),
            Kind::String => text.push_str("String"),
            Kind::AnyEntity => text.push_str("any entity"),
            Kind::Entity(types) => {
                let names: Vec<_> = types.iter().map(|ty| name_of(*ty)).collect();
                text.push_str(&names.join(" or "));
            }
            Kind::Extension(ty) => text.push_str(ty.name()),
            Kind::Set(_) | Kind::Record(_) if levels == 0 => text.push('…'),
            Kind::Set(element) => {
                text.push_str("Set<");
                self.write(text, *element, levels - 1, name_of);
                text.push('>');
            }
            Kind::Record(record) => self.write_record(text, record, levels - 1, name_of),
        }
    }

    fn write_record(
        &self,
        text: &mut String,
        record: &Record,
        levels: u32,
        name_of: &dyn Fn(EntityTypeIndex) -> SmolStr,
    ) {
        let mut separator = "{ ";
        for (name, attribute) in record.attributes.iter().take(DISPLAY_ATTRIBUTES) {
            text.push_str(separator);
            separator = ", ";
            let mark = if attribute.required { "" } else { "?" };
            // Writing to a string cannot fail.
            let _ = write!(text, "{}{mark}: ", attribute_name(name));
            self.write(text, attribute.ty, levels, name_of);
        }
        if record.open || record.attributes.len() > DISPLAY_ATTRIBUTES {
            text.push_str(separator);
            text.push('…');
        }
        text.push_str(if separator == "{ " && !record.open { "{}" } else { " }" });
    }
}

/// How deep and how wide a type is shown: the whole of a large one helps nobody.
const DISPLAY_LEVELS: u32 = 3;
const DISPLAY_ATTRIBUTES: usize = 8;

/// An attribute as it is written in a schema.
fn attribute_name(text: &str) -> String {
    if name::is_identifier(text) { text.to_owned() } else { format!("\"{}\"", deodar_lexicon::escape::escape(text)) }
}
