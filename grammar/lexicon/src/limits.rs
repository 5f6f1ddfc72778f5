//! Every size and depth limit of Deodar, in one table.
//!
//! A limit is counted in steps, nodes, levels or bytes, never in wall-clock time or remaining stack, so the same input
//! meets the same limit on every machine and in every thread. Exceeding one is a diagnostic when text is read, an input
//! error when JSON is read, and a Deny with the limit stated at run time: never a pass, never a crash.

use core::fmt;

/// One row of the table of limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Stable name, as shown in messages and documentation.
    pub name: &'static str,
    /// The largest accepted amount.
    pub value: u64,
    /// What is counted.
    pub unit: &'static str,
    /// What the limit protects.
    pub purpose: &'static str,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.name, self.value, self.unit)
    }
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:expr, $text:literal, $unit:literal;)+) => {
        $(
            $(#[doc = $doc])+
            pub const $name: Limit = Limit { name: $text, value: $value, unit: $unit, purpose: concat!($($doc),+) };
        )+
        /// All limits, in the order of this file.
        pub const ALL: &[Limit] = &[$($name),+];
    };
}

limits! {
    /// Bytes of one policy, schema or JSON text. Spans are 32-bit offsets.
    SOURCE_BYTES = u32::MAX as u64 - 1, "source-bytes", "bytes";
    /// Levels of nested expressions or types. Parentheses add none, and neither do chains of one operator.
    NESTING = 1_200, "nesting", "levels";
    /// Open brackets at one point of a text or JSON document; bounds the reader's memory before nesting is known.
    OPEN_BRACKETS = 4_000_000, "open-brackets", "levels";
    /// Expression nodes of one condition.
    POLICY_NODES = 4_000_000, "policy-nodes", "nodes";
    /// Diagnostics reported for one file; later ones are counted only.
    DIAGNOSTICS = 1_000, "diagnostics", "diagnostics";
    /// Names in a schema when all is spelt out: for each entity type and action its parents, ancestors (one for each way
    /// to it), principals, resources, attributes, ids and annotations.
    SCHEMA_NAMES = 5_000_000, "schema-names", "names";
    /// Levels of nested sets and records in an entity attribute, a tag or the context.
    VALUE_NESTING = 1_200, "value-nesting", "levels";
    /// Ancestors of all entities of a store, those that entities with the same parents share counted once.
    ANCESTORS = 500_000_000, "ancestors", "entities";
    /// Steps of one decision: one for each instruction, and one for each element that an instruction looks at.
    STEPS = 100_000_000, "steps", "steps";
    /// Registers of one condition: the deepest expression, plus the widest list of operands on the way.
    REGISTERS = 65_535, "registers", "registers";
}

impl Limit {
    /// The limit as a number of things in memory.
    #[expect(clippy::cast_possible_truncation, reason = "every row fits 32 bits, which a test establishes")]
    pub const fn as_usize(self) -> usize {
        self.value as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_fits_32_bits_and_has_its_own_name() {
        for (index, limit) in ALL.iter().enumerate() {
            assert!(u32::try_from(limit.value).is_ok(), "{limit}");
            assert!(ALL.iter().skip(index + 1).all(|other| other.name != limit.name), "{limit}");
        }
    }
}
