//! The standard library of Deodar: policies and schemas to build on, embedded in the binary.
//!
//! A package is a schema and policies under a name. The library has none in this version; the table is what
//! `deodar` will list and read.

/// A named schema with policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// The name it is used by.
    pub name: &'static str,
    /// Its entity types and actions, in the Cedar schema syntax.
    pub schema: &'static str,
    /// Its policies.
    pub policies: &'static str,
}

/// All packages, sorted by name.
pub const PACKAGES: &[Package] = &[];
