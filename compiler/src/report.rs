//! Every diagnostic that the compiler can emit: codes and their constructors, by area.

pub(crate) mod check;
pub(crate) mod habit;
pub(crate) mod lint;
pub(crate) mod policy;
pub(crate) mod schema;
pub(crate) mod shape;

use deodar_grammar::{Code, Page};

/// Every diagnostic code of the compiler.
pub fn codes() -> impl Iterator<Item = Code> {
    [policy::CODES, schema::CODES, check::CODES, lint::CODES, shape::CODES, habit::CODES].into_iter().flatten().copied()
}

/// The page of every code of the compiler.
pub fn pages() -> impl Iterator<Item = Page> {
    [policy::PAGES, schema::PAGES, check::PAGES, lint::PAGES, shape::PAGES, habit::PAGES].into_iter().flatten().copied()
}
