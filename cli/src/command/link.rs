//! `link`: a policy from a template, kept in the file of `--template-linked`.

use std::fs;

use deodar_grammar::{
    ast::{EntityConstraint, EntityConstraintKind, EntityOrSlot, EntityRef, Spanned, TypeName},
    print_policy,
};
use deodar_lexicon::json::Writer;
use deodar_runtime::{EntityUid, instruction::Slot};
use serde_json::json;

use crate::{
    args::{Format, LinkArgs},
    input::{Link, LinksFile, Policies, parse_arguments, read_policies},
    report,
    session::{Exit, Outcome, Session, Stop},
};

pub(super) fn run(args: &LinkArgs, session: &mut Session<'_>) -> Outcome {
    let policies = read_policies(session, &args.policies, LinksFile::Created);
    let values = parse_arguments(session, &args.arguments);
    session.stop_on_errors()?;
    let values = values.ok_or(Stop::Problems)?;
    let mut program = policies.compile(session).ok_or(Stop::Problems)?;
    if let Err(error) = program.link(&args.template_id, &args.new_id, &values) {
        return session.stop(report::cannot_link(&args.new_id, &error));
    }
    if let Some(path) = &args.policies.links {
        let text = links_to_json(&policies.links, (&args.template_id, &args.new_id, &values));
        if let Err(error) = fs::write(session.io.path(path), text) {
            return session.stop(report::cannot_write(path, &error));
        }
    }
    let text = linked_text(&policies, &args.template_id, &values);
    match session.format {
        Format::Text => session.io.stdout(&format!("Template-linked policy added: {text}\n"))?,
        Format::Json => {
            let result = json!({ "id": args.new_id, "template": args.template_id, "policy": text });
            session.print_json(&result)?;
        }
    }
    Ok(Exit::Success)
}

/// The file of `--template-linked` with one more link.
fn links_to_json(links: &[Link], new: (&str, &str, &[(Slot, EntityUid)])) -> String {
    let mut writer = Writer::compact();
    writer.begin_array();
    for link in links {
        write_link(&mut writer, (&link.template, &link.id, &link.values));
    }
    write_link(&mut writer, new);
    writer.end_array();
    writer.finish()
}

fn write_link(writer: &mut Writer, (template, id, values): (&str, &str, &[(Slot, EntityUid)])) {
    writer.begin_object();
    writer.key("template_id");
    writer.string(template);
    writer.key("link_id");
    writer.string(id);
    writer.key("args");
    writer.begin_object();
    for (slot, entity) in values {
        writer.key(slot.name());
        writer.string(&entity.to_string());
    }
    writer.end_object();
    writer.end_object();
}

/// The template with its slots filled, as a policy.
fn linked_text(policies: &Policies, template: &str, values: &[(Slot, EntityUid)]) -> String {
    let found = policies.sets.iter().find_map(|set| Some((set, set.policies.iter().find(|p| p.id == template)?)));
    let Some((set, policy)) = found else { return template.to_owned() };
    let mut policy = policy.clone();
    for constraint in [&mut policy.scope.principal, &mut policy.scope.resource] {
        fill(constraint, values);
    }
    print_policy(set, &policy).trim_end().to_owned()
}

fn fill(constraint: &mut EntityConstraint, values: &[(Slot, EntityUid)]) {
    let entity = match &mut constraint.kind {
        EntityConstraintKind::All | EntityConstraintKind::Is(_) => return,
        EntityConstraintKind::Equal(entity)
        | EntityConstraintKind::In(entity)
        | EntityConstraintKind::IsIn(_, entity) => entity,
    };
    let EntityOrSlot::Slot(slot) = entity else { return };
    let Some((_, uid)) = values.iter().find(|(given, _)| given.name() == slot.value.name()) else { return };
    let span = slot.span;
    let ty = TypeName { name: uid.entity_type().as_str().into(), span };
    *entity = EntityOrSlot::Entity(EntityRef { ty, id: Spanned::new(uid.id().into(), span), span });
}
