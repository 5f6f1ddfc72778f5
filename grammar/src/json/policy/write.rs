//! Trees as JSON, as the reference writes the same text.
//!
//! Members stand in the reference's order: those of a policy as documented, annotations and record keys sorted. The
//! writer keeps a stack of what is still to be written, so that nesting costs no stack; chains are folded to the left
//! again.

use deodar_lexicon::{Pattern, PatternElement, json::Writer};
use smol_str::SmolStr;

use crate::ast::{
    ActionConstraint, ActionConstraintKind, EntityConstraint, EntityConstraintKind, EntityOrSlot, EntityRef, ExprId,
    ExprKind, Exprs, Policy, PolicySet, Spanned, TemplateLink,
};

/// The policy set as JSON, without white space.
///
/// The tree must be free of errors; an error node is written as `{"error": []}`, which no reader accepts.
pub fn policies_to_json(set: &PolicySet) -> String {
    let mut w = Writer::compact();
    w.begin_object();
    for (key, templates) in [("templates", true), ("staticPolicies", false)] {
        w.key(key);
        w.begin_object();
        for policy in set.policies.iter().filter(|policy| policy.is_template() == templates) {
            w.key(&policy.id);
            write_policy(set, policy, &mut w);
        }
        w.end_object();
    }
    w.key("templateLinks");
    w.begin_array();
    set.links.iter().for_each(|link| write_link(link, &mut w));
    w.end_array();
    w.end_object();
    w.finish()
}

/// One policy of the set as JSON, without its id and without white space.
pub fn policy_to_json(set: &PolicySet, policy: &Policy) -> String {
    let mut w = Writer::compact();
    write_policy(set, policy, &mut w);
    w.finish()
}

fn write_link(link: &TemplateLink, w: &mut Writer) {
    w.begin_object();
    w.string_member("templateId", &link.template.value);
    w.string_member("newId", &link.id.value);
    w.key("values");
    w.begin_object();
    for (slot, entity) in &link.values {
        w.key(slot.value.name());
        write_entity_escape(entity, w);
    }
    w.end_object();
    w.end_object();
}

fn write_policy(set: &PolicySet, policy: &Policy, w: &mut Writer) {
    w.begin_object();
    w.string_member("effect", policy.effect.value.keyword());
    w.key("principal");
    write_entity_constraint(&policy.scope.principal, w);
    w.key("action");
    write_action_constraint(&policy.scope.action, w);
    w.key("resource");
    write_entity_constraint(&policy.scope.resource, w);
    w.key("conditions");
    w.begin_array();
    for condition in &policy.conditions {
        w.begin_object();
        w.string_member("kind", condition.kind.keyword());
        w.key("body");
        write_expression(&set.exprs, condition.body, w);
        w.end_object();
    }
    w.end_array();
    write_annotations(policy, w);
    w.end_object();
}

fn write_annotations(policy: &Policy, w: &mut Writer) {
    if policy.annotations.is_empty() {
        return;
    }
    let mut annotations: Vec<_> = policy.annotations.iter().collect();
    annotations.sort_by_key(|annotation| &annotation.key.value);
    w.key("annotations");
    w.begin_object();
    for annotation in annotations {
        w.key(&annotation.key.value);
        match &annotation.value {
            Some(value) => w.string(&value.value),
            None => w.null(),
        }
    }
    w.end_object();
}

fn write_entity_constraint(constraint: &EntityConstraint, w: &mut Writer) {
    w.begin_object();
    match &constraint.kind {
        EntityConstraintKind::All => w.string_member("op", "All"),
        EntityConstraintKind::Equal(entity) => write_operator("==", entity, w),
        EntityConstraintKind::In(entity) => write_operator("in", entity, w),
        EntityConstraintKind::Is(ty) => {
            w.string_member("op", "is");
            w.string_member("entity_type", &ty.name);
        }
        EntityConstraintKind::IsIn(ty, entity) => {
            w.string_member("op", "is");
            w.string_member("entity_type", &ty.name);
            w.key("in");
            w.begin_object();
            write_entity_or_slot(entity, w);
            w.end_object();
        }
    }
    w.end_object();
}

fn write_operator(operator: &str, entity: &EntityOrSlot, w: &mut Writer) {
    w.string_member("op", operator);
    write_entity_or_slot(entity, w);
}

fn write_entity_or_slot(entity: &EntityOrSlot, w: &mut Writer) {
    match entity {
        EntityOrSlot::Entity(entity) => {
            w.key("entity");
            write_entity(entity, w);
        }
        EntityOrSlot::Slot(slot) => w.string_member("slot", slot.value.name()),
    }
}

fn write_action_constraint(constraint: &ActionConstraint, w: &mut Writer) {
    let single = |operator, action, w: &mut Writer| {
        w.string_member("op", operator);
        w.key("entity");
        write_entity(action, w);
    };
    w.begin_object();
    match &constraint.kind {
        ActionConstraintKind::All => w.string_member("op", "All"),
        ActionConstraintKind::Equal(action) => single("==", action, w),
        ActionConstraintKind::In(action) => single("in", action, w),
        ActionConstraintKind::InSet(actions) => match actions.as_slice() {
            [action] => single("in", action, w),
            actions => {
                w.string_member("op", "in");
                w.key("entities");
                w.begin_array();
                for action in actions {
                    write_entity(action, w);
                }
                w.end_array();
            }
        },
    }
    w.end_object();
}

fn write_entity(entity: &EntityRef, w: &mut Writer) {
    w.begin_object();
    w.string_member("type", &entity.ty.name);
    w.string_member("id", &entity.id.value);
    w.end_object();
}

fn write_entity_escape(entity: &EntityRef, w: &mut Writer) {
    w.begin_object();
    w.key("__entity");
    write_entity(entity, w);
    w.end_object();
}

/// What is still to be written.
#[derive(Debug, Clone, Copy)]
enum Task<'e> {
    Expression(ExprId),
    Key(&'e str),
    String(&'e str),
    Path(&'e [Spanned<SmolStr>]),
    Pattern(&'e Pattern),
    EndArray,
    /// The end of as many objects.
    EndObjects(usize),
}

fn write_expression(exprs: &Exprs, root: ExprId, w: &mut Writer) {
    let mut tasks = vec![Task::Expression(root)];
    // What follows the start of a node, in order; reversed onto the stack.
    let mut after = Vec::new();
    while let Some(task) = tasks.pop() {
        match task {
            Task::Expression(id) => {
                begin(exprs.kind(id), w, &mut after);
                tasks.extend(after.drain(..).rev());
            }
            Task::Key(key) => w.key(key),
            Task::String(text) => w.string(text),
            Task::Path(path) => write_path(path, w),
            Task::Pattern(pattern) => write_pattern(pattern, w),
            Task::EndArray => w.end_array(),
            Task::EndObjects(count) => end_objects(count, w),
        }
    }
}

/// Writes the start of a node and lists what follows.
fn begin<'e>(kind: &'e ExprKind, w: &mut Writer, after: &mut Vec<Task<'e>>) {
    match kind {
        ExprKind::Error => {
            open_array("error", w);
            close_array(&[], after);
        }
        ExprKind::Bool(value) => leaf("Value", w, |w| w.bool(*value)),
        ExprKind::Long(value) => leaf("Value", w, |w| w.integer(*value)),
        ExprKind::String(text) => leaf("Value", w, |w| w.string(text)),
        ExprKind::Entity(entity) => leaf("Value", w, |w| write_entity_escape(entity, w)),
        ExprKind::Variable(variable) => leaf("Var", w, |w| w.string(variable.name())),
        ExprKind::Slot(slot) => leaf("Slot", w, |w| w.string(slot.name())),
        ExprKind::Name(name) => leaf("Var", w, |w| w.string(&name.name)),
        ExprKind::If { condition, then, otherwise } => {
            open_object("if-then-else", w);
            members(&[("if", *condition), ("then", *then), ("else", *otherwise)], after);
        }
        ExprKind::And(operands) => chain(operands.iter().map(|operand| ("&&", *operand)), w, after),
        ExprKind::Or(operands) => chain(operands.iter().map(|operand| ("||", *operand)), w, after),
        ExprKind::Product(operands) => chain(operands.iter().map(|operand| ("*", *operand)), w, after),
        ExprKind::Sum { first, rest } => {
            let rest = rest.iter().map(|(operator, operand)| (operator.symbol(), *operand));
            chain(core::iter::once(("", *first)).chain(rest), w, after);
        }
        ExprKind::Unary(operator, operand) => {
            open_object(operator.json_key(), w);
            members(&[("arg", *operand)], after);
        }
        ExprKind::Binary { operator, left, right } => {
            open_object(operator.json_key(), w);
            members(&[("left", *left), ("right", *right)], after);
        }
        ExprKind::Attribute { base, name } => {
            open_object(".", w);
            after.extend([Task::Key("left"), Task::Expression(*base)]);
            after.extend([Task::Key("attr"), Task::String(&name.value), Task::EndObjects(2)]);
        }
        ExprKind::Has { base, path } => test("has", *base, [Task::Key("attr"), Task::Path(path)], None, w, after),
        ExprKind::Like { base, pattern } => {
            test("like", *base, [Task::Key("pattern"), Task::Pattern(pattern)], None, w, after);
        }
        ExprKind::Is { base, ty, within } => {
            test("is", *base, [Task::Key("entity_type"), Task::String(&ty.name)], *within, w, after);
        }
        ExprKind::Call { builtin, arguments } => {
            open_array(builtin.name(), w);
            close_array(arguments, after);
        }
        ExprKind::UnknownCall { name, arguments, .. } => {
            open_array(&name.name, w);
            close_array(arguments, after);
        }
        ExprKind::Set(elements) => {
            open_array("Set", w);
            close_array(elements, after);
        }
        ExprKind::Record(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|entry| &entry.key.value);
            open_object("Record", w);
            let pairs = entries.into_iter().map(|entry| [Task::Key(&entry.key.value), Task::Expression(entry.value)]);
            after.extend(pairs.flatten());
            after.push(Task::EndObjects(2));
        }
    }
}

/// A test of an attribute, a pattern or a type.
fn test<'e>(
    key: &str,
    base: ExprId,
    with: [Task<'e>; 2],
    within: Option<ExprId>,
    w: &mut Writer,
    after: &mut Vec<Task<'e>>,
) {
    open_object(key, w);
    after.extend([Task::Key("left"), Task::Expression(base)]);
    after.extend(with);
    after.extend(within.iter().flat_map(|within| [Task::Key("in"), Task::Expression(*within)]));
    after.push(Task::EndObjects(2));
}

fn end_objects(count: usize, w: &mut Writer) {
    for _ in 0..count {
        w.end_object();
    }
}

/// One attribute is a string, a longer path is an array.
fn write_path(path: &[Spanned<SmolStr>], w: &mut Writer) {
    if let [only] = path {
        return w.string(&only.value);
    }
    w.begin_array();
    for step in path {
        w.string(&step.value);
    }
    w.end_array();
}

/// Each character is a literal of its own.
fn write_pattern(pattern: &Pattern, w: &mut Writer) {
    w.begin_array();
    for element in pattern.elements() {
        match element {
            PatternElement::Wildcard => w.string("Wildcard"),
            PatternElement::Char(c) => {
                w.begin_object();
                w.string_member("Literal", c.encode_utf8(&mut [0; 4]));
                w.end_object();
            }
        }
    }
    w.end_array();
}

fn leaf(key: &str, w: &mut Writer, write: impl FnOnce(&mut Writer)) {
    w.begin_object();
    w.key(key);
    write(w);
    w.end_object();
}

fn open_object(key: &str, w: &mut Writer) {
    w.begin_object();
    w.key(key);
    w.begin_object();
}

fn open_array(key: &str, w: &mut Writer) {
    w.begin_object();
    w.key(key);
    w.begin_array();
}

fn members(members: &[(&'static str, ExprId)], after: &mut Vec<Task<'_>>) {
    after.extend(members.iter().flat_map(|(key, member)| [Task::Key(key), Task::Expression(*member)]));
    after.push(Task::EndObjects(2));
}

fn close_array(elements: &[ExprId], after: &mut Vec<Task<'_>>) {
    after.extend(elements.iter().map(|element| Task::Expression(*element)));
    after.extend([Task::EndArray, Task::EndObjects(1)]);
}

/// A chain of operands, each with the operator before it: the last operator is the outermost.
fn chain<'e>(
    mut operands: impl DoubleEndedIterator<Item = (&'e str, ExprId)> + Clone,
    w: &mut Writer,
    after: &mut Vec<Task<'e>>,
) {
    let Some((_, first)) = operands.next() else { return };
    for (operator, _) in operands.clone().rev() {
        open_object(operator, w);
        w.key("left");
    }
    after.push(Task::Expression(first));
    for (_, operand) in operands {
        after.extend([Task::Key("right"), Task::Expression(operand), Task::EndObjects(2)]);
    }
}
