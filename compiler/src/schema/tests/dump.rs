//! A schema as text, for snapshots.

use std::fmt::Write as _;

use deodar_grammar::{Sources, Span, ast::Annotation};
use deodar_runtime::{
    Shapes,
    shape::{EntityShapeKind, RecordShape, Type, TypeIndex},
};

use super::super::{Declaration, Schema};

pub(super) fn schema(schema: &Schema, sources: &Sources) -> String {
    let mut out = String::new();
    let shapes = schema.shapes();
    for (name, entity) in &shapes.entity_types {
        let _ = write!(out, "entity {name}");
        match &entity.kind {
            EntityShapeKind::External => out.push_str(" external"),
            EntityShapeKind::Enum(ids) => {
                let _ = write!(out, " enum {ids:?}");
            }
            EntityShapeKind::Standard { attributes, tags } => {
                let _ = write!(out, " {}", record(shapes, attributes));
                if let Some(tags) = tags {
                    let _ = write!(out, " tags {}", ty(shapes, *tags));
                }
            }
        }
        list(&mut out, "below", &entity.ancestor_types);
        list(&mut out, "above", schema.descendant_types(name));
        declaration(&mut out, sources, schema.entity_type(name).expect("a declaration"));
    }
    for (name, action) in &shapes.actions {
        let _ = write!(out, "action {name}{}", if action.external { " external" } else { "" });
        let _ = write!(out, " {}", record(shapes, &action.context));
        list(&mut out, "principals", &action.principals);
        list(&mut out, "resources", &action.resources);
        list(&mut out, "in", &action.parents);
        list(&mut out, "below", &action.ancestors);
        list(&mut out, "above", schema.action_descendants(name));
        declaration(&mut out, sources, schema.action(name).expect("a declaration"));
    }
    for (name, common) in schema.common_types() {
        let _ = write!(out, "type {name} = {}", ty(shapes, common.ty));
        declaration(&mut out, sources, &common.declaration);
    }
    list(&mut out, "action types", schema.action_types());
    if !schema.is_complete() {
        out.push_str("\n  incomplete");
    }
    out
}

fn list<T: ToString>(out: &mut String, title: &str, items: impl IntoIterator<Item = T>) {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if !items.is_empty() {
        let _ = write!(out, "\n  {title}: {}", items.join(", "));
    }
}

fn declaration(out: &mut String, sources: &Sources, declaration: &Declaration) {
    let at = |span: Span| {
        let place = sources.position(span);
        format!("{}:{}:{}", sources.name(span.source), place.line, place.column)
    };
    let _ = writeln!(out, "\n  declared at {}{}", at(declaration.name), annotations(&declaration.annotations));
    for (name, attribute) in declaration.attributes.iter() {
        let _ = writeln!(out, "    {name} at {}{}", at(attribute.name), annotations(&attribute.annotations));
    }
}

fn annotations(annotations: &[Annotation]) -> String {
    let each = annotations.iter().map(|a| format!(" @{}({:?})", a.key.value, a.text()));
    each.collect::<Vec<_>>().concat()
}

fn record(shapes: &Shapes, record: &RecordShape) -> String {
    let attributes = record.attributes.iter().map(|(name, attribute)| {
        format!("{name:?}{}: {}", if attribute.required { "" } else { "?" }, ty(shapes, attribute.ty))
    });
    format!("{{{}}}", attributes.collect::<Vec<_>>().join(", "))
}

fn ty(shapes: &Shapes, index: TypeIndex) -> String {
    match shapes.ty(index) {
        Type::Bool => "Bool".to_owned(),
        Type::Long => "Long".to_owned(),
        Type::String => "String".to_owned(),
        Type::Entity(name) => format!("entity {name}"),
        Type::Extension(extension) => format!("extension {}", extension.name()),
        Type::Set(element) => format!("Set<{}>", ty(shapes, *element)),
        Type::Record(shape) => record(shapes, shape),
    }
}
