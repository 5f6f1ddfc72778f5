//! The values of the parts of a condition, each evaluated by itself.
//!
//! A part is evaluated once; what it is made of is evaluated again with it. So whoever asks bounds how deep it looks.

use std::collections::HashMap;

use deodar_compiler::compile_expression;
use deodar_grammar::{
    Sources,
    ast::{ExprId, ExprKind, Expression, Exprs, PolicySet},
    print_expression,
};
use deodar_runtime::{Engine, EvaluateError, Request, Value};

use super::super::shorten;

/// Evaluates parts of the conditions of one set of policies.
#[derive(Debug)]
pub(super) struct Probe<'a> {
    engine: &'a Engine,
    request: &'a Request,
    sources: &'a Sources,
    expression: Expression,
    set: &'a PolicySet,
    known: HashMap<ExprId, Found>,
}

/// What a part came to.
#[derive(Debug, Clone)]
pub(super) enum Found {
    Value(Box<Value>),
    Failed(EvaluateError),
}

impl Found {
    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Value(value) => value.as_bool(),
            Self::Failed(_) => None,
        }
    }
}

impl<'a> Probe<'a> {
    pub(super) fn new(engine: &'a Engine, request: &'a Request, sources: &'a Sources, set: &'a PolicySet) -> Self {
        let root = set.policies.iter().flat_map(|policy| &policy.conditions).map(|condition| condition.body).next();
        let root = root.or_else(|| set.exprs.iter().next().map(|(id, _)| id));
        // A set without expressions is not asked for any.
        let expression = Expression {
            source: set.source,
            exprs: if root.is_some() { set.exprs.clone() } else { Exprs::default() },
            root: root.unwrap_or_else(|| {
                Exprs::default().push_error(deodar_grammar::Span { source: set.source, start: 0, end: 0 })
            }),
        };
        Self { engine, request, sources, expression, set, known: HashMap::new() }
    }

    pub(super) fn kind(&self, id: ExprId) -> &'a ExprKind {
        self.set.exprs.kind(id)
    }

    pub(super) fn span(&self, id: ExprId) -> deodar_grammar::Span {
        self.set.exprs.span(id)
    }

    /// The source of the expressions.
    pub(super) fn source_name(&self) -> &'a str {
        self.sources.name(self.set.source)
    }

    pub(super) fn position(&self, id: ExprId) -> deodar_grammar::LineColumn {
        self.sources.position(self.span(id))
    }

    /// The expression on one line.
    pub(super) fn text(&self, id: ExprId) -> String {
        shorten(&print_expression(&self.set.exprs, id))
    }

    pub(super) fn found(&mut self, id: ExprId) -> Found {
        if let Some(found) = self.known.get(&id) {
            return found.clone();
        }
        self.expression.root = id;
        let found = match compile_expression(&self.expression, self.sources) {
            Ok(compiled) => match self.engine.evaluate(&compiled, Some(self.request)) {
                Ok(value) => Found::Value(Box::new(value)),
                Err(error) => Found::Failed(error),
            },
            // Conditions of a program compile, and so do their parts.
            Err(_) => Found::Failed(EvaluateError::Defect),
        };
        self.known.insert(id, found.clone());
        found
    }

    /// The boolean that a part came to.
    pub(super) fn bool(&mut self, id: ExprId) -> Option<bool> {
        self.found(id).as_bool()
    }

    /// Whether it means what it says whatever the request is.
    pub(super) fn is_literal(&self, id: ExprId) -> bool {
        matches!(
            self.kind(id),
            ExprKind::Bool(_) | ExprKind::Long(_) | ExprKind::String(_) | ExprKind::Entity(_) | ExprKind::Slot(_)
        )
    }
}
