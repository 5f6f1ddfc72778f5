//! Problems with what the command line asks for.

use deodar_grammar::{Code, Diagnostic, Span, ast::Variable, codes};
use deodar_lexicon::limits::Limit;
use deodar_runtime::{EvalErrorKind, InputError, InvalidUid, LinkError};

use crate::problem::PlainProblem;

codes! {
    /// An argument that is not the name of an entity.
    pub(crate) NOT_AN_ENTITY = Error "argument-not-an-entity", "an argument is not the name of an entity";
    /// A part of the request that no argument gives.
    pub(crate) INCOMPLETE_REQUEST = Error "incomplete-request", "a request without a principal, action or resource";
    /// A request that the schema does not allow.
    pub(crate) INVALID_REQUEST = Error "invalid-request", "a request does not conform to the schema";
    /// An expression about a request that was not given.
    pub(crate) VARIABLE_NOT_GIVEN = Error "variable-not-given", "an expression needs a part of the request";
    /// The template cannot be linked.
    pub(crate) CANNOT_LINK = Error "cannot-link", "a template cannot be linked";
    /// An expression that fails.
    pub(crate) EVALUATION_FAILED = Error "evaluation-failed", "the evaluation of an expression fails";
    /// An expression that is too expensive.
    pub(crate) EVALUATION_LIMIT = Error "evaluation-limit", "the evaluation of an expression exceeds a limit";
    /// Links have no form in the Cedar syntax.
    pub(crate) LINKS_HAVE_NO_TEXT = Error "links-have-no-text", "the Cedar syntax cannot express links of templates";
    /// Not a code of a report.
    pub(crate) UNKNOWN_CODE = Error "unknown-code", "a code that no report has";
    /// Only JSON can say that a policy without slots is a template.
    pub(crate) TEMPLATE_HAS_NO_TEXT = Warning "template-has-no-text", "the Cedar syntax cannot express a template without slots";
    /// An error among the warnings that are allowed.
    pub(crate) CANNOT_ALLOW = Error "cannot-allow", "an error is to be allowed";
    /// A line that is no command.
    pub(crate) NO_LINE_COMMAND = Error "no-line-command", "a line begins with a colon and is no command";
    /// A part that requests do not have.
    pub(crate) NO_REQUEST_PART = Error "no-request-part", "a request has no such part";
    /// A request that was not set.
    pub(crate) REQUEST_NOT_SET = Error "request-not-set", "a request is asked for, and was not set";
    /// An expression without a type.
    pub(crate) NO_TYPE = Error "no-type", "an expression has no type in any request";
    /// A command that is to come.
    pub(crate) NOT_YET = Error "not-yet", "a command that Deodar does not have yet";
}

pub(crate) fn not_an_entity(what: &str, error: &InvalidUid) -> PlainProblem {
    PlainProblem::new(NOT_AN_ENTITY, format!("{what}: {error}"))
        .with_help("in a shell, put the entity into single quotes: 'User::\"alice\"'")
}

pub(crate) fn incomplete_request(missing: &[&str]) -> PlainProblem {
    let flags: Vec<_> = missing.iter().map(|part| format!("`--{part}`")).collect();
    PlainProblem::new(INCOMPLETE_REQUEST, format!("the request has no {}", missing.join(", no ")))
        .with_help(format!("add {}, or give the whole request with `--request-json`", flags.join(", ")))
}

pub(crate) fn variable_not_given(variable: Variable, span: Span) -> Diagnostic {
    let name = variable.name();
    Diagnostic::new(VARIABLE_NOT_GIVEN, span, format!("the expression mentions `{name}`, which is not given"))
        .with_help(format!("add `--{name}`, or give the whole request with `--request-json`"))
}

pub(crate) fn cannot_link(id: &str, error: &LinkError) -> PlainProblem {
    let problem = PlainProblem::new(CANNOT_LINK, format!("cannot link the policy `{id}`: {error}"));
    match error {
        LinkError::UnknownTemplate(_) => {
            problem.with_help("a template is a policy with `?principal` or `?resource` in its scope")
        }
        LinkError::NoSlots(_) => problem.with_help("without slots, a policy belongs into `staticPolicies`"),
        LinkError::DuplicateId(_)
        | LinkError::MissingSlot(_)
        | LinkError::ExtraSlot(_)
        | LinkError::RepeatedSlot(_)
        | LinkError::NotALink(_) => problem,
    }
}

pub(crate) fn evaluation_failed(error: &EvalErrorKind, span: Span) -> Diagnostic {
    Diagnostic::new(EVALUATION_FAILED, span, format!("the evaluation fails: {error}")).with_optional_help(error.help())
}

pub(crate) fn evaluation_limit(limit: Limit) -> PlainProblem {
    PlainProblem::new(EVALUATION_LIMIT, format!("the evaluation exceeds the limit {limit}"))
}

pub(crate) fn links_have_no_text() -> PlainProblem {
    PlainProblem::new(LINKS_HAVE_NO_TEXT, "links of templates cannot be written in the Cedar syntax")
        .with_help("remove `templateLinks`, and link the templates where they are used (`--template-linked`)")
}

pub(crate) fn unknown_code(name: &str, similar: Option<&str>) -> PlainProblem {
    let help = similar
        .map_or_else(|| "`deodar explain` lists the codes".to_owned(), |similar| format!("did you mean `{similar}`?"));
    PlainProblem::new(UNKNOWN_CODE, format!("there is no code `{name}`")).with_help(help)
}

pub(crate) fn template_has_no_text(id: &str, span: Span) -> Diagnostic {
    let message = format!("the template `{id}` has no slots, so it is left out: as text it would be a static policy");
    Diagnostic::new(TEMPLATE_HAS_NO_TEXT, span, message)
        .with_help("move it to `staticPolicies` if it is to apply, and remove it if not")
}

pub(crate) fn cannot_allow(code: Code) -> PlainProblem {
    PlainProblem::new(CANNOT_ALLOW, format!("`{}` is an error and cannot be allowed", code.name))
        .with_help("`--allow` takes the codes of warnings and lints; `deodar explain` lists all codes")
}

pub(crate) fn not_yet(command: &str) -> PlainProblem {
    PlainProblem::new(NOT_YET, format!("`{command}` is not in Deodar yet"))
}

pub(crate) fn no_partial_validation() -> PlainProblem {
    PlainProblem::new(NOT_YET, "partial validation is not in Deodar")
        .with_help("declare what the schema lacks; with several schema files, give all of them with `--schema`")
}

/// A request from flags that the schema does not allow.
pub(crate) fn invalid_request(error: &InputError) -> PlainProblem {
    let problem =
        PlainProblem::new(INVALID_REQUEST, format!("the request does not conform to the schema: {}", error.message()));
    match error.help() {
        Some(help) => problem.with_help(help),
        None => problem,
    }
}

/// A request of which nothing was given.
pub(crate) fn no_question() -> PlainProblem {
    PlainProblem::new(INCOMPLETE_REQUEST, "no request is asked about").with_help(
        "name a test with `--test`, a file with `--requests`, or give `--principal`, `--action` and `--resource`",
    )
}

/// In `repl`.
pub(crate) fn variable_not_set(variable: Variable, span: Span) -> Diagnostic {
    let name = variable.name();
    let value = if variable == Variable::Context { "{\"mfa\": true}" } else { "User::\"alice\"" };
    Diagnostic::new(VARIABLE_NOT_GIVEN, span, format!("the expression mentions `{name}`, which is not set"))
        .with_help(format!("set it, as in `:set {name} {value}`"))
}

/// In `repl`.
pub(crate) fn value_not_an_entity(part: &str, error: &InvalidUid) -> PlainProblem {
    PlainProblem::new(NOT_AN_ENTITY, format!("{part}: {error}"))
}

/// A line of `repl`.
pub(crate) fn no_line_command(name: &str, similar: Option<&str>) -> PlainProblem {
    let help = similar
        .map_or_else(|| "`:help` lists the commands".to_owned(), |similar| format!("did you mean `:{similar}`?"));
    PlainProblem::new(NO_LINE_COMMAND, format!("there is no command `:{name}`")).with_help(help)
}

pub(crate) fn no_request_part(name: &str) -> PlainProblem {
    PlainProblem::new(NO_REQUEST_PART, format!("a request has no part `{name}`"))
        .with_help("its parts are principal, action, resource and context, as in `:set principal User::\"alice\"`")
}

pub(crate) fn request_not_set(missing: &[&str]) -> PlainProblem {
    PlainProblem::new(REQUEST_NOT_SET, format!("the request has no {}", missing.join(", no ")))
        .with_help("set them, as in `:set principal User::\"alice\"`, or name all three behind the command")
}

pub(crate) fn no_type() -> PlainProblem {
    PlainProblem::new(NO_TYPE, "no request that the schema allows gives the expression a type")
        .with_help("`:show` says what is set of the request; `:unset` takes it back")
}
