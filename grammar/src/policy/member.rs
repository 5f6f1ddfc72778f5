//! The innermost forms: literals, names, calls, attributes, sets and records.

use std::collections::HashMap;

use deodar_lexicon::Builtin;
use smol_str::SmolStr;

use super::{
    expr::node,
    operand::{Operand, Path, Piece},
    reader::Reader,
};
use crate::{
    ast::{
        BinaryOperator, CallStyle, EntityRef, ExprId, ExprKind, RecordEntry, Slot, Spanned, TypeName, UnaryOperator,
        Variable,
    },
    report,
    source::Span,
};

pub(crate) fn boolean<'t>(value: bool, (_, span): (impl Sized, Span)) -> Operand<'t> {
    Operand { piece: Piece::Bool(value), span }
}

pub(crate) fn integer((digits, span): (&str, Span)) -> Operand<'_> {
    Operand { piece: Piece::Integer(digits), span }
}

pub(crate) fn string((body, span): (&str, Span)) -> Operand<'_> {
    Operand { piece: Piece::String(body), span }
}

pub(crate) fn name<'t>(reader: &mut Reader, path: Path<'t>) -> Operand<'t> {
    let span = path.span();
    match path.finish(reader) {
        Some(name) => Operand { piece: Piece::Name(name.name), span },
        None => Operand::error(span),
    }
}

pub(crate) fn slot<'t>(reader: &mut Reader, (text, span): (&str, Span)) -> Operand<'t> {
    let Some(slot) = Slot::from_name(text) else {
        reader.report(report::policy::unknown_slot(span, text));
        return Operand::error(span);
    };
    reader.slots.push((slot, span));
    Operand { piece: Piece::Expr(reader.push(ExprKind::Slot(slot), span)), span }
}

pub(crate) fn entity<'t>(reader: &mut Reader, path: Path<'t>, (body, id_span): (&str, Span)) -> Operand<'t> {
    let span = path.span().to(id_span);
    let ty = path.finish(reader);
    let id = reader.unescape(body, id_span);
    let (Some(ty), Some(id)) = (ty, id) else { return Operand::error(span) };
    let entity = EntityRef { ty, id: Spanned::new(id, id_span), span };
    Operand { piece: Piece::Expr(reader.push(ExprKind::Entity(entity), span)), span }
}

pub(crate) fn entity_record<'t>(reader: &mut Reader, place: (u32, u32)) -> Operand<'t> {
    let span = reader.span(place);
    reader.report(report::expression::entity_record(span));
    Operand::error(span)
}

/// Parentheses change no value, but what they enclose is an expression: no name, no method, no literal of a fixed form.
pub(crate) fn parenthesised<'t>(reader: &mut Reader, inner: Operand<'t>, _: (u32, u32)) -> Operand<'t> {
    match inner.piece {
        Piece::Error | Piece::Expr(_) | Piece::Chain(_) => inner,
        Piece::Name(_) | Piece::String(_) | Piece::Integer(_) | Piece::Bool(_) | Piece::Attribute { .. } => {
            let span = inner.span;
            Operand { piece: Piece::Expr(inner.into_expr(reader)), span }
        }
    }
}

pub(crate) fn set<'t>(reader: &mut Reader, elements: Vec<Operand<'t>>, place: (u32, u32)) -> Operand<'t> {
    let elements = into_exprs(reader, elements);
    node(reader, ExprKind::Set(elements.into()), place)
}

fn into_exprs(reader: &mut Reader, operands: Vec<Operand<'_>>) -> Vec<ExprId> {
    operands.into_iter().map(|operand| operand.into_expr(reader)).collect()
}

pub(crate) fn entry(reader: &mut Reader, key: Operand<'_>, value: Operand<'_>) -> Option<RecordEntry> {
    let key = record_key(reader, key);
    let value = value.into_expr(reader);
    Some(RecordEntry { key: key?, value })
}

fn record_key(reader: &mut Reader, key: Operand<'_>) -> Option<Spanned<SmolStr>> {
    let span = key.span;
    let text = match key.piece {
        Piece::Name(name) if !name.contains("::") => name,
        Piece::String(body) => reader.unescape(body, span)?,
        Piece::Bool(value) => {
            reader.report(report::expression::reserved_attribute(span, if value { "true" } else { "false" }));
            return None;
        }
        Piece::Error => return None,
        Piece::Name(_) | Piece::Integer(_) | Piece::Expr(_) | Piece::Attribute { .. } | Piece::Chain(_) => {
            if !key.is_error(reader) {
                reader.report(report::expression::record_key(span));
                key.discard(reader);
            }
            return None;
        }
    };
    Some(Spanned::new(text, span))
}

/// A key without a value is reported, unless something else was: `{a = 1}` has had its advice.
pub(crate) fn lone_key(reader: &mut Reader, key: Operand<'_>) -> Option<RecordEntry> {
    if !key.is_error(reader) {
        reader.report(report::expression::record_entry(key.span));
        key.discard(reader);
    }
    None
}

pub(crate) fn reserved_entry(
    reader: &mut Reader,
    (word, span): (&str, Span),
    value: Operand<'_>,
) -> Option<RecordEntry> {
    reader.report(report::expression::reserved_attribute(span, word));
    value.into_expr(reader);
    None
}

pub(crate) fn record<'t>(reader: &mut Reader, entries: Vec<Option<RecordEntry>>, place: (u32, u32)) -> Operand<'t> {
    let Some(entries) = entries.into_iter().collect::<Option<Vec<_>>>() else {
        return Operand::error(reader.span(place));
    };
    let mut seen: HashMap<&str, Span> = HashMap::with_capacity(entries.len());
    let mut repeated = false;
    for entry in &entries {
        let key = &entry.key;
        if let Some(first) = seen.insert(&key.value, key.span) {
            reader.report(report::expression::duplicate_key(key.span, &key.value, first));
            repeated = true;
        }
    }
    let kind = if repeated { ExprKind::Error } else { ExprKind::Record(entries.into()) };
    node(reader, kind, place)
}

pub(crate) fn attribute<'t>(
    reader: &mut Reader,
    base: Operand<'t>,
    name: (&str, Span),
    place: (u32, u32),
) -> Operand<'t> {
    let span = reader.span(place);
    let name = reader.attribute_name(name);
    let broken = matches!(base.piece, Piece::Error);
    let base = base.into_expr(reader);
    match name {
        Some(name) if !broken => Operand { piece: Piece::Attribute { base, name }, span },
        _ => Operand::error(span),
    }
}

pub(crate) fn index<'t>(reader: &mut Reader, base: Operand<'t>, index: Operand<'t>, place: (u32, u32)) -> Operand<'t> {
    let base = base.into_expr(reader);
    let index_span = index.span;
    let name = if let Piece::String(body) = index.piece {
        reader.unescape(body, index_span)
    } else {
        if !index.is_error(reader) {
            reader.report(report::expression::index(index_span));
            index.discard(reader);
        }
        None
    };
    match name {
        Some(name) => node(reader, ExprKind::Attribute { base, name: Spanned::new(name, index_span) }, place),
        None => Operand::error(reader.span(place)),
    }
}

pub(crate) fn call<'t>(
    reader: &mut Reader,
    callee: Operand<'t>,
    arguments: Vec<Operand<'t>>,
    open: u32,
    place: (u32, u32),
) -> Operand<'t> {
    let arguments = into_exprs(reader, arguments);
    let kind = match callee.piece {
        Piece::Name(name) => function(reader, TypeName { name, span: callee.span }, arguments),
        Piece::Attribute { base, name } => method(reader, base, &name, arguments, (open, place.1)),
        Piece::Error => ExprKind::Error,
        Piece::Expr(id) if matches!(reader.exprs.kind(id), ExprKind::Error) => ExprKind::Error,
        Piece::Expr(_) | Piece::String(_) | Piece::Integer(_) | Piece::Bool(_) | Piece::Chain(_) => {
            let span = callee.span;
            // `(ip)(…)`: the parentheses are the mistake, not the name.
            callee.discard(reader);
            reader.reject(report::expression::expression_call(span))
        }
    };
    node(reader, kind, place)
}

fn function(reader: &mut Reader, name: TypeName, arguments: Vec<ExprId>) -> ExprKind {
    if Variable::from_name(&name.name).is_some() {
        return reader.reject(report::expression::variable_call(name.span, &name.name));
    }
    let is_operator =
        BinaryOperator::from_method(&name.name).is_some() || UnaryOperator::from_method(&name.name).is_some();
    match Builtin::from_name(&name.name) {
        Some(builtin) if builtin.signature().style == CallStyle::Function => {
            ExprKind::Call { builtin, arguments: arguments.into() }
        }
        Some(_) => reader.reject(report::expression::method_as_function(name.span, &name.name)),
        None if is_operator => reader.reject(report::expression::method_as_function(name.span, &name.name)),
        None => ExprKind::UnknownCall { name, style: CallStyle::Function, arguments: arguments.into() },
    }
}

fn method(
    reader: &mut Reader,
    receiver: ExprId,
    name: &Spanned<SmolStr>,
    arguments: Vec<ExprId>,
    list: (u32, u32),
) -> ExprKind {
    let text = name.value.as_str();
    if let Some(operator) = BinaryOperator::from_method(text) {
        return match *arguments.as_slice() {
            [right] => ExprKind::Binary { operator, left: receiver, right },
            _ => reader.reject(report::expression::arity(reader.span(list), text, 1, arguments.len())),
        };
    }
    if let Some(operator) = UnaryOperator::from_method(text) {
        return match *arguments.as_slice() {
            [] => ExprKind::Unary(operator, receiver),
            _ => reader.reject(report::expression::arity(reader.span(list), text, 0, arguments.len())),
        };
    }
    let arguments: Box<[ExprId]> = core::iter::once(receiver).chain(arguments).collect();
    match Builtin::from_name(text) {
        Some(builtin) if builtin.signature().style == CallStyle::Method => ExprKind::Call { builtin, arguments },
        Some(_) => reader.reject(report::expression::function_as_method(name.span, text)),
        None => {
            let name = TypeName { name: name.value.clone(), span: name.span };
            ExprKind::UnknownCall { name, style: CallStyle::Method, arguments }
        }
    }
}
