//! Declarations in the JSON syntax.

use deodar_lexicon::{
    json::{Document, Value},
    limits,
    name::is_qualified_name,
};
use smol_str::SmolStr;

use super::fields::{Form, Reader, is_given};
use crate::{
    ast::{
        Spanned, TypeName,
        schema::{
            ActionDeclaration, ActionRef, AppliesTo, CommonTypeDeclaration, Declaration, EntityDeclaration, EntityKind,
            Namespace, Schema, TypeExprs,
        },
    },
    diagnostic::Diagnostic,
    report::{self, Collector},
    schema::{common_type_problem, entity_type_problem},
    source::{SourceId, Sources, Span, offset},
};

const NAMESPACE: Form<4> = Form::new("a namespace", ["commonTypes", "entityTypes", "actions", "annotations"]);
const ENTITY_TYPE: Form<6> =
    Form::new("an entity type", ["memberOfTypes", "shape", "tags", "enum", "external", "annotations"]);
const ACTION: Form<5> = Form::new("an action", ["attributes", "appliesTo", "memberOf", "external", "annotations"]);
const APPLIES_TO: Form<3> = Form::new("an `appliesTo`", ["resourceTypes", "principalTypes", "context"]);
const ACTION_REF: Form<2> = Form::new("a reference to an action", ["id", "type"]);

/// Reads a schema in the JSON syntax.
///
/// The tree holds what could be read. If a diagnostic is an error, it does not stand for the text.
pub fn schema_from_json(sources: &Sources, source: SourceId) -> (Schema, Vec<Diagnostic>) {
    let text = sources.text(source);
    let mut reader = Reader { source, types: TypeExprs::default(), collector: Collector::default() };
    let mut namespaces = Vec::new();
    if text.len() > limits::SOURCE_BYTES.as_usize() {
        reader.collector.push(report::syntax::limit(Span { source, start: 0, end: 0 }, limits::SOURCE_BYTES));
    } else {
        match Document::parse(text) {
            Ok(document) => namespaces = reader.schema(document.root()),
            Err(error) => {
                let at = offset(error.offset);
                reader.collector.push(report::json::syntax(Span { source, start: at, end: at }, &error));
            }
        }
    }
    let Reader { types, collector, .. } = reader;
    (Schema { source, namespaces, types, comments: Vec::new() }, collector.finish())
}

impl Reader {
    fn schema(&mut self, root: Value<'_>) -> Vec<Namespace> {
        let members = self.members(Some(root), "namespaces by their names");
        members.into_iter().filter_map(|(name, value)| self.namespace(name, value)).collect()
    }

    fn namespace(&mut self, key: Value<'_>, value: Value<'_>) -> Option<Namespace> {
        let name = self.text(key, "the name of a namespace");
        let is_named = !name.value.is_empty();
        if is_named && !is_qualified_name(&name.value) {
            self.report(key, |place| report::schema::json_name(place, &name.value, "the name of a namespace"));
        }
        let [common_types, entity_types, actions, annotations] = self.fields(value, &NAMESPACE)?;
        let mut declarations = Vec::new();
        for (key, value) in self.members(common_types, "common types by their names") {
            declarations.push(self.common_type_declaration(key, value));
        }
        let entity_types = self.required((value, NAMESPACE.what), entity_types, "entityTypes");
        for (key, value) in self.members(entity_types, "entity types by their names") {
            declarations.extend(self.entity_type(key, value));
        }
        let actions = self.required((value, NAMESPACE.what), actions, "actions");
        for (key, value) in self.members(actions, "actions by their ids") {
            declarations.extend(self.action(key, value));
        }
        let owner = annotations.unwrap_or(value);
        let annotations = self.annotations(annotations);
        if !is_named && !annotations.is_empty() {
            self.report(owner, report::schema::json_annotations);
        }
        let span = name.span.to(self.span(value));
        let name = is_named.then_some(TypeName { name: name.value, span: name.span });
        Some(Namespace { name, annotations, declarations, span })
    }

    fn common_type_declaration(&mut self, key: Value<'_>, value: Value<'_>) -> Declaration {
        let name = self.identifier(key, "the name of a common type");
        self.check_name(key, common_type_problem(&name));
        let (definition, annotations) = self.common_type(value);
        let span = name.span.to(self.span(value));
        Declaration::CommonType(CommonTypeDeclaration { annotations, name, definition, span })
    }

    fn entity_type(&mut self, key: Value<'_>, value: Value<'_>) -> Option<Declaration> {
        let name = self.identifier(key, "the name of an entity type");
        self.check_name(key, entity_type_problem(&name));
        let [member_of, shape, tags, ids, external, annotations] = self.fields(value, &ENTITY_TYPE)?;
        let external = self.flag(external, false);
        if external {
            self.exclude("an external entity type", [("shape", shape), ("tags", tags), ("enum", ids)]);
        } else if ids.is_some() {
            self.exclude(
                "an entity type with `enum`",
                [("memberOfTypes", member_of), ("shape", shape), ("tags", tags)],
            );
        }
        let kind = match ids {
            Some(ids) => EntityKind::Enum(self.enumeration(ids)),
            None => EntityKind::Standard {
                member_of: self.type_names(member_of),
                shape: self.optional_ty(shape),
                tags: self.optional_ty(tags),
            },
        };
        let annotations = self.annotations(annotations);
        let span = name.span.to(self.span(value));
        Some(Declaration::Entity(EntityDeclaration { annotations, external, names: vec![name], kind, span }))
    }

    fn enumeration(&mut self, value: Value<'_>) -> Vec<Spanned<SmolStr>> {
        let elements = self.elements(Some(value), "ids of entities");
        if elements.is_empty() && value.as_array().is_some() {
            self.report(value, |place| report::schema::empty_list("enum", place.span));
        }
        elements.into_iter().map(|element| self.text(element, "the id of an entity")).collect()
    }

    fn action(&mut self, key: Value<'_>, value: Value<'_>) -> Option<Declaration> {
        let name = self.text(key, "the id of an action");
        let [attributes, applies_to, member_of, external, annotations] = self.fields(value, &ACTION)?;
        if let Some(attributes) = is_given(attributes) {
            self.report(attributes, |place| report::schema::action_attributes(place.span));
        }
        let external = self.flag(is_given(external), false);
        let applies_to = is_given(applies_to);
        if external {
            self.exclude("an external action", [("appliesTo", applies_to)]);
        }
        let applies_to = applies_to.and_then(|value| self.applies_to(value));
        let groups = self.elements(is_given(member_of), "references to actions");
        let member_of = groups.into_iter().filter_map(|group| self.action_ref(group)).collect();
        let annotations = self.annotations(annotations);
        let span = name.span.to(self.span(value));
        let names = vec![name];
        Some(Declaration::Action(ActionDeclaration { annotations, external, names, member_of, applies_to, span }))
    }

    fn applies_to(&mut self, value: Value<'_>) -> Option<AppliesTo> {
        let [resources, principals, context] = self.fields(value, &APPLIES_TO)?;
        let resources = self.required((value, APPLIES_TO.what), resources, "resourceTypes");
        let resources = self.type_names(resources);
        let principals = self.required((value, APPLIES_TO.what), principals, "principalTypes");
        let principals = self.type_names(principals);
        let context = self.optional_ty(context);
        Some(AppliesTo { principals, resources, context, span: self.span(value) })
    }

    fn action_ref(&mut self, value: Value<'_>) -> Option<ActionRef> {
        let [id, ty] = self.fields(value, &ACTION_REF)?;
        let id = self.required((value, ACTION_REF.what), id, "id")?;
        let id = self.text(id, "the id of an action");
        let ty = is_given(ty).map(|ty| self.type_name(ty, "the type of an action"));
        Some(ActionRef { ty, id, span: self.span(value) })
    }

    fn check_name(&mut self, key: Value<'_>, problem: Option<Diagnostic>) {
        if let Some(problem) = problem {
            self.report(key, |_| problem);
        }
    }

    /// Reports fields that exclude each other.
    fn exclude<const N: usize>(&mut self, owner: &str, fields: [(&str, Option<Value<'_>>); N]) {
        for (name, value) in fields {
            if let Some(value) = value {
                self.report(value, |place| report::schema::misplaced_key(place, name, owner));
            }
        }
    }
}
