//! What stands below `Value`: literals in the JSON form of entity data.
//!
//! Arrays are sets, objects are records, and an object whose only key is `__entity` or `__extn` is an escape if its
//! content has the form of one; otherwise it is a record with that key, as in the reference.

use deodar_lexicon::{
    Builtin,
    json::{Kind, Object, Value},
};
use smol_str::SmolStr;

use super::{
    expr::{Build, Task},
    reader::Reader,
};
use crate::{ast::ExprKind, report::json as report};

impl Reader {
    /// Adds the tasks that lead to the literal.
    pub(super) fn read_value<'d>(&mut self, value: Value<'d>, tasks: &mut Vec<Task<'d>>) {
        let span = self.span(value);
        let (build, operands) = match value.kind() {
            Kind::Null => {
                self.report(report::null_value(&self.place(value)));
                (Build::Error(0), Vec::new())
            }
            Kind::Bool(value) => (Build::Leaf(ExprKind::Bool(value)), Vec::new()),
            Kind::Number(text) => (self.integer(value, text), Vec::new()),
            Kind::String(text) => (Build::Leaf(ExprKind::String(SmolStr::new(text))), Vec::new()),
            Kind::Array(elements) => {
                let elements: Vec<_> = elements.iter().collect();
                (Build::Set(elements.len()), elements)
            }
            Kind::Object(object) => self.object_value(value, &object),
        };
        tasks.push(Task::Build(build, span));
        tasks.extend(operands.into_iter().rev().map(Task::ReadValue));
    }

    fn integer(&mut self, value: Value<'_>, text: &str) -> Build {
        // JSON has no negative zero among its integers; the reference reads it as a float.
        let number = if text == "-0" { None } else { text.parse().ok() };
        if number.is_none() {
            self.report(report::bad_number(&self.place(value), text));
        }
        number.map_or(Build::Error(0), |number| Build::Leaf(ExprKind::Long(number)))
    }

    fn object_value<'d>(&mut self, value: Value<'d>, object: &Object<'d>) -> (Build, Vec<Value<'d>>) {
        if let Some((key, content)) = only_member(object) {
            match key {
                "__expr" if self.is_expression_escape(value) => return (Build::Error(0), Vec::new()),
                "__entity" => {
                    if let Some((ty, id)) = members(content, "type", "id")
                        && ty.as_str().is_some()
                        && id.as_str().is_some()
                    {
                        let entity = self.entity_of(value, ty, id);
                        self.check_ignored(content, &["type", "id"]);
                        return (
                            entity.map_or(Build::Error(0), |e| Build::Leaf(ExprKind::Entity(Box::new(e)))),
                            Vec::new(),
                        );
                    }
                }
                "__extn" => {
                    if let Some((function, arguments)) = call(content) {
                        let used = if content.as_object().is_some_and(|call| call.get("arg").is_some()) {
                            ["fn", "arg"]
                        } else {
                            ["fn", "args"]
                        };
                        self.check_ignored(content, &used);
                        return (self.function(function, arguments.len()), arguments);
                    }
                }
                _ => {}
            }
        }
        match self.object(value, "a record") {
            Some(object) => {
                let (keys, values): (Vec<_>, Vec<_>) = object.iter().unzip();
                (self.record_build(&keys), values)
            }
            None => (Build::Error(0), Vec::new()),
        }
    }

    /// Members of an escape that are ignored must still be values of Cedar, or null.
    fn check_ignored(&mut self, escape: Value<'_>, used: &[&str]) {
        let members = escape.as_object().into_iter().flat_map(|object| object.members());
        let mut values: Vec<_> = members.filter(|(key, _)| !used.contains(key)).map(|(_, value)| value).collect();
        while let Some(value) = values.pop() {
            match value.kind() {
                Kind::Null | Kind::Bool(_) | Kind::String(_) => {}
                Kind::Number(text) => {
                    self.integer(value, text);
                }
                Kind::Array(elements) => values.extend(elements.iter()),
                Kind::Object(_) => {
                    let object = self.object(value, "a record");
                    values.extend(object.into_iter().flat_map(|object| object.members()).map(|(_, value)| value));
                }
            }
        }
    }

    fn function(&mut self, name: Value<'_>, arguments: usize) -> Build {
        let word = name.as_str().unwrap_or_default();
        let Some(builtin) = Builtin::from_name(word) else {
            let known = Builtin::ALL.iter().map(|builtin| builtin.name());
            self.report(report::unknown_function(&self.place(name), word, known));
            return Build::Error(arguments);
        };
        Build::Call(builtin, arguments)
    }
}

fn only_member<'d>(object: &Object<'d>) -> Option<(&'d str, Value<'d>)> {
    let mut members = object.members();
    members.next().filter(|_| members.next().is_none())
}

/// The values of two keys of an object without repeated keys.
fn members<'d>(value: Value<'d>, first: &str, second: &str) -> Option<(Value<'d>, Value<'d>)> {
    let object = value.as_object().filter(|object| object.repeated_key().is_none())?;
    Some((object.get(first)?, object.get(second)?))
}

/// The function's name and arguments, if the object has the form of a call.
fn call(value: Value<'_>) -> Option<(Value<'_>, Vec<Value<'_>>)> {
    if let Some((function, argument)) = members(value, "fn", "arg") {
        return function.as_str().map(|_| (function, vec![argument]));
    }
    let (function, arguments) = members(value, "fn", "args")?;
    function.as_str().zip(arguments.as_array()).map(|(_, arguments)| (function, arguments.iter().collect()))
}
