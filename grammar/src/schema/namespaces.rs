//! Puts the items of a schema text together: which declaration lies in which namespace.
//!
//! Once an item is broken, braces that do not match are not reported any more: they are probably part of the mistake.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::{
    build::{Builder, Item},
    declared::Declared,
};
use crate::{
    ast::schema::{Declaration, Namespace},
    report,
    source::Span,
};

/// The namespaces of one text.
pub(crate) struct Namespaces {
    found: Vec<Namespace>,
    /// What each of them declares.
    declared: Vec<Declared>,
    /// The one for declarations outside of any `namespace` block.
    outside: Option<usize>,
    /// The open blocks: more than one only where a namespace is wrongly nested.
    open: Vec<usize>,
    /// Where each name is declared first.
    names: HashMap<SmolStr, Span>,
    broken: bool,
    end: Span,
}

impl Namespaces {
    /// Without items. `end` is the end of the text.
    pub(crate) fn new(end: Span) -> Self {
        Self {
            found: Vec::new(),
            declared: Vec::new(),
            outside: None,
            open: Vec::new(),
            names: HashMap::new(),
            broken: false,
            end,
        }
    }

    /// Whether a namespace is open.
    pub(crate) fn is_inside(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether an item had a mistake.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Adds an item without mistakes in its syntax.
    pub(crate) fn add(&mut self, item: Item, builder: &mut Builder<'_>) {
        match item {
            Item::Namespace(namespace) => self.begin(namespace, builder),
            Item::End(span) => self.end(span, builder),
            Item::Declaration(declaration) => self.declare(declaration, builder),
        }
    }

    /// Takes note of an item that is no item; the head of a namespace still opens one.
    pub(crate) fn add_broken(&mut self, opens_namespace: bool, span: Span) {
        self.broken = true;
        if opens_namespace {
            let index = self.push(Namespace { name: None, annotations: Vec::new(), declarations: Vec::new(), span });
            self.open.push(index);
        }
    }

    /// The namespaces, closed.
    pub(crate) fn finish(mut self, builder: &mut Builder<'_>) -> Vec<Namespace> {
        while let Some(index) = self.open.pop() {
            let Some(namespace) = self.found.get_mut(index) else { continue };
            if !self.broken {
                builder.report(report::schema::unclosed_namespace(namespace.span, self.end));
            }
            namespace.span = namespace.span.to(self.end);
        }
        self.found
    }

    fn begin(&mut self, namespace: Namespace, builder: &mut Builder<'_>) {
        if !self.open.is_empty() {
            builder.report(report::schema::nested_namespace(namespace.span));
        }
        if let Some(name) = &namespace.name {
            match self.names.get(&name.name) {
                Some(first) => builder.report(report::schema::duplicate_namespace(&name.name, name.span, *first)),
                None => drop(self.names.insert(name.name.clone(), name.span)),
            }
        }
        let index = self.push(namespace);
        self.open.push(index);
    }

    fn end(&mut self, brace: Span, builder: &mut Builder<'_>) {
        match self.open.pop().and_then(|index| self.found.get_mut(index)) {
            Some(namespace) => namespace.span = namespace.span.to(brace),
            None if self.broken => {}
            None => builder.report(report::schema::unmatched_brace(brace)),
        }
    }

    fn declare(&mut self, declaration: Declaration, builder: &mut Builder<'_>) {
        let index = self.open.last().copied().or(self.outside).unwrap_or_else(|| {
            let span = declaration.span();
            let index = self.push(Namespace { name: None, annotations: Vec::new(), declarations: Vec::new(), span });
            self.outside = Some(index);
            index
        });
        if let Some(declared) = self.declared.get_mut(index) {
            declared.add(&declaration, builder);
        }
        if let Some(namespace) = self.found.get_mut(index) {
            namespace.span = namespace.span.to(declaration.span());
            namespace.declarations.push(declaration);
        }
    }

    fn push(&mut self, namespace: Namespace) -> usize {
        self.found.push(namespace);
        self.declared.push(Declared::default());
        self.found.len() - 1
    }
}
