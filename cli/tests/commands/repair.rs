//! Someone who is given nothing but the report can repair the policy.
//!
//! Each case is a policy with one mistake and what a reader of its report made of it. The transcripts show source and
//! report together: drawn, in a narrow terminal, and in sentences. A report that does not lead to the repair is to be
//! rewritten.

use std::fmt::Write as _;

use crate::run::{Folder, repository, run_within};

/// Two schemas, read together: that of the example, and one with a namespace and tags.
const BILLING: &str = r"namespace Billing {
  entity Account in [Account] = { owner: User, limit: decimal, closed?: Bool } tags String;
  entity Invoice = { account: Account, due: datetime, lines: Set<Line>, approval?: { by: User, note?: String } };
  type Line = { text: String, cents: Long };
  action pay appliesTo { principal: [User, Agent], resource: Invoice, context: { amount: decimal, cents: Long } };
  action close appliesTo { principal: User, resource: Account };
}
";

struct Case {
    mistake: &'static str,
    policy: &'static str,
    repaired: &'static str,
}

const CASES: &[Case] = &[
    Case {
        mistake: "a misspelt attribute",
        policy: r#"permit (principal is Agent, action == Action::"readCode", resource)
when { principal.tool.contains("git") };"#,
        repaired: r#"permit (principal is Agent, action == Action::"readCode", resource)
when { principal.tools.contains("git") };"#,
    },
    Case {
        mistake: "a misspelt entity type",
        policy: r#"permit (principal is Agnet, action == Action::"readCode", resource);"#,
        repaired: r#"permit (principal is Agent, action == Action::"readCode", resource);"#,
    },
    Case {
        mistake: "a misspelt action",
        policy: r#"permit (principal is Agent, action == Action::"readcode", resource);"#,
        repaired: r#"permit (principal is Agent, action == Action::"readCode", resource);"#,
    },
    Case {
        mistake: "an action without its namespace",
        policy: r#"permit (principal, action == Action::"pay", resource);"#,
        repaired: r#"permit (principal, action == Billing::Action::"pay", resource);"#,
    },
    Case {
        mistake: "an optional attribute of the context, not asked for",
        policy: r#"permit (principal is Agent, action == Action::"pushCode", resource)
when { context.approvedBy == principal.owner };"#,
        repaired: r#"permit (principal is Agent, action == Action::"pushCode", resource)
when { context has approvedBy && context.approvedBy == principal.owner };"#,
    },
    Case {
        mistake: "an optional attribute of an entity, asked for too late",
        policy: r#"permit (principal is ServiceAccount, action == Action::"query", resource)
when { principal.contact.active && principal has contact };"#,
        repaired: r#"permit (principal is ServiceAccount, action == Action::"query", resource)
when { principal has contact && principal.contact.active };"#,
    },
    Case {
        mistake: "an optional attribute of an optional record",
        policy: r#"forbid (principal, action == Billing::Action::"pay", resource)
when { resource has approval && resource.approval.note like "draft*" };"#,
        repaired: r#"forbid (principal, action == Billing::Action::"pay", resource)
when { resource has approval && resource.approval has note && resource.approval.note like "draft*" };"#,
    },
    Case {
        mistake: "an id that an enumerated type does not have",
        policy: r#"permit (principal is CiJob, action == Action::"deploy", resource)
when { resource.environment == Environment::"prod" };"#,
        repaired: r#"permit (principal is CiJob, action == Action::"deploy", resource)
when { resource.environment == Environment::"production" };"#,
    },
    Case {
        mistake: "an entity compared with its id",
        policy: r#"permit (principal is CiJob, action == Action::"deploy", resource)
when { resource.environment == "dev" };"#,
        repaired: r#"permit (principal is CiJob, action == Action::"deploy", resource)
when { resource.environment == Environment::"dev" };"#,
    },
    Case {
        mistake: "an attribute that not all principals have",
        policy: r#"permit (principal, action == Action::"readSecret", resource)
when { principal.protectedRef };"#,
        repaired: r#"permit (principal, action == Action::"readSecret", resource)
when { principal is CiJob && principal.protectedRef };"#,
    },
    Case {
        mistake: "strings joined with `+`",
        policy: r#"permit (principal is CiJob, action == Action::"deploy", resource)
when { principal.ref == "refs/heads/" + "main" };"#,
        repaired: r#"permit (principal is CiJob, action == Action::"deploy", resource)
when { principal.ref == "refs/heads/main" };"#,
    },
    Case {
        mistake: "a set of strings and numbers",
        policy: r#"permit (principal is CiJob, action == Action::"deploy", resource)
when { ["refs/heads/main", 1].contains(principal.ref) };"#,
        repaired: r#"permit (principal is CiJob, action == Action::"deploy", resource)
when { ["refs/heads/main", "1"].contains(principal.ref) };"#,
    },
    Case {
        mistake: "a set asked for what it cannot contain",
        policy: r#"permit (principal is Agent, action == Action::"query", resource)
when { principal.tools.contains(principal.owner) };"#,
        repaired: r#"permit (principal is Agent, action == Action::"query", resource)
when { principal.tools.contains("sql") };"#,
    },
    Case {
        mistake: "`in` with a set of strings",
        policy: r#"permit (principal is Agent, action == Action::"query", resource)
when { "sql" in principal.tools };"#,
        repaired: r#"permit (principal is Agent, action == Action::"query", resource)
when { principal.tools.contains("sql") };"#,
    },
    Case {
        mistake: "the method of another type",
        policy: r#"permit (principal is ServiceAccount, action == Action::"query", resource)
when { context.now.lessThan(principal.expires) };"#,
        repaired: r#"permit (principal is ServiceAccount, action == Action::"query", resource)
when { context.now < principal.expires };"#,
    },
    Case {
        mistake: "decimals compared with `<`",
        policy: r#"forbid (principal, action == Billing::Action::"pay", resource)
when { resource.account.limit < context.amount };"#,
        repaired: r#"forbid (principal, action == Billing::Action::"pay", resource)
when { resource.account.limit.lessThan(context.amount) };"#,
    },
    Case {
        mistake: "an IP range as a text",
        policy: r#"permit (principal is ServiceAccount, action == Action::"query", resource)
when { context has ip && context.ip.isInRange("10.0.0.0/8") };"#,
        repaired: r#"permit (principal is ServiceAccount, action == Action::"query", resource)
when { context has ip && context.ip.isInRange(ip("10.0.0.0/8")) };"#,
    },
    Case {
        mistake: "a point in time as a text",
        policy: r#"forbid (principal, action == Billing::Action::"pay", resource)
when { resource.due < "2026-01-31" };"#,
        repaired: r#"forbid (principal, action == Billing::Action::"pay", resource)
when { resource.due < datetime("2026-01-31") };"#,
    },
    Case {
        mistake: "a day that does not exist",
        policy: r#"forbid (principal, action == Billing::Action::"pay", resource)
when { resource.due < datetime("2026-02-30") };"#,
        repaired: r#"forbid (principal, action == Billing::Action::"pay", resource)
when { resource.due < datetime("2026-02-28") };"#,
    },
    Case {
        mistake: "a point in time in another form",
        policy: r#"forbid (principal, action == Billing::Action::"pay", resource)
when { resource.due < datetime("31.01.2026") };"#,
        repaired: r#"forbid (principal, action == Billing::Action::"pay", resource)
when { resource.due < datetime("2026-01-31") };"#,
    },
    Case {
        mistake: "a range that is computed",
        policy: r#"permit (principal is ServiceAccount, action == Action::"query", resource)
when { context has ip && context has tool && context.ip.isInRange(ip(context.tool)) };"#,
        repaired: r#"permit (principal is ServiceAccount, action == Action::"query", resource)
when { context has ip && context has tool && context.ip.isInRange(ip("10.0.0.0/8")) };"#,
    },
    Case {
        mistake: "the resource of another action",
        policy: r#"permit (principal is CiJob, action == Action::"deploy", resource is Repository);"#,
        repaired: r#"permit (principal is CiJob, action == Action::"deploy", resource is Deployment);"#,
    },
    Case {
        mistake: "a group where a principal is expected",
        policy: r#"permit (principal == Team::"web", action == Action::"readCode", resource);"#,
        repaired: r#"permit (principal in Team::"web", action == Action::"readCode", resource);"#,
    },
    Case {
        mistake: "a `Bool` compared with a number",
        policy: r#"permit (principal is Agent, action == Action::"readCode", resource)
when { resource.confidential == 0 };"#,
        repaired: r#"permit (principal is Agent, action == Action::"readCode", resource)
when { !resource.confidential };"#,
    },
    Case {
        mistake: "a condition that is a string",
        policy: r#"permit (principal is CiJob, action == Action::"readCode", resource)
when { principal.ref };"#,
        repaired: r#"permit (principal is CiJob, action == Action::"readCode", resource)
when { principal.ref == "refs/heads/main" };"#,
    },
    Case {
        mistake: "a tag of a type without tags",
        policy: r#"permit (principal is Agent, action == Action::"query", resource)
when { resource.getTag("team") == "web" };"#,
        repaired: r#"permit (principal is Agent, action == Action::"query", resource)
when { resource in Team::"web" };"#,
    },
    Case {
        mistake: "a tag with another key than the one asked for",
        policy: r#"permit (principal, action == Billing::Action::"close", resource)
when { resource.hasTag("team") && resource.getTag("Team") == "web" };"#,
        repaired: r#"permit (principal, action == Billing::Action::"close", resource)
when { resource.hasTag("team") && resource.getTag("team") == "web" };"#,
    },
    Case {
        mistake: "entities of two types compared",
        policy: r#"permit (principal is Agent, action == Action::"pushCode", resource)
when { resource == principal.owner };"#,
        repaired: r#"permit (principal is Agent, action == Action::"pushCode", resource)
when { context has approvedBy && context.approvedBy == principal.owner };"#,
    },
    Case {
        mistake: "an entity in what it cannot be in",
        policy: r#"permit (principal is CiJob, action == Action::"deploy", resource)
when { resource.repository in principal };"#,
        repaired: r#"permit (principal is CiJob, action == Action::"deploy", resource)
when { resource.repository == principal.repository };"#,
    },
    Case {
        mistake: "an empty set",
        policy: r#"forbid (principal is Agent, action == Action::"query", resource)
when { principal.tools == [] };"#,
        repaired: r#"forbid (principal is Agent, action == Action::"query", resource)
when { principal.tools.isEmpty() };"#,
    },
    Case {
        mistake: "branches of two types",
        policy: r#"permit (principal, action == Billing::Action::"pay", resource)
when { context.cents < (if context.cents == 0 then 1000 else resource.account.limit) };"#,
        repaired: r#"permit (principal, action == Billing::Action::"pay", resource)
when { context.cents < (if context.cents == 0 then 1000 else 5000) };"#,
    },
    Case {
        mistake: "too few attributes in a record",
        policy: r#"permit (principal is User, action == Billing::Action::"pay", resource)
when { resource.lines.contains({ text: "refund" }) };"#,
        repaired: r#"permit (principal is User, action == Billing::Action::"pay", resource)
when { resource.lines.contains({ text: "refund", cents: 0 }) };"#,
    },
];

fn folder(name: &str) -> Folder {
    let schema = repository().join("docs/example/schema.cedarschema");
    let schema = std::fs::read_to_string(schema).expect("the schema of the example");
    Folder::with(name, &[("example.cedarschema", &schema), ("billing.cedarschema", BILLING)])
}

const COMMAND: [&str; 7] =
    ["validate", "--no-lints", "--schema", "example.cedarschema", "billing.cedarschema", "--policies", "p.cedar"];

#[track_caller]
fn check(name: &str, width: usize, error_format: &str) {
    let folder = folder(name);
    let mut reports = String::new();
    for Case { mistake, policy, .. } in CASES {
        folder.write("p.cedar", format!("{policy}\n"));
        let arguments = [&COMMAND[..], &["--error-format", error_format]].concat();
        let report = run_within(width, folder.path(), &arguments, "").stderr;
        let report = report.split("\nfor more about").next().unwrap_or_default();
        writeln!(reports, "# {mistake}\n{policy}\n---\n{}\n", report.trim_end()).expect("a string");
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../transcripts" }, {
        insta::assert_snapshot!(name, reports);
    });
}

#[test]
fn reports_on_broken_policies() {
    check("reports_on_broken_policies", 80, "human");
}

#[test]
fn reports_on_broken_policies_in_a_narrow_terminal() {
    check("reports_on_broken_policies_in_a_narrow_terminal", 40, "human");
}

#[test]
fn reports_on_broken_policies_in_sentences() {
    check("reports_on_broken_policies_in_sentences", 80, "plain");
}

#[test]
fn repaired_policies_are_valid() {
    let folder = folder("repaired");
    for Case { mistake, policy, repaired } in CASES {
        for (text, expected) in [(policy, false), (repaired, true)] {
            folder.write("p.cedar", text);
            let ended = run_within(80, folder.path(), &[&COMMAND[..], &["--deny-warnings"]].concat(), "");
            assert_eq!(ended.code == 0, expected, "{mistake}: {}\n{text}\n{}", ended.stdout, ended.stderr);
        }
    }
}
