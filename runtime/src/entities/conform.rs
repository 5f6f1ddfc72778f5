//! Whether entities and requests are what a schema says.
//!
//! The check works on words, so it is the same for data that was decoded by type and data that was built by a
//! program. Containers that were checked against a type are remembered: data repeats itself, and equal values have
//! one handle.
//!
//! Of several mistakes in one entity the one reported depends on names only, not on handles.

use hashbrown::HashSet;
use smol_str::SmolStr;

use super::{Draft, Row};
use crate::{
    EntityTypeName, EntityUid, InputCode, InputError, Request, Shapes,
    input::closest,
    kind::Kind,
    pool::{self, EntityId, Lookup, Member, Pool, RecordId, StringId, Word},
    shape::{ActionShape, EntityShape, EntityShapeKind, RecordShape, Type, TypeIndex},
    value,
};

/// The part of an entity that a mistake is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Uid,
    Attributes,
    Attribute(SmolStr),
    /// An index into the parents as they were given.
    Parent(usize),
    Tag(SmolStr),
}

/// Checks the entities of one store.
#[derive(Debug)]
pub(crate) struct Checker<'s> {
    shapes: &'s Shapes,
    values: Values<'s>,
}

impl<'s> Checker<'s> {
    pub(crate) fn new(shapes: &'s Shapes) -> Self {
        Self { shapes, values: Values::new(shapes) }
    }

    /// Checks an entity. Actions are checked when the hierarchy is closed, see [`action`].
    pub(crate) fn entity(&mut self, pool: &Pool, draft: &Draft) -> Result<(), (Part, InputError)> {
        let uid = pool.entity_uid(draft.uid);
        if uid.entity_type().is_action() {
            return Ok(());
        }
        let shapes = self.shapes;
        let Some(shape) = shapes.entity_types.get(uid.entity_type()) else {
            return Err((Part::Uid, undeclared_type(shapes, &uid)));
        };
        let none = &RecordShape::default();
        let (attributes, tags) = match &shape.kind {
            EntityShapeKind::Standard { attributes, tags } => (attributes, *tags),
            EntityShapeKind::Enum(_) => (none, None),
            EntityShapeKind::External => return Err((Part::Uid, external_type(&uid))),
        };
        check_id(shapes, &uid).map_err(|error| (Part::Uid, error))?;
        self.attributes(pool, &draft.attributes, attributes, &uid)?;
        self.parents(pool, draft, shape, &uid)?;
        self.tags(pool, &draft.tags, tags, &uid)
    }

    fn attributes(
        &mut self,
        pool: &Pool,
        members: &[Member],
        shape: &RecordShape,
        uid: &EntityUid,
    ) -> Result<(), (Part, InputError)> {
        if let Some(name) = missing_attribute(pool, members, shape) {
            let message = format!("the entity `{uid}` has no attribute `{name}`, which the schema requires");
            return Err((Part::Attributes, InputError::new(InputCode::MissingAttribute, message)));
        }
        let mistake = |name: &str, word| match shape.attributes.get(name) {
            None => {
                let names = shape.attributes.keys().map(SmolStr::as_str);
                Some(unexpected_attribute(name, uid).with_suggestion(closest(name, names)))
            }
            Some(attribute) => {
                let error = self.values.check(pool, word, attribute.ty).err();
                error.map(|error| error.about(format!("in attribute `{name}` of `{uid}`")))
            }
        };
        first_mistake(pool, members, mistake).map_or(Ok(()), |(name, error)| Err((Part::Attribute(name), error)))
    }

    fn tags(
        &mut self,
        pool: &Pool,
        members: &[Member],
        ty: Option<TypeIndex>,
        uid: &EntityUid,
    ) -> Result<(), (Part, InputError)> {
        let mistake = |key: &str, word| match ty {
            None => Some(unexpected_tag(key, uid)),
            Some(ty) => {
                let error = self.values.check(pool, word, ty).err();
                error.map(|error| error.about(format!("in tag `{key}` of `{uid}`")))
            }
        };
        first_mistake(pool, members, mistake).map_or(Ok(()), |(key, error)| Err((Part::Tag(key), error)))
    }

    /// Checks the parents. Ancestors follow: the types that a parent's parents may have are among those allowed here.
    fn parents(
        &self,
        pool: &Pool,
        draft: &Draft,
        shape: &EntityShape,
        uid: &EntityUid,
    ) -> Result<(), (Part, InputError)> {
        let mistakes = draft.parents.iter().enumerate().filter_map(|(index, parent)| {
            let parent = pool.entity_uid(*parent);
            let error = check_id(self.shapes, &parent).err().or_else(|| {
                let allowed = shape.ancestor_types.contains(parent.entity_type());
                (!allowed).then(|| invalid_ancestor(uid, &parent, shape))
            });
            error.map(|error| (parent, index, error))
        });
        let first = mistakes.min_by(|(left, ..), (right, ..)| left.cmp(right));
        first.map_or(Ok(()), |(_, index, error)| Err((Part::Parent(index), error)))
    }
}

/// The mistake in the member with the smallest name, of those that have one.
fn first_mistake(
    pool: &Pool,
    members: &[Member],
    mut mistake: impl FnMut(&str, Word) -> Option<InputError>,
) -> Option<(SmolStr, InputError)> {
    let members = members.iter().map(|(name, word)| (pool.string(*name), *word));
    let mistakes = members.filter_map(|(name, word)| mistake(name, word).map(|error| (name, error)));
    let first = mistakes.min_by(|(left, _), (right, _)| left.cmp(right));
    first.map(|(name, error)| (SmolStr::new(name), error))
}

/// The smallest name that the shape requires and the record does not have.
fn missing_attribute<'r>(pool: &impl Lookup, members: &[Member], shape: &'r RecordShape) -> Option<&'r SmolStr> {
    let has = |name: &str| pool.find_string(name).is_some_and(|name| pool::member(members, name).is_some());
    shape.attributes.iter().find(|(name, attribute)| attribute.required && !has(name)).map(|(name, _)| name)
}

/// Checks values against types.
#[derive(Debug)]
struct Values<'s> {
    shapes: &'s Shapes,
    /// Containers that are known to have a type.
    checked: HashSet<(Word, TypeIndex)>,
    /// Entities that values may mention.
    entities: HashSet<EntityId>,
}

impl<'s> Values<'s> {
    fn new(shapes: &'s Shapes) -> Self {
        Self { shapes, checked: HashSet::new(), entities: HashSet::new() }
    }

    fn check(&mut self, pool: &impl Lookup, root: Word, ty: TypeIndex) -> Result<(), InputError> {
        let mut work = vec![(root, ty)];
        while let Some((word, ty)) = work.pop() {
            let shapes = self.shapes;
            let fits = match (shapes.ty(ty), word) {
                (Type::Bool, Word::Bool(_)) | (Type::Long, Word::Long(_)) | (Type::String, Word::String(_)) => true,
                (Type::Extension(extension), _) => word.extension_type() == Some(*extension),
                (Type::Entity(name), Word::Entity(id)) => {
                    let fits = pool.type_text(pool.entity_parts(id).0) == name.as_str();
                    if fits && self.entities.insert(id) {
                        check_id(shapes, &pool.entity_uid(id))?;
                    }
                    fits
                }
                (Type::Set(element), Word::Set(id)) => {
                    if self.checked.insert((word, ty)) {
                        work.extend(pool.set(id).iter().map(|word| (*word, *element)));
                    }
                    true
                }
                (Type::Record(shape), Word::Record(id)) => {
                    if self.checked.insert((word, ty)) {
                        record_members(pool, id, shape, &mut work)?;
                    }
                    true
                }
                (Type::Bool | Type::Long | Type::String | Type::Entity(_) | Type::Set(_) | Type::Record(_), _) => false,
            };
            if !fits {
                return Err(mismatch(shapes, pool, word, ty));
            }
        }
        Ok(())
    }
}

/// Checks the names of a record's members and adds their values to the work.
fn record_members(
    pool: &impl Lookup,
    record: RecordId,
    shape: &RecordShape,
    work: &mut Vec<(Word, TypeIndex)>,
) -> Result<(), InputError> {
    let members = pool.record(record);
    if let Some(name) = missing_attribute(pool, members, shape) {
        let message = format!("expected a record with the attribute `{name}`, which is missing");
        return Err(InputError::new(InputCode::MissingAttribute, message));
    }
    let declared = |name: StringId| shape.attributes.get(pool.string(name));
    let unexpected = members.iter().filter(|(name, _)| declared(*name).is_none()).map(|(name, _)| pool.string(*name));
    if let Some(name) = unexpected.min() {
        let message = format!("the schema does not declare the attribute `{name}` of this record");
        let error = InputError::new(InputCode::UnexpectedAttribute, message);
        return Err(error.with_suggestion(closest(name, shape.attributes.keys().map(SmolStr::as_str))));
    }
    let members = members.iter().filter_map(|(name, word)| Some((*word, declared(*name)?.ty)));
    work.extend(members);
    Ok(())
}

/// Checks an entity's id where the schema lists the ids: of enumerated types and of actions, external ones included.
fn check_id(shapes: &Shapes, uid: &EntityUid) -> Result<(), InputError> {
    if let Some(EntityShape { kind: EntityShapeKind::Enum(ids), .. }) = shapes.entity_types.get(uid.entity_type())
        && !ids.contains(uid.id())
    {
        let (ty, names) = (uid.entity_type(), list(ids.iter()));
        let message = format!("`{uid}` is not declared: `{ty}` is an enumerated type with {names}");
        return Err(InputError::new(InputCode::InvalidEnumId, message)
            .with_suggestion(closest(uid.id(), ids.iter().map(SmolStr::as_str))));
    }
    if uid.entity_type().is_action() {
        known_action(shapes, uid)?;
    }
    Ok(())
}

/// The shape of an action that the schema declares, if only to exist.
fn known_action<'s>(shapes: &'s Shapes, uid: &EntityUid) -> Result<&'s ActionShape, InputError> {
    shapes.actions.get(uid).ok_or_else(|| {
        let candidates = shapes.actions.keys().filter(|known| known.entity_type() == uid.entity_type());
        let close = closest(uid.id(), candidates.map(EntityUid::id));
        let close = close.map(|id| EntityUid::new(uid.entity_type().clone(), id).to_string());
        let message = format!("the schema does not declare the action `{uid}`");
        InputError::new(InputCode::UndeclaredAction, message).with_suggestion(close.as_deref())
    })
}

/// The shape of an action that the schema defines, so that requests for it can be valid.
pub(crate) fn defined_action<'s>(shapes: &'s Shapes, uid: &EntityUid) -> Result<&'s ActionShape, InputError> {
    let shape = known_action(shapes, uid)?;
    if shape.external {
        let message = format!("the schema declares the action `{uid}` as external, without saying what it applies to");
        return Err(InputError::new(InputCode::ExternalAction, message)
            .with_help("add the part of the schema that defines the action"));
    }
    Ok(shape)
}

/// Compares an action that was given with its declaration.
pub(super) fn action(shapes: &Shapes, pool: &Pool, uid: &EntityUid, row: &Row) -> Result<(), InputError> {
    let shape = known_action(shapes, uid)?;
    let mut found: Vec<EntityUid> = row.ancestors.sorted().iter().map(|ancestor| pool.entity_uid(*ancestor)).collect();
    found.sort_unstable();
    let difference = if !row.attributes.is_empty() {
        "actions have no attributes".to_owned()
    } else if !row.tags.is_empty() {
        "actions have no tags".to_owned()
    } else if !found.iter().eq(&shape.ancestors) {
        let declared = list(shape.ancestors.iter());
        format!("it is in {}, and is declared in {declared}", list(found.iter()))
    } else {
        return Ok(());
    };
    let message = format!("the action `{uid}` differs from its declaration in the schema: {difference}");
    Err(InputError::new(InputCode::ActionMismatch, message)
        .with_help("actions come from the schema; they can be left out of the entities"))
}

/// Names for a message.
fn list(names: impl Iterator<Item = impl core::fmt::Display>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Checks a request.
pub(crate) fn request(shapes: &Shapes, request: &Request) -> Result<(), InputError> {
    for (role, uid) in [("principal", request.principal()), ("resource", request.resource())] {
        if !shapes.entity_types.contains_key(uid.entity_type()) {
            return Err(undeclared_type(shapes, uid).about(format!("in the {role}")));
        }
        check_id(shapes, uid).map_err(|error| error.about(format!("in the {role}")))?;
    }
    let action = defined_action(shapes, request.action())?;
    let applies = |role: &str, code, uid: &EntityUid, types: &std::collections::BTreeSet<EntityTypeName>| {
        if types.contains(uid.entity_type()) {
            return Ok(());
        }
        let names = list(types.iter());
        let (action, ty) = (request.action(), uid.entity_type());
        let message = format!("the action `{action}` does not apply to a {role} of the type `{ty}`");
        Err(InputError::new(code, message).with_help(format!("{role} types of the action: {names}")))
    };
    applies("principal", InputCode::InvalidPrincipalType, request.principal(), &action.principals)?;
    applies("resource", InputCode::InvalidResourceType, request.resource(), &action.resources)?;
    context(shapes, action, request).map_err(|error| error.about(format!("in the context of `{}`", request.action())))
}

fn context(shapes: &Shapes, action: &ActionShape, request: &Request) -> Result<(), InputError> {
    let (pool, word) = request.context().parts();
    let Word::Record(record) = word else { return Ok(()) };
    let mut members = Vec::new();
    record_members(pool, record, &action.context, &mut members)?;
    let mut values = Values::new(shapes);
    members.into_iter().try_for_each(|(word, ty)| values.check(pool, word, ty))
}

#[cold]
pub(super) fn undeclared_type(shapes: &Shapes, uid: &EntityUid) -> InputError {
    let ty = uid.entity_type();
    let message = format!("the schema does not declare the entity type `{ty}` of `{uid}`");
    let same_basename = |known: &&EntityTypeName| {
        deodar_lexicon::name::basename(known.as_str()) == deodar_lexicon::name::basename(ty.as_str())
    };
    let known = || shapes.entity_types.keys();
    let close = known().find(same_basename).map(EntityTypeName::as_str);
    let close = close.or_else(|| closest(ty.as_str(), known().map(EntityTypeName::as_str)));
    InputError::new(InputCode::UndeclaredEntityType, message).with_suggestion(close)
}

#[cold]
fn external_type(uid: &EntityUid) -> InputError {
    let ty = uid.entity_type();
    let message =
        format!("the schema declares the entity type `{ty}` of `{uid}` as external, without saying what it is");
    InputError::new(InputCode::ExternalEntityType, message)
        .with_help("add the part of the schema that defines the entity type")
}

#[cold]
pub(super) fn unexpected_attribute(name: &str, uid: &EntityUid) -> InputError {
    let message = format!("the schema does not declare the attribute `{name}` of `{uid}`");
    InputError::new(InputCode::UnexpectedAttribute, message)
}

#[cold]
pub(super) fn unexpected_tag(key: &str, uid: &EntityUid) -> InputError {
    let message = format!("`{uid}` has the tag `{key}`, but the schema declares no tags for its type");
    InputError::new(InputCode::UnexpectedTag, message)
}

#[cold]
fn invalid_ancestor(uid: &EntityUid, parent: &EntityUid, shape: &EntityShape) -> InputError {
    let message = format!("`{uid}` has the parent `{parent}`, but the schema allows no ancestor of that type");
    let names = list(shape.ancestor_types.iter());
    InputError::new(InputCode::InvalidAncestorType, message).with_help(format!("allowed ancestor types: {names}"))
}

#[cold]
fn mismatch(shapes: &Shapes, pool: &impl Lookup, word: Word, ty: TypeIndex) -> InputError {
    const LONGEST: usize = 60;
    let found = match word {
        Word::Set(_) => "a set".to_owned(),
        Word::Record(_) => "a record".to_owned(),
        Word::Bool(_)
        | Word::Long(_)
        | Word::String(_)
        | Word::Entity(_)
        | Word::Decimal(_)
        | Word::Ip(_)
        | Word::Datetime(_)
        | Word::Duration(_) => value::shown(pool, word),
    };
    let found = if found.len() > LONGEST { format!("a {}", Kind::of(word)) } else { found };
    let message = format!("expected a value of the type `{}`, found {found}", describe(shapes, ty));
    InputError::new(InputCode::TypeMismatch, message)
}

/// The type in the syntax of schemas; records in short.
fn describe(shapes: &Shapes, mut ty: TypeIndex) -> String {
    let mut sets = 0;
    // A type can nest deeper than a message should.
    while let (Type::Set(element), true) = (shapes.ty(ty), sets < 8) {
        sets += 1;
        ty = *element;
    }
    let inner = match shapes.ty(ty) {
        Type::Bool => "Bool",
        Type::Long => "Long",
        Type::String => "String",
        Type::Entity(name) => name.as_str(),
        Type::Extension(ty) => ty.name(),
        Type::Set(_) => "Set<…>",
        Type::Record(_) => "{…}",
    };
    format!("{}{inner}{}", "Set<".repeat(sets), ">".repeat(sets))
}
