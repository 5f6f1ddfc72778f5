//! Values in the syntax of policies.

use core::fmt;

use deodar_lexicon::{escape, name};

use super::order::Order;
use crate::{
    extension,
    pool::{Lookup, StringId, Word},
};

/// What is still to be written.
enum Step {
    Word(Word),
    Key(StringId),
    Text(&'static str),
}

/// Writes the expression that stands for the value.
pub(crate) fn write_text(interner: &impl Lookup, root: Word, out: &mut impl fmt::Write) -> fmt::Result {
    let order = Order::new(interner, root);
    let mut work = vec![Step::Word(root)];
    while let Some(step) = work.pop() {
        match step {
            Step::Text(text) => out.write_str(text)?,
            Step::Key(id) => write_key(interner.string(id), out)?,
            Step::Word(Word::Set(id)) => {
                work.push(Step::Text("]"));
                for (index, word) in order.elements(id).iter().enumerate().rev() {
                    work.extend([Step::Word(*word), Step::Text(separator(index))]);
                }
                work.push(Step::Text("["));
            }
            Step::Word(Word::Record(id)) => {
                work.push(Step::Text("}"));
                for (index, (name, word)) in order.members(id).iter().enumerate().rev() {
                    work.extend([Step::Word(*word), Step::Text(": "), Step::Key(*name), Step::Text(separator(index))]);
                }
                work.push(Step::Text("{"));
            }
            Step::Word(scalar) => write_scalar(interner, scalar, out)?,
        }
    }
    Ok(())
}

fn separator(index: usize) -> &'static str {
    if index == 0 { "" } else { ", " }
}

fn write_key(key: &str, out: &mut impl fmt::Write) -> fmt::Result {
    if name::is_identifier(key) { out.write_str(key) } else { write!(out, "\"{}\"", escape::escape(key)) }
}

fn write_scalar(interner: &impl Lookup, word: Word, out: &mut impl fmt::Write) -> fmt::Result {
    match word {
        Word::Bool(value) => write!(out, "{value}"),
        Word::Long(value) => write!(out, "{value}"),
        Word::String(id) => write!(out, "\"{}\"", escape::escape(interner.string(id))),
        Word::Entity(id) => write!(out, "{}", interner.entity_uid(id)),
        Word::Decimal(_) | Word::Ip(_) | Word::Datetime(_) | Word::Duration(_) => {
            extension::print(word, interner).map_or(Ok(()), |printed| write!(out, "{printed}"))
        }
        // Containers are taken apart by the caller.
        Word::Set(_) | Word::Record(_) => Ok(()),
    }
}
