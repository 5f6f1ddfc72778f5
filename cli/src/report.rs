//! Every problem that the command itself reports: codes and their constructors, by area.

pub(crate) mod bundle;
pub(crate) mod coverage;
pub(crate) mod document;
pub(crate) mod files;
pub(crate) mod input;
pub(crate) mod pages;
pub(crate) mod project;
pub(crate) mod usage;

pub(crate) use self::{bundle::*, coverage::*, document::*, files::*, input::*, pages::*, project::*, usage::*};
