//! The policy tree: the only one in the project.
//!
//! Text and JSON are two readers and two printers of it. Expressions lie in one flat arena per file, children before
//! their parents, so every pass can be a loop over the arena or keep its own stack, and dropping a tree is flat.
//!
//! The tree keeps what was written: `!=` and `>` are operators of their own, `unless` is not turned into `when`,
//! `e has a.b` and `e is T in x` are single nodes. Only parentheses, white space and the spelling of literals and
//! attribute names (`.a` or `["a"]`) are dropped. Types and resolutions live in side tables of later passes.
//!
//! Invariants:
//! - I2: the id of a child is smaller than the id of its parent, and no expression nests deeper than
//!   [`limits::NESTING`](deodar_lexicon::limits::NESTING). [`Exprs::push`] is the only constructor and keeps both.
//! - Chains of `&&`, `||`, `+`/`-` and `*` are one node with all operands, as they associate to the left: the first
//!   operand of a chain is never a chain of the same kind. [`Exprs::push`] merges it.

mod expr;
pub mod schema;

use smol_str::SmolStr;

pub use self::expr::{
    AddOperator, BinaryOperator, CallStyle, Expr, ExprId, ExprKind, Exprs, OperatorStyle, RecordEntry, TooDeep,
    UnaryOperator, Variable,
};
use crate::source::{SourceId, Span};

/// Which language a file is written in (a property of the file, never a cargo feature).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// Cedar 4.x, exactly.
    #[default]
    Cedar,
}

/// A text with the place it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What is there.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value at a place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// The policies of one source.
#[derive(Debug, Clone)]
pub struct PolicySet {
    /// Where they come from.
    pub source: SourceId,
    /// The language of the source.
    pub dialect: Dialect,
    /// Static policies and templates, in the order of the source.
    pub policies: Vec<Policy>,
    /// Links of templates; only the JSON form of a policy set has them.
    pub links: Vec<TemplateLink>,
    /// The expressions of all policies.
    pub exprs: Exprs,
    /// The comments of the text, in order.
    pub comments: Vec<Comment>,
}

/// A comment, from `//` to the end of the line, without the line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands.
    pub span: Span,
}

/// What a policy does when it is satisfied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Allows the request, unless some policy forbids it.
    Permit,
    /// Denies the request.
    Forbid,
}

impl Effect {
    /// All effects.
    pub const ALL: [Self; 2] = [Self::Permit, Self::Forbid];

    /// The keyword, in text and JSON.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Forbid => "forbid",
        }
    }
}

/// Whether a policy applies by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyKind {
    /// It applies as it stands; its scope has no slot.
    Static,
    /// It applies only through links. In text its scope has a slot; a JSON policy set may list a template without one.
    Template,
}

impl PolicyKind {
    /// The kind of a policy that has this scope and is not said to be a template.
    pub(crate) fn of(scope: &Scope) -> Self {
        if scope.slots().next().is_some() { Self::Template } else { Self::Static }
    }
}

/// A static policy or a template.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `policyN` in text, counted over static policies and templates; the key in a JSON policy set.
    pub id: SmolStr,
    /// Whether it applies by itself.
    pub kind: PolicyKind,
    /// In the order of the source; no key stands twice.
    pub annotations: Vec<Annotation>,
    /// Permit or forbid.
    pub effect: Spanned<Effect>,
    /// The head: which principals, actions and resources.
    pub scope: Scope,
    /// `when` and `unless` clauses, in the order of the source.
    pub conditions: Vec<Condition>,
    /// From the first annotation to the `;`.
    pub span: Span,
}

impl Policy {
    /// The slots of the scope.
    pub fn slots(&self) -> impl Iterator<Item = (Slot, Span)> + '_ {
        self.scope.slots()
    }

    /// Whether the policy must be linked before it applies.
    pub fn is_template(&self) -> bool {
        self.kind == PolicyKind::Template
    }

    /// Whether the Cedar syntax can say it: a template without a slot would read as a static policy.
    pub fn has_text(&self) -> bool {
        !self.is_template() || self.slots().next().is_some()
    }

    /// The annotation of that key.
    pub fn annotation(&self, key: &str) -> Option<&Annotation> {
        self.annotations.iter().find(|annotation| annotation.key.value == key)
    }
}

/// `@key("value")` or `@key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Any identifier, reserved words included.
    pub key: Spanned<SmolStr>,
    /// Absent in `@key`, which means the same as the empty string.
    pub value: Option<Spanned<SmolStr>>,
    /// From `@` to the closing parenthesis.
    pub span: Span,
}

impl Annotation {
    /// The value, empty if none is written.
    pub fn text(&self) -> &str {
        self.value.as_ref().map_or("", |value| value.value.as_str())
    }
}

/// The head of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Which principals.
    pub principal: EntityConstraint,
    /// Which actions.
    pub action: ActionConstraint,
    /// Which resources.
    pub resource: EntityConstraint,
    /// The parentheses.
    pub span: Span,
}

impl Scope {
    fn slots(&self) -> impl Iterator<Item = (Slot, Span)> + '_ {
        [&self.principal, &self.resource].into_iter().filter_map(|constraint| match constraint.entity()? {
            EntityOrSlot::Slot(slot) => Some((slot.value, slot.span)),
            EntityOrSlot::Entity(_) => None,
        })
    }
}

/// What the scope says of the principal or the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityConstraint {
    /// The constraint.
    pub kind: EntityConstraintKind,
    /// From the variable to the end of the constraint.
    pub span: Span,
}

/// The forms of an [`EntityConstraint`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityConstraintKind {
    /// Any entity.
    All,
    /// `== entity`
    Equal(EntityOrSlot),
    /// `in entity`
    In(EntityOrSlot),
    /// `is Type`
    Is(TypeName),
    /// `is Type in entity`
    IsIn(TypeName, EntityOrSlot),
}

impl EntityConstraint {
    /// The entity or slot that the constraint mentions.
    pub fn entity(&self) -> Option<&EntityOrSlot> {
        match &self.kind {
            EntityConstraintKind::All | EntityConstraintKind::Is(_) => None,
            EntityConstraintKind::Equal(entity)
            | EntityConstraintKind::In(entity)
            | EntityConstraintKind::IsIn(_, entity) => Some(entity),
        }
    }
}

/// An entity, or a place for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityOrSlot {
    /// A given entity.
    Entity(EntityRef),
    /// Filled by a link.
    Slot(Spanned<Slot>),
}

/// A place in a template that a link fills with an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// `?principal`
    Principal,
    /// `?resource`
    Resource,
}

impl Slot {
    /// All slots.
    pub const ALL: [Self; 2] = [Self::Principal, Self::Resource];

    /// The slot with its question mark, as in text and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Principal => "?principal",
            Self::Resource => "?resource",
        }
    }

    /// The slot of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.name() == name)
    }
}

/// What the scope says of the action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionConstraint {
    /// The constraint.
    pub kind: ActionConstraintKind,
    /// From the variable to the end of the constraint.
    pub span: Span,
}

/// The forms of an [`ActionConstraint`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionConstraintKind {
    /// Any action.
    All,
    /// `== action`
    Equal(EntityRef),
    /// `in action`
    In(EntityRef),
    /// `in [action, …]`
    InSet(Vec<EntityRef>),
}

/// A qualified name, normalised: identifiers joined by `::`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// As in `A::B`.
    pub name: SmolStr,
    /// All of it.
    pub span: Span,
}

/// An entity literal: a type and an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRef {
    /// The entity type.
    pub ty: TypeName,
    /// The id, with its escapes resolved.
    pub id: Spanned<SmolStr>,
    /// All of it.
    pub span: Span,
}

/// `when { … }` or `unless { … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Which of the two.
    pub kind: ConditionKind,
    /// What must hold, or must not.
    pub body: ExprId,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// The keyword of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConditionKind {
    /// The policy applies if the body is true.
    When,
    /// The policy applies if the body is false.
    Unless,
}

impl ConditionKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::When, Self::Unless];

    /// The keyword, in text and JSON.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::When => "when",
            Self::Unless => "unless",
        }
    }
}

/// A policy made from a template by filling its slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateLink {
    /// The template.
    pub template: Spanned<SmolStr>,
    /// The id of the new policy.
    pub id: Spanned<SmolStr>,
    /// The entities for the slots; no slot stands twice.
    pub values: Vec<(Spanned<Slot>, EntityRef)>,
    /// All of the link.
    pub span: Span,
}

/// A single expression with an arena of its own, as `evaluate` takes it.
#[derive(Debug, Clone)]
pub struct Expression {
    /// Where it comes from.
    pub source: SourceId,
    /// All nodes.
    pub exprs: Exprs,
    /// The outermost one.
    pub root: ExprId,
}
