//! Chains of one operator while they grow.
//!
//! A chain is a symbol of the parser until it ends, and symbols are small: the operands lie here. Several chains grow
//! at once where operands nest, and one that ended leaves its lists to the next.

use crate::ast::{AddOperator, ExprId, ExprKind};

/// What joins the operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChainKind {
    And,
    Or,
    Sum,
    Product,
}

/// A chain that grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChainId(u32);

/// The chains of one policy that grow, and the lists of those that ended.
#[derive(Debug, Default)]
pub(crate) struct Chains {
    chains: Vec<Chain>,
    free: Vec<ChainId>,
}

#[derive(Debug, Default)]
struct Chain {
    operands: Vec<ExprId>,
    /// What stands before the operands of a sum, but the first.
    signs: Vec<AddOperator>,
}

impl Chains {
    /// A chain of one operand.
    pub(crate) fn start(&mut self, first: ExprId) -> ChainId {
        let id = self.free.pop().unwrap_or_else(|| {
            self.chains.push(Chain::default());
            ChainId(crate::source::offset(self.chains.len() - 1))
        });
        self.extend(id, None, first);
        id
    }

    /// Adds an operand, with its sign if the chain is a sum.
    pub(crate) fn extend(&mut self, id: ChainId, sign: Option<AddOperator>, operand: ExprId) {
        if let Some(chain) = self.chains.get_mut(id.0 as usize) {
            chain.operands.push(operand);
            chain.signs.extend(sign);
        }
    }

    /// Ends the chain, which becomes a node.
    pub(crate) fn finish(&mut self, kind: ChainKind, id: ChainId) -> ExprKind {
        let Some(chain) = self.chains.get_mut(id.0 as usize) else { return ExprKind::Error };
        self.free.push(id);
        let signs = chain.signs.drain(..);
        let mut operands = chain.operands.drain(..);
        match kind {
            ChainKind::And => ExprKind::And(operands.collect()),
            ChainKind::Or => ExprKind::Or(operands.collect()),
            ChainKind::Product => ExprKind::Product(operands.collect()),
            ChainKind::Sum => match operands.next() {
                Some(first) => ExprKind::Sum { first, rest: signs.zip(operands).collect() },
                None => ExprKind::Error,
            },
        }
    }

    /// Ends the chain, which means nothing after all; returns its operands.
    pub(crate) fn discard(&mut self, id: ChainId) -> Vec<ExprId> {
        let Some(chain) = self.chains.get_mut(id.0 as usize) else { return Vec::new() };
        self.free.push(id);
        chain.signs.clear();
        chain.operands.drain(..).collect()
    }

    /// Forgets the chains that did not end, because of an error.
    pub(crate) fn reset(&mut self) {
        if self.free.len() < self.chains.len() {
            self.chains.clear();
            self.free.clear();
        }
    }
}
