//! A program: policies as data, conditions as code.
//!
//! Scopes are data, so that they can be indexed, linked and explained; `when` and `unless` bodies are code. A program
//! is symbolic: its constants are names and texts, not handles, so it can be stored, compared and moved between
//! engines. [`Engine`](crate::Engine) links it to the handles of one pool.
//!
//! Templates are policies whose scope has a slot. They decide nothing; a link makes a policy of one, sharing its
//! code, and can be added and removed at run time.

use core::fmt;

use deodar_lexicon::Pattern;
use hashbrown::HashMap;
use smol_str::SmolStr;

use crate::{
    instruction::{CodeAddress, Instruction, Slot},
    uid::{EntityTypeName, EntityUid},
    verify::{self, InvalidProgram},
};

/// What a policy does when it is satisfied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Allows the request, unless some policy forbids it.
    Permit,
    /// Denies the request.
    Forbid,
}

impl Effect {
    /// The keyword in policies.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Forbid => "forbid",
        }
    }
}

/// Where something stands in the sources that the program was compiled from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The index in [`ProgramParts::sources`].
    pub source: u32,
    /// Bytes before it.
    pub start: u32,
    /// Bytes before what follows it.
    pub end: u32,
    /// The line of its start, from 1.
    pub line: u32,
    /// The column of its start in characters, from 1.
    pub column: u32,
}

/// An entity, or a place for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityOrSlot {
    /// A given entity.
    Entity(EntityUid),
    /// Filled by a link.
    Slot(Slot),
}

/// What a scope says of the principal or the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityConstraint {
    /// Any entity.
    Any,
    /// This entity.
    Equal(EntityOrSlot),
    /// This entity or a descendant.
    In(EntityOrSlot),
    /// An entity of this type.
    Is(EntityTypeName),
    /// An entity of this type that is this entity or a descendant.
    IsIn(EntityTypeName, EntityOrSlot),
}

impl EntityConstraint {
    /// The entity or slot that the constraint mentions.
    pub fn entity(&self) -> Option<&EntityOrSlot> {
        match self {
            Self::Any | Self::Is(_) => None,
            Self::Equal(entity) | Self::In(entity) | Self::IsIn(_, entity) => Some(entity),
        }
    }

    fn entity_mut(&mut self) -> Option<&mut EntityOrSlot> {
        match self {
            Self::Any | Self::Is(_) => None,
            Self::Equal(entity) | Self::In(entity) | Self::IsIn(_, entity) => Some(entity),
        }
    }
}

/// What a scope says of the action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionConstraint {
    /// Any action.
    Any,
    /// This action.
    Equal(EntityUid),
    /// One of these actions, or a member of one of these groups.
    In(Box<[EntityUid]>),
}

/// Which requests a policy speaks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Which principals.
    pub principal: EntityConstraint,
    /// Which actions.
    pub action: ActionConstraint,
    /// Which resources.
    pub resource: EntityConstraint,
}

impl Scope {
    /// The slots of the scope, the principal's first.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        [&self.principal, &self.resource].into_iter().filter_map(|constraint| match constraint.entity()? {
            EntityOrSlot::Slot(slot) => Some(*slot),
            EntityOrSlot::Entity(_) => None,
        })
    }

    /// The scope of a template with its slots filled, of which there is one at least.
    pub(crate) fn filled(&self, template: &str, values: &[(Slot, EntityUid)]) -> Result<Self, LinkError> {
        for (slot, _) in values {
            if !self.slots().any(|s| s == *slot) {
                return Err(LinkError::ExtraSlot(*slot));
            }
            if values.iter().filter(|(other, _)| other == slot).count() > 1 {
                return Err(LinkError::RepeatedSlot(*slot));
            }
        }
        if self.slots().next().is_none() {
            return Err(LinkError::NoSlots(template.into()));
        }
        let mut scope = self.clone();
        for constraint in [&mut scope.principal, &mut scope.resource] {
            let Some(entity) = constraint.entity_mut() else { continue };
            let EntityOrSlot::Slot(slot) = *entity else { continue };
            let value = values.iter().find(|(s, _)| *s == slot).ok_or(LinkError::MissingSlot(slot))?;
            *entity = EntityOrSlot::Entity(value.1.clone());
        }
        Ok(scope)
    }
}

/// Whether a condition must be true or false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConditionKind {
    /// `when`
    When,
    /// `unless`
    Unless,
}

impl ConditionKind {
    /// The keyword in policies.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::When => "when",
            Self::Unless => "unless",
        }
    }
}

/// One condition of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Whether it must be true or false.
    pub kind: ConditionKind,
    /// Its code.
    pub code: Code,
    /// Where it stands.
    pub place: Place,
}

/// The code of one expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    /// The first instruction.
    pub start: CodeAddress,
    /// Behind the last instruction.
    pub end: CodeAddress,
    /// How many registers it uses.
    pub registers: u16,
}

/// A policy, or a template if its scope has a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Unique among the policies and templates of the program.
    pub id: SmolStr,
    /// What it does.
    pub effect: Effect,
    /// Which requests it speaks about.
    pub scope: Scope,
    /// What must hold, in the order of evaluation.
    pub conditions: Box<[Condition]>,
    /// Keys and values, in the order of the source.
    pub annotations: Box<[(SmolStr, SmolStr)]>,
    /// Where it stands.
    pub place: Place,
    /// The template that it was made from.
    pub template: Option<SmolStr>,
}

impl Policy {
    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }
}

/// A constant of the code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Constant {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Long(i64),
    /// A string.
    String(SmolStr),
    /// An entity.
    Entity(EntityUid),
}

/// Everything that a program consists of, before it is verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProgramParts {
    /// The names of the sources, for reports.
    pub sources: Vec<SmolStr>,
    /// Static policies and linked policies, in order; the order is that of reports.
    pub policies: Vec<Policy>,
    /// Templates, in order.
    pub templates: Vec<Policy>,
    /// The code of all conditions.
    pub code: Vec<Instruction>,
    /// Where the expression of each instruction stands; as long as the code.
    pub places: Vec<Place>,
    /// Constants.
    pub constants: Vec<Constant>,
    /// Attribute names and record keys.
    pub names: Vec<SmolStr>,
    /// Entity type names.
    pub type_names: Vec<EntityTypeName>,
    /// Patterns.
    pub patterns: Vec<Pattern>,
    /// The names of record literals.
    pub layouts: Vec<Box<[SmolStr]>>,
}

/// A verified program.
#[derive(Debug, Clone, Default)]
pub struct Program {
    parts: ProgramParts,
    by_id: HashMap<SmolStr, Position>,
}

/// Where a policy or template stands in its list.
#[derive(Debug, Clone, Copy)]
enum Position {
    Policy(usize),
    Template(usize),
}

impl Program {
    /// Verifies the parts; see [`verify`] for what is established.
    ///
    /// # Errors
    /// The first property that does not hold.
    pub fn new(parts: ProgramParts) -> Result<Self, InvalidProgram> {
        verify::verify(&parts)?;
        let policies = parts.policies.iter().enumerate().map(|(at, p)| (p.id.clone(), Position::Policy(at)));
        let templates = parts.templates.iter().enumerate().map(|(at, p)| (p.id.clone(), Position::Template(at)));
        let by_id = policies.chain(templates).collect();
        Ok(Self { parts, by_id })
    }

    /// What the program consists of.
    pub fn parts(&self) -> &ProgramParts {
        &self.parts
    }

    /// Static policies and linked policies, in order.
    pub fn policies(&self) -> &[Policy] {
        &self.parts.policies
    }

    /// Templates, in order.
    pub fn templates(&self) -> &[Policy] {
        &self.parts.templates
    }

    /// The policy of that id; templates are not policies.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        match self.by_id.get(id)? {
            Position::Policy(at) => self.parts.policies.get(*at),
            Position::Template(_) => None,
        }
    }

    /// The template of that id.
    pub fn template(&self, id: &str) -> Option<&Policy> {
        match self.by_id.get(id)? {
            Position::Template(at) => self.parts.templates.get(*at),
            Position::Policy(_) => None,
        }
    }

    /// The template of that id with its position.
    pub(crate) fn numbered_template(&self, id: &str) -> Result<(u32, &Policy), LinkError> {
        let Some(Position::Template(at)) = self.by_id.get(id) else {
            return Err(LinkError::UnknownTemplate(id.into()));
        };
        let template = self.parts.templates.get(*at).ok_or_else(|| LinkError::UnknownTemplate(id.into()))?;
        Ok((u32::try_from(*at).unwrap_or(u32::MAX), template))
    }

    /// Whether a policy or template has that id.
    pub(crate) fn has_id(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// The name of the source of a place.
    pub fn source_name(&self, place: Place) -> &str {
        self.parts.sources.get(place.source as usize).map_or("", SmolStr::as_str)
    }

    /// Adds a policy made from a template by filling its slots.
    ///
    /// # Errors
    /// See [`LinkError`]; the program is unchanged then.
    pub fn link(&mut self, template: &str, id: &str, values: &[(Slot, EntityUid)]) -> Result<(), LinkError> {
        let found = self.template(template).ok_or_else(|| LinkError::UnknownTemplate(template.into()))?;
        if self.by_id.contains_key(id) {
            return Err(LinkError::DuplicateId(id.into()));
        }
        let mut policy = Policy { scope: found.scope.filled(template, values)?, ..found.clone() };
        policy.id = id.into();
        policy.template = Some(template.into());
        self.by_id.insert(policy.id.clone(), Position::Policy(self.parts.policies.len()));
        self.parts.policies.push(policy);
        Ok(())
    }

    /// Removes a linked policy.
    ///
    /// # Errors
    /// [`LinkError::NotALink`] if no policy of that id was made from a template.
    pub fn unlink(&mut self, id: &str) -> Result<(), LinkError> {
        let at = match self.by_id.get(id) {
            Some(Position::Policy(at)) => Some(*at),
            Some(Position::Template(_)) | None => None,
        };
        let is_link = |at: &usize| self.parts.policies.get(*at).is_some_and(|policy| policy.template.is_some());
        let at = at.filter(is_link).ok_or_else(|| LinkError::NotALink(id.into()))?;
        self.parts.policies.remove(at);
        self.by_id.remove(id);
        for (position, policy) in self.parts.policies.iter().enumerate().skip(at) {
            self.by_id.insert(policy.id.clone(), Position::Policy(position));
        }
        Ok(())
    }
}

/// A single expression, compiled and verified, as `evaluate` takes it.
#[derive(Debug, Clone)]
pub struct Expression {
    parts: ProgramParts,
    code: Code,
}

impl Expression {
    /// Verifies the parts and the code of the expression in them.
    ///
    /// # Errors
    /// The first property that does not hold.
    pub fn new(parts: ProgramParts, code: Code) -> Result<Self, InvalidProgram> {
        verify::verify(&parts)?;
        verify::verify_code(&parts, code)?;
        Ok(Self { parts, code })
    }

    /// The tables that the code refers to.
    pub fn parts(&self) -> &ProgramParts {
        &self.parts
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }
}

/// Why a template cannot be linked, or a policy unlinked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkError {
    /// The program has no template of that id.
    UnknownTemplate(SmolStr),
    /// A policy or template has that id already.
    DuplicateId(SmolStr),
    /// The template has no slot; only the document that lists it may link it.
    NoSlots(SmolStr),
    /// No value for a slot of the template.
    MissingSlot(Slot),
    /// A value for a slot that the template does not have.
    ExtraSlot(Slot),
    /// Two values for one slot.
    RepeatedSlot(Slot),
    /// The policy was not made from a template.
    NotALink(SmolStr),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTemplate(id) => write!(f, "there is no template with the id `{id}`"),
            Self::DuplicateId(id) => write!(f, "a policy or template with the id `{id}` exists already"),
            Self::NoSlots(id) => write!(f, "the template `{id}` has no slots to fill"),
            Self::MissingSlot(slot) => write!(f, "the template needs a value for the slot `{}`", slot.name()),
            Self::ExtraSlot(slot) => write!(f, "the template has no slot `{}`", slot.name()),
            Self::RepeatedSlot(slot) => write!(f, "the slot `{}` is given twice", slot.name()),
            Self::NotALink(id) => write!(f, "there is no linked policy with the id `{id}`"),
        }
    }
}

impl core::error::Error for LinkError {}
