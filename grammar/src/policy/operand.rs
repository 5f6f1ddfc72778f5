//! What a piece of expression text stands for before its use is known.
//!
//! `"a"` may be a string, an attribute name, a pattern or a record key; `User` a variable, a type or a function; `x.y`
//! an attribute or half of a method call; `a && b` a whole chain or the start of a longer one. So the grammar passes
//! operands, and a node is added to the arena only when its meaning is settled. That keeps the arena free of nodes that
//! nothing refers to, and makes a chain cost one node however it is parenthesised on the left.

use deodar_lexicon::name;
use smol_str::SmolStr;

use super::{
    chain::{ChainId, ChainKind},
    reader::Reader,
};
use crate::{
    ast::{EntityRef, ExprId, ExprKind, Spanned, TypeName, Variable},
    report,
    source::Span,
};

/// Where something starts and ends in the text.
pub(crate) type Place = (u32, u32);

/// A piece of text with its place, which includes no enclosing parentheses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operand {
    pub(crate) piece: Piece,
    pub(crate) place: Place,
}

/// The forms of an [`Operand`]. Only the form counts: `("a")` is an `Expr`, not a `String`. What is written is read at
/// the place of the operand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Piece {
    /// Reported already.
    Error,
    /// In the arena.
    Expr(ExprId),
    /// A bare name, perhaps a variable; whether it has several components.
    Name { is_qualified: bool },
    /// An entity literal, the escapes of its id not yet resolved.
    Entity(EntityLiteral),
    /// A string literal, its escapes not yet resolved.
    String,
    /// An integer literal.
    Integer,
    /// `true` or `false`.
    Bool(bool),
    /// An attribute, or the receiver and name of a method. The name starts at the offset and ends with the operand.
    Attribute { base: ExprId, name: u32 },
    /// A chain that may grow.
    Chain(ChainKind, ChainId),
}

impl Operand {
    pub(crate) fn error(place: Place) -> Self {
        Self { piece: Piece::Error, place }
    }

    pub(crate) fn span(self, reader: &Reader<'_>) -> Span {
        reader.span(self.place)
    }

    /// Gives the operand up, after it was reported as a whole: what is in it needs no further remark.
    pub(crate) fn discard(self, reader: &mut Reader<'_>) {
        match self.piece {
            Piece::Error | Piece::Name { .. } | Piece::Entity(_) | Piece::String | Piece::Integer | Piece::Bool(_) => {}
            Piece::Expr(id) | Piece::Attribute { base: id, .. } => reader.discard(vec![id]),
            Piece::Chain(_, chain) => {
                let operands = reader.chains.discard(chain);
                reader.discard(operands);
            }
        }
    }

    /// Whether something was reported that makes a remark about the form needless.
    pub(crate) fn is_error(self, reader: &Reader<'_>) -> bool {
        match self.piece {
            Piece::Error => true,
            Piece::Expr(id) => matches!(reader.exprs.kind(id), ExprKind::Error),
            Piece::Name { .. }
            | Piece::Entity(_)
            | Piece::String
            | Piece::Integer
            | Piece::Bool(_)
            | Piece::Attribute { .. }
            | Piece::Chain(..) => false,
        }
    }

    /// The operand as a node of the arena.
    pub(crate) fn into_expr(self, reader: &mut Reader<'_>) -> ExprId {
        let span = self.span(reader);
        let kind = match self.piece {
            Piece::Error => return reader.push_error(span),
            Piece::Expr(id) => return id,
            Piece::Name { is_qualified } => name_kind(reader, self.place, is_qualified),
            Piece::Entity(literal) => match literal.read(reader, self.place) {
                Some(entity) => ExprKind::Entity(Box::new(entity)),
                None => ExprKind::Error,
            },
            Piece::String => match reader.unescape(self.place) {
                Some(text) => ExprKind::String(text),
                None => ExprKind::Error,
            },
            Piece::Integer => match integer(reader.slice(self.place)) {
                Some(value) => ExprKind::Long(value),
                None => reader.reject(report::expression::integer_too_large(span)),
            },
            Piece::Bool(value) => ExprKind::Bool(value),
            Piece::Attribute { base, name } => ExprKind::Attribute { base, name: word(reader, (name, self.place.1)) },
            Piece::Chain(kind, chain) => reader.chains.finish(kind, chain),
        };
        reader.push(kind, span)
    }
}

/// Where the parts of an entity literal stand, as far as the place of all of it does not tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntityLiteral {
    is_qualified: bool,
    /// The end of the type.
    ty: u32,
    /// The start of the id.
    id: u32,
}

impl EntityLiteral {
    /// The parts of the literal, unless the type was reported.
    pub(crate) fn new(reader: &mut Reader<'_>, ty: Path, id: Place) -> Option<Self> {
        let is_good = ty.report_problem(reader).is_none();
        is_good.then_some(Self { is_qualified: ty.is_qualified, ty: ty.place.1, id: id.0 })
    }

    /// The entity, unless bad escapes of its id were reported.
    pub(crate) fn read(self, reader: &mut Reader<'_>, place: Place) -> Option<EntityRef> {
        let (ty, id) = ((place.0, self.ty), (self.id, place.1));
        let value = reader.unescape(id)?;
        Some(EntityRef {
            ty: TypeName { name: reader.name(ty, self.is_qualified), span: reader.span(ty) },
            id: Spanned::new(value, reader.span(id)),
            span: reader.span(place),
        })
    }
}

/// The word at the place.
pub(crate) fn word(reader: &Reader<'_>, place: Place) -> Spanned<SmolStr> {
    Spanned::new(SmolStr::new(reader.slice(place)), reader.span(place))
}

fn name_kind(reader: &Reader<'_>, place: Place, is_qualified: bool) -> ExprKind {
    match Variable::from_name(reader.slice(place)) {
        Some(variable) => ExprKind::Variable(variable),
        None => ExprKind::Name(TypeName { name: reader.name(place, is_qualified), span: reader.span(place) }),
    }
}

/// The value of the digits, if it is a 64-bit integer.
fn integer(digits: &str) -> Option<i64> {
    digits.parse().ok()
}

/// A qualified name on the way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path {
    place: Place,
    is_qualified: bool,
    /// Whether a component is `__cedar`.
    is_internal: bool,
    /// Whether something was reported.
    is_broken: bool,
}

impl Path {
    pub(crate) fn new(reader: &mut Reader<'_>, place: Place) -> Self {
        Self { place, is_qualified: false, is_internal: is_internal(reader, place), is_broken: false }
    }

    pub(crate) fn step(mut self, reader: &mut Reader<'_>, place: Place) -> Self {
        if is_internal(reader, place) {
            self.is_internal = true;
        } else if name::is_reserved(reader.slice(place)) {
            reader.report(report::syntax::reserved_word(reader.span(place), reader.slice(place)));
            self.is_broken = true;
        }
        self.is_qualified = true;
        self.place.1 = place.1;
        self
    }

    pub(crate) fn place(self) -> Place {
        self.place
    }

    /// The name as an operand, unless it was reported.
    pub(crate) fn finish(self, reader: &mut Reader<'_>) -> Operand {
        let piece = self.report_problem(reader).unwrap_or(Piece::Name { is_qualified: self.is_qualified });
        Operand { piece, place: self.place }
    }

    /// [`Piece::Error`] if the name is none that can be used, which is reported now or was before.
    fn report_problem(self, reader: &mut Reader<'_>) -> Option<Piece> {
        if self.is_internal {
            let name = reader.name(self.place, self.is_qualified);
            reader.report(report::syntax::internal_name(reader.span(self.place), &name));
        }
        (self.is_internal || self.is_broken).then_some(Piece::Error)
    }
}

/// The component that Cedar keeps for itself (Cedar RFC 52).
const INTERNAL: &str = "__cedar";

fn is_internal(reader: &Reader<'_>, place: Place) -> bool {
    // The text is looked at only if its length is right.
    place.1.saturating_sub(place.0) == crate::source::offset(INTERNAL.len()) && reader.slice(place) == INTERNAL
}
