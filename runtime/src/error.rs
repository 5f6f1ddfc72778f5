//! Why a policy has no result.
//!
//! The VM stops with a [`Fault`], which is handles and numbers. Only then, off the path of decisions, is it turned
//! into an [`EvalError`], which owns what it speaks about and where it happened.
//!
//! A limit is no error of a policy: it fails the decision, see [`Response::limit`](crate::Response::limit).

use core::fmt;

use deodar_lexicon::{
    Builtin,
    builtin::{CallStyle, ExtensionType},
    escape,
    limits::Limit,
};
use smol_str::SmolStr;

use crate::{
    builtin::CallFault,
    entities::Entities,
    extension::ExtensionProblem,
    input,
    instruction::{CodeAddress, Slot, Variable},
    kind::{FoundKind, Kind},
    pool::{EntityId, Lookup, Member, RecordId, StringId, Word},
    program::Place,
    uid::EntityUid,
};

/// The failure of one policy, or of one expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvalError {
    /// What happened.
    pub kind: EvalErrorKind,
    /// The expression that failed, if it is known where it stands.
    pub place: Option<Place>,
}

/// What can happen when an expression is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvalErrorKind {
    /// An attribute or tag was read of an entity that is not among the entities.
    EntityDoesNotExist(EntityUid),
    /// An entity lacks the attribute that was read.
    EntityAttributeDoesNotExist(EntityUid, MissingName),
    /// An entity lacks the tag that was read.
    TagDoesNotExist(EntityUid, MissingName),
    /// A record lacks the attribute that was read.
    RecordAttributeDoesNotExist(MissingName),
    /// A value is not of a kind that the operation takes.
    Type {
        /// The kinds that it takes.
        expected: Expected,
        /// What it was given.
        found: FoundKind,
        /// What was probably meant.
        advice: Option<Advice>,
    },
    /// An extension function was called with more or fewer arguments than it takes.
    WrongNumberOfArguments {
        /// The function.
        function: Builtin,
        /// The number of arguments, with the receiver of a method.
        found: u32,
    },
    /// The result of an arithmetic operation is no 64-bit integer.
    Overflow(Arithmetic),
    /// An extension function has no result for its arguments.
    Extension {
        /// The function.
        function: Builtin,
        /// The text, if it is a constructor.
        text: Option<SmolStr>,
        /// What is wrong.
        problem: ExtensionProblem,
    },
    /// A slot of a template was evaluated.
    UnlinkedSlot(Slot),
    /// A part of the request was read, but no request was given.
    NoRequest(Variable),
}

/// A name that was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingName {
    /// The name.
    pub name: SmolStr,
    /// The names that are there, sorted; none if they are too many to list.
    pub available: Box<[SmolStr]>,
}

/// The kinds of values that an operation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// This kind.
    One(Kind),
    /// What has attributes.
    RecordOrEntity,
    /// What an entity can be in.
    SetOrEntity,
    /// What has an order.
    Comparable,
}

impl Expected {
    /// The kinds, one by one.
    pub fn kinds(&self) -> &[Kind] {
        const DATETIME: Kind = Kind::Extension(ExtensionType::Datetime);
        const DURATION: Kind = Kind::Extension(ExtensionType::Duration);
        match self {
            Self::One(kind) => core::slice::from_ref(kind),
            Self::RecordOrEntity => &[Kind::Record, Kind::Entity],
            Self::SetOrEntity => &[Kind::Set, Kind::Entity],
            Self::Comparable => &[Kind::Long, DATETIME, DURATION],
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.kinds();
        for (position, kind) in kinds.iter().enumerate() {
            let separator = match position {
                0 => "",
                _ if position + 1 == kinds.len() => " or ",
                _ => ", ",
            };
            write!(f, "{separator}{kind}")?;
        }
        Ok(())
    }
}

/// What was probably meant by an operation on the wrong kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// `contains` instead of `in`.
    UseContains,
    /// `has` instead of `in`.
    UseHas,
    /// The method instead of `<`.
    UseDecimalMethods,
    /// The constructor of this extension type around a string.
    UseConstructor(ExtensionType),
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UseContains => {
                f.write_str("`in` asks for the entity hierarchy; for elements of a set, use `contains`")
            }
            Self::UseHas => f.write_str("`in` asks for the entity hierarchy; for attributes of a record, use `has`"),
            Self::UseDecimalMethods => f.write_str("decimals are compared with `lessThan` and `greaterThan`"),
            Self::UseConstructor(ty) => write!(f, "make it a {} with `{}(…)`", ty.name(), ty.constructor().name()),
        }
    }
}

/// An arithmetic operation with its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// Sum.
    Add(i64, i64),
    /// Difference.
    Subtract(i64, i64),
    /// Product.
    Multiply(i64, i64),
    /// Negation.
    Negate(i64),
}

impl fmt::Display for Arithmetic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add(left, right) => write!(f, "{left} + {right}"),
            Self::Subtract(left, right) => write!(f, "{left} - {right}"),
            Self::Multiply(left, right) => write!(f, "{left} * {right}"),
            Self::Negate(operand) => write!(f, "-({operand})"),
        }
    }
}

impl EvalErrorKind {
    /// Every code name.
    pub const CODES: &[&str] = &[
        "entity-does-not-exist",
        "entity-attribute-does-not-exist",
        "tag-does-not-exist",
        "record-attribute-does-not-exist",
        "operand-type",
        "wrong-number-of-arguments",
        "integer-overflow",
        "extension-function-failed",
        "unlinked-slot",
        "no-request",
    ];

    /// The stable name of the kind of error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EntityDoesNotExist(_) => "entity-does-not-exist",
            Self::EntityAttributeDoesNotExist(..) => "entity-attribute-does-not-exist",
            Self::TagDoesNotExist(..) => "tag-does-not-exist",
            Self::RecordAttributeDoesNotExist(_) => "record-attribute-does-not-exist",
            Self::Type { .. } => "operand-type",
            Self::WrongNumberOfArguments { .. } => "wrong-number-of-arguments",
            Self::Overflow(_) => "integer-overflow",
            Self::Extension { .. } => "extension-function-failed",
            Self::UnlinkedSlot(_) => "unlinked-slot",
            Self::NoRequest(_) => "no-request",
        }
    }

    /// What may help, if there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::EntityAttributeDoesNotExist(_, missing) | Self::RecordAttributeDoesNotExist(missing) => {
                missing.help("attributes")
            }
            Self::TagDoesNotExist(_, missing) => missing.help("tags"),
            Self::Type { advice, .. } => advice.map(|advice| advice.to_string()),
            Self::EntityDoesNotExist(_) => {
                Some("test with `has` or `hasTag` first, which are false for an entity that does not exist".to_owned())
            }
            Self::WrongNumberOfArguments { .. }
            | Self::Overflow(_)
            | Self::Extension { .. }
            | Self::UnlinkedSlot(_)
            | Self::NoRequest(_) => None,
        }
    }
}

impl MissingName {
    fn help(&self, what: &str) -> Option<String> {
        // Comparing takes time in proportion to the product of the lengths.
        let short = |name: &&str| name.len() <= LONGEST_COMPARED;
        let candidates = self.available.iter().map(SmolStr::as_str).filter(short);
        if let Some(name) = Some(self.name.as_str()).filter(short).and_then(|name| input::closest(name, candidates)) {
            return Some(format!("did you mean `{name}`?"));
        }
        let names: Vec<_> = self.available.iter().take(NAMES_SHOWN).map(|name| format!("`{name}`")).collect();
        let more = if self.available.len() > NAMES_SHOWN { ", …" } else { "" };
        (!names.is_empty()).then(|| format!("available {what}: {}{more}", names.join(", ")))
    }
}

impl fmt::Display for EvalErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EntityDoesNotExist(uid) => write!(f, "the entity `{uid}` does not exist"),
            Self::EntityAttributeDoesNotExist(uid, missing) => {
                write!(f, "the entity `{uid}` has no attribute `{}`", missing.name)
            }
            Self::TagDoesNotExist(uid, missing) => write!(f, "the entity `{uid}` has no tag `{}`", missing.name),
            Self::RecordAttributeDoesNotExist(missing) => write!(f, "the record has no attribute `{}`", missing.name),
            Self::Type { expected, found, .. } => write!(f, "expected {expected}, found {found}"),
            Self::WrongNumberOfArguments { function, found } => {
                let signature = function.signature();
                let receiver = usize::from(signature.style == CallStyle::Method);
                let expected = signature.parameters.len().saturating_sub(receiver);
                let found = (*found as usize).saturating_sub(receiver);
                let plural = if expected == 1 { "" } else { "s" };
                write!(f, "`{}` takes {expected} argument{plural}, found {found}", signature.name)
            }
            Self::Overflow(operation) => write!(f, "`{operation}` overflows a 64-bit integer"),
            Self::Extension { function, text: Some(text), problem } => {
                write!(f, "`{}(\"{}\")` has no value: {problem}", function.name(), escape::escape(text))
            }
            Self::Extension { function, text: None, problem } => {
                write!(f, "`{}` has no result: {problem}", function.name())
            }
            Self::UnlinkedSlot(slot) => write!(f, "the slot `{}` was not linked", slot.name()),
            Self::NoRequest(variable) => write!(f, "`{}` has no value, because no request was given", variable.name()),
        }
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl core::error::Error for EvalError {}

/// Why an expression, evaluated on its own, has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvaluateError {
    /// The evaluation failed.
    Eval(EvalError),
    /// The evaluation exceeded this limit.
    Limit(Limit),
    /// The program is not what verification establishes: a defect of the engine.
    Defect,
}

/// Why a decision or evaluation was not completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Limit(Limit),
    /// See [`EvaluateError::Defect`].
    Defect,
}

impl Failure {
    pub(crate) fn limit(self) -> Option<Limit> {
        match self {
            Self::Limit(limit) => Some(limit),
            Self::Defect => None,
        }
    }
}

impl From<Failure> for EvaluateError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Limit(limit) => Self::Limit(limit),
            Failure::Defect => Self::Defect,
        }
    }
}

impl fmt::Display for EvaluateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Eval(error) => error.fmt(f),
            Self::Limit(limit) => write!(f, "the evaluation exceeds the limit {limit}"),
            Self::Defect => f.write_str("the program is damaged"),
        }
    }
}

impl core::error::Error for EvaluateError {}

/// The most names that an error carries; with more, it carries none.
const NAMES_KEPT: usize = 100;
/// The longest name that is compared with others, in bytes.
const LONGEST_COMPARED: usize = 100;
/// The most names that a message lists.
const NAMES_SHOWN: usize = 10;

/// Why the VM stopped without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The decision has used up its steps.
    Limit(Limit),
    /// The program is not what verification establishes.
    Defect,
    /// The instruction at this address failed.
    Fault(CodeAddress, Fault),
}

/// What can be wrong with the operands of an instruction; the counterpart of [`EvalErrorKind`] in handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Limit(Limit),
    Defect,
    EntityDoesNotExist(EntityId),
    EntityAttribute(EntityId, StringId),
    Tag(EntityId, StringId),
    RecordAttribute(RecordId, StringId),
    Type { expected: Expected, found: Word, advice: Option<Advice> },
    ArgumentCount(Builtin, u32),
    Overflow(Arithmetic),
    Extension { function: Builtin, text: Option<StringId>, problem: ExtensionProblem },
    UnlinkedSlot(Slot),
    NoRequest(Variable),
}

impl Fault {
    #[cold]
    pub(crate) fn of_call(fault: CallFault, function: Builtin, arguments: &[Word]) -> Self {
        match fault {
            CallFault::ArgumentCount => {
                Self::ArgumentCount(function, u32::try_from(arguments.len()).unwrap_or(u32::MAX))
            }
            CallFault::ArgumentKind(position, expected) => {
                let found = arguments.get(position).copied().unwrap_or(Word::Bool(false));
                let advice = match (expected, found) {
                    (Kind::Extension(ty), Word::String(_)) => Some(Advice::UseConstructor(ty)),
                    _ => None,
                };
                Self::Type { expected: Expected::One(expected), found, advice }
            }
            CallFault::Text(text, problem) => Self::Extension { function, text: Some(text), problem },
            CallFault::Range(problem) => Self::Extension { function, text: None, problem },
        }
    }

    /// The fault in names and values; a limit is none of a policy.
    #[cold]
    pub(crate) fn resolve(self, interner: &impl Lookup, entities: &Entities) -> Result<EvalErrorKind, Failure> {
        let missing = |members: Option<&[Member]>, name| missing_name(interner, members.unwrap_or_default(), name);
        let uid = |entity| interner.entity_uid(entity);
        Ok(match self {
            Self::Limit(limit) => return Err(Failure::Limit(limit)),
            Self::Defect => return Err(Failure::Defect),
            Self::EntityDoesNotExist(entity) => EvalErrorKind::EntityDoesNotExist(uid(entity)),
            Self::EntityAttribute(entity, name) => {
                EvalErrorKind::EntityAttributeDoesNotExist(uid(entity), missing(entities.attributes(entity), name))
            }
            Self::Tag(entity, name) => {
                EvalErrorKind::TagDoesNotExist(uid(entity), missing(entities.tags(entity), name))
            }
            Self::RecordAttribute(record, name) => {
                EvalErrorKind::RecordAttributeDoesNotExist(missing(Some(interner.record(record)), name))
            }
            Self::Type { expected, found, advice } => {
                EvalErrorKind::Type { expected, found: FoundKind::of(found, interner), advice }
            }
            Self::ArgumentCount(function, found) => EvalErrorKind::WrongNumberOfArguments { function, found },
            Self::Overflow(operation) => EvalErrorKind::Overflow(operation),
            Self::Extension { function, text, problem } => {
                let text = text.map(|text| SmolStr::new(interner.string(text)));
                EvalErrorKind::Extension { function, text, problem }
            }
            Self::UnlinkedSlot(slot) => EvalErrorKind::UnlinkedSlot(slot),
            Self::NoRequest(variable) => EvalErrorKind::NoRequest(variable),
        })
    }
}

fn missing_name(interner: &impl Lookup, members: &[Member], name: StringId) -> MissingName {
    let listed = if members.len() <= NAMES_KEPT { members } else { &[] };
    let mut available: Box<[SmolStr]> = listed.iter().map(|(name, _)| SmolStr::new(interner.string(*name))).collect();
    available.sort_unstable();
    MissingName { name: SmolStr::new(interner.string(name)), available }
}
