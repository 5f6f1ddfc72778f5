//! Writing a schema in the JSON syntax.
//!
//! The form is that of the reference implementation, to the byte: compact, fields in its order, declarations sorted
//! (see [`normal`]). Names of the Cedar syntax stay unresolved, as `EntityOrCommon`.

use std::collections::BTreeMap;

use deodar_lexicon::json::Writer;

use crate::{
    ast::{
        Annotation, TypeName,
        schema::{
            ActionDeclaration, AttributeDeclaration, EntityDeclaration, EntityKind, Schema, TypeExprId, TypeExprKind,
            TypeExprs,
        },
    },
    schema::normal::{self, Sorted, sorted, unless_empty},
};

/// The schema in the JSON syntax.
///
/// For a schema that was read with errors, the text stands for what could be read.
pub fn schema_to_json(schema: &Schema) -> String {
    let mut writer = SchemaWriter { types: &schema.types, json: Writer::compact() };
    writer.json.begin_object();
    for namespace in sorted(schema) {
        writer.json.key(namespace.name.unwrap_or_default());
        writer.namespace(&namespace);
    }
    writer.json.end_object();
    writer.json.finish()
}

struct SchemaWriter<'s> {
    types: &'s TypeExprs,
    json: Writer,
}

/// What remains to be written of a type.
enum Step<'s> {
    /// A type, with the members that its object has besides.
    Type(TypeExprId, Besides<'s>),
    Attribute(&'s AttributeDeclaration),
    EndOfAttributes {
        open: bool,
    },
    End(Besides<'s>),
}

/// Members of the object of a type that say nothing of the type.
#[derive(Clone, Copy)]
struct Besides<'s> {
    annotations: &'s [Annotation],
    optional: bool,
}

const NOTHING: Besides<'_> = Besides { annotations: &[], optional: false };

impl<'s> SchemaWriter<'s> {
    fn namespace(&mut self, namespace: &Sorted<'s>) {
        self.json.begin_object();
        if !namespace.common_types.is_empty() {
            self.json.key("commonTypes");
            self.json.begin_object();
            for (name, common) in &namespace.common_types {
                self.json.key(name);
                self.ty(common.definition, Besides { annotations: &common.annotations, optional: false });
            }
            self.json.end_object();
        }
        self.json.key("entityTypes");
        self.json.begin_object();
        for (name, entity) in &namespace.entity_types {
            self.json.key(name);
            self.entity(entity);
        }
        self.json.end_object();
        self.json.key("actions");
        self.json.begin_object();
        for (name, action) in &namespace.actions {
            self.json.key(name);
            self.action(action);
        }
        self.json.end_object();
        self.annotations(&namespace.annotations);
        self.json.end_object();
    }

    fn entity(&mut self, entity: &EntityDeclaration) {
        self.json.begin_object();
        match &entity.kind {
            EntityKind::Enum(ids) => {
                self.json.key("enum");
                self.json.begin_array();
                for id in ids {
                    self.json.string(&id.value);
                }
                self.json.end_array();
            }
            EntityKind::Standard { member_of, shape, tags } => {
                if !member_of.is_empty() {
                    self.json.key("memberOfTypes");
                    self.names(member_of);
                }
                if let Some(shape) = unless_empty(self.types, *shape) {
                    self.json.key("shape");
                    self.ty(shape, NOTHING);
                }
                if let Some(tags) = tags {
                    self.json.key("tags");
                    self.ty(*tags, NOTHING);
                }
            }
        }
        self.external(entity.external);
        self.annotations(&normal::annotations(&entity.annotations));
        self.json.end_object();
    }

    fn action(&mut self, action: &ActionDeclaration) {
        self.json.begin_object();
        if !action.external {
            self.applies_to(action);
        }
        if !action.member_of.is_empty() {
            self.json.key("memberOf");
            self.json.begin_array();
            for group in &action.member_of {
                self.json.begin_object();
                self.json.string_member("id", &group.id.value);
                if let Some(ty) = &group.ty {
                    self.json.string_member("type", &ty.name);
                }
                self.json.end_object();
            }
            self.json.end_array();
        }
        self.external(action.external);
        self.annotations(&normal::annotations(&action.annotations));
        self.json.end_object();
    }

    /// An action without `appliesTo` applies to no types at all.
    fn applies_to(&mut self, action: &ActionDeclaration) {
        let clause = action.applies_to.as_ref();
        self.json.key("appliesTo");
        self.json.begin_object();
        self.json.key("resourceTypes");
        self.names(clause.map_or(&[], |clause| clause.resources.as_slice()));
        self.json.key("principalTypes");
        self.names(clause.map_or(&[], |clause| clause.principals.as_slice()));
        if let Some(context) = unless_empty(self.types, clause.and_then(|clause| clause.context)) {
            self.json.key("context");
            self.ty(context, NOTHING);
        }
        self.json.end_object();
    }

    fn ty(&mut self, ty: TypeExprId, besides: Besides<'s>) {
        let mut steps = vec![Step::Type(ty, besides)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Type(ty, besides) => self.open_type(ty, besides, &mut steps),
                Step::Attribute(attribute) => {
                    self.json.key(&attribute.name.value);
                    let besides = Besides { annotations: &attribute.annotations, optional: !attribute.required };
                    steps.push(Step::Type(attribute.ty, besides));
                }
                Step::EndOfAttributes { open } => {
                    self.json.end_object();
                    if open {
                        self.json.key("additionalAttributes");
                        self.json.bool(true);
                    }
                }
                Step::End(besides) => self.end_type(besides),
            }
        }
    }

    /// Writes the start of a type, and leaves the rest to further steps.
    fn open_type(&mut self, ty: TypeExprId, besides: Besides<'s>, steps: &mut Vec<Step<'s>>) {
        self.json.begin_object();
        steps.push(Step::End(besides));
        let (form, name) = match &self.types.get(ty).kind {
            TypeExprKind::Name(name) => ("EntityOrCommon", Some(&name.name)),
            TypeExprKind::CommonType(name) => (name.name.as_str(), None),
            TypeExprKind::Entity(name) => ("Entity", Some(&name.name)),
            TypeExprKind::Extension(name) => ("Extension", Some(&name.value)),
            TypeExprKind::Primitive(primitive) => (primitive.json_name(), None),
            TypeExprKind::Set(_) => ("Set", None),
            TypeExprKind::Record { .. } | TypeExprKind::Error => ("Record", None),
        };
        self.json.string_member("type", form);
        if let Some(name) = name {
            self.json.string_member("name", name);
        }
        if let TypeExprKind::Set(element) = &self.types.get(ty).kind {
            self.json.key("element");
            steps.push(Step::Type(*element, NOTHING));
        }
        if let TypeExprKind::Record { attributes, open } = &self.types.get(ty).kind {
            self.json.key("attributes");
            self.json.begin_object();
            steps.push(Step::EndOfAttributes { open: *open });
            steps.extend(normal::attributes(attributes).into_values().rev().map(Step::Attribute));
        }
    }

    fn end_type(&mut self, besides: Besides<'_>) {
        self.annotations(&normal::annotations(besides.annotations));
        if besides.optional {
            self.json.key("required");
            self.json.bool(false);
        }
        self.json.end_object();
    }

    fn external(&mut self, external: bool) {
        if external {
            self.json.key("external");
            self.json.bool(true);
        }
    }

    fn annotations(&mut self, annotations: &BTreeMap<&str, Option<&str>>) {
        if annotations.is_empty() {
            return;
        }
        self.json.key("annotations");
        self.json.begin_object();
        for (key, value) in annotations {
            self.json.key(key);
            match value {
                Some(value) => self.json.string(value),
                None => self.json.null(),
            }
        }
        self.json.end_object();
    }

    fn names(&mut self, names: &[TypeName]) {
        self.json.begin_array();
        for name in names {
            self.json.string(&name.name);
        }
        self.json.end_array();
    }
}
