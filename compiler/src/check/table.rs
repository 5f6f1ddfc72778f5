//! The types of a policy's expressions, in one kind of request environment.

use deodar_grammar::ast::{ExprId, Exprs};

use super::types::Ty;

/// What the checker knows of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typing {
    /// It cannot be reached, so it was not checked.
    Dead,
    /// Something in it is wrong.
    Unknown,
    Known(Ty),
}

/// The expressions of a policy lie side by side in their arena, so their types fit a small array.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TypeTable {
    first: usize,
    /// 0 for dead, 1 for unknown, else the type's index and 2.
    types: Vec<u32>,
}

const DEAD: u32 = 0;
const UNKNOWN: u32 = 1;
const KNOWN: u32 = 2;

impl TypeTable {
    /// A table for the expressions from the first to the last of these, all dead.
    pub(crate) fn new(range: ExprRange) -> Self {
        Self { first: range.first, types: vec![DEAD; range.end - range.first] }
    }

    pub(crate) fn set(&mut self, expr: ExprId, ty: Option<Ty>) {
        let slot = expr.index().checked_sub(self.first).and_then(|index| self.types.get_mut(index));
        if let Some(slot) = slot {
            *slot = ty.map_or(UNKNOWN, |ty| ty.index().saturating_add(KNOWN));
        }
    }

    pub(crate) fn get(&self, expr: ExprId) -> Typing {
        let index = expr.index().checked_sub(self.first);
        match index.and_then(|index| self.types.get(index)) {
            None | Some(&DEAD) => Typing::Dead,
            Some(&UNKNOWN) => Typing::Unknown,
            Some(known) => Typing::Known(Ty::from_index(known - KNOWN)),
        }
    }

    /// The type, if it is known.
    pub(crate) fn ty(&self, expr: ExprId) -> Option<Ty> {
        match self.get(expr) {
            Typing::Known(ty) => Some(ty),
            Typing::Dead | Typing::Unknown => None,
        }
    }

    pub(crate) fn is_dead(&self, expr: ExprId) -> bool {
        self.get(expr) == Typing::Dead
    }
}

/// The part of an arena in which the expressions of a policy lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExprRange {
    first: usize,
    end: usize,
}

impl ExprRange {
    /// The range of everything below the roots, and all of it, children before parents.
    pub(crate) fn below(exprs: &Exprs, roots: impl IntoIterator<Item = ExprId>) -> (Self, Vec<ExprId>) {
        let mut all: Vec<ExprId> = roots.into_iter().collect();
        let mut next = 0;
        while let Some(expr) = all.get(next).copied() {
            exprs.kind(expr).for_each_child(|child| all.push(child));
            next += 1;
        }
        all.sort_unstable();
        let first = all.first().map_or(0, |expr| expr.index());
        let end = all.last().map_or(0, |expr| expr.index() + 1);
        (Self { first, end }, all)
    }
}
