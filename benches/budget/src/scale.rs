//! Policy sets of any size, always the same for the same numbers: the families of the folder `pscale`, whose files stop
//! at 10,000 policies, and W1.
//!
//! All families but W1 decide on one store of documents: as many users as documents, at least 100 and a tenth of the
//! policies; a group for every 20 users and a folder for every 20 documents, in trees of fan-out 4; users in one group,
//! documents in one folder. Half of the requests ask for a user, an action and a document at random, the other half for
//! those of some policy. Requests have no recorded answers.
//!
//! W1 is the worst case of a set in which every policy names its group: `n` permits that differ in the group only, a
//! forbid, and requests of a user who is in the last group.

use std::fmt::Write;

use serde_json::json;

use crate::{RecordedLink, RecordedRequest, RecordedUid, SchemaSyntax, Workload};

/// What the policies are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// One user, one action, one document.
    AccessLists,
    /// 60 % access lists, 30 % a group and a folder, 7 % a group and an attribute, 3 % forbids of a folder, and five rules
    /// without a name in their scope.
    Mixed,
    /// No names in the scope, two equalities with constants in the condition.
    Attributes,
    /// Links of templates: 70 % access lists, 30 % a group and a document or folder; and two static policies.
    Links,
    /// `n` permits of a group each.
    W1,
}

impl Family {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessLists => "acl",
            Self::Mixed => "mixed",
            Self::Attributes => "abac",
            Self::Links => "links",
            Self::W1 => "w1",
        }
    }
}

/// A generator of numbers that always gives the same ones (splitmix64).
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit.max(1) as u64).unwrap_or(0)
    }

    fn action(&mut self) -> &'static str {
        ["read", "write", "delete"].get(self.below(3)).copied().unwrap_or("read")
    }
}

/// A workload of so many policies or links, with so many requests.
pub fn workload(family: Family, policies: usize, requests: usize) -> Workload {
    if family == Family::W1 { w1(policies) } else { Generator::new(policies).workload(family, requests) }
}

struct Generator {
    random: Random,
    policies: usize,
    users: usize,
    groups: usize,
    departments: usize,
    text: String,
    links: Vec<RecordedLink>,
    /// Users, actions and documents that policies name.
    named: Vec<(usize, &'static str, usize)>,
}

impl Generator {
    fn new(policies: usize) -> Self {
        let users = (policies / 10).max(100);
        Self {
            random: Random(policies as u64),
            policies,
            users,
            groups: users / 20,
            departments: (policies / 4).max(10),
            text: String::new(),
            links: Vec::new(),
            named: Vec::new(),
        }
    }

    fn workload(mut self, family: Family, requests: usize) -> Workload {
        self.rules(family);
        for at in 0..self.policies {
            self.policy(family, at);
        }
        let requests = (0..requests).map(|at| self.request(at)).collect();
        Workload {
            name: format!("{}-{}", family.name(), self.policies),
            entities: self.entities(),
            policies: self.text,
            schema: SCHEMA.to_owned(),
            schema_syntax: SchemaSyntax::Cedar,
            links: self.links,
            requests,
        }
    }

    /// The policies that come once.
    fn rules(&mut self, family: Family) {
        self.text.push_str(match family {
            Family::Mixed => MIXED_RULES,
            Family::Links => TEMPLATES,
            Family::AccessLists | Family::Attributes | Family::W1 => "",
        });
    }

    fn policy(&mut self, family: Family, at: usize) {
        match (family, self.random.below(100)) {
            (Family::AccessLists, _) | (Family::Mixed, 0..60) => self.access_list(),
            (Family::Mixed, kind) => self.group_policy(kind),
            (Family::Links, kind) => self.link(at, kind < 70),
            (Family::Attributes | Family::W1, _) => self.attribute_policy(),
        }
    }

    fn write(&mut self, policy: std::fmt::Arguments<'_>) {
        // A string takes everything.
        let _ = self.text.write_fmt(policy);
        self.text.push('\n');
    }

    fn name_some(&mut self) -> (usize, &'static str, usize) {
        let named = (self.random.below(self.users), self.random.action(), self.random.below(self.users));
        self.named.push(named);
        named
    }

    fn access_list(&mut self) {
        let (user, action, document) = self.name_some();
        self.write(format_args!(
            "permit(principal == User::\"u{user}\", action == Action::\"{action}\", resource == Doc::\"d{document}\") \
             when {{ context.mfa || resource.classification < 3 }};"
        ));
    }

    fn group_policy(&mut self, kind: usize) {
        let (group, folder) = (self.random.below(self.groups), self.random.below(self.groups));
        let department = self.random.below(self.departments);
        match kind {
            0..90 => self.write(format_args!(
                "permit(principal in Group::\"g{group}\", action in [Action::\"read\", Action::\"write\"], \
                 resource in Folder::\"f{folder}\") when {{ resource.classification <= principal.clearance }};"
            )),
            90..97 => self.write(format_args!(
                "permit(principal in Group::\"g{group}\", action == Action::\"read\", resource) \
                 when {{ resource.dept == \"dept{department}\" }};"
            )),
            _ => self.write(format_args!(
                "forbid(principal, action == Action::\"write\", resource in Folder::\"f{folder}\") \
                 unless {{ context.mfa || principal.clearance > 1 }};"
            )),
        }
    }

    fn attribute_policy(&mut self) {
        let (action, department) = (self.random.action(), self.random.below(self.departments));
        let classification = self.random.below(5);
        self.write(format_args!(
            "permit(principal, action == Action::\"{action}\", resource is Doc) when {{ \
             principal.dept == \"dept{department}\" && resource.dept == \"dept{department}\" && \
             resource.classification <= {classification} }};"
        ));
    }

    fn link(&mut self, at: usize, of_user: bool) {
        let (user, _, document) = self.name_some();
        let (template, principal, resource) = if of_user {
            ("acl", uid("User", 'u', user), uid("Doc", 'd', document))
        } else {
            let folder = self.random.below(self.groups);
            let resource =
                if self.random.below(2) == 0 { uid("Doc", 'd', document) } else { uid("Folder", 'f', folder) };
            ("grp", uid("Group", 'g', self.random.below(self.groups)), resource)
        };
        let (template, id) = (template.to_owned(), format!("{template}/{at}"));
        self.links.push(RecordedLink { template, id, principal: Some(principal), resource: Some(resource) });
    }

    fn entities(&mut self) -> String {
        let mut text = String::from("[");
        let uid = |ty: &str, letter: char, at: usize| format!("{{\"type\":\"{ty}\",\"id\":\"{letter}{at}\"}}");
        for (ty, letter) in [("Group", 'g'), ("Folder", 'f')] {
            for at in 0..self.groups {
                let parent = at.checked_sub(1).map(|at| uid(ty, letter, at / 4)).unwrap_or_default();
                let _ = write!(text, "{{\"uid\":{},\"attrs\":{{}},\"parents\":[{parent}]}},", uid(ty, letter, at));
            }
        }
        for at in 0..self.users {
            let (dept, clearance) = (self.random.below(self.departments), self.random.below(6));
            let group = uid("Group", 'g', self.random.below(self.groups));
            let user = uid("User", 'u', at);
            let _ = write!(
                text,
                "{{\"uid\":{user},\"attrs\":{{\"dept\":\"dept{dept}\",\"clearance\":{clearance}}},\"parents\":[{group}]}},"
            );
        }
        for at in 0..self.users {
            let (dept, level) = (self.random.below(self.departments), self.random.below(6));
            let public = self.random.below(20) == 0;
            let owner = uid("User", 'u', self.random.below(self.users));
            let (document, folder) = (uid("Doc", 'd', at), uid("Folder", 'f', self.random.below(self.groups)));
            let _ = write!(
                text,
                "{{\"uid\":{document},\"attrs\":{{\"owner\":{{\"__entity\":{owner}}},\"dept\":\"dept{dept}\",\
                 \"classification\":{level},\"isPublic\":{public}}},\"parents\":[{folder}]}},"
            );
        }
        text.pop();
        text.push(']');
        text
    }

    fn request(&mut self, at: usize) -> RecordedRequest {
        let aimed =
            if at.is_multiple_of(2) { None } else { self.named.get(self.random.below(self.named.len())).copied() };
        let at_random = (self.random.below(self.users), self.random.action(), self.random.below(self.users));
        let (user, action, document) = aimed.unwrap_or(at_random);
        let context = json!({ "mfa": self.random.below(2) == 0, "hour": self.random.below(24) });
        request(uid("User", 'u', user), action, uid("Doc", 'd', document), context)
    }
}

fn uid(ty: &str, letter: char, at: usize) -> RecordedUid {
    RecordedUid { ty: ty.to_owned(), id: format!("{letter}{at}") }
}

fn request(principal: RecordedUid, action: &str, resource: RecordedUid, context: serde_json::Value) -> RecordedRequest {
    let action = RecordedUid { ty: "Action".to_owned(), id: action.to_owned() };
    let (decision, reasons, errors) = (String::new(), Vec::new(), Vec::new());
    RecordedRequest { principal, action, resource, context, decision, reasons, errors }
}

fn w1(permits: usize) -> Workload {
    let mut policies =
        String::from("forbid(principal, action == Action::\"read\", resource) when { resource.quarantined };\n");
    for at in 0..permits {
        let _ = writeln!(
            policies,
            "permit(principal in Group::\"g{at}\", action == Action::\"read\", resource) when {{ \
             resource.tenant == principal.tenant && context.mtls && context.hour < 20 }};"
        );
    }
    let group = RecordedUid { ty: "Group".to_owned(), id: format!("g{}", permits.saturating_sub(1)) };
    let entities = json!([
        { "uid": { "type": "Group", "id": group.id }, "attrs": {}, "parents": [] },
        { "uid": { "type": "User", "id": "u" }, "attrs": { "tenant": "t" }, "parents": [{ "type": "Group", "id": group.id }] },
        { "uid": { "type": "Doc", "id": "d" }, "attrs": { "tenant": "t", "quarantined": false }, "parents": [] },
    ]);
    let hours = (0..20).map(|hour| {
        let name = |ty: &str, id: &str| RecordedUid { ty: ty.to_owned(), id: id.to_owned() };
        request(name("User", "u"), "read", name("Doc", "d"), json!({ "mtls": true, "hour": hour }))
    });
    Workload {
        name: format!("w1-{permits}"),
        policies,
        schema: W1_SCHEMA.to_owned(),
        schema_syntax: SchemaSyntax::Cedar,
        entities: entities.to_string(),
        links: Vec::new(),
        requests: hours.collect(),
    }
}

/// W1 in Rego, for regorus: one rule for each permit, entities in the input.
pub fn w1_rego(permits: usize) -> String {
    let mut text = String::from("package w1\n\nimport rego.v1\n\ndefault decision := false\n\n");
    text.push_str("decision if {\n    allow\n    not input.resource.quarantined\n}\n\n");
    for at in 0..permits {
        let _ = writeln!(
            text,
            "allow if {{\n    \"g{at}\" in input.principal.groups\n    input.action == \"read\"\n    \
             input.resource.tenant == input.principal.tenant\n    input.context.mtls\n    input.context.hour < 20\n}}\n"
        );
    }
    text
}

/// A request of W1 as the input of [`w1_rego`], with what it needs of the entities.
pub fn w1_input(permits: usize, request: &RecordedRequest) -> String {
    json!({
        "principal": { "id": request.principal.id, "tenant": "t", "groups": [format!("g{}", permits.saturating_sub(1))] },
        "action": request.action.id,
        "resource": { "id": request.resource.id, "tenant": "t", "quarantined": false },
        "context": request.context,
    })
    .to_string()
}

const SCHEMA: &str = r#"entity Group in [Group];
entity User in [Group] { dept: String, clearance: Long };
entity Folder in [Folder];
entity Doc in [Folder] { owner: User, dept: String, classification: Long, isPublic: Bool };
action "read", "write", "delete" appliesTo { principal: [User], resource: [Doc], context: { mfa: Bool, hour: Long } };
"#;

const W1_SCHEMA: &str = "entity Group;
entity User in [Group] { tenant: String };
entity Doc { tenant: String, quarantined: Bool };
action read appliesTo { principal: [User], resource: [Doc], context: { mtls: Bool, hour: Long } };
";

const MIXED_RULES: &str = r#"permit(principal, action, resource) when { resource.owner == principal };
permit(principal is User, action == Action::"read", resource is Doc) when { resource.isPublic };
forbid(principal, action == Action::"delete", resource) unless { context.mfa };
forbid(principal, action, resource) when { resource.classification > principal.clearance + 2 };
permit(principal, action == Action::"read", resource)
when { principal.dept == resource.dept && context.hour >= 8 && context.hour < 18 };
"#;

const TEMPLATES: &str = r#"@id("acl") permit(principal == ?principal, action == Action::"read", resource == ?resource)
when { context.mfa || resource.classification < 3 };
@id("grp") permit(principal in ?principal, action in [Action::"read", Action::"write"], resource in ?resource)
when { resource.classification <= principal.clearance };
permit(principal, action, resource) when { resource.owner == principal };
forbid(principal, action == Action::"delete", resource) unless { context.mfa };
"#;
