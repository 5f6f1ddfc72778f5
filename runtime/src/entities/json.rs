//! Reading files of entities.
//!
//! The elements are read one at a time into the pool, so memory is that of the text, of the store and of the largest
//! entity. The objects have four known members; others are ignored, as in the reference.

use deodar_lexicon::json::{ArrayStream, Document, Value};
use smol_str::SmolStr;

use super::{
    Builder, Draft, Entities,
    conform::{Checker, Part},
};
use crate::{
    EntityUid, InputCode, InputError, Shapes,
    decode::{Decoder, Duplicates, Expected},
    input::{Element, closest},
    pool::{self, EntityId, Interner, Pool, sort_members},
    shape::{EntityShape, EntityShapeKind},
};

/// The members of an entity, where they stand.
#[derive(Debug, Clone, Copy)]
struct Parts<'d> {
    uid: Value<'d>,
    attributes: Value<'d>,
    parents: Value<'d>,
    tags: Option<Value<'d>>,
}

/// Whether members are attributes or tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Members {
    Attributes,
    Tags,
}

impl Members {
    fn noun(self) -> &'static str {
        match self {
            Self::Attributes => "attribute",
            Self::Tags => "tag",
        }
    }
}

pub(super) fn read(text: &str, shapes: Option<&Shapes>) -> Result<Entities, InputError> {
    let mut builder = Builder::new();
    let mut checker = shapes.map(Checker::new);
    let (mut stream, mut document) = (ArrayStream::new(text), Document::empty(text));
    let mut element = 0;
    while stream.next_into(&mut document).map_err(|error| InputError::json(&error))? {
        let reader = Reader { decoder: Decoder::new(shapes, Duplicates::Refused, Some(element)), shapes };
        let root = document.root();
        let parts = reader.parts(root)?;
        let draft = reader.entity(parts, &mut builder.pool)?;
        if let Some(checker) = &mut checker {
            let place = |part| reader.decoder.place(find_part(parts, part));
            checker.entity(&builder.pool, &draft).map_err(|(part, error)| error.at(place(part)))?;
        }
        let place = reader.decoder.place(root);
        let offset = u64::try_from(root.span().start).unwrap_or(u64::MAX);
        builder.add(draft, Some(Element { offset, index: element })).map_err(|error| error.at(place))?;
        element += 1;
    }
    builder.finish(shapes)
}

struct Reader<'s> {
    decoder: Decoder<'s>,
    shapes: Option<&'s Shapes>,
}

impl Reader<'_> {
    /// Finds the members of an entity.
    ///
    /// The reference also takes an array of the three or four members in this order; so do we.
    fn parts<'d>(&self, root: Value<'d>) -> Result<Parts<'d>, InputError> {
        if let Some(array) = root.as_array() {
            let mut elements = array.iter();
            if let (Some(uid), Some(attributes), Some(parents), tags, None) =
                (elements.next(), elements.next(), elements.next(), elements.next(), elements.next())
            {
                return Ok(Parts { uid, attributes, parents, tags });
            }
        }
        let Some(object) = root.as_object() else {
            let message = format!("expected an object with an entity, found {}", root.kind().describe());
            return Err(self.decoder.error(InputCode::UnexpectedForm, root, message));
        };
        let member = |name: &str| {
            let mut found = object.iter().filter(|(key, _)| key.as_str() == Some(name));
            let first = found.next().map(|(_, value)| value);
            found.next().map_or(Ok(first), |(key, _)| Err(self.decoder.repeated_key(key)))
        };
        let required = |name: &str| {
            member(name)?.ok_or_else(|| {
                let message = format!("the entity has no member `{name}`");
                let error = self.decoder.error(InputCode::MissingMember, root, message);
                let keys = object.members().map(|(key, _)| key);
                match closest(name, keys) {
                    Some(key) => error.with_help(format!("is `{key}` meant to be `{name}`?")),
                    None => error.with_help("an entity is written as `{\"uid\": …, \"attrs\": {}, \"parents\": []}`"),
                }
            })
        };
        Ok(Parts {
            uid: required("uid")?,
            attributes: required("attrs")?,
            parents: required("parents")?,
            tags: member("tags")?,
        })
    }

    fn entity(&self, parts: Parts<'_>, pool: &mut Pool) -> Result<Draft, InputError> {
        let uid = self.decoder.entity(parts.uid)?;
        let shape = self.shape(&uid, parts.uid)?;
        let attributes = self.members(parts.attributes, Members::Attributes, &uid, shape, pool)?;
        let tags = match parts.tags {
            Some(tags) => self.members(tags, Members::Tags, &uid, shape, pool)?,
            None => pool::Members::default(),
        };
        let parents = self.parents(parts.parents, &uid, pool)?;
        Ok(Draft { uid: pool.intern_entity(&uid), attributes, tags, parents })
    }

    /// What the schema says of the type; nothing if there is no schema, or for actions.
    fn shape(&self, uid: &EntityUid, value: Value<'_>) -> Result<Option<&EntityShape>, InputError> {
        let Some(shapes) = self.shapes.filter(|_| !uid.entity_type().is_action()) else { return Ok(None) };
        let known = shapes.entity_types.get(uid.entity_type());
        known.map(Some).ok_or_else(|| super::conform::undeclared_type(shapes, uid).at(self.decoder.place(value)))
    }

    /// Decodes attributes or tags.
    fn members(
        &self,
        value: Value<'_>,
        kind: Members,
        uid: &EntityUid,
        shape: Option<&EntityShape>,
        pool: &mut Pool,
    ) -> Result<pool::Members, InputError> {
        let Some(object) = value.as_object() else {
            let message = format!("expected an object of {}s, found {}", kind.noun(), value.kind().describe());
            return Err(self.decoder.error(InputCode::UnexpectedForm, value, message));
        };
        let members = self.decoder.members(&object)?;
        let mut words = Vec::with_capacity(members.len());
        for (key, value) in members {
            let name = key.as_str().unwrap_or_default();
            let expected = match (shape, self.shapes) {
                (Some(shape), Some(shapes)) => {
                    let ty = match (&shape.kind, kind) {
                        (EntityShapeKind::Standard { attributes, .. }, Members::Attributes) => {
                            attributes.attributes.get(name).map(|attribute| attribute.ty)
                        }
                        (EntityShapeKind::Standard { tags, .. }, Members::Tags) => *tags,
                        (EntityShapeKind::Enum(_) | EntityShapeKind::External, _) => None,
                    };
                    let ty = ty.ok_or_else(|| unexpected(kind, name, uid, shape).at(self.decoder.place(key)))?;
                    Expected::of_type(shapes, ty)
                }
                _ => Expected::Anything,
            };
            let word = self.decoder.decode(value, expected, pool);
            let word = word.map_err(|error| error.about(format!("in {} `{name}` of `{uid}`", kind.noun())))?;
            words.push((pool.intern_string(name), word));
        }
        sort_members(&mut words);
        Ok(words.into())
    }

    fn parents(&self, value: Value<'_>, uid: &EntityUid, pool: &mut Pool) -> Result<Vec<EntityId>, InputError> {
        let Some(array) = value.as_array() else {
            let message = format!("expected an array of parents, found {}", value.kind().describe());
            return Err(self.decoder.error(InputCode::UnexpectedForm, value, message));
        };
        let mut parents = Vec::new();
        for value in array.iter() {
            let parent = self.decoder.entity(value)?;
            if uid.entity_type().is_action() && !parent.entity_type().is_action() {
                let message = format!("the action `{uid}` has the parent `{parent}`, which is not an action");
                let error = self.decoder.error(InputCode::NonActionParent, value, message);
                return Err(error.with_help("parents of actions are actions: the last part of their type is `Action`"));
            }
            parents.push(pool.intern_entity(&parent));
        }
        Ok(parents)
    }
}

#[cold]
fn unexpected(kind: Members, name: &str, uid: &EntityUid, shape: &EntityShape) -> InputError {
    match (kind, &shape.kind) {
        (Members::Tags, _) => super::conform::unexpected_tag(name, uid),
        (Members::Attributes, EntityShapeKind::Standard { attributes, .. }) => {
            let names = attributes.attributes.keys().map(SmolStr::as_str);
            super::conform::unexpected_attribute(name, uid).with_suggestion(closest(name, names))
        }
        (Members::Attributes, EntityShapeKind::Enum(_) | EntityShapeKind::External) => {
            super::conform::unexpected_attribute(name, uid)
        }
    }
}

/// Where a part of the entity stands.
fn find_part<'d>(parts: Parts<'d>, part: Part) -> Value<'d> {
    let member = |value: Value<'d>, name: &str| value.as_object().and_then(|object| object.get(name)).unwrap_or(value);
    match part {
        Part::Uid => parts.uid,
        Part::Attributes => parts.attributes,
        Part::Attribute(name) => member(parts.attributes, &name),
        Part::Parent(index) => parts.parents.as_array().and_then(|a| a.iter().nth(index)).unwrap_or(parts.parents),
        Part::Tag(key) => parts.tags.map_or(parts.attributes, |tags| member(tags, &key)),
    }
}
