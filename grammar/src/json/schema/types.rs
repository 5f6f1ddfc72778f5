//! Types in the JSON syntax.

use deodar_lexicon::{json::Value, limits};
use smol_str::SmolStr;

use super::fields::{Form, Layout, Reader};
use crate::{
    ast::{
        Annotation, Spanned,
        schema::{AttributeDeclaration, Primitive, TypeExprId, TypeExprKind},
    },
    report,
    schema::opening,
    source::Span,
};

/// The fields of all forms of types. Only common types and attributes have annotations, and only attributes may be
/// optional.
const FORM: Form<7> = Form {
    what: "a type",
    fields: ["type", "element", "attributes", "additionalAttributes", "name", "annotations", "required"],
    known: 5,
    layout: Layout::ObjectOnly,
};
const COMMON_TYPE_FORM: Form<7> = Form { known: 6, ..FORM };
const ATTRIBUTE_FORM: Form<7> = Form { known: 7, ..FORM };

/// The object of a type, taken apart.
#[derive(Clone, Copy)]
struct Parts<'d> {
    object: Value<'d>,
    form: Option<Value<'d>>,
    element: Option<Value<'d>>,
    attributes: Option<Value<'d>>,
    open: Option<Value<'d>>,
    name: Option<Value<'d>>,
}

/// What remains to be read of a type.
enum Step<'d> {
    Read(Option<Parts<'d>>, Span),
    Set(Span),
    Record { attributes: Vec<Attribute>, open: bool, span: Span },
}

/// An attribute without its type.
struct Attribute {
    annotations: Vec<Annotation>,
    name: Spanned<SmolStr>,
    required: bool,
    span: Span,
}

/// The nodes that are read and have no parent yet.
struct Built {
    types: Vec<TypeExprId>,
    too_deep: bool,
}

impl Reader {
    /// A type, if it is there.
    pub(super) fn optional_ty(&mut self, value: Option<Value<'_>>) -> Option<TypeExprId> {
        value.map(|value| {
            let parts = self.type_parts(value, &FORM).0;
            self.build(parts, self.span(value))
        })
    }

    /// The definition of a common type, and its annotations.
    pub(super) fn common_type(&mut self, value: Value<'_>) -> (TypeExprId, Vec<Annotation>) {
        let (parts, annotations, _) = self.type_parts(value, &COMMON_TYPE_FORM);
        (self.build(parts, self.span(value)), annotations)
    }

    fn type_parts<'d>(&mut self, object: Value<'d>, form: &Form<7>) -> (Option<Parts<'d>>, Vec<Annotation>, bool) {
        let Some(fields) = self.fields(object, form) else { return (None, Vec::new(), true) };
        let [form, element, attributes, open, name, annotations, required] = fields;
        let parts = Parts { object, form, element, attributes, open, name };
        (Some(parts), self.annotations(annotations), self.flag(required, true))
    }

    fn build(&mut self, parts: Option<Parts<'_>>, span: Span) -> TypeExprId {
        let mut steps = vec![Step::Read(parts, span)];
        let mut built = Built { types: Vec::new(), too_deep: false };
        while let Some(step) = steps.pop() {
            match step {
                Step::Read(None, span) => built.types.push(self.types.push_error(span)),
                Step::Read(Some(parts), _) => {
                    if let Some(kind) = self.open_type(parts, &mut steps) {
                        self.add(kind, self.span(parts.object), &mut built);
                    }
                }
                Step::Set(span) => {
                    let element = built.types.pop().unwrap_or_else(|| self.types.push_error(span));
                    self.add(TypeExprKind::Set(element), span, &mut built);
                }
                Step::Record { attributes, open, span } => {
                    let types = built.types.split_off(built.types.len().saturating_sub(attributes.len()));
                    let attributes = attributes.into_iter().zip(types).map(|(attribute, ty)| {
                        let Attribute { annotations, name, required, span } = attribute;
                        AttributeDeclaration { annotations, name, required, ty, span }
                    });
                    let kind = TypeExprKind::Record { attributes: attributes.collect(), open };
                    self.add(kind, span, &mut built);
                }
            }
        }
        built.types.pop().unwrap_or_else(|| self.types.push_error(span))
    }

    fn add(&mut self, kind: TypeExprKind, span: Span, built: &mut Built) {
        let ty = self.types.push(kind, span).unwrap_or_else(|_| {
            if !core::mem::replace(&mut built.too_deep, true) {
                self.collector.push(report::syntax::limit(opening(span), limits::NESTING));
            }
            self.types.push_error(span)
        });
        built.types.push(ty);
    }

    /// The type, if it has no types inside; otherwise further steps read them and then the type.
    fn open_type<'d>(&mut self, parts: Parts<'d>, steps: &mut Vec<Step<'d>>) -> Option<TypeExprKind> {
        let Some(form) = self.required((parts.object, "a type"), parts.form, "type") else {
            return Some(TypeExprKind::Error);
        };
        let Some(form_name) = self.string(form, "the kind of a type, or the name of a common type") else {
            return Some(TypeExprKind::Error);
        };
        let Parts { element, attributes, open, name, .. } = parts;
        match form_name {
            "Set" => {
                self.forbid(form_name, [("attributes", attributes), ("additionalAttributes", open), ("name", name)]);
                return self.open_set(parts, steps);
            }
            "Record" => {
                self.forbid(form_name, [("element", element), ("name", name)]);
                return self.open_record(parts, steps);
            }
            _ => {}
        }
        self.forbid(form_name, [("element", element), ("attributes", attributes), ("additionalAttributes", open)]);
        if let "Entity" | "EntityOrCommon" | "Extension" = form_name {
            return Some(self.named_type(parts.object, form_name, name));
        }
        self.forbid(form_name, [("name", name)]);
        let primitive = Primitive::ALL.into_iter().find(|primitive| primitive.json_name() == form_name);
        Some(primitive.map_or_else(
            || TypeExprKind::CommonType(self.type_name(form, "the name of a common type")),
            TypeExprKind::Primitive,
        ))
    }

    fn named_type(&mut self, object: Value<'_>, form: &str, name: Option<Value<'_>>) -> TypeExprKind {
        let Some(name) = self.required((object, "a type"), name, "name") else { return TypeExprKind::Error };
        match form {
            "Entity" => TypeExprKind::Entity(self.type_name(name, "the name of an entity type")),
            "Extension" => {
                let name_text = self.identifier(name, "the name of an extension type");
                if name_text.value == "__cedar" {
                    self.report(name, |place| report::syntax::internal_name(place.span, "__cedar"));
                }
                TypeExprKind::Extension(name_text)
            }
            _ => TypeExprKind::Name(self.type_name(name, "the name of an entity type or a common type")),
        }
    }

    fn open_set<'d>(&mut self, parts: Parts<'d>, steps: &mut Vec<Step<'d>>) -> Option<TypeExprKind> {
        let Some(element) = self.required((parts.object, "a `Set` type"), parts.element, "element") else {
            return Some(TypeExprKind::Error);
        };
        let inner = self.type_parts(element, &FORM).0;
        steps.extend([Step::Set(self.span(parts.object)), Step::Read(inner, self.span(element))]);
        None
    }

    fn open_record<'d>(&mut self, parts: Parts<'d>, steps: &mut Vec<Step<'d>>) -> Option<TypeExprKind> {
        let Some(members) = self.required((parts.object, "a `Record` type"), parts.attributes, "attributes") else {
            return Some(TypeExprKind::Error);
        };
        let members = self.members(Some(members), "types of attributes by their names");
        let open = self.flag(parts.open, false);
        let mut attributes = Vec::with_capacity(members.len());
        let mut types = Vec::with_capacity(members.len());
        for (key, value) in members {
            let (inner, annotations, required) = self.type_parts(value, &ATTRIBUTE_FORM);
            let name = self.text(key, "the name of an attribute");
            let span = name.span.to(self.span(value));
            attributes.push(Attribute { annotations, name, required, span });
            types.push(Step::Read(inner, self.span(value)));
        }
        steps.push(Step::Record { attributes, open, span: self.span(parts.object) });
        // The first attribute must be read first, so it comes last.
        steps.extend(types.into_iter().rev());
        None
    }

    /// Reports fields that this kind of type does not have.
    fn forbid<const N: usize>(&mut self, form: &str, fields: [(&str, Option<Value<'_>>); N]) {
        for (name, value) in fields {
            if let Some(value) = value {
                self.report(value, |place| report::schema::misplaced_key(place, name, &format!("a `{form}` type")));
            }
        }
    }
}
