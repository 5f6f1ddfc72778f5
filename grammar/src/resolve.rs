//! What bare names and unknown calls mean, in the Cedar dialect: nothing.
//!
//! They parse, because other dialects give them a meaning. This pass visits the nodes of the arena once and reports
//! those that mean nothing, in the words of the author's likely intention.

use crate::{
    ast::{CallStyle, ExprKind, Exprs},
    report::{self, Collector},
};

/// Reports bare names and unknown calls, and turns them into error nodes.
pub(crate) fn cedar(exprs: &mut Exprs, collector: &mut Collector) {
    let mut unresolved = Vec::new();
    for (id, expr) in exprs.iter() {
        let diagnostic = if let ExprKind::Name(name) = &expr.kind {
            report::expression::unknown_variable(name.span, &name.name)
        } else if let ExprKind::UnknownCall { name, style, .. } = &expr.kind {
            match style {
                CallStyle::Function => report::expression::unknown_function(name.span, &name.name),
                CallStyle::Method => report::expression::unknown_method(name.span, &name.name),
            }
        } else {
            continue;
        };
        collector.push(diagnostic);
        unresolved.push(id);
    }
    for id in unresolved {
        exprs.mark_error(id);
    }
}
