//! The tables of a program under construction: each constant, name, type, pattern and layout once.

use core::hash::Hash;

use deodar_lexicon::Pattern;
use deodar_runtime::{
    EntityTypeName,
    instruction::{ConstantId, LayoutId, NameId, PatternId, TypeNameId},
    program::{Constant, ProgramParts},
};
use hashbrown::HashMap;
use smol_str::SmolStr;

/// Items in order of first use, with their positions.
#[derive(Debug)]
struct Table<T> {
    items: Vec<T>,
    positions: HashMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: Vec::new(), positions: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Table<T> {
    fn intern(&mut self, item: T) -> u32 {
        // Items come from sources whose spans fit 32 bits, so positions do.
        let next = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        *self.positions.entry(item).or_insert_with_key(|item| {
            self.items.push(item.clone());
            next
        })
    }
}

/// The tables that instructions refer to.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    constants: Table<Constant>,
    names: Table<SmolStr>,
    type_names: Table<EntityTypeName>,
    patterns: Table<Pattern>,
    layouts: Table<Box<[SmolStr]>>,
}

impl Pools {
    pub(crate) fn constant(&mut self, constant: Constant) -> ConstantId {
        ConstantId(self.constants.intern(constant))
    }

    pub(crate) fn name(&mut self, name: &SmolStr) -> NameId {
        NameId(self.names.intern(name.clone()))
    }

    pub(crate) fn type_name(&mut self, name: EntityTypeName) -> TypeNameId {
        TypeNameId(self.type_names.intern(name))
    }

    pub(crate) fn pattern(&mut self, pattern: &Pattern) -> PatternId {
        PatternId(self.patterns.intern(pattern.clone()))
    }

    pub(crate) fn layout(&mut self, names: Box<[SmolStr]>) -> LayoutId {
        LayoutId(self.layouts.intern(names))
    }

    /// Moves the tables into a program.
    pub(crate) fn finish(self, parts: &mut ProgramParts) {
        parts.constants = self.constants.items;
        parts.names = self.names.items;
        parts.type_names = self.type_names.items;
        parts.patterns = self.patterns.items;
        parts.layouts = self.layouts.items;
    }
}
