//! What the rules of the schema grammar do.

use std::collections::HashMap;

use deodar_lexicon::{escape, limits};
use smol_str::SmolStr;

use super::declared::is_keyword;
use crate::{
    ast::{
        Annotation, Spanned, TypeName,
        schema::{
            ActionDeclaration, ActionRef, AppliesTo, AttributeDeclaration, CommonTypeDeclaration, Declaration,
            EntityDeclaration, EntityKind, Namespace, TypeExprId, TypeExprKind, TypeExprs,
        },
    },
    diagnostic::Diagnostic,
    report::{self, Collector},
    source::{self, SourceId, Span},
};

/// What stands before the keyword of a declaration.
#[derive(Debug)]
pub(crate) struct Head {
    /// In the order of the text.
    pub(crate) annotations: Vec<Annotation>,
    /// Where the first of them starts, or the keyword.
    pub(crate) start: u32,
}

/// What may follow the parents of an entity type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// The attributes.
    pub(crate) record: Option<TypeExprId>,
    /// The type of the tags.
    pub(crate) tags: Option<TypeExprId>,
}

/// One part of an `appliesTo` clause.
#[derive(Debug)]
pub(crate) struct AppliesToPart {
    kind: PartKind,
    span: Span,
}

#[derive(Debug)]
enum PartKind {
    Principals(Spanned<Vec<TypeName>>),
    Resources(Spanned<Vec<TypeName>>),
    Context(TypeExprId),
}

impl PartKind {
    fn keyword(&self) -> &'static str {
        match self {
            Self::Principals(_) => "principal",
            Self::Resources(_) => "resource",
            Self::Context(_) => "context",
        }
    }
}

/// What a schema text is cut into.
#[derive(Debug)]
pub(crate) enum Item {
    /// The head of a namespace, without declarations yet.
    Namespace(Namespace),
    /// The `}` of a namespace.
    End(Span),
    /// A declaration.
    Declaration(Declaration),
}

/// Collects what the rules build.
#[derive(Debug)]
pub(crate) struct Builder<'t> {
    source: SourceId,
    text: &'t str,
    types: TypeExprs,
    collector: Collector,
    /// Whether the current item was reported as too deep.
    too_deep: bool,
}

impl<'t> Builder<'t> {
    /// For one source and its text.
    pub(crate) fn new(source: SourceId, text: &'t str) -> Self {
        Self { source, text, types: TypeExprs::default(), collector: Collector::default(), too_deep: false }
    }

    /// The types and diagnostics.
    pub(crate) fn finish(self) -> (TypeExprs, Vec<Diagnostic>) {
        (self.types, self.collector.finish())
    }

    /// The text that is read.
    pub(crate) fn source(&self) -> SourceId {
        self.source
    }

    /// Before each item.
    pub(crate) fn start_item(&mut self) {
        self.too_deep = false;
    }

    /// Adds a diagnostic.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.collector.push(diagnostic);
    }

    /// The range of bytes, in this source.
    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        Span { source: self.source, start, end }
    }

    pub(super) fn namespace(&mut self, head: Head, name: TypeName, end: u32) -> Item {
        if name.name.split("::").any(|part| part == "__cedar") {
            self.report(report::syntax::internal_name(name.span, &name.name));
        }
        let span = self.span(head.start, end);
        Item::Namespace(Namespace { name: Some(name), annotations: head.annotations, declarations: Vec::new(), span })
    }

    pub(super) fn end(&self, start: u32, end: u32) -> Item {
        Item::End(self.span(start, end))
    }

    pub(super) fn external_entity(
        &self,
        head: Head,
        names: Vec<Spanned<SmolStr>>,
        member_of: Vec<TypeName>,
        end: u32,
    ) -> Item {
        let kind = EntityKind::Standard { member_of, shape: None, tags: None };
        let entity = EntityDeclaration { external: true, ..self.entity_declaration(head, names, kind, end) };
        Item::Declaration(Declaration::Entity(entity))
    }

    pub(super) fn entity(
        &self,
        head: Head,
        names: Vec<Spanned<SmolStr>>,
        member_of: Vec<TypeName>,
        shape: Shape,
        end: u32,
    ) -> Item {
        let kind = EntityKind::Standard { member_of, shape: shape.record, tags: shape.tags };
        Item::Declaration(Declaration::Entity(self.entity_declaration(head, names, kind, end)))
    }

    pub(super) fn enumeration(
        &mut self,
        head: Head,
        names: Vec<Spanned<SmolStr>>,
        ids: Spanned<Vec<Spanned<SmolStr>>>,
        end: u32,
    ) -> Item {
        let kind = EntityKind::Enum(self.non_empty(ids, "enum"));
        Item::Declaration(Declaration::Entity(self.entity_declaration(head, names, kind, end)))
    }

    fn entity_declaration(
        &self,
        head: Head,
        names: Vec<Spanned<SmolStr>>,
        kind: EntityKind,
        end: u32,
    ) -> EntityDeclaration {
        let span = self.span(head.start, end);
        EntityDeclaration { annotations: head.annotations, external: false, names, kind, span }
    }

    pub(super) fn external_action(
        &self,
        head: Head,
        names: Vec<Spanned<SmolStr>>,
        member_of: Vec<ActionRef>,
        end: u32,
    ) -> Item {
        let span = self.span(head.start, end);
        let (annotations, external, applies_to) = (head.annotations, true, None);
        let action = ActionDeclaration { annotations, external, names, member_of, applies_to, span };
        Item::Declaration(Declaration::Action(action))
    }

    pub(super) fn action(
        &mut self,
        head: Head,
        names: Vec<Spanned<SmolStr>>,
        member_of: Vec<ActionRef>,
        applies_to: Option<(Vec<AppliesToPart>, Span)>,
        end: u32,
    ) -> Item {
        let span = self.span(head.start, end);
        let name = names.first().map(|name| name.value.clone()).unwrap_or_default();
        let applies_to = applies_to.map(|(parts, span)| self.applies_to(&name, parts, span));
        let (annotations, external) = (head.annotations, false);
        let action = ActionDeclaration { annotations, external, names, member_of, applies_to, span };
        Item::Declaration(Declaration::Action(action))
    }

    fn applies_to(&mut self, action: &str, parts: Vec<AppliesToPart>, span: Span) -> AppliesTo {
        let (mut principals, mut resources, mut context) = (None, None, None);
        let mut places: HashMap<&'static str, Span> = HashMap::new();
        for part in parts {
            let keyword = part.kind.keyword();
            if let Some(first) = places.get(keyword) {
                self.report(report::schema::duplicate_part(keyword, action, part.span, *first));
                continue;
            }
            places.insert(keyword, part.span);
            match part.kind {
                PartKind::Principals(types) => principals = Some(self.non_empty(types, keyword)),
                PartKind::Resources(types) => resources = Some(self.non_empty(types, keyword)),
                PartKind::Context(ty) => context = Some(ty),
            }
        }
        let missing = [("principal", principals.is_none()), ("resource", resources.is_none())];
        for (keyword, _) in missing.into_iter().filter(|(_, is_missing)| *is_missing) {
            self.report(report::schema::missing_part(keyword, action, span));
        }
        let (principals, resources) = (principals.unwrap_or_default(), resources.unwrap_or_default());
        AppliesTo { principals, resources, context, span }
    }

    pub(super) fn principals(&self, types: Spanned<Vec<TypeName>>, start: u32, end: u32) -> AppliesToPart {
        AppliesToPart { kind: PartKind::Principals(types), span: self.span(start, end) }
    }

    pub(super) fn resources(&self, types: Spanned<Vec<TypeName>>, start: u32, end: u32) -> AppliesToPart {
        AppliesToPart { kind: PartKind::Resources(types), span: self.span(start, end) }
    }

    pub(super) fn context(&self, ty: TypeExprId, start: u32, end: u32) -> AppliesToPart {
        AppliesToPart { kind: PartKind::Context(ty), span: self.span(start, end) }
    }

    /// A name of a context type, which is never an entity type.
    pub(super) fn context_name(&mut self, name: TypeName) -> TypeExprId {
        let span = name.span;
        self.push_type(TypeExprKind::CommonType(name), span)
    }

    /// Attributes of actions are in the grammar, but no version of Cedar gives them a meaning.
    pub(super) fn action_attributes(&mut self, attributes: &[AttributeDeclaration], start: u32, end: u32) {
        if !attributes.is_empty() {
            self.report(report::schema::action_attributes(self.span(start, end)));
        }
    }

    pub(super) fn common_type(&self, head: Head, name: Spanned<SmolStr>, definition: TypeExprId, end: u32) -> Item {
        let span = self.span(head.start, end);
        let annotations = head.annotations;
        Item::Declaration(Declaration::CommonType(CommonTypeDeclaration { annotations, name, definition, span }))
    }

    pub(super) fn action_ref(ty: Option<TypeName>, id: Spanned<SmolStr>) -> ActionRef {
        let span = ty.as_ref().map_or(id.span, |ty| ty.span.to(id.span));
        ActionRef { ty, id, span }
    }

    pub(super) fn annotation(
        &self,
        key: Spanned<SmolStr>,
        value: Option<Spanned<SmolStr>>,
        start: u32,
        end: u32,
    ) -> Annotation {
        let empty = || Spanned::new(SmolStr::default(), self.span(end, end));
        Annotation { key, value: Some(value.unwrap_or_else(empty)), span: self.span(start, end) }
    }

    pub(super) fn annotations(&mut self, annotations: Vec<Annotation>) -> Vec<Annotation> {
        if annotations.len() > 1 {
            let mut keys: HashMap<&str, Span> = HashMap::new();
            for Spanned { value, span } in annotations.iter().map(|annotation| &annotation.key) {
                match keys.get(value.as_str()) {
                    Some(first) => self.report(report::syntax::duplicate_annotation(*span, value, *first)),
                    None => drop(keys.insert(value, *span)),
                }
            }
        }
        annotations
    }

    pub(super) fn named_type(&mut self, name: TypeName) -> TypeExprId {
        let span = name.span;
        self.push_type(TypeExprKind::Name(name), span)
    }

    pub(super) fn set(&mut self, element: TypeExprId, start: u32, end: u32) -> TypeExprId {
        self.push_type(TypeExprKind::Set(element), self.span(start, end))
    }

    pub(super) fn record(&mut self, attributes: Vec<AttributeDeclaration>, start: u32, end: u32) -> TypeExprId {
        self.push_type(TypeExprKind::Record { attributes, open: false }, self.span(start, end))
    }

    fn push_type(&mut self, kind: TypeExprKind, span: Span) -> TypeExprId {
        self.types.push(kind, span).unwrap_or_else(|_| {
            if !core::mem::replace(&mut self.too_deep, true) {
                self.report(report::syntax::limit(opening(span), limits::NESTING));
            }
            self.types.push_error(span)
        })
    }

    pub(super) fn attribute(
        &self,
        annotations: Vec<Annotation>,
        name: Spanned<SmolStr>,
        required: bool,
        ty: TypeExprId,
        (start, end): (u32, u32),
    ) -> AttributeDeclaration {
        AttributeDeclaration { annotations, name, required, ty, span: self.span(start, end) }
    }

    pub(super) fn path(path: &Spanned<String>) -> TypeName {
        TypeName { name: SmolStr::new(&path.value), span: path.span }
    }

    pub(super) fn extend_path(mut path: Spanned<String>, name: &Spanned<SmolStr>) -> Spanned<String> {
        path.value.push_str("::");
        path.value.push_str(&name.value);
        Spanned::new(path.value, path.span.to(name.span))
    }

    pub(super) fn identifier(&mut self, word: Spanned<SmolStr>) -> Spanned<SmolStr> {
        if is_keyword(&word.value) {
            let diagnostic = report::syntax::reserved_word(word.span, &word.value);
            self.report(diagnostic.with_help(report::schema::HELP_QUOTES));
        }
        word
    }

    pub(super) fn word(&self, start: u32, end: u32) -> Spanned<SmolStr> {
        let span = self.span(start, end);
        Spanned::new(SmolStr::new(self.text.get(span.range()).unwrap_or_default()), span)
    }

    /// A string literal; escapes that do not exist are reported.
    pub(super) fn string(&mut self, start: u32, end: u32) -> Spanned<SmolStr> {
        let body = source::string_body(self.text, start, end);
        let text = escape::unescape(body).unwrap_or_else(|errors| {
            for error in errors {
                let at = |offset| start + 1 + source::offset(offset);
                let span = self.span(at(error.range.start), at(error.range.end));
                let text = body.get(error.range).unwrap_or_default();
                self.report(report::syntax::invalid_escape(span, text, error.problem));
            }
            SmolStr::default()
        });
        Spanned::new(text, self.span(start, end))
    }

    /// The elements of a list in brackets.
    pub(super) fn list<T>(&self, elements: Vec<T>, start: u32, end: u32) -> Spanned<Vec<T>> {
        Spanned::new(elements, self.span(start, end))
    }

    /// The elements of a list that must have some.
    pub(super) fn non_empty<T>(&mut self, list: Spanned<Vec<T>>, keyword: &str) -> Vec<T> {
        if list.value.is_empty() {
            self.report(report::schema::empty_list(keyword, list.span));
        }
        list.value
    }

    pub(super) fn trailing_comma(&mut self, start: u32, end: u32) {
        self.report(report::schema::trailing_comma(self.span(start, end)));
    }

    pub(super) fn append<T>(mut items: Vec<T>, item: T) -> Vec<T> {
        items.push(item);
        items
    }
}

/// The first byte of something deep, which is enough to show where it starts.
pub(crate) fn opening(span: Span) -> Span {
    Span { end: span.start.saturating_add(1).min(span.end), ..span }
}
