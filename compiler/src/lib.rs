//! The compiler of Deodar: policies and schemas to a program that the run time decides with.
//!
//! ```
//! use deodar_runtime::{Context, Decision, Engine, Entities, Request};
//!
//! let program = deodar_compiler::compile_text(
//!     "agents.cedar",
//!     r#"
//!     permit (principal is Agent, action == Action::"close", resource is Ticket)
//!     when { resource.assignee == principal && context.mfa };
//!     "#,
//! )?;
//! let entities = Entities::from_json(
//!     r#"[{"uid": {"type": "Ticket", "id": "T-1"}, "parents": [],
//!          "attrs": {"assignee": {"__entity": {"type": "Agent", "id": "triage-bot"}}}}]"#,
//!     None,
//! )?;
//! let engine = Engine::new(program, entities); // Send + Sync: share it between threads
//!
//! let context = Context::from_json(r#"{"mfa": true}"#, None)?;
//! let request = Request::new(
//!     r#"Agent::"triage-bot""#.parse()?,
//!     r#"Action::"close""#.parse()?,
//!     r#"Ticket::"T-1""#.parse()?,
//!     context,
//! );
//! let response = engine.authorize(&request);
//! assert_eq!(response.decision(), Decision::Allow);
//! assert_eq!(response.determining(), ["policy0"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`compile_text`] and, with a schema, [`compile_validated`] are the short ways. Tools that read several files, report diagnostics with their sources or resolve
//! a schema use the parsers of `deodar-grammar` and [`compile()`].

pub mod atoms;
mod bundle;
pub mod check;
mod clauses;
mod compile;
pub mod lint;
mod lower;
pub mod mutate;
mod pool;
mod report;
pub mod schema;
mod text;

pub use atoms::{Atom, AtomFacts, atoms};
pub use bundle::bundle;
pub use check::{Analysis, CheckOptions, Level, Mode, check};
pub use clauses::{ClauseFacts, clause_facts, may_match};
pub use compile::{compile, compile_expression};
pub use lint::{LintOptions, find as find_lint, lint, lint_policies};
pub use lower::uid;
pub use report::{codes, pages};
pub use schema::Schema;
pub use text::{CompileErrors, Validated, compile_text, compile_validated};
