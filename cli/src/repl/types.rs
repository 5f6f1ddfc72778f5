//! The type of an expression under the schema.
//!
//! The checker knows policies, so the expression becomes the condition of one; what it says of the type of the condition
//! is not asked for. What is set of the request narrows the scope, and so the type.

use std::collections::BTreeMap;

use deodar_compiler::{CheckOptions, Schema, check};
use deodar_grammar::{
    Diagnostic,
    ast::{Dialect, ExprId},
    parse_policies,
};
use deodar_runtime::EntityUid;

use crate::{
    input::parse_expression,
    report,
    session::{Session, Stop},
};

/// The type, or those that it has in different kinds of requests, a line each.
pub(super) fn of(
    session: &mut Session<'_>,
    schema: &Schema,
    [principal, action, resource]: [&Option<EntityUid>; 3],
    text: &str,
) -> Result<String, Stop> {
    let source = session.add_source("<line>", text);
    parse_expression(session, source).ok_or(Stop::Problems)?;
    let ty = |uid: &Option<EntityUid>| uid.as_ref().map(|uid| format!(" is {}", uid.entity_type())).unwrap_or_default();
    let action = action.as_ref().map(|uid| format!(" == {uid}")).unwrap_or_default();
    let policy =
        format!("permit (principal{}, action{action}, resource{}) when {{ {text} }};", ty(principal), ty(resource));
    let source = session.add_source("<line>", policy);
    let (set, diagnostics) = parse_policies(&session.sources, source, Dialect::Cedar);
    if diagnostics.iter().any(Diagnostic::is_error) {
        session.report_all(diagnostics);
        return Err(Stop::Problems);
    }
    let root: Option<ExprId> = set.policies.first().and_then(|policy| Some(policy.conditions.first()?.body));
    let analysis = check(&[&set], schema, CheckOptions::default());
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for policy in analysis.policies() {
        for environment in analysis.environments(policy) {
            let Some(ty) = root.and_then(|root| environment.type_of(root)) else { continue };
            let requests = environment.requests();
            let kinds = requests.map(|kind| format!("{} {} {}", kind.principal, kind.action, kind.resource));
            types.entry(ty.to_string()).or_default().extend(kinds);
        }
    }
    // That the condition itself is no boolean is no mistake here.
    let of_root = root.map(|root| set.exprs.span(root));
    let wrong = analysis.diagnostics().filter(|diagnostic| diagnostic.is_error() && Some(diagnostic.span()) != of_root);
    let wrong: Vec<Diagnostic> = wrong.cloned().collect();
    if types.is_empty() && wrong.is_empty() {
        return session.stop(report::no_type());
    }
    session.report_all(wrong);
    if types.len() == 1 {
        return Ok(types.into_keys().map(|ty| ty + "\n").collect());
    }
    Ok(types.into_iter().map(|(ty, kinds)| line(&ty, &kinds)).collect())
}

/// At most so many kinds of requests are named.
const KINDS: usize = 3;

fn line(ty: &str, kinds: &[String]) -> String {
    let shown: Vec<&str> = kinds.iter().take(KINDS).map(String::as_str).collect();
    let rest = kinds.len().saturating_sub(KINDS);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{ty}  in {}{more}\n", shown.join("; "))
}
