//! Generated policies, templates and links.
//!
//! A policy is written for one of the requests: each part of its scope is one that the request fits, or, less often,
//! any other.

use super::{
    coverage::{Group, Seen},
    data::{self, Data},
    expression::Expressions,
    random::Random,
    schema::Schema,
    text,
};
use crate::question::{Link, Request, Uid};

/// A policy as text, in parts that can be left out one by one.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Annotations, effect and scope.
    pub head: String,
    /// The conditions.
    pub conditions: Vec<String>,
}

impl Policy {
    /// All of it, with a line break at the end.
    pub fn text(&self) -> String {
        let conditions: String = self.conditions.iter().map(|condition| format!("\n  {condition}")).collect();
        format!("{}{conditions};\n", self.head)
    }
}

/// Policies for these requests, and links of the templates among them.
pub fn generate(
    random: &mut Random<'_, '_>,
    schema: &Schema,
    data: &Data,
    seen: &mut Seen,
) -> (Vec<Policy>, Vec<Link>) {
    let n_policies = random.weighted(&[1, 25, 30, 22, 14, 8]);
    let (mut policies, mut links) = (Vec::new(), Vec::new());
    for index in 0..n_policies {
        let target = random.below(data.requests.len());
        let (request, shape) = (&data.requests[target], data.shapes[target]);
        let mut generator = Generator { random: &mut *random, schema, seen: &mut *seen, request, shape };
        let (policy, slots) = generator.policy();
        policies.push(policy);
        if !slots.is_empty() {
            generator.links(&format!("policy{index}"), &slots, &mut links);
        }
    }
    (policies, links)
}

struct Generator<'g, 'r, 'b> {
    random: &'g mut Random<'r, 'b>,
    schema: &'g Schema,
    seen: &'g mut Seen,
    request: &'g Request,
    shape: [usize; 3],
}

/// The names of the scope forms of a variable, in the order of the weights below.
struct Forms {
    variable: &'static str,
    slot: &'static str,
    names: [&'static str; 8],
}

const PRINCIPAL: Forms = Forms {
    variable: "principal",
    slot: "?principal",
    names: [
        "principal",
        "principal ==",
        "principal in",
        "principal is",
        "principal is in",
        "principal == ?",
        "principal in ?",
        "principal is in ?",
    ],
};

const RESOURCE: Forms = Forms {
    variable: "resource",
    slot: "?resource",
    names: [
        "resource",
        "resource ==",
        "resource in",
        "resource is",
        "resource is in",
        "resource == ?",
        "resource in ?",
        "resource is in ?",
    ],
};

impl Generator<'_, '_, '_> {
    fn policy(&mut self) -> (Policy, Vec<&'static str>) {
        let mut slots = Vec::new();
        let effect = if self.random.percent(28) { "forbid" } else { "permit" };
        self.seen.note(Group::Policy, effect);
        let (principal, resource) = (self.request.principal.clone(), self.request.resource.clone());
        let principal = self.constraint(&PRINCIPAL, &principal, &mut slots);
        let action = self.action();
        let resource = self.constraint(&RESOURCE, &resource, &mut slots);
        let annotations = self.annotations();
        let gap = text::gap(self.random);
        let comma = if self.random.percent(4) { "," } else { "" };
        let head = format!("{annotations}{effect}{gap}({principal},{gap}{action}, {resource}{comma})");
        let n_conditions = self.random.weighted(&[12, 66, 17, 5]);
        let conditions = (0..n_conditions).map(|_| self.condition()).collect();
        self.seen.note(Group::Policy, if slots.is_empty() { "static" } else { "template" });
        (Policy { head, conditions }, slots)
    }

    fn annotations(&mut self) -> String {
        if !self.random.percent(15) {
            return String::new();
        }
        self.seen.note(Group::Policy, "annotation");
        let value = *self.random.pick(text::STRINGS);
        let value = text::quote(self.random, value);
        match self.random.below(4) {
            0 => format!("@id({value})\n"),
            1 => "@note ".into(),
            2 => format!("@if({value}) @permit "),
            _ => format!("@a({value}) @b({value})\n"),
        }
    }

    fn constraint(&mut self, forms: &Forms, target: &Uid, slots: &mut Vec<&'static str>) -> String {
        let form = self.random.weighted(&[46, 10, 12, 12, 9, 4, 4, 3]);
        self.seen.note(Group::Scope, forms.names[form]);
        if form >= 5 {
            slots.push(forms.slot);
        }
        let ty = if self.random.percent(90) { target.ty.clone() } else { self.random.pick(&self.schema.types).name() };
        let near = self.near(target, form == 1);
        let entity = text::entity(self.random, &near.ty, &near.id);
        let (variable, slot) = (forms.variable, forms.slot);
        match form {
            0 => variable.into(),
            1 => format!("{variable} == {entity}"),
            2 => format!("{variable} in {entity}"),
            3 => format!("{variable} is {ty}"),
            4 => format!("{variable} is {ty} in {entity}"),
            5 => format!("{variable} == {slot}"),
            6 => format!("{variable} in {slot}"),
            _ => format!("{variable} is {ty} in {slot}"),
        }
    }

    /// The entity itself, or another one; for `in` more often one that may be an ancestor.
    fn near(&mut self, target: &Uid, exact: bool) -> Uid {
        if self.random.percent(if exact { 90 } else { 65 }) {
            return target.clone();
        }
        let ty = self.random.pick(&self.schema.types);
        Uid::new(ty.name(), data::entity_id(self.random, ty))
    }

    fn action(&mut self) -> String {
        let target = self.request.action.clone();
        let target = text::entity(self.random, &target.ty, &target.id);
        let groups = &self.schema.actions[self.shape[1]].groups;
        let group = if groups.is_empty() { self.shape[1] } else { *self.random.pick(groups) };
        let group = self.schema.actions[group].uid();
        let group = text::entity(self.random, &group.ty, &group.id);
        let other = self.random.pick(&self.schema.actions).uid();
        let other = text::entity(self.random, &other.ty, &other.id);
        let (name, text) = match self.random.weighted(&[46, 18, 17, 17, 2]) {
            0 => ("action", "action".into()),
            1 if self.random.percent(85) => ("action ==", format!("action == {target}")),
            1 => ("action ==", format!("action == {other}")),
            2 => ("action in", format!("action in {group}")),
            3 => ("action in […]", self.action_list(&[target, group, other])),
            _ => ("action in []", "action in []".into()),
        };
        self.seen.note(Group::Scope, name);
        text
    }

    fn action_list(&mut self, candidates: &[String]) -> String {
        let count = self.random.between(1, 3);
        let actions: Vec<_> = (0..count).map(|_| self.random.pick(candidates).clone()).collect();
        let comma = if self.random.percent(5) { "," } else { "" };
        format!("action in [{}{comma}]", actions.join(", "))
    }

    fn condition(&mut self) -> String {
        let unless = self.random.percent(25);
        let depth = self.random.between(1, 4);
        let body = Expressions::new(self.random, self.schema, self.seen, self.shape).condition(depth);
        let (keyword, name) = if unless { ("unless", "unless") } else { ("when", "when") };
        self.seen.note(Group::Policy, name);
        format!("{keyword} {{ {} }}", body.text)
    }

    fn links(&mut self, template: &str, slots: &[&'static str], links: &mut Vec<Link>) {
        for _ in 0..self.random.weighted(&[5, 70, 25]) {
            self.seen.note(Group::Policy, "link");
            let mut values: Vec<(String, Uid)> = slots
                .iter()
                .map(|slot| {
                    let target = if *slot == "?principal" { &self.request.principal } else { &self.request.resource };
                    ((*slot).to_owned(), self.near(&target.clone(), false))
                })
                .collect();
            let mut link =
                Link { template: template.to_owned(), id: format!("link{}", links.len()), values: Vec::new() };
            match self.random.weighted(&[94, 1, 1, 1, 1, 1]) {
                1 => drop(values.pop()),
                2 => values.push(("?principal".into(), Uid::new("User", "a"))),
                3 => link.id = "policy0".into(),
                4 => link.template = "policy9".into(),
                5 => link.id = "link0".into(),
                _ => {}
            }
            link.values = values;
            links.push(link);
        }
    }
}
