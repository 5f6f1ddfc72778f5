//! TOML as JSON.
//!
//! The reader of TOML limits nesting (80 levels), so a walk over its tree needs no stack of its own.

use deodar_grammar::{Diagnostic, SourceId};
use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Document, Writer};
use crate::report;

pub(super) fn read(text: &str, source: SourceId) -> Result<Document, Diagnostic> {
    let table = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        report::invalid_toml(error.message(), source, span)
    })?;
    let mut writer = Writer::default();
    writer.place(0, 0);
    write_table(&mut writer, table.get_ref());
    Ok(writer.finish(source))
}

/// The members of a table in the order of the file.
fn write_table(writer: &mut Writer, table: &DeTable<'_>) {
    let mut members: Vec<_> = table.iter().collect();
    members.sort_by_key(|(key, _)| key.span().start);
    writer.json.push('{');
    for (position, (key, value)) in members.into_iter().enumerate() {
        if position > 0 {
            writer.json.push(',');
        }
        writer.place(key.span().start, key.span().end);
        writer.string(key.get_ref());
        writer.json.push(':');
        write_value(writer, value);
    }
    writer.json.push('}');
}

fn write_value(writer: &mut Writer, value: &Spanned<DeValue<'_>>) {
    writer.place(value.span().start, value.span().end);
    match value.get_ref() {
        DeValue::String(text) => writer.string(text),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => writer.json.push_str(&integer.to_string()),
            Err(_) => writer.string(integer.as_str()),
        },
        DeValue::Float(float) => match float.as_str().parse::<f64>().map(Value::from) {
            Ok(Value::Number(number)) => writer.json.push_str(&number.to_string()),
            Ok(_) | Err(_) => writer.string(float.as_str()),
        },
        DeValue::Boolean(value) => writer.json.push_str(if *value { "true" } else { "false" }),
        DeValue::Datetime(value) => writer.string(&value.to_string()),
        DeValue::Array(array) => {
            writer.json.push('[');
            for (position, value) in array.iter().enumerate() {
                if position > 0 {
                    writer.json.push(',');
                }
                write_value(writer, value);
            }
            writer.json.push(']');
        }
        DeValue::Table(table) => write_table(writer, table),
    }
}
