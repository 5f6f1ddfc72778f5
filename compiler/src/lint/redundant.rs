//! Policies that say what another one says.
//!
//! A policy applies if its scope and all its conditions hold. So the conditions are split into what holds together:
//! clauses, operands of `&&`, negated operands of `||` under `unless`. Of two policies with the same effect and scope,
//! the one that asks for all that the other asks for, and more, changes no decision: whenever it applies, each part of
//! the other one is true, and none can fail.
//!
//! Policies are compared only within their scope, and only with those that share the rarest part, so that ten thousand
//! policies take little more than one look at each.

use deodar_grammar::ast::{
    ActionConstraint, ActionConstraintKind, BinaryOperator, ConditionKind, Effect, EntityConstraint,
    EntityConstraintKind, EntityOrSlot, EntityRef, ExprId, ExprKind, PolicySet, TypeName, UnaryOperator, Variable,
};
use hashbrown::HashMap;

use super::{Findings, Subject};
use crate::{
    check::{Form, FormId, Forms},
    report::lint as report,
};

/// How many policies one is compared with at most.
const COMPARISONS: usize = 200;

/// The effect and the forms of the three constraints.
type Head = (Effect, FormId, FormId, FormId);

/// A policy by its parts.
struct Member {
    /// The position among all policies.
    subject: usize,
    /// The forms of what must hold, in ascending order, each once.
    parts: Vec<FormId>,
}

/// Reports duplicates and implied policies of all sets.
pub(super) fn check(sets: &[&PolicySet], subjects: &[Subject<'_>], findings: &mut Findings<'_>) {
    for members in by_head(sets, subjects).into_values() {
        let different = drop_duplicates(members, subjects, findings);
        report_implied(&different, subjects, findings);
    }
}

fn by_head(sets: &[&PolicySet], subjects: &[Subject<'_>]) -> HashMap<Head, Vec<Member>> {
    let mut heads: HashMap<Head, Vec<Member>> = HashMap::new();
    let mut subjects = subjects.iter().enumerate();
    let mut forms = Forms::default();
    for set in sets {
        forms.load(&set.exprs);
        for (subject, of) in subjects.by_ref().take(set.policies.len()) {
            if of.all.iter().any(|expr| is_broken(of.exprs.kind(*expr))) {
                continue;
            }
            let scope = &of.policy.scope;
            let head = (
                of.policy.effect.value,
                constraint(&mut forms, Variable::Principal, &scope.principal),
                action(&mut forms, &scope.action),
                constraint(&mut forms, Variable::Resource, &scope.resource),
            );
            heads.entry(head).or_default().push(Member { subject, parts: parts(&mut forms, of) });
        }
    }
    heads
}

/// Whether it was reported as an error, so that nothing is known of it.
fn is_broken(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Error | ExprKind::Name(_) | ExprKind::UnknownCall { .. })
}

/// Reports policies that an earlier one repeats, those of one form together, and gives the first of each form.
fn drop_duplicates(members: Vec<Member>, subjects: &[Subject<'_>], findings: &mut Findings<'_>) -> Vec<Member> {
    let mut alike: HashMap<Vec<FormId>, Vec<usize>> = HashMap::new();
    for Member { subject, parts } in members {
        alike.entry(parts).or_default().push(subject);
    }
    let mut different = Vec::new();
    for (parts, alike) in alike {
        let Some((first, repeats)) = alike.split_first() else { continue };
        let repeats = repeats.iter().filter_map(|subject| subjects.get(*subject));
        let heard: Vec<_> = repeats.filter(|repeat| !repeat.allowed.allows(report::DUPLICATE_POLICY)).collect();
        if let (Some(first), Some((repeat, others))) = (subjects.get(*first), heard.split_first()) {
            let others: Vec<_> = others.iter().map(|other| other.policy).collect();
            findings.push(&repeat.allowed, report::duplicate_policy(repeat.policy, first.policy, &others));
        }
        different.push(Member { subject: *first, parts });
    }
    different.sort_unstable_by_key(|member| member.subject);
    different
}

/// Reports each policy whose parts include all parts of another.
fn report_implied(members: &[Member], subjects: &[Subject<'_>], findings: &mut Findings<'_>) {
    if members.len() < 2 {
        return;
    }
    let mut frequency: HashMap<FormId, usize> = HashMap::new();
    for part in members.iter().flat_map(|member| &member.parts) {
        *frequency.entry(*part).or_default() += 1;
    }
    let mut by_rarest: HashMap<Option<FormId>, Vec<&Member>> = HashMap::new();
    for member in members {
        let rarest = member.parts.iter().min_by_key(|part| frequency.get(*part)).copied();
        by_rarest.entry(rarest).or_default().push(member);
    }
    for member in members {
        let keys = core::iter::once(None).chain(member.parts.iter().copied().map(Some));
        let mut candidates = keys.filter_map(|key| by_rarest.get(&key)).flatten().take(COMPARISONS);
        let weaker = candidates.find(|other| other.subject != member.subject && includes(&member.parts, &other.parts));
        if let Some(weaker) = weaker
            && let (Some(implied), Some(weaker)) = (subjects.get(member.subject), subjects.get(weaker.subject))
        {
            findings.push(&implied.allowed, report::implied_policy(implied.policy, weaker.policy));
        }
    }
}

/// Whether the first ones include all of the others.
fn includes(all: &[FormId], some: &[FormId]) -> bool {
    some.len() <= all.len() && some.iter().all(|part| all.binary_search(part).is_ok())
}

/// What must hold for the conditions to hold.
fn parts(forms: &mut Forms, subject: &Subject<'_>) -> Vec<FormId> {
    let mut open: Vec<(ExprId, bool)> = Vec::new();
    for condition in &subject.policy.conditions {
        open.push(match condition.kind {
            ConditionKind::When => (condition.body, true),
            ConditionKind::Unless => (condition.body, false),
        });
    }
    let mut parts = Vec::new();
    while let Some((expr, wanted)) = open.pop() {
        let kind = subject.exprs.kind(expr);
        if let (ExprKind::And(operands), true) | (ExprKind::Or(operands), false) = (kind, wanted) {
            open.extend(operands.iter().map(|operand| (*operand, wanted)));
        } else if let ExprKind::Unary(UnaryOperator::Not, base) = kind {
            open.push((*base, !wanted));
        } else {
            let form = forms.of(expr);
            parts.push(if wanted { form } else { negated(forms, form) });
        }
    }
    let always = forms.intern(Form::Bool(true));
    parts.retain(|part| *part != always);
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// The form of the negation; `a != b` is the negation of `a == b` already.
fn negated(forms: &mut Forms, form: FormId) -> FormId {
    if let Form::Unary(UnaryOperator::Not, inner) = forms.get(form) {
        return *inner;
    }
    let negation = if let Form::Bool(value) = forms.get(form) {
        Form::Bool(!value)
    } else {
        Form::Unary(UnaryOperator::Not, form)
    };
    forms.intern(negation)
}

fn constraint(forms: &mut Forms, variable: Variable, constraint: &EntityConstraint) -> FormId {
    match &constraint.kind {
        EntityConstraintKind::All => forms.intern(Form::Bool(true)),
        EntityConstraintKind::Equal(entity) => compared(forms, variable, BinaryOperator::Equal, entity),
        EntityConstraintKind::In(entity) => compared(forms, variable, BinaryOperator::In, entity),
        EntityConstraintKind::Is(ty) => is(forms, variable, ty),
        EntityConstraintKind::IsIn(ty, entity) => {
            let (is, within) = (is(forms, variable, ty), compared(forms, variable, BinaryOperator::In, entity));
            forms.intern(Form::And(is, within))
        }
    }
}

fn is(forms: &mut Forms, variable: Variable, ty: &TypeName) -> FormId {
    let variable = forms.intern(Form::Variable(variable));
    forms.intern(Form::Is(variable, ty.name.clone()))
}

fn compared(forms: &mut Forms, variable: Variable, operator: BinaryOperator, other: &EntityOrSlot) -> FormId {
    let variable = forms.intern(Form::Variable(variable));
    let other = match other {
        EntityOrSlot::Entity(other) => entity(forms, other),
        EntityOrSlot::Slot(slot) => forms.intern(Form::Slot(slot.value)),
    };
    forms.intern(Form::Binary(operator, variable, other))
}

fn entity(forms: &mut Forms, entity: &EntityRef) -> FormId {
    forms.intern(Form::Entity(entity.ty.name.clone(), entity.id.value.clone()))
}

/// One group and a list of only that are the same, and so are lists in another order.
fn action(forms: &mut Forms, constraint: &ActionConstraint) -> FormId {
    let (operator, groups) = match &constraint.kind {
        ActionConstraintKind::All => return forms.intern(Form::Bool(true)),
        ActionConstraintKind::Equal(action) => (BinaryOperator::Equal, core::slice::from_ref(action)),
        ActionConstraintKind::In(group) => (BinaryOperator::In, core::slice::from_ref(group)),
        ActionConstraintKind::InSet(groups) => (BinaryOperator::In, groups.as_slice()),
    };
    let mut groups: Vec<FormId> = groups.iter().map(|group| entity(forms, group)).collect();
    groups.sort_unstable();
    groups.dedup();
    let action = forms.intern(Form::Variable(Variable::Action));
    let groups = forms.intern(Form::Set(groups.into()));
    forms.intern(Form::Binary(operator, action, groups))
}
