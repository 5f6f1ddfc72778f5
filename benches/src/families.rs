//! Generated policy sets: as many policies and actions as wanted, always the same for the same numbers.
//!
//! The schema has users in groups, services, documents in folders and a list of actions, half of them for both kinds of
//! principals and both kinds of resources. The policies are of three kinds in turn: access lists (one group, one
//! action), attribute rules over all actions, and rules with optional attributes over a group of actions. So a checker
//! that repeats its work for every action pays for it, and one that does not shows.

use std::fmt::Write;

/// A schema in the Cedar syntax with that many actions, in groups of ten.
pub fn schema(n_actions: usize) -> String {
    let mut text = String::from(
        "entity Group in [Group];
entity User in [Group] { tenant: String, level: Long, manager?: User, labels: Set<String> };
entity Service in [Group] { tenant: String, level: Long, labels: Set<String> };
entity Folder in [Folder] { tenant: String, owner: User };
entity Doc in [Folder] { tenant: String, owner: User, public?: Bool, size: Long, labels: Set<String> };
",
    );
    for group in 0..n_actions.div_ceil(10) {
        let _ = writeln!(text, "action \"group{group}\";");
    }
    for action in 0..n_actions {
        let group = action / 10;
        let (principals, resources) =
            if action % 2 == 0 { ("[User, Service]", "[Doc, Folder]") } else { ("User", "Doc") };
        // Contexts of five shapes.
        let extra = action % 5;
        let _ = writeln!(
            text,
            "action \"act{action}\" in [\"group{group}\"] appliesTo {{ principal: {principals}, resource: {resources}, \
             context: {{ mfa: Bool, hour: Long, ip: ipaddr, reason{extra}?: String }} }};"
        );
    }
    text
}

/// That many policies for [`schema`] with as many actions.
pub fn policies(n_policies: usize, n_actions: usize) -> String {
    let mut text = String::new();
    for n in 0..n_policies {
        let action = n * 7 % n_actions;
        let group = action / 10;
        let _ = match n % 3 {
            0 => writeln!(
                text,
                "permit (principal in Group::\"team{n}\", action == Action::\"act{action}\", resource in Folder::\"f{n}\")\n\
                 when {{ resource.tenant == principal.tenant && context.mfa && context.hour < 20 }};"
            ),
            1 => writeln!(
                text,
                "permit (principal, action, resource is Doc)\n\
                 when {{ principal.tenant == resource.tenant && principal.level > {} && \
                 resource.labels.contains(\"label{n}\") && principal.labels.containsAny(resource.labels) }}\n\
                 unless {{ resource.size + {n} > 1000000 || context.ip.isInRange(ip(\"10.0.0.0/8\")) }};",
                n % 10
            ),
            _ => writeln!(
                text,
                "forbid (principal is User, action in Action::\"group{group}\", resource is Doc)\n\
                 when {{ principal has manager && principal.manager has manager && \
                 principal.manager.manager.tenant != resource.owner.tenant }}\n\
                 unless {{ resource has public && resource.public || principal == resource.owner }};"
            ),
        };
    }
    text
}
