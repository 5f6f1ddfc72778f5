//! The head of a policy: which principals, actions and resources.
//!
//! What follows a variable is read as an expression, so that everything people write there can be named in the
//! diagnostic; only entities, slots and lists of actions mean something. The nodes are dropped once the element is read.

use deodar_lexicon::name::is_action_type;

use super::{
    expr::{self, RelationSign},
    operand::{Operand, Path, Piece, Place},
    reader::Reader,
};
use crate::{
    ast::{
        ActionConstraint, ActionConstraintKind, BinaryOperator, EntityConstraint, EntityConstraintKind, EntityOrSlot,
        EntityRef, ExprId, ExprKind, Scope, Slot, Spanned, Variable,
    },
    report,
    source::Span,
};

/// The variables of a scope, in their order.
pub(crate) const ORDER: [Variable; 3] = [Variable::Principal, Variable::Action, Variable::Resource];

/// The scope that is being read.
#[derive(Debug, Default)]
pub(crate) struct Head {
    elements: Vec<Element>,
    // What the elements say; absent if that was reported. These are large, so each goes to where it stays.
    principal: Option<EntityConstraint>,
    action: Option<ActionConstraint>,
    resource: Option<EntityConstraint>,
}

impl Head {
    pub(crate) fn clear(&mut self) {
        self.elements.clear();
        (self.principal, self.action, self.resource) = (None, None, None);
    }
}

/// One element of a scope.
#[derive(Debug, Clone, Copy)]
struct Element {
    /// Absent if it is none of a scope's variables, which was reported.
    variable: Option<Variable>,
    span: Span,
}

/// The sign of a constraint with its place, and what stands behind it.
type Relation = ((RelationSign, Place), Operand);

/// Reads an element by the variable that it names, wherever it stands.
pub(crate) fn element(
    reader: &mut Reader<'_>,
    word: Place,
    colon: Option<Path>,
    ty: Option<Operand>,
    relation: Option<Relation>,
    place: Place,
) {
    let text = reader.slice(word);
    let variable = ORDER.into_iter().find(|variable| variable.name() == text);
    let span = reader.span(place);
    match variable {
        None => reader.report(report::policy::unknown_scope_variable(reader.span(word), text)),
        Some(variable) => match colon {
            Some(ty) => reader.report(report::policy::scope_colon(reader.span(ty.place()), variable)),
            None => constrain(reader, variable, ty, relation, span),
        },
    }
    reader.drop_nodes();
    reader.head.elements.push(Element { variable, span });
}

fn constrain(reader: &mut Reader<'_>, variable: Variable, ty: Option<Operand>, relation: Option<Relation>, span: Span) {
    if variable == Variable::Action {
        reader.head.action = action_constraint(reader, ty, relation).map(|kind| ActionConstraint { kind, span });
        return;
    }
    let constraint = entity_constraint(reader, variable, ty, relation).map(|kind| EntityConstraint { kind, span });
    if variable == Variable::Principal {
        reader.head.principal = constraint;
    } else {
        reader.head.resource = constraint;
    }
}

fn entity_constraint(
    reader: &mut Reader<'_>,
    variable: Variable,
    ty: Option<Operand>,
    relation: Option<Relation>,
) -> Option<EntityConstraintKind> {
    let Some(((sign, sign_place), right)) = relation else {
        return match ty {
            None => Some(EntityConstraintKind::All),
            Some(ty) => expr::entity_type(reader, ty).map(EntityConstraintKind::Is),
        };
    };
    let sign_span = reader.span(sign_place);
    match (sign, ty) {
        (RelationSign::Operator(BinaryOperator::Equal), None) => {
            entity_or_slot(reader, variable, sign_span, right).map(EntityConstraintKind::Equal)
        }
        (RelationSign::Operator(BinaryOperator::In), None) => {
            entity_or_slot(reader, variable, sign_span, right).map(EntityConstraintKind::In)
        }
        (RelationSign::Operator(BinaryOperator::In), Some(ty)) => {
            let ty = expr::entity_type(reader, ty);
            let entity = entity_or_slot(reader, variable, sign_span, right);
            Some(EntityConstraintKind::IsIn(ty?, entity?))
        }
        (RelationSign::Operator(BinaryOperator::Equal), Some(_)) => {
            reader.report(report::policy::is_with_equal(sign_span));
            None
        }
        (RelationSign::Operator(operator), _) => {
            reader.report(report::policy::scope_operator(sign_span, operator, variable));
            None
        }
        (RelationSign::SingleEqual, _) => {
            reader.report(report::expression::single_equal(sign_span));
            None
        }
    }
}

fn action_constraint(
    reader: &mut Reader<'_>,
    ty: Option<Operand>,
    relation: Option<Relation>,
) -> Option<ActionConstraintKind> {
    if let Some(ty) = ty {
        reader.report(report::policy::action_is(ty.span(reader)));
        return None;
    }
    let Some(((sign, sign_place), right)) = relation else { return Some(ActionConstraintKind::All) };
    let sign_span = reader.span(sign_place);
    match sign {
        RelationSign::Operator(BinaryOperator::Equal) => {
            action_operand(reader, right, "one action").map(ActionConstraintKind::Equal)
        }
        RelationSign::Operator(BinaryOperator::In) => actions(reader, right),
        RelationSign::Operator(operator) => {
            reader.report(report::policy::scope_operator(sign_span, operator, Variable::Action));
            None
        }
        RelationSign::SingleEqual => {
            reader.report(report::expression::single_equal(sign_span));
            None
        }
    }
}

/// The right side of `action in`: an action or a list of actions.
fn actions(reader: &mut Reader<'_>, right: Operand) -> Option<ActionConstraintKind> {
    const EXPECTED: &str = "an action or a list of actions";
    if let Piece::Entity(_) = right.piece {
        return action_operand(reader, right, EXPECTED).map(ActionConstraintKind::In);
    }
    let id = right.into_expr(reader);
    if let ExprKind::Set(elements) = reader.exprs.kind(id) {
        let elements = elements.clone();
        let actions: Vec<_> = elements.iter().map(|element| action(reader, *element, "one action")).collect();
        return actions.into_iter().collect::<Option<_>>().map(ActionConstraintKind::InSet);
    }
    if let ExprKind::Is { .. } = reader.exprs.kind(id) {
        reader.report(report::policy::action_is(reader.exprs.span(id)));
        return None;
    }
    action(reader, id, EXPECTED).map(ActionConstraintKind::In)
}

/// The action that the operand is. An entity literal need not become a node on the way.
fn action_operand(reader: &mut Reader<'_>, operand: Operand, expected: &'static str) -> Option<EntityRef> {
    let Piece::Entity(literal) = operand.piece else {
        let id = operand.into_expr(reader);
        return action(reader, id, expected);
    };
    let entity = literal.read(reader, operand.place)?;
    of_action_type(reader, entity)
}

fn action(reader: &mut Reader<'_>, id: ExprId, expected: &'static str) -> Option<EntityRef> {
    if let Some(entity) = reader.exprs.take_entity(id) {
        return of_action_type(reader, entity);
    }
    let kind = reader.exprs.kind(id);
    if !matches!(kind, ExprKind::Error) {
        reader.report(report::policy::scope_operand(reader.exprs.span(id), expected, kind, Variable::Action));
    }
    None
}

fn of_action_type(reader: &mut Reader<'_>, entity: EntityRef) -> Option<EntityRef> {
    let is_action = is_action_type(&entity.ty.name);
    if !is_action {
        reader.report(report::policy::not_an_action(entity.ty.span, &entity.ty.name));
    }
    is_action.then_some(entity)
}

fn entity_or_slot(reader: &mut Reader<'_>, variable: Variable, sign: Span, operand: Operand) -> Option<EntityOrSlot> {
    if let Piece::Entity(literal) = operand.piece {
        return literal.read(reader, operand.place).map(EntityOrSlot::Entity);
    }
    let id = operand.into_expr(reader);
    let span = reader.exprs.span(id);
    let (own_slot, expected) = match variable {
        Variable::Resource => (Slot::Resource, "an entity or the slot `?resource`"),
        Variable::Principal | Variable::Action | Variable::Context => {
            (Slot::Principal, "an entity or the slot `?principal`")
        }
    };
    let kind = reader.exprs.kind(id);
    let diagnostic = if let ExprKind::Entity(_) = kind {
        return reader.exprs.take_entity(id).map(EntityOrSlot::Entity);
    } else if *kind == ExprKind::Slot(own_slot) {
        return Some(EntityOrSlot::Slot(Spanned::new(own_slot, span)));
    } else if let ExprKind::Error = kind {
        return None;
    } else if let ExprKind::Is { .. } = kind {
        report::policy::in_before_is(sign, span)
    } else {
        report::policy::scope_operand(span, expected, kind, variable)
    };
    reader.report(diagnostic);
    None
}

/// Whether the three elements stand in their order; if not, that is reported.
pub(crate) fn check_order(reader: &mut Reader<'_>, parentheses: Place) -> bool {
    let is_good = in_order(&reader.head.elements);
    if !is_good {
        let elements = reader.head.elements.clone();
        report_order(reader, &elements, reader.span(parentheses));
    }
    is_good
}

/// The scope, unless something was reported of an element. The elements stand in their order.
pub(crate) fn scope(reader: &mut Reader<'_>, parentheses: Place) -> Option<Scope> {
    let span = reader.span(parentheses);
    let Head { principal, action, resource, .. } = &mut reader.head;
    if principal.is_none() || action.is_none() || resource.is_none() {
        return None;
    }
    Some(Scope { principal: principal.take()?, action: action.take()?, resource: resource.take()?, span })
}

fn in_order(elements: &[Element]) -> bool {
    elements.iter().map(|element| element.variable).eq(ORDER.into_iter().map(Some))
}

/// Says what is wrong with the order, once: what is missing, what is too many, or else what is misplaced first.
fn report_order(reader: &mut Reader<'_>, elements: &[Element], span: Span) {
    for extra in elements.iter().skip(ORDER.len()).filter(|element| element.variable.is_some()) {
        reader.report(report::policy::extra_scope_element(extra.span));
    }
    let found: Vec<Variable> = elements.iter().filter_map(|element| element.variable).collect();
    let unknown = elements.len() - found.len();
    if found.is_sorted_by(|a, b| a < b) {
        let missing = ORDER.into_iter().filter(|variable| !found.contains(variable));
        // An element that is no variable, which was reported, takes the place of one.
        let missing: Vec<Variable> = missing.skip(unknown).collect();
        if !missing.is_empty() {
            let end = Span { start: span.end.saturating_sub(1), ..span };
            reader.report(report::policy::missing_scope_variables(end, &missing));
        }
        return;
    }
    let misplaced = elements.iter().zip(ORDER).find_map(|(element, expected)| {
        let variable = element.variable?;
        (variable != expected).then_some((element.span, variable, expected))
    });
    if let Some((element, variable, expected)) = misplaced {
        let word = Span { end: element.start + crate::source::offset(variable.name().len()), ..element };
        reader.report(report::policy::misplaced_scope_variable(word, variable, expected));
    }
}
