//! What `deodar check` looks at beyond validation: layout, findings that are accepted, files that have changed.

pub(crate) mod baseline;
pub(crate) mod changes;
pub(crate) mod layout;
