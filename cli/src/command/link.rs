//! `link`: a policy from a template, kept in the file of `--template-linked`.

use std::fs;

use deodar_grammar::{
    Span,
    ast::{EntityConstraint, EntityConstraintKind, EntityOrSlot, Spanned, TemplateLink},
    print_policy,
};
use deodar_lexicon::{escape::escape, json::Writer};
use serde_json::json;

use crate::{
    args::{Format, LinkArgs},
    input::{LinksFile, Policies, SlotValue, links_path, parse_arguments, read_policies},
    report,
    session::{Exit, Outcome, Session, Stop},
};

pub(super) fn run(args: &LinkArgs, session: &mut Session<'_>) -> Outcome {
    let policies = read_policies(session, &args.policies, LinksFile::Created);
    let arguments = parse_arguments(session, &args.arguments);
    session.stop_on_errors()?;
    let (span, values) = arguments.ok_or(Stop::Problems)?;
    let mut program = policies.compile(session).ok_or(Stop::Problems)?;
    let operands: Vec<_> = values.iter().map(SlotValue::to_operand).collect();
    if let Err(error) = program.link(&args.template_id, &args.new_id, &operands) {
        return session.stop(report::cannot_link(&args.new_id, &error));
    }
    let link = new_link(args, span, &values);
    if let Some(path) = &links_path(session, &args.policies) {
        let text = links_to_json(policies.links.as_ref().map_or(&[], |set| &set.links), &link);
        if let Err(error) = fs::write(session.io.path(path), text) {
            return session.stop(report::cannot_write(path, &error));
        }
    }
    let text = linked_text(&policies, &link);
    match session.format {
        Format::Text => session.io.stdout(&format!("Template-linked policy added: {text}\n"))?,
        Format::Json => {
            let result = json!({ "id": args.new_id, "template": args.template_id, "policy": text });
            session.print_json(&result)?;
        }
    }
    Ok(Exit::Success)
}

fn new_link(args: &LinkArgs, span: Span, values: &[SlotValue]) -> TemplateLink {
    let spanned = |text: &str| Spanned::new(text.into(), span);
    let values = values.iter().map(SlotValue::to_node).collect();
    TemplateLink { template: spanned(&args.template_id), id: spanned(&args.new_id), values, span }
}

/// The file of `--template-linked` with one more link.
fn links_to_json(links: &[TemplateLink], new: &TemplateLink) -> String {
    let mut writer = Writer::compact();
    writer.begin_array();
    for link in links.iter().chain([new]) {
        write_link(&mut writer, link);
    }
    writer.end_array();
    writer.finish()
}

fn write_link(writer: &mut Writer, link: &TemplateLink) {
    writer.begin_object();
    writer.key("template_id");
    writer.string(&link.template.value);
    writer.key("link_id");
    writer.string(&link.id.value);
    writer.key("args");
    writer.begin_object();
    for (slot, entity) in &link.values {
        writer.key(slot.value.name());
        writer.string(&format!("{}::\"{}\"", entity.ty.name, escape(&entity.id.value)));
    }
    writer.end_object();
    writer.end_object();
}

/// The template with its slots filled, as a policy.
fn linked_text(policies: &Policies, link: &TemplateLink) -> String {
    let template = link.template.value.as_str();
    let found = policies.sets.iter().find_map(|set| Some((set, set.policies.iter().find(|p| p.id == template)?)));
    let Some((set, policy)) = found else { return template.to_owned() };
    let mut policy = policy.clone();
    for constraint in [&mut policy.scope.principal, &mut policy.scope.resource] {
        fill(constraint, link);
    }
    print_policy(set, &policy).trim_end().to_owned()
}

fn fill(constraint: &mut EntityConstraint, link: &TemplateLink) {
    let entity = match &mut constraint.kind {
        EntityConstraintKind::All | EntityConstraintKind::Is(_) => return,
        EntityConstraintKind::Equal(entity)
        | EntityConstraintKind::In(entity)
        | EntityConstraintKind::IsIn(_, entity) => entity,
    };
    let EntityOrSlot::Slot(slot) = entity else { return };
    let Some((_, value)) = link.values.iter().find(|(given, _)| given.value == slot.value) else { return };
    *entity = EntityOrSlot::Entity(value.clone());
}
