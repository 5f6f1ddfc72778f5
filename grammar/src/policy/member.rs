//! The innermost forms: literals, names, calls, attributes, sets and records.

use std::collections::HashMap;

use deodar_lexicon::Builtin;
use smol_str::SmolStr;

use super::{
    expr::node,
    operand::{self, EntityLiteral, Operand, Path, Piece, Place},
    reader::{Reader, take},
};
use crate::{
    ast::{BinaryOperator, CallStyle, ExprId, ExprKind, RecordEntry, Slot, Spanned, TypeName, UnaryOperator, Variable},
    report,
    source::Span,
};

/// How many keys of a record are compared with each other.
const FEW_KEYS: usize = 8;

pub(crate) fn boolean(value: bool, place: Place) -> Operand {
    Operand { piece: Piece::Bool(value), place }
}

pub(crate) fn integer(place: Place) -> Operand {
    Operand { piece: Piece::Integer, place }
}

pub(crate) fn string(place: Place) -> Operand {
    Operand { piece: Piece::String, place }
}

pub(crate) fn slot(reader: &mut Reader<'_>, place: Place) -> Operand {
    let (text, span) = (reader.slice(place), reader.span(place));
    let Some(slot) = Slot::from_name(text) else {
        reader.report(report::policy::unknown_slot(span, text));
        return Operand::error(place);
    };
    reader.slots.push((slot, span));
    node(reader, ExprKind::Slot(slot), place)
}

pub(crate) fn entity(reader: &mut Reader<'_>, path: Path, id_place: Place) -> Operand {
    let place = (path.place().0, id_place.1);
    let piece = EntityLiteral::new(reader, path, id_place).map_or(Piece::Error, Piece::Entity);
    Operand { piece, place }
}

pub(crate) fn entity_record(reader: &mut Reader<'_>, place: Place) -> Operand {
    reader.report(report::expression::entity_record(reader.span(place)));
    Operand::error(place)
}

/// Parentheses change no value, but what they enclose is an expression: no name, no method, no literal of a fixed form.
pub(crate) fn parenthesised(reader: &mut Reader<'_>, inner: Operand) -> Operand {
    match inner.piece {
        Piece::Error | Piece::Expr(_) | Piece::Chain(..) => inner,
        Piece::Name { .. }
        | Piece::Entity(_)
        | Piece::String
        | Piece::Integer
        | Piece::Bool(_)
        | Piece::Attribute { .. } => Operand { piece: Piece::Expr(inner.into_expr(reader)), place: inner.place },
    }
}

pub(crate) fn set(reader: &mut Reader<'_>, elements: u32, place: Place) -> Operand {
    let elements = take_elements(reader, elements).collect();
    node(reader, ExprKind::Set(elements), place)
}

fn take_elements<'r>(reader: &'r mut Reader<'_>, count: u32) -> impl Iterator<Item = ExprId> + 'r {
    take(&mut reader.elements, count)
}

pub(crate) fn entry(reader: &mut Reader<'_>, key: Operand, value: Operand) {
    let key = record_key(reader, key);
    let value = value.into_expr(reader);
    reader.entries.push(key.map(|key| RecordEntry { key, value }));
}

fn record_key(reader: &mut Reader<'_>, key: Operand) -> Option<Spanned<SmolStr>> {
    let span = key.span(reader);
    match key.piece {
        Piece::Name { is_qualified: false } => Some(operand::word(reader, key.place)),
        Piece::String => Some(Spanned::new(reader.unescape(key.place)?, span)),
        Piece::Bool(value) => {
            reader.report(report::expression::reserved_attribute(span, if value { "true" } else { "false" }));
            None
        }
        Piece::Error => None,
        Piece::Name { is_qualified: true }
        | Piece::Entity(_)
        | Piece::Integer
        | Piece::Expr(_)
        | Piece::Attribute { .. }
        | Piece::Chain(..) => {
            if !key.is_error(reader) {
                reader.report(report::expression::record_key(span));
                key.discard(reader);
            }
            None
        }
    }
}

/// A key without a value is reported, unless something else was: `{a = 1}` has had its advice.
pub(crate) fn lone_key(reader: &mut Reader<'_>, key: Operand) {
    if !key.is_error(reader) {
        reader.report(report::expression::record_entry(key.span(reader)));
        key.discard(reader);
    }
    reader.entries.push(None);
}

pub(crate) fn reserved_entry(reader: &mut Reader<'_>, word: Place, value: Operand) {
    reader.report(report::expression::reserved_attribute(reader.span(word), reader.slice(word)));
    value.into_expr(reader);
    reader.entries.push(None);
}

pub(crate) fn record(reader: &mut Reader<'_>, entries: u32, place: Place) -> Operand {
    let entries = take(&mut reader.entries, entries);
    let Some(entries) = entries.collect::<Option<Vec<_>>>() else { return Operand::error(place) };
    let kind = if has_repeated_key(reader, &entries) { ExprKind::Error } else { ExprKind::Record(entries.into()) };
    node(reader, kind, place)
}

/// Reports keys that stand twice. Few keys are compared with each other, many are looked up.
fn has_repeated_key(reader: &mut Reader<'_>, entries: &[RecordEntry]) -> bool {
    let mut keys = entries.iter().enumerate().map(|(index, entry)| (index, &entry.key.value));
    if entries.len() <= FEW_KEYS
        && keys.all(|(index, key)| entries.iter().take(index).all(|earlier| earlier.key.value != *key))
    {
        return false;
    }
    let mut seen: HashMap<&str, Span> = HashMap::with_capacity(entries.len());
    let mut repeated = false;
    for entry in entries {
        let key = &entry.key;
        if let Some(first) = seen.insert(&key.value, key.span) {
            reader.report(report::expression::duplicate_key(key.span, &key.value, first));
            repeated = true;
        }
    }
    repeated
}

pub(crate) fn attribute(reader: &mut Reader<'_>, base: Operand, name: Place, place: Place) -> Operand {
    let is_reserved = reader.report_reserved(name);
    let broken = matches!(base.piece, Piece::Error);
    let base = base.into_expr(reader);
    if is_reserved || broken {
        return Operand::error(place);
    }
    Operand { piece: Piece::Attribute { base, name: name.0 }, place }
}

pub(crate) fn index(reader: &mut Reader<'_>, base: Operand, index: Operand, place: Place) -> Operand {
    let base = base.into_expr(reader);
    let index_span = index.span(reader);
    let name = if let Piece::String = index.piece {
        reader.unescape(index.place)
    } else {
        if !index.is_error(reader) {
            reader.report(report::expression::index(index_span));
            index.discard(reader);
        }
        None
    };
    match name {
        Some(name) => node(reader, ExprKind::Attribute { base, name: Spanned::new(name, index_span) }, place),
        None => Operand::error(place),
    }
}

pub(crate) fn call(reader: &mut Reader<'_>, callee: Operand, arguments: u32, open: u32, place: Place) -> Operand {
    let span = callee.span(reader);
    let kind = match callee.piece {
        Piece::Name { is_qualified } => {
            let name = TypeName { name: reader.name(callee.place, is_qualified), span };
            let arguments = take_elements(reader, arguments).collect();
            function(reader, name, arguments)
        }
        Piece::Attribute { base, name } => {
            let name = (name, callee.place.1);
            let arguments = core::iter::once(base).chain(take_elements(reader, arguments)).collect();
            method(reader, name, arguments, (open, place.1))
        }
        Piece::Expr(_)
        | Piece::Entity(_)
        | Piece::Error
        | Piece::String
        | Piece::Integer
        | Piece::Bool(_)
        | Piece::Chain(..) => {
            drop(take_elements(reader, arguments));
            if callee.is_error(reader) {
                ExprKind::Error
            } else {
                // `(ip)(…)`: the parentheses are the mistake, not the name.
                callee.discard(reader);
                reader.reject(report::expression::expression_call(span))
            }
        }
    };
    node(reader, kind, place)
}

fn function(reader: &mut Reader<'_>, name: TypeName, arguments: Box<[ExprId]>) -> ExprKind {
    if Variable::from_name(&name.name).is_some() {
        return reader.reject(report::expression::variable_call(name.span, &name.name));
    }
    let is_operator =
        || BinaryOperator::from_method(&name.name).is_some() || UnaryOperator::from_method(&name.name).is_some();
    match Builtin::from_name(&name.name) {
        Some(builtin) if builtin.signature().style == CallStyle::Function => ExprKind::Call { builtin, arguments },
        Some(_) => reader.reject(report::expression::method_as_function(name.span, &name.name)),
        None if is_operator() => reader.reject(report::expression::method_as_function(name.span, &name.name)),
        None => ExprKind::UnknownCall { name, style: CallStyle::Function, arguments },
    }
}

/// A call of a method; the receiver is the first of the arguments.
fn method(reader: &mut Reader<'_>, name: Place, arguments: Box<[ExprId]>, list: Place) -> ExprKind {
    let text = reader.slice(name);
    let given = arguments.len().saturating_sub(1);
    if let Some(operator) = BinaryOperator::from_method(text) {
        return match *arguments {
            [left, right] => ExprKind::Binary { operator, left, right },
            _ => reader.reject(report::expression::arity(reader.span(list), text, 1, given)),
        };
    }
    if let Some(operator) = UnaryOperator::from_method(text) {
        return match *arguments {
            [receiver] => ExprKind::Unary(operator, receiver),
            _ => reader.reject(report::expression::arity(reader.span(list), text, 0, given)),
        };
    }
    match Builtin::from_name(text) {
        Some(builtin) if builtin.signature().style == CallStyle::Method => ExprKind::Call { builtin, arguments },
        Some(_) => reader.reject(report::expression::function_as_method(reader.span(name), text)),
        None => {
            let name = TypeName { name: SmolStr::new(text), span: reader.span(name) };
            ExprKind::UnknownCall { name, style: CallStyle::Method, arguments }
        }
    }
}
