//! Values as JSON, in the form of entity files.

use deodar_lexicon::{Builtin, json::Writer};

use super::order::Order;
use crate::{
    EntityUid, InputCode, InputError, extension,
    pool::{Lookup, StringId, Word},
};

/// Keys that mark what JSON does not have. A record that has one is not written, because it would be read back as
/// something else.
const RESERVED_KEYS: [&str; 3] = ["__entity", "__extn", "__expr"];

/// What is still to be written.
enum Step {
    Word(Word),
    Key(StringId),
    EndArray,
    EndObject,
}

/// Writes the value.
///
/// # Errors
/// [`InputCode::ReservedKey`]; what was written before is useless then.
pub(crate) fn write_json(interner: &impl Lookup, root: Word, out: &mut Writer) -> Result<(), InputError> {
    let order = Order::new(interner, root);
    let mut work = vec![Step::Word(root)];
    while let Some(step) = work.pop() {
        match step {
            Step::Key(id) => out.key(interner.string(id)),
            Step::EndArray => out.end_array(),
            Step::EndObject => out.end_object(),
            Step::Word(Word::Set(id)) => {
                out.begin_array();
                work.push(Step::EndArray);
                work.extend(order.elements(id).iter().rev().map(|word| Step::Word(*word)));
            }
            Step::Word(Word::Record(id)) => {
                out.begin_object();
                work.push(Step::EndObject);
                for (name, word) in order.members(id).iter().rev() {
                    if RESERVED_KEYS.contains(&interner.string(*name)) {
                        return Err(reserved_key(interner.string(*name)));
                    }
                    work.extend([Step::Word(*word), Step::Key(*name)]);
                }
            }
            Step::Word(scalar) => write_scalar(interner, scalar, out),
        }
    }
    Ok(())
}

#[cold]
fn reserved_key(key: &str) -> InputError {
    let message = format!("a record with the key `{key}` cannot be written as JSON: the key marks an escape there");
    InputError::new(InputCode::ReservedKey, message).with_help("give the attribute another name")
}

fn write_scalar(interner: &impl Lookup, word: Word, out: &mut Writer) {
    match word {
        Word::Bool(value) => out.bool(value),
        Word::Long(value) => out.integer(value),
        Word::String(id) => out.string(interner.string(id)),
        Word::Entity(id) => {
            out.begin_object();
            out.key("__entity");
            write_uid(&interner.entity_uid(id), out);
            out.end_object();
        }
        Word::Decimal(_) | Word::Ip(_) | Word::Datetime(_) | Word::Duration(_) => {
            let Some(printed) = extension::print(word, interner) else { return };
            let Some(offset) = &printed.offset else {
                return write_call(printed.constructor, &printed.text, out);
            };
            begin_call(Builtin::Offset, "args", out);
            out.begin_array();
            write_call(printed.constructor, &printed.text, out);
            write_call(Builtin::Duration, offset, out);
            out.end_array();
            end_call(out);
        }
        // Containers are taken apart by the caller.
        Word::Set(_) | Word::Record(_) => {}
    }
}

/// Writes `{"type": …, "id": …}`.
pub(crate) fn write_uid(uid: &EntityUid, out: &mut Writer) {
    out.begin_object();
    out.string_member("type", uid.entity_type().as_str());
    out.string_member("id", uid.id());
    out.end_object();
}

fn write_call(function: Builtin, argument: &str, out: &mut Writer) {
    begin_call(function, "arg", out);
    out.string(argument);
    end_call(out);
}

fn begin_call(function: Builtin, arguments_key: &str, out: &mut Writer) {
    out.begin_object();
    out.key("__extn");
    out.begin_object();
    out.string_member("fn", function.name());
    out.key(arguments_key);
}

fn end_call(out: &mut Writer) {
    out.end_object();
    out.end_object();
}
