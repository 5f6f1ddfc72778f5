//! Printing a schema in the Cedar syntax, in its normal form.
//!
//! The form is that of the reference implementation, to the byte: two spaces of indentation, sorted declarations (see
//! [`normal`](super::normal)), one name per declaration, names of actions in quotes, builtin types of the JSON syntax
//! with their `__cedar` prefix. Two of its oddities are kept: an empty record inside a type has the indentation of its
//! line between its braces, and the type of tags is indented as if it stood at the start of a line.

use core::fmt::Write;
use std::collections::BTreeMap;

use deodar_lexicon::{escape::escape, name::is_identifier};
use smol_str::SmolStr;

use super::normal::{Sorted, annotations, attributes, sorted, unless_empty};
use crate::{
    ast::{
        Spanned, TypeName,
        schema::{
            ActionDeclaration, ActionRef, AppliesTo, AttributeDeclaration, EntityDeclaration, EntityKind, Schema,
            TypeExprId, TypeExprKind, TypeExprs,
        },
    },
    diagnostic::Diagnostic,
    report,
};

/// The schema in the Cedar syntax.
///
/// Some schemas in the JSON syntax have no such form. For a schema that was read with errors, the text stands for what
/// could be read.
///
/// # Errors
/// What the Cedar syntax cannot express: attributes of an entity type that are not a record, and an entity type and a
/// common type of one name in a namespace with a name.
pub fn print_schema(schema: &Schema) -> Result<String, Vec<Diagnostic>> {
    let namespaces = sorted(schema);
    let problems = problems(&namespaces, &schema.types);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut printer = Printer { types: &schema.types, out: String::new() };
    for (index, namespace) in namespaces.iter().enumerate() {
        if index > 0 {
            printer.out.push('\n');
        }
        printer.namespace(namespace);
    }
    Ok(printer.out)
}

fn problems(namespaces: &[Sorted<'_>], types: &TypeExprs) -> Vec<Diagnostic> {
    let mut collisions = Vec::new();
    let mut shapes = Vec::new();
    for namespace in namespaces {
        for (name, entity) in &namespace.entity_types {
            let qualified = namespace.name.map_or_else(|| (*name).to_owned(), |space| format!("{space}::{name}"));
            let common = namespace.common_types.get(name).filter(|_| namespace.name.is_some());
            if let Some(common) = common {
                let place = entity.names.iter().find(|declared| declared.value == *name);
                let place = place.map_or(entity.span, |declared| declared.span);
                collisions.push(report::schema::name_collision(&qualified, common.name.span, place));
            }
            if let EntityKind::Standard { shape: Some(shape), .. } = entity.kind {
                let shape = types.get(shape);
                if !matches!(shape.kind, TypeExprKind::Record { .. }) {
                    shapes.push(report::schema::inexpressible_shape(&qualified, shape.span));
                }
            }
        }
    }
    collisions.extend(shapes);
    collisions
}

/// The indentation of a line, in spaces.
type Indent = usize;

struct Printer<'s> {
    types: &'s TypeExprs,
    out: String,
}

/// What remains to be printed of a type.
enum Step<'s> {
    Type(TypeExprId, Indent),
    Attribute(&'s AttributeDeclaration, Indent),
    /// After an attribute: a comma, unless it is the last one, and the end of the line.
    EndOfAttribute(&'static str),
    EndOfSet,
    EndOfRecord(Indent),
}

impl<'s> Printer<'s> {
    fn namespace(&mut self, namespace: &Sorted<'s>) {
        let Some(name) = namespace.name else { return self.declarations(namespace, 0) };
        self.annotations(&namespace.annotations, 0);
        self.write(format_args!("namespace {name} {{\n"));
        self.declarations(namespace, 2);
        self.out.push_str("}\n");
    }

    fn declarations(&mut self, namespace: &Sorted<'s>, indent: Indent) {
        let mut remaining = namespace.len();
        let mut separate = |printer: &mut Self| {
            remaining -= 1;
            printer.out.push_str(if remaining > 0 { ";\n\n" } else { ";\n" });
        };
        for (name, common) in &namespace.common_types {
            self.annotations(&annotations(&common.annotations), indent);
            self.indent(indent);
            self.write(format_args!("type {name} = "));
            self.ty(common.definition, indent);
            separate(self);
        }
        for (name, entity) in &namespace.entity_types {
            self.annotations(&annotations(&entity.annotations), indent);
            self.indent(indent);
            self.write(format_args!("{}entity {name}", external(entity.external)));
            self.entity(entity, indent);
            separate(self);
        }
        for (name, action) in &namespace.actions {
            self.annotations(&annotations(&action.annotations), indent);
            self.indent(indent);
            self.write(format_args!("{}action \"{}\"", external(action.external), escape(name)));
            self.action(action, indent);
            separate(self);
        }
    }

    fn entity(&mut self, entity: &EntityDeclaration, indent: Indent) {
        match &entity.kind {
            EntityKind::Enum(ids) => {
                self.out.push_str(" enum ");
                self.list(ids, |printer, id: &Spanned<SmolStr>| {
                    printer.write(format_args!("\"{}\"", escape(&id.value)));
                });
            }
            EntityKind::Standard { member_of, shape, tags } => {
                if !member_of.is_empty() {
                    self.out.push_str(" in ");
                    self.names(member_of);
                }
                if let Some(shape) = unless_empty(self.types, *shape) {
                    self.out.push_str(" = ");
                    self.ty(shape, indent);
                }
                if let Some(tags) = tags {
                    self.out.push_str(" tags ");
                    self.ty(*tags, 0);
                }
            }
        }
    }

    fn action(&mut self, action: &ActionDeclaration, indent: Indent) {
        if !action.member_of.is_empty() {
            self.out.push_str(" in ");
            self.list(&action.member_of, |printer, group: &ActionRef| {
                let ty = group.ty.as_ref().map_or("Action", |ty| ty.name.as_str());
                printer.write(format_args!("{ty}::\"{}\"", escape(&group.id.value)));
            });
        }
        // Only the JSON syntax can name no types at all, and it means as much as no `appliesTo`.
        let applies_to = action.applies_to.as_ref();
        if let Some(clause) = applies_to.filter(|clause| !clause.principals.is_empty() && !clause.resources.is_empty())
        {
            self.applies_to(clause, indent);
        }
    }

    fn applies_to(&mut self, clause: &AppliesTo, indent: Indent) {
        let inner = indent + 2;
        self.out.push_str(" appliesTo {\n");
        self.indent(inner);
        self.out.push_str("principal: ");
        self.names(&clause.principals);
        self.out.push_str(",\n");
        self.indent(inner);
        self.out.push_str("resource: ");
        self.names(&clause.resources);
        self.out.push_str(",\n");
        self.indent(inner);
        self.out.push_str("context: ");
        match unless_empty(self.types, clause.context) {
            Some(context) => self.ty(context, inner),
            None => self.out.push_str("{}"),
        }
        self.out.push('\n');
        self.indent(indent);
        self.out.push('}');
    }

    fn ty(&mut self, ty: TypeExprId, indent: Indent) {
        let mut steps = vec![Step::Type(ty, indent)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Type(ty, indent) => self.open_type(ty, indent, &mut steps),
                Step::Attribute(attribute, indent) => {
                    self.open_attribute(attribute, indent);
                    steps.push(Step::Type(attribute.ty, indent));
                }
                Step::EndOfAttribute(end) => self.out.push_str(end),
                Step::EndOfSet => self.out.push('>'),
                Step::EndOfRecord(indent) => {
                    self.indent(indent);
                    self.out.push('}');
                }
            }
        }
    }

    /// Prints the start of a type, and leaves the rest to further steps.
    fn open_type(&mut self, ty: TypeExprId, indent: Indent, steps: &mut Vec<Step<'s>>) {
        match &self.types.get(ty).kind {
            TypeExprKind::Error => self.out.push_str("{}"),
            TypeExprKind::Name(name) | TypeExprKind::CommonType(name) | TypeExprKind::Entity(name) => {
                self.out.push_str(&name.name);
            }
            TypeExprKind::Extension(name) => self.write(format_args!("__cedar::{}", name.value)),
            TypeExprKind::Primitive(primitive) => self.write(format_args!("__cedar::{}", primitive.name())),
            TypeExprKind::Set(element) => {
                self.out.push_str("Set<");
                steps.extend([Step::EndOfSet, Step::Type(*element, indent)]);
            }
            TypeExprKind::Record { attributes: list, .. } => {
                self.out.push('{');
                steps.push(Step::EndOfRecord(indent));
                let sorted = attributes(list);
                if !sorted.is_empty() {
                    self.out.push('\n');
                }
                for (index, attribute) in sorted.into_values().rev().enumerate() {
                    steps.push(Step::EndOfAttribute(if index == 0 { "\n" } else { ",\n" }));
                    steps.push(Step::Attribute(attribute, indent + 2));
                }
            }
        }
    }

    fn open_attribute(&mut self, attribute: &AttributeDeclaration, indent: Indent) {
        self.annotations(&annotations(&attribute.annotations), indent);
        self.indent(indent);
        let name = &attribute.name.value;
        let optional = if attribute.required { "" } else { "?" };
        if is_identifier(name) {
            self.write(format_args!("{name}{optional}: "));
        } else {
            self.write(format_args!("\"{}\"{optional}: ", escape(name)));
        }
    }

    fn annotations(&mut self, annotations: &BTreeMap<&str, Option<&str>>, indent: Indent) {
        for (key, value) in annotations {
            self.indent(indent);
            match value {
                Some(value) => self.write(format_args!("@{key}(\"{}\")\n", escape(value))),
                None => self.write(format_args!("@{key}\n")),
            }
        }
    }

    fn names(&mut self, names: &[TypeName]) {
        self.list(names, |printer, name| printer.out.push_str(&name.name));
    }

    fn list<T>(&mut self, elements: &[T], element: impl Fn(&mut Self, &T)) {
        self.out.push('[');
        for (index, value) in elements.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            element(self, value);
        }
        self.out.push(']');
    }

    fn indent(&mut self, indent: Indent) {
        self.out.extend(core::iter::repeat_n(' ', indent));
    }

    fn write(&mut self, text: core::fmt::Arguments<'_>) {
        // Writing to a `String` cannot fail.
        let _ = self.out.write_fmt(text);
    }
}

fn external(external: bool) -> &'static str {
    if external { "external " } else { "" }
}
