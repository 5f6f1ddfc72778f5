//! From JSON values to words.
//!
//! JSON has no entities and no extension types, so they are written as escapes: `{"__entity": {"type", "id"}}` and
//! `{"__extn": {"fn", "arg"}}`. Only an object with exactly that one key and a content of that form is an escape; any
//! other object is a record. Where a schema says what stands at a place, escapes may be left out: `{"type", "id"}`
//! where an entity is expected, a text or `{"fn", "arg"}` where a value of an extension type is.
//!
//! Decoding by type checks no more than it needs: whether a string stands where the schema has a long is for
//! [`conform`](crate::entities::conform) to say.
//!
//! Parts that the meaning ignores, like a third member beside `type` and `id`, are still read as the reference reads
//! them: repeated keys and numbers that are no integers are mistakes there too.
//!
//! Tasks and results are kept in lists of their own, so depth costs no stack.

mod form;
mod mistake;

use deodar_lexicon::{
    Builtin,
    builtin::{ExtensionType, ParameterType},
    json::{Kind, Object, Value},
    limits,
};
use smol_str::SmolStr;

use form::{find, integer, string};
use mistake::shown;

use crate::{
    EntityTypeName, EntityUid, InputCode, InputError, Shapes,
    input::closest,
    pool::{Interner, StringId, Word},
    shape::{RecordShape, Type, TypeIndex},
    value,
};

/// What a repeated key in an object means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duplicates {
    /// A mistake.
    Refused,
    /// The last member counts; contexts are read like this.
    LastCounts,
}

/// What stands at a place, as far as it changes how JSON is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected<'s> {
    /// Anything, or a type that changes nothing.
    Anything,
    /// An entity.
    Entity,
    /// A value of an extension type.
    Extension(ExtensionType),
    /// A set.
    Set(TypeIndex),
    /// A record.
    Record(&'s RecordShape),
}

impl<'s> Expected<'s> {
    pub(crate) fn of_type(shapes: &'s Shapes, ty: TypeIndex) -> Self {
        match shapes.ty(ty) {
            Type::Bool | Type::Long | Type::String => Self::Anything,
            Type::Entity(_) => Self::Entity,
            Type::Extension(ty) => Self::Extension(*ty),
            Type::Set(element) => Self::Set(*element),
            Type::Record(shape) => Self::Record(shape),
        }
    }

    fn of_parameter(ty: ParameterType) -> Self {
        match ty {
            ParameterType::Bool | ParameterType::Long | ParameterType::String => Self::Anything,
            ParameterType::Extension(ty) => Self::Extension(ty),
        }
    }
}

/// Whether the parts that decoding ignores were checked with what is around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ignored {
    Checked,
    Unchecked,
}

enum Task<'d, 's> {
    Decode { value: Value<'d>, expected: Expected<'s>, depth: usize, ignored: Ignored },
    MakeSet { count: usize },
    MakeRecord { count: usize },
    Call { builtin: Builtin, count: usize, value: Value<'d> },
}

/// A call of an extension function, as it is written.
struct Call<'d> {
    function: Value<'d>,
    arguments: Vec<Value<'d>>,
}

/// Decodes the values of one document.
#[derive(Debug)]
pub(crate) struct Decoder<'s> {
    shapes: Option<&'s Shapes>,
    duplicates: Duplicates,
    element: Option<usize>,
}

/// What a value is turned into, step by step.
struct Run<'d, 's> {
    tasks: Vec<Task<'d, 's>>,
    words: Vec<Word>,
    names: Vec<StringId>,
}

impl<'s> Decoder<'s> {
    /// A decoder for a document that is the given element of an array, or stands for itself.
    pub(crate) fn new(shapes: Option<&'s Shapes>, duplicates: Duplicates, element: Option<usize>) -> Self {
        Self { shapes, duplicates, element }
    }

    /// Decodes one value.
    pub(crate) fn decode<'d>(
        &self,
        value: Value<'d>,
        expected: Expected<'s>,
        interner: &mut impl Interner,
    ) -> Result<Word, InputError> {
        let first = Task::Decode { value, expected, depth: 0, ignored: Ignored::Unchecked };
        let mut run = Run { tasks: vec![first], words: Vec::new(), names: Vec::new() };
        while let Some(task) = run.tasks.pop() {
            match task {
                Task::Decode { value, expected, depth, ignored } => {
                    if depth > limits::VALUE_NESTING.as_usize() {
                        return Err(self.too_deep(value));
                    }
                    self.step(&mut run, value, expected, depth, ignored, interner)?;
                }
                Task::MakeSet { count } => {
                    let mut elements = run.words.split_off(run.words.len().saturating_sub(count));
                    run.words.push(Word::Set(interner.intern_set(&mut elements)));
                }
                Task::MakeRecord { count } => {
                    let words = run.words.split_off(run.words.len().saturating_sub(count));
                    let names = run.names.split_off(run.names.len().saturating_sub(count));
                    let mut members = names.into_iter().zip(words).collect();
                    run.words.push(Word::Record(interner.intern_record(&mut members)));
                }
                Task::Call { builtin, count, value } => {
                    let arguments = run.words.split_off(run.words.len().saturating_sub(count));
                    let result = value::call(builtin, &arguments, interner).map_err(|e| e.at(self.place(value)))?;
                    run.words.push(result);
                }
            }
        }
        // Every task leaves one word, so the value that was asked for is the only one.
        run.words.pop().ok_or_else(|| self.error(InputCode::UnexpectedForm, value, "expected a value"))
    }

    fn step<'d>(
        &self,
        run: &mut Run<'d, 's>,
        value: Value<'d>,
        expected: Expected<'s>,
        depth: usize,
        ignored: Ignored,
        interner: &mut impl Interner,
    ) -> Result<(), InputError> {
        match expected {
            Expected::Anything => self.anything(run, value, depth, interner),
            Expected::Entity => {
                self.check_repeated_keys(value)?;
                let uid = self.entity(value)?;
                run.words.push(Word::Entity(interner.intern_entity(&uid)));
                Ok(())
            }
            Expected::Extension(ty) => self.extension(run, value, ty, depth, ignored, interner),
            Expected::Set(element) => {
                let Kind::Array(array) = value.kind() else { return Err(self.mismatch(value, "an array")) };
                let expected = self.shapes.map_or(Expected::Anything, |shapes| Expected::of_type(shapes, element));
                run.set(array.iter(), expected, depth);
                Ok(())
            }
            Expected::Record(shape) => {
                let Kind::Object(object) = value.kind() else { return Err(self.mismatch(value, "an object")) };
                self.record_of_shape(run, value, &object, shape, depth, interner)
            }
        }
    }

    /// Decodes without knowing what to expect.
    fn anything<'d>(
        &self,
        run: &mut Run<'d, 's>,
        value: Value<'d>,
        depth: usize,
        interner: &mut impl Interner,
    ) -> Result<(), InputError> {
        match value.kind() {
            Kind::Null => return Err(self.null(value)),
            Kind::Bool(value) => run.words.push(Word::Bool(value)),
            Kind::Number(text) => {
                run.words.push(Word::Long(integer(text).ok_or_else(|| self.not_an_integer(value))?));
            }
            Kind::String(text) => run.words.push(Word::String(interner.intern_string(text))),
            Kind::Array(array) => run.set(array.iter(), Expected::Anything, depth),
            Kind::Object(object) => {
                let members = self.members(&object)?;
                if let [(key, inner)] = members.as_slice()
                    && self.escape(run, key.as_str().unwrap_or_default(), value, *inner, depth, interner)?
                {
                    return Ok(());
                }
                run.tasks.push(Task::MakeRecord { count: members.len() });
                for (key, inner) in members.iter().rev() {
                    run.names.push(interner.intern_string(key.as_str().unwrap_or_default()));
                    run.decode(*inner, Expected::Anything, depth + 1);
                }
                let first = run.names.len().saturating_sub(members.len());
                run.names.get_mut(first..).unwrap_or_default().reverse();
            }
        }
        Ok(())
    }

    /// Decodes an object of one member if it is an escape.
    fn escape<'d>(
        &self,
        run: &mut Run<'d, 's>,
        key: &str,
        value: Value<'d>,
        inner: Value<'d>,
        depth: usize,
        interner: &mut impl Interner,
    ) -> Result<bool, InputError> {
        match (key, inner.kind()) {
            ("__expr", Kind::String(_)) => Err(self.expr_escape(value)),
            ("__entity", Kind::Object(object)) => {
                let members = self.members(&object)?;
                let (Some(ty), Some(id)) = (string(&members, "type"), string(&members, "id")) else {
                    return Ok(false);
                };
                self.check_others(&members, &["type", "id"])?;
                let uid = self.uid(inner, ty, id)?;
                run.words.push(Word::Entity(interner.intern_entity(&uid)));
                Ok(true)
            }
            ("__extn", Kind::Object(object)) => {
                let members = self.members(&object)?;
                let (Some(_), Some(function)) = (string(&members, "fn"), find(&members, "fn")) else {
                    return Ok(false);
                };
                let call = match (find(&members, "arg"), find(&members, "args").map(Value::kind)) {
                    (Some(argument), _) => Call { function, arguments: vec![argument] },
                    (None, Some(Kind::Array(array))) => Call { function, arguments: array.iter().collect() },
                    (None, _) => return Ok(false),
                };
                let used = if find(&members, "arg").is_some() { ["fn", "arg"] } else { ["fn", "args"] };
                self.check_others(&members, &used)?;
                let builtin = self.builtin(function)?;
                run.call(builtin, value, &call.arguments, |_| Expected::Anything, depth, Ignored::Unchecked);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn record_of_shape<'d>(
        &self,
        run: &mut Run<'d, 's>,
        value: Value<'d>,
        object: &Object<'d>,
        shape: &'s RecordShape,
        depth: usize,
        interner: &mut impl Interner,
    ) -> Result<(), InputError> {
        let members = self.members(object)?;
        for (name, attribute) in &shape.attributes {
            if attribute.required && find(&members, name).is_none() {
                let message = format!("expected a record with the attribute `{name}`, which is missing");
                return Err(self.error(InputCode::MissingAttribute, value, message));
            }
        }
        run.tasks.push(Task::MakeRecord { count: members.len() });
        for (key, inner) in members.iter().rev() {
            let name = key.as_str().unwrap_or_default();
            let Some(attribute) = shape.attributes.get(name) else {
                let message = format!("the schema does not declare the attribute `{name}` of this record");
                let names = shape.attributes.keys().map(SmolStr::as_str);
                let error = self.error(InputCode::UnexpectedAttribute, *key, message);
                return Err(error.with_suggestion(closest(name, names)));
            };
            run.names.push(interner.intern_string(name));
            let expected = self.shapes.map_or(Expected::Anything, |shapes| Expected::of_type(shapes, attribute.ty));
            run.decode(*inner, expected, depth + 1);
        }
        let first = run.names.len().saturating_sub(members.len());
        run.names.get_mut(first..).unwrap_or_default().reverse();
        Ok(())
    }

    /// Decodes where a value of an extension type is expected: a call, written in full or not, or a text.
    fn extension<'d>(
        &self,
        run: &mut Run<'d, 's>,
        value: Value<'d>,
        ty: ExtensionType,
        depth: usize,
        ignored: Ignored,
        interner: &mut impl Interner,
    ) -> Result<(), InputError> {
        let Kind::Object(object) = value.kind() else {
            return match value.kind() {
                Kind::Null => Err(self.null(value)),
                Kind::String(text) => {
                    let argument = Word::String(interner.intern_string(text));
                    let word = value::call(ty.constructor(), &[argument], interner);
                    run.words.push(word.map_err(|error| error.at(self.place(value)))?);
                    Ok(())
                }
                Kind::Bool(_) | Kind::Number(_) | Kind::Array(_) | Kind::Object(_) => {
                    Err(self.not_an_extension_value(value, ty))
                }
            };
        };
        let members = self.members(&object)?;
        if string(&members, "__expr").is_some() {
            return Err(self.expr_escape(value));
        }
        let explicit = match find(&members, "__extn").map(Value::kind) {
            Some(Kind::Object(inner)) => {
                let members = self.members(&inner)?;
                self.call(&members, ignored)
            }
            _ => None,
        };
        let Some(call) = explicit.or_else(|| self.call(&members, ignored)) else {
            return Err(self.not_an_extension_value(value, ty));
        };
        self.check_repeated_keys(value)?;
        let builtin = self.builtin(call.function)?;
        let parameters = builtin.signature().parameters;
        if parameters.len() != call.arguments.len() {
            let (name, arity, found) = (builtin.name(), value::arity(builtin), call.arguments.len());
            let message = format!("`{name}` takes {arity}, found {found}");
            return Err(self.error(InputCode::InvalidExtensionValue, value, message));
        }
        let expected =
            |index: usize| parameters.get(index).map_or(Expected::Anything, |ty| Expected::of_parameter(*ty));
        run.call(builtin, value, &call.arguments, expected, depth, Ignored::Checked);
        Ok(())
    }

    /// The call that these members describe; its arguments are values as far as their form goes.
    fn call<'d>(&self, members: &[(Value<'d>, Value<'d>)], ignored: Ignored) -> Option<Call<'d>> {
        string(members, "fn")?;
        let function = find(members, "fn")?;
        let is_value = |value: &Value<'d>| ignored == Ignored::Checked || self.check_value(*value).is_ok();
        if let Some(argument) = find(members, "arg").filter(is_value) {
            return Some(Call { function, arguments: vec![argument] });
        }
        let arguments: Vec<_> = find(members, "args")?.as_array()?.iter().collect();
        arguments.iter().all(is_value).then_some(Call { function, arguments })
    }

    fn builtin(&self, function: Value<'_>) -> Result<Builtin, InputError> {
        let name = function.as_str().unwrap_or_default();
        Builtin::from_name(name).ok_or_else(|| {
            let message = format!("there is no extension function `{name}`");
            let error = self.error(InputCode::UnknownFunction, function, message);
            if name == "unknown" {
                return error.with_help("unknown values belong to partial evaluation, which reads no data yet");
            }
            error.with_suggestion(closest(name, Builtin::ALL.iter().map(|builtin| builtin.name())))
        })
    }

    /// Decodes the name of an entity, written with its escape or without.
    ///
    /// The reference also takes `["type", "id"]`; so do we, so that nothing it loads is refused.
    pub(crate) fn entity(&self, value: Value<'_>) -> Result<EntityUid, InputError> {
        if let Some(object) = value.as_object() {
            if self.member(&object, "__expr").and_then(Value::as_str).is_some() {
                return Err(self.expr_escape(value));
            }
            if let Some((ty, id)) = self.member(&object, "__entity").and_then(|inner| self.type_and_id(inner)) {
                return self.uid(value, ty, id);
            }
        }
        let (ty, id) = self.type_and_id(value).ok_or_else(|| {
            let message = format!("expected an entity, found {}", shown(value));
            self.error(InputCode::NotAnEntity, value, message)
                .with_help("entities are written as `{\"type\": \"User\", \"id\": \"alice\"}`")
        })?;
        self.uid(value, ty, id)
    }

    /// The type and the id, if the value says both.
    fn type_and_id<'d>(&self, value: Value<'d>) -> Option<(&'d str, &'d str)> {
        match value.kind() {
            Kind::Object(object) => {
                let member = |key| self.member(&object, key).and_then(Value::as_str);
                Some((member("type")?, member("id")?))
            }
            Kind::Array(array) => {
                let mut elements = array.iter();
                let both = (elements.next()?.as_str()?, elements.next()?.as_str()?);
                elements.next().is_none().then_some(both)
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => None,
        }
    }

    /// A member, if there is one; a repeated one is none unless the last counts.
    fn member<'d>(&self, object: &Object<'d>, key: &str) -> Option<Value<'d>> {
        let mut found = object.members().filter(|(k, _)| *k == key).map(|(_, value)| value);
        match self.duplicates {
            Duplicates::LastCounts => found.last(),
            Duplicates::Refused => found.next().filter(|_| found.next().is_none()),
        }
    }

    fn uid(&self, value: Value<'_>, ty: &str, id: &str) -> Result<EntityUid, InputError> {
        let ty = EntityTypeName::new(ty)
            .map_err(|invalid| self.error(InputCode::InvalidEntityType, value, invalid.to_string()))?;
        Ok(EntityUid::new(ty, id))
    }
}

impl<'d, 's> Run<'d, 's> {
    fn decode(&mut self, value: Value<'d>, expected: Expected<'s>, depth: usize) {
        self.tasks.push(Task::Decode { value, expected, depth, ignored: Ignored::Unchecked });
    }

    fn set(&mut self, elements: impl Iterator<Item = Value<'d>>, expected: Expected<'s>, depth: usize) {
        let make = self.tasks.len();
        self.tasks.push(Task::MakeSet { count: 0 });
        elements.for_each(|element| self.decode(element, expected, depth + 1));
        let length = self.tasks.len() - make - 1;
        // The first element is decoded first, so that the first mistake of the text is reported.
        self.tasks.get_mut(make + 1..).unwrap_or_default().reverse();
        if let Some(Task::MakeSet { count }) = self.tasks.get_mut(make) {
            *count = length;
        }
    }

    fn call(
        &mut self,
        builtin: Builtin,
        value: Value<'d>,
        arguments: &[Value<'d>],
        expected: impl Fn(usize) -> Expected<'s>,
        depth: usize,
        ignored: Ignored,
    ) {
        self.tasks.push(Task::Call { builtin, count: arguments.len(), value });
        for (index, argument) in arguments.iter().enumerate().rev() {
            self.tasks.push(Task::Decode { value: *argument, expected: expected(index), depth: depth + 1, ignored });
        }
    }
}
