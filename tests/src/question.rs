//! What an authorization engine is asked, and what it answers, as plain data.
//!
//! Both engines get exactly the same texts and give answers of the same types, so comparing them is comparing values,
//! and a difference can be printed as a self-contained case. Messages are never compared: an acceptance carries one
//! only to explain a difference.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// The two syntaxes of policies and schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The Cedar syntax.
    Cedar,
    /// The JSON syntax.
    Json,
}

/// A text in one of the two syntaxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The text.
    pub text: String,
    /// Its syntax.
    pub format: Format,
}

impl Document {
    /// A text in the Cedar syntax.
    pub fn cedar(text: impl Into<String>) -> Self {
        Self { text: text.into(), format: Format::Cedar }
    }

    /// A text in the JSON syntax.
    pub fn json(text: impl Into<String>) -> Self {
        Self { text: text.into(), format: Format::Json }
    }
}

/// An entity by type and id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid {
    /// The entity type.
    pub ty: String,
    /// The id, unescaped.
    pub id: String,
}

impl Uid {
    /// The entity of that type and id.
    pub fn new(ty: impl Into<String>, id: impl Into<String>) -> Self {
        Self { ty: ty.into(), id: id.into() }
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::\"{}\"", self.ty, self.id.escape_debug())
    }
}

/// A request to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who acts.
    pub principal: Uid,
    /// What it does.
    pub action: Uid,
    /// What it acts on.
    pub resource: Uid,
    /// The circumstances, a JSON object.
    pub context: String,
    /// Whether the request must conform to the schema, if there is one.
    pub validate: bool,
}

/// A policy to make from a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The template's id.
    pub template: String,
    /// The id of the new policy.
    pub id: String,
    /// The slots (`?principal`, `?resource`) and what fills them.
    pub values: Vec<(String, Uid)>,
}

/// Everything that decisions depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The policies and templates.
    pub policies: Document,
    /// Links to make once the policies are read.
    pub links: Vec<Link>,
    /// The schema that entities and requests must conform to.
    pub schema: Option<Document>,
    /// The entities, a JSON array.
    pub entities: String,
    /// What to decide.
    pub requests: Vec<Request>,
    /// Whether to type-check the policies against the schema.
    pub verdict: bool,
}

/// Whether an input was accepted, with the reason if not.
pub type Acceptance = Result<(), String>;

/// Allow or deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Some permit is satisfied and no forbid is.
    Allow,
    /// Anything else.
    Deny,
}

impl Decision {
    /// The word in test cases.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// Why the evaluation of a policy failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// An attribute or tag of an entity that is not in the store.
    MissingEntity,
    /// An attribute or tag that an entity does not have.
    MissingAttribute,
    /// An attribute that a record does not have.
    MissingRecordAttribute,
    /// An operand of the wrong type.
    Type,
    /// An extension function called with too few or too many arguments.
    Arity,
    /// An integer outside of 64 bits.
    Overflow,
    /// An extension function that refused its argument, or whose result is out of range.
    Extension,
    /// A slot that was never filled.
    UnlinkedSlot,
    /// The engine gave up: too deep or too long.
    Limit,
    /// Anything else.
    Other,
}

impl ErrorKind {
    /// The kinds that policies without exotic depth can raise.
    pub const USUAL: [Self; 7] = [
        Self::MissingEntity,
        Self::MissingAttribute,
        Self::MissingRecordAttribute,
        Self::Type,
        Self::Arity,
        Self::Overflow,
        Self::Extension,
    ];

    /// A name for tables and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingEntity => "missing entity",
            Self::MissingAttribute => "missing attribute or tag",
            Self::MissingRecordAttribute => "missing record attribute",
            Self::Type => "type",
            Self::Arity => "number of arguments",
            Self::Overflow => "overflow",
            Self::Extension => "extension function",
            Self::UnlinkedSlot => "unlinked slot",
            Self::Limit => "limit",
            Self::Other => "other",
        }
    }
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The decision.
    pub decision: Decision,
    /// The determining policies.
    pub reasons: BTreeSet<String>,
    /// The policies that failed, and why.
    pub errors: BTreeMap<String, ErrorKind>,
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors: Vec<_> = self.errors.iter().map(|(id, kind)| format!("{id} ({})", kind.name())).collect();
        write!(f, "{}, reasons {:?}, errors [{}]", self.decision.word(), self.reasons, errors.join(", "))
    }
}

/// What an expression evaluates to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evaluation {
    /// It does not parse.
    Rejected(String),
    /// Evaluation fails.
    Failed(ErrorKind),
    /// A value, written as an expression.
    Value(String),
}

/// The answers to a question. What comes after a rejected input is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Whether the policies are well-formed.
    pub policies: Acceptance,
    /// Whether each link can be made.
    pub links: Vec<Acceptance>,
    /// Whether the schema is well-formed and resolves; accepted if there is none.
    pub schema: Acceptance,
    /// Whether the entities are well-formed and conform to the schema.
    pub entities: Acceptance,
    /// For each request, the response, or why it was rejected.
    pub requests: Vec<Result<Response, String>>,
    /// Whether the policies validate against the schema, if the engine has a type checker.
    pub verdict: Option<bool>,
}

impl Answers {
    /// No answer yet.
    pub(crate) fn none() -> Self {
        Self {
            policies: Ok(()),
            links: Vec::new(),
            schema: Ok(()),
            entities: Ok(()),
            requests: Vec::new(),
            verdict: None,
        }
    }

    /// How these answers differ from the expected ones, one line each; empty if they agree.
    pub fn differences(&self, expected: &Self) -> Vec<String> {
        let mut found = Vec::new();
        compare_acceptance("policies", &expected.policies, &self.policies, &mut found);
        for (index, (expected, got)) in expected.links.iter().zip(&self.links).enumerate() {
            compare_acceptance(&format!("link {index}"), expected, got, &mut found);
        }
        compare_acceptance("schema", &expected.schema, &self.schema, &mut found);
        compare_acceptance("entities", &expected.entities, &self.entities, &mut found);
        for (index, (expected, got)) in expected.requests.iter().zip(&self.requests).enumerate() {
            match (expected, got) {
                (Ok(expected), Ok(got)) if expected == got => {}
                (Err(_), Err(_)) => {}
                _ => found.push(format!("request {index}: expected {}; got {}", show(expected), show(got))),
            }
        }
        if let (Some(expected), Some(got)) = (expected.verdict, self.verdict)
            && expected != got
        {
            found.push(format!("verdict: expected {expected}; got {got}"));
        }
        found
    }
}

/// Adds a line if one accepts what the other rejects.
pub fn compare_acceptance(what: &str, expected: &Acceptance, got: &Acceptance, found: &mut Vec<String>) {
    match (expected, got) {
        (Ok(()), Err(error)) => found.push(format!("{what}: expected acceptance; got rejection: {error}")),
        (Err(error), Ok(())) => found.push(format!("{what}: expected rejection ({error}); got acceptance")),
        (Ok(()), Ok(())) | (Err(_), Err(_)) => {}
    }
}

fn show(answer: &Result<Response, String>) -> String {
    match answer {
        Ok(response) => response.to_string(),
        Err(error) => format!("rejection: {error}"),
    }
}
