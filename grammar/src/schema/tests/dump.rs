//! A schema tree as indented lines: each node with the text that its span covers, shortened.

use std::fmt::Write as _;

use crate::{
    ast::{
        Annotation,
        schema::{ActionDeclaration, Declaration, EntityDeclaration, EntityKind, Schema, TypeExprId, TypeExprKind},
    },
    source::{Sources, Span},
};

struct Dump<'s> {
    sources: &'s Sources,
    schema: &'s Schema,
    out: String,
}

pub(super) fn schema(sources: &Sources, schema: &Schema) -> String {
    let mut dump = Dump { sources, schema, out: String::new() };
    for namespace in &schema.namespaces {
        let name = namespace.name.as_ref().map_or("(no name)", |name| &name.name);
        dump.line(0, &format!("namespace {name}"), namespace.span);
        dump.annotations(1, &namespace.annotations);
        namespace.declarations.iter().for_each(|declaration| dump.declaration(declaration));
    }
    dump.out
}

impl Dump<'_> {
    fn line(&mut self, depth: usize, what: &str, span: Span) {
        let text = self.sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = if text.chars().count() > 40 {
            let characters: Vec<char> = text.chars().collect();
            characters[..18]
                .iter()
                .chain(" … ".chars().collect::<Vec<_>>().iter())
                .chain(&characters[characters.len() - 18..])
                .collect()
        } else {
            text
        };
        let _ = writeln!(self.out, "{}{what}  «{short}»", "  ".repeat(depth));
    }

    fn annotations(&mut self, depth: usize, annotations: &[Annotation]) {
        for annotation in annotations {
            let value = annotation.value.as_ref().map(|value| value.value.as_str());
            self.line(depth, &format!("@{} = {value:?}", annotation.key.value), annotation.span);
        }
    }

    fn declaration(&mut self, declaration: &Declaration) {
        match declaration {
            Declaration::Entity(entity) => self.entity(entity),
            Declaration::Action(action) => self.action(action),
            Declaration::CommonType(common) => {
                self.line(1, &format!("type {}", common.name.value), common.span);
                self.annotations(2, &common.annotations);
                self.ty(2, common.definition);
            }
        }
    }

    fn entity(&mut self, entity: &EntityDeclaration) {
        let names: Vec<&str> = entity.names.iter().map(|name| name.value.as_str()).collect();
        let external = if entity.external { "external " } else { "" };
        self.line(1, &format!("{external}entity {}", names.join(" ")), entity.span);
        self.annotations(2, &entity.annotations);
        match &entity.kind {
            EntityKind::Enum(ids) => ids.iter().for_each(|id| self.line(2, &format!("id {:?}", id.value), id.span)),
            EntityKind::Standard { member_of, shape, tags } => {
                for parent in member_of {
                    self.line(2, &format!("in {}", parent.name), parent.span);
                }
                if let Some(shape) = shape {
                    self.ty(2, *shape);
                }
                if let Some(tags) = tags {
                    let _ = writeln!(self.out, "    tags");
                    self.ty(3, *tags);
                }
            }
        }
    }

    fn action(&mut self, action: &ActionDeclaration) {
        let names: Vec<String> = action.names.iter().map(|name| format!("{:?}", name.value)).collect();
        let external = if action.external { "external " } else { "" };
        self.line(1, &format!("{external}action {}", names.join(" ")), action.span);
        self.annotations(2, &action.annotations);
        for group in &action.member_of {
            let ty = group.ty.as_ref().map_or("", |ty| &ty.name);
            self.line(2, &format!("in {ty} {:?}", group.id.value), group.span);
        }
        if let Some(clause) = &action.applies_to {
            self.line(2, "appliesTo", clause.span);
            clause.principals.iter().for_each(|ty| self.line(3, &format!("principal {}", ty.name), ty.span));
            clause.resources.iter().for_each(|ty| self.line(3, &format!("resource {}", ty.name), ty.span));
            clause.context.iter().for_each(|ty| self.ty(3, *ty));
        }
    }

    /// Recursive, for the shallow types of the cases.
    fn ty(&mut self, depth: usize, id: TypeExprId) {
        let ty = self.schema.types.get(id);
        let what = match &ty.kind {
            TypeExprKind::Error => "error".to_owned(),
            TypeExprKind::Name(name) => format!("name {}", name.name),
            TypeExprKind::CommonType(name) => format!("common type {}", name.name),
            TypeExprKind::Entity(name) => format!("entity type {}", name.name),
            TypeExprKind::Extension(name) => format!("extension type {}", name.value),
            TypeExprKind::Primitive(primitive) => format!("primitive type {}", primitive.name()),
            TypeExprKind::Set(_) => "set".to_owned(),
            TypeExprKind::Record { open, .. } => format!("{}record", if *open { "open " } else { "" }),
        };
        self.line(depth, &what, ty.span);
        match &ty.kind {
            TypeExprKind::Set(element) => self.ty(depth + 1, *element),
            TypeExprKind::Record { attributes, .. } => {
                for attribute in attributes {
                    let optional = if attribute.required { "" } else { "?" };
                    self.line(depth + 1, &format!("{:?}{optional}", attribute.name.value), attribute.span);
                    self.annotations(depth + 2, &attribute.annotations);
                    self.ty(depth + 2, attribute.ty);
                }
            }
            TypeExprKind::Error
            | TypeExprKind::Name(_)
            | TypeExprKind::CommonType(_)
            | TypeExprKind::Entity(_)
            | TypeExprKind::Extension(_)
            | TypeExprKind::Primitive(_) => {}
        }
    }
}
