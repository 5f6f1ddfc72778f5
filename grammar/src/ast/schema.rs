//! The schema tree: declarations as they are written.
//!
//! The Cedar syntax and the JSON syntax of schemas are two readers and two printers of it. Names are not resolved
//! here; what a name means depends on all fragments of a schema, which the compiler sees.
//!
//! Type expressions lie in an arena, children before parents, like policy expressions.
//!
//! Where the two syntaxes differ, the tree keeps what the reference implementation keeps when it translates one into the
//! other: a bare annotation `@key` of the Cedar syntax is the empty string, and only the `null` of JSON is no value.

use deodar_lexicon::limits;
use smol_str::SmolStr;

use super::{Annotation, Comment, Spanned, TooDeep, TypeName};
use crate::source::{SourceId, Span};

/// The declarations of one source.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Where they come from.
    pub source: SourceId,
    /// In the order of the source. Declarations outside a `namespace` block form one namespace without a name, at the
    /// place of the first of them.
    pub namespaces: Vec<Namespace>,
    /// All type expressions.
    pub types: TypeExprs,
    /// The comments of the text, in order.
    pub comments: Vec<Comment>,
}

/// A namespace with its declarations.
#[derive(Debug, Clone)]
pub struct Namespace {
    /// Absent for the empty namespace.
    pub name: Option<TypeName>,
    /// What stands before the keyword.
    pub annotations: Vec<Annotation>,
    /// In the order of the source.
    pub declarations: Vec<Declaration>,
    /// All of it.
    pub span: Span,
}

/// One declaration.
#[derive(Debug, Clone)]
pub enum Declaration {
    /// `entity …;`
    Entity(EntityDeclaration),
    /// `action …;`
    Action(ActionDeclaration),
    /// `type …;`
    CommonType(CommonTypeDeclaration),
}

impl Declaration {
    /// All of it.
    pub fn span(&self) -> Span {
        match self {
            Self::Entity(entity) => entity.span,
            Self::Action(action) => action.span,
            Self::CommonType(common) => common.span,
        }
    }
}

/// Entity types that share one definition.
#[derive(Debug, Clone)]
pub struct EntityDeclaration {
    /// What stands before the keyword.
    pub annotations: Vec<Annotation>,
    /// Whether it only says that the types exist, defined in another fragment (Cedar RFC 116).
    pub external: bool,
    /// The names; at least one.
    pub names: Vec<Spanned<SmolStr>>,
    /// What the entities are.
    pub kind: EntityKind,
    /// All of it.
    pub span: Span,
}

/// The two kinds of entity types.
#[derive(Debug, Clone)]
pub enum EntityKind {
    /// Entities with attributes, tags and parents.
    Standard {
        /// The types that parents may have.
        member_of: Vec<TypeName>,
        /// The attributes: a record, or (in JSON only) any other type. Absent means none.
        shape: Option<TypeExprId>,
        /// The type of the tags' values; absent means no tags.
        tags: Option<TypeExprId>,
    },
    /// Exactly the entities with these ids (Cedar RFC 53).
    Enum(Vec<Spanned<SmolStr>>),
}

/// Actions that share one definition.
#[derive(Debug, Clone)]
pub struct ActionDeclaration {
    /// What stands before the keyword.
    pub annotations: Vec<Annotation>,
    /// Whether it only says that the actions exist, defined in another fragment (Cedar RFC 116).
    pub external: bool,
    /// The ids; at least one.
    pub names: Vec<Spanned<SmolStr>>,
    /// The groups they belong to.
    pub member_of: Vec<ActionRef>,
    /// Which requests the actions may appear in; absent means none, as do empty lists in it.
    pub applies_to: Option<AppliesTo>,
    /// All of it.
    pub span: Span,
}

/// The name of an action group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRef {
    /// The type, ending in `Action`; absent means the `Action` type in scope.
    pub ty: Option<TypeName>,
    /// The id.
    pub id: Spanned<SmolStr>,
    /// All of it.
    pub span: Span,
}

/// Which requests an action may appear in.
#[derive(Debug, Clone)]
pub struct AppliesTo {
    /// Types of the principal; only the JSON form may have none.
    pub principals: Vec<TypeName>,
    /// Types of the resource; only the JSON form may have none.
    pub resources: Vec<TypeName>,
    /// The type of the context: in the Cedar syntax a record or a [`TypeExprKind::CommonType`], in JSON any type. Absent
    /// means the empty record.
    pub context: Option<TypeExprId>,
    /// All of it.
    pub span: Span,
}

/// `type T = …;`
#[derive(Debug, Clone)]
pub struct CommonTypeDeclaration {
    /// What stands before the keyword.
    pub annotations: Vec<Annotation>,
    /// The name.
    pub name: Spanned<SmolStr>,
    /// What it stands for.
    pub definition: TypeExprId,
    /// All of it.
    pub span: Span,
}

/// A type expression of one [`TypeExprs`] arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeExprId(u32);

impl TypeExprId {
    /// The position in the arena, for side tables.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A type as it is written.
#[derive(Debug, Clone)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeExprKind,
    /// All of it.
    pub span: Span,
    depth: u32,
}

/// What a type expression is.
#[derive(Debug, Clone)]
pub enum TypeExprKind {
    /// Something that was reported as an error.
    Error,
    /// A name of a common type, an entity type, a primitive or an extension type: the Cedar syntax, and
    /// `EntityOrCommon` in JSON.
    Name(TypeName),
    /// `{"type": "T"}` in JSON: a common type, never an entity type.
    CommonType(TypeName),
    /// `{"type": "Entity", "name": "T"}` in JSON.
    Entity(TypeName),
    /// `{"type": "Extension", "name": "ipaddr"}` in JSON.
    Extension(Spanned<SmolStr>),
    /// `{"type": "Long"}` and its like in JSON.
    Primitive(Primitive),
    /// `Set<T>`
    Set(TypeExprId),
    /// `{ a: T, b?: U }`
    Record {
        /// In the order of the source. In the Cedar syntax a name may stand twice, and the last one counts.
        attributes: Vec<AttributeDeclaration>,
        /// `additionalAttributes` in JSON.
        open: bool,
    },
}

/// The primitive types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Primitive {
    /// `Bool`; `Boolean` in JSON.
    Bool,
    /// `Long`
    Long,
    /// `String`
    String,
}

impl Primitive {
    /// All primitive types.
    pub const ALL: [Self; 3] = [Self::Bool, Self::Long, Self::String];

    /// The name in the Cedar syntax.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "Bool",
            Self::Long => "Long",
            Self::String => "String",
        }
    }

    /// The name in the JSON syntax.
    pub const fn json_name(self) -> &'static str {
        match self {
            Self::Bool => "Boolean",
            Self::Long => "Long",
            Self::String => "String",
        }
    }
}

/// An attribute of a record type.
#[derive(Debug, Clone)]
pub struct AttributeDeclaration {
    /// What stands before the name.
    pub annotations: Vec<Annotation>,
    /// The name.
    pub name: Spanned<SmolStr>,
    /// Whether it must be there: no `?`.
    pub required: bool,
    /// Its type.
    pub ty: TypeExprId,
    /// All of it.
    pub span: Span,
}

/// The type expressions of one source, children before parents.
#[derive(Debug, Clone, Default)]
pub struct TypeExprs {
    nodes: Vec<TypeExpr>,
}

impl TypeExprs {
    /// Adds a node whose children are in the arena already.
    ///
    /// # Errors
    /// [`TooDeep`] beyond [`limits::NESTING`].
    pub fn push(&mut self, kind: TypeExprKind, span: Span) -> Result<TypeExprId, TooDeep> {
        let depth_of = |id: &TypeExprId| self.nodes.get(id.index()).map_or(1, |node| node.depth);
        let inner = match &kind {
            TypeExprKind::Set(element) => depth_of(element),
            TypeExprKind::Record { attributes, .. } => attributes.iter().map(|a| depth_of(&a.ty)).max().unwrap_or(0),
            TypeExprKind::Error
            | TypeExprKind::Name(_)
            | TypeExprKind::CommonType(_)
            | TypeExprKind::Entity(_)
            | TypeExprKind::Extension(_)
            | TypeExprKind::Primitive(_) => 0,
        };
        let depth = inner + 1;
        if u64::from(depth) > limits::NESTING.value {
            return Err(TooDeep);
        }
        let id = TypeExprId(crate::source::offset(self.nodes.len()));
        self.nodes.push(TypeExpr { kind, span, depth });
        Ok(id)
    }

    /// Adds an error node.
    pub fn push_error(&mut self, span: Span) -> TypeExprId {
        let id = TypeExprId(crate::source::offset(self.nodes.len()));
        self.nodes.push(TypeExpr { kind: TypeExprKind::Error, span, depth: 1 });
        id
    }

    /// The node; ids of another arena give an error node or another node, never a panic.
    pub fn get(&self, id: TypeExprId) -> &TypeExpr {
        const MISSING: &TypeExpr = &TypeExpr {
            kind: TypeExprKind::Error,
            span: Span { source: SourceId::UNKNOWN, start: 0, end: 0 },
            depth: 1,
        };
        self.nodes.get(id.index()).unwrap_or(MISSING)
    }

    /// All nodes with their ids, children before parents.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (TypeExprId, &TypeExpr)> {
        self.nodes.iter().enumerate().map(|(index, node)| (TypeExprId(crate::source::offset(index)), node))
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}
