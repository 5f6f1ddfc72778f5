//! `translate-policy`: policies between the Cedar syntax and JSON.

use deodar_grammar::{ast::PolicySet, policies_to_json, policy_to_json, print_policy};
use serde_json::json;

use crate::{
    args::{Format, PolicyDirection, TextFormat, TranslatePolicyArgs},
    input::{Policies, read_sets},
    report,
    session::{Exit, Outcome, Session, Stop},
};

pub(super) fn run(args: &TranslatePolicyArgs, session: &mut Session<'_>) -> Outcome {
    match args.direction {
        PolicyDirection::CedarToJson => to_json(args, session),
        PolicyDirection::JsonToCedar => to_cedar(args, session),
    }
}

/// The result is JSON already, so `--format` changes nothing.
fn to_json(args: &TranslatePolicyArgs, session: &mut Session<'_>) -> Outcome {
    let policies = read(session, args, TextFormat::Cedar)?;
    let text = match policies.sets.as_slice() {
        [set] => policies_to_json(set),
        sets => joined_json(sets),
    };
    session.io.stdout(&format!("{text}\n"))?;
    Ok(Exit::Success)
}

/// The policies of several files as one policy set.
fn joined_json(sets: &[PolicySet]) -> String {
    let members = |templates: bool| {
        let policies = sets.iter().flat_map(|set| set.policies.iter().map(move |policy| (set, policy)));
        let members = policies.filter(|(_, policy)| policy.is_template() == templates);
        let members = members.map(|(set, policy)| format!("{}:{}", json!(policy.id), policy_to_json(set, policy)));
        members.collect::<Vec<_>>().join(",")
    };
    format!(r#"{{"templates":{{{}}},"staticPolicies":{{{}}},"templateLinks":[]}}"#, members(true), members(false))
}

fn to_cedar(args: &TranslatePolicyArgs, session: &mut Session<'_>) -> Outcome {
    let policies = read(session, args, TextFormat::Json)?;
    if policies.sets.iter().any(|set| !set.links.is_empty()) {
        return session.stop(report::links_have_no_text());
    }
    let without_text = policies.sets.iter().flat_map(|set| &set.policies).filter(|policy| !policy.has_text());
    session.report_all(without_text.map(|policy| report::template_has_no_text(&policy.id, policy.span)));
    let text = in_reference_order(&policies.sets).join("\n\n");
    match session.format {
        Format::Text => session.io.stdout(&format!("{text}\n"))?,
        Format::Json => session.print_json(&json!({ "policies": text }))?,
    }
    Ok(Exit::Success)
}

/// The texts of the policies as `cedar` orders them: static policies by id, then templates by id.
fn in_reference_order(sets: &[PolicySet]) -> Vec<String> {
    let mut policies: Vec<_> =
        sets.iter().flat_map(|set| set.policies.iter().map(move |policy| (set, policy))).collect();
    policies.retain(|(_, policy)| policy.has_text());
    policies.sort_by(|(_, a), (_, b)| (a.is_template(), &a.id).cmp(&(b.is_template(), &b.id)));
    policies.into_iter().map(|(set, policy)| print_policy(set, policy).trim_end().to_owned()).collect()
}

/// The policies, if ids are unique and nothing else is wrong with them.
fn read(session: &mut Session<'_>, args: &TranslatePolicyArgs, format: TextFormat) -> Result<Policies, Stop> {
    let sets = read_sets(session, &args.policies, Some(format));
    let policies = Policies { sets, links: None, compiled: None };
    session.stop_on_errors()?;
    policies.compile(session).ok_or(Stop::Problems)?;
    Ok(policies)
}
